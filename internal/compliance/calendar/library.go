package calendar

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
)

//go:embed calendars/*.yaml
var shipped embed.FS

// Calendars are those of an installation. They are read-only once they are loaded, and then safe for concurrent use.
type Calendars struct {
	byCode map[string]*Calendar
}

// Shipped returns the calendars that come with Tender.
func Shipped() (*Calendars, error) { return Load("") }

// Load returns the shipped calendars together with those in the folder `calendars` beneath a folder of rulebooks (*.yaml,
// *.yml), of which one takes the place of a shipped one by bearing its code. No folder, or none of that name in it: only the
// shipped ones. An error names file, line and column.
func Load(dir string) (*Calendars, error) {
	all := &Calendars{byCode: map[string]*Calendar{}}
	for _, c := range computed() {
		all.byCode[c.Code] = c
	}
	files, err := shipped.ReadDir("calendars")
	if err != nil {
		return nil, fmt.Errorf("shipped calendars: %w", err)
	}
	for _, file := range files {
		name := path.Join("calendars", file.Name())
		data, err := shipped.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("shipped calendars: %w", err)
		}
		c, err := Parse(name, data)
		if err != nil {
			return nil, err
		}
		all.byCode[c.Code] = c
	}
	if dir != "" {
		if err := all.loadOwn(filepath.Join(dir, "calendars")); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// loadOwn adds the operator's calendars.
func (c *Calendars) loadOwn(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("calendars: %w", err)
	}
	from := map[string]string{}
	for _, entry := range entries {
		file := filepath.Join(dir, entry.Name())
		if ext := filepath.Ext(file); entry.IsDir() || ext != ".yaml" && ext != ".yml" {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("calendars: %w", err)
		}
		own, err := Parse(file, data)
		if err != nil {
			return err
		}
		if other, twice := from[own.Code]; twice {
			return fmt.Errorf("%s: calendar %s stands in %s too; remove one", file, own.Code, other)
		}
		from[own.Code], c.byCode[own.Code] = file, own
	}
	return nil
}

// For returns the calendar of a jurisdiction, or of what it is a part of: that of au-nsw for au-nsw-sydney, that of us for
// us-ny. Small and capital letters are alike. Where there is none it returns one that covers no year, and false.
func (c *Calendars) For(jurisdiction string) (calendar *Calendar, found bool) {
	for place := strings.ToLower(jurisdiction); place != ""; place = place[:max(strings.LastIndexByte(place, '-'), 0)] {
		if calendar, found = c.byCode[place]; found {
			return calendar, true
		}
	}
	return &Calendar{}, false
}

// All returns the calendars, sorted by code.
func (c *Calendars) All() []*Calendar {
	all := make([]*Calendar, 0, len(c.byCode))
	for _, calendar := range c.byCode {
		all = append(all, calendar)
	}
	slices.SortFunc(all, func(a, b *Calendar) int { return strings.Compare(a.Code, b.Code) })
	return all
}
