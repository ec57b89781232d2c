// Package score counts in halves.
package score

// Points are what an attribute gives.
type Points float64 // want: float64 is banned here: neither money nor a score has floating point
