//go:build race && !prove

package strategy_test

import "flag"

// A data race shows in few draws, and with the detector each takes many times as long.
func init() {
	if err := flag.Set("rapid.checks", "25"); err != nil {
		panic(err)
	}
}
