package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/strategy"
)

// source is that of events which a person sends with this command.
const source = "tender-cli"

func (a *app) event() *cobra.Command {
	return group("event", "Send events, and see what they look like", a.eventSend(), a.eventExample())
}

func (a *app) eventSend() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use:   "send -f FILE",
		Short: "Send one event, or a list of them, through the door",
		Long: `Send one CloudEvent, or a JSON array of them, through the door that the gateway uses.

An event is known by its source and id: the same one twice has one effect. The events of a list are taken in
their order; one that is refused does not stop those after it.`,
		Example: "  tender event send -f examples/events/payment.posted.json\n  curl -s https://lending.example.com/events | tender event send -f -",
		Args:    takes(),
	}
	fileFlag(c, &file)
	c.RunE = a.withFile(&file, func(ctx context.Context, text []byte) error {
		if !isList(text) {
			e, err := intake.Parse(text)
			if err != nil {
				return err
			}
			return a.take(ctx, e)
		}
		batch, err := intake.ParseBatch(text)
		if err != nil {
			return err
		}
		if len(batch) == 0 {
			return &event.Error{Field: "events", Reason: "the list holds none; send at least one"}
		}
		return a.takeAll(ctx, batch)
	})
	return c
}

func fileFlag(c *cobra.Command, file *string) {
	c.Flags().StringVarP(file, "file", "f", "", "file to read, or - for standard input")
	_ = c.MarkFlagFilename("file", "json")
}

// withFile makes what a command runs on the content of the file that its flag names.
func (a *app) withFile(file *string, do func(context.Context, []byte) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		if *file == "" {
			return misuse(c, "--file is missing; name a file, or - for standard input")
		}
		return a.does(func(ctx context.Context, _ []string) error {
			text, err := a.readFile(*file)
			if err != nil {
				return err
			}
			return do(ctx, text)
		})(c, args)
	}
}

func (a *app) readFile(name string) ([]byte, error) {
	if name == "-" {
		text, err := io.ReadAll(a.in)
		if err != nil {
			return nil, fmt.Errorf("standard input cannot be read: %w", err)
		}
		return text, nil
	}
	text, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, notFound("there is no file %s", name)
	}
	return text, err
}

func isList(text []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(text), []byte("[")) }

// newID makes an id for an event to which nobody gave one.
func newID() string { return "cli-" + strings.ToLower(rand.Text()[:16]) }

// draft makes an event of this command. It bears no time, so that it happened when the door takes it, and so that a
// repeat under the same id has the same content.
func draft(t event.Type, about event.Subject, subject, id string, data any) (cloudevents.Event, error) {
	e := cloudevents.New()
	e.SetSource(source)
	e.SetID(id)
	e.SetType(string(t))
	if about != event.NoSubject {
		e.SetSubject(string(about) + "/" + subject)
	}
	err := e.SetData(cloudevents.ApplicationJSON, data)
	return e, err
}

// take puts one event through the door and prints what its journeys answered.
func (a *app) take(ctx context.Context, e cloudevents.Event) error {
	return a.writing(ctx, func(db *store.Store, door *intake.Door) error {
		taken := door.TakeAll(ctx, []cloudevents.Event{e}, a.actor())[0]
		if taken.Err != nil {
			return about(e, taken.Err)
		}
		return a.print(taken.Result, func(w io.Writer, _ report.Style) error {
			return writeResult(ctx, w, db, taken.Result, taken.Before)
		})
	})
}

// about says which event an error is about, where its sender may not know.
func about(e cloudevents.Event, err error) error {
	var away *intake.Unavailable
	if errors.As(err, &away) && away.Kept && e.Source() == source {
		// Whoever did not give the id cannot send the event again without knowing it.
		return fmt.Errorf("%w (--id %s)", err, e.ID())
	}
	if errors.Is(err, intake.ErrConflict) && e.Source() == source {
		return &problem{exitRefused, fmt.Sprintf("--id %s was used before for something else, on this or another loan, borrower or region; choose another", e.ID())}
	}
	return err
}

// sent is what became of one event of a list.
type sent struct {
	Source string         `json:"source,omitempty"`
	ID     string         `json:"id,omitempty"`
	Result *intake.Result `json:"result,omitempty"`
	Error  string         `json:"error,omitempty"`
	// Code is the exit code that the event would have had alone.
	Code int `json:"code"`

	before bool
}

