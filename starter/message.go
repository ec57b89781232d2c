package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/channel"
	"github.com/tender-engine/tender/internal/compliance"
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
charged. What rules add for some lenders, such as that a collector writes, is not in it. A language without a catalogue of its own is
shown as its readers get it, such as zh-SG in zh-CN. The words are those of the folder TENDER_MESSAGES where it has them. No server is
needed.`,
		Example: "  tender message preview notice-1\n  tender message preview notice-1 --lang zh-CN --channel email",
	}
	c.Flags().StringVar(&language, "lang", "en", "language, as a BCP 47 tag such as en-GB; there are "+strings.Join(messages.Languages(), ", "))
	wordVar(c, &on, "channel", "channel", channel.Written, "channel")
	complete(c, "lang", messages.Languages()...)
	c.ValidArgsFunction = cobra.FixedCompletions(messages.Templates(), cobra.ShellCompDirectiveNoFileComp)
	c.RunE = a.does(func(_ context.Context, args []string) error {
		words, err := a.messages()
		if err != nil {
			return err
		}
		if !words.Reads(language) {
			return misuse(c, "no catalogue has the language %q; use one of %s", language, strings.Join(words.Languages(), ", "))
		}
		shown, err := report.PreviewOf(words, args[0], language, on)
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

// messages are the words of this installation; no server is asked.
func (a *app) messages() (*messages.Library, error) {
	all, err := messages.Load(a.env.Get("TENDER_MESSAGES"))
	if err != nil {
		return nil, &problem{exitRefused, err.Error()}
	}
	return all, nil
}

// linted is what a catalogue was found to be.
type linted struct {
	File     string `json:"file"`
	Language string `json:"language"`
	// Warnings are what is allowed, and probably not meant.
	Warnings []string `json:"warnings"`
}

func (a *app) messageLint() *cobra.Command {
	c := &cobra.Command{
		Use: "lint [FILE...]", Short: "Check the words of a catalogue, and say all that is wrong with them, with line and column", Args: cobra.ArbitraryArgs,
		Long: `Check the words of a catalogue: that every template is worded and names what it must, that a message about a late payment
offers a smaller step, that an SMS is not too long, and that nothing threatens, shames, hurries, speaks of courts or lawyers, or says that others
are told. It looks for words and not for meanings: a person reads every catalogue as well. Without a file it checks the catalogues that come
with Tender. An SMS that is too long only with TENDER_LENDER_NAME and TENDER_HELP as they are is a warning; of who collects its own loans
(TENDER_PARTY) no rule asks for more words.

A catalogue of your own is a copy of internal/message/en.yaml or zh-CN.yaml with words of your own, in a folder that TENDER_MESSAGES names.
A worker checks it in the same way when it starts, and does not start with one that is not in order. It takes the place of the catalogue
in its language; templates, variables and languages are those of Tender. No server is needed.`,
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
			words, err := messages.Read(name, files[name])
			if wrong = append(wrong, err); err == nil {
				all = append(all, linted{name, words.Languages()[0], a.tooLong(words)})
			}
		}
		if err := errors.Join(wrong...); err != nil {
			return &problem{exitRefused, err.Error()}
		}
		return a.print(all, func(w io.Writer, _ report.Style) error {
			for _, one := range all {
				for _, warning := range one.Warnings {
					if _, err := fmt.Fprintf(w, "%s: warning: %s\n", one.File, warning); err != nil {
						return err
					}
				}
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

// tooLong warns of messages that are too long as an SMS with the name of this lender and its way to help, where these are set.
func (a *app) tooLong(words *messages.Library) []string {
	from := messages.Sender{
		Lender: a.env.Get("TENDER_LENDER_NAME"), Help: a.env.Get("TENDER_HELP"), Own: a.env.Get("TENDER_PARTY") == string(compliance.FirstParty),
	}
	warnings := []string{}
	if from.Lender == "" && from.Help == "" {
		return warnings
	}
	for _, long := range words.TooLong(from) {
		warnings = append(warnings, fmt.Sprintf("%s in %s %s: shorten TENDER_LENDER_NAME or TENDER_HELP, or its words", long.Template, long.Language, long))
	}
	return warnings
}
