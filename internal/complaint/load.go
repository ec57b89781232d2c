package complaint

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
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
	files, err := fs.Sub(shipped, "complaints")
	if err != nil {
		return nil, fmt.Errorf("shipped regimes: %w", err)
	}
	all, err := readAll(files, "complaints", path.Join, calendars)
	if err != nil {
		return nil, err
	}
	if dir != "" {
		dir = filepath.Join(dir, "complaints")
		own, err := readAll(os.DirFS(dir), dir, filepath.Join, calendars)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		all = slices.DeleteFunc(all, func(shipped written) bool {
			return slices.ContainsFunc(own, func(o written) bool { return o.regime.Name == shipped.regime.Name })
		})
		all = append(all, own...)
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

// written is a regime with the file that it stands in.
type written struct {
	regime *Regime
	at     *strictyaml.File
	file   string
}

// readAll reads the regimes of a folder.
func readAll(files fs.FS, dir string, join func(...string) string, calendars func(code string) (Calendar, bool)) (all []written, err error) {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, fmt.Errorf("regimes of complaints: %w", err)
	}
	for _, entry := range entries {
		if ext := path.Ext(entry.Name()); entry.IsDir() || ext != ".yaml" && ext != ".yml" {
			continue
		}
		text, err := fs.ReadFile(files, entry.Name())
		if err != nil {
			return nil, fmt.Errorf("regimes of complaints: %w", err)
		}
		one := written{file: join(dir, entry.Name())}
		if one.regime, one.at, err = parse(one.file, text, calendars); err != nil {
			return nil, err
		}
		for _, other := range all {
			if other.regime.Name == one.regime.Name {
				return nil, one.at.Errorf("$.regime", "%s stands in %s too; remove one", one.regime.Name, other.file)
			}
		}
		all = append(all, one)
	}
	return all, nil
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
		return fmt.Errorf("%s: no regime covers [%s], so complaints would have no deadline where no other fits; let one do", dir, Everywhere)
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
