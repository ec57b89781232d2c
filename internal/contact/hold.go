package contact

import (
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

// The classes of hold.
const (
	Legal         HoldClass = "legal"
	DisputeClass  HoldClass = "dispute"
	Welfare       HoldClass = "welfare"
	Request       HoldClass = "request"
	ContactHold   HoldClass = "contact"
	OwnershipHold HoldClass = "ownership"
)

// holds says of each kind its class, and which purposes it leaves allowed. What stops nothing (a cap on interest) names all.
var holds = map[HoldKind]struct {
	class  HoldClass
	allows []Purpose
}{
	BankruptcyStay:        {Legal, nil},
	BreathingSpace:        {Legal, []Purpose{StatutoryNotice, Reply, ComplaintReply}},
	MHCrisis:              {Welfare, []Purpose{StatutoryNotice, Reply, ComplaintReply}},
	AttorneyRepresented:   {Legal, []Purpose{Reply}},
	CeaseRequested:        {Request, []Purpose{StatutoryNotice}},
	DisputeOpen:           {DisputeClass, []Purpose{StatutoryNotice, Reply, ComplaintReply}},
	ValidationRequested:   {DisputeClass, []Purpose{StatutoryNotice, Reply, ComplaintReply}},
	IDTheftFraud:          {DisputeClass, []Purpose{StatutoryNotice, Reply, ComplaintReply}},
	DeceasedHold:          {Welfare, nil},
	Incapacity:            {Welfare, []Purpose{StatutoryNotice, Reply, ComplaintReply}},
	VulnerablePause:       {Welfare, []Purpose{StatutoryNotice, Reply, ComplaintReply}},
	HardshipPending:       {Welfare, []Purpose{StatutoryNotice, Reply, ComplaintReply, Informational}},
	PlanActive:            {Welfare, []Purpose{StatutoryNotice, Reply, ComplaintReply, Informational}},
	ComplaintOpen:         {DisputeClass, []Purpose{StatutoryNotice, Reply, ComplaintReply}},
	SCRAActive:            {Legal, Purposes},
	TimeBarred:            {Legal, []Purpose{StatutoryNotice, Reply, ComplaintReply, Informational}},
	DisasterOrBereavement: {Welfare, []Purpose{StatutoryNotice, Reply, ComplaintReply}},
	WrongNumberHold:       {ContactHold, nil},
	ThirdPartyRefused:     {ContactHold, nil},
	Recall:                {OwnershipHold, nil},
	Sold:                  {OwnershipHold, nil},
	Paid:                  {OwnershipHold, []Purpose{Informational, Reply, ComplaintReply, Survey}},
	Settled:               {OwnershipHold, []Purpose{Informational, Reply, ComplaintReply, Survey}},
	AdviserPlanPending:    {Welfare, []Purpose{StatutoryNotice, Reply, ComplaintReply}},
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

// Allows reports whether contacts of a purpose stay allowed under a hold of this kind.
func (k HoldKind) Allows(p Purpose) bool {
	for _, allowed := range holds[k].allows {
		if allowed == p {
			return true
		}
	}
	return false
}

// Hold is a dated, reasoned stop. Its owner, note and evidence stay in Postgres.
type Hold struct {
	ID string `json:"id"`
	// Kind is the reason; journeys, which Temporal shows, are not told it.
	Kind HoldKind `json:"kind,omitempty"`
	// Loan is the loan that the hold is about; none means that it covers the borrower.
	Loan string `json:"loan,omitempty"`
	// Point is the contact point that the hold is about; none means all.
	Point string    `json:"point,omitempty"`
	From  time.Time `json:"from"`
	// Until is the first instant at which the hold no longer binds; zero means until it is released.
	Until time.Time `json:"until,omitzero"`
}

// Covers reports whether the hold binds contacts about a loan, through a contact point, at an instant. An empty point
// asks about holds that bind every point.
func (h Hold) Covers(loan, point string, at time.Time) bool {
	return !at.Before(h.From) && (h.Until.IsZero() || at.Before(h.Until)) &&
		(h.Loan == "" || h.Loan == loan) && (h.Point == "" || h.Point == point)
}
