package compliance

import (
	"errors"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/compliance/calendar"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/hardship"
)

// Rulebook is what one jurisdiction, or one lender, allows. The fields of the file are those of [bookFile].
type Rulebook struct {
	// Name is the file's name without its ending, such as us-federal.
	Name string
	// Version is a date: that of the text that the rules were taken from, or of the last change of house rules.
	Version bizclock.Date
	Title   string
	// Jurisdictions are those that it covers: us, us-ny, …; or [Everywhere]; or [Elsewhere].
	Jurisdictions []string
	// DespiteOptOut are purposes for which a borrower may be contacted in spite of an opt-out, because the law asks for
	// the contact. It holds only where every rulebook that layers says so: rules and rulebooks can only restrict.
	DespiteOptOut []contact.Purpose
	// MayContact are those besides the borrower who may be contacted at all. It too holds only where every rulebook that layers
	// says so.
	MayContact []contact.Recipient
	// Sources are where what the rules say was read, each with what was read there.
	Sources []string
	Rules   []*Rule
}

const (
	// Everywhere is the jurisdiction of a rulebook that always layers on top of the others.
	Everywhere = "everywhere"
	// Elsewhere is the jurisdiction of the rulebook for places that no other rulebook names.
	Elsewhere = "elsewhere"
)

// Rule is one rule. Exactly one of its kinds, from Window on, is set.
type Rule struct {
	ID         string
	Title      string
	Citation   string
	Confidence Confidence
	Strength   Strength
	// AppliesTo are the parties that the rule binds; none means all.
	AppliesTo []Party
	// From is the first date on which the rule is in force, Until the first on which it no longer is, both in the borrower's
	// zones; zero means always.
	From, Until bizclock.Date
	// Channels and Purposes are those of the proposals that the rule binds; none means all. Exempt purposes it leaves alone.
	Channels []contact.Channel
	Purposes []contact.Purpose
	Exempt   []contact.Purpose
	// Recipients and Places are who would be contacted, and at what kind of point; none means all. A point of which the kind is
	// not known fits, unless OnlyKnown is set.
	Recipients []contact.Recipient
	Places     []contact.Place
	OnlyKnown  bool
	// Breach is the verdict on a breach of a soft rule: warn or needs_approval.
	Breach Verdict
	// ReplyOnce lets one reply through to each contact that the borrower began, on the same channel.
	ReplyOnce bool
	// UnlessConsent lifts the rule where the borrower consented to the contact.
	UnlessConsent *ConsentLift

	Window     *Window
	Counter    *Counter
	CoolOff    *CoolOff
	MinGap     *MinGap
	OptOut     *OptOut
	Consent    *ConsentRule
	Recipient  *RecipientRule
	ThirdParty *ThirdPartyRule
	Content    *Content
	Visit      *VisitRule
	Duty       *Duty
	Retention  *Retention
	Plan       *hardship.Limit
	Charge     *ChargeLimit

	// exemptsReply says that the rule exempts replies: each to a contact that the borrower began. blackout, that it is about the
	// borrower's own times.
	exemptsReply, blackout bool
	// ref is the id after the rulebook's name, version the rulebook's.
	ref, version string
	// binds are the channels and purposes bound; fromDay and untilDay are From and Until as days since 1970-01-01.
	binds             mask
	fromDay, untilDay int32
	test              test
}

// bookFile is a rulebook as it is written. Unknown fields are refused.
type bookFile struct {
	// Rulebook is the name; it must be that of the file.
	Rulebook placed[string] `yaml:"rulebook"`
	// Version is a date such as 2026-03-09.
	Version placed[bizclock.Date] `yaml:"version"`
	Title   placed[string]        `yaml:"title"`
	// Jurisdictions are ISO 3166 codes in small letters, with states or provinces after a hyphen: us, us-ny. Instead of them
	// `everywhere` stands alone for a rulebook that always layers on top; `elsewhere` is for the one where no other fits.
	Jurisdictions list[string] `yaml:"jurisdictions"`
	// DespiteOptOut are purposes that an opt-out does not stop, where every rulebook that applies names them.
	DespiteOptOut list[contact.Purpose] `yaml:"despite_opt_out"`
	// MayContact are those besides the borrower who may be contacted at all, where every rulebook that applies names them.
	MayContact list[contact.Recipient] `yaml:"may_contact"`
	// Sources are where the rules were read.
	Sources list[string]   `yaml:"sources"`
	Rules   list[ruleFile] `yaml:"rules"`
}

