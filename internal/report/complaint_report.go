package report

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/complaint/rates"
	"github.com/tender-engine/tender/internal/loan"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// Dimension is what complaints can be counted by.
type Dimension string

// The dimensions.
const (
	ByKind     Dimension = "kind"
	ByCause    Dimension = "cause"
	ByChannel  Dimension = "channel"
	ByStrategy Dimension = "strategy"
	ByTemplate Dimension = "template"
	ByAgent    Dimension = "agent"
	ByRegime   Dimension = "regime"
	ByLevel    Dimension = "level"
)

// Dimensions are all of them; compared are those whose rates are compared, and usual those that a report has that asks for none.
var (
	Dimensions = []Dimension{ByKind, ByCause, ByChannel, ByStrategy, ByTemplate, ByAgent, ByRegime, ByLevel}
	compared   = []Dimension{ByTemplate, ByStrategy, ByAgent}
	usual      = []Dimension{ByKind, ByCause, ByChannel, ByStrategy, ByTemplate, ByAgent}
)

const (
	// LeastContacts is how many contacts a template, a strategy or an agent has at least whose rate is compared with the rest.
	LeastContacts = 100
	// calledBefore is for how many days a call before a complaint is taken for what it is about, as a message is.
	calledBefore = 14
)

// ComplaintReport is what was complained of in a span, and what became of it.
type ComplaintReport struct {
	// Since and Until are the span, of which Until is not part; Now is when the report was made.
	Since time.Time `json:"since"`
	Until time.Time `json:"until"`
	Now   time.Time `json:"now"`
	// All are all complaints, By the same ones by what they have in common.
	All Complained        `json:"all"`
	By  []ComplaintsByOne `json:"by"`
	// Outliers are those after which people complain more often than after the rest. Compared is how many were compared, of LeastContacts
	// contacts at least.
	Outliers      []ComplaintOutlier `json:"outliers"`
	Compared      int                `json:"compared"`
	LeastContacts int64              `json:"least_contacts"`
}

// ComplaintsByOne are complaints by one dimension.
type ComplaintsByOne struct {
	By   Dimension    `json:"by"`
	Rows []Complained `json:"rows"`
}

// ComplaintOutlier is a template, a strategy or an agent with an outlying rate.
type ComplaintOutlier struct {
	By Dimension `json:"by"`
	rates.Outlier
}

// Complained are complaints that have something in common.
type Complained struct {
	// Name is what they have in common; empty for all, and for what is not known.
	Name       string `json:"name"`
	Complaints int64  `json:"complaints"`
	// Meant is, of an agent, how many name them; the others followed a call of theirs.
	Meant int64 `json:"meant,omitempty"`
	// Merged is how often one of them was raised once more.
	Merged int64 `json:"merged"`
	// Contacts are those that we made: by the channel, with the template, under the strategy or by the agent, where the row is about one,
	// else all. Accounts are the loans that were open at any time: under the strategy, where the row is about one, else all.
	Contacts    int64             `json:"contacts"`
	Accounts    int64             `json:"accounts"`
	PerContacts *rates.Hundredths `json:"per_1000_contacts"`
	PerAccounts *rates.Hundredths `json:"per_1000_accounts"`
	// Acknowledged and Answered say how long it took, from the receipt, until the borrower was told of it, and until the first answer.
	Acknowledged Took `json:"acknowledged"`
	Answered     Took `json:"answered"`
	// Upheld is the share that was upheld, in part too, of those whose last answer says what was found. Reopened is the share of those that
	// were answered or taken back; Late the share of those that were answered, or should have been; Closed the share of all.
	Upheld   Share `json:"upheld"`
	Reopened Share `json:"reopened"`
	Late     Share `json:"late"`
	Closed   Share `json:"closed"`
	// Redress is what was done to put things right, with what was paid by currency.
	Redress RedressGiven `json:"redress"`

	acknowledged, answered []time.Duration
	sums                   map[string]decimal.Decimal
}

