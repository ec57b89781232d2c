package event

import (
	"slices"

	"github.com/tender-engine/tender/internal/closed"
)

// Type is a type of event.
type Type string

// The types of event that come from outside.
const (
	LoanDisbursed          Type = "loan.disbursed"
	LoanRescheduled        Type = "loan.rescheduled"
	LoanCancelled          Type = "loan.cancelled"
	LoanSettled            Type = "loan.settled"
	LoanWrittenOff         Type = "loan.written_off"
	LoanScored             Type = "loan.scored"
	StrategyAssigned       Type = "strategy.assigned"
	PaymentPosted          Type = "payment.posted"
	PaymentReversed        Type = "payment.reversed"
	PaymentRefunded        Type = "payment.refunded"
	FeeCharged             Type = "fee.charged"
	FeeWaived              Type = "fee.waived"
	RecoveryPosted         Type = "recovery.posted"
	LedgerWatermark        Type = "ledger.watermark"
	BorrowerUpdated        Type = "borrower.updated"
	BorrowerReplied        Type = "borrower.replied"
	BorrowerDied           Type = "borrower.died"
	SurveyAnswered         Type = "survey.answered"
	ConsentGranted         Type = "consent.granted"
	ConsentRevoked         Type = "consent.revoked"
	HoldPlaced             Type = "hold.placed"
	HoldReleased           Type = "hold.released"
	ContactsHalted         Type = "contacts.halted"
	ContactsResumed        Type = "contacts.resumed"
	ApprovalGranted        Type = "approval.granted"
	ApprovalRefused        Type = "approval.refused"
	DisputeRaised          Type = "dispute.raised"
	DisputeResolved        Type = "dispute.resolved"
	PromiseMade            Type = "promise.made"
	PromiseWithdrawn       Type = "promise.withdrawn"
	HardshipReported       Type = "hardship.reported"
	HardshipRefused        Type = "hardship.refused"
	PlanOffered            Type = "plan.offered"
	PlanAccepted           Type = "plan.accepted"
	PlanDeclined           Type = "plan.declined"
	ContactRecorded        Type = "contact.recorded"
	CallCompleted          Type = "call.completed"
	TaskExpired            Type = "task.expired"
	MessageDelivered       Type = "message.delivered"
	MessageFailed          Type = "message.failed"
	ComplaintRaised        Type = "complaint.raised"
	ComplaintAcknowledged  Type = "complaint.acknowledged"
	ComplaintAssigned      Type = "complaint.assigned"
	ComplaintNoted         Type = "complaint.noted"
	ComplaintExtended      Type = "complaint.extended"
	ComplaintEscalated     Type = "complaint.escalated"
	ComplaintResolved      Type = "complaint.resolved"
	ComplaintWithdrawn     Type = "complaint.withdrawn"
	ComplaintReopened      Type = "complaint.reopened"
	ComplaintClosed        Type = "complaint.closed"
	ApplicationPreapproved Type = "application.preapproved"
	ApplicationWithdrawn   Type = "application.withdrawn"
)

// The types of event with which a journey records what came of its own steps. They never come from outside.
const (
	// StepPerformed says that a step was done, or was rightly not done; its data is a journey.Outcome.
	StepPerformed Type = "step.performed"
	// StepFailed says that a step could not be done; its data is a journey.Outcome too.
	StepFailed Type = "step.failed"
	// LookAgain says nothing of a loan: whatever wakes a journey has it decide anew. It has no number, for no journey keeps it.
	LookAgain Type = "look.again"
)

// Subject is what an event is about.
type Subject string

// The subjects. An event with subject NoSubject is about its whole source.
const (
	LoanSubject        Subject = "loan"
	BorrowerSubject    Subject = "borrower"
	ApplicationSubject Subject = "application"
	ComplaintSubject   Subject = "complaint"
	// RegionSubject is every borrower in a jurisdiction.
	RegionSubject Subject = "region"
	NoSubject     Subject = ""
)