// chunk is how many events go through the door at a time.
const chunk = 500

// takeAll puts a list of events through the door and prints what became of each.
func (a *app) takeAll(ctx context.Context, batch []json.RawMessage) error {
	all := make([]sent, len(batch))
	err := a.writing(ctx, func(db *store.Store, door *intake.Door) error {
		for from := 0; from < len(batch); from += chunk {
			part := batch[from:min(from+chunk, len(batch))]
			a.takePart(ctx, door, part, all[from:from+len(part)])
		}
		return a.print(all, func(w io.Writer, _ report.Style) error {
			for _, s := range all {
				if s.Result == nil {
					continue
				}
				if err := writeResult(ctx, w, db, *s.Result, s.before); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	return a.reportRefused(all)
}

// takePart takes some events; those that are no events do not stop the others.
func (a *app) takePart(ctx context.Context, door *intake.Door, part []json.RawMessage, all []sent) {
	var events []cloudevents.Event
	var places []int
	for n, text := range part {
		e, err := intake.Parse(text)
		if err != nil {
			all[n] = sent{Error: err.Error(), Code: exitCode(err)}
			continue
		}
		all[n] = sent{Source: e.Source(), ID: e.ID()}
		events, places = append(events, e), append(places, n)
	}
	for n, taken := range door.TakeAll(ctx, events, a.actor()) {
		at := &all[places[n]]
		if at.Code = exitCode(taken.Err); taken.Err != nil {
			at.Error = taken.Err.Error()
			continue
		}
		at.Result, at.before = &taken.Result, taken.Before
	}
}

// reportRefused says which events of a list were not accepted. What may succeed when it is sent again decides the exit
// code before what never will.
func (a *app) reportRefused(all []sent) error {
	codes := []int{}
	for n, s := range all {
		if s.Code != exitDone {
			codes = append(codes, s.Code)
			_, _ = fmt.Fprintf(a.err, "tender: event %d (%s): %s\n", n+1, cmp.Or(s.ID, "without an id"), s.Error)
		}
	}
	if len(codes) == 0 {
		return nil
	}
	_, _ = fmt.Fprintf(a.err, "tender: %d of %d events were accepted; correct the others and send the list again: what was accepted has its effect once\n", len(all)-len(codes), len(all))
	return errSilent(slices.Min(codes))
}

// writeResult writes what the journeys answered to an event; before is set when they did so when it first came.
func writeResult(ctx context.Context, w io.Writer, db *store.Store, r intake.Result, before bool) error {
	if len(r.Loans) == 0 {
		_, err := fmt.Fprintf(w, "%s %s is kept; no journey had to be told\n", r.Type, r.ID)
		return err
	}
	for _, told := range r.Loans {
		text, err := answer(ctx, db, told, before)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s: %s %s %s\n", event.Named(told.Loan), r.Type, r.ID, text); err != nil {
			return err
		}
	}
	return nil
}

// shownBy is the command that shows a loan, an application or a complaint.
func shownBy(loan string) string {
	if application, is := event.ApplicationOf(loan); is {
		return "application show " + application
	}
	if complaint, is := event.ComplaintOf(loan); is {
		return "complaint show " + complaint
	}
	return "loan show " + loan
}

// answer says in words what a journey answered.
func answer(ctx context.Context, db *store.Store, told intake.Told, before bool) (string, error) {
	switch {
	case told.Refused != nil:
		return "refused: " + told.Refused.Error(), nil
	case told.Pending:
		return "recorded, and not yet decided upon; ask again with tender " + shownBy(told.Loan), nil
	}
	text := "accepted\n  now " + string(told.Stage)
	if before {
		text = "came before; answered then\n  " + string(told.Stage)
	}
	next := cmp.Or(told.Next, "wait")
	if told.At.IsZero() {
		return text + "; next: " + next + ", " + strategy.Sentence(told.Reason), nil
	}
	loan, err := report.Find(ctx, db, told.Loan)
	if err != nil {
		return "", err
	}
	return text + "; next: " + next + " on " + report.Moment(told.At.In(loan.Zone())) + ", " + strategy.Sentence(told.Reason), nil
}
