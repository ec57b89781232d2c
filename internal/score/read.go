package score

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/strictyaml"
)

// What bounds a card, so that a slip of the pen does not decide a score.
const (
	mostPoints = 500
	mostBase   = 2000
	mostBins   = 12
)

//go:embed cards/early-warning.yaml
var shipped []byte

// Shipped returns the card that comes with Tender.
func Shipped() (*Card, error) { return Parse("early-warning.yaml", shipped) }

// Named returns the card of a name and version, such as early-warning@1, among those that come with Tender. A version that
// was released stays as it is: journeys hold on to it.
func Named(name string) (*Card, error) {
	card, err := Shipped()
	if err != nil {
		return nil, err
	}
	if known := card.Name + "@" + card.Version; name != known {
		return nil, fmt.Errorf("there is no scorecard %s; known is %s", name, known)
	}
	return card, nil
}

// Parse reads a card. Its errors name file, line and column.
func Parse(file string, text []byte) (*Card, error) {
	var w written
	at, err := strictyaml.Decode(file, text, &w)
	if err != nil {
		return nil, err
	}
	if err := at.Whole(); err != nil {
		return nil, err
	}
	if err := w.check(at); err != nil {
		return nil, err
	}
	hash := sha256.Sum256(text)
	c := w.card()
	c.Hash = hex.EncodeToString(hash[:8])
	if err := c.checkBands(at); err != nil {
		return nil, err
	}
	return c, nil
}

// written is a card as its file has it: what is nil does not stand there.
type written struct {
	Name       string             `yaml:"name"`
	Version    string             `yaml:"version"`
	Title      string             `yaml:"title"`
	Scale      Scale              `yaml:"scale"`
	Base       *int               `yaml:"base"`
	Bands      Thresholds         `yaml:"bands"`
	Attributes []writtenAttribute `yaml:"attributes"`
}

type writtenAttribute struct {
	Fact     string       `yaml:"fact"`
	Source   Source       `yaml:"source"`
	Bins     []writtenBin `yaml:"bins"`
	NotKnown writtenBin   `yaml:"not_known"`
}

type writtenBin struct {
	Below  *int   `yaml:"below"`
	Points *int   `yaml:"points"`
	Reason string `yaml:"reason"`
}

