package complaint_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/compliance/calendar"
)

// calendars are the shipped ones.
func calendars(t *testing.T) func(string) (complaint.Calendar, bool) {
	t.Helper()
	all, err := calendar.Shipped()
	require.NoError(t, err)
	return func(code string) (complaint.Calendar, bool) {
		found, ok := all.For(code)
		return found, ok
	}
}

func shipped(t *testing.T) *complaint.Library {
	t.Helper()
	l, err := complaint.Load("", calendars(t))
	require.NoError(t, err)
	return l
}

func regime(t *testing.T, name string) *complaint.Regime {
	t.Helper()
	r, ok := shipped(t).Regime(name)
	require.True(t, ok, name)
	return r
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	require.NoError(t, err)
	return loc
}

// instant reads a local time such as 2026-08-28 18:30.
func instant(t *testing.T, local string, in *time.Location) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", local, in)
	require.NoError(t, err)
	return at
}

// dues are the last dates of deadlines, by their ids.
func dues(all []complaint.Deadline) map[string]string {
	by := map[string]string{}
	for _, d := range all {
		by[d.ID] = d.Due.String()
	}
	return by
}

// In each country a borrower complains on a Friday evening before a holiday; that Friday is day 0.
func TestDeadlinesOfAComplaintOnAFridayEveningBeforeAHoliday(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		regime, home, received string
		payment                bool
		want                   map[string]string
	}{
		// Monday 31 August is the summer bank holiday: the first business day is Tuesday the 1st. No other holiday comes until Christmas.
		{"gb", "Europe/London", "2026-08-28 18:30", false, map[string]string{
			"summary_resolution": "2026-09-03", "complaints_desk": "2026-09-12", "independent_reviewer": "2026-09-27", "final_response": "2026-10-23",
		}},
		{"gb", "Europe/London", "2026-08-28 18:30", true, map[string]string{
			"summary_resolution": "2026-09-03", "complaints_desk_payment": "2026-09-04", "independent_reviewer_payment": "2026-09-11",
			"payment_response": "2026-09-21",
		}},
		// Friday 18 December: Christmas is a Friday, Boxing Day is kept on Monday the 28th, New Year's Day is a Friday.
		{"gb", "Europe/London", "2026-12-18 18:30", true, map[string]string{
			"summary_resolution": "2026-12-23", "complaints_desk_payment": "2026-12-25", "independent_reviewer_payment": "2027-01-01",
			"payment_response": "2027-01-13",
		}},
		// Monday 25 May is Memorial Day; Juneteenth comes after all of them.
		{"us", "America/New_York", "2026-05-22 18:30", false, map[string]string{
			"front_line": "2026-05-28", "complaints_desk": "2026-05-29", "independent_reviewer": "2026-06-02", "response": "2026-06-06",
		}},
		// Saturday 14 February is worked, the 15th to the 23rd are the Spring Festival: the days run through them.
		{"cn", "Asia/Shanghai", "2026-02-13 18:30", false, map[string]string{
			"front_line": "2026-02-16", "complaints_desk": "2026-02-20", "independent_reviewer": "2026-02-24", "decision": "2026-02-28",
		}},
		// Monday 26 January is Republic Day; Holi is no holiday of every state.
		{"in", "Asia/Kolkata", "2026-01-23 18:30", false, map[string]string{
			"front_line": "2026-01-29", "complaints_desk": "2026-02-02", "independent_reviewer": "2026-02-12", "reply": "2026-02-22",
		}},
		// Whit Monday, 25 May, is a holiday in Berlin and none to a regime that knows no calendar.
		{"house", "Europe/Berlin", "2026-05-22 18:30", false, map[string]string{
			"front_line": "2026-05-27", "complaints_desk": "2026-06-06", "independent_reviewer": "2026-06-21", "final_answer": "2026-07-17",
		}},
	} {
		t.Run(test.regime+" "+test.received, func(t *testing.T) {
			t.Parallel()
			r, home := regime(t, test.regime), zone(t, test.home)
			received := instant(t, test.received, home)
			require.Equal(t, time.Friday, received.Weekday())
			all := r.Clocks(received, home, test.payment)
			require.Equal(t, test.want, dues(all))
			for _, d := range all {
				require.False(t, d.Uncovered, d.ID)
				require.Equal(t, d.Level == complaint.Compliance, d.Final, d.ID)
				require.Equal(t, received.UTC(), d.From)
				require.Equal(t, d.Due.AddDays(1).In(home).UTC(), d.At, d.ID)
			}
		})
	}
}

