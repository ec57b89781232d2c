package compliance

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
)

// nights are instants near which clocks change, or midnight is skipped or shown twice; and an ordinary one.
var nights = []struct {
	zone string
	near string
}{
	{"America/New_York", "2026-03-08 07:00:00"},
	{"America/New_York", "2026-11-01 06:00:00"},
	{"Europe/London", "2026-03-29 01:00:00"},
	{"Europe/Berlin", "2026-10-25 01:00:00"},
	{"Australia/Lord_Howe", "2026-04-04 15:00:00"},
	{"Australia/Sydney", "2026-10-03 16:00:00"},
	{"Africa/Cairo", "2026-04-23 22:00:00"},
	{"America/Santiago", "2026-09-06 04:00:00"},
	{"America/Havana", "2026-11-01 05:00:00"},
	{"America/St_Johns", "2010-11-07 02:31:00"},
	{"Asia/Shanghai", "2026-02-28 16:00:00"},
	{"Pacific/Kiritimati", "2026-06-10 10:00:00"},
}

func drawStanding(t *rapid.T) (contact.Standing, time.Time) {
	night := rapid.SampledFrom(nights).Draw(t, "night")
	near, _ := time.Parse(time.DateTime, night.near)
	instant := func(label string, before, after time.Duration) time.Time {
		offset := time.Duration(rapid.Int64Range(-int64(before/time.Second), int64(after/time.Second)).Draw(t, label)) * time.Second
		if rapid.Bool().Draw(t, label+" on the hour") {
			offset = offset.Truncate(time.Hour)
		}
		return near.Add(offset)
	}
	s := contact.Standing{Borrower: "B-1", Zones: []string{night.zone}}
	if rapid.Bool().Draw(t, "two zones") {
		s.Zones = append(s.Zones, rapid.SampledFrom(nights).Draw(t, "other").zone)
	}
	for _, c := range contact.Channels {
		s.Points = append(s.Points, contact.Point{
			ID: string(c) + "-1", Channel: c, Failed: rapid.IntRange(0, 9).Draw(t, "failed") == 0,
			Place: rapid.SampledFrom(append(contact.Places, "")).Draw(t, "place"),
		}, contact.Point{ID: string(c) + "-2", Channel: c, Rank: 1})
	}
	some := func(label string, max int) int { return rapid.IntRange(0, max).Draw(t, label) }
	for range some("attempts", 30) {
		channel := rapid.SampledFrom(append(contact.Channels, contact.Call, contact.Call, contact.SMS, "")).Draw(t, "channel")
		s.Attempts = append(s.Attempts, contact.Attempt{
			At: instant("at", 12*24*time.Hour, 12*time.Hour), Channel: channel,
			Point:       rapid.SampledFrom([]string{string(channel) + "-1", string(channel) + "-2", ""}).Draw(t, "point"),
			Direction:   rapid.SampledFrom(append(contact.Directions, contact.Outbound)).Draw(t, "direction"),
			Purpose:     rapid.SampledFrom(contact.Purposes).Draw(t, "purpose"),
			Disposition: rapid.SampledFrom(append(contact.Dispositions, contact.NoAnswer, contact.RightParty, "")).Draw(t, "disposition"),
			Loans:       rapid.SampledFrom([][]string{{"A"}, {"B"}, {"A", "B"}, {"C"}, nil}).Draw(t, "loans"),
			Recipient:   rapid.SampledFrom([]contact.Recipient{"", "", "", contact.ToBorrower, contact.ToThirdParty, contact.Attorney}).Draw(t, "recipient"),
			Consented:   rapid.IntRange(0, 5).Draw(t, "consented") == 0,
			Collector:   rapid.SampledFrom([]string{"", "", "agency"}).Draw(t, "collector"),
		})
	}
	for range some("blackouts", 2) {
		s.Blackouts = append(s.Blackouts, contact.Blackout{
			Channel: rapid.SampledFrom([]contact.Channel{"", "", contact.Call, contact.SMS}).Draw(t, "channel"), At: instant("at", 48*time.Hour, 48*time.Hour),
			Days: rapid.SliceOfNDistinct(rapid.SampledFrom(contact.Weekdays), 0, 3, rapid.ID).Draw(t, "days"),
			From: contact.TimeOfDay(some("from", 95) * 900), To: contact.TimeOfDay(some("to", 96) * 900),
		})
	}
	for range some("consents", 3) {
		c := contact.Consent{
			Channel: rapid.SampledFrom(append(contact.Channels, "", "")).Draw(t, "channel"), GivenAt: instant("given", 9*24*time.Hour, 48*time.Hour),
			GivenTo: rapid.SampledFrom(append(contact.Grantees, "")).Draw(t, "to"), Written: rapid.Bool().Draw(t, "written"),
		}
		if some("expires", 2) > 0 {
			c.ExpiresAt = c.GivenAt.Add(time.Duration(some("hours", 300)) * time.Hour)
		}
		if some("revoked", 3) == 0 {
			c.RevokedAt = instant("revoked", 48*time.Hour, 48*time.Hour)
		}
		s.Consents = append(s.Consents, c)
	}
	for range some("marks", 2) {
		s.Marks = append(s.Marks, contact.Mark{
			Kind: rapid.SampledFrom(contact.MarkKinds).Draw(t, "mark"), At: instant("at", 9*24*time.Hour, 48*time.Hour),
			Loan: rapid.SampledFrom([]string{"", "A", "C"}).Draw(t, "loan"),
		})
	}
	for range some("approvals", 2) {
		s.Approvals = append(s.Approvals, contact.Approval{
			Loan: "A", Step: "notice-1", Rule: "drawn/r" + rapid.SampledFrom([]string{"0", "1", "2"}).Draw(t, "rule"), Until: instant("until", 48*time.Hour, 96*time.Hour),
		})
	}
	for range some("holds", 2) {
		h := contact.Hold{
			Kind: rapid.SampledFrom(contact.HoldKinds).Draw(t, "kind"), From: instant("from", 48*time.Hour, 48*time.Hour),
			Loan: rapid.SampledFrom([]string{"", "A", "B"}).Draw(t, "loan"), Point: rapid.SampledFrom([]string{"", "sms-1"}).Draw(t, "point"),
		}
		if some("ends", 3) > 0 {
			h.Until = h.From.Add(time.Duration(some("hours", 100)) * time.Hour)
		}
		s.Holds = append(s.Holds, h)
	}
	for range some("wishes", 2) {
		w := contact.Wish{
			Allowed: rapid.Bool().Draw(t, "allowed"), At: instant("at", 48*time.Hour, 48*time.Hour),
			Channel: rapid.SampledFrom(append(contact.Channels, "")).Draw(t, "channel"),
			Purpose: rapid.SampledFrom([]contact.Purpose{"", "", contact.Collection, contact.Reply}).Draw(t, "purpose"),
		}
		if w.Allowed && rapid.Bool().Draw(t, "for a while") {
			w.Until = w.At.Add(time.Duration(some("hours", 60)) * time.Hour)
		}
		s.Wishes = append(s.Wishes, w)
	}
	return s, instant("now", 36*time.Hour, 36*time.Hour)
}

