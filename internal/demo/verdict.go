package demo

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/report"
)

// differs says in what a life that was lived is not what the scenario says it must be; nothing when all is as it must.
// reason is the code of why the journey stands where it does.
func (s *Scenario) differs(life Life, lived report.Life, reason string) (all []string) {
	say := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	must := life.Must
	s.checkEnd(must, lived.Loan, reason, say)
	checkSteps(must, lived, say)
	checkSilence(must, lived, say)
	for _, rule := range must.Prevented {
		if !slices.ContainsFunc(lived.Entries, func(e report.Entry) bool { return e.Sort == report.HeldBack && e.Rule == rule }) {
			say("%s prevented nothing", rule)
		}
	}
	for _, e := range lived.Entries {
		switch {
		case e.Sort == report.CameIn && e.State == "refused":
			say("%s was %s", e.What, e.Why)
		case e.Sort == report.Sent && contact.Disposition(e.Result) == contact.Uncertain:
			say("nobody can tell whether %s left (%s)", e.What, e.Code)
		}
	}
	return all
}

func (s *Scenario) checkEnd(must Must, l report.Loan, reason string, say func(string, ...any)) {
	stage := l.Stage
	if stage == "" {
		stage = "nothing"
	}
	if stage != journey.Stage(must.Stage) {
		say("it is %s and not %s", stage, must.Stage)
	}
	if must.Reason != "" && reason != must.Reason {
		say("the reason is %q and not %q", reason, must.Reason)
	}
	switch {
	case must.ClosedBy == 0:
	case l.Closed.IsZero():
		say("it has not closed by day %d", must.ClosedBy)
	case s.Day(l.Closed) > must.ClosedBy:
		say("it closed on day %d and not by day %d", s.Day(l.Closed), must.ClosedBy)
	}
}

func checkSteps(must Must, lived report.Life, say func(string, ...any)) {
	count, tasks, told := map[string]int{}, []string{}, []string{}
	made := contacts(lived)
	for _, e := range made {
		count[treatment(e)]++
	}
	for _, e := range lived.Entries {
		switch {
		case e.Sort == report.Task:
			tasks = append(tasks, treatment(e))
		case e.Sort == report.Told && !e.Done.IsZero():
			told = append(told, e.What)
		}
	}
	for _, step := range slices.Sorted(maps.Keys(must.Made)) {
		if count[step] != must.Made[step] {
			say("%s was made %s and not %s", step, times(count[step]), times(must.Made[step]))
		}
	}
	for _, pattern := range must.Never {
		for _, step := range slices.Sorted(maps.Keys(count)) {
			if ok, _ := path.Match(pattern, step); ok {
				say("%s was made, and must not have been", step)
			}
		}
	}
	if len(made) < must.Contacts.Least {
		say("only %d contacts were made, and not at least %d", len(made), must.Contacts.Least)
	}
	if most := must.Contacts.Most; most != 0 && len(made) > most {
		say("%d contacts were made, and not at most %d", len(made), most)
	}
	for _, step := range must.Tasks {
		if !slices.Contains(tasks, step) {
			say("nobody was given %s to do", step)
		}
	}
	for _, what := range must.Told {
		if !slices.Contains(told, what) {
			say("the lending system was not told %s", what)
		}
	}
}

// checkSilence finds contacts that were made although the borrower had a right to silence.
func checkSilence(must Must, lived report.Life, say func(string, ...any)) {
	if must.SilentAfter == "" {
		return
	}
	from, until := time.Time{}, time.Time{}
	for _, e := range lived.Entries {
		switch {
		case e.Sort != report.CameIn:
		case e.What == must.SilentAfter && from.IsZero():
			from = e.At
		case e.What == must.SilentUntil && !from.IsZero() && until.IsZero():
			until = e.At
		}
	}
	if from.IsZero() {
		say("%s never came", must.SilentAfter)
		return
	}
	if must.SilentUntil != "" && until.IsZero() {
		say("%s never came", must.SilentUntil)
	}
	for _, e := range contacts(lived) {
		confirms := strings.HasPrefix(e.What, "stop-confirmed@") // of which there is one, and no more
		if e.At.After(from) && (until.IsZero() || e.At.Before(until)) && !confirms {
			say("%s was made on %s, after %s", e.What, report.Moment(e.At), must.SilentAfter)
		}
	}
}

// contacts are the messages that may have reached the borrower.
func contacts(lived report.Life) (all []report.Entry) {
	for _, e := range lived.Entries {
		if e.Sort == report.Sent && contact.Disposition(e.Result).Made() {
			all = append(all, e)
		}
	}
	return all
}

// treatment is the key of a step without its anchor.
func treatment(e report.Entry) string { return journey.Step{Key: e.What}.Treatment() }

func times(n int) string {
	switch n {
	case 0:
		return "never"
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}
