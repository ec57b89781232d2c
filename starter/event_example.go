package main

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/examples"
	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/event"
)

func (a *app) eventExample() *cobra.Command {
	var loan string
	c := &cobra.Command{
		Use:   "example [TYPE]",
		Short: "Print an example of an event, dated from today on",
		Long: `Print an example of an event, loan.disbursed unless another type is named, with the dates of examples/events moved so
that it happens today: a loan is disbursed today and due in a month, in two, and so on.

It bears no time, so it happened when it is taken. On one day the same command prints the same event, so that
sending it twice has one effect. docs/events.md describes the types.`,
		Example: `  tender event example loan.disbursed --loan L-1 | tender event send -f -
  tender event example payment.posted --loan L-1 | tender event send -f -`,
		Args: cobra.ArbitraryArgs,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			var all []cobra.Completion
			for _, kind := range event.Types() {
				all = append(all, cobra.CompletionWithDesc(string(kind), kind.Summary()))
			}
			return all, cobra.ShellCompDirectiveNoFileComp
		},
	}
	c.Flags().StringVar(&loan, "loan", "", "id of the loan that it is about (default: that of the example, L-1001)")
	c.RunE = func(c *cobra.Command, args []string) error {
		kind := event.LoanDisbursed
		switch {
		case len(args) > 1:
			return misuse(c, "%q is one argument too many", args[1])
		case len(args) == 1:
			var err error
			if kind, err = closed.Parse("type", event.Types(), args[0]); err != nil {
				return misuse(c, "%v", err)
			}
		}
		text, err := example(kind, loan, time.Now())
		if err != nil {
			return misuse(c, "%v", err)
		}
		return a.does(func(context.Context, []string) error {
			_, err := fmt.Fprint(a.out, text)
			return err
		})(c, args)
	}
	return c
}

// What is replaced in the text of an example. The text is edited, and not written anew, so that its fields keep their order.
var (
	exampleTime    = regexp.MustCompile(`\n *"time": *"[^"]*",`)
	exampleID      = regexp.MustCompile(`("id": *)"([^"]*)"`)
	exampleSubject = regexp.MustCompile(`("subject": *)"loan/([^"]*)"`)
	exampleDate    = regexp.MustCompile(`"\d{4}-\d\d-\d\d(T[\d:]+Z)?"`)
)

// example returns the example of an event as if it happened now. Its dates keep their distance from its own day.
func example(kind event.Type, loan string, now time.Time) (string, error) {
	text, err := examples.Event(string(kind))
	if err != nil {
		return "", err
	}
	var head struct{ Time time.Time }
	if err := json.Unmarshal(text, &head); err != nil {
		return "", err
	}
	zone, err := exampleZone()
	if err != nil {
		return "", err
	}
	today := bizclock.DateOf(now.In(zone))
	days := today.Sub(bizclock.DateOf(head.Time.In(zone)))

	made := exampleTime.ReplaceAllString(string(text), "")
	made = exampleDate.ReplaceAllStringFunc(made, func(quoted string) string {
		then := strings.Trim(quoted, `"`)
		if at, err := time.Parse(time.RFC3339, then); err == nil {
			// Midnight stays midnight when summer time lies between.
			return `"` + at.In(zone).AddDate(0, 0, days).UTC().Format(time.RFC3339) + `"`
		}
		if on, err := bizclock.ParseDate(then); err == nil {
			return `"` + on.AddDays(days).String() + `"`
		}
		return quoted
	})
	id := today.String()
	if about := exampleSubject.FindStringSubmatch(made); about != nil {
		if loan == "" {
			loan = about[2]
		}
		subject, _ := json.Marshal("loan/" + loan)
		made = strings.Replace(made, about[0], about[1]+string(subject), 1)
		id = loan + "-" + id
	} else if loan != "" {
		return "", fmt.Errorf("--loan: %s is not about a loan", kind)
	}
	// The first id is that of the event.
	old := exampleID.FindStringSubmatch(made)
	quoted, _ := json.Marshal("example-" + strings.TrimSuffix(old[2], "-1") + "-" + id)
	return strings.Replace(made, old[0], old[1]+string(quoted), 1), nil
}

// exampleZone is the contract's time zone in the example of a disbursement, in which the dates of all examples count.
func exampleZone() (*time.Location, error) {
	text, err := examples.Event(string(event.LoanDisbursed))
	if err != nil {
		return nil, err
	}
	var disbursed struct {
		Data struct {
			Zone string `json:"time_zone"`
		}
	}
	if err := json.Unmarshal(text, &disbursed); err != nil {
		return nil, err
	}
	return time.LoadLocation(disbursed.Data.Zone)
}
