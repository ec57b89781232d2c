// Package score says early which loans may go wrong, and why: a scorecard gives points for how a loan was paid, what came
// back and who was reached, and each attribute says in a sentence what it found.
//
// It is pure: the same facts give the same score, in whole points.
package score

import (
	"cmp"
	"slices"
	"strings"
)

// Card is one version of a scorecard. More points are less risk.
type Card struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	// Hash is the hash of the file's content.
	Hash string `json:"hash"`
	// Title is what it is called in front of people.
	Title string `json:"title"`
	Scale Scale  `json:"scale"`
	// Base is how many points everybody starts with.
	Base       int         `json:"base"`
	Bands      Thresholds  `json:"bands"`
	Attributes []Attribute `json:"attributes"`
}

// Scale says what points mean: Points are odds of Odds good loans to a bad one, and PDO points more double the odds.
type Scale struct {
	Points int `json:"points" yaml:"points"`
	Odds   int `json:"odds"   yaml:"odds"`
	PDO    int `json:"pdo"    yaml:"pdo"`
}

// Thresholds divide scores into bands: below HighBelow is high risk, from there to below MediumBelow medium risk, and what
// is not below MediumBelow low risk.
type Thresholds struct {
	HighBelow   int `json:"high_below"   yaml:"high_below"`
	MediumBelow int `json:"medium_below" yaml:"medium_below"`
}

// Attribute gives points for one fact.
type Attribute struct {
	// Fact is one of [Known].
	Fact   string `json:"fact"`
	Source Source `json:"source"`
	// Bins rise, each from where the one before ends; the last is open.
	Bins []Bin `json:"bins"`
	// NotKnown is what stands in their place when the fact is not known.
	NotKnown Bin `json:"not_known"`
}

// Bin is what a range of a fact's values is worth.
type Bin struct {
	// Below is the first value that is above it; nil of the last one.
	Below  *int `json:"below,omitempty"`
	Points int  `json:"points"`
	// Reason is a sentence that tells the borrower what was found.
	Reason string `json:"reason"`
}

// Result is a score with what it is made of.
type Result struct {
	Card    string `json:"card"`
	Version string `json:"version"`
	Hash    string `json:"hash"`
	// Points are Base and those of all Reasons.
	Points int  `json:"points"`
	Band   Band `json:"band"`
	Base   int  `json:"base"`
	// Reasons are what each attribute found: what is furthest from its best first, then by the fact's name.
	Reasons []Reason `json:"reasons"`
}

// Reason is what one attribute found.
type Reason struct {
	Fact string `json:"fact"`
	// Value is nil when the fact is not known.
	Value  *int   `json:"value"`
	Source Source `json:"source"`
	Points int    `json:"points"`
	// Short is how many more points the attribute's best bin has.
	Short int `json:"short"`
	// Sentence is the bin's reason.
	Sentence string `json:"reason"`
}

// Score scores a loan. Facts that the card does not ask for do not matter.
func (c *Card) Score(f Facts) Result {
	r := Result{Card: c.Name, Version: c.Version, Hash: c.Hash, Points: c.Base, Base: c.Base, Reasons: []Reason{}}
	for _, a := range c.Attributes {
		value := fact(a.Fact).Of(f)
		found := a.bin(value)
		r.Points += found.Points
		r.Reasons = append(r.Reasons, Reason{a.Fact, value, a.Source, found.Points, a.most() - found.Points, found.Reason})
	}
	r.Band = c.Bands.of(r.Points)
	slices.SortFunc(r.Reasons, func(a, b Reason) int {
		return cmp.Or(cmp.Compare(b.Short, a.Short), strings.Compare(a.Fact, b.Fact))
	})
	return r
}

// bin returns the bin that a value lies in.
func (a Attribute) bin(value *int) Bin {
	if value == nil {
		return a.NotKnown
	}
	n := slices.IndexFunc(a.Bins, func(b Bin) bool { return b.Below == nil || *value < *b.Below })
	return a.Bins[n]
}

func (a Attribute) least() int { return slices.Min(a.points()) }
func (a Attribute) most() int  { return slices.Max(a.points()) }

func (a Attribute) points() []int {
	points := []int{a.NotKnown.Points}
	for _, b := range a.Bins {
		points = append(points, b.Points)
	}
	return points
}

func (t Thresholds) of(points int) Band {
	switch {
	case points < t.HighBelow:
		return HighRisk
	case points < t.MediumBelow:
		return MediumRisk
	}
	return LowRisk
}