// name is what a card and its version may be called. Both go into histories.
var name = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,39}$`)

func (w *written) check(at *strictyaml.File) error {
	switch {
	case !name.MatchString(w.Name):
		return at.Errorf("$.name", "%q must be 1 to 40 small letters, digits, dots and dashes", w.Name)
	case !name.MatchString(w.Version):
		return at.Errorf("$.version", "%q must be 1 to 40 small letters, digits, dots and dashes", w.Version)
	case strings.TrimSpace(w.Title) == "":
		return at.Errorf("$.title", "is missing; say what people know the card as")
	case w.Base == nil:
		return at.Errorf("$.base", "is missing; say how many points everybody starts with")
	case *w.Base < -mostBase || *w.Base > mostBase:
		return at.Errorf("$.base", "%d must lie between %d and %d", *w.Base, -mostBase, mostBase)
	case len(w.Attributes) == 0:
		return at.Errorf("$.attributes", "is missing; give points for at least one fact")
	}
	if err := w.checkScale(at); err != nil {
		return err
	}
	seen := map[string]bool{}
	for n, a := range w.Attributes {
		path := fmt.Sprintf("$.attributes[%d]", n)
		if err := a.check(at, path); err != nil {
			return err
		}
		if seen[a.Fact] {
			return at.Errorf(path+".fact", "%s has points already; give each fact one attribute", a.Fact)
		}
		seen[a.Fact] = true
	}
	return w.checkJudged(at)
}

func (w *written) checkScale(at *strictyaml.File) error {
	switch s := w.Scale; {
	case s.Points < 1 || s.Points > mostBase:
		return at.Errorf("$.scale.points", "%d must lie between 1 and %d", s.Points, mostBase)
	case s.Odds < 1 || s.Odds > 10_000:
		return at.Errorf("$.scale.odds", "%d must lie between 1 and 10000: so many good loans to a bad one", s.Odds)
	case s.PDO < 1 || s.PDO > mostPoints:
		return at.Errorf("$.scale.pdo", "%d must lie between 1 and %d: so many points double the odds", s.PDO, mostPoints)
	}
	return nil
}

// checkJudged keeps opinions small: all of them together may double the odds, and no more.
func (w *written) checkJudged(at *strictyaml.File) error {
	together := 0
	for n, a := range w.Attributes {
		if a.Source != Judged {
			continue
		}
		together += a.attribute().most() - a.attribute().least()
		if together > w.Scale.PDO {
			return at.Errorf(fmt.Sprintf("$.attributes[%d].source", n),
				"judged points up to here differ by %d in all, more than the pdo, %d; make them smaller, or measure them", together, w.Scale.PDO)
		}
	}
	return nil
}

func (a *writtenAttribute) check(at *strictyaml.File, path string) error {
	if _, err := closed.Parse("fact", factNames, a.Fact); err != nil {
		return at.Errorf(path+".fact", "%v", err)
	}
	if _, err := closed.Parse("source", Sources, string(a.Source)); err != nil {
		return at.Errorf(path+".source", "%v", err)
	}
	if len(a.Bins) < 2 || len(a.Bins) > mostBins {
		return at.Errorf(path+".bins", "%d bins; an attribute has 2 to %d", len(a.Bins), mostBins)
	}
	for n := range a.Bins {
		if err := a.checkBin(at, path, n); err != nil {
			return err
		}
	}
	if a.NotKnown == (writtenBin{}) {
		return at.Errorf(path+".not_known", "is missing; say what %s is worth when it is not known", a.Fact)
	}
	if a.NotKnown.Below != nil {
		return at.Errorf(path+".not_known.below", "what is not known lies below nothing; leave it out")
	}
	return a.NotKnown.check(at, path+".not_known")
}

func (a *writtenAttribute) checkBin(at *strictyaml.File, path string, n int) error {
	f, last := fact(a.Fact), n == len(a.Bins)-1
	path, below := fmt.Sprintf("%s.bins[%d]", path, n), a.Bins[n].Below
	switch {
	case last && below != nil:
		return at.Errorf(path+".below", "the last bin is open, or what lies above it would have no points; leave it out")
	case !last && below == nil:
		return at.Errorf(path+".below", "is missing; only the last bin is open")
	case below != nil && (*below <= f.Least || *below > f.Most):
		return at.Errorf(path+".below", "%d must lie above %d and not above %d, between which %s lies", *below, f.Least, f.Most, a.Fact)
	case below != nil && n > 0 && *below <= *a.Bins[n-1].Below:
		return at.Errorf(path+".below", "%d must be more than that of the bin before, %d", *below, *a.Bins[n-1].Below)
	}
	return a.Bins[n].check(at, path)
}

func (b *writtenBin) check(at *strictyaml.File, path string) error {
	switch {
	case b.Points == nil:
		return at.Errorf(path+".points", "is missing; write 0 for none")
	case *b.Points < -mostPoints || *b.Points > mostPoints:
		return at.Errorf(path+".points", "%d must lie between %d and %d", *b.Points, -mostPoints, mostPoints)
	case strings.TrimSpace(b.Reason) == "":
		return at.Errorf(path+".reason", "is missing; tell the borrower in a sentence what was found")
	}
	return nil
}

// checkBands refuses bands that no score can reach.
func (c *Card) checkBands(at *strictyaml.File) error {
	least, most := c.Base, c.Base
	for _, a := range c.Attributes {
		least, most = least+a.least(), most+a.most()
	}
	switch b := c.Bands; {
	case b.HighBelow <= least || b.HighBelow > most:
		return at.Errorf("$.bands.high_below", "%d must lie above %d and not above %d, between which the card's scores lie", b.HighBelow, least, most)
	case b.MediumBelow <= b.HighBelow || b.MediumBelow > most:
		return at.Errorf("$.bands.medium_below", "%d must lie above high_below, %d, and not above %d, the best score", b.MediumBelow, b.HighBelow, most)
	}
	return nil
}

func (w *written) card() *Card {
	c := &Card{Name: w.Name, Version: w.Version, Title: w.Title, Scale: w.Scale, Base: *w.Base, Bands: w.Bands}
	for _, a := range w.Attributes {
		c.Attributes = append(c.Attributes, a.attribute())
	}
	return c
}

func (a *writtenAttribute) attribute() Attribute {
	full := Attribute{Fact: a.Fact, Source: a.Source, NotKnown: a.NotKnown.bin()}
	for _, b := range a.Bins {
		full.Bins = append(full.Bins, b.bin())
	}
	return full
}

func (b *writtenBin) bin() Bin { return Bin{b.Below, *b.Points, b.Reason} }