// kind describes a type of event.
type kind struct {
	name Type
	// summary is one sentence for the documentation.
	summary string
	// subjects it may have.
	subjects []Subject
	// journey is set when journeys are told of it. What is not told stays in Postgres.
	journey bool
	// payload returns a new, empty payload to decode into.
	payload func() Payload
}

var kinds = []kind{
	{LoanDisbursed, "A loan was paid out; its journey begins.", loans, true, of[Disbursement]},
	{LoanRescheduled, "The lending system replaced the schedule.", loans, true, of[Rescheduling]},
	{LoanCancelled, "The loan was undone, as if it had never been.", loans, true, of[Ending]},
	{LoanSettled, "The lending system regards the loan as settled.", loans, true, of[Ending]},
	{LoanWrittenOff, "The lending system charged the loan off; the debt remains.", loans, true, of[Ending]},
	{LoanScored, "The lender's own word on how likely the loan is to go wrong.", loans, true, of[Score]},
	{StrategyAssigned, "The loan is accompanied by another strategy from here on, or by another version of its own.", loans, true, of[Assignment]},
	{PaymentPosted, "A payment was posted.", loans, true, of[Payment]},
	{PaymentReversed, "A payment was taken back, as by a chargeback.", loans, true, of[Reversal]},
	{PaymentRefunded, "Money was paid back to the borrower.", loans, true, of[Posting]},
	{FeeCharged, "A fee was charged.", loans, true, of[Posting]},
	{FeeWaived, "A fee or interest was waived.", loans, true, of[Waiver]},
	{RecoveryPosted, "Money came in after the loan was written off.", loans, true, of[Payment]},
	{LedgerWatermark, "All postings of this source through a date are known to have been sent.", []Subject{NoSubject}, false, of[Watermark]},
	{BorrowerUpdated, "The borrower's particulars, replaced where given.", borrowers, true, of[Borrower]},
	{BorrowerReplied, "The borrower wrote to us.", anyone, true, of[Reply]},
	{SurveyAnswered, "The borrower answered the question of a survey.", asked, true, of[SurveyAnswer]},
	{BorrowerDied, "The borrower has died; every contact stops.", borrowers, true, of[Death]},
	{ConsentGranted, "The borrower allows contact on a channel or contact point.", borrowers, true, of[Consent]},
	{ConsentRevoked, "The borrower forbids contact on a channel or contact point, or on all.", borrowers, true, of[Revocation]},
	{HoldPlaced, "A hold begins.", everyone, true, of[HoldPlacement]},
	{HoldReleased, "A hold ends.", everyone, true, of[HoldRelease]},
	{ContactsHalted, "An operator stops contacts, from the next one on: all, or those that every filter fits.", []Subject{NoSubject}, false, of[Halt]},
	{ContactsResumed, "An operator lifts a halt.", []Subject{NoSubject}, false, of[Resumption]},
	{ApprovalGranted, "A person approves of a step although a rule advises against it.", loans, true, of[Approval]},
	{ApprovalRefused, "A person does not approve of such a step.", loans, true, of[ApprovalRefusal]},
	{DisputeRaised, "The borrower disputes the debt or a part of it; collection stops.", loans, true, of[Dispute]},
	{DisputeResolved, "A dispute was answered.", loans, true, of[DisputeResolution]},
	{PromiseMade, "The borrower promised to pay an amount by a date.", loans, true, of[Promise]},
	{PromiseWithdrawn, "A promise is none: it was misunderstood, or the borrower takes it back.", loans, true, of[PromiseWithdrawal]},
	{HardshipReported, "The borrower told of trouble with paying.", anyone, true, of[Hardship]},
	{HardshipRefused, "The lender refused the help that a borrower asked for, and told the borrower; some laws then ask for rest.", anyone, true, of[HardshipRefusal]},
	{PlanOffered, "A person offers a plan; Tender works out its terms and puts it in writing.", loans, true, of[PlanOffer]},
	{PlanAccepted, "The borrower accepted a plan, or takes a broken one up again.", loans, true, of[PlanAnswer]},
	{PlanDeclined, "The borrower declined a plan.", loans, true, of[PlanAnswer]},
	{ContactRecorded, "A contact was made elsewhere, by branch, dialer or agency; it counts.", anyone, true, of[Contact]},
	{CallCompleted, "A person did a task, or called in vain; with all that the borrower said in the call.", called, true, of[Call]},
	{TaskExpired, "Nobody did a task in time. Tender sends it itself.", accompanied, true, of[Expiry]},
	{MessageDelivered, "A provider says that a message arrived.", anyone, false, of[Receipt]},
	{MessageFailed, "A provider says that a message did not arrive.", anyone, true, of[Receipt]},
	{ComplaintRaised, "The borrower complained; a workflow accompanies the complaint until it is settled.", anyone, true, of[Complaint]},
	{ComplaintAcknowledged, "A person told the borrower that their complaint was received.", complaints, true, of[Acknowledgement]},
	{ComplaintAssigned, "Somebody takes a complaint up, or has sorted it.", complaints, true, of[ComplaintAssignment]},
	{ComplaintNoted, "Something was found out about a complaint, or said or done.", complaints, true, of[ComplaintNote]},
	{ComplaintExtended, "A complaint is given more time, as its regime allows.", complaints, true, of[ComplaintExtension]},
	{ComplaintEscalated, "A complaint moves up the ladder: because somebody says so, or because a deadline has passed.", complaints, true, of[Escalation]},
	{ComplaintResolved, "A complaint is answered, with reasons and redress; the answer goes out to the borrower.", complaints, true, of[Resolution]},
	{ComplaintWithdrawn, "The borrower takes a complaint back; it is closed.", complaints, true, of[ComplaintWithdrawal]},
	{ComplaintReopened, "An answer did not settle a complaint: it is looked into again, one level up.", complaints, true, of[Reopening]},
	{ComplaintClosed, "A complaint was answered and closed; some days later the borrower is asked whether that helped.", closable, true, of[ComplaintClosing]},
	{ApplicationPreapproved, "An application was pre-approved; a person calls back to verify it and to explain what it is about.", applications, true, of[Application]},
	{ApplicationWithdrawn, "An application is no more: the applicant or the lender withdrew it.", applications, true, of[Withdrawal]},
}

