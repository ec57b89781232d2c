package strategy

import (
	"slices"
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

// ApprovalEnds is the first instant at which the approval of an application no longer holds: until when the lender said, or two weeks
// after it was told of.
func ApprovalEnds(at, until time.Time) time.Time {
	if !until.IsZero() {
		return until
	}
	return at.AddDate(0, 0, approvedDays)
}

// lapsesAt is the first instant at which an application need not be verified any more.
func (t *thoughts) lapsesAt() time.Time {
	return ApprovalEnds(t.Journey.Application.At, t.Journey.Application.Until)
}

// outcome is what came of the callback; nothing while it is open. That it may be a fraud has the last word, as long as no loan came of
// it, and the application was not withdrawn.
func (t *thoughts) outcome() event.Verified {
	app := t.Journey.Application
	_, unreachable := t.Journey.LastDone(keyOf(callback, app.ID), is(journey.ResultUnreachable))
	switch {
	case app.Outcome != event.IsOpen && app.Outcome != event.IsWithdrawn && t.claimsFraud():
		return event.IsSuspected
	case app.Outcome != "":
		return app.Outcome
	case unreachable, !t.Journey.Died.IsZero(), !t.Now.Before(t.lapsesAt()):
		return event.IsUnreachable
	}
	return ""
}

// claimsFraud reports whether somebody said that it is not the borrower who borrows or applies in their name.
func (t *thoughts) claimsFraud() bool {
	return slices.ContainsFunc(t.Standing.Holds, func(h contact.Hold) bool {
		return h.Kind == contact.IDTheftFraud && h.Covers(t.Journey.Loan, "", t.Now)
	})
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
	if at.IsZero() || outcome != app.Outcome {
		at = t.Now
	}
	// What it was is in the key: where it is found to be a fraud later, the lending system is told again.
	return []want{{key: keyOf(journey.ToldOutcome+string(outcome), app.ID), kind: journey.Tell, at: at, reason: ReasonPreapproval, fill: fill}}
}
