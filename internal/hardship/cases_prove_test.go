//go:build prove

package hardship_test

// cases is how many cases each property is tried on.
const cases = 100_000
