package contact_test

import (
	"encoding"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tender-engine/tender/internal/contact"
)

var noon = time.Date(2026, 1, 20, 12, 0, 0, 0, time.UTC)

func TestClosedSetsRefuseOtherWords(t *testing.T) {
	t.Parallel()
	for set, c := range map[string]struct {
		into  encoding.TextUnmarshaler
		words []string
		empty bool // stands for what is not known yet
	}{
		"channel":     {new(contact.Channel), words(contact.Channels), false},
		"direction":   {new(contact.Direction), words(contact.Directions), false},
		"disposition": {new(contact.Disposition), words(contact.Dispositions), true},
		"purpose":     {new(contact.Purpose), words(contact.Purposes), false},
		"hold":        {new(contact.HoldKind), words(contact.HoldKinds), false},
		"recipient":   {new(contact.Recipient), words(contact.Recipients), true},
		"place":       {new(contact.Place), words(contact.Places), true},
		"grantee":     {new(contact.Grantee), words(contact.Grantees), true},
		"mark":        {new(contact.MarkKind), words(contact.MarkKinds), false},
		"day":         {new(contact.Weekday), words(contact.Weekdays), false},
	} {
		for _, word := range c.words {
			require.NoError(t, c.into.UnmarshalText([]byte(word)), set)
		}
		for _, word := range []string{"SMS", "carrier_pigeon", " sms", "sms\n"} {
			require.ErrorContains(t, c.into.UnmarshalText([]byte(word)), "unknown "+set, word)
		}
		if c.empty {
			require.NoError(t, c.into.UnmarshalText(nil), set)
		} else {
			require.Error(t, c.into.UnmarshalText(nil), set)
		}
	}
}

func words[T ~string](all []T) (texts []string) {
	for _, word := range all {
		texts = append(texts, string(word))
	}
	return texts
}

func TestEveryKindOfHoldHasAClass(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"legal", "dispute", "welfare", "request", "contact"}, words(contact.HoldClasses), "no other is ever shown")
	seen := map[contact.HoldKind]bool{}
	for _, kind := range contact.HoldKinds {
		require.Contains(t, contact.HoldClasses, kind.Class(), kind)
		require.False(t, seen[kind], "%s stands twice", kind)
		seen[kind] = true
	}
	require.Len(t, contact.HoldKinds, contact.KnownHolds, "a kind of hold that HoldKinds does not list is refused everywhere")
}

func TestWhatAHoldLeavesAllowed(t *testing.T) {
	t.Parallel()
	for _, kind := range contact.HoldKinds {
		switch {
		case kind == contact.SCRAActive:
			require.True(t, kind.Allows(contact.Collection), "it caps the interest, and stops no contact")
		default:
			require.False(t, kind.Allows(contact.Collection), "%s must stop collection", kind)
		}
	}
	for _, purpose := range contact.Purposes {
		require.False(t, contact.DeceasedHold.Allows(purpose), "nothing may be written to the dead: %s", purpose)
		require.False(t, contact.BankruptcyStay.Allows(purpose), purpose)
		require.False(t, contact.WrongNumberHold.Allows(purpose), purpose)
	}
	require.True(t, contact.DisputeOpen.Allows(contact.Reply))
	require.False(t, contact.DisputeOpen.Allows(contact.Informational))
	require.True(t, contact.PlanActive.Allows(contact.Informational))
	require.False(t, contact.HoldKind("no_such_hold").Allows(contact.Reply), "what is not known allows nothing")
}

func TestWhoMayBeContactedInTheBorrowersStead(t *testing.T) {
	t.Parallel()
	require.True(t, contact.AttorneyRepresented.AllowsTo(contact.StatutoryNotice, contact.Attorney))
	require.True(t, contact.AttorneyRepresented.AllowsTo(contact.Collection, contact.Attorney))
	require.False(t, contact.AttorneyRepresented.AllowsTo(contact.StatutoryNotice, contact.ToBorrower))
	require.False(t, contact.AttorneyRepresented.AllowsTo(contact.StatutoryNotice, ""), "nobody named stands for the borrower")
	require.True(t, contact.DeceasedHold.AllowsTo(contact.StatutoryNotice, contact.Executor))
	require.False(t, contact.DeceasedHold.AllowsTo(contact.Collection, contact.Executor))
	require.False(t, contact.DeceasedHold.AllowsTo(contact.StatutoryNotice, contact.Spouse))
	require.False(t, contact.BankruptcyStay.AllowsTo(contact.StatutoryNotice, contact.Attorney))
	for _, kind := range contact.HoldKinds {
		for _, purpose := range contact.Purposes {
			require.Equal(t, kind.Allows(purpose), kind.AllowsTo(purpose, contact.ToBorrower), "%s, %s", kind, purpose)
			require.False(t, !kind.Allows(purpose) && kind.AllowsTo(purpose, contact.ToThirdParty), "%s, %s", kind, purpose)
		}
	}
}