func TestADeadlineIsMetUntilItsLastDateIsOverInTheZoneOfTheRegime(t *testing.T) {
	t.Parallel()
	london, newYork, shanghai := zone(t, "Europe/London"), zone(t, "America/New_York"), zone(t, "Asia/Shanghai")
	for _, test := range []struct {
		regime, id, received string
		home                 *time.Location
		due, at              string
	}{
		{"gb", "final_response", "2026-08-28T17:30:00Z", london, "2026-10-23", "2026-10-23T23:00:00Z"}, // summer time still
		{"gb", "final_response", "2026-09-11T17:30:00Z", london, "2026-11-06", "2026-11-07T00:00:00Z"}, // clocks went back on 25 October
		{"gb", "final_response", "2026-02-13T18:30:00Z", london, "2026-04-10", "2026-04-10T23:00:00Z"}, // and forward on 29 March
		{"gb", "final_response", "2026-08-28T22:59:59Z", london, "2026-10-23", "2026-10-23T23:00:00Z"}, // the last second of the Friday
		{"gb", "final_response", "2026-08-28T23:00:00Z", london, "2026-10-24", "2026-10-24T23:00:00Z"}, // in London the Saturday has begun
		// Wherever the borrower is meanwhile, a regime with a zone keeps to it.
		{"gb", "final_response", "2026-08-28T23:00:00Z", newYork, "2026-10-24", "2026-10-24T23:00:00Z"},
		{"cn", "decision", "2026-02-13T16:00:00Z", newYork, "2026-03-01", "2026-03-01T16:00:00Z"}, // in Shanghai it is the 14th
		// One without counts days where the borrower is: 15 of them over the end of summer time on 1 November have an hour more.
		{"us", "response", "2026-10-24T03:30:00Z", newYork, "2026-11-07", "2026-11-08T05:00:00Z"},
		{"us", "response", "2026-10-24T03:30:00Z", shanghai, "2026-11-08", "2026-11-08T16:00:00Z"},
	} {
		received, err := time.Parse(time.RFC3339, test.received)
		require.NoError(t, err)
		var found complaint.Deadline
		for _, d := range regime(t, test.regime).Clocks(received, test.home, false) {
			if d.ID == test.id {
				found = d
			}
		}
		require.Equal(t, test.due, found.Due.String(), test.received)
		require.Equal(t, test.at, found.At.Format(time.RFC3339), test.received)
	}
}

func TestAShareOfADeadlineLiesBetweenReceiptAndItsEnd(t *testing.T) {
	t.Parallel()
	london := zone(t, "Europe/London")
	all := regime(t, "gb").Clocks(instant(t, "2026-08-28 18:30", london), london, false)
	for n, want := range map[int][3]string{
		// From Friday 17:30 to Thursday's end, 23:00, are 149 and a half hours.
		0: {"2026-08-31T20:15:00Z", "2026-09-02T17:06:00Z", "2026-09-03T23:00:00Z"},
		// To the end of 23 October are 1349 and a half.
		3: {"2026-09-25T20:15:00Z", "2026-10-12T17:06:00Z", "2026-10-23T23:00:00Z"},
	} {
		for m, percent := range []int{50, 80, 100} {
			require.Equal(t, want[m], all[n].Share(percent).Format(time.RFC3339), "%s %d", all[n].ID, percent)
		}
	}
	longest := complaint.Deadline{From: all[0].From, At: all[0].From.AddDate(0, 0, 366*7/5+20)} // as many business days as a file can say
	require.Equal(t, longest.At, longest.Share(100))
}

func TestADeadlineInAYearWithoutHolidaysIsMarked(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		regime, home, received, due string
		uncovered                   bool
	}{
		{"in", "Asia/Kolkata", "2026-12-23 18:30", "2026-12-29", false}, // Christmas is a Friday
		{"in", "Asia/Kolkata", "2026-12-29 18:30", "2027-01-01", true},  // 2027 is not announced
		{"gb", "Europe/London", "2030-12-27 18:30", "2031-01-01", true}, // which would be New Year's Day
	} {
		home := zone(t, test.home)
		all := regime(t, test.regime).Clocks(instant(t, test.received, home), home, false)
		require.Equal(t, test.due, all[0].Due.String())
		require.Equal(t, test.uncovered, all[0].Uncovered)
		for _, d := range all[1:] {
			require.False(t, d.Uncovered, "%s is in calendar days, of which each is known", d.ID)
		}
	}
}

