// Package rates compares how often people complain after one thing and after the rest of its kind: after a message, under a strategy, of
// an agent. A complaint is rare, and a ratio of few says little; so each rate has an interval, and none is named but one that chance
// hardly explains.
//
// Complaints are counted as events of a Poisson process whose exposure is contacts: one contact may be followed by none, or, months
// later, by more than one. Intervals are exact ones, so that they hold for small counts too. They are wider than need be.
package rates

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Level is the share of the cases in which nothing is named where nothing is, and of those in which an interval holds what it is about, in
// percent.
const Level = 95

// alpha is what Level leaves to chance.
const alpha = 1 - float64(Level)/100

// Hundredths is a number with two decimals.
type Hundredths int64

// String writes it with both.
func (h Hundredths) String() string {
	sign := ""
	if h < 0 {
		sign, h = "-", -h
	}
	return fmt.Sprintf("%s%d.%02d", sign, h/100, h%100)
}

// MarshalJSON writes a number.
func (h Hundredths) MarshalJSON() ([]byte, error) { return []byte(h.String()), nil }

// most is the greatest number that is written; beyond, nothing is known.
const most = 1 << 52

// of rounds a number; nil for one without bound.
func of(x float64) *Hundredths {
	if math.IsNaN(x) || math.Abs(x*100) >= most {
		return nil
	}
	h := Hundredths(math.Round(x * 100))
	return &h
}

// PerThousand is how many there are in a thousand; nil where there is no thousand to speak of.
func PerThousand(count, among int64) *Hundredths {
	if among <= 0 {
		return nil
	}
	return of(1000 * float64(count) / float64(among))
}

// Chance is a probability in thousandths, rounded up: it is never written as smaller than it is.
type Chance int64

// String writes it with three decimals.
func (c Chance) String() string { return fmt.Sprintf("%d.%03d", int64(c)/1000, int64(c)%1000) }

// MarshalJSON writes a number.
func (c Chance) MarshalJSON() ([]byte, error) { return []byte(c.String()), nil }

// Interval is where a number lies. High is nil where it has no bound.
type Interval struct {
	Low  Hundredths  `json:"low"`
	High *Hundredths `json:"high"`
}

// String writes it as people do.
func (i Interval) String() string {
	if i.High == nil {
		return i.Low.String() + " or more"
	}
	return i.Low.String() + " to " + i.High.String()
}

// Group is how many complaints came after how many contacts.
type Group struct {
	Name                 string
	Complaints, Contacts int64
}

// Outlier is a group after which people complain more often than after the rest, by more than chance explains.
type Outlier struct {
	Name       string `json:"name"`
	Complaints int64  `json:"complaints"`
	Contacts   int64  `json:"contacts"`
	// Rate is complaints in a thousand contacts, and Between where it lies; Rest is that of the rest.
	Rate    Hundredths `json:"rate"`
	Between Interval   `json:"rate_between"`
	Rest    Hundredths `json:"rest"`
	// Times is how many times that of the rest it is; nil where the rest has none. TimesBetween is where that lies.
	Times        *Hundredths `json:"times"`
	TimesBetween Interval    `json:"times_between"`
	// Chance is how likely a difference as great as this is among all that were compared if nothing differs.
	Chance Chance `json:"chance"`
}

// Outliers compares each group of a table with the rest of its table, and returns those with more complaints: the least likely first in
// each. Those with fewer are not named: beside one bad group all others have fewer. Groups with fewer than some contacts are not compared,
// and the rest counts them. All tables are one family: the more is compared, the surer each must be, so that in [Level] of a hundred
// reports no group is named that does not differ. compared is how many there are in the family.
func Outliers(least int64, tables ...[]Group) (found [][]Outlier, compared int) {
	type place struct {
		table       int
		group, rest Group
		chance      float64
	}
	var family []place
	for t, table := range tables {
		var all Group
		for _, g := range table {
			all.Complaints += g.Complaints
			all.Contacts += g.Contacts
		}
		for _, g := range table {
			rest := Group{Complaints: all.Complaints - g.Complaints, Contacts: all.Contacts - g.Contacts}
			if g.Contacts < max(least, 1) || rest.Contacts < 1 {
				continue
			}
			family = append(family, place{t, g, rest, differ(g, rest)})
		}
	}
	slices.SortStableFunc(family, func(a, b place) int { return cmp.Compare(a.chance, b.chance) })
	found = make([][]Outlier, len(tables))
	chances := make([]float64, len(family))
	for n, p := range family {
		chances[n] = p.chance
	}
	for n, adjusted := range holm(chances) {
		if p := family[n]; adjusted < alpha && more(p.group, p.rest) {
			out := compare(p.group, p.rest)
			out.Chance = Chance(math.Ceil(adjusted * 1000))
			found[p.table] = append(found[p.table], out)
		}
	}
	return found, len(family)
}

