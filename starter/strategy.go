package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/settings"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
	"github.com/tender-engine/tender/internal/strategy"
)

func (a *app) strategies() *cobra.Command {
	return group("strategy", "Look at strategies, publish them, and move loans from one to another",
		a.strategyList(), a.strategyShow(), a.strategyLint(), a.strategyDiff(), a.strategyFacts(), a.strategySchema(), a.strategyPublish(), a.strategyMigrate(), a.strategyReport())
}

// strategyNames says how commands take a strategy.
const strategyNames = `STRATEGY is a file, or the name of a strategy that comes with Tender or lies in the folder TENDER_STRATEGIES; or of one that
was published: name@version, or the hash of its content.`

// strategyOf finds a strategy by what a person calls it.
func (a *app) strategyOf(ctx context.Context, called string) (*strategy.Strategy, error) {
	if strings.HasSuffix(called, ".yaml") || strings.HasSuffix(called, ".yml") || called == "-" || strings.Contains(called, "/") {
		text, err := a.readFile(called)
		if err != nil {
			return nil, err
		}
		return parseStrategy(called, text)
	}
	s, err := a.settings()
	if err != nil {
		return nil, err
	}
	all, err := strategy.Load(s.Strategies)
	if err != nil {
		return nil, &problem{exitRefused, err.Error()}
	}
	names := []string{}
	for _, one := range all {
		if called == one.Hash {
			return one, nil
		}
		if called == one.Name || called == one.Name+"@"+one.Version {
			a.noteOther(ctx, s, one)
			return one, nil
		}
		names = append(names, one.Name)
	}
	unknown := notFound("strategy %s is not known; known without Postgres are %s", called, strings.Join(names, ", "))
	db, err := s.OpenStore(ctx)
	if err != nil {
		return nil, unknown
	}
	defer db.Close()
	row, err := published(ctx, db, called)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, notFound("strategy %s is not known; tender strategy list shows those that were published", called)
	}
	if err != nil {
		return nil, err
	}
	return strategy.Stored(row.Name, []byte(row.Yaml))
}

// noteOther notes where people read errors that loans begin with another content than that of a file, if Postgres can say so.
func (a *app) noteOther(ctx context.Context, s settings.Settings, file *strategy.Strategy) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	db, err := s.OpenStore(ctx)
	if err != nil {
		return
	}
	defer db.Close()
	row, err := db.LatestStrategy(ctx, file.Name)
	if err == nil && row.Hash != file.Hash {
		_, _ = fmt.Fprintf(a.err, "tender: this is the file of %s@%s (%s); loans begin with %s@%s (%s): say %s to see that\n",
			file.Name, file.Version, file.Hash, row.Name, row.Version, row.Hash, row.Hash)
	}
}

func parseStrategy(file string, text []byte) (*strategy.Strategy, error) {
	s, err := strategy.Parse(file, text)
	if err != nil {
		return nil, &problem{exitRefused, err.Error()}
	}
	return s, nil
}

// published finds a version that was published: by hash, by name@version, or the latest of a name.
func published(ctx context.Context, db *store.Store, called string) (sqlc.Strategy, error) {
	if row, err := db.Strategy(ctx, called); !errors.Is(err, pgx.ErrNoRows) {
		return row, err
	}
	name, version, exact := strings.Cut(called, "@")
	if !exact {
		return db.LatestStrategy(ctx, name)
	}
	versions, err := report.Versions(ctx, db)
	if err != nil {
		return sqlc.Strategy{}, err
	}
	for _, v := range versions {
		if v.Name == name && v.Version == version {
			return db.Strategy(ctx, v.Hash)
		}
	}
	return sqlc.Strategy{}, pgx.ErrNoRows
}

func (a *app) strategyList() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List every version of a strategy that was published, and how many loans it accompanies",
		Long: `List every version of a strategy that was published, and how many open loans it accompanies. Versions are kept for ever, by
the hash of their content: a journey stays with the one that it began with until it is moved. Reads Postgres alone.`,
		Example: "  tender strategy list",
		Args:    takes(),
		RunE: a.does(func(ctx context.Context, _ []string) error {
			return a.reading(ctx, func(db *store.Store) error {
				all, err := report.Versions(ctx, db)
				if err != nil {
					return err
				}
				return a.print(all, func(w io.Writer, style report.Style) error { return report.WriteVersions(w, style, all) })
			})
		}),
	}
}

func (a *app) strategyShow() *cobra.Command {
	var segment string
	c := &cobra.Command{
		Use:     "show STRATEGY",
		Short:   "Draw a strategy as a timeline, for all of its segments or one",
		Long:    "Draw a strategy as a timeline, for all of its segments or one. " + strategyNames,
		Example: "  tender strategy show gentle-installment\n  tender strategy show mine.yaml --segment vulnerable",
		Args:    takes("STRATEGY"),
		RunE: a.does(func(ctx context.Context, args []string) error {
			s, err := a.strategyOf(ctx, args[0])
			if err != nil {
				return err
			}
			if _, ok := s.Tier(segment); segment != "" && !ok {
				return notFound("strategy %s has no segment %s; it has %s", s.Name, segment, strings.Join(s.Names(), ", "))
			}
			drawn := report.Draw(s, segment)
			return a.print(drawn, func(w io.Writer, style report.Style) error { return report.WriteDrawn(w, style, drawn) })
		}),
	}
	c.Flags().StringVar(&segment, "segment", "", "only what holds for the loans of a segment")
	return c
}

