package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/loan"
	"github.com/tender-engine/tender/internal/worklist"
)

// said is what an agent says of a task.
type said struct {
	disposition                                           contact.Disposition
	promises                                              []string
	hardship                                              hardship.Cause
	months                                                int
	complaint, words                                      string
	fraud                                                 bool
	callback                                              moment
	refuses                                               event.Refusal
	outcome                                               event.Verified
	questions                                             []string
	agent, point, note, id, dir, currency, taskID, loanID string
}

func (a *app) taskComplete() *cobra.Command {
	var s said
	c := &cobra.Command{
		Use:   "complete TASK --disposition WHAT-CAME-OF-IT",
		Short: "Say what came of a task, and all that the borrower said",
		Long: `Say what came of a task, and all that the borrower said in the call. A call that was not dialled is dialled here: it is asked
whether it is allowed at this very moment, and counted. A call that reached nobody puts the task back on the list for later, a few
times; so does a wrong number while there is another telephone. Without --disposition nobody was called: only for a task that asks
for no call, or about which a rule forbids one.`,
		Example: `  tender task complete t684638f01bd12d34d00f --disposition promise --promise 60.00@2026-02-20 --promise 45.00@2026-03-01
  tender task complete t684638f01bd12d34d00f --disposition hardship --hardship job_loss --months 3
  tender task complete t684638f01bd12d34d00f --disposition callback --callback 2026-02-12T15:00:00Z
  tender task complete t684638f01bd12d34d00f --disposition right_party --outcome verified --question "when is the first payment?"
  tender task complete t684638f01bd12d34d00f --disposition right_party --complaint conduct --words "the last call was rude"
  tender task complete t684638f01bd12d34d00f --disposition right_party --fraud --note "they were abroad when it was paid out"`,
		Args: takes("TASK"),
	}
	agentFlag(c, &s.agent)
	wordVar(c, &s.disposition, "disposition", "disposition", contact.CallDispositions, "what came of the call")
	c.Flags().StringArrayVar(&s.promises, "promise", nil, "amount that the borrower promised, with its date, AMOUNT@DATE; may be given again")
	wordVar(c, &s.hardship, "hardship", "cause", hardship.Causes, "why the borrower cannot pay")
	c.Flags().IntVar(&s.months, "months", 0, "for how many months the trouble is expected to last (default: nobody knows)")
	c.Flags().StringVar(&s.complaint, "complaint", "", "kind of what the borrower complained of, a code such as conduct, service or charges")
	c.Flags().BoolVar(&s.fraud, "fraud", false, "the borrower says that they never took the loan: collection stops, and a person looks into it")
	c.Flags().StringVar(&s.words, "words", "", "what the borrower said of hardship, complaint or dispute; kept in Postgres alone")
	c.Flags().Var(&s.callback, "callback", "when the borrower asked to be called again")
	wordVar(c, &s.refuses, "refuses", "refusal", event.Refusals, "what the borrower refuses")
	wordVar(c, &s.outcome, "outcome", "outcome", []event.Verified{event.IsVerified, event.IsDeclined, event.IsSuspected}, "of a task about an application: what came of it")
	c.Flags().StringArrayVar(&s.questions, "question", nil, "what the applicant asked; may be given again, and is kept in Postgres alone")
	c.Flags().StringVar(&s.point, "point", "", "contact point that was called (default: the one that the task names)")
	c.Flags().StringVar(&s.note, "note", "", "remarks; kept in Postgres alone")
	idFlag(c, &s.id)
	rulebooksFlag(c, &s.dir)
	c.RunE = func(c *cobra.Command, args []string) (err error) {
		if s.agent, err = a.agent(c, s.agent); err != nil {
			return err
		}
		parts := []loan.PromisedPart{}
		for _, text := range s.promises {
			part, err := partOf(text)
			if err != nil {
				return misuse(c, "--promise %v", err)
			}
			parts = append(parts, part)
		}
		if problem := s.lacks(); problem != "" {
			return misuse(c, "%s", problem)
		}
		return a.does(func(ctx context.Context, args []string) error {
			s.taskID = args[0]
			return a.completeTask(ctx, s, parts)
		})(c, args)
	}
	return c
}

