//go:build !linux

package devstack

// memory is a folder in memory; elsewhere than on Linux there is none.
func memory() string { return "" }
