//go:build race && !prove

package workflows_test

// randomRehearsals is how many random scenarios are lived through the real workflow as well. A data race shows in few.
const randomRehearsals = 4
