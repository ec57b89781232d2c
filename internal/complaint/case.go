package complaint

import (
	"fmt"
	"slices"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
)

// Case is what is known of one complaint. It holds no text, and of people who work on it only their ids. It is kept in Postgres, where
// the door changes it; fields are only ever added.
type Case struct {
	ID       string `json:"id"`
	Borrower string `json:"borrower"`
	// Loan is the loan that it is about; none where it is about the borrower, or where there is no loan.
	Loan string `json:"loan,omitempty"`
	Kind Kind   `json:"kind"`
	// Cause is what led to it, as a code, once somebody has found out.
	Cause string `json:"cause,omitempty"`
	// Payment is set for one about a payment service, for which some regimes have clocks of their own.
	Payment bool   `json:"payment,omitempty"`
	Origin  Origin `json:"origin,omitempty"`
	// Regime is the name and version of the regime by which its clocks were set.
	Regime        string        `json:"regime"`
	RegimeVersion bizclock.Date `json:"regime_version"`
	// Zone is the IANA zone in which the borrower's days are counted.
	Zone string `json:"zone,omitempty"`

	// Raised is when it was received first; Received is from when its clocks run, which new facts and a reopening move.
	Raised   time.Time `json:"raised"`
	Received time.Time `json:"received"`
	// Round counts the clocks' beginnings, from 1.
	Round int `json:"round"`
	// Again is how often the same complaint was raised once more.
	Again int `json:"again,omitempty"`
	// Restarts are when new facts had the clocks begin anew; the first Quiet of them came before the borrower was told of any date.
	Restarts []time.Time `json:"restarts,omitempty"`
	Quiet    int         `json:"quiet,omitempty"`

	// Level is where it is on the ladder, and Owner the person who has it; none while only the role of the level has.
	Level Level  `json:"level"`
	Owner string `json:"owner,omitempty"`
	// Sorted is when somebody took it up on this level, and Noted when they wrote something down about it since.
	Sorted time.Time `json:"sorted,omitzero"`
	Noted  time.Time `json:"noted,omitzero"`
	// Acknowledged is when the borrower was told that it was received.
	Acknowledged   time.Time `json:"acknowledged,omitzero"`
	AcknowledgedBy string    `json:"acknowledged_by,omitempty"`

	// Referral is the external body's own date, where one passed it on.
	Referred bool       `json:"referred,omitempty"`
	Clocks   []Deadline `json:"deadlines"`
	// Missed are the final deadlines that had passed unanswered when the clocks began anew.
	Missed []Missed `json:"missed,omitempty"`
	// Extensions are those that were given in this round.
	Extensions []Extended `json:"extensions,omitempty"`
	// Steps are the steps up the ladder, Handlers who had it and on which level, and About the agents whom it is about.
	Steps    []StepUp  `json:"steps,omitempty"`
	Handlers []Handler `json:"handlers,omitempty"`
	About    []string  `json:"about,omitempty"`

	// Answer is what the lender found; Earlier are the answers that did not settle it.
	Answer  *Answer  `json:"answer,omitempty"`
	Earlier []Answer `json:"earlier,omitempty"`
	// Closed is when it was closed, and How.
	Closed time.Time `json:"closed,omitzero"`
	How    Closing   `json:"how,omitempty"`
	// Satisfied is what the borrower answered when asked whether it was handled well: 1 to 5, 0 for nothing.
	Satisfied int `json:"satisfied,omitempty"`
	// Reopened is how often it was opened again.
	Reopened int `json:"reopened,omitempty"`
}

// Missed is a final deadline that passed unanswered, in a round that is over.
type Missed struct {
	Deadline string        `json:"deadline"`
	Due      bizclock.Date `json:"due"`
	Round    int           `json:"round"`
}

