package complaint

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/loan"
)

// Do is what a step of a complaint does.
type Do string

// What steps do.
const (
	// Write tells the borrower something, in the purpose complaint_reply.
	Write Do = "write"
	// Ask asks the borrower whether it was handled well.
	Ask Do = "ask"
	// Warn tells the lender that time runs out.
	Warn Do = "warn"
	// Refund tells the lending system what is to be paid back, or done otherwise.
	Refund Do = "refund"
	// MoveUp moves the complaint to the next level.
	MoveUp Do = "move_up"
	// End closes it.
	End Do = "end"
)

// Step is something to be done about a complaint. Whether it was done is known by its key.
type Step struct {
	Do Do
	// Key is its treatment and anchor; the anchor tells rounds, and what comes more than once, apart.
	Key string
	// At is when, and Lapses from when it is no longer worth doing; zero: it always is.
	At, Lapses time.Time
	// Must is set for a message that a person has to bring where no channel is permitted.
	Must bool
	// Template and Fill are those of a message, or what the lender or the door is told.
	Template string
	Fill     map[string]string
}

// The treatments of complaints. Their names are in histories and in Postgres.
const (
	acknowledge = "acknowledge"
	stepUp      = "step-up"
	progress    = "progress"
	extended    = "extended"
	restarted   = "restarted"
	reopened    = "reopened"
	answered    = "answer"
	overdue     = "overdue"
	withdrawn   = "withdrawn"
	warning     = "warning"
	refund      = "redress"
	moveUp      = "escalate"
	ending      = "close"
	elsewhere   = "closed"
	// Surveyed begins the treatment that asks whether a complaint was handled well; what follows is the question.
	Surveyed = "survey-complaint"
)

// AnswerKey is the key of the step that tells the borrower the answer of the present round.
func (c Case) AnswerKey() string { return fmt.Sprintf("%s@%s.%d", answered, c.ID, c.Round) }

// Acknowledges reports whether a step with a key tells the borrower that their complaint was received, or what was found.
func Acknowledges(key string) bool {
	treatment, _, _ := strings.Cut(key, "@")
	return treatment == acknowledge || treatment == answered
}

// Answers reports whether a step with a key tells the borrower what was found.
func Answers(key string) bool {
	treatment, _, _ := strings.Cut(key, "@")
	return treatment == answered
}

// surveyedFor is for how long the question is worth asking, and an answer to it is waited for.
const surveyedFor = 14 * 24 * time.Hour

// Deadlines are the clocks that count where the complaint is now, the first one to run out first.
func (c Case) Deadlines() []Deadline {
	if !c.State().Open() {
		return nil
	}
	all := slices.DeleteFunc(slices.Clone(c.Clocks), func(d Deadline) bool { return c.Role().Above(d.Level) })
	slices.SortStableFunc(all, func(a, b Deadline) int { return a.At.Compare(b.At) })
	return all
}

// Due is the deadline that runs out first; what has run out stays the first.
func (c Case) Due() (Deadline, bool) {
	all := c.Deadlines()
	if len(all) == 0 {
		return Deadline{}, false
	}
	return all[0], true
}

// Promised is the deadline by which the borrower can still count on an answer: the first final one that has not passed. Where all have,
// it is the last one, and over is set.
func (c Case) Promised(now time.Time) (promised Deadline, over bool) {
	for _, d := range c.Deadlines() {
		if d.Final {
			promised = d
			if now.Before(d.At) {
				return d, false
			}
		}
	}
	return promised, true
}

// Situation is what must be known besides the complaint to say what is next.
type Situation struct {
	Now time.Time
	// Answered is when the answer of this round was made known to the borrower; zero while it was not.
	Answered time.Time
	// Told is when the borrower was last told something about it, Asked when they were asked how it was handled; zero for never.
	Told, Asked time.Time
	// Language is the borrower's.
	Language string
	// Held is set while the complaint's own hold stops collection.
	Held bool
}

// Next returns what is to be done about the complaint; of what is due already, what comes first is done first. What was done before is among it: the caller knows by the keys.
func (c Case) Next(r *Regime, s Situation) (all []Step) {
	zone := r.Zone(c.home())
	anchor := func(n int) string { return c.ID + "." + strconv.Itoa(n) }
	for _, earlier := range c.Earlier {
		all = append(all, c.redress(earlier)...)
	}
	if c.State() == Closed {
		return append(all, c.afterwards(r, s, zone)...)
	}
	if c.Answer != nil {
		return append(all, c.afterAnswer(r, s, zone)...)
	}
	for _, d := range c.Deadlines() { // first, for what is told of it depends on where it is
		all = append(all, c.watch(r, s, d)...)
	}
	if c.Acknowledged.IsZero() {
		return append(all, Step{
			Do: Write, Key: acknowledge + "@" + anchor(1), At: c.Raised, Must: true, Template: "complaint-acknowledged", Fill: c.received(r, s),
		})
	}
	return append(all, c.news(r, s)...)
}

