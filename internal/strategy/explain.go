package strategy

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/loan"
)

// Built-in rules of compliance that mean more here than "not now".
const (
	// HoldRule stands for the holds on a borrower, HaltRule for an operator's halts.
	HoldRule  = "tender/hold"
	HaltRule  = "tender/halt"
	pointRule = "tender/contact-point"
)

// Reasons for which a step is not done, or not yet.
const (
	ReasonHold          = "hold"
	ReasonHalted        = "halted"
	ReasonNeedsApproval = "needs_approval"
	ReasonNoChannel     = "no_channel"
	ReasonTaskOpen      = "task_open"
	ReasonLapsed        = "lapsed"
	ReasonGivenUp       = "given_up"
	ReasonStaleLedger   = "stale_ledger"
	ReasonSettled       = "settled"
	ReasonNoticeKept    = "notice_kept"
	ReasonWriteOff      = "awaiting_write_off"
	ReasonCall          = "arrears_call"
	ReasonReferral      = "referral"
	ReasonRecall        = "recall"
	ReasonRefused       = "refused"
	// These are reasons of tasks that no step asks for.
	ReasonReply     = "reply"
	ReasonComplaint = "complaint"
	ReasonFraud     = "fraud"
	ReasonSurvey    = "survey"
)

// Outcome is what became of a step that was considered.
type Outcome string

// The outcomes.
const (
	// Chosen is the next step.
	Chosen Outcome = "chosen"
	// Later is planned after the chosen one.
	Later Outcome = "later"
	// Dropped will not be done as things stand.
	Dropped Outcome = "dropped"
)

// Considered is a step that a decision weighed.
type Considered struct {
	Key     string    `json:"key"`
	Outcome Outcome   `json:"outcome"`
	Reason  string    `json:"reason"`
	Planned time.Time `json:"planned,omitzero"`
	// At is when it may be done; zero when dropped.
	At      time.Time       `json:"at,omitzero"`
	Channel contact.Channel `json:"channel,omitempty"`
	// Rule put it off or forbade it; Findings are what the rules said.
	Rule     string               `json:"rule,omitempty"`
	Findings []compliance.Finding `json:"findings,omitempty"`

	step  journey.Step
	stale bool
}

// Explanation is why a decision is as it is. Postgres keeps it; the decision carries its hash.
type Explanation struct {
	Loan      string        `json:"loan"`
	Seq       int64         `json:"seq"`
	Number    int64         `json:"number"`
	At        time.Time     `json:"at"`
	TimeZone  string        `json:"time_zone"`
	Strategy  string        `json:"strategy"`
	Rulebooks []string      `json:"rulebooks"`
	Stage     journey.Stage `json:"stage"`
	Bucket    string        `json:"bucket"`
	// Segment is the part of the strategy that the loan is accompanied by, Risk how likely it is to go wrong.
	Segment string `json:"segment,omitempty"`
	Risk    *Risk  `json:"risk,omitempty"`
	// Standing of the money on AsOf, in Currency.
	AsOf         bizclock.Date `json:"as_of"`
	Currency     string        `json:"currency"`
	PastDueSince bizclock.Date `json:"past_due_since,omitzero"`
	PastDueDays  int           `json:"past_due_days"`
	PastDue      string        `json:"past_due"`
	Outstanding  string        `json:"outstanding"`
	Watermark    bizclock.Date `json:"watermark,omitzero"`
	// Promises and Plans are what became of them up to AsOf, in the order in which they were made.
	Promises []PromiseFound `json:"promises,omitempty"`
	Plans    []PlanFound    `json:"plans,omitempty"`
	Step     journey.Step   `json:"step"`
	// Tasks are those that wait for a person.
	Tasks      []TaskFound  `json:"tasks,omitempty"`
	Considered []Considered `json:"considered"`
}

// PromiseFound is what became of a promise. Amounts are written with the currency's minor units.
type PromiseFound struct {
	ID    string            `json:"id"`
	State loan.PromiseState `json:"state"`
	// Promised is the whole of it, and Received what came for it in time.
	Promised string `json:"promised"`
	Received string `json:"received"`
	// NextAmount is what is to come next, by NextBy; none once it is no longer open.
	NextBy     bizclock.Date `json:"next_by,omitzero"`
	NextAmount string        `json:"next_amount,omitempty"`
}

