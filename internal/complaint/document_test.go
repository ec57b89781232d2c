package complaint_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/complaint"
)

var update = flag.Bool("update", false, "write docs/complaints.md anew")

func TestTheDocumentOfRegimesIsTrue(t *testing.T) {
	t.Parallel()
	const begin, end = "<!-- regimes -->\n", "<!-- end of regimes -->\n"
	file := filepath.Join("..", "..", "docs", "complaints.md")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	before, rest, ok := strings.Cut(string(text), begin)
	require.True(t, ok, begin)
	_, after, ok := strings.Cut(rest, end)
	require.True(t, ok, end)
	var b strings.Builder
	for _, r := range shipped(t).All() {
		document(&b, r)
	}
	now := before + begin + b.String() + "\n" + end + after
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(now), 0o644))
	} else {
		require.Equal(t, now, string(text), "run go test ./internal/complaint -run Document -update")
	}
	for _, part := range []any{complaint.Regime{}, complaint.Clock{}, complaint.Extension{}, complaint.Referral{}, complaint.Body{}} {
		for _, field := range reflect.VisibleFields(reflect.TypeOf(part)) {
			if name := field.Tag.Get("yaml"); name != "" && name != "-" {
				require.Contains(t, after, "`"+name+"`", "%T", part)
			}
		}
	}
	_, sample, ok := strings.Cut(after, "\n    regime: ")
	require.True(t, ok)
	sample, _, _ = strings.Cut("    regime: "+sample, "\n\n")
	_, err = complaint.Parse("lender.yaml", []byte(strings.ReplaceAll(sample+"\n", "\n    ", "\n")[4:]), calendars(t))
	require.NoError(t, err, "the sample is in order")
}

// document writes what a regime says.
func document(b *strings.Builder, r *complaint.Regime) {
	fmt.Fprintf(b, "\n#### %s\n\n%s, version %s, covers %s.", r.Name, r.Title, r.Version, strings.Join(r.Jurisdictions, ", "))
	if r.TimeZone != "" {
		fmt.Fprintf(b, " Days are those of %s.", r.TimeZone)
	}
	if r.Calendar != "" {
		fmt.Fprintf(b, " Business days are those of the calendar `%s`.", r.Calendar)
	}
	b.WriteString("\n\n| deadline | within | level | for | citation | confidence |\n|---|---|---|---|---|---|\n")
	for _, d := range r.Deadlines {
		level := string(d.Level)
		if d.Final {
			level += ", final"
		}
		whom := map[complaint.Only]string{"": "all", complaint.OnlyPayment: "payments", complaint.OnlyNotPayment: "all but payments"}[d.Only]
		fmt.Fprintf(b, "| `%s`: %s | %d %s days | %s | %s | %s | %s |\n", d.ID, d.Title, d.Within, d.Days, level, whom, d.Citation, d.Confidence)
		for _, e := range r.Extensions {
			if e.Deadline != d.ID {
				continue
			}
			terms := "extension"
			if e.Approval != "" {
				terms += ", " + string(e.Approval) + " approves"
			}
			if e.Notice {
				terms += ", the borrower is told"
			}
			fmt.Fprintf(b, "| `%s`, because `%s`: %s | %d %s days | %s | %s | %s | %s |\n", e.Deadline, e.Because, e.Title, e.To, d.Days, terms, whom,
				e.Citation, e.Confidence)
		}
	}
	facts := map[complaint.NewFacts]string{complaint.FactsRestart: "restart the days", complaint.FactsNothing: "leave the days"}[r.NewFacts]
	fmt.Fprintf(b, "\n- New facts %s.\n", facts)
	if r.Independent {
		b.WriteString("- Above the front line nobody decides who had the complaint before, or whom it is about.\n")
	}
	fmt.Fprintf(b, "- The borrower hears every %d days how far it is, has %d days to say that it is not settled, and is asked %d days after closing.\n",
		r.ProgressEvery, r.ConfirmWithin, r.SurveyAfter)
	fmt.Fprintf(b, "- One that was passed on enters at %s, and is answered within %d %s days if no date was set.\n",
		r.Referral.Level, r.Referral.Within, r.Referral.Days)
	switch body := r.External; {
	case body == nil:
		b.WriteString("- No external body is named.\n")
	case body.WithinMonths > 0:
		fmt.Fprintf(b, "- Then: %s, within %d months of the answer.\n", body.Called("en"), body.WithinMonths)
	case body.WithinDays > 0:
		fmt.Fprintf(b, "- Then: %s, within %d days of the answer.\n", body.Called("en"), body.WithinDays)
	default:
		fmt.Fprintf(b, "- Then: %s.\n", body.Called("en"))
	}
}
