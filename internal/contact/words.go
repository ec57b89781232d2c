// Package contact holds the words and facts of reaching a borrower: channels, contact points, wishes, holds,
// attempts and what came of them. It knows codes, dates and ids, and no address, name or text.
package contact

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/tender-engine/tender/internal/closed"
)

// Channel is a way to reach a borrower.
type Channel string

// The channels.
const (
	Call   Channel = "call"
	SMS    Channel = "sms"
	Email  Channel = "email"
	Push   Channel = "push"
	Chat   Channel = "chat"
	Letter Channel = "letter"
	Visit  Channel = "visit"
)

// Channels are all channels.
var Channels = []Channel{Call, SMS, Email, Push, Chat, Letter, Visit}

// UnmarshalText refuses a word that is no channel.
func (c *Channel) UnmarshalText(text []byte) (err error) {
	*c, err = closed.Parse("channel", Channels, string(text))
	return err
}

// Electronic reports whether a message on the channel is written and sent by machine.
func (c Channel) Electronic() bool { return c == SMS || c == Email || c == Push || c == Chat }

// Direction says who began a contact.
type Direction string

// The directions.
const (
	Outbound Direction = "outbound"
	Inbound  Direction = "inbound"
)

// Directions are both directions.
var Directions = []Direction{Outbound, Inbound}

// UnmarshalText refuses a word that is no direction.
func (d *Direction) UnmarshalText(text []byte) (err error) {
	*d, err = closed.Parse("direction", Directions, string(text))
	return err
}

// Disposition is what came of a contact.
type Disposition string

// The dispositions.
const (
	Sent              Disposition = "sent"
	Delivered         Disposition = "delivered"
	Bounced           Disposition = "bounced"
	Uncertain         Disposition = "uncertain"
	Busy              Disposition = "busy"
	NotInService      Disposition = "not_in_service"
	NoAnswer          Disposition = "no_answer"
	Dropped           Disposition = "dropped"
	Voicemail         Disposition = "voicemail"
	LimitedContent    Disposition = "limited_content"
	RinglessVoicemail Disposition = "ringless_voicemail"
	RightParty        Disposition = "right_party"
	Promise           Disposition = "promise"
	Refused           Disposition = "refused"
	Hardship          Disposition = "hardship"
	Dispute           Disposition = "dispute"
	Callback          Disposition = "callback"
	WrongNumber       Disposition = "wrong_number"
	ThirdParty        Disposition = "third_party"
	Deceased          Disposition = "deceased"
)

// Dispositions are all dispositions.
var Dispositions = []Disposition{
	Sent, Delivered, Bounced, Uncertain, Busy, NotInService, NoAnswer, Dropped, Voicemail, LimitedContent,
	RinglessVoicemail, RightParty, Promise, Refused, Hardship, Dispute, Callback, WrongNumber, ThirdParty, Deceased,
}

// UnmarshalText refuses a word that is no disposition; none at all stands for a contact whose outcome is not yet known.
func (d *Disposition) UnmarshalText(text []byte) (err error) {
	if *d = ""; len(text) == 0 {
		return nil
	}
	*d, err = closed.Parse("disposition", Dispositions, string(text))
	return err
}

// Connected reports whether a person answered or was reached.
func (d Disposition) Connected() bool {
	switch d {
	case RightParty, Promise, Refused, Hardship, Dispute, Callback, WrongNumber, ThirdParty, Deceased, Dropped:
		return true
	}
	return false
}

// Conversation reports whether the borrower was spoken to.
func (d Disposition) Conversation() bool {
	switch d {
	case RightParty, Promise, Refused, Hardship, Dispute, Callback:
		return true
	}
	return false
}

// Conclusive reports whether a call that ended so needs no other: the borrower was spoken to, or cannot be reached.
func (d Disposition) Conclusive() bool {
	return d.Conversation() || d == NotInService || d == WrongNumber || d == Deceased
}

// Made reports whether a notice with this disposition counts as made (design §4).
func (d Disposition) Made() bool { return d == Sent || d == Delivered || d == Uncertain }

// Purpose is why a borrower is contacted; rules exempt purposes by name.
type Purpose string

// The purposes.
const (
	Collection      Purpose = "collection"
	Informational   Purpose = "informational"
	StatutoryNotice Purpose = "statutory_notice"
	Reply           Purpose = "reply"
	ComplaintReply  Purpose = "complaint_reply"
	LocationEnquiry Purpose = "location_enquiry"
	Survey          Purpose = "survey"
)

// Purposes are all purposes.
var Purposes = []Purpose{Collection, Informational, StatutoryNotice, Reply, ComplaintReply, LocationEnquiry, Survey}

// UnmarshalText refuses a word that is no purpose.
func (p *Purpose) UnmarshalText(text []byte) (err error) {
	*p, err = closed.Parse("purpose", Purposes, string(text))
	return err
}

