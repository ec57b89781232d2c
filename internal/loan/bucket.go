package loan

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Buckets are ranges of delinquent days: each entry is the first day of its bucket, the last one has no end.
type Buckets []int

// DefaultBuckets are the usual ones: current, 1-29, 30-59, 60-89, 90-119, 120-149, 150-179, 180+.
var DefaultBuckets = Buckets{1, 30, 60, 90, 120, 150, 180}

// current is the name of the bucket without delinquent days.
const current = "current"

// Names returns the names of all buckets, from the calm one to the latest.
func (b Buckets) Names() []string {
	names := []string{b.Name(0)}
	for _, first := range b {
		names = append(names, b.Name(first))
	}
	return names
}

// Name returns the name of the bucket that a number of delinquent days lies in.
func (b Buckets) Name(delinquentDays int) string { return b.name(b.place(delinquentDays)) }

// place is how many buckets begin on a number of delinquent days or before: 0 is the calm one.
func (b Buckets) place(delinquentDays int) int {
	n := len(b)
	for n > 0 && delinquentDays < b[n-1] {
		n--
	}
	return n
}

// name is the name of the bucket at a place.
func (b Buckets) name(place int) string {
	switch place {
	case 0:
		return current
	case len(b):
		return strconv.Itoa(b[place-1]) + "+"
	}
	return strconv.Itoa(b[place-1]) + "-" + strconv.Itoa(b[place]-1)
}

// buckets are those of the ledger, or the usual ones.
func (l *Ledger) buckets() Buckets {
	if len(l.Buckets) == 0 {
		return DefaultBuckets
	}
	return l.Buckets
}

// named are buckets that write each name once, however many installments lie in them.
type named struct {
	Buckets
	names []string
}

// Name returns the name of the bucket that a number of delinquent days lies in.
func (b *named) Name(delinquentDays int) string {
	if b.names == nil {
		b.names = make([]string, len(b.Buckets)+1)
	}
	name := &b.names[b.place(delinquentDays)]
	if *name == "" {
		*name = b.Buckets.Name(delinquentDays)
	}
	return *name
}

// UnmarshalJSON reads the first days of the buckets, [1, 30, 60], or their names, ["current", "1-29", "30-59", "60+"].
func (b *Buckets) UnmarshalJSON(text []byte) error {
	var days []int
	if json.Unmarshal(text, &days) == nil {
		*b = days
		return nil
	}
	var names []string
	if json.Unmarshal(text, &names) != nil {
		return errors.New("must list the first days of the buckets, such as [1, 30, 60], or their names")
	}
	*b = nil
	for n, name := range names {
		first, _, _ := strings.Cut(strings.TrimSuffix(name, "+"), "-")
		day, err := strconv.Atoi(first)
		switch {
		case name == current && n == 0:
		case err != nil:
			return fmt.Errorf("%q is no bucket such as 30-59 or 60+", name)
		default:
			*b = append(*b, day)
		}
	}
	got := b.Names()
	if len(names) > 0 && names[0] != current {
		got = got[1:]
	}
	if !slices.Equal(got, names) {
		return fmt.Errorf("leave gaps or overlap: they would have to be %s", strings.Join(got, ", "))
	}
	return nil
}

// validate refuses buckets that do not rise.
func (b Buckets) validate() error {
	for n, first := range b {
		if first < 1 || n > 0 && first <= b[n-1] {
			return fmt.Errorf("buckets[%d]: %d must be positive and greater than the one before", n, first)
		}
	}
	return nil
}
