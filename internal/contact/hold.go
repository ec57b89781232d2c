package contact

import (
	"slices"
	"strings"
	"time"

	"github.com/tender-engine/tender/internal/closed"
)

// HoldKind is the reason of a hold.
type HoldKind string

// The kinds of hold.
const (
	BankruptcyStay        HoldKind = "bankruptcy_stay"
	BreathingSpace        HoldKind = "breathing_space"
	MHCrisis              HoldKind = "mh_crisis"
	AttorneyRepresented   HoldKind = "attorney_represented"
	CeaseRequested        HoldKind = "cease_requested"
	DisputeOpen           HoldKind = "dispute_open"
	ValidationRequested   HoldKind = "validation_requested"
	IDTheftFraud          HoldKind = "id_theft_fraud"
	DeceasedHold          HoldKind = "deceased"
	Incapacity            HoldKind = "incapacity"
	VulnerablePause       HoldKind = "vulnerable_pause"
	HardshipPending       HoldKind = "hardship_pending"
	PlanActive            HoldKind = "plan_active"
	ComplaintOpen         HoldKind = "complaint_open"
	SCRAActive            HoldKind = "scra_active"
	TimeBarred            HoldKind = "time_barred"
	DisasterOrBereavement HoldKind = "disaster_or_bereavement"
	WrongNumberHold       HoldKind = "wrong_number"
	ThirdPartyRefused     HoldKind = "third_party_refused"
	Recall                HoldKind = "recall"
	Sold                  HoldKind = "sold"
	Paid                  HoldKind = "paid"
	Settled               HoldKind = "settled"
	AdviserPlanPending    HoldKind = "adviser_plan_pending"
)

// HoldClass is all that is shown of a hold where people without need to know may look, such as the Temporal Web UI:
// the reason itself can be health data.
type HoldClass string

// The classes of hold. That a loan was recalled, sold, paid or settled is a legal one: there is no claim, or none any more,
// that this installation could collect.
const (
	Legal        HoldClass = "legal"
	DisputeClass HoldClass = "dispute"
	Welfare      HoldClass = "welfare"
	Request      HoldClass = "request"
	ContactHold  HoldClass = "contact"
)

// HoldClasses are all classes of hold.
var HoldClasses = []HoldClass{Legal, DisputeClass, Welfare, Request, ContactHold}

// holds says of each kind its class, which purposes it leaves allowed to the borrower, and in whose stead somebody else may
// be written to. What stops nothing (a cap on interest) names all.
var holds = map[HoldKind]struct {
	class  HoldClass
	allows []Purpose
	stead  stead
}{
	BankruptcyStay:        {class: Legal},
	BreathingSpace:        {class: Legal, allows: []Purpose{StatutoryNotice, Reply, ComplaintReply}, stead: stead{Adviser, Purposes}},
	MHCrisis:              {class: Welfare, allows: []Purpose{StatutoryNotice, Reply, ComplaintReply}, stead: stead{Adviser, Purposes}},
	AttorneyRepresented:   {class: Legal, allows: []Purpose{Reply}, stead: stead{Attorney, Purposes}},
	CeaseRequested:        {class: Request, allows: []Purpose{StatutoryNotice}},
	DisputeOpen:           {class: DisputeClass, allows: []Purpose{StatutoryNotice, Reply, ComplaintReply}},
	ValidationRequested:   {class: DisputeClass, allows: []Purpose{StatutoryNotice, Reply, ComplaintReply}},
	IDTheftFraud:          {class: DisputeClass, allows: []Purpose{StatutoryNotice, Reply, ComplaintReply}},
	DeceasedHold:          {class: Welfare, stead: stead{Executor, []Purpose{StatutoryNotice, Reply, ComplaintReply}}},
	Incapacity:            {class: Welfare, allows: []Purpose{StatutoryNotice, Reply, ComplaintReply}},
	VulnerablePause:       {class: Welfare, allows: []Purpose{StatutoryNotice, Reply, ComplaintReply}},
	HardshipPending:       {class: Welfare, allows: []Purpose{StatutoryNotice, Reply, ComplaintReply, Informational}},
	PlanActive:            {class: Welfare, allows: []Purpose{StatutoryNotice, Reply, ComplaintReply, Informational}},
	ComplaintOpen:         {class: DisputeClass, allows: []Purpose{StatutoryNotice, Reply, ComplaintReply}},
	SCRAActive:            {class: Legal, allows: Purposes},
	TimeBarred:            {class: Legal, allows: []Purpose{StatutoryNotice, Reply, ComplaintReply, Informational}},
	DisasterOrBereavement: {class: Welfare, allows: []Purpose{StatutoryNotice, Reply, ComplaintReply}},
	WrongNumberHold:       {class: ContactHold},
	ThirdPartyRefused:     {class: ContactHold},
	Recall:                {class: Legal},
	Sold:                  {class: Legal},
	Paid:                  {class: Legal, allows: []Purpose{Informational, Reply, ComplaintReply, Survey}},
	Settled:               {class: Legal, allows: []Purpose{Informational, Reply, ComplaintReply, Survey}},
	AdviserPlanPending:    {class: Welfare, allows: []Purpose{StatutoryNotice, Reply, ComplaintReply}, stead: stead{Adviser, Purposes}},
}