func drawProposal(t *rapid.T, at time.Time) Proposal {
	channel := rapid.SampledFrom(append(contact.Channels, contact.Call, contact.SMS)).Draw(t, "channel")
	return Proposal{
		At: at, Channel: channel, Purpose: rapid.SampledFrom(append(contact.Purposes, contact.Collection)).Draw(t, "purpose"),
		Point:        rapid.SampledFrom([]string{"", string(channel) + "-2"}).Draw(t, "point"),
		Loans:        rapid.SampledFrom([][]string{{"A"}, {"B"}, {"A", "B"}}).Draw(t, "loans"),
		Recipient:    rapid.SampledFrom([]contact.Recipient{"", "", "", contact.ToThirdParty, contact.Attorney}).Draw(t, "recipient"),
		Collector:    rapid.SampledFrom([]string{"", "", "agency"}).Draw(t, "collector"),
		Step:         rapid.SampledFrom([]string{"", "notice-1", "notice-2"}).Draw(t, "step"),
		Confirmation: rapid.IntRange(0, 3).Draw(t, "confirmation") == 0,
		Discloses:    rapid.SampledFrom(append(Disclosures, "")).Draw(t, "discloses"),
		Visit: rapid.SampledFrom([]*VisitPlan{
			nil,
			{People: 2, Identified: true},
			{People: 1},
			{People: 3, Identified: true, NoticedAt: at.AddDate(0, 0, -2)},
			{People: 2, Identified: true, NoticedAt: at.AddDate(0, 0, -8)},
		}).Draw(t, "visit"),
	}
}

