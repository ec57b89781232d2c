package report

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// Audit is what became of a look at the chains of hashes.
type Audit struct {
	// Chains and Entries were looked at.
	Chains  int64 `json:"chains"`
	Entries int64 `json:"entries"`
	// Whole is set when nothing is wrong.
	Whole bool `json:"whole"`
	// Breaks are what is wrong, the first of each chain and each row that no chain knows, as many as [MostBreaks].
	Breaks []Break `json:"breaks"`
	// Heads are where the chains end: kept elsewhere, they show later whether a chain was written anew as a whole, or cut.
	Heads []Head `json:"heads"`
}

// Break is something that is wrong with a chain.
type Break struct {
	// Borrower is whose chain it is; empty for that of what concerns no borrower by name: regions, halts, watermarks.
	Borrower string `json:"borrower"`
	Seq      int64  `json:"seq,omitempty"`
	// Kind and Ref name the row: contact, outcome, wish, hold, release, decision, task, task_done or event, and its key.
	Kind string `json:"kind,omitempty"`
	Ref  string `json:"ref,omitempty"`
	What string `json:"what"`
}

// Head is where a chain ends.
type Head struct {
	Borrower string `json:"borrower"`
	Seq      int64  `json:"seq"`
	// Hash is in hexadecimal digits.
	Hash string `json:"hash"`
}

// erasable are the kinds of entries whose rows hold what is personal: they may be gone, but not be changed.
var erasable = []string{"particulars", "message"}

// MostBreaks is how many breaks are listed.
const MostBreaks = 100

// auditPage is how many entries are read at once.
const auditPage = 5000

// Verify looks at the chain of one borrower, or of all when none is named: that each entry follows from the one before it, that
// each row says what it said when it was entered, that no row is missing from its chain, and that the chains go on from the
// heads that were kept elsewhere, if any. progress, unless nil, hears from time to time how many of how many entries are done.
// It sees one moment, and reads page by page: memory grows with the number of borrowers alone.
func Verify(ctx context.Context, s *store.Store, borrower string, kept []Head, progress func(done, all int64)) (found Audit, err error) {
	err = s.Snapshot(ctx, func(q *sqlc.Queries) error {
		found, err = verify(ctx, q, borrower, kept, progress)
		return err
	})
	return found, err
}

// verify is [Verify] at one moment.
func verify(ctx context.Context, s *sqlc.Queries, borrower string, kept []Head, progress func(done, all int64)) (Audit, error) {
	v := verifier{audit: Audit{Breaks: []Break{}, Heads: []Head{}}, kept: map[string][]Head{}, broken: map[string]bool{}}
	for _, h := range kept {
		if borrower == "" || h.Borrower == borrower {
			v.kept[h.Borrower] = append(v.kept[h.Borrower], h)
		}
	}
	var only *string
	if borrower != "" {
		only = &borrower
	}
	count, err := s.CountChain(ctx, only)
	if err != nil {
		return v.audit, err
	}
	for after := (sqlc.ChainEntriesParams{Borrower: only, Most: auditPage}); ; {
		page, err := s.ChainEntries(ctx, after)
		if err != nil {
			return v.audit, err
		}
		for n := range page {
			v.entry(&page[n])
		}
		if progress != nil {
			progress(v.audit.Entries, count.Entries)
		}
		if len(page) < auditPage {
			break
		}
		after.AfterBorrower, after.AfterSeq = page[len(page)-1].BorrowerID, page[len(page)-1].Seq
	}
	v.end()
	if err := v.compareHeads(ctx, s, only); err != nil {
		return v.audit, err
	}
	missing, err := s.Unchained(ctx, sqlc.UnchainedParams{Borrower: only, Most: MostBreaks})
	for _, row := range missing {
		v.add(Break{Borrower: row.BorrowerID, Kind: row.Kind, Ref: row.Ref, What: "this row has no entry in the chain"})
	}
	for _, left := range v.kept {
		for _, h := range left {
			v.add(Break{Borrower: h.Borrower, Seq: h.Seq, What: "a head that was kept elsewhere names an entry that is not there: the chain was cut"})
		}
	}
	slices.SortStableFunc(v.audit.Breaks, func(a, b Break) int { return bytes.Compare([]byte(a.Borrower), []byte(b.Borrower)) })
	v.audit.Whole = len(v.audit.Breaks) == 0
	return v.audit, err
}

