package reply

import (
	"slices"
	"strings"

	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/event"
)

// ToObject is a complaint of which the borrower knows the answer, and to which they can still object.
type ToObject struct {
	ID string
	// Others are the other ids under which it was raised.
	Others []string
	Kind   complaint.Kind
	// Loan is the loan that it is about; none where it is about the borrower.
	Loan string
}

// Objection is how a complaint is opened again whose answer the borrower is not content with.
func Objection(text string) *event.Reopening {
	return &event.Reopening{Why: "dissatisfied", Text: text}
}

// ObjectedTo returns the complaint to whose answer somebody objects who complains of something of a kind, about a loan if they say so: the
// one whose id they name, else the one that was answered last. What is about another loan, or somebody has sorted as of another kind, is a
// complaint of its own: then it returns nothing.
func ObjectedTo(all []ToObject, text string, kind complaint.Kind, loan string) string {
	if id := called(all, text); id != "" {
		return id
	}
	for _, one := range all {
		if (kind == complaint.Unsorted || kind == one.Kind) && (loan == "" || one.Loan == "" || loan == one.Loan) {
			return one.ID
		}
	}
	return ""
}

// objects is the complaint to whose answer a reply that complains objects. Who says that an amount is wrong may well mean the answer; a
// claim of fraud, or of another person, is one of its own.
func (c Concerns) objects(p *event.Reply) string {
	kind, loan := aboutWhat(p), ""
	if kind == complaint.Amount {
		kind = complaint.Unsorted
	}
	if c.About == event.LoanSubject {
		loan = c.Subject
	}
	return ObjectedTo(c.Answers, p.Text, kind, loan)
}

// Regards returns the complaint that a reply is taken to be about which a person has to read for a reason: one that nobody understands,
// or that asks something of which nothing is known, while an answer can be objected to, is more likely about that than about anything else.
func Regards(p *event.Reply, reason string, all []ToObject) string {
	asks := p.Has(Question) && (p.Topic == "" || p.Topic == OtherTopic)
	switch id := called(all, p.Text); {
	case reason != "reply" || len(all) == 0:
		return ""
	case id != "":
		return id
	case p.Has(Unclear) || asks:
		return all[0].ID
	}
	return ""
}

// called is the complaint whose id, or another one under which it was raised, stands in a text; of several the first one.
func called(all []ToObject, text string) string {
	for _, one := range all {
		if mentions(text, one.ID) || slices.ContainsFunc(one.Others, func(id string) bool { return mentions(text, id) }) {
			return one.ID
		}
	}
	return ""
}

// mentions reports whether an id stands in a text as a word of its own, in whatever case.
func mentions(text, id string) bool {
	text, id = strings.ToLower(Said(text)), strings.ToLower(id)
	for from := 0; strings.ContainsAny(id, "abcdefghijklmnopqrstuvwxyz") || len(id) > 4; { // a small number counts something
		at := strings.Index(text[from:], id)
		if at < 0 {
			return false
		}
		begins := from + at
		ends := begins + len(id)
		before := strings.TrimRight(text[:begins], "-._")
		after := strings.TrimLeft(text[ends:], "-._")
		if !goesOn(before, len(before)-1) && !goesOn(after, 0) {
			return true
		}
		from = begins + 1
	}
	return false
}

// goesOn reports whether a letter or a digit of an id stands in a text at a place.
func goesOn(text string, at int) bool {
	if at < 0 || at >= len(text) {
		return false
	}
	b := text[at]
	return b >= 'a' && b <= 'z' || b >= '0' && b <= '9'
}
