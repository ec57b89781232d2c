package demo

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/store"
)

// Summary is what a demonstration came to.
type Summary struct {
	// OK is set when every life ended as it must.
	OK   bool   `json:"ok"`
	File string `json:"file"`
	// Days is how many business days were lived, DaySeconds how long one took on the wall.
	Days       int     `json:"days"`
	DaySeconds float64 `json:"day_seconds"`
	// Start is the business instant at which it began.
	Start time.Time `json:"start"`
	// FirstJourneySeconds is how long it took from the command to the first journey, on the wall.
	FirstJourneySeconds float64     `json:"first_journey_seconds"`
	Loans               []Ended     `json:"loans"`
	Complaints          []Complaint `json:"complaints"`
	Prevented           []Prevented `json:"prevented"`
	// WebUI is Temporal's, Dir the folder of the stack, as long as both are there.
	WebUI string `json:"web_ui"`
	Dir   string `json:"dir"`
}

// Ended is how one life ended.
type Ended struct {
	Loan     string        `json:"loan"`
	Borrower string        `json:"borrower"`
	Title    string        `json:"title"`
	Stage    journey.Stage `json:"stage"`
	// Reason is the code of why it stands there; ClosedOn the day on which the journey closed, 0 if it did not.
	Reason   string `json:"reason"`
	ClosedOn int    `json:"closed_on,omitempty"`
	// Contacts counts the messages that may have reached the borrower, by channel. Steps are all that was done, in order.
	Contacts map[contact.Channel]int `json:"contacts"`
	Steps    []Done                  `json:"steps"`
	// HeldBack is how many steps the rules put off or forbade.
	HeldBack int `json:"held_back"`
	// Differs says in what it is not what it must be.
	Differs []string `json:"differs"`
}

// Done is a step that was done on a day, and its channel: task where a person was given it, lender where the lending
// system was told.
type Done struct {
	Day     int       `json:"day"`
	At      time.Time `json:"at"`
	Step    string    `json:"step"`
	Channel string    `json:"channel"`
}

// Complaint is what became of a complaint, by days; 0 where something did not happen.
type Complaint struct {
	ID   string         `json:"id"`
	Loan string         `json:"loan"`
	Kind complaint.Kind `json:"kind"`
	// Raised, Heard, Answered and Asked are when the borrower complained, was told that it was received, was answered, and was asked
	// whether it was handled well.
	Raised   int               `json:"raised"`
	Heard    int               `json:"heard,omitempty"`
	Answered int               `json:"answered,omitempty"`
	Outcome  complaint.Outcome `json:"outcome,omitempty"`
	Asked    int               `json:"asked,omitempty"`
}

// complaintsAbout are the complaints about a loan, the latest first.
func complaintsAbout(ctx context.Context, db *store.Store, loan string) ([]report.Complaint, error) {
	return report.Complaints(ctx, db, intake.ShippedRegimes(), report.ComplaintFilter{Loan: loan, Every: true})
}

// Prevented is what one rule put off or forbade.
type Prevented struct {
	Rule    string             `json:"rule"`
	Verdict compliance.Verdict `json:"verdict"`
	// Times is for how many steps, of Loans.
	Times int      `json:"times"`
	Loans []string `json:"loans"`
	// Why is what the rule asks for, and Citation who says so.
	Why      string `json:"why"`
	Citation string `json:"citation,omitempty"`
}

