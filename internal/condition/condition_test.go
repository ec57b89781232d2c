package condition_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/condition"
)

var language = condition.NewLanguage([]condition.Fact{
	{Name: "loan.currency", Type: "string", Check: func(text string) error {
		if len(text) != 3 {
			return errors.New("that is no currency")
		}
		return nil
	}},
	{Name: "loan.state", Type: "string", Words: []string{"open", "closed"}},
	{Name: "borrower.vulnerable", Type: "bool"},
})

func TestWhatIsNoConditionIsSaidInTheReadersOwnWords(t *testing.T) {
	t.Parallel()
	for when, says := range map[string]string{
		"":                                      "is missing; write a condition that asks about loan.currency, loan.state, borrower.vulnerable",
		"  ":                                    "is missing",
		"borrower.race == 1":                    "there is no fact or function 'borrower.race', near its character 1; there are borrower.vulnerable",
		"'borrower.x' == 'y' || borrower.x > 1": "there is no fact or function 'borrower.x'",
		"agee > 3":                              "there is no fact or function 'agee', near its character 1; there are loan.currency, loan.state, borrower.vulnerable",
		"loan.state == ":                        "it ends too early",
		"loan.state == 'opne'":                  `unknown state "opne"; use one of open, closed`,
		"loan.currency in ['USD', 'dollar']":    "that is no currency",
	} {
		_, err := language.Compile(when)
		require.ErrorContains(t, err, says, when)
		require.NotContains(t, err.Error(), "expecting", when)
	}
	// What was checked before is not asked for words again.
	_, err := language.Trust("loan.state == 'opne' || loan.currency == 'dollar'")
	require.NoError(t, err)
}

func TestAConditionKnowsWhetherItAsksAboutAnything(t *testing.T) {
	t.Parallel()
	for when, asks := range map[string]bool{"true": false, "1 == 2": false, "borrower.vulnerable": true, "true && loan.state != ''": true} {
		c, err := language.Compile(when)
		require.NoError(t, err)
		require.Equal(t, asks, c.Asks(), when)
	}
}
