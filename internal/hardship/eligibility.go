package hardship

import (
	"fmt"

	"github.com/tender-engine/tender/internal/condition"
)

// Condition is one thing that must hold for a borrower to qualify for a product.
type Condition struct {
	// When is a CEL expression over [Facts] that gives true or false. amount('100.00') is an amount of the loan's currency.
	When string `yaml:"when" json:"when"`
	// Why is the sentence that says why not, when it gives false.
	Why string `yaml:"why" json:"why"`

	checked *condition.Condition
}

// language is that in which conditions are written.
var language = condition.NewLanguage(Facts)

func (c *Condition) compile() (err error) {
	c.checked, err = language.Compile(c.When)
	return err
}

// holds evaluates the condition. It returns why not, or nothing when it holds.
func (c *Condition) holds(facts map[string]any) (why string) {
	switch holds, err := c.checked.Holds(facts); {
	case err != nil:
		return fmt.Sprintf("The condition %q has no answer for this case: %v.", c.When, err)
	case holds:
		return ""
	}
	return c.Why
}
