package journey

import (
	"slices"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
)

// called stores what a person reports of a task: what came of the step that asked for it, and what the borrower said.
func (j *Journey) called(e event.Event, p event.Call) {
	result, code, again := taskResult(p), string(p.Disposition), j.Ended(p.Task)
	if p.Then == "" {
		result = callResult(p.Disposition) // an event of before there was more to be told
	}
	for _, d := range j.Done {
		if result != "" && d.Result == ResultAssigned && d.Contact == p.Task {
			made := Outcome{Key: d.Key, At: e.At, Result: result, Code: code, Contact: p.Task}
			if p.Disposition != "" {
				made.Channel = contact.Call
			}
			done(j, e, made)
			break
		}
	}
	if p.Then == "" {
		return
	}
	j.callback(e, p, again)
	if p.Disposition == contact.Deceased {
		j.died(e)
	}
	if p.Promise != nil {
		j.promise(e, *p.Promise)
	}
	if p.Hardship != nil {
		j.hardship(e, *p.Hardship)
	}
	if p.Complaint != nil {
		j.complains(e)
	}
	if p.Dispute != nil {
		j.raise(e, *p.Dispute)
	}
}

// complained stores that the borrower complained. With that the journey of a complaint begins.
func (j *Journey) complained(e event.Event, p struct {
	Borrower string `json:"borrower"`
},
) {
	id, own := event.ComplaintOf(j.Loan)
	switch {
	case !own:
		j.complains(e)
	case j.Complaint == nil:
		j.Borrower, j.Complaint = p.Borrower, &Complaint{ID: id, At: e.At}
	}
}

func (j *Journey) complains(e event.Event) {
	if e.At.After(j.Complained) {
		j.Complained = e.At
	}
}

// taskResult is what the end of a task says about the step that asked for it; nothing while it has not ended.
func taskResult(p event.Call) Result {
	switch {
	case p.Then == event.TaskDone && p.Disposition == "":
		return ResultSeenTo
	case p.Then == event.TaskDone:
		return ResultReached
	case p.Then == event.TaskUnreachable:
		return ResultUnreachable
	}
	return ""
}

// callResult is what the disposition of a person's call says about the step that asked for it; nothing when the call has
// to be tried again.
func callResult(d contact.Disposition) Result {
	switch {
	case d.Conversation():
		return ResultReached
	case d.Conclusive():
		return ResultUnreachable
	}
	return "" // another person who answers does not mean that the borrower cannot be reached
}

// expired stores that a task was not done in time.
func (j *Journey) expired(e event.Event, p event.Expiry) {
	for _, d := range j.Done {
		if d.Result == ResultAssigned && d.Contact == p.Task {
			done(j, e, Outcome{Key: d.Key, At: e.At, Result: ResultExpired, Contact: p.Task})
			return
		}
	}
}

func (j *Journey) died(e event.Event) {
	if j.Died.IsZero() || e.At.Before(j.Died) { // several may tell of it
		j.Died = e.At
	}
}

func (j *Journey) promise(e event.Event, p event.Promise) {
	if !j.speaks(e, "promise/"+p.Promise) {
		return
	}
	var others []Promise
	for _, other := range j.Promises {
		if other.ID != p.Promise {
			others = append(others, other)
		}
	}
	made := Promise{ID: p.Promise, Parts: p.Promised(), Made: e.At}
	for _, t := range j.Transactions {
		if day := bizclock.DateOf(e.At.UTC()).AddDays(-1); !t.ValueDate.Before(day) { // older ones do not keep it anyway
			made.Before = append(made.Before, t.ID)
		}
	}
	j.Promises = append(others, made)
}

// takesBack forgets a promise that is none.
func (j *Journey) takesBack(e event.Event, p event.PromiseWithdrawal) {
	if j.speaks(e, "promise/"+p.Promise) {
		j.Promises = slices.DeleteFunc(slices.Clone(j.Promises), func(other Promise) bool { return other.ID == p.Promise })
	}
}

func (j *Journey) hardship(e event.Event, p event.Hardship) {
	j.Hardships = append(j.Hardships[:len(j.Hardships):len(j.Hardships)], Note{Code: string(p.Cause), At: e.At})
}

func (j *Journey) raise(e event.Event, p event.Dispute) {
	j.hold(e, contact.Hold{ID: p.Dispute, Kind: contact.DisputeOpen, From: e.At})
	j.dispute(p.Dispute, func(d *Dispute) {
		d.From, d.Installment, d.Component, d.Amount = e.At, p.Installment, p.Component, p.Amount
	})
}

// acceptsPromise refuses a promise in another currency, or by a date before the loan was.
func (j Journey) acceptsPromise(p event.Promise, path string) error {
	if p.Currency != j.Contract.Currency {
		return wrong("data."+path+"currency", "loan %s: promise in %s, but the loan is in %s; name the amount in that", j.Loan, p.Currency, j.Contract.Currency)
	}
	return j.after(p.Promised()[0].By, path+"by")
}
