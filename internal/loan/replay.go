package loan

import (
	"slices"
	"sync"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
)

// split is an amount for each component, at its [Component.place].
type split [parts]decimal.Decimal

func (s *split) total() decimal.Decimal { return plus(plus(s[0], s[1]), s[2]) }

func (s *split) isZero() bool { return s[0].IsZero() && s[1].IsZero() && s[2].IsZero() }

// line is one installment, or what was charged by itself, while transactions pass over it.
type line struct {
	due bizclock.Date
	// cleared is the date on which nothing was left of it.
	cleared bizclock.Date
	// charged is what is due in all, left what is unpaid of it.
	charged, left split
	paid, waived  decimal.Decimal
	// disputed is what of left nobody asks for, nor pays; nil where nothing is.
	disputed *split
	// extra is set for what was charged when no installment was left to bear it.
	extra bool
}

// free is what of a component may be paid.
func (l *line) free(place int) decimal.Decimal {
	if l.disputed == nil {
		return l.left[place]
	}
	return minus(l.left[place], l.disputed[place]).Max(decimal.Zero)
}

// allFree is what of the line may be paid.
func (l *line) allFree() decimal.Decimal {
	if l.disputed == nil {
		return l.left.total()
	}
	return plus(plus(l.free(0), l.free(1)), l.free(2))
}

// anyFree reports whether something of the line may be paid.
func (l *line) anyFree() bool {
	return !l.left.isZero() && (l.disputed == nil || l.allFree().IsPos())
}

// replay goes over a ledger from its beginning up to a date. Whatever arrived late, or was undone since, is in its place:
// that is all there is to a back-dated payment or a chargeback.
type replay struct {
	*Ledger
	*memory
	// places are those of the components in the order in which payments pay them, unless somebody says otherwise.
	places [parts]int
	// first is the place before which nothing is left of any line, overdue the one before which all lines were due before
	// the date that the replay has come to.
	first, overdue int
	// credit is what was paid beyond all that may be paid.
	credit decimal.Decimal
	// refunds is how many are still to come.
	refunds int
	// blocks are what disputes block, by their place.
	blocks map[int][]allocated
	// lateFees were charged so far, one by one in charged, on the lines late; writtenOff is what the lender lost in its books.
	lateFees, writtenOff decimal.Decimal
	charged              []ChargedLateFee
	late                 []*line
}

// memory is what a replay works in, and gives back when it is over. Portfolios are gone over loan by loan, and collecting
// what each replay leaves behind would take longer than the replay.
type memory struct {
	// moments are what happens up to the date, in the order in which it counts.
	moments []moment
	// undone is what reversals take of payments, by their ids.
	undone map[string]decimal.Decimal
	// lines are in the order of due dates, installments those of the schedule by their places there.
	lines        []*line
	installments []line
	// paid remembers what went where, so that a refund can take it back, the latest first.
	paid []allocated
}

var memories = sync.Pool{New: func() any { return &memory{undone: map[string]decimal.Decimal{}} }}

// done gives the memory back. Nothing may point into it any more.
func (r *replay) done() {
	memories.Put(r.memory)
	r.memory = nil
}

// allocated is a part of a payment, or of a dispute.
type allocated struct {
	line   *line
	place  int
	amount decimal.Decimal
}

// moment is something that happens on a date: a transaction, the beginning or the end of a dispute, or the day on which an
// installment is looked at for a late fee.
type moment struct {
	on   bizclock.Date
	what occurrence
	// n is the place of the transaction, the dispute or the installment.
	n int
}

type occurrence uint8

// What happens on one date happens in this order.
const (
	disputeEnds occurrence = iota
	disputeBegins
	posted
	lateFeeDue
)

// over replays a ledger up to the end of a date.
func (l *Ledger) over(date bizclock.Date) *replay {
	r := l.begin(date)
	for _, m := range r.moments {
		r.pass(m)
	}
	r.reach(date)
	return r
}

// begin returns a replay that knows what happens up to a date, and has passed nothing of it yet.
func (l *Ledger) begin(date bizclock.Date) *replay {
	r := &replay{Ledger: l, memory: memories.Get().(*memory), places: l.Allocation.places()}
	r.moments, r.lines, r.paid = l.chronicle(r.moments[:0], date), r.lines[:0], r.paid[:0]
	r.installments = slices.Grow(r.installments[:0], len(l.Installments))[:len(l.Installments)]
	for n := range l.Installments {
		i, one := &l.Installments[n], &r.installments[n]
		*one = line{due: i.Due, charged: split{i.Fee, i.Interest, i.Principal}}
		one.left = one.charged
		r.lines = append(r.lines, one)
	}
	clear(r.undone)
	for _, m := range r.moments {
		if m.what != posted {
			continue
		}
		switch t := &l.Transactions[m.n]; t.Kind {
		case Refund:
			r.refunds++
		case Reversal:
			r.undone[t.Reverses] = plus(r.undone[t.Reverses], t.Amount)
		}
	}
	return r
}

