package channel

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode"
)

// OutboxStore keeps the messages of the outbox; Postgres is one.
type OutboxStore interface {
	// Put keeps a message. A key that is already kept is not kept twice: its reference is returned again.
	Put(ctx context.Context, m Message) (ref string, err error)
	// Lookup returns the reference of the message with a key.
	Lookup(ctx context.Context, key string) (ref string, found bool, err error)
}

// EnvOutboxShow is the variable that, set to 1, has the outbox write whole messages to the console.
const EnvOutboxShow = "TENDER_OUTBOX_SHOW"

// Outbox is the adapter that sends nothing: it keeps each message and writes a line about it to a console. It is what a
// new installation, a demo and a test use.
type Outbox struct {
	store   OutboxStore
	console io.Writer
	show    bool
	line    sync.Mutex
}

var _ Finder = (*Outbox)(nil)

// NewOutbox returns an outbox. The console shows channel, loan and template of each message; address and text are
// personal, and shown only where [EnvOutboxShow] is 1. No console: nothing is written.
func NewOutbox(store OutboxStore, console io.Writer, env func(string) string) *Outbox {
	if console == nil {
		console = io.Discard
	}
	return &Outbox{store: store, console: console, show: env(EnvOutboxShow) == "1"}
}

// Name implements [Adapter].
func (o *Outbox) Name() string { return "outbox" }

// Send implements [Adapter]. A store that fails may yet have kept the message, so its fate is then unknown.
func (o *Outbox) Send(ctx context.Context, m Message) (Receipt, error) {
	if err := ctx.Err(); err != nil {
		return Receipt{}, &Failure{Fate: Unreached, Code: "outbox_cancelled", Detail: err.Error()}
	}
	ref, err := o.store.Put(ctx, m)
	if err != nil {
		return Receipt{}, &Failure{Fate: Unknown, Code: "outbox_store", Detail: detail(err.Error())}
	}
	o.print(m)
	return Receipt{Ref: ref}, nil
}

// Find implements [Finder].
func (o *Outbox) Find(ctx context.Context, key string) (Receipt, bool, error) {
	ref, found, err := o.store.Lookup(ctx, key)
	if err != nil {
		return Receipt{}, false, &Failure{Fate: Unknown, Code: "outbox_store", Detail: detail(err.Error())}
	}
	return Receipt{Ref: ref}, found, nil
}

// print writes the line. A console that cannot be written to does not undo a message that is kept.
func (o *Outbox) print(m Message) {
	var text strings.Builder
	fmt.Fprintf(&text, "→ %s %s %s\n", m.Channel, m.Loan, m.Template)
	if o.show {
		fmt.Fprintf(&text, "  to %s\n", printable(m.To))
		if m.Subject != "" {
			fmt.Fprintf(&text, "  %s\n", printable(m.Subject))
		}
		for line := range strings.Lines(m.Body) {
			fmt.Fprintf(&text, "  %s\n", printable(line))
		}
	}
	o.line.Lock()
	defer o.line.Unlock()
	_, _ = io.WriteString(o.console, text.String())
}

// printable drops control characters: a name must not be able to steer the terminal it is shown on.
func printable(line string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, line)
}
