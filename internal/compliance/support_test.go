package compliance

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/compliance/calendar"
	"github.com/tender-engine/tender/internal/contact"
)

// local reads an instant such as "2026-04-08 08:00:00" on the clock of a zone.
func local(t *testing.T, zone, text string) time.Time {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	require.NoError(t, err)
	at, err := time.ParseInLocation(time.DateTime, text, loc)
	require.NoError(t, err)
	return at
}

// only returns the rules of one rulebook, without the house's.
func only(t *testing.T, name string) Rules {
	t.Helper()
	l, err := Shipped()
	require.NoError(t, err)
	for _, book := range l.Rulebooks() {
		if book.Name == name {
			return layer("", book)
		}
	}
	require.Fail(t, "no rulebook "+name)
	return Rules{}
}

// calendars are those that come with Tender.
func calendars(t *testing.T) *calendar.Calendars {
	t.Helper()
	all, err := shippedCalendars()
	require.NoError(t, err)
	return all
}

var shippedCalendars = sync.OnceValues(calendar.Shipped)

// book returns the rules of a rulebook with one rule, whose kind is given as YAML, such as "window: {…}".
func book(t *testing.T, kind string, more ...string) Rules {
	t.Helper()
	text := "rulebook: one\nversion: 2026-01-01\ntitle: One\njurisdictions: [everywhere]\nrules:\n" +
		"  - id: rule\n    title: Rule\n    citation: a test\n    confidence: own\n"
	if !strings.Contains(strings.Join(more, "\n"), "strength:") {
		more = append(more, "strength: hard")
	}
	for _, line := range append(more, kind) {
		text += "    " + line + "\n"
	}
	one, err := Parse("one.yaml", []byte(text), calendars(t))
	require.NoError(t, err)
	return layer("", one)
}

// everyPoint is a usable contact point on each channel, named like it.
func everyPoint() (points []contact.Point) {
	for _, c := range contact.Channels {
		points = append(points, contact.Point{ID: string(c), Channel: c})
	}
	return points
}

func standing(zones ...string) contact.Standing {
	return contact.Standing{Borrower: "B-1", Zones: zones, Points: everyPoint()}
}

// call is an outbound call about loan A.
func call(at time.Time, d contact.Disposition, loans ...string) contact.Attempt {
	if loans == nil {
		loans = []string{"A"}
	}
	return contact.Attempt{
		At: at, Channel: contact.Call, Point: "call", Direction: contact.Outbound, Purpose: contact.Collection, Disposition: d, Loans: loans,
	}
}

// inbound is a call of the borrower.
func inbound(a contact.Attempt) contact.Attempt {
	a.Direction = contact.Inbound
	return a
}

// message is an outbound collection message about loan A.
func message(at time.Time, c contact.Channel, loans ...string) contact.Attempt {
	a := call(at, contact.Delivered, loans...)
	a.Channel, a.Point = c, string(c)
	return a
}

// propose is a collection contact about loan A.
func propose(at time.Time, c contact.Channel, loans ...string) Proposal {
	if loans == nil {
		loans = []string{"A"}
	}
	return Proposal{At: at, Channel: c, Purpose: contact.Collection, Loans: loans}
}
