package journey

import "github.com/tender-engine/tender/internal/event"

// verified stores what came of the callback to an application; the first word is the last.
func (j *Journey) verified(e event.Event, outcome event.Verified) {
	if j.Application == nil || j.Application.Outcome != "" {
		return
	}
	changed := *j.Application
	changed.Outcome, changed.Closed = outcome, e.At
	j.Application = &changed
}

// lent stores that the loan was disbursed: there is nobody to call back any more.
func (j *Journey) lent(e event.Event, p event.Disbursement) {
	j.verified(e, event.IsOpen)
	if j.Application != nil {
		changed := *j.Application
		changed.Loan = p.Lent
		j.Application = &changed
	}
}

// callback stores what a person reports of a call about an application.
func (j *Journey) callback(e event.Event, p event.Call) {
	if j.Application == nil {
		return
	}
	changed := *j.Application
	if changed.Calls++; p.Application != nil {
		changed.Asked += p.Application.Asked
	}
	j.Application = &changed
	if p.Application != nil {
		j.verified(e, p.Application.Outcome)
	}
}
