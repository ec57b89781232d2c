package train_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/score/train"
)

// The cars of Motor Trend, 1974, that come with R: whether the gearbox is manual, weight, and horse power.
var (
	manual = []int{1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1}
	weight = []float64{
		2.620, 2.875, 2.320, 3.215, 3.440, 3.460, 3.570, 3.190, 3.150, 3.440, 3.440, 4.070, 3.730, 3.780, 5.250, 5.424,
		5.345, 2.200, 1.615, 1.835, 2.465, 3.520, 3.435, 3.840, 3.845, 1.935, 2.140, 1.513, 3.170, 2.770, 3.570, 2.780,
	}
	power = []float64{
		110, 110, 93, 110, 175, 105, 245, 62, 95, 123, 123, 180, 180, 180, 205, 215,
		230, 66, 52, 65, 97, 150, 150, 245, 175, 66, 91, 113, 264, 175, 335, 109,
	}
)

func TestTheRegressionFindsWhatRFinds(t *testing.T) {
	t.Parallel()
	y := make([]bool, len(manual))
	one, two := make([][]float64, len(manual)), make([][]float64, len(manual))
	for n := range manual {
		y[n], one[n], two[n] = manual[n] == 1, []float64{weight[n]}, []float64{power[n], weight[n]}
	}
	found, err := train.Logit(one, y) // glm(am ~ wt, family = binomial)
	require.NoError(t, err)
	require.InDeltaSlice(t, []float64{12.040, -4.024}, found, 5e-4)
	found, err = train.Logit(two, y) // glm(am ~ hp + wt, family = binomial)
	require.NoError(t, err)
	require.InDeltaSlice(t, []float64{18.86630, .03626, -8.08348}, found, 5e-5)
	found, err = train.Logit(make([][]float64, len(y)), y) // without anything to go by, the log odds
	require.NoError(t, err)
	require.InDelta(t, -.3795, found[0], 5e-5) // log(13/19)
}

func TestARegressionWithoutAnAnswerSaysSo(t *testing.T) {
	t.Parallel()
	y := []bool{false, false, true, true}
	for name, x := range map[string][][]float64{
		"one alone tells":  {{1}, {2}, {3}, {4}},
		"two say the same": {{1, 2}, {3, 6}, {2, 4}, {4, 8}},
	} {
		_, err := train.Logit(x, y)
		require.ErrorContains(t, err, "the regression does not settle", name)
	}
}