var (
	loans     = []Subject{LoanSubject}
	asked     = []Subject{LoanSubject, ComplaintSubject}
	borrowers = []Subject{BorrowerSubject}
	anyone    = []Subject{LoanSubject, BorrowerSubject}
	everyone  = []Subject{LoanSubject, BorrowerSubject, RegionSubject}
	called    = []Subject{LoanSubject, BorrowerSubject, ApplicationSubject, ComplaintSubject}
	// accompanied is what has a journey, and so has tasks.
	accompanied = []Subject{LoanSubject, ApplicationSubject, ComplaintSubject}
	// complaints are told to their own workflow; closable is also what is closed elsewhere.
	complaints = []Subject{ComplaintSubject}
	closable   = []Subject{LoanSubject, BorrowerSubject, ComplaintSubject}
	// applications are not told to loans.
	applications = []Subject{ApplicationSubject}
)

func find(t Type) (kind, bool) {
	n := slices.IndexFunc(kinds, func(k kind) bool { return k.name == t })
	if n < 0 {
		return kind{}, false
	}
	return kinds[n], true
}

// Types returns the types that come from outside, in the order of the documentation.
func Types() []Type {
	names := make([]Type, len(kinds))
	for n, k := range kinds {
		names[n] = k.name
	}
	return names
}

// ParseType returns the type with a name, or an error that lists those there are.
func ParseType(name string) (Type, error) { return closed.Parse("event type", Types(), name) }

// ToldToJourneys reports whether journeys are told of events of a type.
func (t Type) ToldToJourneys() bool {
	k, _ := find(t)
	return k.journey
}

// Subjects returns the subjects that events of a type may have.
func (t Type) Subjects() []Subject {
	k, _ := find(t)
	return k.subjects
}

// Summary returns one sentence that says what events of a type mean.
func (t Type) Summary() string {
	k, _ := find(t)
	return k.summary
}
