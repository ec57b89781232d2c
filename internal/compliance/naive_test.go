package compliance

import (
	"slices"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
)

// naive answers whether a contact is allowed at an instant, rule by rule, from the words of the rulebook and the calendar of
// package time alone: no masks, no day numbers, no searching. It is what the real evaluation is held against.
type naive struct {
	rules    Rules
	standing contact.Standing
	proposal Proposal
}

func (v naive) allows(at time.Time) bool {
	point, ok := v.point()
	if !ok || len(v.standing.Zones) == 0 {
		return false
	}
	for _, h := range v.standing.Holds {
		for _, loan := range v.proposal.Loans {
			if !h.Covers(loan, point, at) {
				continue
			}
			borrower := v.proposal.Recipient == "" || v.proposal.Recipient == contact.ToBorrower
			if !h.Kind.AllowsTo(v.proposal.Purpose, v.proposal.Recipient) || v.proposal.Purpose == contact.Reply && borrower &&
				h.Kind != contact.SCRAActive && !v.replies(at, nil) && !v.confirms(point, at) {
				return false
			}
		}
	}
	if _, out := v.optedOut(point, at); out && !slices.Contains(v.rules.despite, v.proposal.Purpose) && !v.replies(at, nil) && !v.confirms(point, at) {
		return false
	}
	if to := v.proposal.Recipient; to != "" && to != contact.ToBorrower && !slices.Contains(v.rules.mayContact, to) {
		return false
	}
	free := func(t time.Time) bool { return !v.blackedOut(point, t) }
	if v.blackedOut(point, at) && !v.replies(at, free) && !v.confirmsIn(point, at, free) {
		return false
	}
	for _, rule := range v.rules.rules {
		if rule.Breach != Warn && !v.permits(rule, point, at) {
			return false
		}
	}
	return true
}

// blackedOut reports whether the borrower named this time of the week as one at which not to be contacted.
func (v naive) blackedOut(point string, at time.Time) bool {
	for _, b := range v.standing.Blackouts {
		if at.Before(b.At) || !(b.Channel == "" || b.Channel == v.proposal.Channel) || !(b.Point == "" || b.Point == point) {
			continue
		}
		span := Span{From: int64(b.From), Until: int64(b.To), Days: everyDay}
		if len(b.Days) > 0 {
			span.Days = nil
		}
		for _, d := range b.Days {
			span.Days = append(span.Days, d.Day())
		}
		for _, zone := range v.standing.Zones {
			if open(&Window{Open: []Span{span}}, at.In(location(zone))) {
				return true
			}
		}
	}
	return false
}

// optedOut reports since when the borrower's word on the proposal, as it counts at an instant, is no.
func (v naive) optedOut(point string, at time.Time) (since time.Time, out bool) {
	counts := slices.DeleteFunc(slices.Clone(v.standing.Wishes), func(w contact.Wish) bool {
		return w.Channel != "" && w.Channel != v.proposal.Channel || w.Point != "" && w.Point != point ||
			w.Purpose != "" && w.Purpose != v.proposal.Purpose || w.At.After(at) || !w.Until.IsZero() && !w.Until.After(at)
	})
	slices.SortStableFunc(counts, func(a, b contact.Wish) int { return a.At.Compare(b.At) })
	if len(counts) == 0 {
		return since, false
	}
	last := counts[len(counts)-1]
	return last.At, !last.Allowed
}

// replies reports whether the proposal is the one reply to a contact that the borrower began on its channel. Where a clock forbids
// it, that must have been so from when the borrower began on.
func (v naive) replies(at time.Time, open func(time.Time) bool) bool {
	isReply := func(p contact.Purpose) bool { return p == contact.Reply || p == contact.ComplaintReply }
	if !isReply(v.proposal.Purpose) || v.proposal.Recipient != "" && v.proposal.Recipient != contact.ToBorrower {
		return false
	}
	point, _ := v.point()
	since, out := v.optedOut(point, at.AddDate(100, 0, 0))
	answered := map[int]bool{}
	began := func(a contact.Attempt) bool {
		return a.Direction == contact.Inbound && a.Channel == v.proposal.Channel && (a.Recipient == "" || a.Recipient == contact.ToBorrower) &&
			!a.Disposition.Conversation()
	}
	inTime := slices.SortedStableFunc(slices.Values(v.standing.Attempts), func(a, b contact.Attempt) int { return a.At.Compare(b.At) })
	for _, ours := range inTime {
		if ours.Direction == contact.Inbound || ours.Channel != v.proposal.Channel || ours.Purpose != "" && !isReply(ours.Purpose) ||
			ours.Recipient != "" && ours.Recipient != contact.ToBorrower {
			continue
		}
		for n, theirs := range inTime { // it answers the oldest that it can
			if began(theirs) && !answered[n] && !theirs.At.After(ours.At) && ours.At.Before(theirs.At.Add(7*24*time.Hour)) {
				answered[n] = true
				break
			}
		}
	}
	for n, theirs := range inTime {
		if began(theirs) && !answered[n] && !(out && !theirs.At.After(since)) && at.Before(theirs.At.Add(7*24*time.Hour)) && (open == nil || shutBetween(theirs.At, at, open)) {
			return true
		}
	}
	return false
}

