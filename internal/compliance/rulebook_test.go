package compliance

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/contact"
)

// good is a rulebook of every kind of rule; each test below spoils one line of it.
const good = `rulebook: lender
version: 2026-05-01
title: A lender's own rules
jurisdictions: [de, de-by]
despite_opt_out: [statutory_notice]
rules:
  - id: hours
    title: Office hours
    citation: Board decision 7
    confidence: own
    strength: hard
    applies_to: [first_party]
    in_force: {from: 2026-01-01, until: 2027-01-01}
    window:
      open:
        - {days: [mon, fri], from: "09:00", until: "18:00"}
        - from: "22:00"
          until: "24:00"
  - id: calls
    title: Calls
    citation: Board decision 8
    confidence: MEM
    strength: soft
    breach: warn
    channels: [call]
    purposes: [collection, survey]
    exempt: [survey]
    counter:
      max: 2
      of: attempt
      rolling_days: 7
      key: loan
      counts:
        directions: [outbound]
        except: [busy]
  - id: rest
    title: Rest after a refusal
    citation: Board decision 9
    confidence: C2?
    strength: presumption
    cool_off: {after: conversation, days: 14, key: borrower, counts: {dispositions: [refused]}}
  - id: gap
    title: A pause between messages
    citation: Board decision 10
    confidence: own
    strength: hard
    min_gap: {of: message, gap: 36h, key: contact_point}
  - id: stop
    title: Stop means stop
    citation: Board decision 11
    confidence: own
    strength: hard
    opt_out: {}
`

func TestRulebookIsReadWhole(t *testing.T) {
	t.Parallel()
	b, err := Parse("folder/lender.yaml", []byte(good), calendars(t))
	require.NoError(t, err)
	require.Equal(t, "lender", b.Name)
	require.Equal(t, []string{"de", "de-by"}, b.Jurisdictions)
	require.Len(t, b.Rules, 5)
	require.Equal(t, []Span{
		{Days: []time.Weekday{time.Monday, time.Friday}, From: 9 * 3600, Until: 18 * 3600},
		{Days: everyDay, From: 22 * 3600, Until: 24 * 3600},
	}, b.Rules[0].Window.Open)
	require.Equal(t, "2027-01-01", b.Rules[0].Until.String())
	require.Equal(t, []Party{FirstParty}, b.Rules[0].AppliesTo)
	require.Equal(t, Warn, b.Rules[1].Breach)
	require.Equal(t, Counts{Directions: []contact.Direction{contact.Outbound}, Except: []contact.Disposition{contact.Busy}}, b.Rules[1].Counter.Counts)
	require.Equal(t, 14, b.Rules[2].CoolOff.Days)
	require.Equal(t, 36*time.Hour, b.Rules[3].MinGap.Gap)
	require.NotNil(t, b.Rules[4].OptOut)
}