// summarise reads from Postgres what became of every life.
func (s *Scenario) summarise(ctx context.Context, db *store.Store) (Summary, error) {
	rulebooks, err := compliance.Shipped()
	if err != nil {
		return Summary{}, err
	}
	sum := Summary{OK: true, File: s.File, Days: s.Days, Start: s.Start.At, Complaints: []Complaint{}, Prevented: []Prevented{}}
	rules := map[[2]string]*Prevented{}
	for _, life := range s.Lives {
		lived, err := report.Live(ctx, db, life.Loan, false)
		if err != nil {
			return sum, fmt.Errorf("loan %s: %w", life.Loan, err)
		}
		why, err := report.Explain(ctx, db, life.Loan)
		if err != nil {
			return sum, fmt.Errorf("loan %s: %w", life.Loan, err)
		}
		ended := s.ended(life, lived, why)
		sum.OK = sum.OK && len(ended.Differs) == 0
		sum.Loans = append(sum.Loans, ended)
		complaints, err := complaintsAbout(ctx, db, life.Loan)
		if err != nil {
			return sum, fmt.Errorf("loan %s: %w", life.Loan, err)
		}
		for _, c := range complaints {
			sum.Complaints = append(sum.Complaints, s.complained(c, ended))
		}
		for _, e := range lived.Entries {
			if e.Sort != report.HeldBack {
				continue
			}
			key := [2]string{e.Rule, e.Verdict}
			if rules[key] == nil {
				rules[key] = &Prevented{Rule: e.Rule, Verdict: compliance.Verdict(e.Verdict), Why: e.Why}
				if rule, ok := rulebooks.Rule(e.Rule); ok {
					rules[key].Why, rules[key].Citation = rule.Title, rule.Citation
				}
			}
			rules[key].add(life.Loan)
		}
	}
	for _, p := range rules {
		sum.Prevented = append(sum.Prevented, *p)
	}
	slices.SortFunc(sum.Prevented, func(a, b Prevented) int {
		return cmp.Or(cmp.Compare(b.Times, a.Times), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Verdict, b.Verdict))
	})
	return sum, nil
}

// complained tells what became of a complaint about a loan.
func (s *Scenario) complained(c report.Complaint, about Ended) Complaint {
	day := func(at time.Time) int {
		if at.IsZero() {
			return 0
		}
		return s.Day(at)
	}
	told := Complaint{ID: c.ID, Loan: c.Loan, Kind: c.Kind, Raised: day(c.Raised), Heard: day(c.Acknowledged)}
	if c.Answer != nil {
		told.Answered, told.Outcome = day(c.Answer.At), c.Answer.Outcome
	}
	for _, done := range about.Steps {
		if strings.HasPrefix(done.Step, complaint.Surveyed+"@"+c.ID+".") {
			told.Asked = done.Day
		}
	}
	return told
}

func (p *Prevented) add(loan string) {
	p.Times++
	if !slices.Contains(p.Loans, loan) {
		p.Loans = append(p.Loans, loan)
	}
}

// ended tells how one life ended.
func (s *Scenario) ended(life Life, lived report.Life, why report.Explanation) Ended {
	l := lived.Loan
	e := Ended{
		Loan: life.Loan, Borrower: life.Borrower, Title: life.Title, Stage: l.Stage,
		Contacts: map[contact.Channel]int{}, Steps: []Done{}, Differs: []string{},
	}
	if why.Decision != nil {
		e.Reason = why.Decision.Step.Reason
	}
	if !l.Closed.IsZero() {
		e.ClosedOn = s.Day(l.Closed)
	}
	e.Differs = append(e.Differs, s.differs(life, lived, e.Reason)...)
	for _, made := range contacts(lived) {
		e.Contacts[made.Channel]++
	}
	for _, entry := range lived.Entries {
		done := Done{Day: s.Day(entry.At), At: entry.At, Step: entry.What, Channel: string(entry.Channel)}
		switch {
		case entry.Sort == report.HeldBack:
			e.HeldBack++
			continue
		case entry.Sort == report.Sent && contact.Disposition(entry.Result).Made():
		case entry.Sort == report.Task:
			done.Channel = "task"
		case entry.Sort == report.Told:
			done.Channel = "lender"
		default:
			continue
		}
		e.Steps = append(e.Steps, done)
	}
	return e
}