// strategyLinted is what tender strategy lint says of a file that is right.
type strategyLinted struct {
	File    string `json:"file"`
	Name    string `json:"name"`
	Version string `json:"version"`
	Hash    string `json:"hash"`
	// Warnings are what is allowed, and probably not meant.
	Warnings []string `json:"warnings"`
}

func (a *app) strategyLint() *cobra.Command {
	return &cobra.Command{
		Use:   "lint FILE",
		Short: "Check a file with a strategy",
		Long: `Check a file with a strategy. What is wrong is said with its line and column, and the exit code is 4; what is probably not
meant is a warning. docs/strategies.md describes every field.`,
		Example: "  tender strategy lint examples/strategies/patient.yaml",
		Args:    takes("FILE"),
		RunE: a.does(func(_ context.Context, args []string) error {
			text, err := a.readFile(args[0])
			if err != nil {
				return err
			}
			s, err := parseStrategy(args[0], text)
			if err != nil {
				return err
			}
			if err := a.checkProducts(s); err != nil {
				return err
			}
			warnings, err := a.challengers(s)
			if err != nil {
				return err
			}
			found := strategyLinted{args[0], s.Name, s.Version, s.Hash, append(s.Warnings(), warnings...)}
			return a.print(found, func(w io.Writer, _ report.Style) error {
				for _, warning := range found.Warnings {
					if _, err := fmt.Fprintf(w, "%s: warning: %s\n", found.File, warning); err != nil {
						return err
					}
				}
				_, err := fmt.Fprintf(w, "%s: %s@%s is a strategy (%s)\n", found.File, found.Name, found.Version, found.Hash)
				return err
			})
		}),
	}
}

// challengers warns of challengers of a strategy that lie nowhere, or have challengers of their own.
func (a *app) challengers(s *strategy.Strategy) ([]string, error) {
	set, err := a.settings()
	if err != nil || len(s.Challengers) == 0 {
		return nil, err
	}
	all, err := strategy.Load(set.Strategies)
	if err != nil {
		return nil, &problem{exitRefused, err.Error()}
	}
	all = append(slices.DeleteFunc(all, func(other *strategy.Strategy) bool { return other.Name == s.Name }), s)
	if err := strategy.CheckChallengers(all); err != nil {
		return []string{err.Error() + "; a worker with this file starts only once that is mended, or the challenger is published"}, nil
	}
	return nil, nil
}

// checkProducts refuses a strategy that offers plans which are not among those of the installation.
func (a *app) checkProducts(s *strategy.Strategy) error {
	set, err := a.settings()
	if err != nil {
		return err
	}
	products, err := hardship.Load(set.Products)
	if err != nil {
		return err
	}
	if err := s.CheckProducts(products); err != nil {
		return &problem{exitRefused, err.Error()}
	}
	return nil
}

func (a *app) strategyDiff() *cobra.Command {
	return &cobra.Command{
		Use:     "diff STRATEGY STRATEGY",
		Short:   "Say what changes, and for the loans of which segments, from one strategy to another",
		Long:    "Say what changes, and for the loans of which segments, from one strategy to another. " + strategyNames,
		Example: "  tender strategy diff gentle-installment mine.yaml",
		Args:    takes("STRATEGY", "STRATEGY"),
		RunE: a.does(func(ctx context.Context, args []string) error {
			was, err := a.strategyOf(ctx, args[0])
			if err != nil {
				return err
			}
			is, err := a.strategyOf(ctx, args[1])
			if err != nil {
				return err
			}
			changes := strategy.Diff(was, is)
			if changes == nil {
				changes = []strategy.Change{}
			}
			return a.print(changes, func(w io.Writer, style report.Style) error { return report.WriteChanges(w, style, changes) })
		}),
	}
}

func (a *app) strategyFacts() *cobra.Command {
	return &cobra.Command{
		Use:     "facts",
		Short:   "List the facts that the condition of a segment can ask about",
		Long:    "List the facts that the condition of a segment can ask about. Amounts are whole numbers of the currency's smallest unit: compare\nthem with amount('100.00').",
		Example: "  tender strategy facts",
		Args:    takes(),
		RunE: a.does(func(context.Context, []string) error {
			return a.print(strategy.SegmentFacts, func(w io.Writer, style report.Style) error { return report.WriteFacts(w, style, strategy.SegmentFacts) })
		}),
	}
}

