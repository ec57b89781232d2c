package report

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/loan"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// Complaint is where one complaint stands.
type Complaint struct {
	complaint.Case
	State complaint.State `json:"state"`
	// Role is the role that has it, also while nobody has taken it up.
	Role complaint.Level `json:"role"`
	// Due is what is due next, and Promised the deadline by which the borrower can count on an answer; none once it is answered.
	Due      *Due `json:"due,omitempty"`
	Promised *Due `json:"promised,omitempty"`
	// Rests is set while the complaint stops collection: of its loan, or of all that the borrower owes where it is about none.
	Rests bool `json:"rests"`
	// Next is what its workflow does next; nothing once Over is set.
	Next Next `json:"next,omitzero"`
	// Over is set when its workflow has ended: nothing more is expected of it.
	Over bool `json:"over,omitempty"`

	// regime is the one by which its clocks were set, and now when it was asked for.
	regime *complaint.Regime
	now    time.Time
}

// Due is a deadline, as it stands.
type Due struct {
	ID    string          `json:"id"`
	Title string          `json:"title"`
	Date  bizclock.Date   `json:"date"`
	Level complaint.Level `json:"level"`
	// Final is set for the one by which the answer must be there.
	Final bool `json:"final,omitempty"`
	// Left is how many days are left, 0 on the last one; from then on it counts below it.
	Left int `json:"left"`
	// Soon is set once four fifths of the time are over, and Late when all of it is.
	Soon bool `json:"soon,omitempty"`
	Late bool `json:"late,omitempty"`
	// Past is set for one that counts no more: the complaint has moved above its level, or was answered.
	Past bool `json:"past,omitempty"`
	// Extended is the code of why it was given more time; Uncovered is set when holidays may move the date.
	Extended  string `json:"extended,omitempty"`
	Uncovered bool   `json:"uncovered,omitempty"`
}

// ComplaintFilter says which complaints are meant: those that nobody has answered yet, or with Every all. Empty fields filter nothing.
type ComplaintFilter struct {
	// ID is the id of one, or another one under which it was raised.
	ID                    string
	Kind                  complaint.Kind
	Level                 complaint.Level
	Owner, Loan, Borrower string
	Every                 bool
	// Due puts what is due next first; otherwise the latest comes first.
	Due bool
	// Most is how many are listed at most. Default: 100.
	Most int
}

// Complaints lists complaints, with the titles that regimes give to their deadlines.
func Complaints(ctx context.Context, s *store.Store, regimes *complaint.Library, f ComplaintFilter) ([]Complaint, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := s.ListComplaints(ctx, sqlc.ListComplaintsParams{
		Now: now, ID: f.ID, Every: f.Every, Level: string(f.Level), Kind: string(f.Kind), Owner: f.Owner, LoanID: f.Loan, BorrowerID: f.Borrower,
		Due: f.Due, Most: int32(cmp.Or(f.Most, 100)),
	})
	all := make([]Complaint, len(rows))
	for n, row := range rows {
		if all[n], err = complaintOf(row, regimes, now); err != nil {
			return nil, err
		}
	}
	return all, err
}

// FindComplaint returns one complaint, by its id or by another one under which it was raised. The error is [store.ErrNotFound] when there is
// none.
func FindComplaint(ctx context.Context, s *store.Store, regimes *complaint.Library, id string) (Complaint, error) {
	all, err := Complaints(ctx, s, regimes, ComplaintFilter{ID: id, Every: true, Most: 1})
	switch {
	case err != nil:
		return Complaint{}, err
	case id == "" || len(all) == 0:
		return Complaint{}, store.ErrNotFound
	}
	return all[0], nil
}

func complaintOf(row sqlc.ListComplaintsRow, regimes *complaint.Library, now time.Time) (Complaint, error) {
	c := Complaint{Rests: row.Held, now: now}
	if err := json.Unmarshal(row.Facts, &c.Case); err != nil {
		return c, fmt.Errorf("a complaint cannot be read: %w", err)
	}
	c.State, c.Role, c.regime = c.Case.State(), c.Case.Role(), regimes.Of(c.Case, row.Jurisdiction)
	c.Over = row.ClosedAt != nil
	if row.DecidedAt != nil && !c.Over {
		c.Next = Next{Step: row.NextStep, At: in(row.NextAt, zone(c.Zone)), Reason: row.NextReason, Rule: row.NextRule}
	}
	if first, open := c.Case.Due(); open {
		c.Due = c.due(first)
	}
	if last, _ := c.Case.Promised(c.now); !last.Due.IsZero() {
		c.Promised = c.due(last)
	}
	return c, nil
}

