package reply

import (
	"slices"
	"strings"
	"unicode"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/hardship"
)

// mostRead is how many bytes of a reply are read for anything but stop: a longer one is for a person.
const mostRead = 4000

// Understand says what a text means that a borrower wrote on a date, in the borrower's time zone. What it quotes of our own
// mails is not read. A text that no rule understands is [Unclear].
func Understand(text string, on bizclock.Date) Meaning {
	own := Said(text)
	m := Meaning{}
	stop := theStopwords().in(own)
	if stop {
		m.Intents = append(m.Intents, Stop)
	} else {
		m.Answer = theYesAndNo().in(own)
	}
	if len(own) > mostRead {
		return m.orUnclear()
	}
	all := sentences(own)
	for _, s := range all {
		for _, r := range theRules() {
			r.read(s)
		}
	}
	for _, intent := range Intents {
		if intent != Stop && slices.ContainsFunc(all, func(s *sentence) bool { return slices.Contains(s.intents, intent) }) {
			m.Intents = append(m.Intents, intent)
		}
	}
	m.particulars(all, on)
	return m.orUnclear()
}

// Readable reports whether a classifier can say more of a text than the rules: it has words, is not longer than is read, and is not as
// a whole a word by which contacts are stopped, which needs no reading.
func Readable(text string) bool {
	own := Said(text)
	return len(own) <= mostRead && strings.ContainsFunc(own, unicode.IsLetter) && !theStopwords().whole[normalise(own)]
}

// vital are the intents that are heard whenever the rules find them, whoever else understands the reply.
var vital = []Intent{Stop, Complaint, WrongPerson}

// Heard returns what another reader says that a text means, with what the rules found in it and must not be lost: that contacts
// shall stop, that somebody else reads it, that somebody complains, that somebody died. The rules also say whether the text as a whole says yes or
// no when the other reader does not, and when it says the opposite nothing is taken for an answer.
func (m Meaning) Heard(rules Meaning) Meaning {
	died := rules.Cause == hardship.Bereavement
	all := []Intent{}
	for _, i := range Intents {
		if m.Has(i) || rules.Has(i) && slices.Contains(vital, i) || i == Hardship && died {
			all = append(all, i)
		}
	}
	if len(all) > 1 {
		all = slices.DeleteFunc(all, func(i Intent) bool { return i == Unclear })
	}
	if died && m.Cause == "" {
		m.Cause = hardship.Bereavement
	}
	if m.Intents, m.Answer = all, rules.AnswerOf(m.Answer); m.Has(Stop) {
		m.Answer = ""
	}
	return m
}

func (m Meaning) orUnclear() Meaning {
	if len(m.Intents) == 0 {
		m.Intents = []Intent{Unclear}
	}
	return m
}

// particulars notes what the sentences name.
func (m *Meaning) particulars(all []*sentence, on bizclock.Date) {
	of := func(intents ...Intent) (those []*sentence) {
		for _, s := range all {
			if slices.ContainsFunc(intents, func(i Intent) bool { return slices.Contains(s.intents, i) }) {
				those = append(those, s)
			}
		}
		return those
	}
	for _, r := range theRules() {
		if m.Has(Hardship) && m.Cause == "" {
			m.Cause = first(hardship.Causes, r.causes, all)
		}
		if m.Has(Preference) && m.Channel == "" {
			m.Channel = first(contact.Channels, r.channels, of(Preference))
		}
	}
	if m.Has(Question) {
		m.Topic = OtherTopic
		for _, s := range of(Question) {
			if s.topic != "" {
				m.Topic = s.topic
				break
			}
		}
	}
	if m.Has(WillPay) {
		m.Amount, m.By = promised(of(WillPay), on)
	}
	if m.Has(Preference) {
		m.From, m.To = hours(of(Preference))
	}
}

// AnswerOf says what a reply answers, given what its sender read into it: the sender's reading stands unless the text as a whole says
// the opposite. Who says stop has answered nothing.
func (m Meaning) AnswerOf(given event.Answer) event.Answer {
	switch {
	case m.Has(Stop):
		return ""
	case given == "":
		return m.Answer
	case m.Answer != "" && m.Answer != given:
		return ""
	}
	return given
}
