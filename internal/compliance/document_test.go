package compliance

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write what is there as what shall be")

const rulebooksHead = `# The rulebooks

Written by a test from the rulebooks themselves: ` + "`go test ./internal/compliance -run Document -update`" + `.

Each rule says where it stands, and how well that is known:

| confidence | meaning |
|---|---|
| ` + "`C1`" + ` | the text of the law or of the regulator was read |
| ` + "`C2`" + ` | confirmed in a page about it: a law firm's, the press's, or one derived from the regulator's |
| ` + "`own`" + ` | no law, but Tender's own default |

What is known only weakly or from memory is in no rulebook that comes with Tender. ` + "`examples/rulebooks/`" + ` has samples with such rules
for a lender to check and take over; Mexico is there alone. This is engineering reference and no legal advice: whoever collects loans has their own
lawyers read the rulebooks of the places where they do.

Rulebooks layer: for a borrower in ` + "`us-ny-nyc`" + ` those of the city, the state and the country bind together, with ` + "`house`" + ` and
the lender's own, and the strictest wins. Where none fits, ` + "`conservative`" + ` binds. A rule without dates is in force always.
How to write one stands in [compliance.md](compliance.md#writing-a-rulebook).

What is **not** here, because it could not be confirmed: the full text of China's GB/T 45251-2025 and what it says of an interval of seven days; a
limit after a conversation in New York City; the Reserve Bank of India's draft of 2026; hours in Korea, the United Kingdom and Ireland;
limits of New York State; by when Australia has a hardship notice decided.

Nor is here what the vocabulary cannot say yet: conditions of a state (how long a debt is past due, the kind of product, the amount), a total over calls and
messages that no law numbers, a consent to one inconvenient time, what must have been sent before a first contact (a transfer notice, an agent's
particulars: they are duties), how a consent for texts was renewed (12 CFR 1006.6(d)(5)), and whom a creditor may furnish with what. By when complaints are answered
is for their own regimes. What a machine cannot know is for holds: a bankruptcy, an attorney, a dispute, a death ([holds.md](holds.md)).
`

func TestTheDocumentOfTheRulebooksIsTrue(t *testing.T) {
	t.Parallel()
	l, err := Shipped()
	require.NoError(t, err)
	var b strings.Builder
	b.WriteString(rulebooksHead)
	cell := func(text string) string { return strings.ReplaceAll(text, "|", "\\|") }
	for _, book := range l.books {
		fmt.Fprintf(&b, "\n## %s\n\n%s, version %s, covers %s.\n\n", book.Name, book.Title, book.Version, wordsOf(book.Jurisdictions))
		if len(book.Sources) > 0 {
			fmt.Fprintf(&b, "Read in:\n\n- %s\n\n", strings.Join(book.Sources, "\n- "))
		}
		b.WriteString("| rule | says | citation | confidence | strength | binds | in force |\n|---|---|---|---|---|---|---|\n")
		for _, r := range book.Rules {
			binds, force := "everybody", "always"
			if len(r.AppliesTo) > 0 {
				binds = wordsOf(r.AppliesTo)
			}
			switch {
			case !r.From.IsZero() && !r.Until.IsZero():
				force = fmt.Sprintf("%s to %s", r.From, r.Until)
			case !r.From.IsZero():
				force = "from " + r.From.String()
			case !r.Until.IsZero():
				force = "until " + r.Until.String()
			}
			fmt.Fprintf(&b, "| `%s` | %s. %s: %s | %s | %s | %s | %s | %s |\n", r.ID, cell(r.Title), r.Kind(), cell(r.Says()), cell(r.Citation),
				r.Confidence, r.Strength, binds, force)
		}
	}
	file := filepath.Join("..", "..", "docs", "rulebooks.md")
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(b.String()), 0o644))
		return
	}
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, b.String(), string(text), "run go test ./internal/compliance -run Document -update")
}

func TestTheSampleRulebooksAreInOrder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "examples", "rulebooks")
	l, err := Load(dir)
	require.NoError(t, err)
	require.Contains(t, l.For("mx").Names(), "mx-sample@2026-11-22")
	for _, name := range []string{"mx-sample", "lender-sample"} {
		text, err := os.ReadFile(filepath.Join(dir, name+".yaml"))
		require.NoError(t, err)
		_, err = parse("rulebooks/"+name+".yaml", text, true, func(string) (Calendar, bool) { return noCalendar{}, true })
		require.ErrorContains(t, err, "no shipped rulebook cites what is not confirmed", "it may not be shipped")
	}
}
