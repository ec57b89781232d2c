package message

import "slices"

// Languages returns the languages that messages are written in, as BCP 47 tags; the first is what is used for a reader
// whose language is not among them.
func Languages() []string { return slices.Clone(shipped().tags) }
