// Package message turns a template and the facts of a loan into the words that a borrower reads. The templates are data
// (templates.yaml, and a catalogue for each language), checked before the first message is rendered: kind, plain, saying
// who writes and how to make it stop, and, when a payment is late, never without a smaller next step to take.
package message

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
)

// Fill is what a message names.
type Fill struct {
	// Name is the borrower's name, as they wish to be addressed; without one the greeting goes without.
	Name string
	// Lender is the name that the borrower knows the lender by. Every message needs it.
	Lender string
	// Loan is the id of the loan. A message that is not about a loan, but about a complaint, does without.
	Loan string
	// Values are the other variables: those that templates.yaml declares; currency, an ISO 4217 code; and help, which
	// completes "to talk to someone, ..." and has a default. An amount such as 1000.00 and a date such as 2026-01-31 are
	// written as the language writes them, any other text in their place as it is. A count is a whole number such as 6, and
	// a word one of those that templates.yaml lists, such as deferral; where there can be several, commas stand between them. A
	// text keeps its lines in a long form, and is one line in a short one. An amount of zero that can be missing is missing, and so
	// is a last due date that is the next one as well.
	Values map[string]string
	// Also are other loans of the same borrower that the message speaks of, so that one person gets one message. Only a
	// message about arrears does, and one that reminds of a due date.
	Also []Also
}

// Also is what a message says of another loan: of arrears what was due and is unpaid, and since when; of a due date what is due,
// and when.
type Also struct {
	Loan, Currency, PastDue, Since, Amount, Due string
}

// Names reports whether a template can name a variable.
func Names(template, variable string) bool {
	d := shipped().templates[template]
	return slices.Contains(d.Needs, variable) || slices.Contains(d.May, variable) || slices.Contains(d.Long, variable)
}

// Reminds reports whether a template reminds of a due date.
func Reminds(template string) bool { return shipped().templates[template].reminds() }

// reminds reports whether a template reminds of a due date: it needs that, what is due, and nothing else.
func (d declaration) reminds() bool { return slices.Equal(d.Needs, []string{"amount", "due"}) }

// Text is a rendered message. Subject is empty on channels that have none, and is always one line.
type Text struct {
	Subject, Body string
	// Carries are the parts that rules about content may ask for and that the message has.
	Carries []compliance.Part
}

var (
	// ErrUnknownTemplate says that there is no template with a name.
	ErrUnknownTemplate = errors.New("unknown template")
	// ErrUnwritten says that nothing is written on a channel: calls and visits are made by people.
	ErrUnwritten = errors.New("no message is written on this channel")
)

// MissingValueError says that a template needs a value that was not given.
type MissingValueError struct{ Template, Name string }

// Error names template and variable; values can be personal and are never part of it.
func (e *MissingValueError) Error() string {
	return fmt.Sprintf("template %s needs the value %s; give it in the fill", e.Template, e.Name)
}

// WrongValueError says that a value cannot be what its variable is.
type WrongValueError struct {
	Template, Name string
	// Use says what would be right.
	Use string
}

// Error names template and variable; values can be personal and are never part of it.
func (e *WrongValueError) Error() string {
	return fmt.Sprintf("template %s cannot use the value of %s; %s", e.Template, e.Name, e.Use)
}

// Templates returns the names of all templates, sorted.
func Templates() []string { return slices.Sorted(maps.Keys(shipped().templates)) }

// Words returns the words that a variable of the kind word can be, such as the questions of surveys.
func Words(variable string) []string { return shipped().words[variable] }

// Render renders a template for a channel, in a language given as a BCP 47 tag. A language that has no catalogue of its
// own falls back to one that its readers read as well (zh and zh-SG to zh-CN, en-GB to en), and else to English. Its
// errors name templates and variables, never their values. Parts that rules ask for are added where the catalogue has a
// sentence for them; what the message carries in the end stands in [Text].
func Render(template, language string, channel contact.Channel, fill Fill, must ...compliance.Part) (Text, error) {
	return shipped().Render(template, language, channel, fill, must...)
}

// Render renders a template with the wording of the library, as [Render] does. No library is the one that comes with Tender.
func (l *Library) Render(template, language string, channel contact.Channel, fill Fill, must ...compliance.Part) (Text, error) {
	if l == nil {
		l = shipped()
	}
	declared, known := l.templates[template]
	if !known {
		return Text{}, fmt.Errorf("%w %q; use one of %s", ErrUnknownTemplate, template, strings.Join(Templates(), ", "))
	}
	if channel != contact.Letter && !channel.Electronic() {
		return Text{}, fmt.Errorf("%w: %s", ErrUnwritten, channel)
	}
	catalogue, theirs := l.catalogue(language)
	values, err := catalogue.values(template, declared, channel, fill)
	if err != nil {
		return Text{}, err
	}
	also, err := catalogue.others(template, declared, fill.Also)
	if err != nil {
		return Text{}, err
	}
	text, err := catalogue.compose(template, declared, channel, values, also, must)
	if theirs {
		text.Carries = append(text.Carries, compliance.BorrowersLanguage)
	}
	return text, err
}

