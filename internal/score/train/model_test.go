package train_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tender-engine/tender/internal/score"
	"github.com/tender-engine/tender/internal/score/train"
)

var update = flag.Bool("update", false, "write the measured part of the shipped card")

const cardFile = "../cards/early-warning.yaml"

func TestTheShippedCardIsWhatTrainingGives(t *testing.T) {
	t.Parallel()
	first, _ := train.Halves(accounts(t))
	model, err := train.Train(first)
	require.NoError(t, err)
	shipped, err := os.ReadFile(cardFile)
	require.NoError(t, err)
	head, rest, found := strings.Cut(string(shipped), "scale:")
	require.True(t, found)
	_, judged, found := strings.Cut(rest, "\n\n")
	require.True(t, found)
	want := head + model.YAML() + "\n" + judged
	if *update {
		require.NoError(t, os.WriteFile(cardFile, []byte(want), 0o644))
	}
	require.Equal(t, want, string(shipped), "run go test ./internal/score/train -update")

	card, err := score.Parse("trained.yaml", []byte(head+model.YAML()))
	require.NoError(t, err, "what training gives is a card")
	for _, a := range card.Attributes {
		require.Equal(t, score.Measured, a.Source)
	}
	whole, err := score.Shipped()
	require.NoError(t, err)
	require.Equal(t, card.Attributes, whole.Attributes[:len(card.Attributes)])
	for _, a := range whole.Attributes[len(card.Attributes):] {
		require.Equal(t, score.Judged, a.Source)
	}
}

func TestPointsMoveOneWayOnlyAndAsTheFactSays(t *testing.T) {
	t.Parallel()
	first, _ := train.Halves(accounts(t))
	model, err := train.Train(first)
	require.NoError(t, err)
	for _, a := range model.Attributes {
		better := a.Fact == "paid_share" || a.Fact == "months_since_late"
		for n := 1; n < len(a.Bins); n++ {
			before, after := a.Bins[n-1], a.Bins[n]
			if better {
				before, after = after, before
			}
			require.Greater(t, before.WOE, after.WOE, a.Fact)
			require.GreaterOrEqual(t, before.Points, after.Points, a.Fact)
			require.GreaterOrEqual(t, float64(after.All()), .05*float64(len(first))*.95, a.Fact) // of those of which it is known
		}
		require.GreaterOrEqual(t, a.Weight, 0.)
		require.Positive(t, a.InformationValue)
	}
}

// anyAccounts draws accounts of which two facts are known or not, the later more often bad the later they are.
func anyAccounts(t *rapid.T) []train.Account {
	all := make([]train.Account, rapid.IntRange(0, 60).Draw(t, "accounts"))
	for n := range all {
		all[n].ID = string(rune('A' + n))
		all[n].Defaulted = rapid.Bool().Draw(t, "defaulted")
		for _, into := range []**int{&all[n].Facts.LateShare, &all[n].Facts.PaidShare, &all[n].Facts.LateTrend} {
			if rapid.Bool().Draw(t, "is known") {
				*into = number(rapid.IntRange(0, 100).Draw(t, "value"))
			}
		}
	}
	return all
}

func TestTrainingOnAnythingGivesACardOrSaysWhyNot(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		model, err := train.Train(anyAccounts(t))
		if err != nil {
			require.Regexp(t, "nothing can be learned|does not settle", err.Error())
			return
		}
		text := model.YAML()
		if strings.HasSuffix(text, "attributes:\n") {
			return // nothing tells anything
		}
		_, err = score.Parse("trained.yaml", []byte("name: a\nversion: a\ntitle: A\nbands: {high_below: -1000, medium_below: 2000}\n"+text))
		require.ErrorContains(t, err, "bands.high_below", "all but the bands is right")
	})
}
