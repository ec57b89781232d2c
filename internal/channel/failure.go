package channel

import (
	"errors"
	"fmt"
	"strings"
)

// Fate is what became of a message that was not accepted.
type Fate string

// The fates.
const (
	// Refused: the provider said no. It may be sent again unless the failure is permanent.
	Refused Fate = "refused"
	// Unreached: the provider never had the message. It may be sent again.
	Unreached Fate = "unreached"
	// Unknown: it may have gone. It is looked up where the provider can, and never sent blindly again.
	Unknown Fate = "unknown"
)

// Failure is why a message was not accepted. It carries the provider's words for Postgres, but shows only its code: it
// neither prints, marshals nor unwraps to anything personal, because errors travel into histories and logs.
type Failure struct {
	Fate Fate
	// Code says why, in at most 64 letters, digits, dots, dashes and underscores, such as smtp_550_5.1.1 or twilio_21211.
	Code string
	// Permanent is set when a refusal is final: the same message will never be taken. The contact has bounced.
	Permanent bool
	// Unusable is set when, beyond that, the address itself is at fault or its owner told the provider to stop, so that
	// the contact point is not to be used again. A permanent failure without it is about the message's text.
	Unusable bool
	// Detail is the provider's own words, at most 2000 bytes.
	Detail string `json:"-"`
}

// Error returns the code alone.
func (f *Failure) Error() string { return f.Code }

// Format writes the code under every verb.
func (f *Failure) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte(f.Code)) }

// FateOf returns what became of the message that Send returned err for; none when err is nil. An error that does not
// say counts as unknown.
func FateOf(err error) Fate {
	var failure *Failure
	switch {
	case err == nil:
		return ""
	case errors.As(err, &failure):
		return failure.Fate
	}
	return Unknown
}

// detail shortens a provider's words to what a row should hold.
func detail(text string) string {
	const most = 2000
	return strings.ToValidUTF8(text[:min(len(text), most)], "")
}
