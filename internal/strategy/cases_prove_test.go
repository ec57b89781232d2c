//go:build prove

package strategy_test

// livesACheck is how many lives of anything at all are lived in each of rapid's hundred checks: ten thousand in all.
const livesACheck = 100