// due says how a deadline stands.
func (c Complaint) due(d complaint.Deadline) *Due {
	today := bizclock.DateOf(c.now.In(c.regime.Zone(zone(c.Zone))))
	counts := slices.ContainsFunc(c.Deadlines(), func(one complaint.Deadline) bool { return one.ID == d.ID })
	return &Due{
		ID: d.ID, Title: c.regime.TitleOf(d.ID), Date: d.Due, Level: d.Level, Final: d.Final, Left: d.Due.Sub(today), Extended: d.Extended, Uncovered: d.Uncovered,
		Past: !counts, Late: counts && !c.now.Before(d.At), Soon: counts && c.now.Before(d.At) && !c.now.Before(d.Share(80)),
	}
}

// left says how many days are left.
func (d *Due) left() string {
	switch {
	case d.Left < 0:
		return Count(int64(-d.Left), "day") + " late"
	case d.Left == 0:
		return "today"
	}
	return Count(int64(d.Left), "day") + " left"
}

// paint is the colour of a deadline: red when it is late, yellow when little of its time is left.
func (d *Due) paint() paint {
	switch {
	case d.Late:
		return red
	case d.Soon:
		return yellow
	}
	return plain
}

// With says who has the complaint: a person, or in brackets the role while nobody has taken it up.
func (c Complaint) With() string {
	if c.Owner == "" {
		return "(" + string(c.Role) + ")"
	}
	return Printable(c.Owner)
}

// subject says what the complaint is about.
func (c Complaint) subject() string {
	if c.Loan == "" {
		return "borrower " + c.Borrower
	}
	return "loan " + c.Loan + " of borrower " + c.Borrower
}

// Debt says whose collection the complaint may stop.
func (c Complaint) Debt() string {
	if c.Loan == "" {
		return "all that borrower " + c.Borrower + " owes"
	}
	return "loan " + c.Loan
}

// Stands says in one line how far the complaint is: who has it, by when, and whether collection rests.
func (c Complaint) Stands() string {
	parts := []string{string(c.State)}
	if c.State.Open() {
		with := "with nobody of " + string(c.Role) + " yet"
		if c.Owner != "" {
			with = "with " + Printable(c.Owner) + " (" + string(c.Level) + ")"
		} else if c.Level != c.Role {
			with += " (" + string(c.Level) + ")"
		}
		parts = append(parts, with)
	}
	if c.Due != nil {
		parts = append(parts, fmt.Sprintf("due %s (%s), %s", c.Due.Date, c.Due.ID, c.Due.left()))
		if c.Promised != nil && c.Promised.ID != c.Due.ID {
			parts = append(parts, fmt.Sprintf("the answer by %s (%s)", c.Promised.Date, c.Promised.ID))
		}
	}
	rests := "collection does not rest"
	if c.Rests {
		rests = "collection of " + c.Debt() + " rests"
	}
	return strings.Join(append(parts, rests), "; ")
}

// WriteComplaints writes a list of complaints as text; every is set when not only those were asked for that are open.
func WriteComplaints(w io.Writer, style Style, all []Complaint, every bool) error {
	p := page{w: w, style: style}
	if len(all) == 0 {
		p.printf("No complaint %s.\n", map[bool]string{false: "waits for an answer", true: "fits"}[every])
		return p.err
	}
	rows := [][]string{{"COMPLAINT", "KIND", "STATE", "LEVEL", "WITH", style.paint(plain, "DUE"), style.paint(plain, "LEFT"), "ABOUT"}}
	for _, c := range all {
		due, left, color := "-", "-", plain
		if d := c.Due; d != nil {
			due, left, color = d.Date.String()+" "+d.ID, d.left(), d.paint()
		}
		rows = append(rows, []string{
			c.ID, string(c.Kind), string(c.State), string(c.Level), c.With(), style.paint(color, due), style.paint(color, left), c.subject(),
		})
	}
	p.table("", rows)
	return p.err
}

// ComplaintFile is all that is known of one complaint.
type ComplaintFile struct {
	Complaint
	// KindTitle says in words what its kind is about, RegimeTitle what its regime is called.
	KindTitle   string `json:"kind_title"`
	RegimeTitle string `json:"regime_title"`
	// Dates are its clocks, those that count no more too.
	Dates []Due `json:"clocks"`
	// Merged are the other ids under which it was raised.
	Merged []string `json:"merged"`
	// Hold is the hold that it placed, in force or released; none where it placed none.
	Hold *PlacedHold `json:"hold,omitempty"`
	// Entries are what happened, in the order of their instants.
	Entries []Entry `json:"entries"`
}

