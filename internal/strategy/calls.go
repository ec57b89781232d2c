package strategy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/strictyaml"
)

// Worklist says by reason how tasks wait for a person. What a strategy leaves out is as in [Waiting]'s defaults.
type Worklist map[string]Waiting

// Waiting is how tasks of one reason wait. Zero stands for the default of the reason.
type Waiting struct {
	// Priority, 1 to 100, orders the worklist: the highest is handed out first, and of one priority the oldest.
	Priority int `yaml:"priority"`
	// WithinDays is for how many days a task can be done; then it has aged out, and the journey thinks again.
	WithinDays int `yaml:"within_days"`
	// Tries is how many calls may reach nobody before the borrower counts as unreachable.
	Tries int `yaml:"tries"`
}

// waiting are the defaults: who says that the loan is not theirs comes first, then an applicant, who is in trouble or complains, then
// who wrote, then those whom no message may reach, and at last those whom messages did not reach.
var waiting = map[string]Waiting{
	ReasonFraud:       {50, 7, callTries},
	ReasonPreapproval: {45, approvedDays, callTries},
	"hardship":        {40, 14, callTries},
	ReasonComplaint:   {40, 14, callTries},
	"estate":          {35, 30, callTries},
	ReasonReply:       {30, 7, callTries},
	"question":        {30, 7, callTries},
	ReasonInWriting:   {30, 7, callTries},
	ReasonSurvey:      {25, 14, callTries},
	ReasonCall:        {22, 7, callTries},
	ReasonNoChannel:   {20, 14, callTries},
	ReasonGivenUp:     {10, 14, callTries},
}

// TaskReasons are the reasons that tasks can have.
var TaskReasons = slices.Sorted(maps.Keys(waiting))

// anyTask holds for reasons that have no default of their own.
var anyTask = Waiting{20, 14, callTries}

// mostPriority is the highest that there is. A segment's priority is added to that of the reason.
const mostPriority = 100

// callTries is how many calls may reach nobody.
const callTries = 3

// Assign says how a task of a reason, assigned at an instant, waits for a person where no strategy says otherwise.
func Assign(reason string, at time.Time) journey.Assignment {
	return Worklist{}.assign(reason, at)
}

// Assign says how a task of a reason, assigned at an instant, waits for a person. The priority of the strategy, or of the segment whose
// tier it is, is added to that of the reason.
func (s *Strategy) Assign(reason string, at time.Time) journey.Assignment {
	waits := s.Worklist.assign(reason, at)
	waits.Priority = min(waits.Priority+s.Priority, mostPriority)
	return waits
}

// GivenAgain reports whether a task that no step asked for, and that nobody did in time, is given to somebody else; attempt is the how
// manieth it was. What a borrower wrote, complained of or claimed is read, as often as it takes; what went wrong is asked no more
// when a score is long past.
func GivenAgain(reason string, attempt int) bool { return reason != ReasonSurvey || attempt < agedOut }

func (w Worklist) assign(reason string, at time.Time) journey.Assignment {
	how, known := waiting[reason]
	if !known {
		how = anyTask
	}
	own := w[reason]
	for _, part := range []struct{ to, from *int }{{&how.Priority, &own.Priority}, {&how.WithinDays, &own.WithinDays}, {&how.Tries, &own.Tries}} {
		if *part.from > 0 {
			*part.to = *part.from
		}
	}
	return journey.Assignment{Priority: how.Priority, Until: at.AddDate(0, 0, how.WithinDays).UTC(), Tries: how.Tries}
}

func (w Worklist) check(at *strictyaml.File) error {
	for _, reason := range slices.Sorted(maps.Keys(w)) {
		if _, known := sentences[reason]; !known {
			return at.Errorf("$.worklist."+reason, "%q is no reason of a task; use one such as hardship, complaint, reply, no_channel or given_up", reason)
		}
		for _, part := range []struct {
			name        string
			value, most int
		}{{"priority", w[reason].Priority, mostPriority}, {"within_days", w[reason].WithinDays, 365}, {"tries", w[reason].Tries, 20}} {
			if part.value < 0 || part.value > part.most {
				return at.Errorf(fmt.Sprintf("$.worklist.%s.%s", reason, part.name), "%d must lie between 1 and %d; leave it out for the default", part.value, part.most)
			}
		}
	}
	return nil
}

// AfterCall is how long a task rests after a call that reached nobody, or not whom it was to reach.
func AfterCall(d contact.Disposition) time.Duration {
	switch d {
	case contact.Busy, contact.Dropped:
		return time.Hour
	case contact.WrongNumber, contact.NotInService:
		return 0 // another telephone is called
	}
	return 24 * time.Hour
}