// StepUp is a step up the ladder.
type StepUp struct {
	At   time.Time `json:"at"`
	From Level     `json:"from"`
	To   Level     `json:"to"`
	// Why is a code: the id of the deadline that passed, or what a person gave as the reason.
	Why string `json:"why"`
	By  string `json:"by"`
	// Round is the round in which it happened.
	Round int `json:"round"`
}

// Handler is somebody who had the complaint.
type Handler struct {
	Who   string    `json:"who"`
	Level Level     `json:"level"`
	At    time.Time `json:"at"`
}

// Extended is more time that was given.
type Extended struct {
	At         time.Time     `json:"at"`
	Deadline   string        `json:"deadline"`
	Because    string        `json:"because"`
	Due        bizclock.Date `json:"due"`
	By         string        `json:"by"`
	ApprovedBy string        `json:"approved_by,omitempty"`
	Notice     bool          `json:"notice,omitempty"`
}

// Answer is what the lender found, and does about it.
type Answer struct {
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	Level   Level     `json:"level"`
	Outcome Outcome   `json:"outcome"`
	// Round is the round in which it was given.
	Round int `json:"round,omitempty"`
	// Event is the number of the event that holds the reasons, which stay in Postgres.
	Event   int64     `json:"event,omitempty"`
	Redress []Redress `json:"redress,omitempty"`
	// Late is set when it came after a final deadline.
	Late bool `json:"late,omitempty"`
	// Elsewhere is set when somebody outside of Tender gave it, and all that is known is that the complaint was closed; Code is what they
	// called the outcome, where that is a word of their own.
	Elsewhere bool   `json:"elsewhere,omitempty"`
	Code      string `json:"code,omitempty"`
}

// Closing is how a complaint ended.
type Closing string

// The ways in which a complaint ends.
const (
	// Confirmed: the borrower said that it is settled.
	Confirmed Closing = "confirmed"
	// Unopposed: the borrower was told until when to object, and did not.
	Unopposed Closing = "unopposed"
	// TakenBack: the borrower withdrew it.
	TakenBack Closing = "withdrawn"
	// Elsewhere: whoever handles it outside of Tender says that it is closed.
	Elsewhere Closing = "elsewhere"
)

// Closings are all of them.
var Closings = []Closing{Confirmed, Unopposed, TakenBack, Elsewhere}

// Error says which field of what was asked for cannot be, and why.
type Error struct{ Field, Reason string }

// Error returns field and reason.
func (e *Error) Error() string { return e.Field + ": " + e.Reason }

func refuse(field, format string, args ...any) error {
	return &Error{field, fmt.Sprintf(format, args...)}
}

// Raising is a complaint as it is raised.
type Raising struct {
	ID, Borrower, Loan string
	Kind               Kind
	Payment            bool
	Origin             Origin
	At                 time.Time
	About              []string
	// Due is the date that an external body set which passed it on; with origin regulator alone.
	Due  bizclock.Date
	Home *time.Location
	// Loans are the open loans of the borrower.
	Loans []string
}

// Raise registers a complaint under a regime.
func Raise(r Raising, regime *Regime) Case {
	c := Case{
		ID: r.ID, Borrower: r.Borrower, Loan: r.Loan, Kind: r.Kind, Payment: r.Payment, Origin: r.Origin, Zone: r.Home.String(),
		Raised: r.At, Level: r.Kind.Enters(), About: r.About,
	}
	if r.Origin == FromRegulator {
		c.Referred = true
		if regime.Referral.Level.Above(c.Level) {
			c.Level = regime.Referral.Level
		}
	}
	c.begin(r.At, regime)
	if c.Referred {
		c.refer(regime.ReferralDue(r.At, r.Due, r.Home))
	}
	return c
}

