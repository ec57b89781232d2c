package complaint

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/strictyaml"
)

var (
	regimeName   = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)
	code         = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,39}$`)
	jurisdiction = regexp.MustCompile(`^[a-z]{2}(-[a-z0-9]+)*$`)
	language     = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]+)*$`)
)

// mostDays bounds every number of days: more is mistyped.
const mostDays = 366

// rungs are the levels that have clocks. Those outside keep their own.
var rungs = []Level{FrontLine, ComplaintsDesk, IndependentReviewer, Compliance}

// The confidences that may stand here, as in rulebooks: the text was read, a page about it was, or it is no law. The other two of
// rulebooks may not, not even in an installation's own regimes: borrowers are told these dates, and where to go when they pass.
var (
	confidences = []string{"C1", "C2", "own"}
	unconfirmed = []string{"C2?", "MEM"}
)

// checker gathers what is wrong with a file, so that whoever writes it sees all of it at once.
type checker struct {
	*Regime
	at   *strictyaml.File
	errs []error
}

func (c *checker) fault(path, format string, args ...any) {
	c.errs = append(c.errs, c.at.Errorf(path, format, args...))
}

func (c *checker) must(ok bool, path, format string, args ...any) {
	if !ok {
		c.fault(path, format, args...)
	}
}

func (c *checker) between(path string, n, least, most int, remark string) {
	c.must(n >= least && n <= most, path, "%d must lie between %d and %d; %s", n, least, most, remark)
}

// check refuses a regime that says nothing sensible, and sets what is left out.
func (r *Regime) check(at *strictyaml.File, calendars func(code string) (Calendar, bool)) error {
	if err := at.Whole(); err != nil {
		return err
	}
	c := &checker{Regime: r, at: at}
	c.head()
	c.findCalendar(calendars)
	c.must(len(r.Deadlines) > 0, "$.deadlines", "are missing; a regime has at least one, which is final")
	for n := range r.Deadlines {
		c.deadline(n)
	}
	if len(r.Deadlines) > 0 {
		c.order()
		c.finals()
	}
	for n := range r.Extensions {
		c.extension(n)
	}
	if r.NewFacts == "" {
		r.NewFacts = FactsNothing
	}
	c.between("$.progress_every", r.ProgressEvery, 0, mostDays, "0 is only at each step up")
	c.between("$.confirm_within", r.ConfirmWithin, 1, mostDays, "borrowers need time to say that it is not settled")
	c.between("$.survey_after", r.SurveyAfter, 0, mostDays, "0 is never")
	if at.Has("$.referral") {
		c.level("$.referral.level", r.Referral.Level)
		c.span("$.referral", r.Referral.Within, r.Referral.Days)
	} else {
		c.fault("$.referral", "is missing; say at which level a complaint enters that an external body passed on, and by when it is answered")
	}
	c.external()
	return errors.Join(c.errs...)
}

func (c *checker) head() {
	c.must(regimeName.MatchString(c.Name), "$.regime", "%q must be 1 to 40 small letters, digits and hyphens, such as gb", c.Name)
	c.must(!c.Version.IsZero(), "$.version", "is missing; write the date of the text that the deadlines were taken from, such as 2026-11-22")
	c.given("$.title", c.Title, "say what it is called")
	c.must(len(c.Jurisdictions) > 0, "$.jurisdictions", "are missing; write those that it covers, such as [gb], or [%s]", Everywhere)
	for n, j := range c.Jurisdictions {
		path := fmt.Sprintf("$.jurisdictions[%d]", n)
		switch {
		case j == Everywhere:
			c.must(len(c.Jurisdictions) == 1, path, "%s stands alone; leave out the others, or it", j)
		case !jurisdiction.MatchString(j):
			c.fault(path, "unknown jurisdiction %q; write a code such as gb or us-ny, or %s", j, Everywhere)
		case slices.Contains(c.Jurisdictions[:n], j):
			c.fault(path, "%s stands twice; write it once", j)
		}
	}
	if c.TimeZone != "" {
		zone, err := time.LoadLocation(c.TimeZone)
		if err != nil || c.TimeZone == "Local" { // which is another one on another machine
			c.fault("$.time_zone", "unknown time zone %q; write an IANA name such as Europe/London, or leave it out for the borrower's", c.TimeZone)
			return
		}
		c.zone = zone
	}
}