// someHolidays is a calendar of every third date, of which the year 2010 is not known.
type someHolidays struct{}

func (someHolidays) Holiday(d bizclock.Date) (bool, bool) {
	return d.Sub(bizclock.NewDate(2000, 1, 1))%3 == 0, d.String() >= "2011"
}

func (someHolidays) AddBusinessDays(d bizclock.Date, n int) (bizclock.Date, bool) {
	return d.AddDays(n), true
}

// drawBook writes a rulebook of any rules at all, to reach what no shipped one has yet.
func drawBook(t *rapid.T) *Rulebook {
	words := func(label string, some []string) string {
		return "[" + strings.Join(rapid.SliceOfNDistinct(rapid.SampledFrom(some), 0, 3, rapid.ID).Draw(t, label), ", ") + "]"
	}
	one := func(label string, some ...string) string { return rapid.SampledFrom(some).Draw(t, label) }
	text := func(all any) (texts []string) { return strings.Fields(strings.Trim(fmt.Sprint(all), "[]")) }
	counts := func() string {
		return "counts: {channels: " + words("channels", text(contact.Channels)) + ", directions: " + words("directions", text(contact.Directions)) +
			", except: " + words("except", text(contact.Dispositions)) + ", purposes: " + words("purposes", text(contact.Purposes)) +
			", recipients: " + words("recipients", text(contact.Recipients)) + ", places: " + words("places", text(contact.Places)) +
			", except_consented: " + one("consented", "true", "false") + "}"
	}
	key := func() string { return "key: " + one("key", text(Keys)...) }
	of := func() string { return one("of", text(Units[:slices.Index(Units, Refusal)])...) }
	file := "rulebook: drawn\nversion: 2026-01-01\ntitle: Drawn\njurisdictions: [us]\nmay_contact: " + words("may contact", text(contact.Recipients)) + "\nrules:\n"
	for n := range rapid.IntRange(1, 6).Draw(t, "rules") {
		file += fmt.Sprintf("  - id: r%d\n    title: R\n    citation: none\n    confidence: own\n    strength: %s\n", n, one("strength", "hard", "hard", "soft"))
		if one("dated", "", "", "dated") != "" {
			file += "    in_force: {from: " + one("from", "2026-03-01", "2026-03-09", "2026-04-24") + ", until: " + one("until", "2026-05-01", "2026-11-02") + "}\n"
		}
		file += "    exempt: " + words("exempt", text(contact.Purposes)) + "\n    recipients: " + words("to", text(contact.Recipients)) +
			"\n    " + one("known", "", "places: "+words("at", text(contact.Places))+"\n    ", "places: [home, work]\n    only_known_places: true\n    ")
		file += one("lift", "", "", "unless_consent: {days: 3}\n    ", "unless_consent: {given_to: collector, until: conversation}\n    ")
		kind := one("kind", "window", "window", "rolling", "hours", "calendar", "cool_off", "min_gap", "opt_out", "consent")
		if kind == "window" || kind == "opt_out" || kind == "consent" {
			file += "reply_once: " + one("reply once", "true", "false") + "\n    "
		}
		switch kind {
		case "window":
			file += "window: {open: ["
			for range rapid.IntRange(1, 3).Draw(t, "spans") {
				from := rapid.IntRange(0, 95).Draw(t, "from")
				until := (from + rapid.IntRange(1, 95).Draw(t, "long")) % 96
				days := words("days", []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"})
				file += fmt.Sprintf(`{from: "%02d:%02d", until: "%02d:%02d"`, from/4, from%4*15, until/4, until%4*15)
				if days != "[]" {
					file += ", days: " + days
				}
				file += "}, "
			}
			file += "]" + one("holidays", "", `, holidays: {calendar: some, open: []}`, `, holidays: {calendar: some, open: [{from: "22:00", until: "07:00"}]}`) + "}\n"
		case "rolling":
			file += fmt.Sprintf("counter: {max: %d, of: %s, rolling_days: %d, %s, %s}\n", rapid.IntRange(1, 4).Draw(t, "max"), of(), rapid.IntRange(1, 12).Draw(t, "days"), key(), counts())
		case "calendar":
			file += fmt.Sprintf("counter: {max: %d, of: %s, calendar: %s, %s, %s}\n", rapid.IntRange(1, 4).Draw(t, "max"), of(), one("period", text(Periods)...), key(), counts())
		case "hours":
			file += fmt.Sprintf("counter: {max: %d, of: %s, rolling_hours: %d, %s, %s}\n", rapid.IntRange(1, 4).Draw(t, "max"), of(), rapid.IntRange(1, 100).Draw(t, "hours"), key(), counts())
		case "consent":
			file += one("consent", "consent: {}\n", "consent: {given_to: collector}\n", "consent: {written: true, fresh_days: 5}\n")
		case "cool_off":
			file += fmt.Sprintf("cool_off: {after: %s, days: %d, day_one: %s, %s, %s}\n", one("after", text(Units)...), rapid.IntRange(1, 10).Draw(t, "days"), one("day one", "event", "next"), key(), counts())
		case "min_gap":
			file += fmt.Sprintf("min_gap: {of: %s, gap: %s, %s, %s}\n", of(), one("gap", "1s", "90m", "30h", "200h"), key(), counts())
		case "opt_out":
			file += "opt_out: {}\n"
		}
	}
	drawn, err := parse("drawn.yaml", []byte(file), false, func(string) (Calendar, bool) { return someHolidays{}, true })
	if err != nil && strings.Contains(err.Error(), "would never forbid anything") {
		t.Skip("such a rule is refused")
	}
	require.NoError(t, err, file)
	return drawn
}

// drawRules returns those of a shipped jurisdiction, or of a drawn rulebook.
func drawRules(l *Library) func(t *rapid.T) Rules {
	return func(t *rapid.T) Rules {
		switch place := rapid.SampledFrom([]string{"us", "us-ma", "us-ny-nyc", "us-dc", "us-wa", "us-wv", "cn", "gb", "in", "id", "ph", "vn", "th", "kr", "au", "ie", "de", "elsewhere", "drawn", "drawn", "drawn", "all"}).Draw(t, "place"); place {
		case "drawn":
			return layer("", drawBook(t))
		case "all":
			return layer("", append(l.Rulebooks(), drawBook(t))...)
		default:
			return l.For(place)
		}
	}
}

// Over every shipped rulebook, over all of them together, and over rulebooks of any rules at all.
func TestWhatIsAllowedBreaksNoRuleAndTheNextAllowedInstantIsTheFirst(t *testing.T) {
	t.Parallel()
	l, err := Shipped()
	require.NoError(t, err)
	check := func(t *rapid.T, r Rules) {
		for range historiesACheck {
			rightAndFirst(t, r)
		}
	}
	for _, book := range l.Rulebooks() {
		t.Run(book.Name, func(t *testing.T) {
			t.Parallel()
			r := layer("", book)
			rapid.Check(t, func(t *rapid.T) { check(t, r) })
		})
	}
	t.Run("any", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) { check(t, layer("", drawBook(t))) })
	})
	t.Run("all", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) { rightAndFirst(t, layer("", append(l.Rulebooks(), drawBook(t))...)) })
	})
}

