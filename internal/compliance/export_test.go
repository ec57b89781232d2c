package compliance

import "slices"

// Rulebooks returns all rulebooks, sorted by name.
func (l *Library) Rulebooks() []*Rulebook { return slices.Clone(l.books) }