// HoldKinds are all kinds of hold.
var HoldKinds = []HoldKind{
	BankruptcyStay, BreathingSpace, MHCrisis, AttorneyRepresented, CeaseRequested, DisputeOpen, ValidationRequested,
	IDTheftFraud, DeceasedHold, Incapacity, VulnerablePause, HardshipPending, PlanActive, ComplaintOpen, SCRAActive,
	TimeBarred, DisasterOrBereavement, WrongNumberHold, ThirdPartyRefused, Recall, Sold, Paid, Settled, AdviserPlanPending,
}

// UnmarshalText refuses a word that is no kind of hold.
func (k *HoldKind) UnmarshalText(text []byte) (err error) {
	*k, err = closed.Parse("hold", HoldKinds, string(text))
	return err
}

// Class returns the class of the kind.
func (k HoldKind) Class() HoldClass { return holds[k].class }

// Allows reports whether contacts of a purpose with the borrower stay allowed under a hold of this kind.
func (k HoldKind) Allows(p Purpose) bool { return slices.Contains(holds[k].allows, p) }

// AllowsTo reports whether contacts of a purpose with a recipient stay allowed: with the borrower, or with who stands in for
// one who may not be contacted. Whoever else is a stranger to that is treated as the borrower is.
func (k HoldKind) AllowsTo(p Purpose, to Recipient) bool {
	if in := holds[k].stead; to != "" && to == in.who {
		return slices.Contains(in.allows, p)
	}
	return k.Allows(p)
}

// Leaves says in words what stays allowed under holds of the kind.
func (k HoldKind) Leaves() string {
	allowed := holds[k].allows
	text := "no contact is allowed"
	switch {
	case len(allowed) == len(Purposes):
		text = "it stops no contact"
	case len(allowed) > 0:
		text = "allowed are only " + list(allowed)
	}
	if who, in := k.Stead(); who != "" && len(in) == len(Purposes) {
		text += "; with the borrower's " + string(who) + ", every contact is"
	} else if who != "" {
		text += "; with the " + string(who) + ", " + list(in) + " are"
	}
	return text
}

// list writes purposes as a list.
func list(purposes []Purpose) string {
	words := make([]string, len(purposes))
	for n, p := range purposes {
		words[n] = string(p)
	}
	return strings.Join(words, ", ")
}

// Stead returns who may be contacted in the borrower's stead, and for which purposes; nobody under most holds.
func (k HoldKind) Stead() (Recipient, []Purpose) {
	in := holds[k].stead
	return in.who, slices.Clone(in.allows)
}

// stead is who may be contacted in the borrower's stead, and for which purposes.
type stead struct {
	who    Recipient
	allows []Purpose
}

// Hold is a dated, reasoned stop. Its owner, note and evidence stay in Postgres.
type Hold struct {
	ID string `json:"id"`
	// Kind is the reason; journeys, which Temporal shows, are not told it.
	Kind HoldKind `json:"kind,omitempty"`
	// Loan is the loan that the hold is about; none means that it covers the borrower.
	Loan string `json:"loan,omitempty"`
	// Point is the contact point that the hold is about; none means all.
	Point string `json:"point,omitempty"`
	// Region is the jurisdiction in which it covers every borrower; only where it is told of without a borrower.
	Region string    `json:"region,omitempty"`
	From   time.Time `json:"from"`
	// Until is the first instant at which the hold no longer binds; zero means until it is released.
	Until time.Time `json:"until,omitzero"`
}

// Covers reports whether the hold binds contacts about a loan, through a contact point, at an instant. An empty point
// asks about holds that bind every point.
func (h Hold) Covers(loan, point string, at time.Time) bool {
	return !at.Before(h.From) && (h.Until.IsZero() || at.Before(h.Until)) &&
		(h.Loan == "" || h.Loan == loan) && (h.Point == "" || h.Point == point)
}