func TestWhatIsWrongWithARulebookIsNamedWithItsPlace(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		old, new string
		want     string
	}{
		{"an unknown field", "title: A lender's own rules", "tilte: A lender's own rules", `lender.yaml:3:1: unknown field "tilte"`},
		{"an unknown field of a rule", "    strength: soft", "    strenght: soft", `lender.yaml:23:5: unknown field "strenght"`},
		{"an unknown field of a block", "      rolling_days: 7", "      roling_days: 7", `lender.yaml:31:7: unknown field "roling_days"`},
		{"an unknown field inside a line", "{from: 2026-01-01,", "{form: 2026-01-01,", `lender.yaml:13:16: unknown field "form"`},
		{"an unknown word", "    strength: soft", "    strength: mild", `lender.yaml:23:15: unknown strength "mild"; use one of hard, presumption, soft`},
		{"an unknown word in a list", "[collection, survey]", "[collection, surveys]", `lender.yaml:26:28: unknown purpose "surveys"`},
		{"an unknown day", "[mon, fri]", "[mon, friday]", `lender.yaml:16:24: unknown day "friday"`},
		{"a window that never opens", `from: "09:00", until: "18:00"`, `from: "18:00", until: "18:00"`, "lender.yaml:16:36: a window from 18:00 until 18:00 is never open"},
		{"a window that begins when the day is over", `from: "22:00"`, `from: "24:00"`, "lender.yaml:17:17: a window from 24:00 until 24:00 is never open"},
		{"an impossible time", `"09:00"`, `"25:00"`, "lender.yaml:16:36: no time of day: 25:00"},
		{"a window without spans", "      open:\n        - {days: [mon, fri], from: \"09:00\", until: \"18:00\"}\n        - from: \"22:00\"\n          until: \"24:00\"\n", "      open: []\n", "lender.yaml:15:7: open is missing"},
		{"a span without an end", "          until: \"24:00\"\n", "", "lender.yaml:17:11: until is missing"},
		{"a span of no days", "[mon, fri]", "[]", "lender.yaml:16:11: days are empty"},
		{"a missing citation", "    citation: Board decision 8\n", "", "lender.yaml:19:5: citation is missing"},
		{"an empty citation", "citation: Board decision 8", "citation: ''", "lender.yaml:21:15: citation is empty"},
		{"a citation without text", "citation: Board decision 8", "citation:", "lender.yaml:19:5: citation is missing"},
		{"dates out of order", "until: 2027-01-01", "until: 2025-12-31", "lender.yaml:13:41: in force until 2025-12-31, which does not lie after 2026-01-01"},
		{"a rule that is never in force", "until: 2027-01-01", "until: 2026-01-01", "lender.yaml:13:41: in force until 2026-01-01"},
		{"no date", "version: 2026-05-01", "version: 2026-02-30", `lender.yaml:2:10: "2026-02-30" is no date`},
		{"an unknown confidence", "confidence: MEM", "confidence: sure", `lender.yaml:22:17: unknown confidence "sure"; use one of C1, C2, C2?, MEM, own`},
		{"a number that is none", "max: 2", "max: two", "lender.yaml:29:12: \"two\" is no whole number; write digits alone, such as 7"},
		{"a number with a fraction", "max: 2", "max: 1.9", "lender.yaml:29:12: \"1.9\" is no whole number; write digits alone, such as 7"},
		{"an octal number", "max: 2", "max: 010", "lender.yaml:29:12: \"010\" is no whole number"},
		{"a number in quotes", "max: 2", "max: \"2\"", "lender.yaml:29:12: \"2\" is no whole number"},
		{"a counter without end", "max: 2", "max: 1000000", "lender.yaml:29:12: max 1000000; write 1 to 1000"},
		{"a number for a text", "citation: Board decision 8", "citation: 5", "lender.yaml:21:15: \"5\" is no text; write it in quotes"},
		{"a word that stands twice", "[collection, survey]", "[collection, collection]", "lender.yaml:26:28: collection stands twice; write it once"},
		{"counts that leave nothing", "except: [busy]", "channels: [call]\n        dispositions: [sent]\n        except: [sent]", "lender.yaml:29:7: counts excepts every disposition"},
		{"a counter that allows nothing", "max: 2", "max: 0", "lender.yaml:29:12: max 0"},
		{"days without end", "days: 14", "days: 1400", "lender.yaml:41:43: days 1400; write 1 to 366"},
		{"two periods", "      rolling_days: 7", "      rolling_days: 7\n      calendar: day", "lender.yaml:29:7: write either rolling_days"},
		{"no period", "      rolling_days: 7\n", "", "lender.yaml:29:7: write either rolling_days"},
		{"a gap of nothing", "gap: 36h", "gap: 0s", `lender.yaml:47:33: gap "0s"`},
		{"a counter of nothing", "except: [busy]", "dispositions: [busy]\n        except: [busy]", "lender.yaml:29:7: counts excepts every disposition"},
		{"two kinds in one rule", "    opt_out: {}", "    opt_out: {}\n    min_gap: {of: message, gap: 36h, key: contact_point}", "lender.yaml:48:5: a rule has exactly one of"},
		{"no kind", "    opt_out: {}\n", "", "lender.yaml:48:5: a rule has exactly one of window, counter, cool_off, min_gap, opt_out, consent, recipient, third_party, content, visit, duty, retention, plan and charge; this one has 0"},
		{"a duty that follows from a complaint", "    opt_out: {}", "    duty: {what: answer, after: complaint, within: 5, days: calendar}", "lender.yaml:53:33: by when a complaint is answered stands in its regime; leave the duty out"},
		{"a breach of a hard rule", "    opt_out: {}", "    opt_out: {}\n    breach: warn", "lender.yaml:54:13: breach is for soft rules"},
		{"a soft rule that forbids", "breach: warn", "breach: deny", "lender.yaml:24:13: breach deny: a soft rule forbids nothing"},
		{"a rule that binds nothing", "exempt: [survey]", "exempt: [survey, collection]", "lender.yaml:19:5: the rule exempts every purpose"},
		{"one id twice", "id: calls", "id: hours", "lender.yaml:19:9: rule hours stands twice"},
		{"one key twice", "version: 2026-05-01", "version: 2026-05-01\nversion: 2026-05-02", `lender.yaml:3:1: mapping key "version" already defined at [2:1]`},
		{"another name than the file's", "rulebook: lender", "rulebook: house", `lender.yaml:1:11: rulebook "house" stands in a file named "lender"`},
		{"an unknown jurisdiction", "[de, de-by]", "[de, Germany]", `lender.yaml:4:21: unknown jurisdiction "Germany"`},
		{"everywhere and somewhere", "[de, de-by]", "[de, everywhere]", "lender.yaml:4:21: everywhere stands alone"},
		{"two documents", "despite_opt_out", "---\ndespite_opt_out", "lender.yaml:1:1: a file holds one rulebook"},
		{"no YAML", "[de, de-by]", "[de, de-by", "lender.yaml:5:1: ',' or ']' must be specified"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			spoiled := strings.Replace(good, test.old, test.new, 1)
			require.NotEqual(t, good, spoiled)

			_, err := Parse("lender.yaml", []byte(spoiled), calendars(t))

			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestEverythingThatIsWrongIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	_, err := Parse("a.yaml", []byte("rulebook: a\nrules:\n  - id: X\n    opt_out: {}\n  -\n"), calendars(t))
	require.EqualError(t, err, strings.Join([]string{
		"a.yaml:1:1: version is missing",
		"a.yaml:1:1: title is missing",
		"a.yaml:1:1: jurisdictions are missing; write those that it covers, such as [us], or [everywhere]",
		`a.yaml:3:9: id "X"; write small letters, digits and hyphens, such as call-frequency`,
		"a.yaml:3:5: title is missing",
		"a.yaml:3:5: citation is missing",
		"a.yaml:3:5: confidence is missing",
		"a.yaml:3:5: strength is missing",
		"a.yaml:1:1: a rule is empty; remove it",
	}, "\n"))
}

func TestShippedRulebookCitesOnlyWhatIsConfirmed(t *testing.T) {
	t.Parallel()
	_, err := parse("rulebooks/lender.yaml", []byte(good), true, nil)
	require.ErrorContains(t, err, "lender.yaml:22:17: confidence MEM: no shipped rulebook cites what is not confirmed")
	require.ErrorContains(t, err, "lender.yaml:39:17: confidence C2?: no shipped rulebook")

	l, err := Shipped()
	require.NoError(t, err)
	for _, b := range l.Rulebooks() {
		for _, rule := range b.Rules {
			require.Equal(t, rule.Confidence == Own, rule.Citation == ownCitation, rule.ref)
			if b.Name == "house" || b.Name == "conservative" {
				require.Equal(t, Own, rule.Confidence, rule.ref)
			}
		}
	}
}

func TestPlacesHaveTheirRulebooks(t *testing.T) {
	t.Parallel()
	l, err := Shipped()
	require.NoError(t, err)
	const house, conservative = "house@2026-11-22", "conservative@2026-11-22"
	for jurisdiction, want := range map[string][]string{
		"us": {house, "us-federal@2026-03-09"}, "us-ny": {house, "us-federal@2026-03-09"}, "US-NY": {house, "us-federal@2026-03-09"},
		"cn": {"cn-mainland@2026-01-30", house}, "de": {conservative, "eu@2026-11-22", house}, "ie": {"eu@2026-11-22", house, "ie@2026-11-22"},
		"us-ny-nyc": {house, "us-federal@2026-03-09", "us-ny-nyc@2026-09-01"}, "us-ma": {house, "us-federal@2026-03-09", "us-ma@2026-11-22"},
		"usa": {conservative, house}, "": {conservative, house},
		"elsewhere": {conservative, house}, "-": {conservative, house}, "everywhere": {conservative, house},
	} {
		require.Equal(t, want, l.For(jurisdiction).Names(), jurisdiction)
	}
	require.Equal(t, 33*24*time.Hour, l.Horizon(), "a month, and two days for zones and changes of clocks")
}

func TestRulesBindThePartiesThatTheyNameAndAllWhenNobodySaysWhich(t *testing.T) {
	t.Parallel()
	l, err := Shipped()
	require.NoError(t, err)
	at := local(t, "America/New_York", "2026-06-10 23:00:00")
	for party, allowed := range map[Party]bool{"": false, "nobody knows": false, ThirdParty: false, DebtBuyer: false, FirstParty: true} {
		l := *l
		l.Party = party
		ruling := l.For("us").Evaluate(standing("America/New_York"), propose(at, contact.SMS))
		require.False(t, ruling.Allowed(), "the night is everybody's, whoever the law binds")
		law := slices.ContainsFunc(ruling.Findings, func(f Finding) bool { return f.Rule == "us-federal/hours" })
		require.Equal(t, allowed, !law, party)
	}
}

func TestOperatorsFolderAddsAndReplaces(t *testing.T) {
	t.Parallel()
	write := func(dir, name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	own := strings.ReplaceAll(good, "rulebook: lender", "rulebook: house")
	own = strings.ReplaceAll(own, "[de, de-by]", "[everywhere]")

	dir := t.TempDir()
	write(dir, "lender.yaml", good)
	write(dir, "house.yml", own)
	write(dir, "notes.txt", "not a rulebook")
	l, err := Load(dir)
	require.NoError(t, err)
	require.Equal(t, []string{"conservative@2026-11-22", "eu@2026-11-22", "house@2026-05-01", "lender@2026-05-01"}, l.For("de-by").Names())
	require.Equal(t, []string{"house@2026-05-01", "us-federal@2026-03-09"}, l.For("us").Names())
	require.Equal(t, 33*24*time.Hour, l.Horizon())

	write(dir, "house.yaml", own)
	_, err = Load(dir)
	require.ErrorContains(t, err, "rulebook house stands in")

	dir = t.TempDir()
	write(dir, "lender.yaml", strings.Replace(good, "max: 2", "max: 0", 1))
	_, err = Load(dir)
	require.ErrorContains(t, err, filepath.Join(dir, "lender.yaml")+":29:12: max 0")

	dir = t.TempDir()
	write(dir, "conservative.yaml", strings.Replace(good, "rulebook: lender", "rulebook: conservative", 1))
	_, err = Load(dir)
	require.ErrorContains(t, err, "no rulebook covers [elsewhere]")

	_, err = Load(filepath.Join(dir, "missing"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestVerdictsAreOrderedBySeverity(t *testing.T) {
	t.Parallel()
	require.True(t, slices.IsSortedFunc(append(slices.Clone(Verdicts), "no such word"), func(a, b Verdict) int { return a.severity() - b.severity() }))
	var v Verdict
	require.Error(t, v.UnmarshalText([]byte("maybe")))
	require.NoError(t, v.UnmarshalText([]byte("defer")))
	require.False(t, v.Allows())
}

func TestARuleIsFoundByTheNameThatFindingsGiveIt(t *testing.T) {
	library, err := Shipped()
	require.NoError(t, err)
	for name, title := range map[string]string{
		"house/one-message-a-day": "At most one message a day to a borrower, across loans and channels",
		"tender/hold":             "A hold stops contacts",
	} {
		rule, ok := library.Rule(name)
		require.True(t, ok, name)
		require.Equal(t, title, rule.Title)
	}
	_, ok := library.Rule("house/no-such-rule")
	require.False(t, ok)
}

func TestEveryRulebookOfALawSaysWhereItWasRead(t *testing.T) {
	t.Parallel()
	l, err := Shipped()
	require.NoError(t, err)
	for _, book := range l.books {
		law := slices.ContainsFunc(book.Rules, func(r *Rule) bool { return r.Confidence != Own })
		require.Equal(t, law, len(book.Sources) > 0, book.Name)
	}
}