func TestAnExtensionCountsFromWhereTheDeadlineDid(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		regime, home, received string
		payment                bool
		want                   []string
	}{
		{"gb", "Europe/London", "2026-08-28 18:30", true, []string{"payment_response exceptional 2026-10-19"}},
		// Friday 18 December: 25 and 28 December and 1 January are no business days.
		{"gb", "Europe/London", "2026-12-18 18:30", true, []string{"payment_response exceptional 2027-02-10"}},
		{"us", "America/New_York", "2026-05-22 18:30", false, []string{"response in_progress 2026-07-21"}},
		{"cn", "Asia/Shanghai", "2026-02-13 18:30", false, []string{"decision complex 2026-03-15", "decision special 2026-04-14"}},
		{"in", "Asia/Kolkata", "2026-01-23 18:30", false, nil},
		{"house", "Europe/Berlin", "2026-05-22 18:30", false, nil},
	} {
		r, home := regime(t, test.regime), zone(t, test.home)
		all := r.Clocks(instant(t, test.received, home), home, test.payment)
		last := all[len(all)-1]
		var got []string
		for _, e := range r.Extensions {
			longer := r.Extend(last, e, home)
			require.Equal(t, last.From, longer.From)
			require.Equal(t, last.Final, longer.Final)
			require.True(t, longer.At.After(last.At))
			require.Equal(t, longer.Due.AddDays(1).In(home).UTC(), longer.At)
			got = append(got, longer.ID+" "+longer.Extended+" "+longer.Due.String())
		}
		require.Equal(t, test.want, got, test.regime)
	}
}

func TestAReferralIsDueByTheDateThatWasSetOrElseByTheRegimes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ regime, home, received, due string }{
		{"gb", "Europe/London", "2026-08-28 18:30", "2026-09-11"},
		{"us", "America/New_York", "2026-05-22 18:30", "2026-06-06"},
		{"cn", "Asia/Shanghai", "2026-02-13 18:30", "2026-02-28"},
		{"in", "Asia/Kolkata", "2026-01-23 18:30", "2026-02-07"},
		{"house", "Europe/Berlin", "2026-05-22 18:30", "2026-06-05"},
	} {
		r, home := regime(t, test.regime), zone(t, test.home)
		received := instant(t, test.received, home)
		d := r.ReferralDue(received, bizclock.Date{}, home)
		require.Equal(t, test.due, d.Due.String(), test.regime)
		require.Equal(t, d.Due.AddDays(1).In(home).UTC(), d.At)
		require.True(t, d.Final)
		require.Equal(t, complaint.IndependentReviewer, r.Referral.Level)
		require.Equal(t, "the date that the external body set", r.TitleOf(d.ID))

		set := bizclock.DateOf(received).AddDays(5)
		d = r.ReferralDue(received, set, home)
		require.Equal(t, set, d.Due)
		require.Equal(t, set.AddDays(1).In(home).UTC(), d.At)
	}
}

// rungs are the levels that have clocks.
var rungs = []complaint.Level{complaint.FrontLine, complaint.ComplaintsDesk, complaint.IndependentReviewer, complaint.Compliance}

// A complaint climbs rung by rung: on whichever day it is received, holidays included, no clock ends before one of a lower level.
func TestClocksEndInTheOrderOfTheLaddersRungs(t *testing.T) {
	t.Parallel()
	for _, r := range shipped(t).All() {
		for _, payment := range []bool{false, true} {
			for date, end := bizclock.MustDate("2024-01-01"), bizclock.MustDate("2026-12-01"); date.Before(end); date = date.AddDays(1) {
				all := r.Clocks(date.At(18*time.Hour, time.UTC), time.UTC, payment)
				require.Len(t, all, len(rungs), r.Name)
				for n, d := range all {
					require.Equal(t, rungs[n], d.Level)
					require.Equal(t, n == len(rungs)-1, d.Final)
					lower := all[max(n-1, 0)]
					require.False(t, d.Due.Before(lower.Due), "%s %s: %s is due %s, %s %s", r.Name, date, lower.ID, lower.Due, d.ID, d.Due)
				}
			}
		}
	}
}

func TestWhatIsNoLawSaysThatItIsTendersOwn(t *testing.T) {
	t.Parallel()
	const own = "Tender's own default"
	for _, r := range shipped(t).All() {
		require.NotEmpty(t, r.Hash)
		require.True(t, r.Independent, r.Name)
		for _, d := range r.Deadlines {
			require.Equal(t, d.Confidence == "own", d.Citation == own, "%s %s", r.Name, d.ID)
			require.Equal(t, d.Title, r.TitleOf(d.ID))
		}
		for _, e := range r.Extensions {
			require.NotEqual(t, "own", e.Confidence, "%s: only a law gives more time", r.Name)
		}
	}
	require.Nil(t, regime(t, "house").External)
	body := regime(t, "cn").External
	require.Equal(t, "国家金融监督管理总局（12378热线）", body.Called("zh-CN"))
	require.Equal(t, "National Financial Regulatory Administration (hotline 12378)", body.Called("fr"))
	require.Equal(t, complaint.FactsRestart, regime(t, "cn").NewFacts)
	require.Equal(t, complaint.FactsNothing, regime(t, "gb").NewFacts)
}

