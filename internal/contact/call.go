package contact

import "slices"

// CallDispositions are what can come of a call that a person makes.
var CallDispositions = []Disposition{
	Busy, NotInService, NoAnswer, Dropped, Voicemail, LimitedContent, RightParty, Promise, Refused, Hardship, Dispute, Callback, WrongNumber,
	ThirdParty, Deceased,
}

// OfACall reports whether it can be what came of a call that a person made.
func (d Disposition) OfACall() bool { return slices.Contains(CallDispositions, d) }
