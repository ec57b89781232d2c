//go:build prove

package workflows_test

const randomRehearsals = 600