// ruleFile is a rule as it is written. It has exactly one of the blocks from window on.
type ruleFile struct {
	ID         placed[string]     `yaml:"id"`
	Title      placed[string]     `yaml:"title"`
	Citation   placed[string]     `yaml:"citation"`
	Confidence placed[Confidence] `yaml:"confidence"`
	Strength   placed[Strength]   `yaml:"strength"`
	// AppliesTo, Channels and Purposes narrow the rule; left out, it binds all. Exempt widens it again by name.
	AppliesTo list[Party]           `yaml:"applies_to"`
	Channels  list[contact.Channel] `yaml:"channels"`
	Purposes  list[contact.Purpose] `yaml:"purposes"`
	Exempt    list[contact.Purpose] `yaml:"exempt"`
	// Recipients and Places narrow it by who would be contacted, and at what kind of contact point; a point of which that is not
	// known fits every rule.
	Recipients list[contact.Recipient] `yaml:"recipients"`
	Places     list[contact.Place]     `yaml:"places"`
	// OnlyKnownPlaces leaves points alone of which the kind is not known.
	OnlyKnownPlaces placed[bool] `yaml:"only_known_places"`
	// ReplyOnce is for window, opt_out and consent: one reply is let through to each contact that the borrower began.
	ReplyOnce placed[bool] `yaml:"reply_once"`
	// UnlessConsent lifts the rule where the borrower consented to the contact.
	UnlessConsent placed[consentLiftFile] `yaml:"unless_consent"`
	// InForce: from is the first date, until the first date no longer.
	InForce struct {
		From  placed[bizclock.Date] `yaml:"from"`
		Until placed[bizclock.Date] `yaml:"until"`
	} `yaml:"in_force"`
	// Breach of a soft rule: needs_approval (the default) or warn.
	Breach placed[Verdict] `yaml:"breach"`

	Window     placed[windowFile]     `yaml:"window"`
	Counter    placed[counterFile]    `yaml:"counter"`
	CoolOff    placed[coolOffFile]    `yaml:"cool_off"`
	MinGap     placed[minGapFile]     `yaml:"min_gap"`
	OptOut     placed[struct{}]       `yaml:"opt_out"`
	Consent    placed[consentFile]    `yaml:"consent"`
	Recipient  placed[recipientFile]  `yaml:"recipient"`
	ThirdParty placed[thirdPartyFile] `yaml:"third_party"`
	Content    placed[contentFile]    `yaml:"content"`
	Visit      placed[visitFile]      `yaml:"visit"`
	Duty       placed[dutyFile]       `yaml:"duty"`
	Retention  placed[retentionFile]  `yaml:"retention"`
	Plan       placed[planFile]       `yaml:"plan"`
	Charge     placed[chargeFile]     `yaml:"charge"`
}

// windowFile: contacts are allowed while the clock on the borrower's wall, in every candidate zone, shows a time in one
// of the spans.
type windowFile struct {
	Open spans `yaml:"open"`
	// Holidays hold on the holidays of a calendar in place of the others.
	Holidays placed[holidaysFile] `yaml:"holidays"`
}

// holidaysFile: an empty list of spans allows nothing on holidays. Spans have no days.
type holidaysFile struct {
	Calendar placed[string] `yaml:"calendar"`
	Open     spans          `yaml:"open"`
}

// spans are spans of time.
type spans list[spanFile]

