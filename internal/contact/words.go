// Package contact holds the words and facts of reaching a borrower: channels, contact points, wishes, holds,
// attempts and what came of them. It knows codes, dates and ids, and no address, name or text.
package contact

import "github.com/tender-engine/tender/internal/closed"

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
