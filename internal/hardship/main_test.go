package hardship_test

import (
	"flag"
	"os"
	"strconv"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

// TestMain says how many cases rapid tries; -rapid.checks on the command line says otherwise.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", strconv.Itoa(cases)); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