// What the law leaves allowed under each kind of hold, as the catalogue of hold reasons has it.
func TestWhetherAStatutoryNoticeMayBeGivenUnderAHold(t *testing.T) {
	t.Parallel()
	never := []contact.HoldKind{
		contact.BankruptcyStay, contact.AttorneyRepresented, contact.DeceasedHold, // the latter two: to somebody else
		contact.WrongNumberHold, contact.ThirdPartyRefused, contact.Recall, contact.Sold, contact.Paid, contact.Settled, // none is owed
	}
	for _, kind := range contact.HoldKinds {
		require.Equal(t, !slices.Contains(never, kind), kind.Allows(contact.StatutoryNotice), kind)
	}
}

func TestWhatAHaltStops(t *testing.T) {
	t.Parallel()
	until := noon.Add(time.Hour)
	for name, c := range map[string]struct {
		halt  contact.Halt
		at    time.Time
		stops bool
	}{
		"everything":                    {contact.Halt{From: noon}, noon, true},
		"an instant before it begins":   {contact.Halt{From: noon}, noon.Add(-1), false},
		"its last instant":              {contact.Halt{From: noon, Until: until}, until.Add(-1), true},
		"the instant it ends":           {contact.Halt{From: noon, Until: until}, until, false},
		"its channel":                   {contact.Halt{From: noon, Channel: contact.SMS}, noon, true},
		"another channel":               {contact.Halt{From: noon, Channel: contact.Call}, noon, false},
		"its template":                  {contact.Halt{From: noon, Template: "notice-1"}, noon, true},
		"another template":              {contact.Halt{From: noon, Template: "notice-2"}, noon, false},
		"its template, another channel": {contact.Halt{From: noon, Template: "notice-1", Channel: contact.Email}, noon, false},
		"all but notices":               {contact.Halt{From: noon, ExceptNotices: true}, noon, true},
	} {
		require.Equal(t, c.stops, c.halt.Stops(contact.SMS, "notice-1", contact.Collection, c.at), name)
	}
	require.True(t, contact.Halt{From: noon}.Stops(contact.SMS, "x", contact.StatutoryNotice, noon))
	require.False(t, contact.Halt{From: noon, ExceptNotices: true}.Stops(contact.SMS, "x", contact.StatutoryNotice, noon))
}

func TestWhatAHoldCovers(t *testing.T) {
	t.Parallel()
	until := noon.Add(time.Hour)
	for name, c := range map[string]struct {
		hold   contact.Hold
		at     time.Time
		covers bool
	}{
		"an instant before it begins":   {contact.Hold{From: noon}, noon.Add(-1), false},
		"the instant it begins":         {contact.Hold{From: noon}, noon, true},
		"for ever until it is released": {contact.Hold{From: noon}, noon.AddDate(100, 0, 0), true},
		"its last instant":              {contact.Hold{From: noon, Until: until}, until.Add(-1), true},
		"the instant it ends":           {contact.Hold{From: noon, Until: until}, until, false},
		"the borrower's every loan":     {contact.Hold{From: noon}, noon, true},
		"its own loan":                  {contact.Hold{From: noon, Loan: "L-1"}, noon, true},
		"another loan":                  {contact.Hold{From: noon, Loan: "L-2"}, noon, false},
		"its own point":                 {contact.Hold{From: noon, Point: "mobile"}, noon, true},
		"another point":                 {contact.Hold{From: noon, Point: "mail"}, noon, false},
		"its point, another loan":       {contact.Hold{From: noon, Point: "mobile", Loan: "L-2"}, noon, false},
	} {
		require.Equal(t, c.covers, c.hold.Covers("L-1", "mobile", c.at), name)
	}
	require.False(t, contact.Hold{From: noon, Point: "mobile"}.Covers("L-1", "", noon), "a hold on one point does not bind every point")
	require.True(t, contact.Hold{From: noon}.Covers("L-1", "", noon))
}

