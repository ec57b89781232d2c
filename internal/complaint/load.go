package complaint

import (
	"embed"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tender-engine/tender/internal/strictyaml"
)

//go:embed complaints/*.yaml
var shipped embed.FS

// Everywhere is the jurisdiction of the regime for places that no other regime names.
const Everywhere = "everywhere"

// Library is the regimes of an installation. It is read-only, and safe for concurrent use.
type Library struct {
	// regimes are sorted by name.
	regimes []*Regime
}

// Load returns the shipped regimes together with those in the folder `complaints` beneath a folder of rulebooks (*.yaml, *.yml), of
// which one takes the place of a shipped one by bearing its name. No folder, or none of that name in it: only the shipped ones.
// calendars finds a calendar by its code. An error names file, line and column.
func Load(dir string, calendars func(code string) (Calendar, bool)) (*Library, error) {
	all, err := strictyaml.Shelf[written]{
		Word: "regime", Shipped: shipped, Folder: "complaints", Name: func(w written) string { return w.regime.Name },
		Read: func(file string, text []byte, _ bool) (w written, err error) {
			w.regime, w.at, err = parse(file, text, calendars)
			return w, err
		},
	}.LoadBeneath(dir)
	if err != nil {
		return nil, err
	}
	if err := cover(all, dir); err != nil {
		return nil, err
	}
	l := &Library{}
	for _, w := range all {
		l.regimes = append(l.regimes, w.regime)
	}
	slices.SortFunc(l.regimes, func(a, b *Regime) int { return strings.Compare(a.Name, b.Name) })
	return l, nil
}

// written is a regime with its file.
type written struct {
	regime *Regime
	at     *strictyaml.File
}

// cover sees to it that each place has one regime. The regimes of the installation's own come last, so that what is wrong is said
// of them.
func cover(all []written, dir string) error {
	by := map[string]*Regime{}
	for _, w := range all {
		for n, place := range w.regime.Jurisdictions {
			if other := by[place]; other != nil {
				return w.at.Errorf(fmt.Sprintf("$.jurisdictions[%d]", n),
					"regime %[1]s covers %[2]s too, and a place has one; leave it to that one, or name this one %[1]s to take its place", other.Name, place)
			}
			by[place] = w.regime
		}
	}
	if by[Everywhere] == nil {
		return fmt.Errorf("%s: no regime covers [%s], so complaints would have no deadline where no other fits; let one do",
			filepath.Join(dir, "complaints"), Everywhere)
	}
	return nil
}

// For returns the regime of a jurisdiction, or of what it is a part of; where there is none, the one for everywhere. Small and
// capital letters are alike.
func (l *Library) For(jurisdiction string) *Regime {
	for place := strings.ToLower(jurisdiction); place != ""; place = place[:max(strings.LastIndexByte(place, '-'), 0)] {
		if r := l.covering(place); r != nil {
			return r
		}
	}
	return l.covering(Everywhere)
}

// covering returns the regime that names a jurisdiction, or nil.
func (l *Library) covering(jurisdiction string) *Regime {
	for _, r := range l.regimes {
		if slices.Contains(r.Jurisdictions, jurisdiction) {
			return r
		}
	}
	return nil
}

// Regime returns the regime of a name.
func (l *Library) Regime(name string) (*Regime, bool) {
	n := slices.IndexFunc(l.regimes, func(r *Regime) bool { return r.Name == name })
	if n < 0 {
		return nil, false
	}
	return l.regimes[n], true
}

// All returns all regimes, sorted by name.
func (l *Library) All() []*Regime { return slices.Clone(l.regimes) }