// bound is the level to which the deadlines that have run out move the complaint at once: the one where it is, if none has.
func (c Case) bound(now time.Time) Level {
	level := c.Level
	for _, d := range c.Deadlines() {
		if to := d.above(); !now.Before(d.At) && to.Above(level) {
			level = to
		}
	}
	return level
}

// above is the level to which a complaint moves that misses the deadline; the last one of the lender's has none above.
func (d Deadline) above() Level {
	if to := d.Level.Next(); to != External {
		return to
	}
	return Compliance
}

// received is what the acknowledgement says. One that comes late says all that became true before it: where the complaint is at once, for
// what has run out moves it up as soon as the borrower has heard, and that the answer is late.
func (c Case) received(r *Regime, s Situation) map[string]string {
	fill := c.fill(s)
	fill["complaint_level"] = string(c.bound(s.Now))
	if _, late := c.Promised(s.Now); late && r.External != nil && c.Level != External {
		fill["complaint_body"] = r.External.Called(s.Language)
	}
	return fill
}

// foretold reports whether Tender's acknowledgement said already where a step took the complaint, or that a deadline had passed.
func (c Case) foretold(d Deadline) bool {
	return c.AcknowledgedBy == "tender" && !c.Acknowledged.Before(d.At)
}

// heard reports whether the borrower knows of a step up from the acknowledgement.
func (c Case) heard(s StepUp) bool {
	return s.Round == c.Round && slices.ContainsFunc(c.Clocks, func(d Deadline) bool { return d.ID == s.Why && c.foretold(d) })
}

// news are what the borrower is told while nobody has answered: that it moved up, takes longer, begins anew, or is not forgotten. Of
// steps up only the last one is told of: it says who has it now, and waits until the complaint is where it is bound for. Each of them
// promises a date: once there is none to promise, the borrower hears that it is late, and who has it.
func (c Case) news(r *Regime, s Situation) (all []Step) {
	if _, late := c.Promised(s.Now); late {
		return nil
	}
	if n := len(c.Steps); n > 0 && c.Steps[n-1].Round >= c.opened() && c.bound(s.Now) == c.Level && !c.heard(c.Steps[n-1]) {
		moved := Step{
			Do: Write, Key: fmt.Sprintf("%s@%s.%d", stepUp, c.ID, n), At: c.Steps[n-1].At, Must: true, Template: "complaint-escalated", Fill: c.fill(s),
		}
		if c.Level == External { // it is the borrower who took it there
			moved.Template = "complaint-external"
			if r.External != nil {
				moved.Fill["complaint_body"] = r.External.Called(s.Language)
			}
		}
		all = append(all, moved)
	}
	facts := len(c.Restarts) > 0 && c.Restarts[len(c.Restarts)-1].Equal(c.Received) // it is with them that the round began
	// Where nothing was said before, the acknowledgement says all that there is to say.
	if n := len(c.Restarts); facts && (n > c.Quiet || c.Acknowledged.Before(c.Received)) {
		all = append(all, Step{
			Do: Write, Key: fmt.Sprintf("%s@%s.%d", restarted, c.ID, n), At: c.Received, Must: true, Template: "complaint-restarted", Fill: c.fill(s),
		})
	}
	if n := len(c.Extensions); n > 0 && c.Extensions[n-1].Notice {
		fill := c.fill(s)
		fill["complaint_because"], fill["complaint_due"] = c.Extensions[n-1].Because, c.Extensions[n-1].Due.String()
		all = append(all, Step{
			Do: Write, Key: fmt.Sprintf("%s@%s.%d.%d", extended, c.ID, c.Round, n), At: c.Extensions[n-1].At,
			Lapses: c.Extensions[n-1].Due.AddDays(1).In(r.Zone(c.home())), Must: true, Template: "complaint-extended", Fill: fill,
		})
	}
	if c.Reopened > 0 && !facts && (len(c.Steps) == 0 || c.Steps[len(c.Steps)-1].Round < c.opened()) {
		all = append(all, Step{
			Do: Write, Key: fmt.Sprintf("%s@%s.%d", reopened, c.ID, c.Round), At: c.Received, Must: true, Template: "complaint-progress", Fill: c.fill(s),
		})
	}
	return append(all, c.progress(r, s)...)
}

