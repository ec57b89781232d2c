package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/compliance/calendar"
	"github.com/tender-engine/tender/internal/report"
)

// shelf has the commands about a kind of file of which some come with Tender and others lie in a folder of rulebooks of one's own.
type shelf[T any] struct {
	// word is what one is called, says what is shown of it, path how the commands begin.
	word, says, path string
	// known is one that there is, file the name that another could have.
	known, file string
	// all returns those that there are, with those of a folder; one reads another, which may name those calendars.
	all func(dir string) ([]T, error)
	one func(file string, text []byte, calendars *calendar.Calendars) (T, error)
	// about returns the name and the version of one, and what it has.
	about func(T) (name, version, has string)
	list  func(io.Writer, report.Style, []T) error
	show  func(io.Writer, report.Style, T) error
}

func (s shelf[T]) commands(a *app) []*cobra.Command {
	var dir string
	all := []*cobra.Command{
		{
			Use: "list", Short: "List the " + s.word + "s, with the places that they cover", Args: takes(),
			Example: fmt.Sprintf("  %[1]s list\n  %[1]s list --rulebooks rules", s.path),
			RunE: a.does(func(context.Context, []string) error {
				all, err := s.all(a.ownRules(dir))
				if err != nil {
					return &problem{exitRefused, err.Error()}
				}
				return a.print(all, func(w io.Writer, style report.Style) error { return s.list(w, style, all) })
			}),
		},
		{
			Use: "show NAME", Short: "Show " + s.says + ", each with its citation", Args: takes("NAME"),
			Example: fmt.Sprintf("  %s show %s", s.path, s.known),
			RunE: a.does(func(_ context.Context, args []string) error {
				all, err := s.all(a.ownRules(dir))
				if err != nil {
					return &problem{exitRefused, err.Error()}
				}
				found, err := named(s.word, args[0], all, func(one T) string { name, _, _ := s.about(one); return name })
				if err != nil {
					return err
				}
				return a.print(found, func(w io.Writer, style report.Style) error { return s.show(w, style, found) })
			}),
		},
		{
			Use: "lint FILE", Short: "Check a " + s.word + ", and say all that is wrong with it, with line and column", Args: takes("FILE"),
			Example: fmt.Sprintf("  %s lint %s", s.path, s.file),
			RunE: a.does(func(_ context.Context, args []string) error {
				text, err := a.readFile(args[0])
				if err != nil {
					return err
				}
				calendars, err := calendar.Load(a.ownRules(dir))
				if err != nil {
					return &problem{exitRefused, err.Error()}
				}
				found, err := s.one(args[0], text, calendars)
				if err != nil {
					return &problem{exitRefused, err.Error()}
				}
				return a.print(found, func(w io.Writer, _ report.Style) error {
					name, version, has := s.about(found)
					_, err := fmt.Fprintf(w, "%s: %s %s@%s is in order, with %s\n", args[0], s.word, name, version, has)
					return err
				})
			}),
		},
	}
	for _, c := range all {
		rulebooksFlag(c, &dir)
	}
	return all
}

// named finds one of several by its name.
func named[T any](word, name string, all []T, nameOf func(T) string) (found T, err error) {
	var names []string
	for _, one := range all {
		if nameOf(one) == name {
			return one, nil
		}
		names = append(names, nameOf(one))
	}
	return found, notFound("%s %s is not known; there are %s", word, name, strings.Join(names, ", "))
}

// rulebooksFlag is the folder of rulebooks of one's own.
func rulebooksFlag(c *cobra.Command, dir *string) {
	c.Flags().StringVar(dir, "rulebooks", "", "folder with rulebooks of your own, in which complaints has regimes and calendars has calendars; "+
		"one takes the place of a shipped one by bearing its name (TENDER_RULEBOOKS)")
	_ = c.MarkFlagDirname("rulebooks")
}

// ownRules is a folder of rulebooks that was named, or else the installation's.
func (a *app) ownRules(dir string) string { return cmp.Or(dir, a.env.Get("TENDER_RULEBOOKS")) }
