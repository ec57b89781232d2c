//go:build !failpoints

// Package failpoint lets tests kill a worker at the very places where a crash matters. Without the build tag
// failpoints it does nothing.
package failpoint

// Hit marks a place at which a test may kill the process.
func Hit(string) {}
