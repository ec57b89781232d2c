package compliance

import (
	"fmt"
	"testing"
	"time"

	"github.com/tender-engine/tender/internal/contact"
)

// BenchmarkEvaluate evaluates some twenty rules over two hundred contacts that all lie within reach of the rules.
func BenchmarkEvaluate(b *testing.B) {
	l, err := Shipped()
	if err != nil {
		b.Fatal(err)
	}
	var books []*Rulebook
	for _, name := range []string{"us-federal", "cn-mainland", "conservative", "house"} {
		for _, book := range l.books {
			if book.Name == name {
				books = append(books, book)
			}
		}
	}
	rules := layer("", books...)
	at := time.Date(2026, 6, 10, 15, 0, 0, 0, time.UTC)
	for _, zones := range [][]string{{"America/New_York"}, {"America/New_York", "America/Denver"}} {
		s := contact.Standing{Zones: zones, Points: []contact.Point{{ID: "mobile", Channel: contact.Call}, {ID: "home", Channel: contact.Call, Rank: 1}}}
		for n := range 200 {
			s.Attempts = append(s.Attempts, contact.Attempt{
				At: at.Add(-time.Duration(200-n) * time.Hour), Channel: contact.Channels[n%7], Point: []string{"mobile", "home"}[n%2],
				Direction: contact.Outbound, Purpose: contact.Purposes[n%7], Disposition: contact.Dispositions[n%20], Loans: []string{"L-1", "L-2"}[n%2 : n%2+1],
			})
		}
		for _, history := range []int{0, 200} {
			s := s
			s.Attempts = s.Attempts[:history]
			p := Proposal{At: at, Channel: contact.Call, Purpose: contact.Collection, Loans: []string{"L-1"}}
			b.Run(fmt.Sprintf("zones=%d/contacts=%d/rules=%d", len(zones), history, len(rules.Evaluate(s, p).Findings)), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					rules.Evaluate(s, p)
				}
			})
		}
	}
}
