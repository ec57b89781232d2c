package calendar

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/strictyaml"
)

// file is a calendar as it is written. Unknown fields are refused.
type file struct {
	// Calendar is the code; it must be the name of the file. ISO 3166 in small letters, with a part of the country after a
	// hyphen: cn, au-nsw.
	Calendar string `yaml:"calendar"`
	// Version is a date: that on which the days were last compared with their source.
	Version string `yaml:"version"`
	Title   string `yaml:"title"`
	// Source says where the days come from, Licence on which terms they may be passed on.
	Source  string `yaml:"source"`
	Licence string `yaml:"licence"`
	// Weekend are the days of the week on which nobody works: sat and sun when left out.
	Weekend []string `yaml:"weekend"`
	// Years are those whose days are all here. A year that is not among them is unknown: windows that heed holidays stay
	// closed in it, and deadlines are marked.
	Years []int `yaml:"years"`
	// Holidays are days off, those on a weekend too. Workdays are days of the weekend that are worked in exchange.
	Holidays []dayFile `yaml:"holidays"`
	Workdays []dayFile `yaml:"workdays"`
}

// dayFile is a day as it is written. A workday needs a source: the notice that makes it one. A holiday has one if it does
// not come from the source of the calendar.
type dayFile struct {
	Date   string `yaml:"date"`
	Name   string `yaml:"name"`
	Source string `yaml:"source"`
}

var code = regexp.MustCompile(`^[a-z]{2}(-[a-z0-9]+)*$`)

// Years outside of these are mistyped.
const earliest, latest = 1970, 2199

// Parse reads a calendar. The error names everything that is wrong with it, each with file, line and column.
func Parse(name string, data []byte) (*Calendar, error) {
	var f file
	at, err := strictyaml.Decode(name, data, &f)
	if err != nil {
		return nil, err
	}
	r := &reader{at: at}
	c := r.read(&f, strings.TrimSuffix(filepath.Base(name), filepath.Ext(name)))
	if len(r.errs) > 0 {
		return nil, errors.Join(r.errs...)
	}
	return c.compile(), nil
}

// reader gathers what is wrong with a file, so that whoever writes it sees all of it at once.
type reader struct {
	at   *strictyaml.File
	errs []error
}

func (r *reader) fault(path, format string, args ...any) {
	r.errs = append(r.errs, r.at.Errorf(path, format, args...))
}

func (r *reader) read(f *file, base string) *Calendar {
	c := &Calendar{Code: f.Calendar, Title: f.Title, Source: f.Source, Licence: f.Licence, Years: slices.Clone(f.Years)}
	if r.given("$.calendar", f.Calendar) && (f.Calendar != base || !code.MatchString(f.Calendar)) {
		r.fault("$.calendar", "%q stands in a file named %q; name both alike, by a code such as cn or au-nsw", f.Calendar, base)
	}
	c.Version, _ = r.date("$.version", f.Version)
	r.given("$.title", f.Title)
	r.given("$.source", f.Source)
	r.given("$.licence", f.Licence)
	c.Weekend = r.weekend(f.Weekend)
	r.years(f)
	c.Holidays = r.days("$.holidays", f.Holidays, c.Years, nil)
	c.Workdays = r.days("$.workdays", f.Workdays, c.Years, c.Holidays)
	for n, d := range c.Workdays {
		switch {
		case !d.Date.IsZero() && !slices.Contains(c.Weekend, d.Date.Weekday()):
			r.fault(fmt.Sprintf("$.workdays[%d].date", n), "%s is a %s, which is worked anyway; only days of the weekend stand here", d.Date, d.Date.Weekday())
		case strings.TrimSpace(d.Source) == "":
			r.fault(fmt.Sprintf("$.workdays[%d].source", n), "is missing; write the notice that makes it a workday")
		}
	}
	return c
}

// given reports whether a field that must not be empty is not.
func (r *reader) given(path, value string) bool {
	if strings.TrimSpace(value) == "" {
		r.fault(path, "is missing")
		return false
	}
	return true
}

func (r *reader) date(path, text string) (bizclock.Date, bool) {
	if !r.given(path, text) {
		return bizclock.Date{}, false
	}
	date, err := bizclock.ParseDate(text)
	if err != nil {
		r.fault(path, "%s", err)
	}
	return date, err == nil
}

func (r *reader) weekend(words []string) (weekend []time.Weekday) {
	if words == nil {
		return []time.Weekday{time.Saturday, time.Sunday}
	}
	names := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	for n, word := range words {
		path := fmt.Sprintf("$.weekend[%d]", n)
		day := slices.Index(names, word)
		switch {
		case day < 0:
			r.fault(path, "unknown day %q; use one of mon, tue, wed, thu, fri, sat, sun", word)
		case slices.Contains(weekend, time.Weekday(day)):
			r.fault(path, "%s stands twice", word)
		default:
			weekend = append(weekend, time.Weekday(day))
		}
	}
	if len(words) == 0 || len(weekend) == len(names) {
		r.fault("$.weekend", "write at least one day and not all seven, or leave it out for sat and sun")
	}
	return weekend
}

func (r *reader) years(f *file) {
	if len(f.Years) == 0 {
		r.fault("$.years", "are missing; write the years whose days are all here, such as [2026]")
	}
	for n, year := range f.Years {
		path := fmt.Sprintf("$.years[%d]", n)
		switch {
		case year < earliest || year > latest:
			r.fault(path, "%d; write years from %d to %d", year, earliest, latest)
		case slices.Contains(f.Years[:n], year):
			r.fault(path, "%d stands twice", year)
		case !slices.ContainsFunc(f.Holidays, func(d dayFile) bool { return strings.HasPrefix(d.Date, fmt.Sprint(year)) }):
			r.fault(path, "%d has no holiday here; leave it out until its days are known", year)
		}
	}
}

// days reads a list of days, none of which may be among the others.
func (r *reader) days(path string, written []dayFile, years []int, others []Day) (days []Day) {
	on := func(date bizclock.Date) func(Day) bool { return func(d Day) bool { return d.Date == date } }
	for n, d := range written {
		at := fmt.Sprintf("%s[%d]", path, n)
		r.given(at+".name", d.Name)
		date, ok := r.date(at+".date", d.Date)
		year, _, _ := date.Civil()
		switch {
		case !ok:
		case !slices.Contains(years, year):
			r.fault(at+".date", "%s lies in a year that is not covered; add %d to years, or remove the day", date, year)
		case slices.ContainsFunc(others, on(date)):
			r.fault(at+".date", "%s is a holiday too; it is either one or worked", date)
		case slices.ContainsFunc(days, on(date)):
			r.fault(at+".date", "%s stands twice; one entry holds all that it is", date)
		}
		days = append(days, Day{Date: date, Name: d.Name, Source: d.Source})
	}
	return days
}