// Took is how long something took, in whole seconds: half of the times were no longer than Median, and nine of ten than Ninety.
type Took struct {
	Of     int64 `json:"of"`
	Median int64 `json:"median_seconds"`
	Ninety int64 `json:"ninety_percent_seconds"`
}

// Share is so many of so many.
type Share struct {
	Count int64 `json:"count"`
	Of    int64 `json:"of"`
}

func (s *Share) add(is bool) {
	s.Of++
	if is {
		s.Count++
	}
}

// RedressGiven is how often something was done to put things right, and what was paid.
type RedressGiven struct {
	Count int64    `json:"count"`
	Paid  []Amount `json:"paid"`
}

// Amount is an amount of money, written with the minor units of its currency.
type Amount struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
}

// reported is a complaint as it is reported.
type reported struct {
	complaint.Case
	channel, template, strategy, calledBy string
}

// names are what a complaint is counted under.
func (r reported) names(by Dimension) []string {
	switch by {
	case ByKind:
		return []string{string(r.Kind)}
	case ByCause:
		return []string{r.Cause}
	case ByChannel:
		return []string{r.channel}
	case ByStrategy:
		return []string{r.strategy}
	case ByTemplate:
		return []string{r.template}
	case ByRegime:
		return []string{r.Regime}
	case ByLevel:
		return []string{string(r.Level)}
	}
	if len(r.About) > 0 {
		return r.About
	}
	return []string{r.calledBy}
}

// ComplaintsRaised reports on the complaints that were raised in a span: by one dimension, or by the usual ones if none is given.
func ComplaintsRaised(ctx context.Context, db *store.Store, since, until time.Time, by Dimension) (ComplaintReport, error) {
	now, err := db.Now(ctx)
	if err != nil {
		return ComplaintReport{}, err
	}
	found := ComplaintReport{Since: since.UTC(), Until: until.UTC(), Now: now.UTC(), By: []ComplaintsByOne{}, Outliers: []ComplaintOutlier{}, LeastContacts: LeastContacts}
	err = db.Snapshot(ctx, func(q *sqlc.Queries) error {
		all, err := raised(ctx, q, since, until)
		if err != nil {
			return err
		}
		made, err := madeIn(ctx, q, since, until)
		if err != nil {
			return err
		}
		found.fill(all, made, by)
		return nil
	})
	return found, err
}

func raised(ctx context.Context, q *sqlc.Queries, since, until time.Time) ([]reported, error) {
	rows, err := q.ComplaintsRaised(ctx, sqlc.ComplaintsRaisedParams{Since: since, Until: until, Days: calledBefore})
	all := make([]reported, len(rows))
	for n, row := range rows {
		all[n] = reported{channel: row.Channel, template: row.Template, strategy: row.Strategy, calledBy: row.CalledBy}
		if err := json.Unmarshal(row.Facts, &all[n].Case); err != nil {
			return nil, fmt.Errorf("what is known of a complaint cannot be read: %w", err)
		}
	}
	return all, err
}

// exposure is how many contacts were made in a span, and how many loans were open in it.
type exposure struct {
	contacts, accounts int64
	// contactsOf are those of the names of a dimension that contacts have, accountsOf of one that loans have.
	contactsOf, accountsOf map[Dimension]map[string]int64
}

