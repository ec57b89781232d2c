package train_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tender-engine/tender/internal/score"
	"github.com/tender-engine/tender/internal/score/train"
)

// naive compares each account that went wrong with each that did not, and looks at the shares up to each risk.
func naive(risks []float64, bad []bool) (auc, ks float64) {
	pairs, wins := 0.0, 0.0
	for i := range risks {
		for j := range risks {
			if bad[i] && !bad[j] {
				pairs++
				switch {
				case risks[i] > risks[j]:
					wins++
				case risks[i] == risks[j]:
					wins += .5
				}
			}
		}
	}
	for _, limit := range risks {
		var of, upTo [2]float64
		for n, r := range risks {
			side := 0
			if bad[n] {
				side = 1
			}
			of[side]++
			if r <= limit {
				upTo[side]++
			}
		}
		ks = max(ks, math.Abs(upTo[0]/of[0]-upTo[1]/of[1]))
	}
	return wins / pairs, ks
}

func TestDiscriminationIsWhatComparingAllPairsSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 40).Draw(t, "accounts")
		risks := make([]float64, n)
		bad := rapid.SliceOfN(rapid.Bool(), n, n).Draw(t, "bad")
		for i := range risks {
			risks[i] = float64(rapid.IntRange(0, 12).Draw(t, "risk")) / 12 // few, so that there are ties
		}
		got := train.Discriminate(risks, bad)
		if !slices.Contains(bad, true) || !slices.Contains(bad, false) {
			require.Equal(t, train.Discrimination{AUC: .5}, got)
			return
		}
		auc, ks := naive(risks, bad)
		require.InDelta(t, auc, got.AUC, 1e-12)
		require.InDelta(t, 2*auc-1, got.Gini, 1e-12)
		require.InDelta(t, ks, got.KS, 1e-12)
	})
}

func TestDiscriminationOfWhatIsClear(t *testing.T) {
	t.Parallel()
	bad := []bool{false, false, true, true}
	require.Equal(t, train.Discrimination{AUC: 1, Gini: 1, KS: 1}, train.Discriminate([]float64{.1, .2, .3, .4}, bad))
	require.Equal(t, train.Discrimination{AUC: 0, Gini: -1, KS: 1}, train.Discriminate([]float64{.4, .3, .2, .1}, bad))
	require.Equal(t, train.Discrimination{AUC: .5}, train.Discriminate([]float64{.1, .1, .1, .1}, bad))
}

func TestDecilesHoldEveryAccountOnceAndDivideNoRisk(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "accounts")
		bad := rapid.SliceOfN(rapid.Bool(), n, n).Draw(t, "bad")
		risks, sum := make([]float64, n), 0.0
		for i := range risks {
			risks[i] = float64(rapid.IntRange(0, 30).Draw(t, "risk")) / 30
			sum += risks[i]
		}
		held, predicted, last := 0, 0.0, -1.0
		for _, d := range train.Deciles(risks, bad) {
			require.Greater(t, d.Predicted, last)
			require.InDelta(t, float64(d.Bad)/float64(d.All()), d.Observed, 1e-12)
			held, predicted, last = held+d.All(), predicted+d.Predicted*float64(d.All()), d.Predicted
		}
		require.Equal(t, n, held)
		require.InDelta(t, sum, predicted, 1e-9)
	})
	hundred := make([]float64, 100)
	for n := range hundred {
		hundred[n] = float64(n)
	}
	for n, d := range train.Deciles(hundred, make([]bool, 100)) {
		require.Equal(t, n+1, d.Number)
		require.Equal(t, 10, d.All())
	}
}

func TestTheShippedCardTellsWhoDefaultsOnAccountsItWasNotMadeFrom(t *testing.T) {
	t.Parallel()
	card, err := score.Shipped()
	require.NoError(t, err)
	m, err := train.Measure(accounts(t), card)
	require.NoError(t, err)
	require.Equal(t, 30_000, m.First.All()+m.Second.All())
	require.Greater(t, m.CardSecond.AUC, .74)
	require.InDelta(t, m.ModelFirst.AUC, m.ModelSecond.AUC, .015, "it learned by heart")
	require.InDelta(t, m.ModelSecond.AUC, m.CardSecond.AUC, .003, "rounding to whole points costs too much")
	require.Greater(t, m.CardNotLate.AUC, .6, "early: of those that are not late now")
	for _, deciles := range [][]train.Decile{m.ModelDeciles, m.CardDeciles} {
		held := 0
		for _, d := range deciles {
			held += d.All()
			require.InDelta(t, d.Predicted, d.Observed, .08, "decile %d", d.Number)
		}
		require.Equal(t, m.Second.All(), held)
	}
	require.Less(t, m.Bands[0].Rate(), .2)
	require.Greater(t, m.Bands[0].Rate(), .05)
	require.Less(t, m.Bands[0].Rate(), m.Bands[1].Rate())
	require.Less(t, m.Bands[1].Rate(), m.Bands[2].Rate())
	require.Greater(t, m.Bands[2].Rate(), 1./3)
}

func TestMeasuringTheSameAccountsInAnotherOrderGivesTheSame(t *testing.T) {
	t.Parallel()
	card, err := score.Shipped()
	require.NoError(t, err)
	all := accounts(t)
	want, err := train.Measure(all, card)
	require.NoError(t, err)
	slices.Reverse(all)
	got, err := train.Measure(all, card)
	require.NoError(t, err)
	require.Equal(t, want.Model.YAML(), got.Model.YAML())
	require.Equal(t, want.CardSecond, got.CardSecond)
	require.Equal(t, want.Bands, got.Bands)
	require.InDelta(t, want.ModelSecond.AUC, got.ModelSecond.AUC, 1e-6)
}

func TestNothingIsMeasuredWithoutAccountsOfBothEnds(t *testing.T) {
	t.Parallel()
	card, err := score.Shipped()
	require.NoError(t, err)
	_, err = train.Measure(nil, card)
	require.ErrorContains(t, err, "nothing can be learned without accounts that defaulted and accounts that did not; give more accounts")
	first, _ := train.Halves(accounts(t))
	_, err = train.Measure(first, card)
	require.ErrorContains(t, err, "nothing can be measured without")
}