// OpenComplaint returns all that is known of one complaint, with what was said and written if texts is set. The error is
// [store.ErrNotFound] when there is none.
func OpenComplaint(ctx context.Context, s *store.Store, regimes *complaint.Library, id string, texts bool) (ComplaintFile, error) {
	found, err := FindComplaint(ctx, s, regimes, id)
	if err != nil {
		return ComplaintFile{}, err
	}
	f := ComplaintFile{Complaint: found, KindTitle: found.Kind.Title(), RegimeTitle: found.regime.Title, Dates: []Due{}, Merged: []string{}}
	for _, d := range found.Clocks {
		f.Dates = append(f.Dates, *found.due(d))
	}
	merged, err := s.MergedInto(ctx, found.ID)
	if err != nil {
		return f, err
	}
	f.Merged = append(f.Merged, merged...)
	holds, err := PlacedHolds(ctx, s, HoldFilter{ID: event.ComplaintHold(found.ID), Borrower: found.Borrower, Every: true, Most: 1})
	if err != nil {
		return f, err
	}
	if len(holds) > 0 {
		f.Hold = &holds[0]
	}
	f.Entries, err = entriesOf(ctx, s, found, texts)
	return f, err
}

// entriesOf returns what happened to a complaint: it is accompanied as a loan is, so it has a life as a loan has.
func entriesOf(ctx context.Context, s *store.Store, c Complaint, texts bool) ([]Entry, error) {
	b := biographer{ctx: ctx, s: s, life: Life{Loan: Loan{ID: event.ComplaintLoan(c.ID)}, Entries: []Entry{}}, home: zone(c.Zone), reasons: map[string]string{}}
	notices := func() error { return b.readComplaintNotices(c) }
	parts := []func() error{b.readReasons, b.readEvents, b.readContacts, b.readHeldBack, b.readTasks, notices}
	if texts {
		parts = append(parts, b.readTexts, b.readWords)
	}
	for _, part := range parts {
		if err := part(); err != nil {
			return nil, err
		}
	}
	for n := range b.life.Entries {
		switch e := &b.life.Entries[n]; {
		case e.Sort == CameIn:
			if text, known := complaintSummary(event.Type(e.What), e.Data); known {
				e.Text = text
			}
		case e.Sort == Sent && c.Loan != "" && e.Text == "also about "+c.Loan:
			e.Text = "" // a message about a complaint counts as one about its loan
		}
	}
	slices.SortStableFunc(b.life.Entries, func(x, y Entry) int { return x.At.Compare(y.At) })
	return b.life.Entries, nil
}

// readComplaintNotices reads what the lending system was told: how much of a deadline's time was over, and what is to be put right.
func (b *biographer) readComplaintNotices(c Complaint) error {
	rows, err := b.s.ComplaintNotices(b.ctx, b.life.Loan.ID)
	for _, row := range rows {
		e := Entry{At: row.At, Sort: Told, What: row.Kind, ID: row.Key, Done: in(row.ToldAt, b.home)}
		e.Text = reading(row.Data, func(data struct{ Deadline, Due, Share, Redress, Amount, Currency, Channel string }) string {
			switch {
			case data.Redress != "":
				return words(data.Redress, strings.TrimSpace(data.Amount+" "+data.Currency), data.Channel)
			case data.Share == "100":
				return "late: " + c.regime.TitleOf(data.Deadline) + " was due on " + data.Due
			case data.Deadline != "":
				return data.Share + " % of the time is over: " + c.regime.TitleOf(data.Deadline) + " is due on " + data.Due
			}
			return ""
		})
		b.add(e)
	}
	return err
}

// readWords reads what was said and written in events. It is personal.
func (b *biographer) readWords() error {
	rows, err := b.s.ComplaintWords(b.ctx, b.life.Loan.ID)
	for _, row := range rows {
		for n := range b.life.Entries {
			if e := &b.life.Entries[n]; e.Sort == CameIn && e.Number == row.Number {
				e.Body = row.Words
			}
		}
	}
	return err
}