// verifier goes along the chains.
type verifier struct {
	audit Audit
	// last is the entry before, of which hash is the hash that follows from it.
	last  Head
	hash  []byte
	begun bool
	// broken are the chains of which a break was found: what comes after follows from it.
	broken map[string]bool
	kept   map[string][]Head
}

func (v *verifier) add(b Break) {
	if len(v.audit.Breaks) < MostBreaks {
		v.audit.Breaks = append(v.audit.Breaks, b)
	}
}

// entry looks at the next entry.
func (v *verifier) entry(e *sqlc.ChainEntriesRow) {
	if e.BorrowerID != v.last.Borrower || !v.begun {
		v.end()
		v.last, v.hash, v.begun = Head{Borrower: e.BorrowerID}, nil, true
	}
	v.audit.Entries++
	wrong := func(what string) {
		if !v.broken[e.BorrowerID] {
			v.broken[e.BorrowerID] = true
			v.add(Break{Borrower: e.BorrowerID, Seq: e.Seq, Kind: e.Kind, Ref: e.Ref, What: what})
		}
	}
	follows := sha256.Sum256(fmt.Appendf(slices.Clone(v.hash), "%s\n%d\n%s\n%s\n%x", e.BorrowerID, e.Seq, e.Kind, e.Ref, e.Digest))
	switch {
	case e.Seq != v.last.Seq+1:
		wrong(fmt.Sprintf("entries are missing: after %d comes %d", v.last.Seq, e.Seq))
	case !bytes.Equal(follows[:], e.Hash):
		wrong("this entry does not follow from the one before it: it, or that one, was changed")
	case e.EnteredAgain: // and is looked at there
	case len(e.NowDigest) == 0 && !slices.Contains(erasable, e.Kind):
		wrong("the row of this entry is gone")
	case len(e.NowDigest) > 0 && !bytes.Equal(e.NowDigest, e.Digest):
		wrong("the row of this entry was changed after it was entered")
	}
	v.last.Seq, v.last.Hash, v.hash = e.Seq, hex.EncodeToString(e.Hash), e.Hash
	v.kept[e.BorrowerID] = slices.DeleteFunc(v.kept[e.BorrowerID], func(h Head) bool {
		if h.Seq != e.Seq {
			return false
		}
		if h.Hash != v.last.Hash {
			wrong("a head that was kept elsewhere has another hash here: the chain was written anew")
		}
		return true
	})
}

// end ends a chain.
func (v *verifier) end() {
	if v.begun {
		v.audit.Chains++
		v.audit.Heads = append(v.audit.Heads, v.last)
	}
	v.last, v.begun = Head{}, false
}

// compareHeads compares where the chains end with where Postgres' own heads say that they end.
func (v *verifier) compareHeads(ctx context.Context, s *sqlc.Queries, only *string) error {
	ends := map[string]Head{}
	for _, h := range v.audit.Heads {
		ends[h.Borrower] = h
	}
	for after := (*string)(nil); ; {
		page, err := s.ChainHeads(ctx, sqlc.ChainHeadsParams{After: after, Borrower: only, Most: auditPage})
		if err != nil {
			return err
		}
		for _, h := range page {
			switch end, there := ends[h.BorrowerID]; {
			case v.broken[h.BorrowerID]:
			case !there || end.Seq < h.Seq:
				v.add(Break{Borrower: h.BorrowerID, Seq: h.Seq, What: fmt.Sprintf("entries are missing at the end: the last is %d, and %d is gone", end.Seq, h.Seq)})
			case end.Seq == h.Seq && end.Hash != hex.EncodeToString(h.Hash):
				v.add(Break{Borrower: h.BorrowerID, Seq: h.Seq, What: "the last entry is not the one that was entered last"})
			}
			after = &h.BorrowerID
		}
		if len(page) < auditPage {
			return nil
		}
	}
}

// WriteAudit writes what became of a look at the chains.
func WriteAudit(w io.Writer, style Style, a Audit) error {
	p := &page{w: w, style: style}
	state := style.paint(green, "whole")
	if !a.Whole {
		state = style.paint(red, "broken")
	}
	entries := fmt.Sprintf("%d entries", a.Entries)
	if a.Entries == 1 {
		entries = "1 entry"
	}
	p.printf("%s: %s in %s\n", state, entries, Count(a.Chains, "chain"))
	for _, b := range a.Breaks {
		whose := "borrower " + b.Borrower
		if b.Borrower == "" {
			whose = "no borrower's"
		}
		p.printf("\n%s", whose)
		if b.Seq > 0 {
			p.printf(", entry %d", b.Seq)
		}
		if b.Kind != "" {
			p.printf(", %s %s", b.Kind, Printable(b.Ref))
		}
		p.printf("\n  %s\n", b.What)
	}
	if len(a.Breaks) == MostBreaks {
		p.printf("\nThere may be more.\n")
	}
	return p.err
}

