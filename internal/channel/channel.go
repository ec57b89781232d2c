// Package channel sends messages. Each adapter speaks to one provider and says honestly what became of a message: it
// went, it was refused, it never got there, or nobody can tell. That last answer decides whether a message may be sent
// again (design, promise 3), so an adapter that is in doubt says so.
package channel

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"github.com/tender-engine/tender/internal/contact"
)

// Message is one message to one borrower. It is the only place outside Postgres and the provider that holds an address
// and a text, and it lives no longer than the sending takes: printing or logging one shows neither.
type Message struct {
	// Key is the contact's key, the same at every attempt; providers that can, recognise a repeat by it.
	Key     string
	Channel contact.Channel
	// To is the address on the channel: a number in E.164 form, a mail address, or what the provider knows a device by.
	To string
	// Subject is empty on channels that have none.
	Subject, Body string
	// Loan is the loan that the message is about.
	Loan string
	// Template is the template it was rendered from.
	Template string
}

// Format writes key, channel, loan and template under every verb, and nothing personal.
func (m Message) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "message %s on %s about %s (%s)", m.Key, m.Channel, m.Loan, m.Template)
}

// LogValue logs what [Message.Format] writes.
func (m Message) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(m)) }

// Receipt is a provider's word that it has taken a message.
type Receipt struct {
	// Ref is the provider's id of the message; callbacks name it. It may be empty.
	Ref string
	// Detail is the provider's own words. They may be personal and belong in Postgres only.
	Detail string
}

// Adapter sends messages through one provider.
type Adapter interface {
	// Name is the word by which TENDER_CHANNELS chooses the adapter.
	Name() string
	// Send hands one message to the provider, in bounded time. Its errors are of type [*Failure].
	Send(ctx context.Context, m Message) (Receipt, error)
}

// Finder is an adapter whose provider can say whether it has a message.
type Finder interface {
	Adapter
	// Find looks a message up by its key. It is found, not found, or, with an error, still unknown.
	Find(ctx context.Context, key string) (Receipt, bool, error)
}

// Set says which adapter serves which channel. A channel that is not in the set cannot be used.
type Set map[contact.Channel]Adapter

// Channels returns the channels that are served, sorted.
func (s Set) Channels() []contact.Channel { return slices.Sorted(maps.Keys(s)) }