// Recipient is who is contacted.
type Recipient string

// The recipients. The borrower's spouse, guardian or executor stands in for the borrower only where a rulebook says so.
const (
	ToBorrower   Recipient = "borrower"
	CoDebtor     Recipient = "co_debtor"
	Guarantor    Recipient = "guarantor"
	Spouse       Recipient = "spouse"
	Attorney     Recipient = "attorney"
	Adviser      Recipient = "adviser"
	Executor     Recipient = "executor"
	ToThirdParty Recipient = "third_party"
	Employer     Recipient = "employer"
)

// Recipients are all recipients.
var Recipients = []Recipient{ToBorrower, CoDebtor, Guarantor, Spouse, Attorney, Adviser, Executor, ToThirdParty, Employer}

// UnmarshalText refuses a word that is no recipient; none at all stands for the borrower.
func (r *Recipient) UnmarshalText(text []byte) (err error) {
	if *r = ""; len(text) == 0 {
		return nil
	}
	*r, err = closed.Parse("recipient", Recipients, string(text))
	return err
}

// Place is what kind of place, or thing, a contact point is bound to.
type Place string

// The places.
const (
	// AtHome: a landline, a postal address, where the borrower lives.
	AtHome Place = "home"
	// Personal: a mobile telephone, a private mail address, an app; it is wherever the borrower is.
	Personal Place = "personal"
	// AtWork: given or read by the borrower's employer.
	AtWork Place = "work"
	// OtherPlace: a neighbour's telephone, a relative's address.
	OtherPlace Place = "other"
)

// Places are all places.
var Places = []Place{AtHome, Personal, AtWork, OtherPlace}

// UnmarshalText refuses a word that is no place; none at all stands for a point of which that is not known.
func (p *Place) UnmarshalText(text []byte) (err error) {
	if *p = ""; len(text) == 0 {
		return nil
	}
	*p, err = closed.Parse("place", Places, string(text))
	return err
}

// Grantee is to whom a consent was given.
type Grantee string

// The grantees.
const (
	// ToCollector: to whoever collects with this installation.
	ToCollector Grantee = "collector"
	// ToCreditor: to the lender, before somebody else began to collect.
	ToCreditor Grantee = "creditor"
)

// Grantees are both grantees.
var Grantees = []Grantee{ToCollector, ToCreditor}

// UnmarshalText refuses a word that is no grantee; none at all stands for one that is not known.
func (g *Grantee) UnmarshalText(text []byte) (err error) {
	if *g = ""; len(text) == 0 {
		return nil
	}
	*g, err = closed.Parse("grantee", Grantees, string(text))
	return err
}

// MarkKind is what a [Mark] marks.
type MarkKind string

// The kinds of mark.
const (
	ComplaintMark       MarkKind = "complaint"
	DisputeMark         MarkKind = "dispute"
	HardshipRefusedMark MarkKind = "hardship_refused"
)

// MarkKinds are all kinds of mark.
var MarkKinds = []MarkKind{ComplaintMark, DisputeMark, HardshipRefusedMark}

// UnmarshalText refuses a word that is no kind of mark.
func (m *MarkKind) UnmarshalText(text []byte) (err error) {
	*m, err = closed.Parse("mark", MarkKinds, string(text))
	return err
}

// Weekday is a day of the week: mon, tue, wed, thu, fri, sat or sun.
type Weekday string

// Weekdays are all days of the week, in the order of [time.Weekday].
var Weekdays = []Weekday{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// UnmarshalText refuses a word that is no day of the week.
func (w *Weekday) UnmarshalText(text []byte) (err error) {
	*w, err = closed.Parse("day", Weekdays, string(text))
	return err
}

// Day returns the day as package time has it.
func (w Weekday) Day() time.Weekday { return time.Weekday(slices.Index(Weekdays, w)) }

// TimeOfDay is what a clock on the wall shows, in seconds since midnight: 00:00 to 24:00.
type TimeOfDay int64

var clockFace = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)

// UnmarshalText refuses a text that no clock shows.
func (t *TimeOfDay) UnmarshalText(text []byte) error {
	s := string(text)
	if s == "24:00" {
		*t = 24 * 60 * 60
		return nil
	}
	if !clockFace.MatchString(s) {
		return fmt.Errorf("no time of day: %s; write 00:00 to 24:00, such as 08:00", s)
	}
	digit := func(n int) TimeOfDay { return TimeOfDay(s[n] - '0') }
	*t = (digit(0)*10+digit(1))*3600 + (digit(3)*10+digit(4))*60
	return nil
}

// MarshalText writes the time as the clock shows it.
func (t TimeOfDay) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

func (t TimeOfDay) String() string { return fmt.Sprintf("%02d:%02d", t/3600, t/60%60) }
