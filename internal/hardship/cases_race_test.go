//go:build race && !prove

package hardship_test

// cases is how many cases each property is tried on. A data race shows in few.
const cases = 200
