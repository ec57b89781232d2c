package train

import (
	"cmp"
	"math"
	"slices"
)

// Count is how many accounts did not default, and how many did.
type Count struct {
	Good int `json:"good"`
	Bad  int `json:"bad"`
}

// All is how many there are.
func (c Count) All() int { return c.Good + c.Bad }

// Rate is the share that defaulted; 0 of none.
func (c Count) Rate() float64 { return float64(c.Bad) / float64(max(c.All(), 1)) }

func (c Count) plus(other Count) Count { return Count{c.Good + other.Good, c.Bad + other.Bad} }

func (c *Count) add(defaulted bool) {
	if defaulted {
		c.Bad++
	} else {
		c.Good++
	}
}

func countOf(accounts []Account) (all Count) {
	for _, a := range accounts {
		all.add(a.Defaulted)
	}
	return all
}

// Bin is a range of a fact's values, and what the accounts in it came to.
type Bin struct {
	// Below is the first value above the bin; nil of the last one.
	Below *int `json:"below,omitempty"`
	Count
	// WOE is the weight of evidence: the log of the bin's odds of good to bad, less that of all accounts.
	WOE float64 `json:"woe"`
	// Points are what a card gives for it.
	Points int `json:"points"`

	from int
}

// What bins must be, so that each says something and says it again on other accounts.
const (
	// leastShare is how much of all accounts a bin holds at least.
	leastShare = 0.05
	// leastChi2 is how much neighbours differ at least, in chi-squared of one degree of freedom: one in a thousand by chance.
	leastChi2 = 10.83
)

// bins divides the values of a fact into ranges whose odds move one way only: from the finest division, neighbours against
// the trend are joined (isotonic regression by pooling adjacent violators), and then, the most alike first, those that are
// too small or too alike. Accounts of which the fact is not known are left out.
func bins(accounts []Account, f measurable) []Bin {
	byValue, all := map[int]Count{}, Count{}
	for _, a := range accounts {
		if v := f.Of(a.Facts); v != nil {
			at := byValue[*v]
			at.add(a.Defaulted)
			byValue[*v] = at
			all.add(a.Defaulted)
		}
	}
	var pooled []Bin
	for value, here := range byValue {
		pooled = append(pooled, Bin{from: value, Count: here})
	}
	slices.SortFunc(pooled, func(a, b Bin) int { return cmp.Compare(a.from, b.from) })
	pooled = joinAlike(pool(pooled, f.rises), all.All())
	for n := range pooled {
		if n+1 < len(pooled) {
			pooled[n].Below = &pooled[n+1].from
		}
		pooled[n].WOE = woe(pooled[n].Count, all)
	}
	return pooled
}

// pool joins neighbours until the share of bad accounts rises throughout, or falls.
func pool(fine []Bin, rises bool) (pooled []Bin) {
	for _, b := range fine {
		pooled = append(pooled, b)
		for last := len(pooled) - 1; last > 0 && against(pooled[last-1].Count, pooled[last].Count, rises); last-- {
			pooled = join(pooled, last-1)
		}
	}
	return pooled
}

// against tells whether neighbours do not go the way that is expected. It compares shares without dividing.
func against(lower, upper Count, rises bool) bool {
	if !rises {
		lower, upper = upper, lower
	}
	return upper.Bad*lower.All() <= lower.Bad*upper.All()
}

// joinAlike joins neighbours until every bin is large enough and unlike its neighbours.
func joinAlike(b []Bin, all int) []Bin {
	for len(b) > 1 {
		alike, chi, small := 0, math.Inf(1), false
		for n := range len(b) - 1 {
			isSmall := float64(min(b[n].All(), b[n+1].All())) < leastShare*float64(all)
			c := chi2(b[n].Count, b[n+1].Count)
			if isSmall && !small || isSmall == small && c < chi {
				alike, chi, small = n, c, isSmall
			}
		}
		if !small && chi >= leastChi2 {
			break
		}
		b = join(b, alike)
	}
	return b
}

// join joins a bin with the next.
func join(b []Bin, n int) []Bin {
	b[n].Count = b[n].plus(b[n+1].Count)
	return slices.Delete(b, n+1, n+2)
}

// chi2 is Pearson's chi-squared of two groups' good and bad accounts.
func chi2(a, b Count) float64 {
	all := a.plus(b)
	if all.Good == 0 || all.Bad == 0 {
		return 0
	}
	cross := float64(a.Good)*float64(b.Bad) - float64(a.Bad)*float64(b.Good)
	return cross * cross * float64(all.All()) / (float64(a.All()) * float64(b.All()) * float64(all.Good) * float64(all.Bad))
}

// woe adds half an account to each side, as is usual, so that a side without any has a weight too.
func woe(here, all Count) float64 {
	return math.Log((float64(here.Good) + .5) / (float64(here.Bad) + .5) * (float64(all.Bad) + .5) / (float64(all.Good) + .5))
}

// informationValue is how much an attribute's bins tell good from bad accounts. As a rule of thumb, below 0.02 is nothing,
// from 0.1 on some, from 0.3 on much.
func informationValue(bins []Bin) (iv float64) {
	var all Count
	for _, b := range bins {
		all = all.plus(b.Count)
	}
	for _, b := range bins {
		iv += (float64(b.Good)/float64(max(all.Good, 1)) - float64(b.Bad)/float64(max(all.Bad, 1))) * b.WOE
	}
	return iv
}