// PlanFound is where a plan stands. Amounts are written with the currency's minor units.
type PlanFound struct {
	ID    string         `json:"id"`
	Title string         `json:"title"`
	State hardship.State `json:"state"`
	// Expires is the last day on which an offer that is open can be accepted.
	Expires bizclock.Date `json:"expires,omitzero"`
	// NextAmount falls due on NextDue, and Behind is what should have come by now and did not; only while the plan is active.
	NextDue    bizclock.Date `json:"next_due,omitzero"`
	NextAmount string        `json:"next_amount,omitempty"`
	Behind     string        `json:"behind,omitempty"`
}

// promisesFound says what became of the promises.
func (t *thoughts) promisesFound() (all []PromiseFound) {
	money := func(amount decimal.Decimal) string { return loan.Write(amount, t.Journey.Contract.Currency) }
	for _, p := range t.promises {
		found := PromiseFound{ID: p.Promise.ID, State: p.State, Promised: money(p.Promise.Total()), Received: money(p.Received)}
		if p.State == loan.PromiseOpen {
			found.NextBy, found.NextAmount = p.Next.By, money(p.Next.Amount)
		}
		all = append(all, found)
	}
	return all
}

// plansFound says where the plans stand that were offered.
func (t *thoughts) plansFound() (all []PlanFound) {
	for _, p := range t.Journey.Plans {
		progress := hardship.Track(t.agreed(p), t.Journey.Transactions, t.today)
		found := PlanFound{ID: p.ID, Title: p.Offer.Title, State: progress.State}
		switch progress.State {
		case hardship.Offered:
			found.Expires = p.Offer.Expires
		case hardship.Active:
			if progress.Behind.IsPos() {
				found.Behind = loan.Write(progress.Behind, p.Offer.Currency)
			}
			if !progress.NextDue.IsZero() {
				found.NextDue, found.NextAmount = progress.NextDue, loan.Write(progress.NextAmount, p.Offer.Currency)
			}
		}
		all = append(all, found)
	}
	return all
}

func (t *thoughts) explain(d journey.Decision, considered []Considered) Explanation {
	currency := t.Journey.Contract.Currency
	e := Explanation{
		Loan: t.Journey.Loan, Seq: d.Seq, Number: d.Number, At: d.At, TimeZone: t.home.String(),
		Strategy: t.Strategy.Name + "@" + t.Strategy.Version, Rulebooks: t.Rules.Names(), Stage: d.Stage, Bucket: d.Bucket,
		AsOf: t.today, Currency: currency, PastDueSince: t.status.PastDueSince, PastDueDays: t.status.PastDueDays,
		PastDue: loan.Write(t.status.PastDue, currency), Outstanding: loan.Write(t.status.Outstanding, currency),
		Watermark: t.Watermark, Promises: t.promisesFound(), Plans: t.plansFound(), Step: d.Step, Tasks: t.tasksFound(), Considered: considered,
	}
	if t.begun && len(t.whole.Segments) > 0 {
		e.Segment = t.group
	}
	if t.risk.Band != "" {
		e.Risk = &t.risk
	}
	return e
}