// The borrower's leave to be called back holds from when it was given until a day after the time that was named; the task can be
// done for two.
const (
	CalledBackWithin = 24 * time.Hour
	CallableFor      = 48 * time.Hour
	// CalledBackAhead is how far ahead a borrower can ask to be called back: their leave for calls is no leave for years.
	CalledBackAhead = 30 * 24 * time.Hour
)

// CallPurpose is the purpose of a call about a task that does not ask for one.
func CallPurpose(reason string) contact.Purpose {
	switch reason {
	case "estate":
		return contact.LocationEnquiry
	case ReasonComplaint:
		return contact.ComplaintReply
	case ReasonReply, ReasonFraud:
		return contact.Reply
	case ReasonSurvey:
		return contact.Survey
	}
	return contact.Informational
}

// Worked is how a task stands when a call about it is told of.
type Worked struct {
	// Done is set when it has ended, Again when the borrower can be called on another telephone than the one that was called.
	// Concluded is set when the call came to what it was made for, whoever was spoken to.
	Done, Again, Concluded bool
	// Tries is how many calls reached nobody, and Most how many may.
	Tries, Most int
}

// Then is what becomes of a task by what came of a call about it; none when nobody was called. One that was done before stays done,
// and a call that reached nobody tells nothing new.
func (w Worked) Then(d contact.Disposition) event.Then {
	switch {
	case w.Done && (d == "" || !d.Conclusive()):
		return event.TaskNoted
	case d == "", w.Concluded && !w.Done:
		return event.TaskDone
	case d == contact.Callback && !w.Done:
		return event.TaskAgain
	case d.Conversation():
		return event.TaskDone
	case d == contact.WrongNumber, d == contact.NotInService:
		if w.Again && !w.Done {
			return event.TaskAgain
		}
		return event.TaskUnreachable
	case d == contact.Deceased, w.Tries+1 >= w.Most:
		return event.TaskUnreachable
	}
	return event.TaskAgain
}

// assigned reports whether a person has, or had, the task that a step became, and it has not aged out since.
func (t *thoughts) assigned(key string) bool {
	for _, d := range slices.Backward(t.Journey.Done) { // the latest of each result comes last
		if d.Key == key && (d.Result == journey.ResultAssigned || d.Result == journey.ResultExpired) {
			return d.Result == journey.ResultAssigned
		}
	}
	return false
}

// agedOut is how often a task to contact a borrower may age out before the step is given up: the ladder rests there, and what is
// due by date is done on its date. A task that is no contact must be done, and is assigned as often as it takes.
const agedOut = 3

// neglected reports whether nobody did a step's tasks so often that it is given up.
func (t *thoughts) neglected(w want) bool {
	late, expired := t.Journey.LastDone(w.key, is(journey.ResultExpired))
	return expired && late.Times >= agedOut && w.purpose != "" && w.reason != reasonHeard // a complaint is never left unheard
}

// TaskFound is a task that waits for a person, and whether it is still wanted.
type TaskFound struct {
	Task string `json:"task"`
	Step string `json:"step"`
	// Needless is set when nothing asks for it any more; it may be asked for again.
	Needless bool `json:"needless,omitempty"`
	// RestsUntil is from when it may be done, if that is not yet so, as while a promise is open.
	RestsUntil time.Time `json:"rests_until,omitzero"`
}

// tasksFound says of every task of the journey that has not ended whether the thread that asked for it still does.
func (t *thoughts) tasksFound() (all []TaskFound) {
	var open []journey.Done
	for _, d := range t.Journey.Done {
		if d.Result == journey.ResultAssigned && t.assigned(d.Key) && !t.Journey.Ended(d.Contact) && !strings.HasPrefix(d.Key, questions) {
			open = append(open, d)
		}
	}
	if len(open) == 0 {
		return nil
	}
	wanted := map[string]want{}
	for _, thread := range t.threads() {
		for _, w := range thread() {
			if w.drop == "" && (w.lapses.IsZero() || t.Now.Before(w.lapses)) {
				wanted[w.key] = w
			}
		}
	}
	for _, d := range open {
		found := TaskFound{Task: d.Contact, Step: d.Key}
		if w, still := wanted[d.Key]; !still {
			found.Needless = true
		} else if from := w.planned(t); from.After(t.Now) {
			found.RestsUntil = from.UTC()
		}
		all = append(all, found)
	}
	return all
}