// begin has the clocks run from an instant, as the regime has them now. What an external body set stays, and what passed unanswered is
// remembered.
func (c *Case) begin(at time.Time, regime *Regime) {
	unanswered := at // until when nobody had answered
	if c.Answer != nil {
		unanswered = c.Answer.At
	}
	for _, d := range c.Clocks {
		if d.Final && !unanswered.Before(d.At) {
			c.Missed = append(slices.Clone(c.Missed), Missed{d.ID, d.Due, c.Round})
		}
	}
	c.Regime, c.RegimeVersion = regime.Name, regime.Version
	kept := slices.DeleteFunc(slices.Clone(c.Clocks), func(d Deadline) bool { return d.ID != ReferralDeadline || !d.At.After(at) })
	c.Received, c.Extensions = at, nil
	c.Round++
	c.Clocks = append(regime.Clocks(at, c.home(), c.Payment), kept...)
}

func (c Case) home() *time.Location {
	if zone, err := time.LoadLocation(c.Zone); err == nil {
		return zone
	}
	return time.UTC
}

// State is how far the complaint has come, which follows from the rest.
func (c Case) State() State {
	switch {
	case !c.Closed.IsZero():
		return Closed
	case c.Answer != nil:
		return Answered
	case c.Acknowledged.IsZero():
		return Registered
	case !c.Noted.IsZero():
		return Investigating
	case !c.Sorted.IsZero():
		return Triaged
	case len(c.Steps) > 0:
		return Escalated
	}
	return Acknowledged
}

// Role is the role that has the complaint; there always is one.
func (c Case) Role() Level { return c.Level.Role() }

// open refuses what can only be done while somebody still has to answer.
func (c Case) open(what string) error {
	switch {
	case !c.Closed.IsZero():
		return refuse("complaint", "%s was closed on %s (%s); reopen it before it is %s", c.ID, stamp(c.Closed), c.How, what)
	case c.Answer != nil:
		return refuse("complaint", "%s was answered by %s on %s: %s; reopen it before it is %s", c.ID, c.Answer.By, stamp(c.Answer.At), c.Answer.Outcome, what)
	}
	return nil
}

func stamp(at time.Time) string { return at.UTC().Format(time.RFC3339) }

// opened is the round in which it was opened last: the first one, or the one that a reopening began.
func (c Case) opened() int {
	if n := len(c.Earlier); n > 0 {
		return c.Earlier[n-1].Round + 1
	}
	return 1
}

// since is the instant before which nothing can have been done about what is open now, and what happened then: it was received, or opened
// again. New facts do not move it: what was done before them may be told of after them.
func (c Case) since() (at time.Time, what string) {
	facts := len(c.Restarts) > 0 && c.Restarts[len(c.Restarts)-1].Equal(c.Received)
	switch n := len(c.Earlier); {
	case n == 0:
		return c.Raised, "received"
	case facts: // when it was opened again is not known any more, only what was objected to
		return latest(c.Raised, c.Earlier[n-1].At), "answered"
	}
	return c.Received, "opened again"
}

// slow is how far the clock of somebody who tells what they did may be behind.
const slow = 5 * time.Minute

// on is when something was done. It may be told of late, and is refused if it lies before what it refers to.
func (c Case) on(at, refers time.Time, was string) (time.Time, error) {
	if refers.Sub(at) > slow {
		return at, refuse("time", "%s lies before complaint %s was %s, on %s; say when it happened, or leave it out if that is now", stamp(at), c.ID, was, stamp(refers))
	}
	return latest(at, refers), nil
}

// after is when something was done about what is open now.
func (c Case) after(at time.Time) (time.Time, error) {
	since, was := c.since()
	return c.on(at, since, was)
}

func latest(first time.Time, others ...time.Time) time.Time {
	for _, other := range others {
		if other.After(first) {
			first = other
		}
	}
	return first
}

// Acknowledge records that the borrower was told of the receipt.
func (c *Case) Acknowledge(at time.Time, by string) error {
	if err := c.open("acknowledged"); err != nil {
		return err
	}
	if !c.Acknowledged.IsZero() {
		return refuse("complaint", "%s was acknowledged by %s on %s already", c.ID, c.AcknowledgedBy, stamp(c.Acknowledged))
	}
	at, err := c.after(at)
	if err != nil {
		return err
	}
	c.Acknowledged, c.AcknowledgedBy = at, by
	return nil
}