// hash identifies the explanation by its content.
func (e Explanation) hash() string {
	text, err := json.Marshal(e)
	if err != nil {
		return "" // cannot happen: every field has a form in JSON
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// HeldBack is something that a rule, hold or wish kept from happening, or from happening at its planned time.
type HeldBack struct {
	StepKey string `json:"step_key"`
	Rule    string `json:"rule"`
	// Version is that of the rule's rulebook; empty for what is no rule.
	Version string             `json:"version"`
	Verdict compliance.Verdict `json:"verdict"`
	Why     string             `json:"why"`
	// Used of Most contacts were used up, for rules that count.
	Used  int        `json:"used"`
	Most  int        `json:"most"`
	Until *time.Time `json:"until"`
}

// HeldBack lists what was held back of the steps that would have been due.
func (e Explanation) HeldBack() []HeldBack {
	all := []HeldBack{}
	for _, c := range e.Considered {
		findings := c.Findings
		if c.Outcome == Dropped {
			// What will not happen at all is not also put off by whatever else stood in its way.
			findings = findings[:min(1, len(findings))]
		}
		for n, f := range findings {
			if n > 0 && f.Why == findings[n-1].Why {
				continue // two rules that say the same: the first is enough
			}
			held := HeldBack{StepKey: c.Key, Rule: f.Rule, Version: f.Version, Verdict: f.Verdict, Why: f.Why, Used: f.Count, Most: f.Max}
			if !f.Until.IsZero() {
				held.Until = &f.Until
			}
			all = append(all, held)
		}
		if len(c.Findings) == 0 && (c.Outcome == Dropped && c.Reason == ReasonNoChannel || c.Reason == ReasonStaleLedger) {
			rule := c.Rule
			if rule == "" {
				rule = "tender/" + strings.ReplaceAll(c.Reason, "_", "-")
			}
			all = append(all, HeldBack{StepKey: c.Key, Rule: rule, Verdict: compliance.Deny, Why: sentences[c.Reason]})
		}
	}
	return all
}

// sentences say what the codes of reasons mean.
var sentences = map[string]string{
	"welcome":           "the loan was disbursed",
	ReasonPreapproval:   "an application was pre-approved: a person calls the applicant back, and the lending system hears what came of it",
	"verified":          "the applicant was called back, and verified",
	"unreachable":       "the applicant could not be reached while the approval held",
	"declined":          "the applicant does not want the loan",
	"suspected_fraud":   "the application may be a fraud",
	"withdrawn":         "it was withdrawn",
	"open":              "the loan was disbursed before the applicant was called back",
	"follow_up":         "to ask how things are going",
	"reminder":          "a payment falls due",
	"arrears":           "a payment is overdue",
	"charge_off":        "the lending system must hear that a charge-off is due",
	"stop_confirmed":    "the borrower asked us to stop, and is told that we did",
	"late_fee":          "the lending system must hear of a late fee, or that it is charged no more",
	"arrears_call":      "a payment is overdue, and a person calls",
	"referral":          "the lending system must hear that the loan is to be given to somebody else",
	"recall":            "the lending system must hear that the loan is to be taken back",
	"refused":           "a supervisor did not approve of it",
	"back_on_track":     "what was overdue has been paid",
	"estate":            "the borrower has died; a person finds who settles the estate",
	ReasonComplaint:     "the borrower complained; a person listens, and answers",
	ReasonFraud:         "the borrower says that they never took the loan; a person looks into it",
	reasonHeard:         "the borrower hears how far their complaint is, or what came of it",
	ReasonInWriting:     "the answer to a complaint went out without its reasons; a person sends them in writing",
	reasonAsked:         "to ask whether the complaint was handled well",
	ReasonDue:           "the lender must hear that the time for a complaint runs out",
	ReasonRedress:       "the lending system must hear how a complaint is put right",
	reasonClimbs:        "the time on this level is over: the complaint moves up",
	reasonUnheard:       "nobody has offered help to a borrower who told of hardship: a complaint is opened in their stead",
	reasonUnopposed:     "nobody objected to the answer in time: the complaint is closed",
	"registered":        "the complaint is registered; the borrower is told that it was received",
	"acknowledged":      "the borrower knows that it was received; nobody has taken it up yet",
	"triaged":           "somebody has taken the complaint up",
	"investigating":     "somebody looks into the complaint",
	"escalated":         "the complaint moved up; nobody there has taken it up yet",
	"answered":          "the complaint is answered; the borrower may object",
	"confirmed":         "the borrower says that the complaint is settled",
	"unopposed":         "the answer to the complaint was not objected to",
	"elsewhere":         "the complaint was handled elsewhere",
	"hardship":          "the borrower told of hardship; a person offers help",
	ReasonReply:         "a person reads what the borrower wrote",
	"answer":            "the borrower asked something",
	ReasonSurvey:        "to ask how we are doing",
	"question":          "the borrower asked the same again; a person answers",
	"promise_noted":     "the borrower is told what was understood of a promise",
	"promise_missed":    "a promise was not kept; we ask how we can help",
	"plan_offer":        "a plan is offered that would make it easier to pay",
	"plan_confirmed":    "the plan that was accepted is confirmed in writing",
	"plan_missed":       "a payment of the plan has not come",
	"plan_broken":       "the plan has ended before it was completed",
	"plan_accepted":     "the lending system must hear that a plan was accepted",
	"survey_incentive":  "the lending system must hear that a survey was answered, to credit what that brings",
	"plan_completed":    "the lending system must hear that a plan was completed",
	ReasonNoPlan:        "that plan cannot be had, as things stand; tender hardship offers says why",
	"nothing_due":       "there is nothing to do before the next event",
	"not_disbursed":     "the loan is not disbursed yet",
	"charged_off":       "the loan is charged off; it stays open for payments",
	"cancelled":         "the loan was cancelled",
	ReasonHold:          "a hold stops contact",
	ReasonHalted:        "an operator has halted contacts",
	ReasonNeedsApproval: "a rule advises against it; a person has to approve of it",
	ReasonNoChannel:     "no channel is permitted",
	ReasonTaskOpen:      "a person has it",
	ReasonLapsed:        "its time has passed",
	ReasonGivenUp:       "it failed too often",
	ReasonStaleLedger:   "the lending system's postings are not known to be complete through the due date and the last notice",
	ReasonSettled:       "everything is paid",
	ReasonNoticeKept:    "that a charge-off is due is kept for the lending system to fetch; its write-off is awaited",
	ReasonWriteOff:      "the lending system was told; its write-off is awaited",
}

// Sentence returns what a reason's code means, in words.
func Sentence(reason string) string {
	if s, ok := sentences[reason]; ok {
		return s
	}
	return strings.ReplaceAll(reason, "_", " ")
}

// details is what the Temporal Web UI shows of a decision, in Markdown.
func (t *thoughts) details(d journey.Decision) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n", strings.ReplaceAll(string(d.Stage), "_", " "))
	if since := t.status.PastDueSince; !since.IsZero() && !t.settled {
		fmt.Fprintf(&b, "%s %s past due since %s (bucket %s)\n", loan.Write(t.status.PastDue, t.Journey.Contract.Currency),
			t.Journey.Contract.Currency, since, d.Bucket)
	}
	b.WriteString(t.complaintDetails())
	for _, p := range t.plansFound() {
		switch {
		case p.State == hardship.Offered:
			fmt.Fprintf(&b, "\n**Plan offered:** `%s`, until %s\n", p.ID, p.Expires)
		case p.State == hardship.Active && !p.NextDue.IsZero():
			fmt.Fprintf(&b, "\n**Plan:** `%s`, next %s %s on %s\n", p.ID, p.NextAmount, t.Journey.Contract.Currency, p.NextDue)
		}
	}
	fmt.Fprintf(&b, "\n**Next:** %s", t.sentence(d.Step))
	if d.Step.Rule != "" {
		fmt.Fprintf(&b, "\n\n**Moved by:** `%s`", d.Step.Rule)
	}
	if n := len(t.Journey.Done); n > 0 {
		last := t.Journey.Done[n-1]
		fmt.Fprintf(&b, "\n\n**Last:** `%s` %s, %s", last.Key, last.Result, last.At.In(t.home).Format("Mon 2 Jan 2006 15:04"))
	}
	fmt.Fprintf(&b, "\n\nDecision %d on event %d; strategy %s@%s; rules %s",
		d.Seq, d.Number, t.Strategy.Name, t.Strategy.Version, strings.Join(t.Rules.Names(), ", "))
	return b.String()
}

func (t *thoughts) sentence(s journey.Step) string {
	why := Sentence(s.Reason)
	if s.Kind == journey.Wait || s.Key == "" {
		if s.At.IsZero() {
			return why
		}
		return fmt.Sprintf("%s; look again %s", why, s.At.In(t.home).Format("Mon 2 Jan 2006 15:04 MST"))
	}
	text := fmt.Sprintf("`%s`", s.Key)
	if s.Channel != "" {
		text += " by " + string(s.Channel)
	}
	return fmt.Sprintf("%s on %s: %s", text, s.At.In(t.home).Format("Mon 2 Jan 2006 15:04 MST"), why)
}
