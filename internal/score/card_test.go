package score_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tender-engine/tender/internal/score"
)

// cases is how many cases each property is tried on; -rapid.checks on the command line says otherwise.
const cases = 1000

func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", strconv.Itoa(cases)); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

func own(t *testing.T) *score.Card {
	t.Helper()
	card, err := score.Parse("own.yaml", []byte(good))
	require.NoError(t, err)
	return card
}

func number(n int) *int { return &n }

func TestAScoreIsTheBaseAndWhatEachAttributeFound(t *testing.T) {
	t.Parallel()
	card := own(t)
	for name, c := range map[string]struct {
		facts   score.Facts
		points  int
		band    score.Band
		reasons []string
	}{
		"nothing is known":            {score.Facts{}, 505, score.LowRisk, []string{"late_share 5 -15 None fell due.", "promises_broken 0 0 None was made."}},
		"the first bin":               {score.Facts{LateShare: number(0)}, 520, score.LowRisk, []string{"late_share 20 0 None was late.", "promises_broken 0 0 None was made."}},
		"the first of the second bin": {score.Facts{LateShare: number(1)}, 500, score.MediumRisk, []string{"late_share 0 -20 Some were late.", "promises_broken 0 0 None was made."}},
		"the last of the second bin":  {score.Facts{LateShare: number(49)}, 500, score.MediumRisk, []string{"late_share 0 -20 Some were late.", "promises_broken 0 0 None was made."}},
		"the open bin":                {score.Facts{LateShare: number(50)}, 480, score.MediumRisk, []string{"late_share -20 -40 Half were late.", "promises_broken 0 0 None was made."}},
		"the worst first":             {score.Facts{LateShare: number(0), PromisesBroken: number(3)}, 514, score.LowRisk, []string{"promises_broken -6 -6 One was broken.", "late_share 20 0 None was late."}},
		"all that is bad":             {score.Facts{LateShare: number(100), PromisesBroken: number(1)}, 474, score.HighRisk, []string{"late_share -20 -40 Half were late.", "promises_broken -6 -6 One was broken."}},
		"what the card does not ask":  {score.Facts{OutstandingShare: number(900)}, 505, score.LowRisk, []string{"late_share 5 -15 None fell due.", "promises_broken 0 0 None was made."}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := card.Score(c.facts)
			var reasons []string
			for _, reason := range r.Reasons {
				reasons = append(reasons, fmt.Sprint(reason.Fact, " ", reason.Points, " ", -reason.Short, " ", reason.Sentence))
			}
			require.Equal(t, c.points, r.Points)
			require.Equal(t, c.band, r.Band)
			require.Equal(t, c.reasons, reasons)
			require.Equal(t, 500, r.Base)
			require.Equal(t, card.Hash, r.Hash)
		})
	}
}

// anyFacts draws facts, each of which may be not known.
func anyFacts(t *rapid.T) map[string]int {
	facts := map[string]int{}
	for _, f := range score.Known {
		if rapid.Bool().Draw(t, f.Name+" is known") {
			facts[f.Name] = rapid.IntRange(f.Least, f.Most).Draw(t, f.Name)
		}
	}
	return facts
}

// anyCard draws a card over some of the facts.
func anyCard(t *rapid.T) *score.Card {
	card := &score.Card{Base: rapid.IntRange(-100, 900).Draw(t, "base"), Scale: score.Scale{Points: 600, Odds: 50, PDO: 20}}
	points := func() int { return rapid.IntRange(-60, 60).Draw(t, "points") }
	for _, f := range score.Known {
		if !rapid.Bool().Draw(t, f.Name+" is asked") {
			continue
		}
		a := score.Attribute{Fact: f.Name, Source: score.Measured, NotKnown: score.Bin{Points: points(), Reason: "Not known."}}
		limits := rapid.SliceOfNDistinct(rapid.IntRange(f.Least+1, f.Most), 1, 5, rapid.ID).Draw(t, "limits")
		slices.Sort(limits)
		for _, below := range limits {
			a.Bins = append(a.Bins, score.Bin{Below: &below, Points: points(), Reason: "Below " + strconv.Itoa(below) + "."})
		}
		a.Bins = append(a.Bins, score.Bin{Points: points(), Reason: "Above."})
		card.Attributes = append(card.Attributes, a)
	}
	card.Bands.HighBelow = rapid.IntRange(300, 500).Draw(t, "high")
	card.Bands.MediumBelow = card.Bands.HighBelow + rapid.IntRange(1, 100).Draw(t, "medium")
	return card
}