// Unheard takes back that Tender's own message acknowledged the complaint: it did not arrive. What has climbed since was heard of.
func (c *Case) Unheard() bool {
	if c.AcknowledgedBy != "tender" || len(c.Steps) > 0 || !c.State().Open() {
		return false
	}
	c.Acknowledged, c.AcknowledgedBy = time.Time{}, ""
	return true
}

// may refuses somebody who may not decide on the complaint at a level: whom it is about, ever; and above the front line of a regime that
// asks for it, and at the reviewer's level always, who had it on a lower one, or gave the answer that is objected to.
func (c Case) may(field, who string, level Level, regime *Regime) error {
	if err := c.Bars(field, who); err != nil {
		return err
	}
	independent := regime.Independent && level.Above(FrontLine) || level == IndependentReviewer
	for _, h := range c.Handlers {
		if independent && h.Who == who && level.Role().Above(h.Level.Role()) {
			return refuse(field, "%s had complaint %s as %s on %s; at the level %s somebody independent has to look into it", who, c.ID, h.Level, stamp(h.At), level)
		}
	}
	for _, a := range c.Earlier { // where no level is above, another person is
		if independent && a.By == who && a.Outcome != Withdrawn && a.Level.Role() == level.Role() {
			return refuse(field, "%s answered complaint %s on %s, and the borrower objected; somebody else of %s has to look into it", who, c.ID, stamp(a.At), level.Role())
		}
	}
	return nil
}

// Assigning is who takes a complaint up, and how they sort it. What is left out stays.
type Assigning struct {
	To    string
	Kind  Kind
	Cause string
	About []string
	// Payment is set when it turns out to be about a payment service.
	Payment bool
}

// Assign has somebody take the complaint up. Another kind may belong on a higher level: then it goes there, to nobody yet.
func (c *Case) Assign(at time.Time, by string, a Assigning, regime *Regime) error {
	if err := c.open("assigned"); err != nil {
		return err
	}
	at, err := c.after(at)
	if err != nil {
		return err
	}
	next := *c
	for _, agent := range a.About {
		if !slices.Contains(next.About, agent) {
			next.About = append(slices.Clone(next.About), agent)
		}
	}
	if a.Kind != "" {
		next.Kind = a.Kind
	}
	if a.Cause != "" {
		next.Cause = a.Cause
	}
	if a.Payment {
		next.pays(at, regime)
	}
	if enters := next.Kind.Enters(); a.Kind != "" && a.Kind != c.Kind && enters.Above(next.Level) {
		if c.Acknowledged.IsZero() {
			next.Level = enters // nobody was told yet who has it
		} else {
			next.stepUp(at, by, enters, "kind")
		}
	}
	to := a.To
	if to == "" {
		to = next.Owner
	}
	if to == "" && a.To == "" && a.Kind == "" && a.Cause == "" && len(a.About) == 0 && !a.Payment {
		return refuse("to", "is missing; say who takes the complaint up")
	}
	if to != "" {
		if err := next.may("to", to, next.Level, regime); err != nil {
			if a.To != "" {
				return err
			}
			to = "" // it was taken from whom it turns out to be about
			next.Owner, next.Sorted, next.Noted = "", time.Time{}, time.Time{}
		}
	}
	if to != "" && (a.To != "" || next.Owner != to) {
		next.take(to, at)
	}
	*c = next
	return nil
}

// take puts the complaint into somebody's hands.
func (c *Case) take(who string, at time.Time) {
	if c.Owner == who && !c.Sorted.IsZero() {
		return
	}
	c.Owner, c.Sorted, c.Noted = who, at, time.Time{}
	c.Handlers = append(slices.Clone(c.Handlers), Handler{who, c.Level, at})
}