func TestTheLatestWishThatFitsDecides(t *testing.T) {
	t.Parallel()
	stop := contact.Wish{At: noon}
	for name, c := range map[string]struct {
		wishes []contact.Wish
		out    bool
	}{
		"none":                                  {nil, false},
		"stop":                                  {[]contact.Wish{stop}, true},
		"stop, then a consent":                  {[]contact.Wish{stop, {Allowed: true, At: noon.Add(1)}}, false},
		"a consent, then stop":                  {[]contact.Wish{{Allowed: true, At: noon.Add(-1)}, stop}, true},
		"in whichever order they are listed":    {[]contact.Wish{stop, {Allowed: true, At: noon.Add(-1)}}, true},
		"at one instant, as they are listed":    {[]contact.Wish{{Allowed: true, At: noon}, stop}, true},
		"about another channel":                 {[]contact.Wish{{Channel: contact.Email, At: noon}}, false},
		"about this channel":                    {[]contact.Wish{{Channel: contact.SMS, At: noon}}, true},
		"about another point":                   {[]contact.Wish{{Point: "landline", At: noon}}, false},
		"about this point":                      {[]contact.Wish{{Point: "mobile", At: noon}}, true},
		"a consent to another channel, later":   {[]contact.Wish{stop, {Allowed: true, Channel: contact.Email, At: noon.Add(1)}}, true},
		"a consent to this channel, later":      {[]contact.Wish{stop, {Allowed: true, Channel: contact.SMS, At: noon.Add(1)}}, false},
		"a consent to another purpose, later":   {[]contact.Wish{stop, {Allowed: true, Purpose: contact.Survey, At: noon.Add(1)}}, true},
		"a consent to this purpose, later":      {[]contact.Wish{stop, {Allowed: true, Purpose: contact.Collection, At: noon.Add(1)}}, false},
		"a consent that has ended":              {[]contact.Wish{stop, {Allowed: true, At: noon.Add(1), Until: noon.Add(time.Hour)}}, true},
		"a consent that ends later":             {[]contact.Wish{stop, {Allowed: true, At: noon.Add(1), Until: noon.Add(time.Hour + 1)}}, false},
		"a stop that has not been received yet": {[]contact.Wish{{At: noon.Add(time.Hour + 1)}}, false},
		"a stop that is received at the moment": {[]contact.Wish{{At: noon.Add(time.Hour)}}, true},
	} {
		since, out := contact.Standing{Wishes: c.wishes}.OptedOut(contact.SMS, "mobile", contact.Collection, noon.Add(time.Hour))
		require.Equal(t, c.out, out, name)
		require.Equal(t, c.out, out && !since.IsZero(), name)
	}
}

func TestWhatAClockShowsIsReadAndWritten(t *testing.T) {
	t.Parallel()
	for text, seconds := range map[string]contact.TimeOfDay{"00:00": 0, "08:05": 8*3600 + 300, "23:59": 86340, "24:00": 86400} {
		var read contact.TimeOfDay
		require.NoError(t, read.UnmarshalText([]byte(text)))
		require.Equal(t, seconds, read)
		require.Equal(t, text, read.String())
	}
	for _, text := range []string{"", "8:00", "24:01", "12:60", "noon", "08:00:00"} {
		require.ErrorContains(t, new(contact.TimeOfDay).UnmarshalText([]byte(text)), "write 00:00 to 24:00", text)
	}
}

func TestAConsentHoldsForWhatItNamesUntilItIsRevokedOrExpires(t *testing.T) {
	t.Parallel()
	c := contact.Consent{Channel: contact.SMS, Point: "mobile", Purpose: contact.Collection, GivenAt: noon}
	require.True(t, c.Holds(contact.SMS, "mobile", contact.Collection, noon))
	require.False(t, c.Holds(contact.SMS, "mobile", contact.Collection, noon.Add(-1)))
	require.False(t, c.Holds(contact.Email, "mobile", contact.Collection, noon))
	require.False(t, c.Holds(contact.SMS, "work", contact.Collection, noon))
	require.False(t, c.Holds(contact.SMS, "mobile", contact.Survey, noon))
	require.True(t, contact.Consent{GivenAt: noon}.Holds(contact.Push, "app", contact.Survey, noon), "what is not named is not narrowed")
	c.ExpiresAt = noon.Add(time.Hour)
	require.True(t, c.Holds(contact.SMS, "mobile", contact.Collection, noon.Add(time.Hour-1)))
	require.False(t, c.Holds(contact.SMS, "mobile", contact.Collection, noon.Add(time.Hour)))
	c.RevokedAt = noon.Add(time.Minute)
	require.False(t, c.Holds(contact.SMS, "mobile", contact.Collection, noon.Add(time.Minute)))
}

