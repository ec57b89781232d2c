package event

import (
	"regexp"

	"github.com/tender-engine/tender/internal/score"
)

// Score is the payload of loan.scored: the lender's own word on how likely a loan is to go wrong. It takes the place of the
// scorecard's until the next one.
type Score struct {
	Band   score.Band `json:"band" doc:"how likely the loan is to go wrong: low, medium or high"`
	Points int        `json:"points,omitempty" doc:"the score: more is less risk"`
	Model  string     `json:"model,omitempty" doc:"an id of what made the score, such as behaviour-7"`
}

// Validate implements [Payload].
func (p *Score) Validate() error {
	if p.Band == "" {
		return wrong("band", "is missing; send low, medium or high")
	}
	return optionalID("model", p.Model)
}

// Assignment is the payload of strategy.assigned: from here on the loan is accompanied by another strategy, or by another
// version of its own.
type Assignment struct {
	Strategy string `json:"strategy" doc:"name of the strategy"`
	Hash     string `json:"hash" doc:"the version, by the hash of its content, as tender strategy list shows it"`
	Batch    string `json:"batch,omitempty" doc:"an id of what moved many loans at once"`
}

var contentHash = regexp.MustCompile(`^[0-9a-f]{16}$`)

// Validate implements [Payload].
func (p *Assignment) Validate() error {
	if err := CheckID(p.Strategy); err != nil {
		return wrong("strategy", "%v", err)
	}
	if !contentHash.MatchString(p.Hash) {
		return wrong("hash", "%q is no hash of a strategy; tender strategy list shows them, 16 hexadecimal digits", p.Hash)
	}
	return optionalID("batch", p.Batch)
}
