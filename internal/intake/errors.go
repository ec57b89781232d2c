package intake

import (
	"errors"
	"fmt"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/store"
)

// What the door says no with. A malformed event is an [*event.Error], which names the field; errors repeat no personal
// value, so all of them may be logged.
var (
	// ErrConflict: an event with this identity came before, with other content. Nothing was changed.
	ErrConflict = errors.New("an event with this source and id came before, with other content; give the new event an id of its own")
	// ErrLoanExists: the loan was disbursed by another event. Nothing was changed.
	ErrLoanExists = errors.New("the loan was disbursed by another event already; send loan.rescheduled to change it, or use another loan id")
	// ErrApplicationExists: the application was pre-approved before, with other content. Nothing was changed.
	ErrApplicationExists = errors.New("the application was pre-approved before, with other content; withdraw it with application.withdrawn, and send the new offer under an application id of its own")
	// ErrUnknownLoan: the loan, or the borrower, contact, task, hold or strategy that the event speaks of, is not known.
	// Nothing is kept; it may be sent again once it is. The error itself is an [*Unknown].
	ErrUnknownLoan = errors.New("unknown loan")
	// ErrUnavailable: Temporal or Postgres could not be reached. The event may be sent again. What the door returns is
	// an [*Unavailable], or a [*Gone] when only this loan's journey is; a [Courier] returns this one when Temporal is away.
	ErrUnavailable = errors.New("unavailable")
	// ErrEnded is returned by a [Courier] when no workflow of the loan runs: it has ended since its journey was read, or is gone.
	ErrEnded = errors.New("the journey has ended")
)

// Refusal is the journey's own no to an event: its validator says that it cannot be. It is final.
type Refusal struct {
	// Field is the path of the field that is wrong, such as data.value_date, if one field is.
	Field string `json:"field,omitempty"`
	// Reason is what is wrong, and what to do. It holds nothing personal.
	Reason string `json:"reason"`
}

// Error returns field and reason.
func (r *Refusal) Error() string {
	if r.Field == "" {
		return r.Reason
	}
	return r.Field + ": " + r.Reason
}

// Unknown says what an event speaks of that is not known. Nothing of the event is kept.
type Unknown struct {
	// What is loan, application, borrower, contact, task, hold, dispute, strategy, region or halt; ID names it.
	What, ID string
	// Hint is what to do about it.
	Hint string
}

// Error names what is unknown, and says what to do.
func (u *Unknown) Error() string { return fmt.Sprintf("unknown %s %s: %s", u.What, u.ID, u.Hint) }

// Is makes every Unknown an [ErrUnknownLoan].
func (u *Unknown) Is(target error) bool { return target == ErrUnknownLoan }

// Unavailable says that Temporal or Postgres could not be reached.
type Unavailable struct {
	// Who is Temporal or Postgres.
	Who string
	// Kept is set when the event is stored: what it forbids binds already, and it will be handed over without being sent
	// again, though it may be.
	Kept  bool
	cause error
}

// Error says what became of the event.
func (u *Unavailable) Error() string {
	if u.Kept {
		return u.Who + " cannot be reached; the event is kept, what it forbids binds already, and it is handed over as soon as possible: send it again to learn the answer"
	}
	return u.Who + " cannot be reached; nothing is kept: send the event again"
}

// Is makes every Unavailable an [ErrUnavailable].
func (u *Unavailable) Is(target error) bool { return target == ErrUnavailable }

// Unwrap returns the cause. It may quote personal values, so it is never printed.
func (u *Unavailable) Unwrap() error { return u.cause }

// Gone says that an open loan has no workflow any more: somebody terminated or deleted it. The event is kept.
type Gone struct {
	// Loan is the loan whose journey is gone; or else Application is the application whose pre-approval is.
	Loan, Application string
}

// Error says what became of the event, and what to do about the journey.
func (g *Gone) Error() string {
	if g.Loan == "" {
		return "the pre-approval of application " + g.Application + " is gone: its workflow was terminated or deleted though it is open; the event is kept, and it is handed over as soon as it is taken up again: see docs/preapproval.md"
	}
	return "the journey of loan " + g.Loan + " is gone: its workflow was terminated or deleted though the loan is open; the event is kept, what it forbids binds already, and it is handed over as soon as the journey is taken up again: see \"A journey that is gone\" in docs/operating.md"
}

// Is makes every Gone an [ErrUnavailable]: the event may be sent again.
func (g *Gone) Is(target error) bool { return target == ErrUnavailable }

// Fault is something that should not happen, by the code of Postgres; its text stays there.
type Fault struct{ Code string }

// Error names the code.
func (f *Fault) Error() string {
	return "internal error " + f.Code + ": the event could not be stored; the log of Postgres says more"
}

// postgres turns an error of a statement into one that may leave Postgres: its own text may repeat personal values.
func postgres(err error, kept bool) error {
	var (
		wrong   *event.Error
		unknown *Unknown
	)
	switch {
	case err == nil, errors.As(err, &wrong), errors.As(err, &unknown), errors.Is(err, ErrConflict), errors.Is(err, ErrLoanExists), errors.Is(err, ErrApplicationExists):
		return err
	case store.Unavailable(err):
		return &Unavailable{Who: "Postgres", Kept: kept, cause: err}
	}
	return &Fault{Code: store.Code(err)}
}
