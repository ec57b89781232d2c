//go:build !prove && !race

package hardship_test

// cases is how many cases each property is tried on.
const cases = 1000
