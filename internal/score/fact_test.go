package score_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/score"
)

func TestEveryFactIsReadAndFoundByItsName(t *testing.T) {
	t.Parallel()
	for n, fact := range score.Known {
		f, err := score.DecodeFacts([]byte(`{"` + fact.Name + `": ` + "5}"))
		require.NoError(t, err, fact.Name)
		require.Equal(t, 5, *fact.Of(f), fact.Name)
		for other := range score.Known {
			require.Equal(t, other == n, score.Known[other].Of(f) != nil)
		}
	}
	require.Len(t, score.Known, reflect.TypeFor[score.Facts]().NumField())
}

func TestFactsThatCannotBeAreRefusedWithTheFieldAndTheRemedy(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		`{"late_share": 101}`:                  "late_share: 101 must lie between 0 and 100 (percent); leave it out when it is not known",
		`{"late_share": -1}`:                   "late_share: -1 must lie between 0 and 100",
		`{"late_share": 12.5}`:                 "late_share: 12.5 must be a whole number",
		`{"late_share": "12"}`:                 `late_share: "12" must be a whole number`,
		`{"age": 30}`:                          "age: is an unknown field; known are late_share, worst_months_late",
		`{"paid_share": 3, "paid_share": 4}`:   "paid_share: stands there twice; give it once",
		`{"late_trend": 601}`:                  "late_trend: 601 must lie between -600 and 600 (months)",
		`[]`:                                   "[] must be an object, in { and }",
		``:                                     "is empty; write an object, in { and }",
		`{"late_share": 99999999999999999999}`: "late_share: 99999999999999999999 must be a whole number",
	} {
		_, err := score.DecodeFacts([]byte(text))
		require.ErrorContains(t, err, says)
	}
}

func TestWhatIsLeftOutOrNullIsNotKnown(t *testing.T) {
	t.Parallel()
	f, err := score.DecodeFacts([]byte(`{"late_share": null, "paid_share": 0}`))
	require.NoError(t, err)
	require.Nil(t, f.LateShare)
	require.Zero(t, *f.PaidShare)
	text, err := json.Marshal(f)
	require.NoError(t, err)
	require.JSONEq(t, `{"paid_share": 0}`, string(text))
}