func TestAPlaceHasItsRegimeOrThatOfWhatItIsAPartOf(t *testing.T) {
	t.Parallel()
	l := shipped(t)
	for place, want := range map[string]string{
		"gb": "gb", "GB-SCT": "gb", "us": "us", "us-ny-nyc": "us", "cn": "cn", "in": "in", "in-mh": "in",
		"de": "house", "": "house", "-": "house", "usa": "house", "everywhere": "house", "elsewhere": "house",
	} {
		require.Equal(t, want, l.For(place).Name, place)
	}
	_, ok := l.Regime("atlantis")
	require.False(t, ok)
	var names []string
	for _, r := range l.All() {
		names = append(names, r.Name)
	}
	require.Equal(t, []string{"cn", "gb", "house", "in", "us"}, names)
}

// good is a regime with all that one can have; each test below spoils a line of it.
const good = `regime: lender
version: 2026-11-22
title: A lender's own
jurisdictions: [ie, ie-d]
time_zone: Europe/Dublin
calendar: ie
deadlines:
  - id: front
    title: Answered at once
    level: front_line
    within: 5
    days: business
    citation: Board decision 7
    confidence: own
  - id: review
    title: Reviewed
    level: independent_reviewer
    within: 20
    days: calendar
    citation: Board decision 8
    confidence: own
  - id: answer
    title: Answered
    level: compliance
    within: 40
    days: business
    final: true
    only: not_payment
    citation: Consumer Protection Code
    confidence: C2
  - id: payment
    title: Answered, about a payment
    level: compliance
    within: 30
    days: business
    final: true
    only: payment
    citation: Consumer Protection Code
    confidence: C1
extensions:
  - deadline: answer
    to: 50
    because: complex
    title: It is complex
    approval: compliance
    notice: true
    citation: Board decision 9
    confidence: own
  - {deadline: answer, to: 60, because: special, title: It is special, citation: Board decision 9, confidence: own}
new_facts: restart
independent: true
progress_every: 20
confirm_within: 14
survey_after: 5
referral: {level: complaints_desk, within: 10, days: business}
external:
  name: {en: The Ombudsman, ga: An tOmbudsman}
  within_months: 12
`

func TestARegimeIsReadWhole(t *testing.T) {
	t.Parallel()
	r, err := complaint.Parse("complaints/lender.yaml", []byte(good), calendars(t))
	require.NoError(t, err)
	require.Equal(t, []string{"ie", "ie-d"}, r.Jurisdictions)
	require.Equal(t, complaint.Clock{
		ID: "payment", Title: "Answered, about a payment", Level: complaint.Compliance, Within: 30, Days: bizclock.BusinessDays, Final: true,
		Only: complaint.OnlyPayment, Citation: "Consumer Protection Code", Confidence: "C1",
	}, r.Deadlines[3])
	require.Equal(t, complaint.Extension{
		Deadline: "answer", To: 50, Because: "complex", Title: "It is complex", Approval: complaint.Compliance, Notice: true,
		Citation: "Board decision 9", Confidence: "own",
	}, r.Extensions[0])
	require.Equal(t, complaint.Referral{Level: complaint.ComplaintsDesk, Within: 10, Days: bizclock.BusinessDays}, r.Referral)
	require.Equal(t, "An tOmbudsman", r.External.Called("ga"))
	require.Equal(t, "Europe/Dublin", r.Zone(time.UTC).String())
	require.Len(t, r.Hash, 16)

	least, err := complaint.Parse("least.yaml", []byte(strings.NewReplacer("time_zone: Europe/Dublin\n", "", "new_facts: restart\n", "", "progress_every: 20\n", "",
		"survey_after: 5\n", "", "    approval: compliance\n", "", good[strings.Index(good, "external:"):], "").Replace(good)), calendars(t))
	require.NoError(t, err)
	require.Equal(t, complaint.FactsNothing, least.NewFacts)
	require.Equal(t, time.UTC, least.Zone(time.UTC), "the borrower's")
	require.Nil(t, least.External)
	require.NotEqual(t, r.Hash, least.Hash)
}

