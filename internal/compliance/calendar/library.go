package calendar

import (
	"embed"
	"slices"
	"strings"

	"github.com/tender-engine/tender/internal/strictyaml"
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
	read, err := strictyaml.Shelf[*Calendar]{
		Word: "calendar", Shipped: shipped, Folder: "calendars", Name: func(c *Calendar) string { return c.Code },
		Read: func(file string, text []byte, _ bool) (*Calendar, error) { return Parse(file, text) },
	}.LoadBeneath(dir)
	for _, c := range read {
		all.byCode[c.Code] = c
	}
	return all, err
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