func madeIn(ctx context.Context, q *sqlc.Queries, since, until time.Time) (made exposure, err error) {
	made.contactsOf = map[Dimension]map[string]int64{ByChannel: {}, ByTemplate: {}, ByStrategy: {}, ByAgent: {}}
	made.accountsOf = map[Dimension]map[string]int64{ByStrategy: {}}
	contacts, err := q.ContactsMade(ctx, sqlc.ContactsMadeParams{Since: since, Until: until})
	if err != nil {
		return made, err
	}
	for _, row := range contacts {
		made.contacts += row.Contacts
		made.contactsOf[ByChannel][row.Channel] += row.Contacts
		made.contactsOf[ByTemplate][row.Template] += row.Contacts
		made.contactsOf[ByStrategy][row.Strategy] += row.Contacts
	}
	calls, err := q.CallsMade(ctx, sqlc.CallsMadeParams{Since: since, Until: until})
	if err != nil {
		return made, err
	}
	for _, row := range calls {
		made.contactsOf[ByAgent][row.Agent] += row.Calls
	}
	under, err := q.AccountsUnder(ctx, sqlc.AccountsUnderParams{Since: since, Until: until})
	if err != nil {
		return made, err
	}
	for _, row := range under {
		made.accountsOf[ByStrategy][row.Strategy] = row.Accounts
	}
	made.accounts, err = q.AccountsOpen(ctx, sqlc.AccountsOpenParams{Since: since, Until: until})
	return made, err
}

// of is the exposure of a row. What is not known by a name has none of its own.
func (e exposure) of(by Dimension, name string) (contacts, accounts int64) {
	contacts, accounts = e.contacts, e.accounts
	if one, there := e.contactsOf[by]; there {
		if contacts = one[name]; name == "" {
			contacts = 0
		}
	}
	if one, there := e.accountsOf[by]; there {
		if accounts = one[name]; name == "" {
			accounts = 0
		}
	}
	return contacts, accounts
}

// fill counts.
func (c *ComplaintReport) fill(all []reported, made exposure, by Dimension) {
	c.All = Complained{Contacts: made.contacts, Accounts: made.accounts}
	for _, r := range all {
		c.All.count(r, c.Now)
	}
	c.All.sumUp()
	wanted := usual
	if by != "" {
		wanted = []Dimension{by}
	}
	for _, d := range wanted {
		c.By = append(c.By, ComplaintsByOne{d, c.rows(d, all, made)})
	}
	tables := make([][]rates.Group, len(compared))
	for n, d := range compared {
		tables[n] = groups(d, c.rows(d, all, made), made)
	}
	outliers, count := rates.Outliers(LeastContacts, tables...)
	c.Compared = count
	for n, d := range compared {
		for _, o := range outliers[n] {
			c.Outliers = append(c.Outliers, ComplaintOutlier{d, o})
		}
	}
}

// rows are the rows of a dimension: those with most complaints first, what is not known last.
func (c *ComplaintReport) rows(by Dimension, all []reported, made exposure) []Complained {
	rows := []Complained{}
	for _, r := range all {
		for _, name := range r.names(by) {
			n := slices.IndexFunc(rows, func(row Complained) bool { return row.Name == name })
			if n < 0 {
				n = len(rows)
				contacts, accounts := made.of(by, name)
				rows = append(rows, Complained{Name: name, Contacts: contacts, Accounts: accounts})
			}
			rows[n].count(r, c.Now)
			if by == ByAgent && len(r.About) > 0 {
				rows[n].Meant++
			}
		}
	}
	for n := range rows {
		rows[n].sumUp()
	}
	slices.SortStableFunc(rows, func(a, b Complained) int {
		unknown := func(name string) int { return map[bool]int{true: 1}[name == ""] }
		return cmp.Or(unknown(a.Name)-unknown(b.Name), cmp.Compare(b.Complaints, a.Complaints), strings.Compare(a.Name, b.Name))
	})
	return rows
}