func TestWhatIsWrongWithARegimeIsNamedWithItsPlace(t *testing.T) {
	t.Parallel()
	find := calendars(t)
	tests := []struct {
		name     string
		old, new string
		want     string
	}{
		{"an unknown field", "title: A lender's own", "tilte: A lender's own", `lender.yaml:3:1: unknown field "tilte"`},
		{"an unknown field of a deadline", "    within: 20\n", "    witin: 20\n", `lender.yaml:18:5: unknown field "witin"`},
		{"an unknown field inside a line", "{level: complaints_desk,", "{levle: complaints_desk,", `lender.yaml:55:12: unknown field "levle"`},
		{"no YAML", "[ie, ie-d]", "[ie, ie-d", "lender.yaml:5:1: ',' or ']' must be specified"},
		{"a name in capitals", "regime: lender", "regime: Lender", `lender.yaml:1:9: regime: "Lender" must be 1 to 40 small letters, digits and hyphens, such as gb`},
		{"no name", "regime: lender\n", "", `lender.yaml:1:1: regime: "" must be 1 to 40 small letters, digits and hyphens, such as gb`},
		{"no version", "version: 2026-11-22\n", "", "lender.yaml:1:1: version: is missing; write the date of the text that the deadlines were taken from, such as 2026-11-22"},
		{"a version that is no date", "version: 2026-11-22", "version: 2026-02-30", `lender.yaml:2:10: version: "2026-02-30" is no date; write it as 2026-01-31`},
		{"a version that is no date at all", "version: 2026-11-22", "version: second", `lender.yaml:2:10: version: "second" is no date; write it as 2026-01-31`},
		{"an empty title", "title: A lender's own", "title: ' '", "lender.yaml:3:8: title: is missing; say what it is called"},
		{"no jurisdictions", "jurisdictions: [ie, ie-d]\n", "", "lender.yaml:1:1: jurisdictions: are missing; write those that it covers, such as [gb], or [everywhere]"},
		{"an unknown jurisdiction", "[ie, ie-d]", "[ie, Ireland]", `lender.yaml:4:21: jurisdictions[1]: unknown jurisdiction "Ireland"; write a code such as gb or us-ny, or everywhere`},
		{"one jurisdiction twice", "[ie, ie-d]", "[ie, ie]", "lender.yaml:4:21: jurisdictions[1]: ie stands twice; write it once"},
		{"everywhere and somewhere", "[ie, ie-d]", "[ie, everywhere]", "lender.yaml:4:21: jurisdictions[1]: everywhere stands alone; leave out the others, or it"},
		{"an unknown time zone", "Europe/Dublin", "Europe/Dubln", `lender.yaml:5:12: time_zone: unknown time zone "Europe/Dubln"; write an IANA name such as Europe/London, or leave it out for the borrower's`},
		{"the machine's time zone", "Europe/Dublin", "Local", `lender.yaml:5:12: time_zone: unknown time zone "Local"; write an IANA name such as Europe/London, or leave it out for the borrower's`},
		{"an unknown calendar", "calendar: ie", "calendar: zz", `lender.yaml:6:11: calendar: there is no calendar "zz"; write the code of one, such as gb, or add it to the folder calendars`},
		{
			"business days without a calendar", "calendar: ie\n", "",
			"lender.yaml:11:11: deadlines[0].days: business days need a calendar; write its code above, such as calendar: gb, or count calendar days\n" +
				"lender.yaml:25:11: deadlines[2].days: business days need a calendar; write its code above, such as calendar: gb, or count calendar days\n" +
				"lender.yaml:34:11: deadlines[3].days: business days need a calendar; write its code above, such as calendar: gb, or count calendar days\n" +
				"lender.yaml:54:54: referral.days: business days need a calendar; write its code above, such as calendar: gb, or count calendar days",
		},
		{"one id twice", "id: review", "id: front", "lender.yaml:15:9: deadlines[1].id: deadline front stands twice; give each an id of its own"},
		{"an id in capitals", "id: review", "id: Review!", `lender.yaml:15:9: deadlines[1].id: "Review!" must be 1 to 40 small letters, digits, underscores and hyphens, such as final_response`},
		{"the id of a referral", "id: review", "id: referral", "lender.yaml:15:9: deadlines[1].id: referral is the deadline that an external body set; write another"},
		{"an unknown level", "level: independent_reviewer", "level: reviewer", `lender.yaml:17:12: deadlines[1].level: unknown level "reviewer"; use one of front_line, complaints_desk, independent_reviewer, compliance, external`},
		{"no level", "    level: independent_reviewer\n", "", "lender.yaml:15:5: deadlines[1].level: is missing; use one of front_line, complaints_desk, independent_reviewer, compliance"},
		{"a level out of the house", "level: independent_reviewer", "level: external", "lender.yaml:17:12: deadlines[1].level: external is out of the house; use one of front_line, complaints_desk, independent_reviewer, compliance"},
		{
			"levels out of order", "level: front_line", "level: compliance",
			"lender.yaml:11:13: deadlines[0].within: 5 business days can be over before the 20 calendar days of review, at the lower level independent_reviewer; write more here, or fewer there\n" +
				"lender.yaml:17:12: deadlines[1].level: independent_reviewer stands after compliance; write the deadlines in the order of the levels",
		},
		{"no day", "within: 20", "within: 0", "lender.yaml:18:13: deadlines[1].within: 0 must lie between 1 and 366; the day of receipt is day 0"},
		{
			"days without end", "within: 20", "within: 367",
			"lender.yaml:18:13: deadlines[1].within: 367 must lie between 1 and 366; the day of receipt is day 0\n" +
				"lender.yaml:25:13: deadlines[2].within: 40 business days can be over before the 367 calendar days of review, at the lower level independent_reviewer; write more here, or fewer there\n" +
				"lender.yaml:34:13: deadlines[3].within: 30 business days can be over before the 367 calendar days of review, at the lower level independent_reviewer; write more here, or fewer there",
		},
		{"days in words", "within: 20", "within: twenty", "lender.yaml:18:13: cannot unmarshal string into Go struct field Regime.Deadlines of type int"},
		{"a number with a fraction", "within: 20", "within: 20.5", "lender.yaml:18:13: 20.5 has a fraction; write a whole number, or text in quotes"},
		{"a number in quotes", "within: 20", `within: "20"`, `lender.yaml:18:13: deadlines[1].within: "20" is text; write a whole number without quotes`},
		{"an unknown kind of days", "    within: 20\n    days: calendar", "    within: 20\n    days: working", `lender.yaml:19:11: deadlines[1].days: unknown kind of days "working"; use one of calendar, business`},
		{"no kind of days", "    within: 20\n    days: calendar\n", "    within: 20\n", "lender.yaml:15:5: deadlines[1].days: is missing; use one of calendar, business"},
		{"a final answer below compliance", "    days: calendar\n", "    days: calendar\n    final: true\n", "lender.yaml:20:12: deadlines[1].final: the lender's last word is given by compliance; write level: compliance, or leave final out"},
		{"a higher level that ends earlier", "within: 20", "within: 6", "lender.yaml:18:13: deadlines[1].within: 6 calendar days can be over before the 5 business days of front, at the lower level front_line; write more here, or fewer there"},
		{"a higher level that ends earlier, in the same days", "    within: 20\n    days: calendar", "    within: 4\n    days: business", "lender.yaml:18:13: deadlines[1].within: 4 business days can be over before the 5 business days of front, at the lower level front_line; write more here, or fewer there"},
		{"a last word about payments before the reviewer's", "    within: 20", "    within: 41", "lender.yaml:34:13: deadlines[3].within: 30 business days can be over before the 41 calendar days of review, at the lower level independent_reviewer; write more here, or fewer there"},
		{"an unknown restriction", "only: payment", "only: payments", `lender.yaml:37:11: deadlines[3].only: unknown restriction of a deadline "payments"; use one of payment, not_payment`},
		{"no final deadline for payments", "    final: true\n    only: payment\n", "    only: payment\n", "lender.yaml:8:3: deadlines: none is final for complaints about payments; set final: true on the one by which the answer must be there, at level compliance"},
		{"no final deadline for others", "    final: true\n    only: not_payment\n", "    only: not_payment\n", "lender.yaml:8:3: deadlines: none is final for complaints that are not about payments; set final: true on the one by which the answer must be there, at level compliance"},
		{"no title of a deadline", "    title: Reviewed\n", "", "lender.yaml:15:5: deadlines[1].title: is missing; say what it is called"},
		{"no citation", "    citation: Board decision 8\n", "", "lender.yaml:15:5: deadlines[1].citation: is missing; say where it stands, or who set it"},
		{"no confidence", "    citation: Board decision 8\n    confidence: own\n", "    citation: Board decision 8\n", "lender.yaml:15:5: deadlines[1].confidence: is missing; use one of C1, C2, own"},
		{"a weak confidence", "confidence: C2", "confidence: C2?", "lender.yaml:30:17: deadlines[2].confidence: C2?: borrowers are told these dates, so each is confirmed; read it up, or write own and who set it"},
		{"a rule from memory", "confidence: C1", "confidence: MEM", "lender.yaml:39:17: deadlines[3].confidence: MEM: borrowers are told these dates, so each is confirmed; read it up, or write own and who set it"},
		{"an unknown confidence", "confidence: C1", "confidence: sure", `lender.yaml:39:17: deadlines[3].confidence: unknown confidence "sure"; use one of C1, C2, own`},
		{"an extension of nothing", "deadline: answer", "deadline: anwser", `lender.yaml:41:15: extensions[0].deadline: there is no deadline "anwser"; use one of front, review, answer, payment`},
		{"an extension that is no longer", "to: 50", "to: 40", "lender.yaml:42:9: extensions[0].to: 40 must be more than the 40 days of answer, and 366 at most"},
		{"an extension without end", "to: 60", "to: 600", "lender.yaml:49:28: extensions[1].to: 600 must be more than the 40 days of answer, and 366 at most"},
		{"extensions out of order", "to: 50", "to: 70", "lender.yaml:49:28: extensions[1].to: 60 stands after 70; write the shortest extension first"},
		{"one reason twice", "because: special", "because: complex", "lender.yaml:49:41: extensions[1].because: complex extends answer twice; give each extension a reason of its own"},
		{"no reason", "    because: complex\n", "", `lender.yaml:41:5: extensions[0].because: "" is no reason that a borrower can be told in their language; use one of complex, special, in_progress, exceptional, appraisal`},
		{"no title of an extension", "    title: It is complex\n", "", "lender.yaml:41:5: extensions[0].title: is missing; say when more time is needed"},
		{"an approval from outside", "approval: compliance", "approval: external", "lender.yaml:45:15: extensions[0].approval: external is out of the house; use one of front_line, complaints_desk, independent_reviewer, compliance"},
		{"an extension without a citation", "    citation: Board decision 9\n    confidence: own\n  - {", "    confidence: own\n  - {", "lender.yaml:41:5: extensions[0].citation: is missing; say where it stands, or who set it"},
		{"an extension from memory", "decision 9, confidence: own", "decision 9, confidence: MEM", "lender.yaml:49:112: extensions[1].confidence: MEM: borrowers are told these dates, so each is confirmed; read it up, or write own and who set it"},
		{"an unknown effect of new facts", "new_facts: restart", "new_facts: pause", `lender.yaml:50:12: new_facts: unknown effect of new facts "pause"; use one of restart, nothing`},
		{"progress backwards", "progress_every: 20", "progress_every: -1", "lender.yaml:52:17: progress_every: -1 must lie between 0 and 366; 0 is only at each step up"},
		{"no time to confirm", "confirm_within: 14\n", "", "lender.yaml:1:1: confirm_within: 0 must lie between 1 and 366; borrowers need time to say that it is not settled"},
		{"a survey after years", "survey_after: 5", "survey_after: 1000", "lender.yaml:54:15: survey_after: 1000 must lie between 0 and 366; 0 is never"},
		{"no referral", "referral: {level: complaints_desk, within: 10, days: business}\n", "", "lender.yaml:1:1: referral: is missing; say at which level a complaint enters that an external body passed on, and by when it is answered"},
		{"a referral to nobody", "{level: complaints_desk, within: 10,", "{within: 10,", "lender.yaml:55:12: referral.level: is missing; use one of front_line, complaints_desk, independent_reviewer, compliance"},
		{"a referral without days", "within: 10, days: business}", "within: 10}", "lender.yaml:55:12: referral.days: is missing; use one of calendar, business"},
		{"a referral that is late at once", "within: 10, days: business}", "within: 0, days: business}", "lender.yaml:55:44: referral.within: 0 must lie between 1 and 366; the day of receipt is day 0"},
		{"no English name", "en: The Ombudsman, ", "", "lender.yaml:57:10: external.name.en: is missing; write what it is called in English, for whoever reads none of the other languages"},
		{"an empty English name", "en: The Ombudsman", "en: ''", "lender.yaml:57:14: external.name.en: is missing; write what it is called in English, for whoever reads none of the other languages"},
		{"a name in no language", "ga: An", "Irish: An", `lender.yaml:57:10: external.name: "Irish" is no language; write a code such as en or zh-CN`},
		{"months and days", "within_months: 12", "within_months: 12\n  within_days: 30", "lender.yaml:59:16: external.within_days: stands beside within_months; leave out one of them"},
		{"months backwards", "within_months: 12", "within_months: -1", "lender.yaml:58:18: external.within_months: -1 must lie between 0 and 120; 0 is not said"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			spoiled := strings.Replace(good, test.old, test.new, 1)
			require.NotEqual(t, good, spoiled)

			r, err := complaint.Parse("lender.yaml", []byte(spoiled), find)

			require.EqualError(t, err, test.want)
			require.Nil(t, r)
		})
	}
}