func (a *app) strategySchema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of strategies, for editors",
		Long: `Print the JSON Schema of strategies. With a first line such as

  # yaml-language-server: $schema=strategy.schema.json

editors that know YAML complete a strategy's fields, and say what each means.`,
		Example: "  tender strategy schema > strategy.schema.json",
		Args:    takes(),
		RunE: a.does(func(context.Context, []string) error {
			_, err := a.out.Write(strategy.Schema())
			return err
		}),
	}
}

func (a *app) strategyPublish() *cobra.Command {
	return &cobra.Command{
		Use:   "publish FILE",
		Short: "Publish a strategy: loans that begin from now on are accompanied by it",
		Long: `Publish a strategy: loans that begin from now on and ask for its name are accompanied by it. Journeys that run stay with the
version that they have; tender strategy migrate moves them. A version that was published before can be published again, which
makes it the one with which loans begin. A file that says something else under a version that is known is refused.`,
		Example: "  tender strategy publish mine.yaml",
		Args:    takes("FILE"),
		RunE: a.does(func(ctx context.Context, args []string) error {
			text, err := a.readFile(args[0])
			if err != nil {
				return err
			}
			s, err := parseStrategy(args[0], text)
			if err != nil {
				return err
			}
			if err := a.checkProducts(s); err != nil {
				return err
			}
			return a.reading(ctx, func(db *store.Store) error { return a.publish(ctx, db, s) })
		}),
	}
}

func (a *app) publish(ctx context.Context, db *store.Store, s *strategy.Strategy) error {
	versions, err := report.Versions(ctx, db)
	if err != nil {
		return err
	}
	for _, v := range versions {
		if v.Name == s.Name && v.Version == s.Version && v.Hash != s.Hash {
			return &problem{exitRefused, fmt.Sprintf("%s@%s was published with other content (%s); give the file another version", s.Name, s.Version, v.Hash)}
		}
	}
	for _, challenger := range s.Challengers {
		if !slices.ContainsFunc(versions, func(v report.Version) bool { return v.Name == challenger.Strategy }) {
			return &problem{exitRefused, fmt.Sprintf("the challenger %s is not published; publish it first", challenger.Strategy)}
		}
	}
	if err := checkArms(ctx, db, s); err != nil {
		return err
	}
	err = db.PublishStrategy(ctx, sqlc.PublishStrategyParams{Hash: s.Hash, Name: s.Name, Version: s.Version, Yaml: s.Text, PublishedBy: a.actor()})
	if err != nil {
		return err
	}
	done := report.Version{Name: s.Name, Version: s.Version, Hash: s.Hash, Latest: true, PublishedBy: a.actor()}
	if versions, err = report.Versions(ctx, db); err != nil {
		return err
	}
	for _, v := range versions {
		if v.Hash == s.Hash {
			done = v
		}
	}
	return a.print(done, func(w io.Writer, _ report.Style) error {
		_, err := fmt.Fprintf(w, "%s@%s (%s) is published: loans that ask for %s begin with it from now on\njourneys that run stay with the version that they have\n",
			done.Name, done.Version, done.Hash, done.Name)
		return err
	})
}

// checkArms refuses a strategy one of whose challengers has challengers of its own, or that has some and is one itself.
func checkArms(ctx context.Context, db *store.Store, s *strategy.Strategy) error {
	versions, err := report.Versions(ctx, db)
	if err != nil {
		return err
	}
	for _, v := range versions {
		if !v.Latest || v.Name == s.Name {
			continue
		}
		row, err := db.Strategy(ctx, v.Hash)
		if err != nil {
			return err
		}
		other, err := strategy.Stored(row.Name, []byte(row.Yaml))
		if err != nil {
			continue // its own loans are told of that
		}
		challenges := func(one, champion *strategy.Strategy) bool {
			return slices.ContainsFunc(champion.Challengers, func(c strategy.Challenger) bool { return c.Strategy == one.Name })
		}
		switch {
		case challenges(other, s) && len(other.Challengers) > 0:
			return &problem{exitRefused, fmt.Sprintf("the challenger %s has challengers of its own", other.Name)}
		case challenges(s, other) && len(s.Challengers) > 0:
			return &problem{exitRefused, fmt.Sprintf("%s is a challenger of %s, and cannot have challengers of its own", s.Name, other.Name)}
		}
	}
	return nil
}

func (a *app) strategyReport() *cobra.Command {
	return &cobra.Command{
		Use:   "report",
		Short: "Compare how loans fare, by strategy, version and segment",
		Long: `Compare how loans fare, by strategy, version and segment. ASKED FOR is the strategy that was asked for: where it differs from
what accompanies the loans, these are a challenger's share, or were moved. Reads Postgres alone.`,
		Example: "  tender strategy report",
		Args:    takes(),
		RunE: a.does(func(ctx context.Context, _ []string) error {
			return a.reading(ctx, func(db *store.Store) error {
				all, err := report.Fares(ctx, db)
				if err != nil {
					return err
				}
				return a.print(all, func(w io.Writer, style report.Style) error { return report.WriteFares(w, style, all) })
			})
		}),
	}
}