// spanFile: from ≤ time < until. An until that is not later than from lies on the next day; 24:00 ends the day itself.
type spanFile struct {
	// Days on which the span begins: mon, tue, …; left out, every day.
	Days  list[contact.Weekday]     `yaml:"days"`
	From  placed[contact.TimeOfDay] `yaml:"from"`
	Until placed[contact.TimeOfDay] `yaml:"until"`
}

// counterFile: at most max contacts in the days up to and including today.
type counterFile struct {
	Max placed[int]  `yaml:"max"`
	Of  placed[Unit] `yaml:"of"`
	// RollingDays is a number of consecutive local dates, today being the last; RollingHours is one of hours; or Calendar
	// names a period.
	RollingDays  placed[int]    `yaml:"rolling_days"`
	RollingHours placed[int]    `yaml:"rolling_hours"`
	Calendar     placed[Period] `yaml:"calendar"`
	Key          placed[Key]    `yaml:"key"`
	Counts       countsFile     `yaml:"counts"`
}

// coolOffFile: no contact for a number of days after one that counts. The day of that contact is day one: after a
// conversation on the 13th with 7 days, the 20th is free.
type coolOffFile struct {
	After placed[Unit] `yaml:"after"`
	Days  placed[int]  `yaml:"days"`
	// DayOne is event, the default, or next.
	DayOne placed[dayOne] `yaml:"day_one"`
	Key    placed[Key]    `yaml:"key"`
	Counts countsFile     `yaml:"counts"`
}

// dayOne says which date is the first of a cool-off: that of the event, or the next.
type dayOne string

// UnmarshalText refuses another word.
func (d *dayOne) UnmarshalText(text []byte) (err error) {
	*d, err = closed.Parse("day one", []dayOne{"event", "next"}, string(text))
	return err
}

// minGapFile: at least so much time after each contact that counts.
type minGapFile struct {
	Of placed[Unit] `yaml:"of"`
	// Gap is a duration such as 5m or 36h.
	Gap    placed[string] `yaml:"gap"`
	Key    placed[Key]    `yaml:"key"`
	Counts countsFile     `yaml:"counts"`
}

// countsFile narrows the contacts that count; what is left out narrows nothing. A contact counts where a fact about it is unknown.
type countsFile struct {
	Channels     list[contact.Channel]     `yaml:"channels"`
	Directions   list[contact.Direction]   `yaml:"directions"`
	Purposes     list[contact.Purpose]     `yaml:"purposes"`
	Dispositions list[contact.Disposition] `yaml:"dispositions"`
	// Except are dispositions that do not count.
	Except list[contact.Disposition] `yaml:"except"`
	// Recipients and Places are who was contacted, and where.
	Recipients list[contact.Recipient] `yaml:"recipients"`
	Places     list[contact.Place]     `yaml:"places"`
	// ExceptConsented leaves out contacts that the borrower had asked for or allowed.
	ExceptConsented bool `yaml:"except_consented"`
}

// Parse reads a rulebook, which may name calendars. The error names everything that is wrong with it, each with file, line and column.
func Parse(file string, data []byte, calendars *calendar.Calendars) (*Rulebook, error) {
	return parse(file, data, false, finder(calendars))
}

// parse reads a rulebook, with the calendars that it may name; one that is shipped must be known well enough to be cited.
func parse(file string, data []byte, shipped bool, calendars func(string) (Calendar, bool)) (*Rulebook, error) {
	f := &faults{file: file, calendars: calendars}
	tree, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, f.wrap(err)
	}
	if len(tree.Docs) != 1 || tree.Docs[0].Body == nil {
		return nil, f.wrap(errors.New("a file holds one rulebook; begin with `rulebook: NAME`"))
	}
	root := tree.Docs[0].Body
	var b bookFile
	if err := yaml.NodeToValue(root, &b, yaml.Strict()); err != nil {
		return nil, f.wrap(err)
	}
	book := b.check(f, root, shipped)
	if len(f.errs) > 0 {
		return nil, errors.Join(f.errs...)
	}
	return book, nil
}