// more reports whether a group has more complaints than its share of the contacts.
func more(g, rest Group) bool {
	return float64(g.Complaints)*float64(rest.Contacts) > float64(rest.Complaints)*float64(g.Contacts)
}

// compare describes a group beside the rest. Both have contacts, and the group complaints.
func compare(g, rest Group) Outlier {
	low, high := counted(g.Complaints)
	thousands := float64(g.Contacts) / 1000
	out := Outlier{
		Name: g.Name, Complaints: g.Complaints, Contacts: g.Contacts, Rate: *PerThousand(g.Complaints, g.Contacts),
		Between: Interval{Low: *of(low / thousands), High: of(high / thousands)}, Rest: *PerThousand(rest.Complaints, rest.Contacts),
	}
	times := func(share float64) float64 {
		return share / (1 - share) * float64(rest.Contacts) / float64(g.Contacts)
	}
	all := g.Complaints + rest.Complaints
	least, most := shared(g.Complaints, all)
	out.Times, out.TimesBetween = of(times(float64(g.Complaints)/float64(all))), Interval{Low: *of(times(least)), High: of(times(most))}
	return out
}

// counted is between what the expected number lies of which a number was counted: Garwood's exact interval of a Poisson mean.
func counted(n int64) (low, high float64) {
	if n > 0 {
		low = distuv.Gamma{Alpha: float64(n), Beta: 1}.Quantile(alpha / 2)
	}
	return low, distuv.Gamma{Alpha: float64(n) + 1, Beta: 1}.Quantile(1 - alpha/2)
}

// shared is between what a share lies of which n of all were counted: the exact interval of Clopper and Pearson.
func shared(n, all int64) (low, high float64) {
	high = 1
	if n > 0 {
		low = distuv.Beta{Alpha: float64(n), Beta: float64(all-n) + 1}.Quantile(alpha / 2)
	}
	if n < all {
		high = distuv.Beta{Alpha: float64(n) + 1, Beta: float64(all - n)}.Quantile(1 - alpha/2)
	}
	return low, high
}

// differ is how likely two groups differ as much as these do if their rates are the same: the exact conditional test of Przyborowski and
// Wilenski. Of all complaints that there are, each falls to the first group with the share that it has of the contacts. The smaller tail
// counts twice.
func differ(a, b Group) float64 {
	n, all := a.Complaints, a.Complaints+b.Complaints
	share := float64(a.Contacts) / float64(a.Contacts+b.Contacts)
	atLeast, atMost := 1.0, 1.0
	if n > 0 {
		atLeast = distuv.Beta{Alpha: float64(n), Beta: float64(all-n) + 1}.CDF(share)
	}
	if n < all {
		atMost = distuv.Beta{Alpha: float64(n) + 1, Beta: float64(all - n)}.Survival(share)
	}
	return min(1, 2*min(atLeast, atMost))
}

// holm makes probabilities, the smallest first, ones of a whole family, by Holm's step-down method. It holds however the comparisons hang
// together, as these do: each group is part of the rest of the others.
func holm(chances []float64) []float64 {
	adjusted, last := make([]float64, len(chances)), 0.0
	for n, chance := range chances {
		last = max(last, min(1, float64(len(chances)-n)*chance))
		adjusted[n] = last
	}
	return adjusted
}