// pass lets one thing happen.
func (r *replay) pass(m moment) {
	r.reach(m.on)
	switch m.what {
	case posted:
		r.post(&r.Transactions[m.n])
	case disputeBegins:
		r.block(m.n)
	case disputeEnds:
		r.unblock(m.n)
	case lateFeeDue:
		r.chargeLate(&r.installments[m.n], m.on)
	}
	r.useCredit(m.on)
}

// chronicle appends what happens up to a date to an empty list, in the order in which it counts.
func (l *Ledger) chronicle(all []moment, date bizclock.Date) []moment {
	all = l.postings(all, date)
	postings := len(all)
	for n, d := range l.Disputes {
		if !d.partial() || d.From.After(date) || d.Until == d.From {
			continue
		}
		all = append(all, moment{on: d.From, what: disputeBegins, n: n})
		if !d.Until.IsZero() && !d.Until.After(date) {
			all = append(all, moment{on: d.Until, what: disputeEnds, n: n})
		}
	}
	if !l.LateFee.IsZero() {
		for n, i := range l.Installments {
			if on := l.LateFeeOn(i.Due); !on.After(date) {
				all = append(all, moment{on: on, what: lateFeeDue, n: n})
			}
		}
	}
	if len(all) > postings {
		slices.SortStableFunc(all, func(a, b moment) int {
			if c := a.on.Compare(b.on); c != 0 {
				return c
			}
			return int(a.what) - int(b.what)
		})
	}
	return all
}

// postings appends the transactions up to a date to an empty list, in the order in which they count, each once.
func (l *Ledger) postings(all []moment, date bizclock.Date) []moment {
	all = slices.Grow(all, len(l.Transactions))
	inOrder := func(a, b moment) int { return l.Transactions[a.n].compare(&l.Transactions[b.n]) }
	rising := true
	for n := range l.Transactions {
		t := &l.Transactions[n]
		if t.ValueDate.After(date) {
			continue
		}
		m := moment{on: t.ValueDate, what: posted, n: n}
		rising = rising && (len(all) == 0 || inOrder(all[len(all)-1], m) < 0)
		all = append(all, m)
	}
	if rising {
		return all
	}
	slices.SortFunc(all, inOrder)
	return slices.CompactFunc(all, func(a, b moment) bool { return inOrder(a, b) == 0 })
}

// reach comes to a date: what was due before it is overdue now.
func (r *replay) reach(on bizclock.Date) {
	for r.overdue < len(r.lines) && r.lines[r.overdue].due.Before(on) {
		r.overdue++
	}
}

func (r *replay) post(t *Transaction) {
	switch t.Kind {
	case Payment, Recovery:
		if amount := r.kept(t); !amount.IsZero() {
			r.pay(amount, t.Pays, t.ValueDate)
		}
	case Refund:
		r.refund(t.Amount, t.ValueDate)
	case Fee:
		r.charge(t.Amount, t.ValueDate)
	case Waiver:
		r.waive(t.Amount, t.Of, t.ValueDate)
	case WriteOff:
		r.writtenOff = plus(r.writtenOff, t.Amount)
	}
}

// kept is what reversals leave of a payment. Together they take no more than it was.
func (r *replay) kept(t *Transaction) decimal.Decimal {
	if len(r.undone) == 0 {
		return t.Amount
	}
	return minus(t.Amount, r.undone[t.ID].Min(t.Amount))
}

// pay allocates a payment: what the borrower named first, then as the allocation has it. What is left is credit.
func (r *replay) pay(amount decimal.Decimal, to Direction, on bizclock.Date) {
	if !to.Installment.IsZero() {
		for _, l := range r.lines {
			switch {
			case l.due != to.Installment:
			case to.Component != "":
				amount = r.take(l, to.Component.place(), amount, on)
			default:
				amount = r.takeAll(l, r.places, amount, on)
			}
		}
		to.Component = "" // the rest is not what the borrower spoke of
	}
	r.credit = plus(r.credit, r.allocate(amount, to.Component, on))
}

// useCredit allocates what had nowhere to go, for it may have found a place.
func (r *replay) useCredit(on bizclock.Date) {
	if !r.credit.IsZero() {
		r.credit = r.allocate(r.credit, "", on)
	}
}

