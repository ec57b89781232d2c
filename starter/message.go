package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/channel"
	"github.com/tender-engine/tender/internal/contact"
	messages "github.com/tender-engine/tender/internal/message"
	"github.com/tender-engine/tender/internal/report"
)

func (a *app) message() *cobra.Command {
	return group("message", "See what messages say, and check their words", a.messageList(), a.messagePreview(), a.messageLint())
}

func (a *app) messageList() *cobra.Command {
	c := &cobra.Command{
		Use: "list", Short: "List the templates: what each is for, and what it names", Args: takes(),
		Long: `List the templates: what each is for, and the variables that it names; those in brackets can be missing. Each is worded in
every language of the catalogue. No server is needed.`,
		Example: "  tender message list",
	}
	c.RunE = a.does(func(context.Context, []string) error {
		all := messages.Catalogue()
		return a.print(all, func(w io.Writer, style report.Style) error { return report.WriteTemplates(w, style, all) })
	})
	return c
}

func (a *app) messagePreview() *cobra.Command {
	var language string
	on := contact.SMS
	c := &cobra.Command{
		Use: "preview TEMPLATE", Short: "Show a message as a reader would get it, with invented names and amounts", Args: takes("TEMPLATE"),
		Long: `Show a message as a reader would get it, with invented names and amounts; for an SMS also as how many it is sent and
charged. What rules add for some lenders, such as that a collector writes, is not in it. No server is needed.`,
		Example: "  tender message preview notice-1\n  tender message preview notice-1 --lang zh-CN --channel email",
	}
	c.Flags().StringVar(&language, "lang", "en", "language, as a BCP 47 tag: "+strings.Join(messages.Languages(), ", "))
	wordVar(c, &on, "channel", "channel", channel.Written, "channel")
	complete(c, "lang", messages.Languages()...)
	c.ValidArgsFunction = cobra.FixedCompletions(messages.Templates(), cobra.ShellCompDirectiveNoFileComp)
	c.RunE = a.does(func(_ context.Context, args []string) error {
		if !slices.Contains(messages.Languages(), language) {
			return misuse(c, "no catalogue has the language %q; use one of %s", language, strings.Join(messages.Languages(), ", "))
		}
		shown, err := report.PreviewOf(args[0], language, on)
		switch {
		case errors.Is(err, messages.ErrUnknownTemplate):
			return notFound("%v", err)
		case err != nil:
			return &problem{exitRefused, err.Error()}
		}
		return a.print(shown, func(w io.Writer, style report.Style) error { return report.WritePreview(w, style, shown) })
	})
	return c
}

// linted is what a catalogue was found to be.
type linted struct {
	File     string `json:"file"`
	Language string `json:"language"`
}

func (a *app) messageLint() *cobra.Command {
	c := &cobra.Command{
		Use: "lint [FILE...]", Short: "Check the words of a catalogue, and say all that is wrong with them, with line and column", Args: cobra.ArbitraryArgs,
		Long: `Check the words of a catalogue: that every template is worded and names what it must, that a message about a late payment
offers a smaller step, that an SMS is not too long, and that nothing threatens, shames, hurries, speaks of courts or lawyers, or says that others
are told. Without a file it checks the catalogues that come with Tender. No server is needed.`,
		Example: "  tender message lint\n  tender message lint internal/message/en.yaml",
	}
	c.RunE = a.does(func(_ context.Context, args []string) error {
		files := map[string][]byte{}
		for _, name := range args {
			text, err := a.readFile(name)
			if err != nil {
				return err
			}
			files[name] = text
		}
		if len(args) == 0 {
			files, args = messages.Files()
		}
		var all []linted
		var wrong []error
		for _, name := range args {
			language, err := messages.Lint(name, files[name])
			all, wrong = append(all, linted{name, language}), append(wrong, err)
		}
		if err := errors.Join(wrong...); err != nil {
			return &problem{exitRefused, err.Error()}
		}
		return a.print(all, func(w io.Writer, _ report.Style) error {
			for _, one := range all {
				if _, err := fmt.Fprintf(w, "%s: the catalogue in %s is in order, with %s\n", one.File, one.Language,
					report.Count(int64(len(messages.Templates())), "template")); err != nil {
					return err
				}
			}
			return nil
		})
	})
	return c
}
