package calendar

import (
	"slices"
	"strings"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/au"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/us"

	"github.com/tender-engine/tender/internal/bizclock"
)

// The calendars of countries whose holidays follow from rules are computed by rickar/cal, for these years. A day that a
// government sets for one year alone is not among them until it stands below.
const (
	computedSource  = "rickar/cal v2.1.13"
	computedLicence = "BSD-3-Clause"

	computedFrom, computedTo = 2024, 2030
)

// computedVersion is the date on which the rules were last compared with the law.
var computedVersion = bizclock.NewDate(2026, time.November, 26)

// rules are how a calendar is computed: the holidays of rickar/cal, and more that it lacks.
type rules struct {
	code, title    string
	holidays, more []*cal.Holiday
}

var countries = []rules{
	{"at", "Austria, public holidays", at.Holidays, nil},
	{"be", "Belgium, public holidays", be.Holidays, nil},
	{"de", "Germany, holidays of every state", de.Holidays, nil},
	{"de-bb", "Brandenburg", de.HolidaysBB, nil},
	{"de-be", "Berlin", de.HolidaysBE, []*cal.Holiday{
		// Once, eighty years after the end of the war.
		yearly("80. Jahrestag der Befreiung", time.May, 8, 2025, 2025),
	}},
	{"de-bw", "Baden-Württemberg", de.HolidaysBW, nil},
	{"de-by", "Bavaria, without the Assumption of Mary, which most of its communes keep", de.HolidaysBY, nil},
	{"de-hb", "Bremen", de.HolidaysHB, nil},
	{"de-he", "Hesse", de.HolidaysHE, nil},
	{"de-hh", "Hamburg", de.HolidaysHH, nil},
	{"de-mv", "Mecklenburg-Vorpommern", de.HolidaysMV, []*cal.Holiday{de.Frauentag}}, // since 2023
	{"de-ni", "Lower Saxony", de.HolidaysNI, nil},
	{"de-nw", "North Rhine-Westphalia", de.HolidaysNW, nil},
	{"de-rp", "Rhineland-Palatinate", de.HolidaysRP, nil},
	{"de-sh", "Schleswig-Holstein", de.HolidaysSH, nil},
	{"de-sl", "Saarland", de.HolidaysSL, nil},
	{"de-sn", "Saxony", de.HolidaysSN, nil},
	{"de-st", "Saxony-Anhalt", de.HolidaysST, nil},
	{"de-th", "Thuringia", de.HolidaysTH, nil},
	{"es", "Spain, national holidays", es.Holidays, nil},
	{"fr", "France, public holidays", fr.Holidays, nil},
	{"gb", "England and Wales, bank holidays", gb.Holidays, nil},
	{"ie", "Ireland, public holidays", ie.Holidays, nil},
	{"it", "Italy, public holidays", it.Holidays, []*cal.Holiday{
		yearly("San Francesco d'Assisi", time.October, 4, 2026, 0), // Law 151 of 2025
	}},
	{"nl", "Netherlands, public holidays", nl.Holidays, nil},
	{"pl", "Poland, days off by law", pl.Holidays, []*cal.Holiday{
		yearly("Wigilia Bożego Narodzenia", time.December, 24, 2025, 0), // Act of 6 December 2024
	}},
	{"us", "United States, federal holidays", us.Holidays, nil},
}

// australia has no holidays of the whole country, only what all of its states keep.
var australia = []rules{
	{"au-act", "Australian Capital Territory", au.HolidaysACT, nil},
	{"au-nsw", "New South Wales", au.HolidaysNSW, []*cal.Holiday{
		// Proclaimed for these two years, in which Anzac Day falls on a weekend.
		yearly("Additional public holiday for Anzac Day", time.April, 27, 2026, 2026),
		yearly("Additional public holiday for Anzac Day", time.April, 26, 2027, 2027),
	}},
	{"au-nt", "Northern Territory", au.HolidaysNT, []*cal.Holiday{au.EasterSunday}},
	{"au-qld", "Queensland", au.HolidaysQLD, nil},
	{"au-sa", "South Australia", au.HolidaysSA, []*cal.Holiday{au.EasterSunday}}, // Public Holidays Act 2023
	{"au-tas", "Tasmania", au.HolidaysTAS, nil},
	{"au-vic", "Victoria, taking the last Saturday of September for the AFL Grand Final", au.HolidaysVIC, nil},
	{"au-wa", "Western Australia", au.HolidaysWA, []*cal.Holiday{au.EasterSunday}}, // since 2022
}

// yearly is a holiday on the same date each year, from the first year to the last; no last year has no end.
func yearly(name string, month time.Month, day, first, last int) *cal.Holiday {
	return &cal.Holiday{Name: name, Month: month, Day: day, StartYear: first, EndYear: last, Func: cal.CalcDayOfMonth}
}

// rickar/cal computes in the zone of the machine unless told otherwise. Where clocks leap over midnight, the midnight of a
// holiday could come out as the day before.
func init() { cal.DefaultLoc = time.UTC }

func computed() (all []*Calendar) {
	for _, r := range countries {
		all = append(all, r.compute())
	}
	var states []*Calendar
	for _, r := range australia {
		states = append(states, r.compute())
	}
	return append(append(all, states...), everywhere("au", "Australia, holidays of every state", states))
}

// compute lists both the day itself and, where it falls on a weekend, the day on which it is kept instead: to offices
// the one is the holiday, to the law in many places the other.
func (r rules) compute() *Calendar {
	c := blank(r.code, r.title)
	days := map[bizclock.Date]*Day{}
	add := func(at time.Time, name string) {
		date := bizclock.DateOf(at)
		switch d := days[date]; {
		case !slices.Contains(c.Years, at.Year()): // New Year's Day can be kept in the year before
		case d == nil:
			days[date] = &Day{Date: date, Name: name}
		default:
			d.Name += ", " + name
		}
	}
	for year := computedFrom - 1; year <= computedTo+1; year++ {
		for _, h := range slices.Concat(r.holidays, r.more) {
			actual, observed := h.Calc(year)
			if actual.IsZero() {
				continue
			}
			name := strings.Replace(h.Name, "Queen's Birthday", "King's Birthday", 1) // since 2023
			add(actual, name)
			if !observed.Equal(actual) {
				add(observed, name+" (observed)")
			}
		}
	}
	for _, d := range days {
		c.Holidays = append(c.Holidays, *d)
	}
	return c.compile()
}

// everywhere is the calendar of what all of a country's parts keep.
func everywhere(code, title string, parts []*Calendar) *Calendar {
	c := blank(code, title)
	for _, d := range parts[0].Holidays {
		if !slices.ContainsFunc(parts, func(part *Calendar) bool { _, kept := find(part.Holidays, d.Date); return !kept }) {
			c.Holidays = append(c.Holidays, d)
		}
	}
	return c.compile()
}

func blank(code, title string) *Calendar {
	c := &Calendar{Code: code, Version: computedVersion, Title: title, Source: computedSource, Licence: computedLicence}
	for year := computedFrom; year <= computedTo; year++ {
		c.Years = append(c.Years, year)
	}
	return c
}
