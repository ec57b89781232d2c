package demo

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/report"
)

// lookAtLoans is how often the loans are looked at, wall time.
const lookAtLoans = 200 * time.Millisecond

// watch shows what happens until the last day is over.
func (r *run) watch(ctx context.Context) error {
	titles := map[string]string{}
	for _, life := range r.Scenario.Lives {
		titles[life.Loan] = life.Title
	}
	var view interface{ show(glance) } = &pipe{w: r.Out, titles: titles, told: map[string]string{}, zone: r.Scenario.Start.At.Location()}
	if r.Size != nil {
		s := &screen{w: r.Out, size: r.Size, titles: titles}
		defer s.leave()
		view = s
	}
	_, _ = fmt.Fprintf(r.Out, "\n%d lives, %d days, %s a day; Temporal's Web UI is at %s\n\n", len(r.Scenario.Lives), r.Scenario.Days, r.Day, r.stack.UIURL)
	end := r.clock.Wall(r.Scenario.End())
	for {
		g, err := r.look(ctx)
		if err != nil {
			return err
		}
		if !g.Now.Before(r.Scenario.Start.At) {
			view.show(g)
		}
		if !time.Now().Before(end) {
			return nil
		}
		if err := sleep(ctx, min(lookAtLoans, time.Until(end))); err != nil {
			return err
		}
	}
}

// look reads from Postgres how all loans stand.
func (r *run) look(ctx context.Context) (g glance, err error) {
	if g.Now, err = r.db.Now(ctx); err != nil {
		return g, err
	}
	g.Now = g.Now.In(r.Scenario.Start.At.Location())
	g.Day, g.Days, g.Web = r.Scenario.Day(g.Now), r.Scenario.Days, r.stack.UIURL
	if g.Loans, err = report.List(ctx, r.db, report.Filter{}); err != nil {
		return g, err
	}
	counts, err := r.db.ContactsPerLoan(ctx)
	if err != nil {
		return g, err
	}
	for _, c := range counts {
		g.Messages += c.Contacts
	}
	prevented, err := r.db.Prevented(ctx)
	if err != nil {
		return g, err
	}
	for _, p := range prevented {
		g.HeldBack += p.Times
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	g.Feed = r.feed[:len(r.feed):len(r.feed)]
	return g, nil
}

// pipe writes plain lines, and only what changed.
type pipe struct {
	w      io.Writer
	titles map[string]string
	zone   *time.Location
	told   map[string]string // by loan, its standing when it was last told of
	fed    int               // how much of the feed was told
	last   time.Time         // of the line before
}

func (p *pipe) show(g glance) {
	for ; p.fed < len(g.Feed); p.fed++ {
		f := g.Feed[p.fed]
		p.line(g, f.At, f.line())
	}
	for _, l := range g.Loans {
		if now := standing(l); p.told[l.ID] != now && l.Decisions > 0 {
			p.told[l.ID] = now
			p.line(g, g.Now, line(l, p.titles[l.ID]))
		}
	}
}

// line writes what came to be known at a time. What is known a moment late is written under the time of the line before
// it, so that lines never run backwards.
func (p *pipe) line(g glance, at time.Time, text string) {
	if at.Before(p.last) {
		at = p.last
	}
	p.last = at
	at = at.In(p.zone)
	day := g.Day - bizclock.DateOf(g.Now.In(p.zone)).Sub(bizclock.DateOf(at))
	_, _ = fmt.Fprintf(p.w, "day %2d  %s  %s\n", day, at.Format("Mon 2 Jan 15:04 MST"), text)
}

// screen draws a glance in place of the one before.
type screen struct {
	w      io.Writer
	size   func() (width, height int)
	titles map[string]string

	width, height int
	drawn         int // lines that stand on the screen
}

// The sequences of ECMA-48 that are needed.
const (
	hideCursor = "\x1b[?25l"
	showCursor = "\x1b[?25h"
	eraseRight = "\x1b[K"
	eraseBelow = "\x1b[J"
	clearAll   = "\x1b[2J\x1b[H"
)

func (s *screen) show(g glance) {
	width, height := s.size()
	var b strings.Builder
	switch {
	case s.drawn == 0:
		b.WriteString(hideCursor)
	case width != s.width || height != s.height:
		b.WriteString(clearAll) // what stands there is broken into other lines now
	default:
		fmt.Fprintf(&b, "\x1b[%dA\r", s.drawn)
	}
	s.width, s.height = width, height
	lines := g.lines(s.titles, width, height-1)
	for _, line := range lines {
		b.WriteString(line + eraseRight + "\n")
	}
	b.WriteString(eraseBelow)
	s.drawn = len(lines)
	_, _ = io.WriteString(s.w, b.String())
}

// leave gives the terminal back as it was.
func (s *screen) leave() {
	if s.drawn > 0 {
		_, _ = io.WriteString(s.w, showCursor)
	}
}
