package journey

import "github.com/tender-engine/tender/internal/loan"

type Journey struct {
	Terms  loan.Terms
	Status loan.Status // want: loan.Status is banned here: a journey records facts; what they come to is computed in a decision
}

func (j *Journey) Apply(transactions []loan.Transaction) {
	j.Status = loan.AsOf(j.Terms, transactions, 0, 0) // want: loan.AsOf is banned here: a journey records facts; what they come to is computed in a decision
}
