package reply

import (
	"fmt"
	"slices"
	"strings"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/strictyaml"
)

// Labelled are sentences with what people made of them.
type Labelled struct {
	Language string `yaml:"language"`
	// Today is the date on which all of them were written.
	Today     bizclock.Date `yaml:"today"`
	Sentences []Sample      `yaml:"sentences"`
}

// Sample is one reply with its labels: those of [Meaning].
type Sample struct {
	Text    string             `yaml:"text"`
	Intents []Intent           `yaml:"intents"`
	Cause   hardship.Cause     `yaml:"cause"`
	Topic   Topic              `yaml:"topic"`
	Amount  string             `yaml:"amount"`
	By      bizclock.Date      `yaml:"by"`
	Channel contact.Channel    `yaml:"channel"`
	From    *contact.TimeOfDay `yaml:"from"`
	To      *contact.TimeOfDay `yaml:"to"`
	// Trap says that it was written to lead rules astray.
	Trap bool `yaml:"trap"`
}

// ReadLabelled reads labelled sentences from YAML. Its errors name file, line and column.
func ReadLabelled(name string, text []byte) (*Labelled, error) {
	l := &Labelled{}
	at, err := strictyaml.Decode(name, text, l)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(Languages, l.Language) {
		return nil, at.Errorf("$.language", "%q has no rules; use one of %s", l.Language, closed.Join(Languages))
	}
	if l.Today.IsZero() {
		return nil, at.Errorf("$.today", "is missing; write the date on which the sentences were written")
	}
	if len(l.Sentences) == 0 {
		return nil, at.Errorf("$.sentences", "is missing; write at least one")
	}
	for n, s := range l.Sentences {
		if field, wrong := s.wrong(); wrong != "" {
			return nil, at.Errorf(fmt.Sprintf("$.sentences[%d]%s", n, field), "%s", wrong)
		}
	}
	return l, nil
}

// wrong says what is wrong with the labels of a sentence, such as .topic, and what to do about it; nothing when all is well.
func (s Sample) wrong() (field, why string) {
	has := func(i Intent) bool { return slices.Contains(s.Intents, i) }
	_, err := decimal.Parse(s.Amount)
	const belongs = "belongs to the intent %s; write that in intents as well, or leave it out"
	switch {
	case strings.TrimSpace(s.Text) == "":
		return ".text", "is missing; write the sentence"
	case len(s.Intents) == 0:
		return "", "has no intents; write unclear when nothing can be known from it"
	case has(Unclear) && len(s.Intents) > 1:
		return ".intents", "unclear stands alone; leave it out, or the others"
	case s.Topic != "" && !has(Question):
		return ".topic", fmt.Sprintf(belongs, Question)
	case s.Cause != "" && !has(Hardship):
		return ".cause", fmt.Sprintf(belongs, Hardship)
	case s.Amount != "" && err != nil:
		return ".amount", fmt.Sprintf("%q is no amount; write 1250.50", s.Amount)
	case s.Amount != "" && !has(WillPay):
		return ".amount", fmt.Sprintf(belongs, WillPay)
	case !s.By.IsZero() && !has(WillPay):
		return ".by", fmt.Sprintf(belongs, WillPay)
	case s.Channel != "" && !has(Preference):
		return ".channel", fmt.Sprintf(belongs, Preference)
	case s.From != nil && !has(Preference):
		return ".from", fmt.Sprintf(belongs, Preference)
	case s.To != nil && !has(Preference):
		return ".to", fmt.Sprintf(belongs, Preference)
	}
	return "", ""
}

// Score is how well something was understood: of Labelled sentences that have it Found were found to, of which Right
// rightly.
type Score struct {
	Of       string `json:"of"`
	Labelled int    `json:"labelled"`
	Found    int    `json:"found"`
	Right    int    `json:"right"`
}