var (
	bookName     = regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`)
	jurisdiction = regexp.MustCompile(`^[a-z]{2}(-[a-z0-9]+)*$`)
)

func (b *bookFile) check(f *faults, root ast.Node, shipped bool) *Rulebook {
	book := &Rulebook{
		Name: b.Rulebook.value, Version: b.Version.value, Title: b.Title.value,
		Jurisdictions: b.Jurisdictions.values(), DespiteOptOut: b.DespiteOptOut.values(),
		MayContact: b.MayContact.values(), Sources: b.Sources.values(),
	}
	want := bookBase(f.file)
	if given(f, root, "rulebook", b.Rulebook) && (book.Name != want || !bookName.MatchString(book.Name)) {
		f.add(b.Rulebook.node, "rulebook %q stands in a file named %q; name both alike, in small letters, digits and hyphens", book.Name, want)
	}
	given(f, root, "version", b.Version)
	given(f, root, "title", b.Title)
	if len(b.Jurisdictions) == 0 {
		f.add(root, "jurisdictions are missing; write those that it covers, such as [us], or [everywhere]")
	}
	for _, j := range b.Jurisdictions {
		special := j.value == Everywhere || j.value == Elsewhere
		if j.value == Everywhere && len(b.Jurisdictions) > 1 {
			f.add(j.node, "%s stands alone", j.value)
		}
		if !special && !jurisdiction.MatchString(j.value) {
			f.add(j.node, "unknown jurisdiction %q; write a code such as us or us-ny, or everywhere, or elsewhere", j.value)
		}
	}
	if len(b.Rules) == 0 {
		f.add(root, "rules are missing; a rulebook has at least one")
	}
	seen := map[string]bool{}
	for n := range b.Rules {
		file := b.Rules[n]
		if !file.given() {
			f.add(root, "a rule is empty; remove it")
			continue
		}
		rule := file.value.check(f, file.node, shipped)
		if seen[rule.ID] {
			f.add(file.value.ID.node, "rule %s stands twice", rule.ID)
		}
		seen[rule.ID] = true
		rule.ref, rule.version = book.Name+"/"+rule.ID, book.Version.String()
		book.Rules = append(book.Rules, rule)
	}
	return book
}

// bookBase is the name that the rulebook in a file must bear.
func bookBase(file string) string {
	return strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
}

func (r *ruleFile) check(f *faults, at ast.Node, shipped bool) *Rule {
	rule := &Rule{
		ID: r.ID.value, Title: r.Title.value, Citation: r.Citation.value, Confidence: r.Confidence.value, Strength: r.Strength.value,
		AppliesTo: r.AppliesTo.values(), From: r.InForce.From.value, Until: r.InForce.Until.value,
		Channels: r.Channels.values(), Purposes: r.Purposes.values(), Exempt: r.Exempt.values(), Breach: r.Breach.value,
	}
	if given(f, at, "id", r.ID) && !bookName.MatchString(rule.ID) {
		f.add(r.ID.node, "id %q; write small letters, digits and hyphens, such as call-frequency", rule.ID)
	}
	given(f, at, "title", r.Title)
	if given(f, at, "citation", r.Citation) && strings.TrimSpace(rule.Citation) == "" {
		f.add(r.Citation.node, "citation is empty; say where the rule stands, or who set it")
	}
	if given(f, at, "confidence", r.Confidence) && shipped && (rule.Confidence == Weak || rule.Confidence == Unconfirmed) {
		f.add(r.Confidence.node, "confidence %s: no shipped rulebook cites what is not confirmed; move it to a lender's own", rule.Confidence)
	}
	given(f, at, "strength", r.Strength)
	if from, until := rule.From, rule.Until; !from.IsZero() && !until.IsZero() && !from.Before(until) {
		f.add(r.InForce.Until.node, "in force until %s, which does not lie after %s, from when it is in force", until, from)
	}
	switch {
	case rule.Strength == Soft && !r.Breach.given():
		rule.Breach = NeedsApproval
	case r.Breach.given() && rule.Strength != Soft:
		f.add(r.Breach.node, "breach is for soft rules; a %s rule binds", rule.Strength)
	case r.Breach.given() && rule.Breach != Warn && rule.Breach != NeedsApproval:
		f.add(r.Breach.node, "breach %s: a soft rule forbids nothing; use warn or needs_approval", rule.Breach)
	}
	rule.Recipients, rule.Places, rule.ReplyOnce = r.Recipients.values(), r.Places.values(), r.ReplyOnce.value
	if r.UnlessConsent.given() {
		rule.UnlessConsent = r.UnlessConsent.value.check(f)
	}
	rule.fromDay, rule.untilDay = dayNumber(rule.From), dayNumber(rule.Until)
	rule.exemptsReply = slices.Contains(rule.Exempt, contact.Reply)
	exempt := slices.DeleteFunc(slices.Clone(rule.Exempt), func(p contact.Purpose) bool { return p == contact.Reply })
	rule.binds = channelBit.orAll(rule.Channels) | purposeBit.orAll(rule.Purposes)&^purposeBit.union(exempt) |
		recipientBit.orAll(rule.Recipients) | placeBit.orAll(rule.Places)
	if rule.OnlyKnown = r.OnlyKnownPlaces.value; !rule.OnlyKnown {
		rule.binds |= unknownPlace
	}
	if r.OnlyKnownPlaces.given() && len(rule.Places) == 0 {
		f.add(r.OnlyKnownPlaces.node, "only_known_places narrows places; write which")
	}
	if rule.binds&purposeBit.all == 0 {
		f.add(at, "the rule exempts every purpose that it binds")
	}
	r.checkKind(f, at, rule)
	return rule
}

// checkKind reads the one block that says what kind of rule it is.
func (r *ruleFile) checkKind(f *faults, at ast.Node, rule *Rule) {
	kinds := 0
	kind := func(block ast.Node, read func(ast.Node) test) {
		if block != nil {
			kinds++
			rule.test = read(block)
		}
	}
	kind(r.Window.node, func(n ast.Node) test { rule.Window = r.Window.value.check(f, n); return rule.Window })
	kind(r.Counter.node, func(n ast.Node) test { rule.Counter = r.Counter.value.check(f, n); return rule.Counter })
	kind(r.CoolOff.node, func(n ast.Node) test { rule.CoolOff = r.CoolOff.value.check(f, n); return rule.CoolOff })
	kind(r.MinGap.node, func(n ast.Node) test { rule.MinGap = r.MinGap.value.check(f, n); return rule.MinGap })
	kind(r.OptOut.node, func(ast.Node) test { rule.OptOut = &OptOut{}; return rule.OptOut })
	kind(r.Consent.node, func(n ast.Node) test { rule.Consent = r.Consent.value.check(f); return rule.Consent })
	kind(r.Recipient.node, func(n ast.Node) test { rule.Recipient = r.Recipient.value.check(f, n); return rule.Recipient })
	kind(r.ThirdParty.node, func(n ast.Node) test { rule.ThirdParty = r.ThirdParty.value.check(f, n); return rule.ThirdParty })
	kind(r.Content.node, func(n ast.Node) test { rule.Content = r.Content.value.check(f, n); return rule.Content })
	kind(r.Visit.node, func(n ast.Node) test { rule.Visit = r.Visit.value.check(f, n); return rule.Visit })
	kind(r.Duty.node, func(n ast.Node) test { rule.Duty = r.Duty.value.check(f, n); return limits{} })
	kind(r.Retention.node, func(n ast.Node) test { rule.Retention = r.Retention.value.check(f, n); return limits{} })
	kind(r.Plan.node, func(n ast.Node) test { rule.Plan = r.Plan.value.check(f, n); return limits{} })
	kind(r.Charge.node, func(n ast.Node) test { rule.Charge = r.Charge.value.check(f, n); return limits{} })
	if kinds != 1 {
		f.add(at, "a rule has exactly one of window, counter, cool_off, min_gap, opt_out, consent, recipient, third_party, content, visit, "+
			"duty, retention, plan and charge; this one has %d", kinds)
	}
	if r.ReplyOnce.given() && rule.Window == nil && rule.OptOut == nil && rule.Consent == nil {
		f.add(r.ReplyOnce.node, "reply_once is for window, opt_out and consent")
	}
}

func (w *windowFile) check(f *faults, at ast.Node) *Window {
	window := &Window{}
	if len(w.Open) == 0 {
		f.add(at, "open is missing; write the spans in which contacts are allowed")
	}
	window.Open = w.Open.check(f)
	if w.Holidays.given() {
		h := w.Holidays.value
		window.Holidays = &Holidays{Calendar: h.Calendar.value, Open: h.Open.check(f)}
		given(f, w.Holidays.node, "open", placed[struct{}]{node: nodeOf(list[spanFile](h.Open), w.Holidays.node)})
		for _, s := range h.Open {
			if len(s.value.Days) > 0 {
				f.add(s.node, "days make no sense on holidays; leave them out")
			}
		}
		if given(f, w.Holidays.node, "calendar", h.Calendar) {
			window.Holidays.calendar = f.calendar(h.Calendar)
		}
	}
	window.compile()
	return window
}

// nodeOf returns the node of a list that stands in a block, even an empty one; nil for one that does not.
func nodeOf[T any](l list[T], block ast.Node) ast.Node {
	if l == nil {
		return nil
	}
	return block
}

// check reads spans of time.
func (l spans) check(f *faults) (all []Span) {
	for _, s := range l {
		span := Span{From: int64(s.value.From.value), Until: int64(s.value.Until.value)}
		given(f, s.node, "from", s.value.From)
		if given(f, s.node, "until", s.value.Until) && s.value.From.given() && (span.From == span.Until || span.From == day) {
			f.add(s.value.From.node, "a window from %s until %s is never open; write 00:00 until 24:00 for a whole day",
				s.value.From.value, s.value.Until.value)
		}
		if s.value.Days != nil && len(s.value.Days) == 0 {
			f.add(s.node, "days are empty; leave them out for every day")
		}
		for _, d := range s.value.Days {
			span.Days = append(span.Days, d.value.Day())
		}
		if len(span.Days) == 0 {
			span.Days = everyDay
		}
		all = append(all, span)
	}
	return all
}

func (c *counterFile) check(f *faults, at ast.Node) *Counter {
	counter := &Counter{
		Max: c.Max.value, Of: c.Of.value, RollingDays: c.RollingDays.value, RollingHours: c.RollingHours.value,
		Calendar: c.Calendar.value, Key: c.Key.value, Counts: c.Counts.check(f, at),
	}
	if given(f, at, "max", c.Max) && counter.Max < 1 {
		f.add(c.Max.node, "max %d; a counter allows at least 1, and a window or an opt-out forbids altogether", counter.Max)
	}
	if counter.Max > mostCounted {
		f.add(c.Max.node, "max %d; write 1 to %d", counter.Max, mostCounted)
	}
	countable(f, "of", at, c.Of)
	c.Counts.of(f, at, c.Of.value)
	given(f, at, "key", c.Key)
	if periods := []bool{c.RollingDays.given(), c.RollingHours.given(), c.Calendar.given()}; count(periods) != 1 {
		f.add(at, "write either rolling_days or rolling_hours, a number, or calendar: day, week or month")
	}
	checkDays(f, "rolling_days", c.RollingDays)
	if c.RollingHours.given() && (counter.RollingHours < 1 || counter.RollingHours > maxDays*24) {
		f.add(c.RollingHours.node, "rolling_hours %d; write 1 to %d", counter.RollingHours, maxDays*24)
	}
	counter.compile()
	return counter
}

func count(all []bool) (n int) {
	for _, one := range all {
		if one {
			n++
		}
	}
	return n
}

// countable refuses a unit that is no contact where contacts are counted.
func countable(f *faults, field string, at ast.Node, of placed[Unit]) {
	if given(f, at, field, of) && !of.value.countable() {
		f.add(of.node, "%s %s is for cool_off; use attempt, connected, conversation or message", field, of.value)
	}
}

func (c *coolOffFile) check(f *faults, at ast.Node) *CoolOff {
	given(f, at, "after", c.After)
	given(f, at, "days", c.Days)
	given(f, at, "key", c.Key)
	checkDays(f, "days", c.Days)
	if c.After.value.countable() {
		c.Counts.of(f, at, c.After.value)
	}
	coolOff := &CoolOff{
		After: c.After.value, Days: c.Days.value, NextDay: c.DayOne.value == "next", Key: c.Key.value, Counts: c.Counts.check(f, at),
	}
	coolOff.compile()
	return coolOff
}

func (m *minGapFile) check(f *faults, at ast.Node) *MinGap {
	countable(f, "of", at, m.Of)
	c := m.Counts
	c.of(f, at, m.Of.value)
	given(f, at, "key", m.Key)
	gap := &MinGap{Of: m.Of.value, Key: m.Key.value, Counts: m.Counts.check(f, at)}
	if given(f, at, "gap", m.Gap) {
		var err error
		if gap.Gap, err = time.ParseDuration(m.Gap.value); err != nil || gap.Gap <= 0 || gap.Gap > maxDays*day*time.Second {
			f.add(m.Gap.node, "gap %q; write a positive duration of at most %d days, such as 5m or 36h", m.Gap.value, maxDays)
		}
	}
	gap.compile()
	return gap
}

func (c *countsFile) check(f *faults, at ast.Node) Counts {
	counts := Counts{
		Channels: c.Channels.values(), Directions: c.Directions.values(), Purposes: c.Purposes.values(),
		Dispositions: c.Dispositions.values(), Except: c.Except.values(), Recipients: c.Recipients.values(), Places: c.Places.values(),
		ExceptConsented: c.ExceptConsented,
	}
	if counts.mask(Attempt)&dispositionBit.all == 0 {
		f.add(at, "counts excepts every disposition that it names, so that nothing counts")
	}
	return counts
}

// of refuses counts that leave nothing of what a rule counts: such a rule would never stand in anything's way.
func (c *countsFile) of(f *faults, at ast.Node, of Unit) {
	counts := Counts{Channels: c.Channels.values(), Dispositions: c.Dispositions.values(), Except: c.Except.values()}
	if counts.mask(Attempt)&dispositionBit.all == 0 {
		return // which is told by itself
	}
	if left := counts.mask(of); left&channelBit.all == 0 || left&dispositionBit.all == 0 {
		f.add(at, "nothing that counts is %s %s; the rule would never forbid anything", article(string(of)), "of these channels and dispositions")
	}
}

// mostCounted bounds what a counter allows: more is no limit.
const mostCounted = 1000

// maxDays bounds how far back a rule may look, so that a mistyped number does not load years of contacts.
const maxDays = 366

func checkDays(f *faults, field string, days placed[int]) {
	if days.given() && (days.value < 1 || days.value > maxDays) {
		f.add(days.node, "%s %d; write 1 to %d", field, days.value, maxDays)
	}
}

// given reports whether a field stands in the file, and notes a fault at the block it is missing from otherwise.
func given[T any](f *faults, block ast.Node, field string, p placed[T]) bool {
	if !p.given() {
		f.add(block, "%s is missing", field)
	}
	return p.given()
}

var everyDay = []time.Weekday{0, 1, 2, 3, 4, 5, 6}