// stepUp moves the complaint up; nobody there has it in hand yet but the role. What asks for it may be older than that the borrower has
// heard, or than the last step: then it moves right after that.
func (c *Case) stepUp(at time.Time, by string, to Level, why string) {
	at = latest(at, c.Acknowledged, c.arrived())
	c.Steps = append(slices.Clone(c.Steps), StepUp{at, c.Level, to, why, by, c.Round})
	c.Level, c.Owner, c.Sorted, c.Noted = to, "", time.Time{}, time.Time{}
}

// arrived is when the complaint came to the level where it is.
func (c Case) arrived() time.Time {
	at, _ := c.since()
	if n := len(c.Steps); n > 0 {
		return latest(at, c.Steps[n-1].At)
	}
	return at
}

// Note records that somebody wrote something down. New facts have the clocks begin anew where the regime says so; it reports whether
// they did.
func (c *Case) Note(at time.Time, facts bool, regime *Regime) (restarted bool, err error) {
	if err := c.open("added to"); err != nil {
		return false, err
	}
	if !c.Sorted.IsZero() {
		c.Noted = latest(at, c.Noted) // told of late, it moves nothing back
	}
	return c.facts(at, facts, regime), nil
}

func (c *Case) facts(at time.Time, facts bool, regime *Regime) bool {
	if !facts || regime.NewFacts != FactsRestart || at.Before(c.Received) { // told of late, they move nothing back
		return false
	}
	c.Restarts = append(slices.Clone(c.Restarts), at)
	if c.Acknowledged.IsZero() {
		c.Quiet = len(c.Restarts)
	}
	c.begin(at, regime)
	return true
}

// Takes refuses what cannot be this complaint raised once more, whatever its id says: one about another loan would be lost in it.
func (c Case) Takes(r Raising) error {
	switch {
	case r.Loan == c.Loan:
		return nil
	case c.Loan == "":
		return refuse("complaint", "%s is about the borrower, and no loan; give this one an id of its own", r.ID)
	}
	return refuse("complaint", "%s is about loan %s; give this one an id of its own", r.ID, c.Loan)
}

// Merge takes the same complaint, raised once more. It loosens nothing: a kind that is treated more carefully is kept, and so is that it
// is about a payment. facts are new facts that came with it.
func (c *Case) Merge(r Raising, facts bool, regime *Regime) (restarted bool) {
	c.Again++
	if r.Kind.Tightens(c.Kind) { // whether it is one that stops nothing somebody decides
		c.Kind = r.Kind
		c.belongs(r.At, r.Kind.Enters(), "kind")
	}
	if r.Payment {
		c.pays(r.At, regime)
	}
	for _, agent := range r.About {
		if !slices.Contains(c.About, agent) {
			c.About = append(slices.Clone(c.About), agent)
		}
	}
	if slices.Contains(c.About, c.Owner) {
		c.Owner, c.Sorted, c.Noted = "", time.Time{}, time.Time{}
	}
	passed := !slices.ContainsFunc(c.Clocks, func(d Deadline) bool { return d.ID == ReferralDeadline }) // what they set before counts no more
	if r.Origin == FromRegulator && (!c.Referred || !r.Due.IsZero() || passed) {
		c.Referred = true
		c.refer(regime.ReferralDue(r.At, r.Due, c.home()))
		c.belongs(r.At, regime.Referral.Level, "referral")
	}
	return c.facts(r.At, facts, regime)
}

// belongs moves the complaint to a level on which it belongs, if that is above the one where it is.
func (c *Case) belongs(at time.Time, level Level, why string) {
	switch {
	case !level.Above(c.Level):
	case c.Acknowledged.IsZero(): // nobody was told yet who has it
		c.Level, c.Owner, c.Sorted, c.Noted = level, "", time.Time{}, time.Time{}
	default:
		c.stepUp(at, "tender", level, why)
	}
}

