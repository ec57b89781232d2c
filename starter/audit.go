package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/strategy"
)

func (a *app) audit() *cobra.Command {
	return group("audit", "Prove what was done, and what was held back", a.auditVerify(), a.auditExport(), a.auditQuery())
}

func (a *app) auditVerify() *cobra.Command {
	var borrower, against string
	c := &cobra.Command{
		Use:   "verify",
		Short: "Look at the chains of hashes: whether anything was changed, removed or put in later",
		Long: `Look at the chain of hashes of each borrower: whether anything that was recorded was changed, removed or put in later. It
names the first thing that is wrong with each chain, and exits with 1 if anything is.

Who can write to Postgres can write a whole chain anew, or cut its end. Keep what -o json says of the heads elsewhere, and
hand it in with --against later: then that is seen, too. See docs/audit.md.`,
		Example: "  tender audit verify\n  tender audit verify -o json > heads.json\n  tender audit verify --against heads.json",
		Args:    takes(),
	}
	c.Flags().StringVar(&borrower, "borrower", "", "only this borrower")
	c.Flags().StringVar(&against, "against", "", "file with the heads of before, as -o json writes them")
	c.RunE = a.does(func(ctx context.Context, _ []string) error {
		var kept report.Audit
		if against != "" {
			text, err := a.readFile(against)
			if err != nil {
				return err
			}
			if err := json.Unmarshal(text, &kept); err != nil || len(kept.Heads) == 0 {
				return &problem{exitRefused, "--against: " + against + " holds no heads; write it with tender audit verify -o json"}
			}
		}
		return a.reading(ctx, func(db *store.Store) error {
			found, err := report.Verify(ctx, db, borrower, kept.Heads, a.counting("entries"))
			if err != nil {
				return err
			}
			if borrower != "" && found.Chains == 0 && found.Whole {
				return notFound("borrower %s is not known", borrower)
			}
			if err := a.print(found, func(w io.Writer, style report.Style) error { return report.WriteAudit(w, style, found) }); err != nil {
				return err
			}
			if !found.Whole {
				return &problem{exitFailed, "the chains are broken"}
			}
			return nil
		})
	})
	return c
}

// counting tells a person at a terminal how far long work is.
func (a *app) counting(what string) func(done, all int64) {
	if !a.terminal {
		return nil
	}
	return func(done, all int64) {
		if done < all {
			_, _ = fmt.Fprintf(a.err, "... %d of %d %s\n", done, all, what)
		}
	}
}

