package reply

import (
	"slices"

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
			m.Cause = first(hardship.Causes, r.causes, all, nil)
		}
		if m.Has(Preference) && m.Channel == "" {
			m.Channel = first(contact.Channels, r.channels, of(Preference), r.unwanted)
		}
	}
	if m.Has(Question) {
		m.Topic = OtherTopic
		for _, s := range of(Question) {
			switch {
			case s.topic == "":
			case m.Topic == OtherTopic:
				m.Topic = s.topic
			case s.topic != m.Topic:
				m.Further = true
			}
		}
	}
	if m.Has(WillPay) {
		m.Amount, m.By, m.Vague = promised(of(WillPay), on)
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
