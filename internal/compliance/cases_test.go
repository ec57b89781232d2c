//go:build !prove && !race

package compliance

// historiesACheck is how many random histories each of rapid's checks, a hundred unless it is told otherwise, draws for a
// rulebook: 2,000 in all.
const historiesACheck = 20
