package train

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"github.com/tender-engine/tender/internal/score"
)

// Measurement is how well a card does on accounts that it was not made from.
type Measurement struct {
	// First are the accounts that the model was trained on, and Second those that are measured on.
	First  Count `json:"first"`
	Second Count `json:"second"`
	// Model is what training on the first half gives.
	Model Model `json:"model"`
	// ModelFirst is the model on the accounts that it was trained on. What it does better there is learned by heart.
	ModelFirst Discrimination `json:"model_first"`
	// ModelSecond and CardSecond are the model, and a card's whole points, on the others.
	ModelSecond Discrimination `json:"model_second"`
	CardSecond  Discrimination `json:"card_second"`
	// CardNotLate is the card on those of the second half of which no payment was missing.
	CardNotLate Discrimination `json:"card_not_late"`
	// ModelDeciles and CardDeciles are what was predicted on the second half and what came, from the least risk to the most.
	ModelDeciles []Decile `json:"model_deciles"`
	CardDeciles  []Decile `json:"card_deciles"`
	// Bands are what the card's bands hold of the second half.
	Bands []BandCount `json:"bands"`
}

// Discrimination is how well a risk tells the accounts that defaulted from those that did not.
type Discrimination struct {
	// AUC is how often, of an account that defaulted and one that did not, the first has the higher risk; a tie counts half.
	AUC float64 `json:"auc"`
	// Gini is 2 AUC - 1.
	Gini float64 `json:"gini"`
	// KS is the greatest distance between the shares of bad and of good accounts up to a risk (Kolmogorov-Smirnov).
	KS float64 `json:"ks"`
}

// Decile is a tenth of the accounts by their risk. Accounts of the same risk are not divided: they lie where the middle of
// them does, so it may hold more or less.
type Decile struct {
	// Number is 1 for the least risk, 10 for the most.
	Number int `json:"decile"`
	Count
	// Predicted is the mean risk, and Observed the share that defaulted.
	Predicted float64 `json:"predicted"`
	Observed  float64 `json:"observed"`
}

// BandCount is what a band holds.
type BandCount struct {
	Band score.Band `json:"band"`
	Count
}

// Halves divides accounts into those that train and those that measure, by a hash of their IDs.
func Halves(accounts []Account) (first, second []Account) {
	for _, a := range accounts {
		if a.first() {
			first = append(first, a)
		} else {
			second = append(second, a)
		}
	}
	return first, second
}

// Measure trains a model on the first half of the accounts, and measures it and a card on the second.
func Measure(accounts []Account, card *score.Card) (Measurement, error) {
	first, second := Halves(accounts)
	model, err := Train(first)
	if err != nil {
		return Measurement{}, err
	}
	m := Measurement{First: countOf(first), Second: countOf(second), Model: model}
	if m.Second.Good == 0 || m.Second.Bad == 0 {
		return Measurement{}, errors.New("nothing can be measured without accounts that defaulted and accounts that did not; give more accounts")
	}
	byCard := func(f score.Facts) float64 { return risk(card.Scale, card.Score(f).Points) }
	modelSecond, cardSecond := rank(second, model.risk), rank(second, byCard)
	m.ModelFirst = discriminate(rank(first, model.risk))
	m.ModelSecond, m.ModelDeciles = discriminate(modelSecond), deciles(modelSecond)
	m.CardSecond, m.CardDeciles = discriminate(cardSecond), deciles(cardSecond)
	m.CardNotLate = discriminate(rank(notLate(second), byCard))
	m.Bands = bands(second, card)
	return m, nil
}

func notLate(accounts []Account) []Account {
	return slices.DeleteFunc(slices.Clone(accounts), func(a Account) bool {
		return a.Facts.MonthsLateNow == nil || *a.Facts.MonthsLateNow > 0
	})
}

// risk is how likely a default is by what a scale says of points.
func risk(s score.Scale, points int) float64 {
	return 1 / (1 + float64(s.Odds)*math.Exp2(float64(points-s.Points)/float64(s.PDO)))
}

// level is the accounts that have the same risk.
type level struct {
	risk float64
	Count
}

// rank gathers accounts by their risk, the least first.
func rank(accounts []Account, risk func(score.Facts) float64) []level {
	at := map[float64]Count{}
	for _, a := range accounts {
		r := risk(a.Facts)
		here := at[r]
		here.add(a.Defaulted)
		at[r] = here
	}
	return levels(at)
}

func levels(at map[float64]Count) (all []level) {
	for r, here := range at {
		all = append(all, level{r, here})
	}
	slices.SortFunc(all, func(a, b level) int { return cmp.Compare(a.risk, b.risk) })
	return all
}

// discriminate counts pairs in whole numbers, so it is exact. Without good or without bad accounts it is that of chance.
func discriminate(ranked []level) Discrimination {
	var all, below Count
	for _, l := range ranked {
		all = all.plus(l.Count)
	}
	if all.Good == 0 || all.Bad == 0 {
		return Discrimination{AUC: .5}
	}
	halves, ks := 0, 0.0
	for _, l := range ranked {
		halves += l.Bad * (2*below.Good + l.Good)
		below = below.plus(l.Count)
		ks = max(ks, math.Abs(float64(below.Good)/float64(all.Good)-float64(below.Bad)/float64(all.Bad)))
	}
	auc := float64(halves) / float64(2*all.Good*all.Bad)
	return Discrimination{AUC: auc, Gini: 2*auc - 1, KS: ks}
}

// deciles returns the deciles that hold accounts.
func deciles(ranked []level) []Decile {
	all := 0
	for _, l := range ranked {
		all += l.All()
	}
	ten, below := make([]Decile, 10), 0
	for _, l := range ranked {
		d := &ten[(2*below+l.All())*10/(2*all)]
		d.Count, d.Predicted = d.plus(l.Count), d.Predicted+l.risk*float64(l.All())
		below += l.All()
	}
	for n := range ten {
		ten[n].Number = n + 1
		ten[n].Predicted /= float64(max(ten[n].All(), 1))
		ten[n].Observed = ten[n].Rate()
	}
	return slices.DeleteFunc(ten, func(d Decile) bool { return d.All() == 0 })
}

func bands(accounts []Account, card *score.Card) []BandCount {
	var all []BandCount
	for _, band := range score.Bands {
		b := BandCount{Band: band}
		for _, a := range accounts {
			if card.Score(a.Facts).Band == band {
				b.add(a.Defaulted)
			}
		}
		all = append(all, b)
	}
	return all
}