// groups are what is compared: everything that had contacts or complaints by a name, whether anybody complained or not.
func groups(by Dimension, rows []Complained, made exposure) (all []rates.Group) {
	complaints := map[string]int64{}
	for _, row := range rows {
		complaints[row.Name] = row.Complaints
	}
	for name, contacts := range made.contactsOf[by] {
		if name != "" {
			all = append(all, rates.Group{Name: name, Complaints: complaints[name], Contacts: contacts})
		}
	}
	slices.SortFunc(all, func(a, b rates.Group) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// count adds a complaint.
func (c *Complained) count(r reported, now time.Time) {
	c.Complaints++
	c.Merged += int64(r.Again)
	if !r.Acknowledged.IsZero() {
		c.acknowledged = append(c.acknowledged, max(0, r.Acknowledged.Sub(r.Raised)))
	}
	answers := slices.Clone(r.Earlier)
	if r.Answer != nil {
		answers = append(answers, *r.Answer)
	}
	found := slices.DeleteFunc(slices.Clone(answers), func(a complaint.Answer) bool { return a.Outcome == complaint.Withdrawn })
	if len(found) > 0 {
		c.answered = append(c.answered, max(0, found[0].At.Sub(r.Raised)))
		if outcome := found[len(found)-1].Outcome; slices.Contains(complaint.Outcomes, outcome) {
			c.Upheld.add(outcome != complaint.Rejected)
		}
	}
	if len(answers) > 0 {
		c.Reopened.add(r.Reopened > 0)
	}
	by := now // by when it was answered, the last time that it was asked
	if r.Answer != nil {
		by = r.Answer.At
	}
	withdrawn := r.Answer != nil && r.Answer.Outcome == complaint.Withdrawn
	late := slices.ContainsFunc(found, func(a complaint.Answer) bool { return a.Late }) ||
		!withdrawn && (len(r.Missed) > 0 || slices.ContainsFunc(r.Clocks, func(d complaint.Deadline) bool { return d.Final && !by.Before(d.At) }))
	if late || len(found) > 0 {
		c.Late.add(late)
	}
	c.Closed.add(!r.Case.Closed.IsZero())
	for _, a := range found {
		for _, one := range a.Redress {
			c.redress(one)
		}
	}
}

func (c *Complained) redress(one complaint.Redress) {
	c.Redress.Count++
	if !one.Kind.Money() {
		return
	}
	if c.sums == nil {
		c.sums = map[string]decimal.Decimal{}
	}
	if sum, err := c.sums[one.Currency].Add(one.Amount); err == nil { // amounts of currencies do not overflow
		c.sums[one.Currency] = sum
	}
}

// sumUp works out what follows from what was counted.
func (c *Complained) sumUp() {
	c.PerContacts, c.PerAccounts = rates.PerThousand(c.Complaints, c.Contacts), rates.PerThousand(c.Complaints, c.Accounts)
	c.Acknowledged, c.Answered = took(c.acknowledged), took(c.answered)
	c.Redress.Paid = []Amount{}
	for currency, sum := range c.sums {
		c.Redress.Paid = append(c.Redress.Paid, Amount{loan.Write(sum, currency), currency})
	}
	slices.SortFunc(c.Redress.Paid, func(a, b Amount) int { return strings.Compare(a.Currency, b.Currency) })
}

// took finds the median and the 90th percentile: times that it really took, and no means of two.
func took(all []time.Duration) Took {
	if len(all) == 0 {
		return Took{}
	}
	slices.Sort(all)
	rank := func(percent int) int64 { return int64(all[(len(all)*percent+99)/100-1] / time.Second) }
	return Took{int64(len(all)), rank(50), rank(90)}
}

// write writes it in whole hours, or, from two days on, in whole days.
func (t Took) write() string {
	if t.Of == 0 {
		return "-"
	}
	return term(t.Median) + " / " + term(t.Ninety)
}

func term(seconds int64) string {
	const hour, day = 3600, 24 * 3600
	switch {
	case seconds < hour:
		return "<1 h"
	case seconds < 2*day:
		return strconv.FormatInt((seconds+hour/2)/hour, 10) + " h"
	}
	return strconv.FormatInt((seconds+day/2)/day, 10) + " d"
}

// write writes a share in whole percent, with how many of how many.
func (s Share) write() string {
	if s.Of == 0 {
		return "-"
	}
	return fmt.Sprintf("%d %% (%d/%d)", (s.Count*200+s.Of)/(2*s.Of), s.Count, s.Of)
}

func (r RedressGiven) write() string {
	if r.Count == 0 {
		return "-"
	}
	text := strconv.FormatInt(r.Count, 10)
	for n, paid := range r.Paid {
		text += map[bool]string{true: ": ", false: ", "}[n == 0] + paid.Amount + " " + paid.Currency
	}
	return text
}

// unnamed says, by dimension, what complaints are without a name.
var unnamed = map[Dimension]string{
	ByCause: "not found out", ByChannel: "not known", ByStrategy: "after no message", ByTemplate: "after no message", ByAgent: "nobody named, no call before",
}

func (c Complained) cells(by Dimension) []string {
	rate := func(h *rates.Hundredths) string {
		if h == nil {
			return "-"
		}
		return h.String()
	}
	name := orElse(Printable(c.Name), orElse(unnamed[by], "all"))
	if by == ByAgent && c.Meant < c.Complaints && c.Name != "" {
		name += fmt.Sprintf(" (%d named)", c.Meant)
	}
	return []string{
		name, strconv.FormatInt(c.Complaints, 10), rate(c.PerContacts), rate(c.PerAccounts), c.Acknowledged.write(), c.Answered.write(),
		c.Upheld.write(), c.Reopened.write(), c.Late.write(), c.Closed.write(), strconv.FormatInt(c.Merged, 10), c.Redress.write(),
	}
}

func headed(what string) []string {
	return []string{what, "COMPLAINTS", "/1000 CONTACTS", "/1000 ACCOUNTS", "ACKNOWLEDGED", "ANSWERED", "UPHELD", "REOPENED", "LATE", "CLOSED", "MERGED", "REDRESS"}
}

// WriteComplaintReport writes the report for people.
func WriteComplaintReport(w io.Writer, style Style, c ComplaintReport) error {
	p := page{w: w, style: style}
	p.printf("%s\n", style.bold(fmt.Sprintf("Complaints raised from %s until %s", Moment(c.Since), Moment(c.Until))))
	p.printf("%s, %s open. ACKNOWLEDGED and ANSWERED: within which time half were, and nine of ten.\n\n",
		Count(c.All.Contacts, "contact"), Count(c.All.Accounts, "account"))
	p.table("", [][]string{headed(""), c.All.cells("")})
	for _, one := range c.By {
		if len(one.Rows) == 0 {
			continue
		}
		p.printf("\n")
		rows := [][]string{headed(strings.ToUpper(string(one.By)))}
		for _, row := range one.Rows {
			rows = append(rows, row.cells(one.By))
		}
		p.table("", rows)
	}
	p.outliers(c)
	return p.err
}

// outliers says which rates stand out, and how sure that is.
func (p *page) outliers(c ComplaintReport) {
	p.printf("\n%s\n", p.style.bold("More complaints than chance explains"))
	switch {
	case c.Compared == 0:
		p.printf("  Nothing was compared: no template, strategy or agent has %d contacts, and others of its kind beside it.\n", c.LeastContacts)
		return
	case len(c.Outliers) == 0:
		p.printf("  None. Compared were %d templates, strategies and agents of %d contacts or more, each with the rest of its kind.\n", c.Compared, c.LeastContacts)
		return
	}
	for _, o := range c.Outliers {
		p.printf("  %s\n", p.style.paint(red, string(o.By)+" "+Printable(o.Name)))
		p.printf("    %s after %s: %s in 1000 (%s); the rest has %s\n", Count(o.Complaints, "complaint"), Count(o.Contacts, "contact"), o.Rate, o.Between, o.Rest)
		times := "the rest has none"
		if o.Times != nil {
			times = fmt.Sprintf("%s times as many as the rest (%s)", o.Times, o.TimesBetween)
		}
		p.printf("    %s; chance %s among %d\n", times, o.Chance, c.Compared)
	}
	p.printf("  Compared were %d templates, strategies and agents of %d contacts or more, each with the rest of its kind: exact intervals of %d %%, and\n"+
		"  Holm's method for so many. That says where to look, and not why.\n", c.Compared, c.LeastContacts, rates.Level)
}
