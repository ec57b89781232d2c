//go:build !prove && !race

package workflows_test

// randomRehearsals is how many random scenarios are lived through the real workflow as well.
const randomRehearsals = 12
