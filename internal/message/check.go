package message

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/strictyaml"
)

// checker collects what is wrong with a catalogue.
type checker struct {
	file     *strictyaml.File
	mistakes []error
}

func (k *checker) wrong(path, format string, args ...any) {
	k.mistakes = append(k.mistakes, k.file.Errorf(path, format, args...))
}

func (k *checker) language(c *catalogue) {
	if _, err := language.Parse(c.Language); err != nil {
		k.wrong("$.language", "%q is no language; write a BCP 47 tag such as en or zh-CN", c.Language)
	}
	if c.Example.Name == "" || c.Example.Lender == "" || c.Example.Currency == "" {
		k.wrong("$.example", "name, lender or currency is missing; say whom previews are for")
	}
	day := time.Date(2026, time.December, 31, 0, 0, 0, 0, time.UTC)
	if back, err := time.Parse(c.Date, day.Format(c.Date)); err != nil || !back.Equal(day) {
		k.wrong("$.date", "%q does not name day, month and year; write the second of January 2006 as this language does", c.Date)
	}
	if !strings.Contains(c.Money["other"], "{currency}") {
		k.wrong("$.money", "other is missing or does not name {currency}; write such as {currency} {amount}")
	}
	for currency, pattern := range c.Money {
		if !strings.Contains(pattern, "{amount}") {
			k.wrong("$.money."+currency, "does not name {amount}")
		}
	}
	k.byChannel("$.help", c.Help, "say how to reach a person where the lender has not said")
	k.byChannel("$.reply", c.Reply, "say how an answer such as YES is given, such as reply")
	for _, channel := range contact.Channels {
		switch sentence := c.OptOut[string(channel)]; {
		case channel.Electronic() && sentence == "":
			k.wrong("$.opt_out", "%s is missing; say how messages on it are stopped", channel)
		case !channel.Electronic() && sentence != "":
			k.wrong("$.opt_out."+string(channel), "no message is sent electronically on this channel; leave it out")
		}
	}
	for _, part := range []compliance.Part{compliance.MiniMiranda, compliance.FromCollector} {
		if c.Disclosures[part] == "" {
			k.wrong("$.disclosures", "%s is missing; write the sentence", part)
		}
	}
	for channel := range c.OptOut {
		if !slices.Contains(contact.Channels, contact.Channel(channel)) {
			k.wrong("$.opt_out."+channel, "is no channel; use one of %s", closed.Join(contact.Channels))
		}
	}
}

// exampleTexts refuses an example of what is no text, and one that says nothing.
func (k *checker) exampleTexts(c *catalogue) {
	for name, example := range c.Example.Texts {
		switch path := "$.example.texts." + name; {
		case c.kinds[name] != text:
			k.wrong(path, "is no variable of the kind %s; leave it out", text)
		case plain(example) == "":
			k.wrong(path, "is missing; leave it out for the one in templates.yaml")
		}
	}
}

// byChannel checks wordings that differ by channel.
func (k *checker) byChannel(path string, wordings map[string]string, use string) {
	if strings.TrimSpace(wordings[other]) == "" {
		k.wrong(path, "%s is missing; %s", other, use)
	}
	for channel, wording := range wordings {
		switch {
		case channel != other && !slices.Contains(contact.Channels, contact.Channel(channel)):
			k.wrong(path+"."+channel, "is no channel; use one of %s, or %s", closed.Join(contact.Channels), other)
		case channel != other && strings.TrimSpace(wording) == "":
			k.wrong(path+"."+channel, "is missing; %s", use)
		}
	}
}

func (k *checker) counts(c *catalogue) {
	for _, kind := range counted {
		if !strings.Contains(c.Counts[kind].Other, "{n}") {
			k.wrong("$.counts."+kind, "other is missing or does not name {n}; write such as {n} %s", kind)
		}
	}
	for kind := range c.Counts {
		if !slices.Contains(counted, kind) {
			k.wrong("$.counts."+kind, "is nothing that is counted; use one of %s", closed.Join(counted))
		}
	}
}

func (k *checker) words(c *catalogue, declared map[string][]string) {
	for key, between := range map[string]string{"between": c.List.Between, "last": c.List.Last} {
		if between == "" {
			k.wrong("$.list", "%s is missing; write what stands between the things of a list, such as %q", key, ", ")
		}
	}
	for variable, all := range declared {
		for _, name := range all {
			if strings.TrimSpace(c.Words[variable][name]) == "" {
				k.wrong("$.words."+variable, "%s is missing", name)
			}
		}
	}
	for variable, wordings := range c.Words {
		for name := range wordings {
			if !slices.Contains(declared[variable], name) {
				k.wrong("$.words."+variable+"."+name, "there is no such word; use those in templates.yaml")
			}
		}
	}
}

func (k *checker) frame(path, text string) *parsed {
	p := k.parse(path, text, []string{"lender", "text", "step", "help", "bare"}, []string{"name", "step", "loan"})
	for _, part := range []string{"lender", "text", "step"} {
		if p != nil && !p.names[part] {
			k.wrong(path, "must name {{.%s}}", part)
		}
	}
	return p
}

func (k *checker) wording(path string, w wording, d declaration) (short, long form) {
	always := slices.Concat([]string{"lender", "help", "reply"}, d.Needs)
	if !d.Loanless {
		always = slices.Insert(always, 3, "loan")
	}
	with := func(may []string) func(path, text string) *parsed {
		return func(path, text string) *parsed {
			if strings.TrimSpace(text) == "" {
				k.wrong(path, "is missing")
				return nil
			}
			return k.parse(path, reflow(text), always, may)
		}
	}
	required := with(d.May)
	short.text = required(path+".short", w.Short)
	long.subject = required(path+".subject", w.Subject)
	long.text = with(slices.Concat(d.May, d.Long))(path+".long", w.Long)
	switch {
	case d.Arrears:
		short.step = k.step(path+".smaller_step.short", required, w.SmallerStep.Short)
		long.step = k.step(path+".smaller_step.long", required, w.SmallerStep.Long)
	case w.SmallerStep.Short+w.SmallerStep.Long != "":
		k.wrong(path+".smaller_step", "is only for messages about a payment that is late; leave it out")
	}
	return short, long
}

// step reads a smaller next step, which must say how to take it.
func (k *checker) step(path string, required func(path, text string) *parsed, text string) *parsed {
	p := required(path, text)
	if p != nil && !p.names["help"] {
		k.wrong(path, "must name {{.help}}, which says how to take the step")
	}
	return p
}