// lacks says which flag is missing, or stands in the wrong company.
func (s said) lacks() string {
	d := s.disposition
	for _, rule := range []struct {
		wrong bool
		says  string
	}{
		{d == contact.Promise && len(s.promises) == 0, "--promise is missing; say what was promised, such as --promise 60.00@2026-02-20"},
		{len(s.promises) > 0 && d != contact.Promise && d != contact.RightParty, "--promise goes with --disposition promise or right_party"},
		{d == contact.Hardship && s.hardship == "", "--hardship is missing; say why the borrower cannot pay, such as --hardship job_loss"},
		{s.hardship != "" && !d.Conversation(), "--hardship goes with a disposition that says that the borrower was spoken to, such as hardship or right_party"},
		{s.months != 0 && s.hardship == "", "--months goes with --hardship"},
		{s.complaint != "" && !d.Connected(), "--complaint goes with a disposition that says that somebody was spoken to, such as right_party"},
		{s.fraud && !d.Conversation(), "--fraud goes with a disposition that says that the borrower was spoken to, such as right_party"},
		{s.words != "" && s.hardship == "" && s.complaint == "" && d != contact.Dispute, "--words are those of a hardship, a complaint or a dispute; for other remarks use --note"},
		{d == contact.Callback && s.callback.at.IsZero(), "--callback is missing, or a date; give the time at which the borrower wants to be called, such as --callback 2026-02-12T15:00:00Z"},
		{d != contact.Callback && s.callback.String() != "", "--callback goes with --disposition callback"},
		{s.refuses != "" && s.refuses != event.RefusesCalls && d != contact.Refused, "--refuses " + string(s.refuses) + " goes with --disposition refused"},
		{s.outcome != "" && d == contact.Callback, "--outcome goes with another disposition than callback: who wants to be called back has not been asked yet"},
		{s.outcome == event.IsVerified && d == contact.Refused, "--outcome verified goes with another disposition than refused: who refuses to talk was not verified"},
		{d != "" && s.outcome != "" && s.outcome != event.IsSuspected && !d.Conversation(), "--outcome goes with a disposition that says that the applicant was spoken to, such as right_party"},
		{d != "" && s.outcome == event.IsSuspected && !d.Connected(), "--outcome suspected_fraud goes with a disposition that says that somebody was spoken to, such as third_party"},
		{len(s.questions) > 0 && s.outcome == "" && d != contact.Callback, "--question goes with --outcome, or with --disposition callback"},
		{s.refuses == event.RefusesCalls && !d.Conversation(), "--refuses calls goes with a disposition that says that the borrower was spoken to, such as refused"},
	} {
		if rule.wrong {
			return rule.says
		}
	}
	return ""
}

// completeTask dials what was not dialled, and sends the one event.
func (a *app) completeTask(ctx context.Context, s said, parts []loan.PromisedPart) error {
	err := a.atDesk(ctx, s.dir, func(desk *worklist.Desk) error {
		task, err := desk.Show(ctx, s.taskID)
		if err != nil {
			return ofTask(s.taskID, err)
		}
		s.loanID = task.Loan
		before := event.Call{}
		if err := earlier(ctx, desk.Store, s.id, &before); err != nil {
			return err
		}
		if s.disposition == "" || !task.Dialled.IsZero() || !task.Done.IsZero() || before.Task != "" {
			return nil
		}
		if _, err := desk.Dial(ctx, s.taskID, s.agent); err != nil {
			return undialled(s, ofTask(s.taskID, err))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(parts) > 0 {
		if s.currency, err = a.currencyOf(ctx, s.loanID); err != nil {
			return err
		}
	}
	s.id = cmp.Or(s.id, newID())
	return a.sends(ctx, event.CallCompleted, s.loanID, s.id, s.event(parts))
}

// undialled says, of a call that was not allowed, where one is recorded that was made all the same.
func undialled(s said, err error) error {
	var known *problem
	if !errors.As(err, &known) || known.code != exitRefused {
		return err
	}
	if !event.Lent(s.loanID) {
		return err // a call about an application, or a complaint, is a contact about no loan
	}
	return &problem{known.code, fmt.Sprintf("%s\nA call that was made all the same counts: tender loan contact %s --channel call --disposition %s", known.text, s.loanID, s.disposition)}
}

// event is what the agent says, as the one event that it is. What was said gets its id from the event's.
func (s said) event(parts []loan.PromisedPart) event.Call {
	call := event.Call{
		Task: s.taskID, Disposition: s.disposition, Agent: s.agent, Point: s.point, CallbackAt: s.callback.at, Refusal: s.refuses, Fraud: s.fraud, Note: s.note,
	}
	switch {
	case len(parts) == 1:
		call.Promise = &event.Promise{Promise: s.id, Currency: s.currency, Amount: parts[0].Amount, By: parts[0].By}
	case len(parts) > 1:
		call.Promise = &event.Promise{Promise: s.id, Currency: s.currency, Parts: parts}
	}
	if s.hardship != "" {
		call.Hardship = &event.Hardship{Cause: s.hardship, Months: s.months, Text: s.words}
	}
	if s.complaint != "" {
		call.Complaint = &event.Complaint{Complaint: s.id, Kind: complaint.Kind(s.complaint), Text: s.words}
	}
	if s.outcome != "" || len(s.questions) > 0 {
		call.Application = &event.Callback{Outcome: s.outcome, Questions: s.questions}
	}
	if s.disposition == contact.Dispute {
		call.Dispute = &event.Dispute{Dispute: s.id, Text: s.words}
	}
	return call
}