// shutBetween looks at each minute.
func shutBetween(from, until time.Time, open func(time.Time) bool) bool {
	for at := from; at.Before(until); at = at.Truncate(time.Minute).Add(time.Minute) {
		if open(at) {
			return false
		}
	}
	return true
}

// confirms reports whether the proposal is the one confirmation of the last opt-out.
func (v naive) confirms(point string, at time.Time) bool {
	since, out := v.optedOut(point, at.AddDate(100, 0, 0))
	if !v.proposal.Confirmation || v.proposal.Purpose != contact.Reply || !out || !at.Before(since.Add(24*time.Hour)) {
		return false
	}
	for _, a := range v.standing.Attempts {
		if a.Direction != contact.Inbound && a.Purpose == contact.Reply && !a.At.Before(since) {
			return false
		}
	}
	return true
}

// confirmsIn is confirms at a time that a clock forbids: it must have been so from the stop on.
func (v naive) confirmsIn(point string, at time.Time, open func(time.Time) bool) bool {
	since, _ := v.optedOut(point, at.AddDate(100, 0, 0))
	return open != nil && v.confirms(point, at) && shutBetween(since, at, open)
}

// placeAt is the place of a contact point; none where it is not known.
func (v naive) placeAt(point string) contact.Place {
	for _, p := range v.standing.Points {
		if p.ID == point {
			return p.Where()
		}
	}
	return ""
}

// permits answers for one rule of a rulebook.
func (v naive) permits(rule *Rule, point string, at time.Time) bool {
	to := v.proposal.Recipient
	if to == "" {
		to = contact.ToBorrower
	}
	if !among(to, rule.Recipients) || !among(v.placeAt(point), rule.Places) || rule.OnlyKnown && v.placeAt(point) == "" {
		return true
	}
	var open func(time.Time) bool
	if rule.Window != nil {
		open = func(t time.Time) bool { return v.permitsIn(rule, point, t) }
	}
	return v.permitsIn(rule, point, at) || v.lifted(rule, point, at) || rule.ReplyOnce && (v.replies(at, open) || v.confirmsIn(point, at, open)) ||
		rule.Breach == NeedsApproval && v.proposal.Step != "" && slices.ContainsFunc(v.standing.Approvals, func(a contact.Approval) bool {
			return a.Rule == rule.ref && a.Step == v.proposal.Step && slices.Contains(v.proposal.Loans, a.Loan) && at.Before(a.Until)
		})
}

// gate reports whether one who is not the borrower may be contacted.
func (v naive) gate(g *ThirdPartyRule, point string, at time.Time) bool {
	to := v.proposal.Recipient
	if to == "" || to == contact.ToBorrower {
		return true
	}
	if len(g.Purposes) > 0 && !slices.Contains(g.Purposes, v.proposal.Purpose) {
		return false
	}
	var failures, theirs int
	var reached time.Time
	inTime := slices.SortedStableFunc(slices.Values(v.standing.Attempts), func(a, b contact.Attempt) int { return a.At.Compare(b.At) })
	nobody := []contact.Disposition{contact.Busy, contact.NotInService, contact.NoAnswer, contact.Bounced}
	notThem := append([]contact.Disposition{contact.Voicemail, contact.LimitedContent, contact.RinglessVoicemail, contact.WrongNumber, contact.ThirdParty}, nobody...)
	for _, a := range inTime {
		outbound := a.Direction == contact.Outbound
		switch {
		case a.Recipient == "" || a.Recipient == contact.ToBorrower:
			if g.WithinDays > 0 && a.At.Before(at.AddDate(0, 0, -g.WithinDays)) {
				continue
			}
			maybe := a.Disposition == "" && (a.Channel == contact.Call || a.Channel == contact.Visit)
			if a.Direction == contact.Inbound || a.Disposition.Conversation() || a.Disposition == contact.Dropped || maybe {
				failures, reached = 0, a.At
			} else if outbound && a.At.After(reached) && slices.Contains(notThem, a.Disposition) && (len(g.Channels) == 0 || slices.Contains(g.Channels, a.Channel)) {
				// What came on a channel that nobody knows proves nothing, and what came at the same instant is no failure after it.
				failures++
			}
		case a.Recipient == to && (point == "" || a.Point == "" || a.Point == point):
			if g.RefusalEnds && a.Disposition == contact.Refused {
				return false
			}
			if outbound && !slices.Contains(nobody, a.Disposition) {
				theirs++
			}
		}
	}
	return theirs < g.Max && failures >= g.Failures
}

