// Package train does statistics.
package train

// Risk is how likely a default is.
type Risk float64