// progress tells the borrower from time to time that the complaint is not forgotten: now, if it is time, and the next time too, for what
// could not be sent, however often it was tried, does not end it.
func (c Case) progress(r *Regime, s Situation) (all []Step) {
	if r.ProgressEvery == 0 {
		return nil
	}
	told := c.Acknowledged
	if s.Told.After(told) {
		told = s.Told
	}
	step := func(at time.Time) Step {
		on := bizclock.DateOf(at.In(r.Zone(c.home())))
		return Step{Do: Write, Key: fmt.Sprintf("%s@%s.%s", progress, c.ID, on), At: at, Template: "complaint-progress", Fill: c.fill(s)}
	}
	at := told.AddDate(0, 0, r.ProgressEvery)
	next := at.AddDate(0, 0, r.ProgressEvery)
	for ; !s.Now.Before(next); next = next.AddDate(0, 0, r.ProgressEvery) {
		at = next
	}
	return []Step{step(at), step(next)}
}

// watch is what a deadline asks for while nobody has answered: warnings, and what follows when it runs out.
func (c Case) watch(r *Regime, s Situation, d Deadline) (all []Step) {
	warn := func(percent int, until time.Time) {
		all = append(all, Step{
			Do: Warn, Key: fmt.Sprintf("%s-%d@%s.%s.%s", warning, percent, c.ID, d.ID, d.Due), At: d.Share(percent), Lapses: until,
			Fill: map[string]string{
				"complaint": c.ID, "deadline": d.ID, "due": d.Due.String(), "share": strconv.Itoa(percent), "level": string(c.Level),
				"role": string(c.Role()), "state": string(c.State()),
			},
		})
	}
	warn(50, d.Share(80))
	warn(80, d.At)
	top := !Compliance.Above(c.Level)
	switch {
	case c.Acknowledged.IsZero() || top:
		warn(100, time.Time{})
	default:
		all = append(all, Step{
			Do: MoveUp, Key: fmt.Sprintf("%s@%s.%s.%s", moveUp, c.ID, d.ID, d.Due), At: d.At,
			Fill: map[string]string{"to": string(d.above()), "why": d.ID},
		})
	}
	if top && d.Final && !c.Acknowledged.IsZero() && c.lateFor(d, s.Now) {
		fill := c.fill(s)
		fill["complaint_missed"] = d.Due.String()
		if r.External != nil && c.Level != External { // where they are already
			fill["complaint_body"] = r.External.Called(s.Language)
		}
		all = append(all, Step{
			Do: Write, Key: fmt.Sprintf("%s@%s.%s.%s", overdue, c.ID, d.ID, d.Due), At: d.At, Must: true, Template: "complaint-overdue", Fill: fill,
		})
	}
	return all
}

// lateFor reports whether the borrower is told, once a final deadline has passed, that it has. What had passed when it was set bound nobody,
// what had passed when the complaint was acknowledged they heard then, and of several that passed meanwhile they hear of the last one.
func (c Case) lateFor(d Deadline, now time.Time) bool {
	return d.At.After(d.Set) && !c.foretold(d) && !slices.ContainsFunc(c.Clocks, func(other Deadline) bool {
		return other.Final && other.At.After(d.At) && !now.Before(other.At) && other.At.After(other.Set)
	})
}

// afterAnswer is what follows from an answer: it is told, what it promises is set in motion, and if nobody objects it is closed.
func (c Case) afterAnswer(r *Regime, s Situation, zone *time.Location) (all []Step) {
	a, anchor := c.Answer, fmt.Sprintf("%s.%d", c.ID, c.Round)
	fill := c.fill(s)
	fill["complaint_outcome"] = string(a.Outcome)
	known := s.Answered // from when the borrower can object: not before they know
	if known.IsZero() {
		known = s.Now
	}
	on := bizclock.DateOf(known.In(zone))
	object := on.AddDays(r.ConfirmWithin)
	if r.ConfirmWithin > 0 {
		fill["complaint_object_by"], fill["complaint_review"] = object.String(), c.review()
	}
	if r.External != nil {
		fill["complaint_body"] = r.External.Called(s.Language)
		if r.External.WithinMonths > 0 {
			fill["complaint_body_by"] = on.AddMonths(r.External.WithinMonths).String()
		} else if r.External.WithinDays > 0 {
			fill["complaint_body_by"] = on.AddDays(r.External.WithinDays).String()
		}
	}
	var kinds []string
	total := decimal.Decimal{}
	for _, one := range a.Redress {
		if !slices.Contains(kinds, string(one.Kind)) {
			kinds = append(kinds, string(one.Kind))
		}
		if one.Kind.Money() {
			if sum, err := total.Add(one.Amount); err == nil {
				total, fill["currency"] = sum, one.Currency
			}
		}
	}
	if len(kinds) > 0 {
		fill["complaint_redress"] = strings.Join(kinds, ",")
	}
	if !total.IsZero() {
		fill["complaint_refund"] = loan.Write(total, fill["currency"])
	}
	all = append(all, Step{Do: Write, Key: answered + "@" + anchor, At: a.At, Must: true, Template: "complaint-answered", Fill: fill})
	all = append(all, c.redress(*a)...)
	if s.Answered.IsZero() {
		return all // nobody can object to what they do not know
	}
	return append(all, Step{Do: End, Key: ending + "@" + anchor, At: object.AddDays(1).In(zone), Fill: map[string]string{"how": string(Unopposed)}})
}