// Failure is the error of a demonstration in which a life did not end as it must; nil when all did.
func (s Summary) Failure() error {
	var lines []string
	for _, l := range s.Loans {
		if len(l.Differs) > 0 {
			lines = append(lines, fmt.Sprintf("%s (%s) did not end as %s says: %s", l.Loan, l.Title, s.File, strings.Join(l.Differs, "; ")))
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return fmt.Errorf("%s", strings.Join(lines, "\n"))
}

// Write writes the summary for a person. program is the command to look around with while everything still runs; empty
// when it does not.
func (s Summary) Write(w io.Writer, program string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "\nWhat was done in %s\n\n", plural(s.Days, "day", "days"))
	s.writeLoans(&b)
	s.writeComplaints(&b)
	fmt.Fprintf(&b, "\nWhat the rules prevented, and why\n\n")
	s.writePrevented(&b)
	b.WriteString("\n")
	if failure := s.Failure(); failure != nil {
		fmt.Fprintf(&b, "%v\n", failure)
	} else {
		fmt.Fprintf(&b, "Each life ended as %s says it must.\n", s.File)
	}
	fmt.Fprintf(&b, "Temporal's Web UI: %s\n", s.WebUI)
	if program != "" {
		fmt.Fprintf(&b, "\nEverything still runs, until Ctrl-C. In another terminal:\n\n")
		for _, command := range s.looks() {
			fmt.Fprintf(&b, "  %s %s --dir %s\n", program, command, s.Dir)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// looks are commands that show something worth seeing: the loan of which most was held back, one that goes on, and a complaint.
func (s Summary) looks() []string {
	looks := []string{"loan list"}
	if len(s.Loans) > 0 {
		most := slices.MaxFunc(s.Loans, func(a, b Ended) int { return cmp.Compare(a.HeldBack, b.HeldBack) })
		looks = append(looks, "loan show "+most.Loan)
	}
	if n := slices.IndexFunc(s.Loans, func(l Ended) bool { return l.ClosedOn == 0 }); n >= 0 {
		looks = append(looks, "loan explain "+s.Loans[n].Loan)
	}
	if len(s.Complaints) > 0 {
		looks = append(looks, "complaint show "+s.Complaints[0].ID)
	}
	return looks
}

func (s Summary) writeLoans(b *strings.Builder) {
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  LOAN\tLIFE\tENDED\tHELD BACK\tCONTACTS\tBY CHANNEL")
	sum, channels, held := 0, map[contact.Channel]int{}, 0
	for _, l := range s.Loans {
		n := 0
		for c, count := range l.Contacts {
			n += count
			channels[c] += count
		}
		sum, held = sum+n, held+l.HeldBack
		fmt.Fprintf(t, "  %s\t%s\t%s\t%d\t%d\t%s\n", l.Loan, l.Title, l.end(), l.HeldBack, n, byChannel(l.Contacts))
	}
	fmt.Fprintf(t, "  all\t\t\t%d\t%d\t%s\n", held, sum, byChannel(channels))
	_ = t.Flush() // into memory
}

func (s Summary) writeComplaints(b *strings.Builder) {
	if len(s.Complaints) == 0 {
		return
	}
	b.WriteString("\nWhat borrowers complained of\n\n")
	for _, c := range s.Complaints {
		fmt.Fprintf(b, "  %s: %s, on day %d", c.Loan, strings.ReplaceAll(string(c.Kind), "_", " "), c.Raised)
		if c.Heard > 0 {
			fmt.Fprintf(b, "; told on day %d that it was received", c.Heard)
		}
		if c.Answered > 0 {
			fmt.Fprintf(b, "; answered on day %d: %s", c.Answered, strings.ReplaceAll(string(c.Outcome), "_", " "))
		}
		if c.Asked > 0 {
			fmt.Fprintf(b, "; asked on day %d whether it was handled well", c.Asked)
		}
		b.WriteString("\n")
	}
}

// end says where a journey stands, and since when if it is over.
func (l Ended) end() string {
	text := strings.ReplaceAll(string(l.Stage), "_", " ")
	if l.ClosedOn > 0 {
		text += fmt.Sprintf(" on day %d", l.ClosedOn)
	}
	return text
}

func (s Summary) writePrevented(b *strings.Builder) {
	if len(s.Prevented) == 0 {
		fmt.Fprintln(b, "  nothing")
	}
	for _, p := range s.Prevented {
		fmt.Fprintf(b, "  %s: %s %s, for %s\n      %s\n", p.Rule, verdicts[p.Verdict], times(p.Times), strings.Join(p.Loans, " "), p.Why)
	}
}

// verdicts say what a verdict did to a step.
var verdicts = map[compliance.Verdict]string{
	compliance.Defer: "put off", compliance.Deny: "not allowed", compliance.NeedsApproval: "left to a person",
	compliance.Warn: "advised against",
}

// byChannel lists counts in the order of the closed set of channels.
func byChannel(count map[contact.Channel]int) string {
	if len(count) == 0 {
		return "-"
	}
	var parts []string
	for _, c := range slices.SortedFunc(maps.Keys(count), func(a, b contact.Channel) int {
		return cmp.Compare(slices.Index(contact.Channels, a), slices.Index(contact.Channels, b))
	}) {
		parts = append(parts, fmt.Sprintf("%d %s", count[c], c))
	}
	return strings.Join(parts, ", ")
}