// findCalendar finds the calendar that is named, and one is named where business days are counted.
func (c *checker) findCalendar(calendars func(code string) (Calendar, bool)) {
	if c.Calendar != "" {
		if calendars != nil {
			if found, ok := calendars(c.Calendar); ok {
				c.calendar = found
				return
			}
		}
		c.fault("$.calendar", "there is no calendar %q; write the code of one, such as gb, or add it to the folder calendars", c.Calendar)
		return
	}
	const need = "business days need a calendar; write its code above, such as calendar: gb, or count calendar days"
	for n, d := range c.Deadlines {
		c.must(d.Days != bizclock.BusinessDays, fmt.Sprintf("$.deadlines[%d].days", n), need)
	}
	c.must(c.Referral.Days != bizclock.BusinessDays, "$.referral.days", need)
}

func (c *checker) given(path, text, remedy string) {
	c.must(strings.TrimSpace(text) != "", path, "is missing; %s", remedy)
}

func (c *checker) level(path string, l Level) {
	switch l {
	case "":
		c.fault(path, "is missing; use one of %s", closed.Join(rungs))
	case External:
		c.fault(path, "%s is out of the house; use one of %s", l, closed.Join(rungs))
	}
}

// span checks a number of days beneath a path.
func (c *checker) span(path string, within int, days bizclock.DayKind) {
	c.between(path+".within", within, 1, mostDays, "the day of receipt is day 0")
	c.must(days != "", path+".days", "is missing; use one of %s", closed.Join(bizclock.DayKinds))
}

// cited checks where something stands, and how well that is known.
func (c *checker) cited(path, citation, confidence string) {
	c.given(path+".citation", citation, "say where it stands, or who set it")
	path += ".confidence"
	switch {
	case confidence == "":
		c.fault(path, "is missing; use one of %s", closed.Join(confidences))
	case slices.Contains(unconfirmed, confidence):
		c.fault(path, "%s: borrowers are told these dates, so each is confirmed; read it up, or write own and who set it", confidence)
	default:
		if _, err := closed.Parse("confidence", confidences, confidence); err != nil {
			c.fault(path, "%v", err)
		}
	}
}

func (c *checker) deadline(n int) {
	d, path := c.Deadlines[n], fmt.Sprintf("$.deadlines[%d]", n)
	switch {
	case !code.MatchString(d.ID):
		c.fault(path+".id", "%q must be 1 to 40 small letters, digits, underscores and hyphens, such as final_response", d.ID)
	case d.ID == ReferralDeadline:
		c.fault(path+".id", "%s is the deadline that an external body set; write another", d.ID)
	case slices.ContainsFunc(c.Deadlines[:n], func(other Clock) bool { return other.ID == d.ID }):
		c.fault(path+".id", "deadline %s stands twice; give each an id of its own", d.ID)
	}
	c.given(path+".title", d.Title, "say what it is called")
	c.level(path+".level", d.Level)
	c.span(path, d.Within, d.Days)
	c.must(!d.Final || d.Level == Compliance || d.Level == "", path+".final",
		"the lender's last word is given by %[1]s; write level: %[1]s, or leave final out", Compliance)
	c.cited(path, d.Citation, d.Confidence)
}

// order sees to it that no clock of a level ends before one of a lower level does: the complaint would climb past the higher level
// before it comes there.
func (c *checker) order() {
	for n, d := range c.Deadlines {
		path := fmt.Sprintf("$.deadlines[%d]", n)
		if n > 0 && c.Deadlines[n-1].above(d) {
			c.fault(path+".level", "%s stands after %s; write the deadlines in the order of the levels", d.Level, c.Deadlines[n-1].Level)
		}
		for _, lower := range c.Deadlines {
			if d.above(lower) && together(d.Only, lower.Only) && d.before(lower) {
				c.fault(path+".within", "%d %s days can be over before the %d %s days of %s, at the lower level %s; write more here, or fewer there",
					d.Within, d.Days, lower.Within, lower.Days, lower.ID, lower.Level)
				break
			}
		}
	}
}