// review is who looks at an answer that does not settle the complaint: a higher level, or where there is none the same one again.
func (c Case) review() string {
	if Compliance.Above(c.Level) {
		return "higher"
	}
	return "again"
}

// redress tells the lending system of each thing that is to be done because of an answer: also of one that did not settle the matter.
func (c Case) redress(a Answer) (all []Step) {
	for n, one := range a.Redress {
		fill := map[string]string{"complaint": c.ID, "redress": string(one.Kind), "outcome": string(a.Outcome)}
		if c.Loan != "" {
			fill["loan"] = c.Loan
		}
		if one.Kind.Money() {
			fill["amount"], fill["currency"] = loan.Write(one.Amount, one.Currency), one.Currency
		}
		if one.Channel != "" {
			fill["channel"] = string(one.Channel)
		}
		all = append(all, Step{Do: Refund, Key: fmt.Sprintf("%s@%s.%d.%d", refund, c.ID, a.Round, n+1), At: a.At, Fill: fill})
	}
	return all
}

// afterwards is what follows once a complaint is closed: the answer, where it did not go out before, and some days later a question.
func (c Case) afterwards(r *Regime, s Situation, zone *time.Location) (all []Step) {
	if c.How == TakenBack {
		return []Step{{
			Do: Write, Key: fmt.Sprintf("%s@%s.%d", withdrawn, c.ID, c.Round), At: c.Closed, Must: true, Template: "complaint-withdrawn", Fill: c.fill(s),
		}}
	}
	if c.Answer.Elsewhere {
		all = append(all, c.closedElsewhere(r, s))
	} else {
		all = slices.DeleteFunc(c.afterAnswer(r, s, zone), func(step Step) bool { return step.Do == End })
	}
	if r.SurveyAfter > 0 && c.Satisfied == 0 {
		at := bizclock.DateOf(c.Closed.In(zone)).AddDays(r.SurveyAfter).In(zone)
		all = append(all, Step{
			Do: Ask, Key: fmt.Sprintf("%s@%s.%d", Surveyed, c.ID, c.Round), At: at, Lapses: at.Add(surveyedFor), Template: "survey",
			Fill: map[string]string{"question": "complaint", "complaint": c.ID},
		})
	}
	return all
}

// closedElsewhere tells the borrower that whoever handles the complaint outside of Tender has closed it, and where they can take it: whether
// anybody else tells them is not known. By when they can go to an external body is not said, for it counts from an answer that Tender does
// not have.
func (c Case) closedElsewhere(r *Regime, s Situation) Step {
	fill := c.fill(s)
	fill["complaint_review"] = c.review()
	if c.Answer.Outcome != "" {
		fill["complaint_outcome"] = string(c.Answer.Outcome)
	}
	if r.External != nil {
		fill["complaint_body"] = r.External.Called(s.Language)
	}
	return Step{
		Do: Write, Key: fmt.Sprintf("%s@%s.%d", elsewhere, c.ID, c.Round), At: c.Closed, Lapses: c.Closed.Add(surveyedFor),
		Must: true, Template: "complaint-closed", Fill: fill,
	}
}

// Over is when nothing more is expected of a closed complaint: once nobody is asked any more, or an answer is no longer waited for.
// Zero: not before something happens.
func (c Case) Over(r *Regime, s Situation) time.Time {
	switch {
	case c.State() != Closed:
		return time.Time{}
	case c.How == TakenBack || r.SurveyAfter == 0 || c.Satisfied > 0:
		return c.Closed
	case !s.Asked.IsZero():
		return s.Asked.Add(surveyedFor)
	}
	return bizclock.DateOf(c.Closed.In(r.Zone(c.home()))).AddDays(r.SurveyAfter).In(r.Zone(c.home())).Add(surveyedFor)
}

// fill is what every message about the complaint can name. A date that has passed promises nothing, and is left out.
func (c Case) fill(s Situation) map[string]string {
	fill := map[string]string{"complaint": c.ID, "complaint_level": string(c.Level)}
	if d, over := c.Promised(s.Now); !over {
		fill["complaint_due"] = d.Due.String()
	}
	if s.Held && !c.Kind.Discreet() {
		fill["complaint_rests"] = "all"
		if c.Loan != "" {
			fill["complaint_rests"] = "loan"
		}
	}
	return fill
}