// Prevented is something that a rule, a hold or a wish prevented, or put off.
type Prevented struct {
	Loan     string    `json:"loan"`
	Borrower string    `json:"borrower"`
	Step     string    `json:"step"`
	Rule     string    `json:"rule"`
	Version  string    `json:"version,omitempty"`
	Verdict  string    `json:"verdict"`
	Why      string    `json:"why"`
	Used     int32     `json:"used,omitempty"`
	Most     int32     `json:"most,omitempty"`
	At       time.Time `json:"at"`
	// Until is from when it would have been allowed; null when not by itself.
	Until *time.Time `json:"until"`
}

// Sum is how often a rule prevented or put off a step.
type Sum struct {
	Rule    string    `json:"rule"`
	Verdict string    `json:"verdict"`
	Times   int64     `json:"times"`
	Loans   int64     `json:"loans"`
	First   time.Time `json:"first"`
	Last    time.Time `json:"last"`
}

// WhatIs says what a query asks for; what is empty narrows nothing.
type WhatIs struct {
	// Rule is a rule such as us-federal/hours, or a rulebook.
	Rule, Verdict, Loan, Borrower string
	Since, Until                  time.Time
	Most                          int32
}

// HeldBackBy lists what was prevented or put off, the latest first.
func HeldBackBy(ctx context.Context, s *store.Store, q WhatIs) ([]Prevented, error) {
	rows, err := s.HeldBackBy(ctx, sqlc.HeldBackByParams{
		Since: q.Since, UntilAt: q.Until, Rule: q.Rule, Verdict: q.Verdict, Loan: q.Loan, Borrower: q.Borrower, Most: q.Most,
	})
	all := make([]Prevented, 0, len(rows))
	for _, r := range rows {
		all = append(all, Prevented{
			Loan: r.LoanID, Borrower: r.BorrowerID, Step: r.StepKey, Rule: r.Rule, Version: r.Version, Verdict: r.Verdict, Why: r.Why,
			Used: r.Used, Most: r.Most, At: r.At.UTC(), Until: utc(r.Until),
		})
	}
	return all, err
}

func utc(at *time.Time) *time.Time {
	if at == nil {
		return nil
	}
	in := at.UTC()
	return &in
}

// HeldBackSums counts what was prevented or put off, by rule.
func HeldBackSums(ctx context.Context, s *store.Store, q WhatIs) ([]Sum, error) {
	rows, err := s.HeldBackByRule(ctx, sqlc.HeldBackByRuleParams{
		Since: q.Since, UntilAt: q.Until, Rule: q.Rule, Verdict: q.Verdict, Loan: q.Loan, Borrower: q.Borrower,
	})
	all := make([]Sum, 0, len(rows))
	for _, r := range rows {
		all = append(all, Sum{Rule: r.Rule, Verdict: r.Verdict, Times: r.Times, Loans: r.Loans, First: r.First.UTC(), Last: r.Last.UTC()})
	}
	return all, err
}

// WritePrevented writes what was prevented or put off.
func WritePrevented(w io.Writer, style Style, all []Prevented) error {
	p := &page{w: w, style: style}
	if len(all) == 0 {
		p.printf("Nothing was prevented.\n")
	}
	for _, one := range all {
		p.printf("%s  %s  %s  %s\n", Moment(one.At), style.bold(one.Loan), one.Step, one.Verdict)
		rule := one.Rule
		if one.Version != "" {
			rule += "@" + one.Version
		}
		p.printf("  %s: %s\n", rule, Printable(one.Why))
		if one.Until != nil {
			p.printf("  until %s\n", Moment(*one.Until))
		}
	}
	return p.err
}

// WriteSums writes how often each rule prevented or put off a step.
func WriteSums(w io.Writer, style Style, all []Sum) error {
	p := &page{w: w, style: style}
	if len(all) == 0 {
		p.printf("Nothing was prevented.\n")
		return p.err
	}
	rows := [][]string{{"RULE", "VERDICT", "TIMES", "LOANS", "FIRST", "LAST"}}
	for _, s := range all {
		rows = append(rows, []string{s.Rule, s.Verdict, fmt.Sprint(s.Times), fmt.Sprint(s.Loans), Moment(s.First), Moment(s.Last)})
	}
	p.table("", rows)
	return p.err
}