// Precision and Recall are in thousandths; 1000 where there is nothing to get wrong.
func (s Score) Precision() int { return thousandths(s.Right, s.Found) }

// Recall is the share of what there was that was found.
func (s Score) Recall() int { return thousandths(s.Right, s.Labelled) }

func thousandths(part, whole int) int {
	if whole == 0 {
		return 1000
	}
	return part * 1000 / whole
}

// Measurement is how well labelled sentences were understood.
type Measurement struct {
	Language  string `json:"language"`
	Sentences int    `json:"sentences"`
	// Exact is how many were given exactly the intents of their labels.
	Exact int `json:"exact"`
	// Intents and Particulars are the scores of each.
	Intents     []Score `json:"intents"`
	Particulars []Score `json:"particulars"`
	// Misread are the sentences that were given other intents or particulars.
	Misread []Misread `json:"misread"`
}

// Misread is a sentence that was understood otherwise than its labels say.
type Misread struct {
	Text    string  `json:"text"`
	Labels  Meaning `json:"labels"`
	Meaning Meaning `json:"meaning"`
	Intents bool    `json:"intents"`
	Trap    bool    `json:"trap,omitempty"`
}

// Measure understands labelled sentences, and compares.
func Measure(l *Labelled, understand func(text string, on bizclock.Date) Meaning) Measurement {
	m := Measurement{Language: l.Language, Sentences: len(l.Sentences), Misread: []Misread{}}
	intents, particulars := map[Intent]*Score{}, map[string]*Score{}
	for _, i := range Intents {
		intents[i] = &Score{Of: string(i)}
	}
	names := []string{"cause", "topic", "amount", "by", "channel", "from", "to"}
	for _, name := range names {
		particulars[name] = &Score{Of: name}
	}
	for _, s := range l.Sentences {
		got, want := understand(s.Text, l.Today), s.meaning()
		same := true
		for _, i := range Intents {
			score, has, found := intents[i], want.Has(i), got.Has(i)
			score.count(has, found, has && found)
			same = same && has == found
		}
		wants, gots := want.Named(), got.Named()
		right := true
		for _, name := range names {
			particulars[name].count(wants[name] != "", gots[name] != "", wants[name] != "" && wants[name] == gots[name])
			right = right && wants[name] == gots[name]
		}
		if same {
			m.Exact++
		}
		if !same || !right {
			m.Misread = append(m.Misread, Misread{s.Text, want, got, !same, s.Trap})
		}
	}
	for _, i := range Intents {
		m.Intents = append(m.Intents, *intents[i])
	}
	for _, name := range names {
		m.Particulars = append(m.Particulars, *particulars[name])
	}
	return m
}

func (s *Score) count(labelled, found, right bool) {
	for _, one := range []struct {
		is bool
		in *int
	}{{labelled, &s.Labelled}, {found, &s.Found}, {right, &s.Right}} {
		if one.is {
			*one.in++
		}
	}
}

func (s Sample) meaning() Meaning {
	m := Meaning{Intents: slices.Clone(s.Intents), Cause: s.Cause, Topic: s.Topic, By: s.By, Channel: s.Channel, From: s.From, To: s.To}
	slices.SortFunc(m.Intents, func(a, b Intent) int { return slices.Index(Intents, a) - slices.Index(Intents, b) })
	if s.Amount != "" {
		m.Amount, _ = decimal.Parse(s.Amount) // it was checked when it was read
	}
	return m
}

// Named are the particulars as text, by name.
func (m Meaning) Named() map[string]string {
	all := map[string]string{"cause": string(m.Cause), "topic": string(m.Topic), "channel": string(m.Channel)}
	if !m.Amount.IsZero() {
		all["amount"] = m.Amount.Trim(0).String()
	}
	if !m.By.IsZero() {
		all["by"] = m.By.String()
	}
	if m.From != nil {
		all["from"] = m.From.String()
	}
	if m.To != nil {
		all["to"] = m.To.String()
	}
	return all
}