// rightAndFirst draws what is known and a proposal, and asks that the answer is right by the naive evaluation, and that the next
// allowed instant is the first: by a look at the instants just before it, at those at which anything ends or begins, and,
// once in a while, at every minute.
func rightAndFirst(t *rapid.T, r Rules) {
	s, at := drawStanding(t)
	p := drawProposal(t, at)
	v := naive{rules: r, standing: s, proposal: p}

	ruling := r.Evaluate(s, p)

	require.Equal(t, v.allows(p.At), ruling.Allowed())
	require.Equal(t, ruling.Allowed(), ruling.NextAllowed.Equal(p.At))
	if ruling.Allowed() {
		return
	}
	next := ruling.NextAllowed
	if next.IsZero() {
		next = p.At.Add(20 * 24 * time.Hour) // nothing is free at all; so much of it is looked at
	} else {
		require.False(t, next.Before(p.At))
		require.True(t, v.allows(next), next)
		p.At = next
		require.True(t, r.Evaluate(s, p).Allowed())
	}
	require.False(t, v.allows(next.Add(-time.Second)))
	require.False(t, v.allows(next.Add(-time.Nanosecond)))
	for _, edge := range edges(r, s, at, earlierOf(next, at.Add(8*24*time.Hour))) {
		for _, near := range []time.Time{edge.Add(-time.Second), edge, edge.Add(time.Second)} {
			if !near.Before(at) && near.Before(next) {
				require.False(t, v.allows(near), near)
			}
		}
	}
	if rapid.IntRange(1, 10).Draw(t, "every minute") == 10 {
		for between := at; between.Before(next) && between.Before(at.Add(3*24*time.Hour)); between = between.Add(time.Minute) {
			require.False(t, v.allows(between), between)
		}
	}
}