func TestTheUsablePointOfAChannelIsThatOfTheLowestRank(t *testing.T) {
	t.Parallel()
	s := contact.Standing{Points: []contact.Point{
		{ID: "mail", Channel: contact.Email},
		{ID: "work", Channel: contact.SMS, Rank: 2},
		{ID: "wrong", Channel: contact.SMS, Failed: true},
		{ID: "mobile", Channel: contact.SMS, Rank: 1},
		{ID: "same", Channel: contact.SMS, Rank: 1},
	}}
	point, ok := s.Usable(contact.SMS)
	require.True(t, ok)
	require.Equal(t, "mobile", point.ID)
	_, ok = s.Usable(contact.Push)
	require.False(t, ok)
	_, ok = contact.Standing{Points: []contact.Point{{ID: "wrong", Channel: contact.SMS, Failed: true}}}.Usable(contact.SMS)
	require.False(t, ok)
}

func TestWhatDispositionsMean(t *testing.T) {
	t.Parallel()
	for _, d := range contact.Dispositions {
		if d.Conversation() {
			require.True(t, d.Connected(), "%s: nobody is spoken to without a connection", d)
		}
		if d.Made() {
			require.False(t, d.Connected(), "%s is of a message", d)
		}
	}
	require.True(t, contact.Uncertain.Made(), "what may have left is never sent again")
	require.False(t, contact.Bounced.Made())
	require.False(t, contact.ThirdParty.Conversation(), "another person is not the borrower")
	require.True(t, contact.ThirdParty.Connected())
}

func TestMachinesWriteOnElectronicChannelsOnly(t *testing.T) {
	t.Parallel()
	for _, c := range contact.Channels {
		byHand := c == contact.Call || c == contact.Letter || c == contact.Visit
		require.Equal(t, !byHand, c.Electronic(), c)
	}
}

func TestAStandingReturnsFromJSONAsItWas(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		instant := rapid.Custom(func(t *rapid.T) time.Time {
			return noon.Add(time.Duration(rapid.Int64Range(0, 1<<50).Draw(t, "offset")))
		})
		s := contact.Standing{
			Borrower: "B-1", Zones: []string{"America/New_York"},
			Preferred: rapid.SampledFrom(contact.Channels).Draw(t, "preferred"),
			Points:    []contact.Point{{ID: "mobile", Channel: contact.SMS, Rank: rapid.IntRange(0, 9).Draw(t, "rank"), Failed: rapid.Bool().Draw(t, "failed")}},
			Wishes:    []contact.Wish{{Allowed: rapid.Bool().Draw(t, "allowed"), Channel: contact.SMS, At: instant.Draw(t, "at")}},
			Holds:     []contact.Hold{{ID: "H-1", Kind: rapid.SampledFrom(contact.HoldKinds).Draw(t, "kind"), From: instant.Draw(t, "from"), Until: instant.Draw(t, "until")}},
			Attempts: []contact.Attempt{{
				Key: "c1", At: instant.Draw(t, "at"), Channel: contact.Call, Direction: contact.Outbound, Purpose: contact.Collection,
				Disposition: rapid.SampledFrom(append(contact.Dispositions, "")).Draw(t, "disposition"), Loans: []string{"L-1"},
			}},
		}
		text, err := json.Marshal(s)
		require.NoError(t, err)
		var read contact.Standing
		require.NoError(t, json.Unmarshal(text, &read))
		require.Equal(t, s, read)
	})
}

func TestAStandingWithAWordOfNoSetIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"points":[{"id":"x","channel":"fax"}]}`, `{"holds":[{"id":"x","kind":"because"}]}`, `{"holds":[{"id":"x","kind":""}]}`,
		`{"attempts":[{"direction":"sideways"}]}`, `{"attempts":[{"disposition":"lost"}]}`, `{"attempts":[{"purpose":"fun"}]}`,
	} {
		require.ErrorContains(t, json.Unmarshal([]byte(text), new(contact.Standing)), "unknown", text)
	}
}
