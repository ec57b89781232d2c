package journey

import (
	"cmp"
	"strings"

	"github.com/tender-engine/tender/internal/event"
)

// ToldOutcome begins the treatment of the step that tells the lending system what came of a callback; what came of it ends it.
const ToldOutcome = "outcome-"

// verified stores what came of the callback to an application. The first word is the last, but for that it may be a fraud.
func (j *Journey) verified(e event.Event, outcome event.Verified) {
	if j.Application == nil || j.Application.Outcome == outcome || j.Application.Outcome != "" && outcome != event.IsSuspected {
		return
	}
	changed := *j.Application
	changed.Outcome, changed.Closed = outcome, e.At
	j.Application = &changed
}

// lent stores that the loan was disbursed: there is nobody to call back any more. Where the lending system was being told what came of
// the callback, that stays.
func (j *Journey) lent(e event.Event, p event.Disbursement) {
	if j.Application == nil {
		return
	}
	if j.Application.Outcome == "" {
		j.verified(e, cmp.Or(p.Verified, event.IsOpen))
	}
	changed := *j.Application
	changed.Loan = p.Lent
	j.Application = &changed
}

// toldOutcome stores what the lending system was told: what followed from time, or from a hold, stays although that may change.
func (j *Journey) toldOutcome(e event.Event, o Outcome) {
	told, is := strings.CutPrefix(Step{Key: o.Key}.Treatment(), ToldOutcome)
	if is && o.Result.Final() {
		j.verified(e, event.Verified(told))
	}
}

// callback stores what a person reports of a call about an application. again is set when its task had ended before: then the same
// call is spoken of.
func (j *Journey) callback(e event.Event, p event.Call, again bool) {
	if j.Application == nil {
		return
	}
	changed := *j.Application
	if p.Disposition != "" && p.Then != event.TaskNoted && !again {
		changed.Calls++
	}
	if p.Application != nil && again {
		changed.Asked = max(changed.Asked, p.Application.Asked)
	} else if p.Application != nil {
		changed.Asked += p.Application.Asked
	}
	j.Application = &changed
	if p.Application != nil && p.Application.Outcome != "" {
		j.verified(e, p.Application.Outcome)
	}
}
