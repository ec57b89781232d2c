package hardship_test

import (
	"flag"
	"os"
	"strconv"
	"testing"
)

// TestMain says how many cases rapid tries; -rapid.checks on the command line says otherwise.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", strconv.Itoa(cases)); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