// noticed reports whether a visit was told of long enough before.
func (v naive) noticed(rule *VisitRule, told, at time.Time) bool {
	if rule.Days != bizclock.BusinessDays {
		return !at.Before(told.Add(time.Duration(rule.NoticeDays) * 24 * time.Hour))
	}
	for _, zone := range v.standing.Zones {
		worked := 0
		for date := midnight(told.In(location(zone))).AddDate(0, 0, 1); date.Before(midnight(at.In(location(zone)))); date = date.AddDate(0, 0, 1) {
			holiday, known := rule.calendar.Holiday(bizclock.DateOf(date))
			if !known {
				return false
			}
			if weekday := date.Weekday(); weekday != time.Saturday && weekday != time.Sunday && !holiday {
				worked++
			}
			if worked == rule.NoticeDays && midnight(at.In(location(zone))).After(date) {
				break
			}
		}
		if worked < rule.NoticeDays {
			return false
		}
	}
	return true
}

// lifted reports whether a consent lifts a rule.
func (v naive) lifted(rule *Rule, point string, at time.Time) bool {
	l := rule.UnlessConsent
	return l != nil && slices.ContainsFunc(v.standing.Consents, func(c contact.Consent) bool {
		if !c.Holds(v.proposal.Channel, point, v.proposal.Purpose, at) || l.GivenTo != "" && c.GivenTo != l.GivenTo {
			return false
		}
		for _, zone := range v.standing.Zones {
			first := midnight(c.GivenAt.In(location(zone)))
			if l.Days > 0 && !midnight(at.In(location(zone))).Before(first.AddDate(0, 0, l.Days)) {
				return false
			}
		}
		return !l.UntilConversation || !slices.ContainsFunc(v.standing.Attempts, func(a contact.Attempt) bool {
			mayBe := a.Disposition.Conversation() || a.Disposition == "" && (a.Channel == contact.Call || a.Channel == contact.Visit)
			about := a.Recipient == "" || a.Recipient == contact.ToBorrower || a.Recipient == v.proposal.Recipient
			return mayBe && about && a.At.After(c.GivenAt) && v.same(a, PerLoan, point)
		})
	})
}

