package contact

import (
	"time"

	"github.com/tender-engine/tender/internal/closed"
)

// Approval is a person's leave to do a step although a soft rule advises against it.
type Approval struct {
	Loan string `json:"loan"`
	Step string `json:"step"`
	Rule string `json:"rule"`
	// Until is the first instant at which it no longer holds.
	Until time.Time `json:"until"`
}

// ApprovalAnswer is what a person said to a request for approval; empty while nobody did.
type ApprovalAnswer string

// The answers to a request for approval.
const (
	Granted         ApprovalAnswer = "granted"
	ApprovalRefused ApprovalAnswer = "refused"
)

// ApprovalAnswers are both answers.
var ApprovalAnswers = []ApprovalAnswer{Granted, ApprovalRefused}

// UnmarshalText refuses a word that is no answer; none at all stands for a request that nobody answered.
func (a *ApprovalAnswer) UnmarshalText(text []byte) (err error) {
	if *a = ""; len(text) == 0 {
		return nil
	}
	*a, err = closed.Parse("answer", ApprovalAnswers, string(text))
	return err
}

// ApprovedFor is how long what was approved of may be done, if who approved said nothing else.
const ApprovedFor = 3 * 24 * time.Hour

// ApprovalRequest asks a person whether a step may be done although rules advise against it. Silence is no.
type ApprovalRequest struct {
	Step   string         `json:"step"`
	Answer ApprovalAnswer `json:"answer,omitempty"`
	// Until is the first instant at which it can no longer be answered.
	Until time.Time `json:"until"`
}

// Open reports whether the request can still be answered at an instant.
func (r ApprovalRequest) Open(at time.Time) bool { return r.Answer == "" && at.Before(r.Until) }