// decoded reads facts in a given order.
func decoded(t require.TestingT, facts map[string]int, names []string) score.Facts {
	var fields []string
	for _, name := range names {
		if value, is := facts[name]; is {
			fields = append(fields, fmt.Sprintf("%q: %d", name, value))
		}
	}
	f, err := score.DecodeFacts([]byte("{" + strings.Join(fields, ", ") + "}"))
	require.NoError(t, err)
	return f
}

func names() (all []string) {
	for _, f := range score.Known {
		all = append(all, f.Name)
	}
	return all
}

func TestReasonsAddUpToTheScoreExactly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		card := anyCard(t)
		r := card.Score(decoded(t, anyFacts(t), names()))
		sum := r.Base
		for n, reason := range r.Reasons {
			sum += reason.Points
			require.GreaterOrEqual(t, reason.Short, 0)
			require.NotEmpty(t, reason.Sentence)
			if n > 0 {
				require.LessOrEqual(t, reason.Short, r.Reasons[n-1].Short, "the worst first")
			}
		}
		require.Equal(t, sum, r.Points)
		require.Len(t, r.Reasons, len(card.Attributes))
	})
}

func TestTheOrderOfFactsAndOfAttributesDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		card, facts := anyCard(t), anyFacts(t)
		want, err := json.Marshal(card.Score(decoded(t, facts, names())))
		require.NoError(t, err)
		card.Attributes = rapid.Permutation(card.Attributes).Draw(t, "attributes")
		got, err := json.Marshal(card.Score(decoded(t, facts, rapid.Permutation(names()).Draw(t, "names"))))
		require.NoError(t, err)
		require.Equal(t, string(want), string(got))
	})
}

func TestMorePointsForABinAreAsManyMoreForThoseInItAndNobodyElse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		card, facts := anyCard(t), decoded(t, anyFacts(t), names())
		if len(card.Attributes) == 0 {
			t.Skip("a card that asks for nothing")
		}
		before := card.Score(facts)
		more := rapid.IntRange(1, 50).Draw(t, "more")
		a := rapid.IntRange(0, len(card.Attributes)-1).Draw(t, "attribute")
		bin := &card.Attributes[a].NotKnown
		if n := rapid.IntRange(-1, len(card.Attributes[a].Bins)-1).Draw(t, "bin"); n >= 0 {
			bin = &card.Attributes[a].Bins[n]
		}
		inIt := reasonFor(before, card.Attributes[a].Fact).Sentence == bin.Reason
		bin.Points += more
		after := card.Score(facts)
		if inIt {
			require.Equal(t, before.Points+more, after.Points)
		} else {
			require.Equal(t, before.Points, after.Points)
		}
		require.LessOrEqual(t, slices.Index(score.Bands, after.Band), slices.Index(score.Bands, before.Band), "more points are no more risk")
	})
}

func reasonFor(r score.Result, fact string) score.Reason {
	return r.Reasons[slices.IndexFunc(r.Reasons, func(reason score.Reason) bool { return reason.Fact == fact })]
}

func TestWorsePaymentNeverScoresBetterOnTheShippedCard(t *testing.T) {
	t.Parallel()
	card, err := score.Shipped()
	require.NoError(t, err)
	fewer := map[string]bool{"paid_share": true} // of which more is better
	rapid.Check(t, func(t *rapid.T) {
		facts := anyFacts(t)
		f := rapid.SampledFrom(score.Known).Draw(t, "fact")
		from := rapid.IntRange(f.Least, f.Most-1).Draw(t, "from")
		facts[f.Name] = from
		before := card.Score(decoded(t, facts, names())).Points
		facts[f.Name] = rapid.IntRange(from+1, f.Most).Draw(t, "to")
		after := card.Score(decoded(t, facts, names())).Points
		if fewer[f.Name] {
			before, after = after, before
		}
		require.GreaterOrEqual(t, before, after, f.Name)
	})
}
