package message

import (
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
	// Arrears says that it is about a payment that is late, and offers a smaller step. Bare messages say one thing only.
	Arrears bool `json:"arrears,omitempty"`
	Bare    bool `json:"bare,omitempty"`
}

// Catalogue returns all templates, sorted by name.
func Catalogue() (all []Template) {
	for _, name := range Templates() {
		d := shipped().templates[name]
		all = append(all, Template{name, d.About, d.Needs, d.May, d.Arrears, d.Bare})
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
	values["currency"] = c.Example.Currency
	return Fill{Name: c.Example.Name, Lender: c.Example.Lender, Loan: "L-1001", Values: values}
}

// mostSegments is in how many SMS any message must fit.
const mostSegments = 3

// tooLong says by how much the SMS of a template is too long for an invented reader, with the most that a rule may ask for;
// nothing when it is not.
func (c *catalogue) tooLong(template string, declared declarations) string {
	d := declared.Templates[template]
	values, err := c.values(template, d, contact.SMS, c.example(declared.Examples))
	if err != nil {
		return err.Error()
	}
	must := []compliance.Part{compliance.HelpChannel}
	if len(c.Disclosures) > 0 {
		must = append(must, slices.MaxFunc(slices.Sorted(maps.Keys(c.Disclosures)), func(a, b compliance.Part) int {
			return utf8.RuneCountInString(c.Disclosures[a]) - utf8.RuneCountInString(c.Disclosures[b])
		}))
	}
	text, err := c.compose(template, d, contact.SMS, values, nil, must)
	if err != nil {
		return err.Error()
	}
	segments, gsm := Segments(text.Body)
	if segments <= mostSegments {
		return ""
	}
	fits := "the GSM alphabet, with 160 signs in one and 153 in each of several"
	if !gsm {
		fits = "UCS-2, with 70 signs in one and 67 in each of several, because of a sign that the GSM alphabet lacks"
	}
	return fmt.Sprintf("takes %d SMS with what rules may add (%s); %d at most, so shorten it", segments, fits, mostSegments)
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