func (v naive) permitsIn(rule *Rule, point string, at time.Time) bool {
	if !among(v.proposal.Channel, rule.Channels) || !among(v.proposal.Purpose, rule.Purposes) || slices.Contains(rule.Exempt, v.proposal.Purpose) && v.proposal.Purpose != contact.Reply {
		return true
	}
	if v.proposal.Purpose == contact.Reply && slices.Contains(rule.Exempt, contact.Reply) && (v.replies(at, nil) || v.confirms(point, at)) {
		return true
	}
	inForce := false
	for _, zone := range v.standing.Zones {
		date := at.In(location(zone)).Format(time.DateOnly)
		if (rule.From.IsZero() || date >= rule.From.String()) && (rule.Until.IsZero() || date < rule.Until.String()) {
			inForce = true
		}
	}
	if !inForce {
		return true
	}
	switch {
	case rule.OptOut != nil:
		_, out := v.optedOut(point, at)
		return !out || v.confirms(point, at)
	case rule.Content != nil && v.confirms(point, at):
		return true
	case rule.Recipient != nil:
		to := v.proposal.Recipient
		if to == "" || to == contact.ToBorrower {
			return slices.Contains(rule.Recipient.Allow, contact.ToBorrower)
		}
		less := map[Disclosure]int{"": 0, DiscloseNothing: 0, DiscloseIdentity: 1, DiscloseDebt: 2}
		return slices.Contains(rule.Recipient.Allow, to) && less[v.proposal.Discloses] <= less[rule.Recipient.Disclose[to]]
	case rule.ThirdParty != nil:
		return v.gate(rule.ThirdParty, point, at)
	case rule.Visit != nil:
		plan := v.proposal.Visit
		switch {
		case v.proposal.Channel != contact.Visit:
			return true
		case rule.Visit.Forbidden || plan == nil:
			return false
		}
		return plan.People >= rule.Visit.PeopleMin && (rule.Visit.PeopleMax == 0 || plan.People <= rule.Visit.PeopleMax) &&
			(plan.Identified || !rule.Visit.Identification) && (rule.Visit.NoticeDays == 0 || !plan.NoticedAt.IsZero() && v.noticed(rule.Visit, plan.NoticedAt, at))
	case rule.Consent != nil:
		return slices.ContainsFunc(v.standing.Consents, func(c contact.Consent) bool {
			want := rule.Consent
			return c.Holds(v.proposal.Channel, point, v.proposal.Purpose, at) && (want.GivenTo == "" || want.GivenTo == c.GivenTo) &&
				(!want.Written || c.Written) && (want.FreshDays == 0 || at.Before(c.GivenAt.Add(time.Duration(want.FreshDays)*24*time.Hour)))
		})
	case rule.CoolOff != nil && rule.CoolOff.After.mark() != "":
		for _, m := range v.standing.Marks {
			about := rule.CoolOff.Key != PerLoan && rule.CoolOff.Key != PerLoanRecipient || m.Loan == "" || slices.Contains(v.proposal.Loans, m.Loan)
			for _, zone := range v.standing.Zones {
				local := func(t time.Time) time.Time { return midnight(t.In(location(zone))) }
				if m.Kind == rule.CoolOff.After.mark() && about && !m.At.After(at) && local(at).Before(local(m.At).AddDate(0, 0, rule.CoolOff.span())) {
					return false
				}
			}
		}
		return true
	case rule.Counter != nil && rule.Counter.RollingHours > 0:
		c := rule.Counter
		for _, loan := range v.proposal.Loans {
			alone := v
			alone.proposal.Loans = []string{loan}
			count := 0
			for _, a := range v.standing.Attempts {
				if v.counts(a, c.Of, c.Counts) && alone.same(a, c.Key, point) && at.Before(a.At.Add(time.Duration(c.RollingHours)*time.Hour)) {
					count++
				}
			}
			if count >= c.Max {
				return false
			}
		}
		return true
	case rule.MinGap != nil:
		g := rule.MinGap
		return !slices.ContainsFunc(v.standing.Attempts, func(a contact.Attempt) bool {
			return v.counts(a, g.Of, g.Counts) && v.same(a, g.Key, point) && at.Before(a.At.Add(g.Gap))
		})
	}
	for _, zone := range v.standing.Zones {
		now := at.In(location(zone))
		switch {
		case rule.Window != nil:
			if !open(rule.Window, now) {
				return false
			}
		case rule.CoolOff != nil:
			c := rule.CoolOff
			for _, a := range v.standing.Attempts {
				if v.counts(a, c.After, c.Counts) && v.same(a, c.Key, point) && midnight(now).Before(midnight(a.At.In(location(zone))).AddDate(0, 0, c.span())) {
					return false
				}
			}
		case rule.Counter != nil:
			if v.used(rule.Counter, point, now) {
				return false
			}
		}
	}
	return true
}

// used reports whether a counter is used up on the date of now, for any loan if it counts by loan.
func (v naive) used(c *Counter, point string, now time.Time) bool {
	first := midnight(now).AddDate(0, 0, 1-c.RollingDays)
	switch c.Calendar {
	case Day:
		first = midnight(now)
	case Week:
		for first = midnight(now); first.Weekday() != time.Monday; {
			first = first.AddDate(0, 0, -1)
		}
	case Month:
		first = midnight(now).AddDate(0, 0, 1-now.Day())
	}
	for _, loan := range v.proposal.Loans {
		alone := v
		alone.proposal.Loans = []string{loan}
		count := 0
		for _, a := range v.standing.Attempts {
			if v.counts(a, c.Of, c.Counts) && alone.same(a, c.Key, point) && !midnight(a.At.In(now.Location())).Before(first) {
				count++
			}
		}
		if count >= c.Max {
			return true
		}
	}
	return false
}