// pays has the clocks of complaints about a payment service count, as if that had been known from the beginning. None ends later than it
// did before. One that has passed by the time that this is known takes the place of none: nobody was told of it, and what they were told
// still counts.
func (c *Case) pays(at time.Time, regime *Regime) {
	if c.Payment {
		return
	}
	c.Payment = true
	clocks := regime.Clocks(c.Received, c.home(), true)
	is := func(id string) func(Deadline) bool { return func(d Deadline) bool { return d.ID == id } }
	all := slices.DeleteFunc(slices.Clone(c.Clocks), func(d Deadline) bool {
		return d.ID != ReferralDeadline && !slices.ContainsFunc(clocks, is(d.ID)) && slices.ContainsFunc(clocks, func(instead Deadline) bool {
			return instead.Level == d.Level && instead.Final == d.Final && !instead.At.After(d.At) && instead.At.After(at)
		})
	})
	for _, d := range clocks {
		if !slices.ContainsFunc(c.Clocks, is(d.ID)) {
			d.Set = at
			all = append(all, d)
		}
	}
	c.Clocks = all
}

// refer has the date of an external body count, in place of an earlier one.
func (c *Case) refer(d Deadline) {
	others := slices.DeleteFunc(slices.Clone(c.Clocks), func(other Deadline) bool { return other.ID == ReferralDeadline })
	c.Clocks = append(others, d)
}

// Same reports whether something that is raised is this very complaint: of the same borrower about the same loan, and of the same kind,
// while nobody has answered. One that nobody has sorted is the same as any that stops collection, as it does itself. A reply names no loan: it
// is about the only one that there is.
func (c Case) Same(r Raising) bool {
	alike := c.Kind == r.Kind || c.Kind == Unsorted && r.Kind.Holds() || r.Kind == Unsorted && c.Kind.Holds()
	about := c.Loan == r.Loan || r.Loan == "" && r.Origin == FromReply && !slices.ContainsFunc(r.Loans, func(id string) bool { return id != c.Loan })
	return c.ID == r.ID || c.State().Open() && c.Borrower == r.Borrower && about && alike
}

// Escalate moves the complaint up. Nobody is passed over who has not heard yet: it is acknowledged first.
func (c *Case) Escalate(at time.Time, by string, to Level, why, owner string, regime *Regime) error {
	if err := c.open("escalated"); err != nil {
		return err
	}
	if to == "" {
		if to = c.Level.Next(); to == External || c.Level == External {
			return refuse("to", "is missing; complaint %s is at the lender's last level, and only the borrower can take it to an external body: say external when they did", c.ID)
		}
	}
	switch {
	case !to.Above(c.Level):
		return refuse("to", "%s is not above %s, where complaint %s is; a complaint never goes down", to, c.Level, c.ID)
	case c.Acknowledged.IsZero():
		return refuse("complaint", "%s was not acknowledged yet; acknowledge it first", c.ID)
	}
	refers, was := c.Acknowledged, "acknowledged"
	if arrived := c.arrived(); arrived.After(refers) {
		refers, was = arrived, "at the level "+string(c.Level)
	}
	at, err := c.on(at, refers, was)
	if err != nil {
		return err
	}
	if owner != "" {
		if err := c.may("agent", owner, to, regime); err != nil {
			return err
		}
	}
	c.stepUp(at, by, to, why)
	if owner != "" {
		c.take(owner, at)
	}
	if to == External && regime.Referral.Within > 0 && !slices.ContainsFunc(c.Clocks, func(d Deadline) bool { return d.ID == ReferralDeadline }) {
		c.refer(regime.ReferralDue(at, bizclock.Date{}, c.home()))
	}
	return nil
}