// complaintSummary says in a few words what an event of a complaint brought, and whether it is one.
func complaintSummary(t event.Type, data json.RawMessage) (text string, is bool) {
	switch t {
	case event.ComplaintRaised:
		return reading(data, func(p event.Complaint) string {
			return words(p.Complaint, prefixed("merged into ", p.Into), string(p.Kind), prefixed("from ", string(p.Origin)), prefixed("by ", string(p.Channel)),
				prefixed("about ", strings.Join(p.About, ", ")), prefixed("after ", p.Template), prefixed("answer asked for by ", p.Due.String()), facts(p.NewFacts))
		}), true
	case event.ComplaintAcknowledged:
		return reading(data, func(p event.Acknowledgement) string { return prefixed("by ", p.By) }), true
	case event.ComplaintAssigned:
		return reading(data, func(p event.ComplaintAssignment) string {
			payment := ""
			if p.Payment {
				payment = "about a payment service"
			}
			return words(prefixed("to ", p.To), prefixed("as ", string(p.Kind)), prefixed("caused by ", p.Cause), payment, prefixed("about ", strings.Join(p.About, ", ")), prefixed("by ", p.By))
		}), true
	case event.ComplaintNoted:
		return reading(data, func(p event.ComplaintNote) string {
			restarts := ""
			if p.Restarts {
				restarts = "the clocks begin anew"
			}
			return words(facts(p.NewFacts), restarts, prefixed("by ", p.By))
		}), true
	case event.ComplaintResolved:
		return reading(data, func(p event.Resolution) string {
			goes := ""
			if p.Releases {
				goes = "collection may go on"
			}
			return words(append([]string{string(p.Outcome)}, append(redressed(p.Redress), goes, prefixed("by ", p.By))...)...)
		}), true
	case event.ComplaintEscalated:
		return reading(data, func(p event.Escalation) string {
			return words(prefixed("to ", string(p.To)), prefixed("because ", p.Why), prefixed("with ", p.Agent), prefixed("by ", p.By))
		}), true
	case event.ComplaintExtended:
		return reading(data, func(p event.ComplaintExtension) string {
			return words(prefixed("because ", p.Because), prefixed("approved by ", p.ApprovedBy), prefixed("by ", p.By))
		}), true
	case event.ComplaintWithdrawn:
		return reading(data, func(p event.ComplaintWithdrawal) string { return prefixed("by ", p.By) }), true
	case event.ComplaintReopened:
		return reading(data, func(p event.Reopening) string { return words(prefixed("because ", p.Why), prefixed("by ", p.By)) }), true
	case event.ComplaintClosed:
		return reading(data, func(p event.ComplaintClosing) string { return words(p.Outcome, string(p.How)) }), true
	}
	return "", false
}

func facts(are bool) string {
	if are {
		return "new facts"
	}
	return ""
}

// redressed says what is done to put a complaint right.
func redressed(all []complaint.Redress) (done []string) {
	for _, one := range all {
		text := string(one.Kind)
		if one.Kind.Money() {
			text += " " + loan.Write(one.Amount, one.Currency) + " " + one.Currency
		}
		if one.Channel != "" {
			text += " to " + string(one.Channel)
		}
		done = append(done, text)
	}
	return done
}

// Write writes all that is known of a complaint as text.
func (f ComplaintFile) Write(w io.Writer, style Style) error {
	p := page{w: w, style: style}
	home := zone(f.Zone)
	p.printf("%s  %s, about %s\n", style.bold("Complaint "+f.ID), style.paint(f.paint(), string(f.State)), f.subject())
	p.table("  ", f.facts(home))

	p.printf("\n%s  round %d, since %s\n", style.bold("Clocks"), f.Round, Moment(f.Received.In(home)))
	rows := [][]string{}
	for _, d := range f.Dates {
		rows = append(rows, []string{d.ID, d.Title, d.Date.String(), string(d.Level), style.paint(d.paint(), d.stands())})
	}
	p.table("  ", rows)
	p.steps(f, home)
	if f.Answer != nil || len(f.Earlier) > 0 {
		p.printf("\n%s\n", style.bold("Answers"))
		for _, a := range f.Earlier {
			p.printf("  %s\n    it did not settle it\n", answered(a, home))
		}
		if f.Answer != nil {
			p.printf("  %s\n", answered(*f.Answer, home))
		}
	}
	p.printf("\n%s  times are in %s\n", style.bold("What happened"), home)
	for _, e := range f.Entries {
		p.entry(e)
	}
	return p.err
}

// paint is the colour of a state: that of what is due, or green when nobody has to answer any more.
func (f ComplaintFile) paint() paint {
	switch {
	case f.Due != nil:
		return f.Due.paint()
	case !f.State.Open():
		return green
	}
	return plain
}

