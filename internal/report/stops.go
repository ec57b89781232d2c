package report

import (
	"cmp"
	"context"
	"io"
	"strings"
	"time"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// PlacedHold is a hold with whom it covers.
type PlacedHold struct {
	Hold
	Class contact.HoldClass `json:"class"`
	// Borrower is whom it covers; none for a region's.
	Borrower string `json:"borrower,omitempty"`
	// Released is when it was released; zero: it is in force, or has ended by itself.
	Released time.Time `json:"released,omitzero"`
}

// HoldFilter says which holds are listed. Empty fields filter nothing.
type HoldFilter struct {
	ID, Region, Borrower, Loan string
	// Every lists those that are over, too.
	Every bool
	Most  int
}

// PlacedHolds lists holds in the order in which they begin. One of a region stands there once; who asks about a borrower or
// a loan is told of those that cover them.
func PlacedHolds(ctx context.Context, s *store.Store, f HoldFilter) ([]PlacedHold, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := s.ListHolds(ctx, sqlc.ListHoldsParams{
		Every: f.Every, Now: &now, Hold: f.ID, Region: strings.ToLower(f.Region), BorrowerID: f.Borrower, LoanID: f.Loan, Most: int32(cmp.Or(f.Most, 10000)),
	})
	all := make([]PlacedHold, len(rows))
	for n, row := range rows {
		kind := contact.HoldKind(row.Kind)
		all[n] = PlacedHold{
			Hold: Hold{Owner: row.Owner, PlacedBy: row.PlacedBy, Note: row.Note, Hold: contact.Hold{
				ID: row.ID, Kind: kind, Loan: row.LoanID, Point: row.Point, Region: row.Region,
				From: row.FromAt.UTC(), Until: in(row.UntilAt, time.UTC),
			}},
			Class: kind.Class(), Borrower: row.BorrowerID, Released: in(row.ReleasedAt, time.UTC),
		}
	}
	return all, err
}

// Covers says in words whom a hold covers.
func (h PlacedHold) Covers() string {
	text := "borrower " + h.Borrower
	switch {
	case h.Region != "":
		text = "region " + h.Region
	case h.Loan != "":
		text = "loan " + h.Loan
	}
	if h.Point != "" {
		text += ", contact point " + h.Point
	}
	return text
}

// WriteHolds writes a list of holds as text.
func WriteHolds(w io.Writer, style Style, holds []PlacedHold) error {
	p := page{w: w, style: style}
	if len(holds) == 0 {
		p.printf("No hold fits.\n")
		return p.err
	}
	rows := [][]string{{"HOLD", "KIND", "CLASS", "COVERS", "FROM", "UNTIL", "OWNER", "PLACED BY", "NOTE"}}
	for _, h := range holds {
		until := "further notice"
		switch {
		case !h.Released.IsZero():
			until = "released " + Moment(h.Released)
		case !h.Until.IsZero():
			until = Moment(h.Until)
		}
		rows = append(rows, []string{
			h.ID, string(h.Kind), string(h.Class), h.Covers(), Moment(h.From), until,
			Printable(cmp.Or(h.Owner, "-")), Printable(cmp.Or(h.PlacedBy, "-")), Printable(h.Note),
		})
	}
	p.table("", rows)
	return p.err
}

// PlacedHalt is a halt with what Postgres knows of it besides.
type PlacedHalt struct {
	contact.Halt
	Reason   string `json:"reason"`
	PlacedBy string `json:"placed_by"`
	// Lifted is when it was lifted, and by whom; zero: it was not.
	Lifted   time.Time `json:"lifted,omitzero"`
	LiftedBy string    `json:"lifted_by,omitempty"`
}

// PlacedHalts lists halts in the order in which they begin, with those that are over if every is set.
func PlacedHalts(ctx context.Context, s *store.Store, every bool) ([]PlacedHalt, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := s.ListHalts(ctx, sqlc.ListHaltsParams{Every: every, Now: &now})
	all := make([]PlacedHalt, len(rows))
	for n, row := range rows {
		all[n] = PlacedHalt{
			Halt: contact.Halt{
				ID: row.ID, Channel: contact.Channel(row.Channel), Jurisdiction: row.Jurisdiction, Template: row.Template,
				ExceptNotices: row.ExceptNotices, From: row.FromAt.UTC(), Until: in(row.UntilAt, time.UTC),
			},
			Reason: row.Reason, PlacedBy: row.PlacedBy, Lifted: in(row.LiftedAt, time.UTC), LiftedBy: row.LiftedBy,
		}
	}
	return all, err
}

// Stopped says in words what a halt stops.
func (h PlacedHalt) Stopped() string {
	parts := []string{}
	for _, part := range [][2]string{{"by ", string(h.Channel)}, {"with ", h.Template}, {"in ", h.Jurisdiction}} {
		if part[1] != "" {
			parts = append(parts, part[0]+part[1])
		}
	}
	text := "all contacts"
	if len(parts) > 0 {
		text = "contacts " + strings.Join(parts, " ")
	}
	if h.ExceptNotices {
		text += " but statutory notices"
	}
	return text
}

// WriteHalts writes a list of halts as text.
func WriteHalts(w io.Writer, style Style, halts []PlacedHalt) error {
	p := page{w: w, style: style}
	if len(halts) == 0 {
		p.printf("No contacts are halted.\n")
		return p.err
	}
	rows := [][]string{{"HALT", "STOPS", "FROM", "UNTIL", "PLACED BY", "REASON"}}
	for _, h := range halts {
		until := "further notice"
		switch {
		case !h.Lifted.IsZero():
			until = "resumed " + Moment(h.Lifted) + " by " + h.LiftedBy
		case !h.Until.IsZero():
			until = Moment(h.Until)
		}
		rows = append(rows, []string{h.ID, h.Stopped(), Moment(h.From), until, Printable(h.PlacedBy), Printable(h.Reason)})
	}
	p.table("", rows)
	return p.err
}
