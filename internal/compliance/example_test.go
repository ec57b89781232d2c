package compliance_test

import (
	"fmt"
	"log"
	"time"

	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
)

// A reminder about one loan, on the evening of a day on which the borrower already had a message about another.
func ExampleRules_Evaluate() {
	library, err := compliance.Shipped()
	if err != nil {
		log.Fatal(err)
	}
	evening := time.Date(2026, 6, 11, 1, 30, 0, 0, time.UTC) // half past nine in New York
	standing := contact.Standing{
		Borrower: "B-1",
		Zones:    []string{"America/New_York"},
		Points:   []contact.Point{{ID: "mobile", Channel: contact.SMS}},
		Attempts: []contact.Attempt{{
			At: evening.Add(-12 * time.Hour), Channel: contact.SMS, Point: "mobile", Direction: contact.Outbound,
			Purpose: contact.Collection, Disposition: contact.Delivered, Loans: []string{"L-1"},
		}},
	}

	ruling := library.For("us-ny").Evaluate(standing, compliance.Proposal{
		At: evening, Channel: contact.SMS, Purpose: contact.Collection, Loans: []string{"L-2"},
	})

	fmt.Println(ruling.Verdict, "until", ruling.NextAllowed.Format(time.RFC3339))
	for _, finding := range ruling.Findings {
		if finding.Verdict != compliance.Allow {
			fmt.Printf("%s (%s): %s\n", finding.Rule, finding.Citation, finding.Why)
		}
	}
	// Output:
	// defer until 2026-06-11T12:00:00Z
	// us-federal/hours (12 CFR 1006.6(b)(1)(i); comment 6(b)(1)(i)-2): outside the hours: it is Wed 21:30:00 in America/New_York
	// house/hours (Tender's own default): outside the hours: it is Wed 21:30:00 in America/New_York
	// house/one-message-a-day (Tender's own default): 1 of 1 used; free once 2026-06-10 no longer counts
}