// facts are what is known of a complaint, in rows of name and value.
func (f ComplaintFile) facts(home *time.Location) [][]string {
	rows := [][]string{}
	add := func(name string, parts ...string) {
		if text := words(parts...); text != "" {
			rows = append(rows, []string{name, text})
		}
	}
	payment := ""
	if f.Payment {
		payment = "about a payment service"
	}
	add("kind", string(f.Kind)+": "+f.KindTitle, payment)
	add("cause", f.Cause)
	again := ""
	if f.Again > 0 {
		again = "raised again " + Count(int64(f.Again), "time")
	}
	add("raised", Moment(f.Raised.In(home)), prefixed("from ", string(f.Origin)), again, prefixed("also as ", strings.Join(f.Merged, ", ")))
	add("regime", f.Regime+"@"+f.RegimeVersion.String()+" "+f.RegimeTitle)
	with := "nobody of " + string(f.Role) + " yet"
	if f.Owner != "" {
		with = Printable(f.Owner) + ", as " + string(f.Role) + ", since " + Moment(f.Sorted.In(home))
	}
	add("level", string(f.Level))
	add("with", with)
	add("is about", Printable(strings.Join(f.About, ", ")))
	if f.Acknowledged.IsZero() {
		add("acknowledged", "not yet: the borrower was not told that it was received")
	} else {
		add("acknowledged", Moment(f.Acknowledged.In(home)), prefixed("by ", Printable(f.AcknowledgedBy)))
	}
	if !f.Closed.IsZero() {
		add("closed", Moment(f.Closed.In(home)), string(f.How))
	}
	if f.Satisfied > 0 {
		add("satisfied", fmt.Sprintf("%d of 5", f.Satisfied))
	}
	if f.Reopened > 0 {
		add("reopened", Count(int64(f.Reopened), "time"))
	}
	add("collection", f.collection(home))
	add("next", f.next())
	return rows
}

// next says what the workflow of the complaint does next.
func (f ComplaintFile) next() string {
	switch {
	case f.Over:
		return "nothing: it is over"
	case f.Next == (Next{}):
		return "nothing is decided yet; if that lasts, see tender doctor"
	}
	return f.Next.sentence()
}

// collection says whether the complaint stops collection.
func (f ComplaintFile) collection(home *time.Location) string {
	switch {
	case f.Hold == nil:
		return "the complaint does not stop it"
	case f.Rests:
		return "of " + f.Debt() + " rests since " + Moment(f.Hold.From.In(home)) + ", until somebody releases it (hold " + f.Hold.ID + ")"
	}
	return "goes on since " + Moment(f.Hold.Released.In(home)) + " (hold " + f.Hold.ID + ")"
}

// stands says how a clock stands.
func (d Due) stands() string {
	text := d.left()
	if d.Past {
		text = "counts no more"
	}
	final, uncovered := "", ""
	if d.Final {
		final = "final"
	}
	if d.Uncovered {
		uncovered = "holidays that the calendar does not cover may move it"
	}
	return words(text, final, prefixed("more time because ", d.Extended), uncovered)
}

// steps writes how the complaint climbed, who had it, and the more time that it was given.
func (p *page) steps(f ComplaintFile, home *time.Location) {
	part := func(head string, rows [][]string) {
		if len(rows) > 0 {
			p.printf("\n%s\n", p.style.bold(head))
			p.table("  ", rows)
		}
	}
	rows := [][]string{}
	for _, s := range f.Steps {
		rows = append(rows, []string{Moment(s.At.In(home)), string(s.From) + " to " + string(s.To), words("because "+s.Why, prefixed("by ", Printable(s.By)))})
	}
	part("Steps up", rows)
	rows = [][]string{}
	for _, h := range f.Handlers {
		rows = append(rows, []string{Moment(h.At.In(home)), Printable(h.Who), string(h.Level)})
	}
	part("Who had it", rows)
	rows = [][]string{}
	for _, m := range f.Missed {
		rows = append(rows, []string{f.regime.TitleOf(m.Deadline), m.Due.String(), fmt.Sprintf("round %d", m.Round)})
	}
	part("Passed unanswered", rows)
	rows = [][]string{}
	for _, e := range f.Extensions {
		rows = append(rows, []string{Moment(e.At.In(home)), e.Deadline + " until " + e.Due.String(), words("because "+e.Because, prefixed("by ", Printable(e.By)), prefixed("approved by ", Printable(e.ApprovedBy)))})
	}
	part("More time", rows)
}

// answered says what an answer was.
func answered(a complaint.Answer, home *time.Location) string {
	late := ""
	if a.Late {
		late = "late"
	}
	return words(append([]string{
		cmp.Or(string(a.Outcome), Printable(a.Code), "no outcome was told") + " on " + Moment(a.At.In(home)), "by " + Printable(a.By) + " (" + string(a.Level) + ")", late,
	}, redressed(a.Redress)...)...)
}
