//go:build !prove

package strategy_test

// livesACheck is how many lives of anything at all are lived in each of rapid's hundred checks.
const livesACheck = 1
