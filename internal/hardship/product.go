package hardship

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/strictyaml"
)

// Product is one version of a kind of help: for whom, within which limits, on which terms.
type Product struct {
	Name    string `yaml:"name"`
	Version string `yaml:"version"`
	Kind    Kind   `yaml:"kind"`
	// Title is what it is called in front of people.
	Title string `yaml:"title"`
	// Eligible must all hold; none means that everybody is.
	Eligible []Condition `yaml:"eligible"`
	Limits   Limits      `yaml:"limits"`
	Terms    Terms       `yaml:"terms"`
	Breaks   Breaks      `yaml:"breaks"`
	// Restores says that what was waived is owed again when the plan breaks. Default: it stays waived.
	Restores bool `yaml:"restores"`
	// Reinstatement says whether a broken plan may be taken up again. Default: never.
	Reinstatement Reinstatement `yaml:"reinstate"`
	// AnswerWithinDays is for how many days an offer stands.
	AnswerWithinDays int `yaml:"answer_within_days"`
	// Hash is the hash of the file's content.
	Hash string `yaml:"-"`
}

// Limits bound how long a plan is and how often it is given.
type Limits struct {
	// Months is how long the plan takes at least and at most.
	Months Months `yaml:"months"`
	// Count says which earlier plans count: of the same product, of the same kind, or any. Default: kind.
	Count Scope `yaml:"count"`
	// In12Months and In5Years are how many such plans may be accepted in so long, this one included; 0 is no limit. The day
	// on which an earlier one has become 12 months, or 5 years, old is the first on which it does not count.
	In12Months int `yaml:"in_12_months"`
	In5Years   int `yaml:"in_5_years"`
	// LoanAgeMonths is how many whole months old the loan must be.
	LoanAgeMonths int `yaml:"loan_age_months"`
}

// Months is a range of months.
type Months struct {
	Min int `yaml:"min"`
	Max int `yaml:"max"`
}

// Terms are what a plan does to the debt. Which of them a product has depends on its kind.
type Terms struct {
	// Interest is what happens to interest while the plan lasts; for a rate reduction, in its months. Default: accrues.
	Interest Interest `yaml:"interest"`
	// RateBPS is the rate that reduced interest has, in basis points per year; never more than the contract's.
	RateBPS int `yaml:"rate_bps"`
	// Fees is what happens to unpaid fees. Default: kept.
	Fees Fees `yaml:"fees"`
	// PayPercent is the least and the most, in percent, of the usual payment that reduced payments are.
	PayPercent Range `yaml:"pay_percent"`
	// SettlePercent is how much of the balance, in percent, a settlement takes.
	SettlePercent int `yaml:"settle_percent"`
	// ExtendMonths is by how many months reduced payments and rate reductions may lengthen the loan, so that it stays
	// payable afterwards. Default: not at all.
	ExtendMonths int `yaml:"extend_months"`
	// Multiple is what payments are rounded down to multiples of, such as "1"; the last takes the rest. Default: the
	// currency's minor unit.
	Multiple decimal.Decimal `yaml:"multiple"`
}

// Range is a range of percent.
type Range struct {
	Min int `yaml:"min"`
	Max int `yaml:"max"`
}

// Breaks says when a plan is broken. A payment is missed when it is not there, whole, by the end of its days of grace.
type Breaks struct {
	// Missed is how many missed payments that are still unpaid break it; DaysLate is how many days late one may be at most.
	Missed   int `yaml:"missed"    json:"missed"`
	DaysLate int `yaml:"days_late" json:"days_late"`
	// GraceDays is how many days late a payment may be without being missed.
	GraceDays int `yaml:"grace_days" json:"grace_days,omitempty"`
}

// longestPlan is how many months a plan may take: China's rules for personalised plans and the US guidance for workouts
// both have 60.
const longestPlan = 60

// Parse reads a product. Its errors name file, line and column.
func Parse(file string, text []byte) (*Product, error) {
	p := &Product{}
	at, err := strictyaml.Decode(file, text, p)
	if err != nil {
		return nil, err
	}
	p.defaults()
	hash := sha256.Sum256(text)
	p.Hash = hex.EncodeToString(hash[:8])
	if err := p.check(at); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *Product) defaults() {
	for _, unset := range []struct {
		set  func()
		when bool
	}{
		{func() { p.Limits.Count = OfKind }, p.Limits.Count == ""},
		{func() { p.Terms.Interest = Accrues }, p.Terms.Interest == ""},
		{func() { p.Terms.Fees = FeesKept }, p.Terms.Fees == ""},
		{func() { p.Reinstatement = Never }, p.Reinstatement == ""},
	} {
		if unset.when {
			unset.set()
		}
	}
}