// allocate pays what is overdue in the order that the allocation says, then what is due on the day, then what lies ahead:
// of all these the component that the borrower named before the others. It returns what is left of the amount.
func (r *replay) allocate(amount decimal.Decimal, named Component, on bizclock.Date) decimal.Decimal {
	r.skipCleared()
	way, places := r.order(named, on)
	byComponent := 0
	switch {
	case way == ByComponent:
		byComponent = parts
	case named != "":
		byComponent = 1
	}
	for _, place := range places[:byComponent] {
		for n := r.first; n < r.overdue && !amount.IsZero(); n++ {
			amount = r.take(r.lines[n], place, amount, on)
		}
	}
	n, end := r.first, len(r.lines)
	if r.Allocation.Ahead == LastFirst {
		end = r.overdue
		for end < len(r.lines) && r.lines[end].due == on {
			end++
		}
	}
	for ; n < end && !amount.IsZero(); n++ {
		amount = r.takeAll(r.lines[n], places, amount, on)
	}
	for n = len(r.lines) - 1; n >= end && !amount.IsZero(); n-- {
		amount = r.takeAll(r.lines[n], places, amount, on)
	}
	return amount
}

// order is the way of a payment on a date, and the places of the components in their order: a named one comes first.
func (r *replay) order(named Component, on bizclock.Date) (Way, [parts]int) {
	if named == "" && len(r.Allocation.Later) == 0 {
		return r.Allocation.Way, r.places
	}
	order := r.Allocation.at(r.pastDueDays(on)).first(named)
	return order.Way, order.places()
}

// skipCleared moves first to the oldest line of which something is left.
func (r *replay) skipCleared() {
	for r.first < len(r.lines) && r.lines[r.first].left.isZero() {
		r.first++
	}
}

func (r *replay) takeAll(l *line, places [parts]int, amount decimal.Decimal, on bizclock.Date) decimal.Decimal {
	for _, place := range places {
		amount = r.take(l, place, amount, on)
	}
	return amount
}

// take pays of one component of a line what the amount reaches for, and returns what is left of the amount.
func (r *replay) take(l *line, place int, amount decimal.Decimal, on bizclock.Date) decimal.Decimal {
	if l.left[place].IsZero() || amount.IsZero() {
		return amount
	}
	part := l.free(place).Min(amount)
	if part.IsZero() {
		return amount
	}
	l.left[place] = minus(l.left[place], part)
	l.paid = plus(l.paid, part)
	if l.left.isZero() {
		l.cleared = on
	}
	if r.refunds > 0 {
		r.paid = append(r.paid, allocated{l, place, part})
	}
	return minus(amount, part)
}

// refund takes back what was paid last. What was never paid is owed from then on: the borrower has it.
func (r *replay) refund(amount decimal.Decimal, on bizclock.Date) {
	r.refunds--
	part := r.credit.Min(amount)
	r.credit, amount = minus(r.credit, part), minus(amount, part)
	for !amount.IsZero() && len(r.paid) > 0 {
		last := &r.paid[len(r.paid)-1]
		part := last.amount.Min(amount)
		last.line.left[last.place] = plus(last.line.left[last.place], part)
		last.line.paid = minus(last.line.paid, part)
		last.line.cleared = bizclock.Date{}
		last.amount, amount = minus(last.amount, part), minus(amount, part)
		if last.amount.IsZero() {
			r.paid = r.paid[:len(r.paid)-1]
		}
		r.first = 0
	}
	if !amount.IsZero() {
		r.bear(on, OfPrincipal, amount)
	}
}

// charge adds a fee to the first installment that is not yet due on a date. After the last one it is due by itself: a fee
// cannot have been due before it was charged, or whoever pays all but late would be charged off over a fee of yesterday.
func (r *replay) charge(amount decimal.Decimal, on bizclock.Date) {
	for n := r.overdue; n < len(r.lines); n++ {
		if l := r.lines[n]; !l.extra {
			place := OfFee.place()
			l.charged[place], l.left[place] = plus(l.charged[place], amount), plus(l.left[place], amount)
			l.cleared = bizclock.Date{}
			r.first = min(r.first, n)
			return
		}
	}
	r.bear(on, OfFee, amount)
}

// bear adds what is due by itself on a date, and returns the line that bears it.
func (r *replay) bear(on bizclock.Date, component Component, amount decimal.Decimal) *line {
	n := r.overdue
	for n < len(r.lines) && !r.lines[n].due.After(on) && !(r.lines[n].extra && r.lines[n].due == on) {
		n++
	}
	if n == len(r.lines) || !r.lines[n].extra || r.lines[n].due != on {
		r.lines = slices.Insert(r.lines, n, &line{due: on, extra: true})
	}
	l, place := r.lines[n], component.place()
	l.charged[place], l.left[place] = plus(l.charged[place], amount), plus(l.left[place], amount)
	l.cleared = bizclock.Date{}
	r.first = min(r.first, n)
	return l
}

