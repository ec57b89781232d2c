package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/strategy"
	"github.com/tender-engine/tender/internal/worklist"
)

func (a *app) tasks() *cobra.Command {
	return group("task", "The worklist: take a task, call, and say what came of it",
		a.taskList(), a.taskShow(), a.taskNext(), a.taskDial(), a.taskRelease(), a.taskComplete())
}

func (a *app) taskList() *cobra.Command {
	f := worklist.Filter{}
	c := &cobra.Command{
		Use:   "list",
		Short: "List the tasks that wait for a person",
		Long: `List the tasks that wait for a person, in the order in which they are handed out: the most urgent first, and of those alike the
oldest. Whether a borrower may be called is asked when a task is handed out. Times are in UTC. Reads Postgres alone.`,
		Example: "  tender task list\n  tender task list --loan L-1001 --all",
		Args:    takes(),
	}
	c.Flags().StringVar(&f.Loan, "loan", "", "only tasks about a loan")
	c.Flags().StringVar(&f.Agent, "agent", "", "only tasks that an agent has")
	wordVar(c, &f.Reason, "reason", "reason", strategy.TaskReasons, "only tasks of a reason")
	c.Flags().BoolVar(&f.Every, "all", false, "those that have ended, and those that nothing asks for any more, too")
	c.Flags().IntVar(&f.Most, "limit", 100, "how many to list at most")
	c.RunE = func(c *cobra.Command, args []string) error {
		if f.Most < 1 || f.Most > 10000 {
			return misuse(c, "--limit %d: give a number from 1 to 10000", f.Most)
		}
		return a.does(func(ctx context.Context, _ []string) error {
			return a.atDesk(ctx, "", func(desk *worklist.Desk) error {
				if f.Loan != "" {
					if _, err := report.Find(ctx, desk.Store, f.Loan); err != nil {
						return unknownLoan(f.Loan, err)
					}
				}
				all, err := desk.List(ctx, f)
				if err != nil {
					return err
				}
				return a.print(all, func(w io.Writer, style report.Style) error { return report.WriteTasks(w, style, all) })
			})
		})(c, args)
	}
	return c
}

func (a *app) taskShow() *cobra.Command {
	dir := ""
	c := &cobra.Command{
		Use:   "show TASK",
		Short: "Show a task: why, whether one may call now, and what to say",
		Long: `Show a task with all that its agent needs: why it was assigned, whether the borrower may be called now and by which
telephone, and what to say. It shows a name and a number. Reads Postgres and the rulebooks.`,
		Example: "  tender task show t684638f01bd12d34d00f",
		Args:    takes("TASK"),
	}
	rulebooksFlag(c, &dir)
	c.RunE = a.does(func(ctx context.Context, args []string) error {
		return a.atDesk(ctx, dir, func(desk *worklist.Desk) error {
			task, err := desk.Show(ctx, args[0])
			if err != nil {
				return ofTask(args[0], err)
			}
			return a.print(task, func(w io.Writer, style report.Style) error { return report.WriteTask(w, style, task) })
		})
	})
	return c
}

// longestLease is for how long an agent can have a task at most.
const longestLease = 12 * time.Hour

func (a *app) taskNext() *cobra.Command {
	dir, agent, lease := "", "", worklist.Lease
	c := &cobra.Command{
		Use:   "next",
		Short: "Take the next task that can be done now",
		Long: `Take the next task that can be done now. It is yours for a while, and nobody else's; then it is back on the list, unless you
have done it. Who has one gets that one again. What may not be called now is passed over, and it is said why, and until when.
Nothing is reserved yet: dial before you call.`,
		Example: "  tender task next --agent amy\n  tender task next --agent amy --lease 30m",
		Args:    takes(),
	}
	agentFlag(c, &agent)
	c.Flags().DurationVar(&lease, "lease", worklist.Lease, "for how long it is yours, on the wall")
	rulebooksFlag(c, &dir)
	c.RunE = func(c *cobra.Command, args []string) error {
		if lease < time.Second || lease > longestLease {
			return misuse(c, "--lease %s: give 1s to 12h", lease)
		}
		who, err := a.agent(c, agent)
		if err != nil {
			return err
		}
		return a.does(func(ctx context.Context, _ []string) error {
			return a.atDesk(ctx, dir, func(desk *worklist.Desk) error {
				handed, err := desk.Next(ctx, who, lease)
				if err != nil {
					return err
				}
				return a.print(handed, func(w io.Writer, style report.Style) error { return report.WriteHanded(w, style, handed) })
			})
		})(c, args)
	}
	return c
}