// name is what a product and its version may be called. Both go into histories.
var name = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,39}$`)

func (p *Product) check(at *strictyaml.File) error {
	switch {
	case !name.MatchString(p.Name):
		return at.Errorf("$.name", "%q must be 1 to 40 small letters, digits, dots and dashes", p.Name)
	case !name.MatchString(p.Version):
		return at.Errorf("$.version", "%q must be 1 to 40 small letters, digits, dots and dashes", p.Version)
	case strings.TrimSpace(p.Title) == "":
		return at.Errorf("$.title", "is missing; say what borrowers know it as")
	case p.AnswerWithinDays < 1 || p.AnswerWithinDays > 90:
		return at.Errorf("$.answer_within_days", "%d must lie between 1 and 90", p.AnswerWithinDays)
	}
	if err := p.checkWords(at); err != nil {
		return err
	}
	for n := range p.Eligible {
		c := &p.Eligible[n]
		if strings.TrimSpace(c.Why) == "" {
			return at.Errorf(fmt.Sprintf("$.eligible[%d].why", n), "is missing; say to the borrower why not, when it does not hold")
		}
		if err := c.compile(); err != nil {
			return at.Errorf(fmt.Sprintf("$.eligible[%d].when", n), "%v", err)
		}
	}
	for _, check := range []func(*strictyaml.File) error{p.checkLimits, p.checkTerms, p.checkBreaks} {
		if err := check(at); err != nil {
			return err
		}
	}
	return nil
}

func (p *Product) checkWords(at *strictyaml.File) error {
	for _, word := range []struct {
		path string
		err  error
	}{
		{"$.kind", known("kind of plan", Kinds, p.Kind)},
		{"$.limits.count", known("scope", Scopes, p.Limits.Count)},
		{"$.terms.interest", known("treatment of interest", Interests, p.Terms.Interest)},
		{"$.terms.fees", known("treatment of fees", FeeTreatments, p.Terms.Fees)},
		{"$.reinstate", known("reinstatement", Reinstatements, p.Reinstatement)},
	} {
		if word.err != nil {
			return at.Errorf(word.path, "%v", word.err)
		}
	}
	return nil
}

// known refuses a word that is not in its set.
func known[T ~string](set string, all []T, word T) error {
	_, err := closed.Parse(set, all, string(word))
	return err
}

func (p *Product) checkLimits(at *strictyaml.File) error {
	l, most := p.Limits, longestPlan
	if p.Kind == Settlement {
		most = 12
	}
	switch {
	case l.Months.Min < 1 || l.Months.Max < l.Months.Min || l.Months.Max > most:
		return at.Errorf("$.limits.months", "min %d and max %d must rise from 1 to %d at most", l.Months.Min, l.Months.Max, most)
	case l.In12Months < 0:
		return at.Errorf("$.limits.in_12_months", "%d must not be negative", l.In12Months)
	case l.In5Years < 0 || l.In5Years > 0 && l.In5Years < l.In12Months:
		return at.Errorf("$.limits.in_5_years", "%d must not be less than in_12_months, %d", l.In5Years, l.In12Months)
	case l.LoanAgeMonths < 0:
		return at.Errorf("$.limits.loan_age_months", "%d must not be negative", l.LoanAgeMonths)
	}
	return nil
}

func (p *Product) checkTerms(at *strictyaml.File) error {
	t := p.Terms
	only := func(field string, set bool, kinds ...Kind) error {
		if set && !slices.Contains(kinds, p.Kind) {
			return at.Errorf("$.terms."+field, "a %s has none; only %s has", p.Kind, closed.Join(kinds))
		}
		return nil
	}
	for _, err := range []error{
		only("pay_percent", t.PayPercent != Range{}, ReducedPayments),
		only("settle_percent", t.SettlePercent != 0, Settlement),
		only("extend_months", t.ExtendMonths != 0, ReducedPayments, RateReduction),
	} {
		if err != nil {
			return err
		}
	}
	switch {
	case (t.Interest == Reduced) != (t.RateBPS != 0) || t.RateBPS < 0 || t.RateBPS > 100_000:
		return at.Errorf("$.terms.rate_bps", "%d must be the positive rate of interest that is reduced, and stand nowhere else", t.RateBPS)
	case p.Kind == RateReduction && t.Interest == Accrues:
		return at.Errorf("$.terms.interest", "a rate_reduction has its interest reduced or waived")
	case p.Kind == FeeWaiver && t.Fees != FeesWaived:
		return at.Errorf("$.terms.fees", "a fee_waiver has its fees waived")
	case p.Kind == Settlement && (t.SettlePercent < 1 || t.SettlePercent > 99):
		return at.Errorf("$.terms.settle_percent", "%d must lie between 1 and 99", t.SettlePercent)
	case p.Kind == ReducedPayments && (t.PayPercent.Min < 1 || t.PayPercent.Max < t.PayPercent.Min || t.PayPercent.Max > 99):
		return at.Errorf("$.terms.pay_percent", "min %d and max %d must rise from 1 to 99 at most", t.PayPercent.Min, t.PayPercent.Max)
	case t.ExtendMonths < 0 || t.ExtendMonths > longestPlan:
		return at.Errorf("$.terms.extend_months", "%d must lie between 0 and %d", t.ExtendMonths, longestPlan)
	case t.Multiple.IsNeg():
		return at.Errorf("$.terms.multiple", "%s must be positive", t.Multiple)
	}
	return nil
}

func (p *Product) checkBreaks(at *strictyaml.File) error {
	switch b := p.Breaks; {
	case b.Missed < 1 || b.Missed > longestPlan:
		return at.Errorf("$.breaks.missed", "%d must lie between 1 and %d", b.Missed, longestPlan)
	case b.GraceDays < 0 || b.GraceDays > 30:
		return at.Errorf("$.breaks.grace_days", "%d must lie between 0 and 30", b.GraceDays)
	case b.DaysLate <= b.GraceDays || b.DaysLate > 365:
		return at.Errorf("$.breaks.days_late", "%d must be more than grace_days, %d, and 365 at most", b.DaysLate, b.GraceDays)
	}
	return nil
}

//go:embed products/*.yaml
var shipped embed.FS

// Load returns the products that Tender ships, and those in a folder; a file there replaces a shipped one of the same
// name. An empty folder name means only the shipped ones. They are in the order of their names.
func Load(dir string) ([]*Product, error) {
	all, err := strictyaml.Shelf[*Product]{
		Word: "product", Shipped: shipped, Folder: "products", Name: func(p *Product) string { return p.Name },
		Read: func(file string, text []byte, _ bool) (*Product, error) { return Parse(file, text) },
	}.Load(dir)
	slices.SortFunc(all, func(a, b *Product) int { return strings.Compare(a.Name, b.Name) })
	return all, err
}
