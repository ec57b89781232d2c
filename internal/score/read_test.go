package score_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/score"
)

const good = `name: own
version: "1"
title: Our own
scale: {points: 600, odds: 50, pdo: 20}
base: 500
bands: {high_below: 480, medium_below: 505}
attributes:
  - fact: late_share
    source: measured
    bins:
      - {below: 1, points: 20, reason: None was late.}
      - {below: 50, points: 0, reason: Some were late.}
      - {points: -20, reason: Half were late.}
    not_known: {points: 5, reason: None fell due.}
  - fact: promises_broken
    source: judged
    bins:
      - {below: 1, points: 0, reason: None was broken.}
      - {points: -6, reason: One was broken.}
    not_known: {points: 0, reason: None was made.}
`

func TestTheShippedCardAsksForPaymentRepliesAndReach(t *testing.T) {
	t.Parallel()
	card, err := score.Shipped()
	require.NoError(t, err)
	require.Equal(t, "early-warning", card.Name)
	require.Len(t, card.Hash, 16)
	judged := map[string]bool{}
	for _, a := range card.Attributes {
		judged[a.Fact] = a.Source == score.Judged
		if a.Source == score.Judged {
			require.Zero(t, a.NotKnown.Points, "what nobody knows is held against nobody")
		}
	}
	for _, fact := range []string{"hardships_told", "promises_broken", "unanswered_contacts", "failed_contact_share"} {
		require.True(t, judged[fact], fact)
	}
	require.False(t, judged["months_late_now"])
}

func TestCardsThatSayNothingSensibleAreRefusedWhereTheySayIt(t *testing.T) {
	t.Parallel()
	_, err := score.Parse("own.yaml", []byte(good))
	require.NoError(t, err)
	for _, c := range []struct{ old, new, says string }{
		{"name: own", "name: Our Own", `own.yaml:1:7: name: "Our Own" must be 1 to 40 small letters`},
		{`version: "1"`, `version: ""`, "own.yaml:2:10: version:"},
		{"title: Our own", `title: " "`, "own.yaml:3:8: title: is missing"},
		{"title: Our own", "titel: Our own", `own.yaml:3:1: unknown field "titel"`},
		{"points: 600", "points: 0", "own.yaml:4:17: scale.points: 0 must lie between 1 and 2000"},
		{"odds: 50", "odds: 0", "own.yaml:4:28: scale.odds: 0 must lie between 1 and 10000: so many good loans to a bad one"},
		{"pdo: 20", "pdo: 501", "own.yaml:4:37: scale.pdo: 501 must lie between 1 and 500: so many points double the odds"},
		{"base: 500\n", "", "own.yaml:1:1: base: is missing; say how many points everybody starts with"},
		{"base: 500", "base: 2001", "own.yaml:5:7: base: 2001 must lie between -2000 and 2000"},
		{"base: 500", "base: 500.5", "own.yaml:5:7: 500.5 has a fraction; write a whole number, or text in quotes"},
		{"high_below: 480", "high_below: 474", "own.yaml:6:21: bands.high_below: 474 must lie above 474 and not above 520, between which the card's scores lie"},
		{"high_below: 480", "high_below: 521", "bands.high_below: 521 must lie above 474"},
		{"medium_below: 505", "medium_below: 480", "own.yaml:6:40: bands.medium_below: 480 must lie above high_below, 480, and not above 520, the best score"},
		{"medium_below: 505", "medium_below: 521", "bands.medium_below: 521"},
		{"fact: late_share", "fact: age", `own.yaml:8:11: attributes[0].fact: unknown fact "age"; use one of late_share, worst_months_late`},
		{"fact: promises_broken", "fact: late_share", "own.yaml:15:11: attributes[1].fact: late_share has points already; give each fact one attribute"},
		{"source: measured", "source: guessed", `own.yaml:9:13: attributes[0].source: unknown source "guessed"; use one of measured, judged`},
		{"    source: measured\n", "", `own.yaml:8:5: attributes[0].source: unknown source ""`},
		{"source: measured", "source: judged", "own.yaml:9:13: attributes[0].source: judged points up to here differ by 40 in all, more than the pdo, 20; make them smaller, or measure them"},
		{"points: -6", "points: -21", "own.yaml:16:13: attributes[1].source: judged points up to here differ by 21"},
		{"{below: 50,", "{below: 1,", "own.yaml:12:17: attributes[0].bins[1].below: 1 must be more than that of the bin before, 1"},
		{"{below: 50,", "{below: 101,", "own.yaml:12:17: attributes[0].bins[1].below: 101 must lie above 0 and not above 100, between which late_share lies"},
		{"below: 1, points: 20", "below: 0, points: 20", "own.yaml:11:17: attributes[0].bins[0].below: 0 must lie above 0"},
		{"{below: 50, points: 0,", "{points: 0,", "own.yaml:12:10: attributes[0].bins[1].below: is missing; only the last bin is open"},
		{"{points: -20,", "{below: 90, points: -20,", "own.yaml:13:17: attributes[0].bins[2].below: the last bin is open, or what lies above it would have no points; leave it out"},
		{"      - {below: 1, points: 0, reason: None was broken.}\n", "", "own.yaml:18:7: attributes[1].bins: 1 bins; an attribute has 2 to 12"},
		{"points: 20, ", "", "own.yaml:11:10: attributes[0].bins[0].points: is missing; write 0 for none"},
		{"points: 20", "points: 501", "own.yaml:11:28: attributes[0].bins[0].points: 501 must lie between -500 and 500"},
		{"points: 20", "points: 99999999999999999999", "own.yaml:11:28: cannot unmarshal"},
		{"reason: Some were late.", `reason: " "`, "own.yaml:12:40: attributes[0].bins[1].reason: is missing; tell the borrower in a sentence what was found"},
		{"reason: Some were late.", "because: Some were late.", `own.yaml:12:32: unknown field "because"`},
		{"    not_known: {points: 5, reason: None fell due.}\n", "", "own.yaml:8:5: attributes[0].not_known: is missing; say what late_share is worth when it is not known"},
		{"{points: 5, reason: None fell due.}", "{points: 5}", "own.yaml:14:17: attributes[0].not_known.reason: is missing"},
		{"{points: 5, reason", "{below: 5, points: 5, reason", "own.yaml:14:24: attributes[0].not_known.below: what is not known lies below nothing; leave it out"},
	} {
		text := strings.Replace(good, c.old, c.new, 1)
		require.NotEqual(t, good, text, c.old)
		card, err := score.Parse("own.yaml", []byte(text))
		require.ErrorContains(t, err, c.says, c.new)
		require.Nil(t, card)
	}
	head, _, _ := strings.Cut(good, "attributes:")
	_, err = score.Parse("own.yaml", []byte(head))
	require.ErrorContains(t, err, "attributes: is missing; give points for at least one fact")
}
