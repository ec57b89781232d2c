package message

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
)

// Template is what is known of a template without its wording.
type Template struct {
	Name  string `json:"name"`
	About string `json:"about"`
	// Needs are the variables without which it makes no sense, May those that can be missing.
	Needs []string `json:"needs,omitempty"`
	May   []string `json:"may,omitempty"`
	// Arrears says that it is about a payment that is late, and offers a smaller step. Bare messages say one thing only, and loanless
	// ones name no loan.
	Arrears  bool `json:"arrears,omitempty"`
	Bare     bool `json:"bare,omitempty"`
	Loanless bool `json:"loanless,omitempty"`
}

// Catalogue returns all templates, sorted by name.
func Catalogue() (all []Template) {
	for _, name := range Templates() {
		d := shipped().templates[name]
		all = append(all, Template{name, d.About, d.Needs, slices.Concat(d.May, d.Long), d.Arrears, d.Bare, d.Loanless})
	}
	return all
}

// Languages returns the languages that the messages of Tender are written in, as BCP 47 tags; the first is what is used for a
// reader whose language is not among them.
func Languages() []string { return shipped().Languages() }

// Languages returns the languages that messages are written in, as [Languages] does.
func (l *Library) Languages() []string { return slices.Clone(l.tags) }

// Files returns the catalogues that come with Tender, by the names of their files, and these names.
func Files() (texts map[string][]byte, names []string) {
	texts = map[string][]byte{}
	for _, tag := range shipped().tags {
		name := tag + ".yaml"
		text, err := files.ReadFile(name)
		if err != nil {
			panic(err) // it is part of the program
		}
		texts[name], names = text, append(names, name)
	}
	return texts, names
}

// Example returns an invented reader of a language, given as in [Render], with a value for every variable of every template.
func Example(language string) Fill { return shipped().Example(language) }

// Example returns an invented reader, as [Example] does.
func (l *Library) Example(language string) Fill {
	c, _ := l.catalogue(language)
	return c.example(l.examples)
}

func (c *catalogue) example(examples map[string]string) Fill {
	values := maps.Clone(examples)
	maps.Copy(values, c.Example.Texts)
	values["currency"] = c.Example.Currency
	return Fill{Name: c.Example.Name, Lender: c.Example.Lender, Loan: "L-1001", Values: values}
}

// mostSegments is in how many SMS any message must fit.
const mostSegments = 3

// Sender is who messages come from.
type Sender struct {
	// Lender and Help are as in [Fill]; where one is not known an invented one takes its place.
	Lender, Help string
	// Own says that it collects its own loans in its own name; of anybody else rules ask for a disclosure in what is collected.
	Own bool
}

// Long is a message that is longer as an SMS than any may be.
type Long struct {
	Template string `json:"template"`
	Language string `json:"language"`
	// Segments is how many SMS it takes.
	Segments int `json:"segments"`
	// GSM says that it is written in the GSM alphabet, of which more signs fit into one.
	GSM bool `json:"gsm"`
}

// TooLong returns the messages that are too long as an SMS when an invented reader gets them from a sender, with the most that
// rules may ask for.
func (l *Library) TooLong(from Sender) (all []Long) {
	for _, c := range l.catalogues {
		fill := c.example(l.examples)
		fill.Lender, fill.Values["help"] = cmp.Or(clean(from.Lender), fill.Lender), from.Help
		for _, template := range slices.Sorted(maps.Keys(l.templates)) {
			d := l.templates[template]
			long, err := c.length(template, d, fill, d.Arrears && !from.Own)
			if err == nil && long.Segments > mostSegments {
				all = append(all, long)
			}
		}
	}
	return all
}

// String says how long the message is, and how long it may be.
func (l Long) String() string {
	fits := "the GSM alphabet, with 160 signs in one and 153 in each of several"
	if !l.GSM {
		fits = "UCS-2, with 70 signs in one and 67 in each of several, because of a sign that the GSM alphabet lacks"
	}
	return fmt.Sprintf("takes %d SMS with what rules may add (%s); %d at most", l.Segments, fits, mostSegments)
}

// length says how long the SMS of a template is, with the way to help and, where it is asked, the longest disclosure.
func (c *catalogue) length(template string, d declaration, fill Fill, disclosed bool) (Long, error) {
	values, err := c.values(template, d, contact.SMS, fill)
	if err != nil {
		return Long{}, err
	}
	must := []compliance.Part{compliance.HelpChannel}
	if disclosed && len(c.Disclosures) > 0 {
		must = append(must, slices.MaxFunc(slices.Sorted(maps.Keys(c.Disclosures)), func(a, b compliance.Part) int {
			return utf8.RuneCountInString(c.Disclosures[a]) - utf8.RuneCountInString(c.Disclosures[b])
		}))
	}
	text, err := c.compose(template, d, contact.SMS, values, nil, must)
	segments, gsm := Segments(text.Body)
	return Long{template, c.Language, segments, gsm}, err
}

// tooLong says by how much the SMS of a template is too long for an invented reader, with the most that a rule may ask for;
// nothing when it is not.
func (c *catalogue) tooLong(template string, declared declarations) string {
	long, err := c.length(template, declared.Templates[template], c.example(declared.Examples), true)
	switch {
	case err != nil:
		return err.Error()
	case long.Segments > mostSegments:
		return long.String() + ", so shorten it"
	}
	return ""
}

// Fits reports whether a message that is rendered with the same arguments stays within three SMS. On other channels, and
// where it cannot be rendered, it does.
func (l *Library) Fits(template, language string, channel contact.Channel, fill Fill, must ...compliance.Part) bool {
	if channel != contact.SMS {
		return true
	}
	text, err := l.Render(template, language, channel, fill, must...)
	segments, _ := Segments(text.Body)
	return err != nil || segments <= mostSegments
}