// compose puts the wording into its frame, and adds what rules ask for and how to stop messages.
func (c *catalogue) compose(
	template string, declared declaration, channel contact.Channel, values map[string]any, also []string, must []compliance.Part,
) (Text, error) {
	frame, form, gap, between := c.short, c.wordings[template].short, "\n", c.between()
	if channel == contact.Email || channel == contact.Letter {
		frame, form, gap, between = c.long, c.wordings[template].long, "\n\n", "\n\n"
	}
	var text Text
	var err error
	lines := c.inOneLine(values)
	if frame == c.long {
		lines = values
	}
	for _, part := range []struct {
		parsed *parsed
		values map[string]any
		into   func(string)
	}{
		{form.text, lines, func(s string) { values["text"] = strings.Join(append([]string{s}, also...), between) }},
		{form.step, lines, func(s string) { values["step"] = s }},
		{form.subject, c.inOneLine(values), func(s string) { text.Subject = s }},
		{frame, values, func(s string) { text.Body = s }},
	} {
		written := ""
		if part.parsed != nil {
			if written, err = part.parsed.write(part.values); err != nil {
				return Text{}, fmt.Errorf("template %s cannot be rendered; check the catalogue %s", template, c.Language)
			}
		}
		part.into(written)
	}
	text.Carries = []compliance.Part{compliance.Identity, compliance.CreditorName}
	if declared.Bare {
		return text, nil
	}
	reach := []compliance.Part{compliance.HelpChannel, compliance.ContactDetails}
	asked := slices.ContainsFunc(must, func(part compliance.Part) bool { return slices.Contains(reach, part) })
	said := strings.Contains(text.Body, fmt.Sprint(values["help"]))
	if asked && !said {
		sentence, err := c.talk.write(values)
		if err != nil {
			return Text{}, fmt.Errorf("template %s cannot be rendered; check the catalogue %s", template, c.Language)
		}
		text.Body, said = text.Body+gap+sentence, true
	}
	if said {
		text.Carries = append(text.Carries, reach...)
	}
	if declared.Arrears {
		text.Carries = append(text.Carries, compliance.HardshipHelp)
	}
	for _, part := range must {
		if sentence := c.Disclosures[part]; sentence != "" {
			text.Body, text.Carries = text.Body+gap+sentence, append(text.Carries, part)
		}
	}
	if sentence := c.OptOut[string(channel)]; sentence != "" {
		text.Body, text.Carries = text.Body+gap+sentence, append(text.Carries, compliance.OptOutLine)
	}
	return text, nil
}

// inOneLine returns values whose texts have no lines, as a short form and a subject need them.
func (c *catalogue) inOneLine(values map[string]any) map[string]any {
	flat := maps.Clone(values)
	for name, value := range values {
		if c.kinds[name] == text {
			flat[name] = clean(fmt.Sprint(value))
		}
	}
	return flat
}

// values returns all that wordings and frames of a template may name, written as the language writes it.
func (c *catalogue) values(template string, declared declaration, channel contact.Channel, fill Fill) (map[string]any, error) {
	values := map[string]any{
		"name": clean(fill.Name), "lender": clean(fill.Lender), "loan": clean(fill.Loan), "bare": declared.Bare,
		"help": on(c.Help, channel), "reply": on(c.Reply, channel),
	}
	if help := clean(fill.Values["help"]); help != "" {
		values["help"] = strings.TrimRight(help, ".。")
	}
	if declared.Loanless {
		values["loan"] = ""
	}
	for _, name := range []string{"lender", "loan"} {
		if values[name] == "" && (name == "lender" || !declared.Bare && !declared.Loanless) {
			return nil, &MissingValueError{template, name}
		}
	}
	for _, name := range slices.Concat(declared.Needs, declared.May, declared.Long) {
		needed := slices.Contains(declared.Needs, name)
		same := name == "last_due" && clean(fill.Values[name]) == clean(fill.Values["due"]) // what is paid back at once
		if values[name] = ""; !needed && (same || c.kinds[name] != text && nothing(clean(fill.Values[name]))) {
			continue
		}
		value, err := c.write(name, fill.Values)
		switch {
		case errors.Is(err, errNoCurrency):
			return nil, &MissingValueError{template, "currency"}
		case err != nil:
			return nil, &WrongValueError{template, name, err.Error()}
		case value == "" && needed:
			return nil, &MissingValueError{template, name}
		}
		values[name] = value
	}
	return values, nil
}

// others are the sentences about other loans.
func (c *catalogue) others(template string, declared declaration, also []Also) (sentences []string, err error) {
	if len(also) > 0 && !declared.Arrears && !declared.reminds() {
		return nil, &WrongValueError{template, "also", "only a message about arrears, or a due date, speaks of other loans"}
	}
	parsed, names := c.also, []string{"past_due", "past_due_since"}
	if declared.reminds() {
		parsed, names = c.alsoDue, []string{"amount", "due"}
	}
	for _, other := range also {
		values := map[string]any{"loan": clean(other.Loan)}
		given := map[string]string{
			"currency": other.Currency, "past_due": other.PastDue, "past_due_since": other.Since, "amount": other.Amount, "due": other.Due,
		}
		for _, name := range names {
			if values[name], err = c.write(name, given); err != nil || values[name] == "" || values["loan"] == "" {
				return nil, &MissingValueError{template, "also." + name}
			}
		}
		sentence, err := parsed.write(values)
		if err != nil {
			return nil, fmt.Errorf("template %s cannot be rendered; check the catalogue %s", template, c.Language)
		}
		sentences = append(sentences, sentence)
	}
	return sentences, nil
}

// between is what stands between two sentences: nothing, where a language's sentences end in a full-width stop.
func (c *catalogue) between() string {
	if strings.HasSuffix(c.Also, "。") {
		return ""
	}
	return " "
}

// clean makes one line of a value: a name must not be able to add lines to a message, or headers to a mail.
func clean(value string) string {
	return strings.Join(strings.FieldsFunc(value, func(r rune) bool {
		return r <= ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == '\u2028' || r == '\u2029'
	}), " ")
}
