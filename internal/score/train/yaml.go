package train

import (
	"fmt"
	"strings"
)

// YAML writes the model as the part of a card that is measured: scale, base and attributes. Name, version, title and bands
// are for people to choose.
func (m Model) YAML() string {
	var w strings.Builder
	s := UsualScale
	fmt.Fprintf(&w, "scale: {points: %d, odds: %d, pdo: %d}\nbase: %d\nattributes:\n", s.Points, s.Odds, s.PDO, m.Base)
	for _, a := range m.Attributes {
		if a.Weight == 0 {
			continue
		}
		fmt.Fprintf(&w, "  - fact: %s\n    source: measured\n    bins:\n", a.Fact)
		var from *int
		for _, b := range a.Bins {
			below := ""
			if b.Below != nil {
				below = fmt.Sprintf("below: %d, ", *b.Below)
			}
			fmt.Fprintf(&w, "      - {%spoints: %d, reason: %q}\n", below, b.Points, a.about.sentence(spanOf(from, b.Below, a.about.Most)))
			from = b.Below
		}
		fmt.Fprintf(&w, "    not_known: {points: 0, reason: %q}\n", a.about.unknown)
	}
	return w.String()
}

// spanOf is what lies from a number on and below another, of a fact that has a most.
func spanOf(from, below *int, most int) span {
	switch {
	case below != nil:
		last := *below - 1
		return span{from, &last}
	case from != nil && *from == most:
		return span{from, from}
	}
	return span{from, nil}
}
