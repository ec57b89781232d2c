//go:build race && !prove

package compliance

// historiesACheck is how many random histories each of rapid's checks draws for a rulebook. A data race shows in few; what is
// allowed is looked at in more without the detector, which makes each take six times as long.
const historiesACheck = 4