// same reports whether a contact falls under the same key as the proposal.
func (v naive) same(a contact.Attempt, key Key, point string) bool {
	switch key {
	case PerPoint:
		return a.Point == "" || a.Point == point
	case PerChannel:
		return a.Channel == v.proposal.Channel
	case PerRecipient:
		whom := func(r contact.Recipient) contact.Recipient {
			if r == "" {
				return contact.ToBorrower
			}
			return r
		}
		return whom(a.Recipient) == whom(v.proposal.Recipient)
	case PerCollector:
		return a.Collector == v.proposal.Collector
	case PerLoanRecipient:
		return v.same(a, PerLoan, point) && v.same(a, PerRecipient, point)
	case PerLoan:
		return len(a.Loans) == 0 || slices.ContainsFunc(a.Loans, func(loan string) bool { return slices.Contains(v.proposal.Loans, loan) })
	}
	return true
}

func (v naive) point() (string, bool) {
	if v.proposal.Point == "" {
		point, ok := v.standing.Usable(v.proposal.Channel)
		return point.ID, ok
	}
	for _, p := range v.standing.Points {
		if p.ID == v.proposal.Point {
			return p.ID, p.Channel == v.proposal.Channel && !p.Failed
		}
	}
	return "", false
}

// counts reports whether a contact counts for a rule.
func (v naive) counts(a contact.Attempt, of Unit, c Counts) bool {
	to := a.Recipient
	if to == "" {
		to = contact.ToBorrower
	}
	if !among(to, c.Recipients) || !among(v.placeAt(a.Point), c.Places) || c.ExceptConsented && a.Consented {
		return false
	}
	if of == Refusal {
		c.Dispositions, of = []contact.Disposition{contact.Refused}, Attempt
	}
	return counted(a, of, c)
}

func counted(a contact.Attempt, of Unit, c Counts) bool {
	if !among(a.Channel, c.Channels) || !among(a.Direction, c.Directions) || !among(a.Purpose, c.Purposes) {
		return false
	}
	spoken := a.Channel == contact.Call || a.Channel == contact.Visit
	switch {
	case of == Message && spoken:
		return false
	case a.Disposition == "":
		return of == Attempt || of == Message || spoken || a.Channel == ""
	case !among(a.Disposition, c.Dispositions) || slices.Contains(c.Except, a.Disposition):
		return false
	}
	return of == Attempt || of == Message || of == Connected && a.Disposition.Connected() || of == Conversation && a.Disposition.Conversation()
}

// among reports whether a word is one of some; a word that is missing may be any.
func among[T ~string](word T, words []T) bool {
	return len(words) == 0 || word == "" || slices.Contains(words, word)
}

func open(w *Window, now time.Time) bool {
	clock := int64(now.Hour()*3600 + now.Minute()*60 + now.Second())
	yesterday := (now.Weekday() + 6) % 7
	if w.Holidays != nil {
		on := func(date time.Time, shift int64) bool {
			spans, weekday := w.Open, date.Weekday()
			if holiday, known := w.Holidays.calendar.Holiday(bizclock.DateOf(date)); holiday || !known {
				spans = w.Holidays.Open
			}
			return slices.ContainsFunc(spans, func(s Span) bool {
				until := s.Until
				if until <= s.From {
					until += day
				}
				return slices.Contains(s.Days, weekday) && s.From <= clock+shift && clock+shift < until
			})
		}
		holiday, known := w.Holidays.calendar.Holiday(bizclock.DateOf(now))
		return on(midnight(now), 0) || !holiday && known && on(midnight(now).AddDate(0, 0, -1), day)
	}
	for _, s := range w.Open {
		if s.Until > s.From {
			if slices.Contains(s.Days, now.Weekday()) && s.From <= clock && clock < s.Until {
				return true
			}
			continue
		}
		if slices.Contains(s.Days, now.Weekday()) && s.From <= clock || slices.Contains(s.Days, yesterday) && clock < s.Until {
			return true
		}
	}
	return false
}

// midnight returns the date of an instant, without its zone.
func midnight(t time.Time) time.Time {
	year, month, day := t.Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

func location(zone string) *time.Location {
	z, err := newZone(zone)
	if err != nil {
		panic(err)
	}
	return z.loc
}
