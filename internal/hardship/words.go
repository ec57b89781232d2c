// Package hardship is what Tender can offer to a borrower who cannot pay as agreed. A product is versioned data: for whom,
// within which limits, on which terms. [Offers] works a case out into new schedules, the best for the borrower first, and
// [Track] says where an accepted plan stands after each payment. It is arithmetic over facts, without a clock.
package hardship

// Kind is what a plan does to a loan.
type Kind string

// The kinds of plan.
const (
	// Deferral rests all payments for some months; every unpaid installment moves.
	Deferral Kind = "deferral"
	// ReducedPayments lowers the payments for some months; what is then left is spread anew.
	ReducedPayments Kind = "reduced_payments"
	// TermExtension spreads what is left over more months.
	TermExtension Kind = "term_extension"
	// RateReduction lowers or waives the interest of some months, and spreads what is left over the same time.
	RateReduction Kind = "rate_reduction"
	// FeeWaiver waives fees once what is past due is caught up with.
	FeeWaiver Kind = "fee_waiver"
	// ReAge spreads what is past due over some months, beside the installments to come.
	ReAge Kind = "re_age"
	// Settlement takes less than what is owed for the whole.
	Settlement Kind = "settlement"
	// InstalmentPlan spreads what is owed over as many months as the borrower needs.
	InstalmentPlan Kind = "instalment_plan"
)

// Kinds are all kinds of plan.
var Kinds = []Kind{Deferral, ReducedPayments, TermExtension, RateReduction, FeeWaiver, ReAge, Settlement, InstalmentPlan}

// Cause is why a borrower cannot pay.
type Cause string

// The causes.
const (
	JobLoss            Cause = "job_loss"
	IncomeReduced      Cause = "income_reduced"
	IrregularIncome    Cause = "irregular_income"
	Illness            Cause = "illness"
	Disability         Cause = "disability"
	Caring             Cause = "caring"
	NewChild           Cause = "new_child"
	Bereavement        Cause = "bereavement"
	Separation         Cause = "separation"
	Abuse              Cause = "abuse"
	Disaster           Cause = "disaster"
	UnexpectedExpense  Cause = "unexpected_expense"
	OverIndebted       Cause = "over_indebted"
	Fraud              Cause = "fraud"
	Imprisonment       Cause = "imprisonment"
	MilitaryService    Cause = "military_service"
	UnspecifiedTrouble Cause = "other"
)

// Causes are all causes.
var Causes = []Cause{
	JobLoss, IncomeReduced, IrregularIncome, Illness, Disability, Caring, NewChild, Bereavement, Separation, Abuse, Disaster,
	UnexpectedExpense, OverIndebted, Fraud, Imprisonment, MilitaryService, UnspecifiedTrouble,
}

// Interest is what a plan does to interest.
type Interest string

// What a plan can do to interest.
const (
	// Accrues leaves the contract's rate as it is.
	Accrues Interest = "accrues"
	// Reduced lowers the rate to that of the product's terms.
	Reduced Interest = "reduced"
	// Waived takes no interest.
	Waived Interest = "waived"
)

// Interests are all that a plan can do to interest.
var Interests = []Interest{Accrues, Reduced, Waived}

// Fees is what a plan does to the fees that are unpaid when it is offered. New late fees rest under every plan.
type Fees string

// What a plan can do to fees.
const (
	FeesKept   Fees = "kept"
	FeesWaived Fees = "waived"
)

// FeeTreatments are all that a plan can do to fees.
var FeeTreatments = []Fees{FeesKept, FeesWaived}

// Scope is which earlier plans count towards a product's limits.
type Scope string

// The scopes.
const (
	OfProduct Scope = "product"
	OfKind    Scope = "kind"
	OfAnyKind Scope = "any"
)

// Scopes are all scopes.
var Scopes = []Scope{OfProduct, OfKind, OfAnyKind}

// Reinstatement is whether a broken plan may be taken up again.
type Reinstatement string

// The reinstatements.
const (
	Once  Reinstatement = "once"
	Never Reinstatement = "never"
)

// Reinstatements are all reinstatements.
var Reinstatements = []Reinstatement{Once, Never}

// State is where a plan stands.
type State string

// The states of a plan. An offer that nobody answered expires; a plan that both sides gave up, because the loan was settled
// otherwise for example, is cancelled.
const (
	Offered   State = "offered"
	Expired   State = "expired"
	Declined  State = "declined"
	Active    State = "active"
	Completed State = "completed"
	Broken    State = "broken"
	Cancelled State = "cancelled"
)

// States are all states of a plan.
var States = []State{Offered, Expired, Declined, Active, Completed, Broken, Cancelled}

// Way is how a borrower accepted a plan.
type Way string

// The ways of accepting.
const (
	// ThroughAgent is in person or on the phone, written down by an agent.
	ThroughAgent Way = "agent"
	// ByReply is the borrower's own written reply.
	ByReply Way = "reply"
)

// Ways are all ways of accepting.
var Ways = []Way{ThroughAgent, ByReply}