// Extend gives a clock more time.
func (c *Case) Extend(at time.Time, by, because, approvedBy string, regime *Regime) (Extended, error) {
	if err := c.open("given more time"); err != nil {
		return Extended{}, err
	}
	at, err := c.on(at, c.Received, "received, or begun anew")
	if err != nil {
		return Extended{}, err
	}
	var codes []string
	for _, e := range regime.Extensions {
		n := slices.IndexFunc(c.Clocks, func(d Deadline) bool { return d.ID == e.Deadline })
		if n < 0 {
			continue
		}
		if e.Because != because {
			codes = append(codes, e.Because)
			continue
		}
		d := c.Clocks[n]
		longer := regime.Extend(d, e, c.home())
		switch {
		case !longer.At.After(d.At):
			return Extended{}, refuse("because", "complaint %s has until %s already", c.ID, d.Due)
		case !at.Before(d.At):
			return Extended{}, refuse("complaint", "%s was due on %s, and what has passed cannot be extended", c.ID, d.Due)
		case e.Approval != "" && approvedBy == "":
			return Extended{}, refuse("approved_by", "is missing; %s of regime %s needs the approval of %s", because, regime.Name, e.Approval)
		case e.Approval != "" && approvedBy == by:
			return Extended{}, refuse("approved_by", "is %s, who asks for it; somebody else of %s has to approve", by, e.Approval)
		case e.Approval != "":
			if err := c.approves(approvedBy, e.Approval); err != nil {
				return Extended{}, err
			}
		}
		c.Clocks = slices.Clone(c.Clocks)
		c.Clocks[n] = longer
		c.shift(at, longer.Due.Sub(d.Due), regime)
		given := Extended{At: at, Deadline: d.ID, Because: because, Due: longer.Due, By: by, ApprovedBy: approvedBy, Notice: e.Notice}
		c.Extensions = append(slices.Clone(c.Extensions), given)
		return given, nil
	}
	if len(codes) == 0 {
		return Extended{}, refuse("because", "regime %s gives complaint %s no more time", regime.Name, c.ID)
	}
	return Extended{}, refuse("because", "%q gives no more time under regime %s; use one of %s", because, regime.Name, join(codes))
}

// approves refuses somebody who cannot approve as a role: whom the complaint is about, who has it, and who had it on a lower level. They would
// approve of their own delay.
func (c Case) approves(who string, role Level) error {
	switch {
	case slices.Contains(c.About, who):
		return refuse("approved_by", "%s is whom complaint %s is about; somebody else of %s has to approve", who, c.ID, role)
	case who == c.Owner:
		return refuse("approved_by", "%s has complaint %s; somebody else of %s has to approve", who, c.ID, role)
	}
	for _, h := range c.Handlers {
		if h.Who == who && role.Above(h.Level.Role()) {
			return refuse("approved_by", "%s had complaint %s as %s on %s; somebody of %s who did not has to approve", who, c.ID, h.Level, stamp(h.At), role)
		}
	}
	return nil
}

// shift gives the ladder's own clocks as many days more as the final one was given: who may take longer is not overtaken by their own
// house. What has passed, and what an external body set, stays.
func (c *Case) shift(at time.Time, days int, regime *Regime) {
	for n, d := range c.Clocks {
		if !d.Final && d.At.After(at) && regime.own(d.ID) {
			d.Due = d.Due.AddDays(days)
			d.At = d.Due.AddDays(1).In(regime.Zone(c.home())).UTC()
			c.Clocks[n] = d
		}
	}
}

func join(words []string) string {
	text := ""
	for n, w := range words {
		if n > 0 {
			text += ", "
		}
		text += w
	}
	return text
}

// Resolve records the lender's answer: the first one counts. Who answers has the complaint from then on.
func (c *Case) Resolve(a Answer, regime *Regime) error {
	if err := c.open("answered anew"); err != nil {
		return err
	}
	if err := c.may("by", a.By, c.Level, regime); err != nil {
		return err
	}
	at, err := c.after(a.At)
	if err != nil {
		return err
	}
	a.At = at
	c.take(a.By, a.At)
	a.Level, a.Late, a.Round = c.Level, c.Late(a.At), c.Round
	c.Answer = &a
	return nil
}

