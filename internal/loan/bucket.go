package loan

import "strconv"

// Buckets are ranges of delinquent days: each entry is the first day of its bucket, the last one has no end.
type Buckets []int

// DefaultBuckets are the usual ones: current, 1-29, 30-59, 60-89, 90-119, 120-149, 150-179, 180+.
var DefaultBuckets = Buckets{1, 30, 60, 90, 120, 150, 180}

// Names returns the names of all buckets, from the calm one to the latest.
func (b Buckets) Names() []string {
	names := []string{b.Name(0)}
	for _, first := range b {
		names = append(names, b.Name(first))
	}
	return names
}

// Name returns the name of the bucket that a number of delinquent days lies in.
func (b Buckets) Name(delinquentDays int) string {
	for n := len(b) - 1; n >= 0; n-- {
		if delinquentDays < b[n] {
			continue
		}
		if n == len(b)-1 {
			return strconv.Itoa(b[n]) + "+"
		}
		return strconv.Itoa(b[n]) + "-" + strconv.Itoa(b[n+1]-1)
	}
	return "current"
}
