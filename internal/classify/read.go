package classify

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/loan"
	"github.com/tender-engine/tender/internal/reply"
	"github.com/tender-engine/tender/internal/strictjson"
)

// answer is what the service says: a [reply.Meaning] in which every word is yet to be looked at.
type answer struct {
	Intents []string      `json:"intents"`
	Answer  string        `json:"answer"`
	Cause   string        `json:"cause"`
	Topic   string        `json:"topic"`
	Amount  string        `json:"amount"`
	By      bizclock.Date `json:"by"`
	Channel string        `json:"channel"`
	From    string        `json:"from"`
	To      string        `json:"to"`
}

// fields are those of an answer.
var fields = []string{"intents", "answer", "cause", "topic", "amount", "by", "channel", "from", "to"}

const (
	// mostIntents is how many intents a reply may have: more say that the service guesses.
	mostIntents = 5
	// mostDaysAhead is how far ahead a promised date may lie.
	mostDaysAhead = 366
)

// mostAmount is what no promise reaches.
var mostAmount = decimal.MustNew(1_000_000_000_000, 0)

// Read reads the answer to a question, and refuses one that cannot be meant. Its errors name the field, and repeat no value but
// words that should have been of a closed set.
func Read(text []byte, q Question) (m reply.Meaning, err error) {
	var a answer
	if err := strictjson.Decode(text, &a); err != nil {
		var wrong *strictjson.Error
		if errors.As(err, &wrong) {
			field, _, _ := strings.Cut(wrong.Path, "[")
			switch {
			case slices.Contains(fields, field):
				return m, fmt.Errorf("%s: is not of the documented form, or stands twice", field)
			case field != "":
				return m, fmt.Errorf("it has an unknown field; known are %s", strings.Join(fields, ", "))
			}
		}
		return m, errors.New("it is no JSON object of the documented form")
	}
	for _, read := range []func() error{
		func() error { return a.intents(&m) },
		func() error { return a.words(&m) },
		func() error { return a.promise(&m, q) },
		func() error { return a.hours(&m) },
	} {
		if err := read(); err != nil {
			return reply.Meaning{}, err
		}
	}
	return m, nil
}

func (a answer) intents(m *reply.Meaning) error {
	switch {
	case len(a.Intents) == 0:
		return errors.New("intents: is missing; send unclear when nothing was understood")
	case len(a.Intents) > mostIntents:
		return fmt.Errorf("intents: has %d, and a reply has %d at most", len(a.Intents), mostIntents)
	}
	for n, word := range a.Intents {
		intent, err := closed.Parse("intent", reply.Intents, word)
		if err != nil {
			return fmt.Errorf("intents[%d]: is none; use one of %s", n, closed.Join(reply.Intents))
		}
		if slices.Contains(m.Intents, intent) {
			return fmt.Errorf("intents[%d]: %s stands twice", n, intent)
		}
		m.Intents = append(m.Intents, intent)
	}
	if m.Has(reply.Unclear) && len(m.Intents) > 1 {
		return errors.New("intents: unclear stands alone")
	}
	slices.SortFunc(m.Intents, func(a, b reply.Intent) int { return slices.Index(reply.Intents, a) - slices.Index(reply.Intents, b) })
	return nil
}

// words are those of closed sets, each of which belongs to an intent.
func (a answer) words(m *reply.Meaning) (err error) {
	if a.Answer != "" {
		if m.Answer, err = closed.Parse("answer", event.Answers, a.Answer); err != nil {
			return errors.New("answer: must be yes or no; leave it out where the reply says neither")
		}
	}
	for _, part := range []struct {
		field, value string
		of           reply.Intent
		read         func() error
	}{
		{"cause", a.Cause, reply.Hardship, func() error { m.Cause, err = closed.Parse("cause", hardship.Causes, a.Cause); return err }},
		{"topic", a.Topic, reply.Question, func() error { m.Topic, err = closed.Parse("topic", reply.Topics, a.Topic); return err }},
		{"channel", a.Channel, reply.Preference, func() error { m.Channel, err = closed.Parse("channel", contact.Channels, a.Channel); return err }},
	} {
		switch {
		case part.value == "":
		case !m.Has(part.of):
			return fmt.Errorf("%s: belongs to the intent %s", part.field, part.of)
		case part.read() != nil:
			return fmt.Errorf("%s: is not one of the known words", part.field)
		}
	}
	if m.Has(reply.Question) && m.Topic == "" {
		m.Topic = reply.OtherTopic
	}
	return nil
}

// promise is what the borrower will pay, and by when.
func (a answer) promise(m *reply.Meaning, q Question) (err error) {
	if (a.Amount != "" || !a.By.IsZero()) && !m.Has(reply.WillPay) {
		return fmt.Errorf("amount: and by belong to the intent %s", reply.WillPay)
	}
	if a.Amount != "" {
		units, known := 2, q.Currency != ""
		if known {
			if units, err = loan.MinorUnits(q.Currency); err != nil {
				return errors.New("amount: the loan's currency is not known")
			}
		}
		m.Amount, err = decimal.Parse(a.Amount)
		switch {
		case err != nil:
			return errors.New("amount: must be a decimal number in text, such as \"120.50\"")
		case !m.Amount.IsPos():
			return errors.New("amount: must be positive")
		case m.Amount.Cmp(mostAmount) >= 0:
			return errors.New("amount: has more than twelve digits before the point")
		case known && m.Amount.MinScale() > units:
			return fmt.Errorf("amount: has more than the %d decimal places of %s", units, q.Currency)
		}
	}
	switch {
	case a.By.IsZero():
	case a.By.Before(q.On):
		return errors.New("by: lies before the date of the reply")
	case a.By.Sub(q.On) > mostDaysAhead:
		return errors.New("by: lies more than a year ahead")
	}
	m.By = a.By
	return nil
}

// hours are those at which the borrower wants to be reached.
func (a answer) hours(m *reply.Meaning) error {
	switch {
	case a.From == "" && a.To == "":
		return nil
	case a.From == "" || a.To == "":
		return errors.New("from: belongs together with to; send both, or none")
	case !m.Has(reply.Preference):
		return fmt.Errorf("from: and to belong to the intent %s", reply.Preference)
	}
	for _, part := range []struct {
		field, text string
		to          **contact.TimeOfDay
	}{{"from", a.From, &m.From}, {"to", a.To, &m.To}} {
		at := new(contact.TimeOfDay)
		if at.UnmarshalText([]byte(part.text)) != nil {
			return fmt.Errorf("%s: must be a time of day such as 18:00", part.field)
		}
		*part.to = at
	}
	if *m.From == *m.To {
		return errors.New("from: is the same as to; leave both out for any hour")
	}
	return nil
}