// waive gives up what is unpaid: of one component first, if one is named; else of the oldest installment first, fees
// before interest before principal. What finds nothing to give up is no money, and is gone.
func (r *replay) waive(amount decimal.Decimal, of Component, on bizclock.Date) {
	give := func(l *line, place int) {
		if l.left[place].IsZero() || amount.IsZero() {
			return
		}
		part := l.left[place].Min(amount)
		l.left[place], amount = minus(l.left[place], part), minus(amount, part)
		l.waived = plus(l.waived, part)
		if l.left.isZero() {
			l.cleared = on
		}
	}
	r.skipCleared()
	open := r.lines[r.first:]
	if of != "" {
		for _, l := range open {
			give(l, of.place())
		}
	}
	for n := 0; n < len(open) && !amount.IsZero(); n++ {
		for place := range parts {
			give(open[n], place)
		}
	}
}

// block sets aside what a dispute is about: what it names, or the oldest that is unpaid.
func (r *replay) block(n int) {
	d := &r.Disputes[n]
	left, limited := d.Amount, !d.Amount.IsZero()
	var blocked []allocated
	for _, l := range r.lines {
		if !d.Installment.IsZero() && l.due != d.Installment {
			continue
		}
		for place, c := range Components {
			part := l.free(place)
			if d.Component != "" && d.Component != c || part.IsZero() {
				continue
			}
			if limited {
				part = part.Min(left)
				left = minus(left, part)
			}
			if l.disputed == nil {
				l.disputed = &split{}
			}
			l.disputed[place] = plus(l.disputed[place], part)
			blocked = append(blocked, allocated{l, place, part})
		}
	}
	if r.blocks == nil {
		r.blocks = map[int][]allocated{}
	}
	r.blocks[n] = blocked
}

func (r *replay) unblock(n int) {
	for _, b := range r.blocks[n] {
		b.line.disputed[b.place] = minus(b.line.disputed[b.place], b.amount)
	}
	delete(r.blocks, n)
}

// chargeLate charges the late fee for an installment that is still unpaid.
func (r *replay) chargeLate(l *line, on bizclock.Date) {
	fee, overdue := r.LateFee, plus(l.free(OfInterest.place()), l.free(OfPrincipal.place()))
	// What was charged in all is more than what of it was paid, and known at once.
	byFees := overdue.Cmp(r.lateFees) <= 0 && overdue.Cmp(r.lateFeesPaid()) <= 0
	if overdue.IsZero() || byFees || !r.writtenOff.IsZero() || r.resting(on) {
		return
	}
	if fee.Of == OfPrincipal {
		overdue = l.free(OfPrincipal.place())
	}
	amount := fee.Amount
	if amount.IsZero() {
		amount = rounded(times(overdue, fee.Rate), r.Currency)
	}
	if !fee.Cap.IsZero() {
		amount = amount.Min(fee.Cap)
	}
	if !fee.CapInAll.IsZero() {
		amount = amount.Min(minus(fee.CapInAll, r.lateFees))
	}
	if amount.IsPos() {
		r.lateFees = plus(r.lateFees, amount)
		r.charged = append(r.charged, ChargedLateFee{Installment: l.due, On: on, Amount: amount})
		if line := r.bear(on, OfFee, amount); len(r.late) == 0 || r.late[len(r.late)-1] != line {
			r.late = append(r.late, line)
		}
	}
}

// resting reports whether a date lies in a pause, a hold or a dispute.
func (r *replay) resting(on bizclock.Date) bool {
	covers := func(p Pause) bool { return p.covers(on) }
	return slices.ContainsFunc(r.Pauses, covers) || slices.ContainsFunc(r.Holds, covers) ||
		slices.ContainsFunc(r.Disputes, func(d Dispute) bool { return Pause{d.From, d.Until}.covers(on) })
}

// lateFeesPaid is what went to late fees. Money that did not reach an installment for their sake makes nobody late: a late
// fee leads to no other one.
func (r *replay) lateFeesPaid() decimal.Decimal {
	paid := decimal.Zero
	for _, l := range r.late {
		place := OfFee.place()
		paid = plus(paid, minus(l.charged[place], l.left[place]))
	}
	return paid
}

// pastDueDays is how many days the oldest installment of which something may be paid is past due on a date.
func (r *replay) pastDueDays(on bizclock.Date) int {
	for n := r.first; n < r.overdue; n++ {
		if l := r.lines[n]; l.anyFree() {
			return on.Sub(l.due)
		}
	}
	return 0
}