func TestSomeDeadlineIsFinal(t *testing.T) {
	t.Parallel()
	for old, want := range map[string]string{
		"    final: true\n": "lender.yaml:8:3: deadlines: none is final; set final: true on the one by which the answer must be there, at level compliance",
		good[strings.Index(good, "  - id: front"):strings.Index(good, "extensions:")]: "lender.yaml:7:11: deadlines: are missing; a regime has at least one, which is final",
	} {
		_, err := complaint.Parse("lender.yaml", []byte(strings.ReplaceAll(good, old, "")), calendars(t))
		require.EqualError(t, err, want)
	}
}

func TestEverythingThatIsWrongWithARegimeIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	_, err := complaint.Parse("a.yaml", []byte("regime: A\ndeadlines:\n  - {id: a, days: business}\n"), nil)
	require.EqualError(t, err, strings.Join([]string{
		`a.yaml:1:9: regime: "A" must be 1 to 40 small letters, digits and hyphens, such as gb`,
		"a.yaml:1:1: version: is missing; write the date of the text that the deadlines were taken from, such as 2026-11-22",
		"a.yaml:1:1: title: is missing; say what it is called",
		"a.yaml:1:1: jurisdictions: are missing; write those that it covers, such as [gb], or [everywhere]",
		"a.yaml:3:19: deadlines[0].days: business days need a calendar; write its code above, such as calendar: gb, or count calendar days",
		"a.yaml:3:6: deadlines[0].title: is missing; say what it is called",
		"a.yaml:3:6: deadlines[0].level: is missing; use one of front_line, complaints_desk, independent_reviewer, compliance",
		"a.yaml:3:6: deadlines[0].within: 0 must lie between 1 and 366; the day of receipt is day 0",
		"a.yaml:3:6: deadlines[0].citation: is missing; say where it stands, or who set it",
		"a.yaml:3:6: deadlines[0].confidence: is missing; use one of C1, C2, own",
		"a.yaml:3:3: deadlines: none is final; set final: true on the one by which the answer must be there, at level compliance",
		"a.yaml:1:1: confirm_within: 0 must lie between 1 and 366; borrowers need time to say that it is not settled",
		"a.yaml:1:1: referral: is missing; say at which level a complaint enters that an external body passed on, and by when it is answered",
	}, "\n"))
}

