// Package event is the vocabulary of what happens: every event type, its payload, its validation, and which of its
// fields are personal. An event is the only way in which a journey changes.
package event

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Event is something that happened to a loan, as a journey is told of it: without personal data.
type Event struct {
	// Source and ID are the CloudEvents identity; no two events share both.
	Source string `json:"source"`
	ID     string `json:"id"`
	Type   Type   `json:"type"`
	// Loan is the id of the loan whose journey is told.
	Loan string `json:"loan"`
	// Number is the event's place among the events of its loan, from 1; intake counts it.
	Number int64 `json:"number"`
	// At is when it happened, in business time.
	At time.Time `json:"at"`
	// Data is the payload without its personal fields. It stays raw, so that an event decodes whatever it holds.
	Data json.RawMessage `json:"data,omitempty"`
}

// Begins reports whether the journey that is told of the event begins with it.
func (e Event) Begins() bool {
	_, application := ApplicationOf(e.Loan)
	_, complaint := ComplaintOf(e.Loan)
	switch {
	case application:
		return e.Type == ApplicationPreapproved
	case complaint:
		return e.Type == ComplaintRaised
	}
	return e.Type == LoanDisbursed
}

var (
	idPattern = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)
	phoneLike = regexp.MustCompile(`^[+]?[0-9][0-9.\-]{5,}[0-9]$`)
	// dialled is a number with what may stand before one, however its parts are set apart.
	dialled = regexp.MustCompile(`(?i)^(?:tel|telephone|phone|mobile|mob|cell|sms|whatsapp|msisdn)?[._+-]*[0-9](?:[._+-]*[0-9]){9,}[._-]*$`)
)

// CheckID refuses an id that is malformed, or that looks like a phone number or an address: ids travel where no
// personal data may. They stand in paths and names of files, where .. or - would mean something else.
func CheckID(id string) error {
	switch {
	case !idPattern.MatchString(id):
		return fmt.Errorf("is no id: use 1 to 64 letters, digits, dots, dashes or underscores")
	case strings.Trim(id, "._-") == "":
		return fmt.Errorf("holds no letter and no digit: use an id that has one, such as B-1001")
	case LooksLikePhone(id):
		return fmt.Errorf("looks like a phone number: use an id that says nothing about the person, such as B-1001")
	}
	return nil
}

// derived are the ids that Tender gives to holds, disputes, promises and complaints that follow from an event: what that was, its
// number, and what they are.
var derived = regexp.MustCompile(`^(?:reply|call|survey)-[0-9]+(?:-.*)?$`)

// Derived reports whether an id is one that Tender gives to what follows from a reply, a call or a survey. Senders give none such.
func Derived(id string) bool { return derived.MatchString(id) }

// LooksLikePhone reports whether text has the form of a phone number: 7 to 15 digits with or without a plus, dots and
// dashes; or 10 to 15 digits set apart in whatever way an id allows, also behind a word such as tel.
func LooksLikePhone(text string) bool {
	digits := 0
	for _, r := range text {
		if r >= '0' && r <= '9' {
			digits++
		}
	}
	return digits <= 15 && (digits >= 7 && phoneLike.MatchString(text) || dialled.MatchString(text))
}

// Error says which field of an event is wrong, and why.
type Error struct {
	// Field is the path of the field, such as data.schedule[1].due.
	Field string
	// Reason is what is wrong with it and what would be right. It never repeats a personal value.
	Reason string
}

// Error returns field and reason.
func (e *Error) Error() string { return e.Field + ": " + e.Reason }

func wrong(field, format string, args ...any) error {
	return &Error{Field: field, Reason: fmt.Sprintf(format, args...)}
}
