// Package train makes a scorecard from accounts whose end is known, and measures how well a card tells those that default
// from those that do not.
//
// It is statistics, so it counts in floating point; what a borrower's score depends on are the whole points that come out.
package train

import (
	"errors"
	"math"
	"slices"

	"github.com/tender-engine/tender/internal/score"
)

// UsualScale is what the textbooks have: 600 points are odds of 50 good accounts to a bad one, and 20 more double them
// (Siddiqi, Credit Risk Scorecards, 2006).
var UsualScale = score.Scale{Points: 600, Odds: 50, PDO: 20}

// Model is a scorecard and the figures that its points are rounded from.
type Model struct {
	// Intercept is the log odds of good to bad of an account of which nothing is known, and Base the same in points.
	Intercept float64 `json:"intercept"`
	Base      int     `json:"base"`
	// Attributes are all that can be measured, also those that the card leaves out.
	Attributes []Attribute `json:"attributes"`
}

// Attribute is one fact with its bins.
type Attribute struct {
	Fact string `json:"fact"`
	// InformationValue is how much the bins alone tell good from bad accounts.
	InformationValue float64 `json:"information_value"`
	// Weight is by how much the bins' weight of evidence counts beside that of the others; 0 when the card leaves the
	// attribute out.
	Weight float64 `json:"weight"`
	Bins   []Bin   `json:"bins"`

	about measurable
}

// woe is the weight of evidence of an account. Of what is not known it is 0: that tells neither for the account nor against.
func (a Attribute) woe(f score.Facts) float64 {
	v := a.about.Of(f)
	if v == nil {
		return 0
	}
	n := slices.IndexFunc(a.Bins, func(b Bin) bool { return b.Below == nil || *v < *b.Below })
	return a.Bins[n].WOE
}

// Train makes a model of accounts.
func Train(accounts []Account) (Model, error) {
	all := countOf(accounts)
	if all.Good == 0 || all.Bad == 0 {
		return Model{}, errors.New("nothing can be learned without accounts that defaulted and accounts that did not; give more accounts")
	}
	var m Model
	for _, f := range measurables {
		b := bins(accounts, f)
		m.Attributes = append(m.Attributes, Attribute{Fact: f.Name, InformationValue: informationValue(b), Bins: b, about: f})
	}
	if err := m.weigh(accounts); err != nil {
		return Model{}, err
	}
	m.scale(UsualScale)
	return m, nil
}

// weigh finds the intercept and the weights. An attribute whose weight would turn its points against what its bins say is
// left out, because nobody could explain it; the worst first.
func (m *Model) weigh(accounts []Account) error {
	good := make([]bool, len(accounts))
	for n, a := range accounts {
		good[n] = !a.Defaulted
	}
	var in []int
	for n, a := range m.Attributes {
		if len(a.Bins) > 1 {
			in = append(in, n)
		}
	}
	for {
		found, err := logit(m.evidence(accounts, in), good)
		if err != nil {
			return err
		}
		weights := found[1:]
		if len(in) == 0 || slices.Min(weights) > 0 {
			m.Intercept = found[0]
			for n, weight := range weights {
				m.Attributes[in[n]].Weight = weight
			}
			return nil
		}
		worst := slices.Index(weights, slices.Min(weights))
		in = slices.Delete(in, worst, worst+1)
	}
}

// evidence is the weight of evidence of each account in some of the attributes.
func (m *Model) evidence(accounts []Account, in []int) [][]float64 {
	x := make([][]float64, len(accounts))
	for n, a := range accounts {
		for _, i := range in {
			x[n] = append(x[n], m.Attributes[i].woe(a.Facts))
		}
	}
	return x
}

// scale turns log odds into points.
func (m *Model) scale(s score.Scale) {
	factor := float64(s.PDO) / math.Ln2
	m.Base = int(math.Round(float64(s.Points) + factor*(m.Intercept-math.Log(float64(s.Odds)))))
	for _, a := range m.Attributes {
		for n := range a.Bins {
			a.Bins[n].Points = int(math.Round(factor * a.Weight * a.Bins[n].WOE))
		}
	}
}

// risk is how likely an account is to default, between 0 and 1.
func (m Model) risk(f score.Facts) float64 {
	z := m.Intercept
	for _, a := range m.Attributes {
		z += a.Weight * a.woe(f)
	}
	return sigmoid(-z)
}
