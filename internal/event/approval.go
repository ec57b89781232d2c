package event

import "time"

// Approval is the payload of approval.granted.
type Approval struct {
	Approval string    `json:"approval" doc:"id of the request, as tender approval list writes it"`
	Until    time.Time `json:"until,omitzero" doc:"first instant at which it no longer holds; three days after it was granted when left out"`
	Note     string    `json:"note,omitempty" personal:"true" doc:"why"`
}

// Validate implements [Payload].
func (p *Approval) Validate() error { return requiredID("approval", p.Approval) }

// ApprovalRefusal is the payload of approval.refused.
type ApprovalRefusal struct {
	Approval string `json:"approval" doc:"id of the request, as tender approval list writes it"`
	Note     string `json:"note,omitempty" personal:"true" doc:"why not"`
}

// Validate implements [Payload].
func (p *ApprovalRefusal) Validate() error { return requiredID("approval", p.Approval) }