// above reports whether a clock is at a higher level than another. A level that is missing or wrong is told by itself.
func (c Clock) above(other Clock) bool {
	return slices.Contains(rungs, c.Level) && slices.Contains(rungs, other.Level) && c.Level.Above(other.Level)
}

// together reports whether a complaint can have both of two clocks.
func together(a, b Only) bool { return a == "" || b == "" || a == b }

// before reports whether a clock can end before another that began at the same time, holidays aside. So does none of which the days
// are missing or wrong, which is told by itself.
func (c Clock) before(other Clock) bool {
	if c.Within < 1 || c.Days == "" || other.Days == "" {
		return false
	}
	if c.Days == other.Days {
		return c.Within < other.Within
	}
	fewest, most := c.Within, other.Within
	if c.Days == bizclock.BusinessDays {
		fewest += 2 * ((c.Within - 1) / 5) // from a Sunday the first week is whole
	}
	if other.Days == bizclock.BusinessDays {
		most += 2 * ((other.Within + 4) / 5) // from a Friday a weekend lies before each five days
	}
	return fewest < most
}

// finals sees to it that every complaint has a clock by which its answer must be there.
func (c *checker) finals() {
	var payment, other bool
	for _, d := range c.Deadlines {
		payment = payment || d.Final && d.Only != OnlyNotPayment
		other = other || d.Final && d.Only != OnlyPayment
	}
	const remedy = "set final: true on the one by which the answer must be there, at level compliance"
	switch {
	case !payment && !other:
		c.fault("$.deadlines", "none is final; %s", remedy)
	case !payment:
		c.fault("$.deadlines", "none is final for complaints about payments; %s", remedy)
	case !other:
		c.fault("$.deadlines", "none is final for complaints that are not about payments; %s", remedy)
	}
}

func (c *checker) extension(n int) {
	e, path := c.Extensions[n], fmt.Sprintf("$.extensions[%d]", n)
	var ids []string
	for _, d := range c.Deadlines {
		ids = append(ids, d.ID)
	}
	if of := slices.Index(ids, e.Deadline); of < 0 && len(ids) > 0 {
		c.fault(path+".deadline", "there is no deadline %q; use one of %s", e.Deadline, strings.Join(ids, ", "))
	} else if of >= 0 {
		d := c.Deadlines[of]
		c.must(e.To > d.Within && e.To <= mostDays, path+".to", "%d must be more than the %d days of %s, and %d at most",
			e.To, d.Within, d.ID, mostDays)
	}
	for _, earlier := range c.Extensions[:n] {
		if earlier.Deadline != e.Deadline {
			continue
		}
		c.must(e.Because != earlier.Because, path+".because", "%s extends %s twice; give each extension a reason of its own",
			e.Because, e.Deadline)
		c.must(e.To >= earlier.To, path+".to", "%d stands after %d; write the shortest extension first", e.To, earlier.To)
	}
	c.must(slices.Contains(Becauses, e.Because), path+".because", "%q is no reason that a borrower can be told in their language; use one of %s", e.Because, closed.Join(Becauses))
	c.given(path+".title", e.Title, "say when more time is needed")
	if e.Approval != "" {
		c.level(path+".approval", e.Approval)
	}
	c.cited(path, e.Citation, e.Confidence)
}

func (c *checker) external() {
	b := c.External
	if b == nil {
		return
	}
	for _, l := range slices.Sorted(maps.Keys(b.Name)) {
		c.must(language.MatchString(l), "$.external.name", "%q is no language; write a code such as en or zh-CN", l)
	}
	c.given("$.external.name.en", b.Name["en"], "write what it is called in English, for whoever reads none of the other languages")
	c.between("$.external.within_months", b.WithinMonths, 0, 120, "0 is not said")
	c.between("$.external.within_days", b.WithinDays, 0, 10*mostDays, "0 is not said")
	c.must(b.WithinMonths == 0 || b.WithinDays == 0, "$.external.within_days", "stands beside within_months; leave out one of them")
}