func (a *app) auditExport() *cobra.Command {
	var borrower, page string
	c := &cobra.Command{
		Use:   "export --borrower B",
		Short: "Write everything that is known of a borrower, personal data included",
		Long: `Write everything that is known of a borrower: loans, complaints, contacts with their messages, decisions with their reasons,
what was held back and why, holds, wishes, events, tasks, and the chain of hashes. It is JSON on standard output; with --html it is a
page to be read and printed.

What it writes holds personal data: treat it so.`,
		Example: "  tender audit export --borrower B-1001 > B-1001.json\n  tender audit export --borrower B-1001 --html B-1001.html",
		Args:    takes(),
	}
	c.Flags().StringVar(&borrower, "borrower", "", "id of the borrower")
	c.Flags().StringVar(&page, "html", "", "file that the page is written to, in place of JSON on standard output")
	run := a.does(func(ctx context.Context, _ []string) error {
		return a.reading(ctx, func(db *store.Store) error {
			file, err := report.Everything(ctx, db, borrower)
			if errors.Is(err, report.ErrNoBorrower) {
				return notFound("borrower %s is not known", borrower)
			}
			if err != nil {
				return err
			}
			if page == "" {
				a.output = jsonFormat
				return a.print(file, nil)
			}
			out, err := os.OpenFile(page, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
			if err != nil {
				return &problem{exitFailed, "--html: " + err.Error()}
			}
			if err := errors.Join(file.WriteHTML(out), out.Close()); err != nil {
				return err
			}
			return a.print(map[string]string{"html": page}, func(w io.Writer, _ report.Style) error {
				_, err := fmt.Fprintf(w, "%s: everything that is known of borrower %s\n", page, borrower)
				return err
			})
		})
	})
	c.RunE = func(c *cobra.Command, args []string) error {
		if borrower == "" {
			return misuse(c, "--borrower is missing; name whose file it is")
		}
		return run(c, args)
	}
	return c
}

func (a *app) auditQuery() *cobra.Command {
	var q report.WhatIs
	var since, until string
	var sums bool
	c := &cobra.Command{
		Use:   "query",
		Short: "List what rules, holds and wishes prevented or put off",
		Example: "  tender audit query --rule us-federal/call-frequency --since 2026-01-01\n" +
			"  tender audit query --sums",
		Args: takes(),
	}
	flags := c.Flags()
	flags.StringVar(&q.Rule, "rule", "", "only this rule, such as us-federal/hours, or all of a rulebook, such as us-federal")
	flags.StringVar(&q.Verdict, "verdict", "", "only this verdict: defer, deny or needs_approval")
	flags.StringVar(&q.Loan, "loan", "", "only this loan")
	flags.StringVar(&q.Borrower, "borrower", "", "only this borrower")
	flags.StringVar(&since, "since", "", "from this date or instant on, such as 2026-01-31 (default: thirty days ago)")
	flags.StringVar(&until, "until", "", "up to but not including this date or instant (default: now)")
	flags.Int32Var(&q.Most, "limit", 100, "how many at most, the latest first")
	flags.BoolVar(&sums, "sums", false, "count by rule instead")
	c.RunE = func(c *cobra.Command, args []string) error {
		for _, one := range []struct {
			flag, text string
			into       *time.Time
		}{{"since", since, &q.Since}, {"until", until, &q.Until}} {
			if one.text == "" {
				continue
			}
			at, err := instantOf(one.text)
			if err != nil {
				return misuse(c, "--%s %q is no date and no instant; write such as 2026-01-31 or 2026-01-31T15:04:05Z", one.flag, one.text)
			}
			*one.into = at
		}
		if q.Verdict != "" && !slices.Contains([]compliance.Verdict{compliance.Defer, compliance.Deny, compliance.NeedsApproval}, compliance.Verdict(q.Verdict)) {
			return misuse(c, "--verdict %q; write defer, deny or needs_approval", q.Verdict)
		}
		if q.Most < 1 {
			return misuse(c, "--limit %d; write 1 or more", q.Most)
		}
		return a.does(func(ctx context.Context, _ []string) error {
			return a.reading(ctx, func(db *store.Store) error { return a.query(ctx, db, q, sums) })
		})(c, args)
	}
	return c
}

func (a *app) query(ctx context.Context, db *store.Store, q report.WhatIs, sums bool) error {
	now, err := db.Now(ctx)
	if err != nil {
		return err
	}
	if q.Until.IsZero() {
		q.Until = now.Add(time.Second)
	}
	if q.Since.IsZero() {
		q.Since = q.Until.AddDate(0, 0, -30)
	}
	if err := a.knows(ctx, db, q); err != nil {
		return err
	}
	if sums {
		all, err := report.HeldBackSums(ctx, db, q)
		if err != nil {
			return err
		}
		return a.print(all, func(w io.Writer, style report.Style) error { return report.WriteSums(w, style, all) })
	}
	all, err := report.HeldBackBy(ctx, db, q)
	if err != nil {
		return err
	}
	return a.print(all, func(w io.Writer, style report.Style) error {
		if err := report.WritePrevented(w, style, all); err != nil || len(all) < int(q.Most) {
			return err
		}
		_, err := fmt.Fprintf(w, "\nThere may be more; see --limit.\n")
		return err
	})
}

// knows refuses to look for what there is not: that nothing was prevented would read as proof.
func (a *app) knows(ctx context.Context, db *store.Store, q report.WhatIs) error {
	if !q.Since.Before(q.Until) {
		return &problem{exitUsage, "--since " + q.Since.Format(time.RFC3339) + " does not lie before --until " + q.Until.Format(time.RFC3339)}
	}
	if q.Loan != "" {
		if _, err := report.Find(ctx, db, q.Loan); err != nil {
			return unknownLoan(q.Loan, err)
		}
	}
	if q.Borrower != "" {
		if _, err := db.BorrowerFor(ctx, q.Borrower); errors.Is(err, pgx.ErrNoRows) {
			return unknownBorrower(q.Borrower, store.ErrNotFound)
		} else if err != nil {
			return err
		}
	}
	if q.Rule == "" {
		return nil
	}
	settings, err := a.settings()
	if err != nil {
		return err
	}
	library, err := a.library(settings.Rulebooks)
	if err != nil {
		return err
	}
	if _, known := library.Rule(q.Rule); known || q.Rule == strategy.HaltRule || q.Rule == "tender" || library.Rulebook(q.Rule) {
		return nil
	}
	// It may be a rule of a rulebook that is not in use any more.
	ever, err := db.HeldBackEver(ctx, q.Rule)
	if err != nil || ever {
		return err
	}
	return notFound("rule %s is not known, and never prevented anything; tender rulebook show lists the rules of a rulebook", q.Rule)
}

// instantOf reads a date, which stands for its beginning in UTC, or an instant.
func instantOf(text string) (time.Time, error) {
	if date, err := bizclock.ParseDate(text); err == nil {
		return date.In(time.UTC), nil
	}
	return time.Parse(time.RFC3339, text)
}