func (a *app) taskDial() *cobra.Command {
	dir, agent := "", ""
	c := &cobra.Command{
		Use:   "dial TASK",
		Short: "Ask whether the borrower may be called at this very moment, and count the call",
		Long: `Ask whether the borrower may be called at this very moment, and count the call, before it is made. What came in since the task
was handed out stops it here: a hold, a payment, another call. Whoever has dialled has the task for an hour at least.`,
		Example: "  tender task dial t684638f01bd12d34d00f --agent amy",
		Args:    takes("TASK"),
	}
	agentFlag(c, &agent)
	rulebooksFlag(c, &dir)
	c.RunE = func(c *cobra.Command, args []string) error {
		who, err := a.agent(c, agent)
		if err != nil {
			return err
		}
		return a.does(func(ctx context.Context, args []string) error {
			return a.atDesk(ctx, dir, func(desk *worklist.Desk) error {
				dialled, err := desk.Dial(ctx, args[0], who)
				if err != nil {
					return ofTask(args[0], err)
				}
				return a.print(dialled, func(w io.Writer, style report.Style) error { return report.WriteDialled(w, style, dialled) })
			})
		})(c, args)
	}
	return c
}

func (a *app) taskRelease() *cobra.Command {
	agent := ""
	c := &cobra.Command{
		Use:     "release TASK",
		Short:   "Put a task back on the list",
		Long:    "Put a task back on the list, for somebody else. Of one that was dialled say first what came of the call.",
		Example: "  tender task release t684638f01bd12d34d00f --agent amy",
		Args:    takes("TASK"),
	}
	agentFlag(c, &agent)
	c.RunE = func(c *cobra.Command, args []string) error {
		who, err := a.agent(c, agent)
		if err != nil {
			return err
		}
		return a.does(func(ctx context.Context, args []string) error {
			return a.atDesk(ctx, "", func(desk *worklist.Desk) error {
				if err := desk.Release(ctx, args[0], who); err != nil {
					return ofTask(args[0], err)
				}
				released := map[string]string{"released": args[0]}
				return a.print(released, func(w io.Writer, _ report.Style) error {
					_, err := io.WriteString(w, args[0]+" is back on the list\n")
					return err
				})
			})
		})(c, args)
	}
	return c
}

// agentFlag says who does a task.
func agentFlag(c *cobra.Command, agent *string) {
	c.Flags().StringVar(agent, "agent", "", "id of who does it (default: who acts)")
}

// agent is who does a task. It stands where nothing personal may.
func (a *app) agent(c *cobra.Command, agent string) (string, error) {
	who := cmp.Or(agent, a.actor())
	if err := event.CheckID(who); err != nil {
		return "", misuse(c, "--agent %v", err)
	}
	return who, nil
}

// atDesk runs something at the desk where agents get their tasks, with the rulebooks that bind in this installation, or with those
// of a folder.
func (a *app) atDesk(ctx context.Context, dir string, do func(*worklist.Desk) error) error {
	s, db, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	library, err := a.library(cmp.Or(dir, s.Rulebooks))
	if err != nil {
		return err
	}
	library.Party = s.Party
	return do(&worklist.Desk{Store: db, Rules: library, Lender: s.LenderName, Help: s.Help})
}

// ofTask says of an error about a task what to do.
func ofTask(id string, err error) error {
	var (
		taken   *worklist.Taken
		ended   *worklist.Ended
		refused *worklist.Refused
		unsaid  *worklist.Unsaid
		kept    *worklist.Kept
	)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return notFound("task %s is not known; tender task list shows those that wait", id)
	case errors.As(err, &taken), errors.As(err, &ended), errors.As(err, &refused), errors.As(err, &unsaid), errors.As(err, &kept):
		return &problem{exitRefused, err.Error()}
	}
	return err
}