func TestTheOperatorsFolderAddsAndReplacesRegimes(t *testing.T) {
	t.Parallel()
	find := calendars(t)
	folder := func(files map[string]string) string {
		dir := t.TempDir()
		require.NoError(t, os.Mkdir(filepath.Join(dir, "complaints"), 0o755))
		for name, text := range files {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "complaints", name), []byte(text), 0o600))
		}
		return dir
	}
	as := func(name, covers string) string {
		return strings.NewReplacer("regime: lender", "regime: "+name, "[ie, ie-d]", "["+covers+"]").Replace(good)
	}

	dir := folder(map[string]string{"lender.yaml": good, "gb.yml": as("gb", "gb, gg"), "notes.txt": "no regime"})
	require.NoError(t, os.Mkdir(filepath.Join(dir, "complaints", "old.yaml"), 0o755))
	l, err := complaint.Load(dir, find)
	require.NoError(t, err)
	require.Len(t, l.All(), 6)
	for place, title := range map[string]string{
		"ie-d": "A lender's own", "gb-sct": "A lender's own", "gg": "A lender's own", "us": "United States, CFPB portal",
		"de": "Tender's own ladder, for places without a regime",
	} {
		require.Equal(t, title, l.For(place).Title, place)
	}

	l, err = complaint.Load(t.TempDir(), find)
	require.NoError(t, err, "a folder of rulebooks need not have one of regimes")
	require.Equal(t, len(shipped(t).All()), len(l.All()))

	_, err = complaint.Load(filepath.Join(dir, "missing"), find)
	require.ErrorIs(t, err, os.ErrNotExist, "but the folder of rulebooks is there, if one is named")
	require.NoError(t, os.Symlink(filepath.Join(dir, "missing"), filepath.Join(dir, "complaints", "gone.yaml")))
	_, err = complaint.Load(dir, find)
	require.ErrorContains(t, err, "gone.yaml", "a file that cannot be read is not passed over")

	for _, test := range []struct {
		files map[string]string
		want  string
	}{
		{map[string]string{"a.yaml": good, "b.yml": good}, "DIR/b.yml: regime lender stands in DIR/a.yaml too; remove one"},
		{
			map[string]string{"lender.yaml": as("lender", "ie, gb")},
			"DIR/lender.yaml:4:21: jurisdictions[1]: regime gb covers gb too, and a place has one; leave it to that one, or name this one gb to take its place",
		},
		{
			map[string]string{"house.yaml": as("house", "ie")},
			"DIR: no regime covers [everywhere], so complaints would have no deadline where no other fits; let one do",
		},
		{
			map[string]string{"lender.yaml": strings.Replace(good, "within: 20", "within: 0", 1)},
			"DIR/lender.yaml:18:13: deadlines[1].within: 0 must lie between 1 and 366; the day of receipt is day 0",
		},
	} {
		dir := folder(test.files)
		_, err := complaint.Load(dir, find)
		require.EqualError(t, err, strings.ReplaceAll(test.want, "DIR", filepath.Join(dir, "complaints")))
	}

	dir = t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "complaints"), nil, 0o600))
	_, err = complaint.Load(dir, find)
	require.ErrorContains(t, err, "regimes: ", "a file where the folder should be")
}
