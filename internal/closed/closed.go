// Package closed holds the one mechanism behind Tender's closed sets of words (stages, channels, dispositions, …):
// a word outside the set is refused wherever it enters, with the words that would have been right.
package closed

import (
	"fmt"
	"slices"
	"strings"
)

// Parse returns text as a member of the set all, or an error that names the set and lists its members.
func Parse[T ~string](set string, all []T, text string) (T, error) {
	if word := T(text); slices.Contains(all, word) {
		return word, nil
	}
	return "", fmt.Errorf("unknown %s %q; use one of %s", set, text, Join(all))
}

// Join lists the members of a set for a message to a person.
func Join[T ~string](all []T) string {
	words := make([]string, len(all))
	for i, word := range all {
		words[i] = string(word)
	}
	return strings.Join(words, ", ")
}
