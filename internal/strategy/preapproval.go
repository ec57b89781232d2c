package strategy

import (
	"strconv"
	"time"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
)

// An application that was pre-approved is accompanied until something came of its callback: a person calls within the rules, and the
// lending system is told what came of it.

// ReasonPreapproval is why a person calls an applicant, and of what the lending system is told.
const ReasonPreapproval = "preapproval"

// approvedDays is for how many days an approval holds where the lender did not say.
const approvedDays = 14

// callback is the treatment that calls an applicant; its anchor is the application.
const callback = "verify"

// lapsesAt is the first instant at which an application need not be verified any more.
func (t *thoughts) lapsesAt() time.Time {
	app := t.Journey.Application
	if !app.Until.IsZero() {
		return app.Until
	}
	return app.At.AddDate(0, 0, approvedDays)
}

// outcome is what came of the callback; nothing while it is open.
func (t *thoughts) outcome() event.Verified {
	app := t.Journey.Application
	_, unreachable := t.Journey.LastDone(keyOf(callback, app.ID), is(journey.ResultUnreachable))
	switch {
	case app.Outcome != "":
		return app.Outcome
	case unreachable, !t.Journey.Died.IsZero(), !t.Now.Before(t.lapsesAt()):
		return event.IsUnreachable
	}
	return ""
}

// preapproval is what is to be done about an application: a call, and then a word to the lending system.
func (t *thoughts) preapproval() []want {
	app := t.Journey.Application
	outcome := t.outcome()
	if outcome == "" {
		return []want{{
			key: keyOf(callback, app.ID), kind: journey.Task, at: app.At, reason: ReasonPreapproval, purpose: contact.Informational, lapses: t.lapsesAt(),
		}}
	}
	fill := map[string]string{"application": app.ID, "outcome": string(outcome), "calls": strconv.Itoa(app.Calls), "questions": strconv.Itoa(app.Asked)}
	if app.Loan != "" {
		fill["loan"] = app.Loan
	}
	at := app.Closed
	if at.IsZero() {
		at = t.Now
	}
	return []want{{key: keyOf("verified", app.ID), kind: journey.Tell, at: at, reason: ReasonPreapproval, fill: fill}}
}