// Late reports whether an answer at an instant comes after a final deadline, also after one that had passed when the clocks began anew.
func (c Case) Late(at time.Time) bool {
	if slices.ContainsFunc(c.Missed, func(m Missed) bool { return m.Round >= c.opened() }) {
		return true
	}
	return slices.ContainsFunc(c.Clocks, func(d Deadline) bool { return d.Final && !at.Before(d.At) })
}

// Withdraw records that the borrower takes the complaint back. It is closed at once.
func (c *Case) Withdraw(at time.Time, by string) error {
	if !c.Closed.IsZero() {
		return refuse("complaint", "%s was closed on %s (%s) already", c.ID, stamp(c.Closed), c.How)
	}
	at, err := c.after(at)
	if err != nil {
		return err
	}
	c.closing(at, TakenBack)
	if c.Answer != nil {
		c.Earlier = append(slices.Clone(c.Earlier), *c.Answer)
	}
	c.Answer = &Answer{At: at, By: by, Level: c.Level, Outcome: Withdrawn, Round: c.Round}
	return nil
}

func (c *Case) closing(at time.Time, how Closing) { c.Closed, c.How = at, how }

// Close ends a complaint that was answered. Outside of Tender one may be answered and closed in one.
func (c *Case) Close(at time.Time, by string, how Closing, outcome Outcome) error {
	switch {
	case !c.Closed.IsZero():
		return refuse("complaint", "%s was closed on %s (%s) already", c.ID, stamp(c.Closed), c.How)
	case c.Answer == nil && how != Elsewhere:
		return refuse("complaint", "%s was not answered yet; nothing closes it before", c.ID)
	}
	refers, was := c.since()
	if how != Elsewhere { // the borrower is content with the answer, or does not object to it
		refers, was = c.Answer.At, "answered"
	}
	at, err := c.on(at, refers, was)
	if err != nil {
		return err
	}
	if c.Answer == nil {
		c.Answer = &Answer{At: at, By: by, Level: c.Level, Outcome: outcome, Late: c.Late(at), Round: c.Round, Elsewhere: true}
	}
	c.closing(at, how)
	return nil
}

// Reopen opens a complaint again that the answer did not settle: one level up, with clocks that begin anew. One that the borrower took
// back goes on where it was.
func (c *Case) Reopen(at time.Time, by, why string, regime *Regime) error {
	if c.Answer == nil {
		return refuse("complaint", "%s is open; nobody has answered it yet", c.ID)
	}
	withdrawn := c.How == TakenBack
	refers, was := c.Answer.At, "answered"
	if !c.Closed.IsZero() && c.How != Unopposed { // who objects in time may be heard after it was closed
		refers, was = latest(c.Answer.At, c.Closed), "closed"
	}
	at, err := c.on(at, refers, was)
	if err != nil {
		return err
	}
	answered := *c.Answer
	c.begin(at, regime)
	c.Earlier = append(slices.Clone(c.Earlier), answered)
	c.Answer, c.Closed, c.How, c.Satisfied = nil, time.Time{}, "", 0
	c.Reopened++
	if withdrawn || !Compliance.Above(c.Level) {
		c.Owner, c.Sorted, c.Noted = "", time.Time{}, time.Time{}
		return nil
	}
	if c.Acknowledged.IsZero() { // the answer never reached the borrower: nobody was told who had it
		c.belongs(at, c.Level.Next(), why)
		return nil
	}
	c.stepUp(at, by, c.Level.Next(), why)
	return nil
}

// Of returns the regime by which a complaint's clocks were set, or, where there is none of that name any more, the jurisdiction's.
func (l *Library) Of(c Case, jurisdiction string) *Regime {
	if r, there := l.Regime(c.Regime); there {
		return r
	}
	return l.For(jurisdiction)
}