// edges are the instants between two others at which something in the rules or the facts begins or ends: the borders of
// windows and of dates in every zone, the ends of gaps, holds, wishes, consents and approvals.
func edges(r Rules, s contact.Standing, from, until time.Time) (all []time.Time) {
	add := func(at time.Time) {
		if at.After(from) && at.Before(until) {
			all = append(all, at)
		}
	}
	clocks := []int64{0}
	for _, rule := range r.rules {
		if w := rule.Window; w != nil {
			for _, span := range append(slices.Clone(w.Open), holidaySpans(w)...) {
				clocks = append(clocks, span.From, span.Until%day)
			}
		}
		for _, a := range s.Attempts {
			if rule.MinGap != nil {
				add(a.At.Add(rule.MinGap.Gap))
			}
			if rule.Counter != nil && rule.Counter.RollingHours > 0 {
				add(a.At.Add(time.Duration(rule.Counter.RollingHours) * time.Hour))
			}
		}
	}
	for _, b := range s.Blackouts {
		clocks = append(clocks, int64(b.From), int64(b.To)%day)
		add(b.At)
	}
	slices.Sort(clocks)
	for _, zone := range s.Zones {
		loc := location(zone)
		for date := from.In(loc).AddDate(0, 0, -1); date.Before(until.Add(24 * time.Hour)); date = date.AddDate(0, 0, 1) {
			for _, clock := range slices.Compact(clocks) {
				add(time.Date(date.Year(), date.Month(), date.Day(), int(clock/3600), int(clock/60%60), int(clock%60), 0, loc))
			}
		}
	}
	for _, h := range s.Holds {
		add(h.From)
		add(h.Until)
	}
	for _, w := range s.Wishes {
		add(w.At)
		add(w.Until)
	}
	for _, c := range s.Consents {
		add(c.GivenAt)
		add(c.ExpiresAt)
		add(c.RevokedAt)
	}
	for _, a := range s.Approvals {
		add(a.Until)
	}
	return all
}

func holidaySpans(w *Window) []Span {
	if w.Holidays == nil {
		return nil
	}
	return w.Holidays.Open
}

func earlierOf(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func TestEachFindingSaysWhenItsOwnRuleWouldAllow(t *testing.T) {
	t.Parallel()
	l, err := Shipped()
	require.NoError(t, err)
	rules := rapid.Custom(drawRules(l))
	rapid.Check(t, func(t *rapid.T) {
		r := rules.Draw(t, "rules")
		s, at := drawStanding(t)
		p := drawProposal(t, at)
		v := naive{rules: r, standing: s, proposal: p}
		point, ok := v.point()
		if !ok {
			return
		}

		findings := r.Evaluate(s, p).Findings

		require.True(t, slices.IsSortedFunc(findings, func(a, b Finding) int { return b.Verdict.severity() - a.Verdict.severity() }))
		for _, f := range findings {
			if n := slices.IndexFunc(r.rules, func(rule *Rule) bool { return rule.ref == f.Rule }); n >= 0 {
				approved := f.Verdict == Warn && strings.HasSuffix(f.Why, "a person approved of it")
				require.Equal(t, v.permits(r.rules[n], point, at), f.Verdict == Allow || approved, f)
				if !f.Until.IsZero() && f.Until.Before(at.Add(Foresight)) {
					require.True(t, v.permits(r.rules[n], point, f.Until), f)
					require.False(t, v.permits(r.rules[n], point, f.Until.Add(-time.Second)), f)
				}
			}
		}
	})
}

func TestAddingARuleNeverAllowsMore(t *testing.T) {
	t.Parallel()
	l, err := Shipped()
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		books := rapid.SliceOfNDistinct(rapid.SampledFrom(append(l.Rulebooks(), drawBook(t))), 2, 5, rapid.ID).Draw(t, "books")
		s, at := drawStanding(t)
		p := drawProposal(t, at)

		fewer, more := layer("", books[1:]...).Evaluate(s, p), layer("", books...).Evaluate(s, p)

		require.GreaterOrEqual(t, more.Verdict.severity(), fewer.Verdict.severity())
		if !more.NextAllowed.IsZero() {
			require.False(t, fewer.NextAllowed.IsZero())
			require.False(t, more.NextAllowed.Before(fewer.NextAllowed))
		}
	})
}

func TestTheOrderOfRulebooksAndContactsDoesNotMatter(t *testing.T) {
	t.Parallel()
	l, err := Shipped()
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		books := append(l.Rulebooks(), drawBook(t))
		s, at := drawStanding(t)
		p := drawProposal(t, at)
		want := layer("", books...).Evaluate(s, p)

		s.Attempts = rapid.Permutation(s.Attempts).Draw(t, "attempts")
		got := layer("", rapid.Permutation(books).Draw(t, "books")...).Evaluate(s, p)

		require.Equal(t, want, got)
	})
}

func TestContactsBeyondTheHorizonCountNowhere(t *testing.T) {
	t.Parallel()
	l, err := Shipped()
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		r := l.For(rapid.SampledFrom([]string{"us", "us-ma", "cn", "th", "au", "elsewhere"}).Draw(t, "place"))
		s, at := drawStanding(t)
		p := drawProposal(t, at)
		want := r.Evaluate(s, p)

		s.Attempts = slices.DeleteFunc(slices.Clone(s.Attempts), func(a contact.Attempt) bool { return a.At.Before(at.Add(-l.Horizon())) })

		require.Equal(t, want, r.Evaluate(s, p))
	})
}

func TestWindowIsWhereEveryWindowRuleIsOpen(t *testing.T) {
	t.Parallel()
	l, err := Shipped()
	require.NoError(t, err)
	rules := rapid.Custom(drawRules(l))
	rapid.Check(t, func(t *rapid.T) {
		r := rules.Draw(t, "rules")
		r.rules = slices.DeleteFunc(slices.Clone(r.rules), func(rule *Rule) bool { return rule.Window == nil })
		s, at := drawStanding(t)
		p := drawProposal(t, at)
		bare := contact.Standing{Zones: s.Zones, Points: []contact.Point{{ID: "p", Channel: p.Channel}}}
		p.Point, p.Recipient = "", ""
		v := naive{rules: r, standing: bare, proposal: p}

		from, until, ok := r.Window(bare, p)

		require.Equal(t, r.Evaluate(bare, p).NextAllowed.IsZero(), !ok)
		if !ok {
			return
		}
		require.Equal(t, r.Evaluate(bare, p).NextAllowed, from)
		require.True(t, until.After(from))
		for between := from; between.Before(until); between = between.Add(7*time.Minute + 13*time.Second) {
			require.True(t, v.allows(between))
		}
		require.True(t, v.allows(until.Add(-time.Nanosecond)))
		require.True(t, until.Equal(from.Add(24*time.Hour)) || !v.allows(until))
	})
}
