package message

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/strictyaml"
)

// other stands for every channel that wordings by channel do not name.
const other = "other"

// catalogue is the wording in one language; see en.yaml.
type catalogue struct {
	Language string `yaml:"language"`
	// Example is whom previews are for.
	Example struct {
		Name     string `yaml:"name"`
		Lender   string `yaml:"lender"`
		Currency string `yaml:"currency"`
		// Texts are values of variables of the kind text, where another one than in templates.yaml reads better in this language.
		Texts map[string]string `yaml:"texts"`
	} `yaml:"example"`
	Date  string            `yaml:"date"`
	Money map[string]string `yaml:"money"`
	// Counts are how a number of something is written, by kind, for one and for any other number.
	Counts map[string]count `yaml:"counts"`
	// Words are the wordings of the words that variables can be, by variable.
	Words map[string]map[string]string `yaml:"words"`
	// List is what stands between several such words.
	List list `yaml:"list"`
	// Help and Reply say by channel how to reach a person, and how to give an answer such as YES; "other" is for the channels
	// that are not named. A push message, for one, cannot be replied to.
	Help  map[string]string `yaml:"help"`
	Reply map[string]string `yaml:"reply"`
	// Talk is the sentence that a message gets where a rule asks how the lender is reached, and the wording does not say so.
	Talk  string `yaml:"talk"`
	Frame struct {
		Short string `yaml:"short"`
		Long  string `yaml:"long"`
	} `yaml:"frame"`
	// Also is the sentence about another loan of the same borrower that is late, AlsoDue about one of which a payment is due.
	Also    string            `yaml:"also"`
	AlsoDue string            `yaml:"also_due"`
	OptOut  map[string]string `yaml:"opt_out"`
	// Disclosures are sentences that rules about content may ask for.
	Disclosures map[compliance.Part]string `yaml:"disclosures"`
	Templates   map[string]wording         `yaml:"templates"`

	kinds       map[string]string
	short, long *parsed
	also, talk  *parsed
	alsoDue     *parsed
	wordings    map[string]struct{ short, long form }
}

// count is how a number of something is written, such as {n} months; one is for languages that have a form of its own for 1.
type count struct {
	One   string `yaml:"one"`
	Other string `yaml:"other"`
}

// list is what stands between the things of a list, and before the last of them.
type list struct {
	Between string `yaml:"between"`
	Last    string `yaml:"last"`
}

// wording is one template's words.
type wording struct {
	Short       string `yaml:"short"`
	SmallerStep struct {
		Short string `yaml:"short"`
		Long  string `yaml:"long"`
	} `yaml:"smaller_step"`
	Subject string `yaml:"subject"`
	Long    string `yaml:"long"`
}

// form is a wording that is ready to render; subject and step can be absent.
type form struct{ subject, text, step *parsed }

// readCatalogue reads and checks a catalogue; every mistake is in the error, each with its place.
func readCatalogue(name string, data []byte, declared declarations) (*catalogue, *strictyaml.File, error) {
	c := &catalogue{kinds: declared.Variables, wordings: map[string]struct{ short, long form }{}}
	file, err := strictyaml.Decode(name, data, c)
	if err != nil {
		return nil, nil, err
	}
	check := &checker{file: file}
	check.language(c)
	check.exampleTexts(c)
	check.counts(c)
	check.words(c, declared.Words)
	c.short = check.frame("$.frame.short", c.Frame.Short)
	c.long = check.frame("$.frame.long", c.Frame.Long)
	c.also = check.parse("$.also", c.Also, []string{"loan", "past_due", "past_due_since"}, nil)
	c.alsoDue = check.parse("$.also_due", c.AlsoDue, []string{"loan", "amount", "due"}, nil)
	for path, sentence := range map[string]string{"$.also": c.Also, "$.also_due": c.AlsoDue} {
		if strings.TrimSpace(sentence) == "" {
			check.wrong(path, "is missing; write the sentence about another loan of the same borrower")
		}
	}
	c.talk = check.parse("$.talk", c.Talk, []string{"help"}, nil)
	if c.talk != nil && !c.talk.names["help"] {
		check.wrong("$.talk", "must name {{.help}}; write the sentence that says how to reach a person")
	}
	for template := range c.Templates {
		if _, known := declared.Templates[template]; !known {
			check.wrong("$.templates."+template, "there is no such template; use the names in templates.yaml")
		}
	}
	for _, template := range slices.Sorted(maps.Keys(declared.Templates)) {
		words, worded := c.Templates[template]
		if !worded {
			check.wrong("$.templates", "%s is missing", template)
			continue
		}
		short, long := check.wording("$.templates."+template, words, declared.Templates[template])
		c.wordings[template] = struct{ short, long form }{short, long}
	}
	return c, file, errors.Join(check.mistakes...)
}

// reflow makes one line of each paragraph, whose lines are broken only where the file would be too wide. Indented lines,
// as in a list, stay lines.
func reflow(text string) string {
	var flowed strings.Builder
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for n, line := range lines {
		switch {
		case n == 0:
		case line == "" || lines[n-1] == "" || strings.HasPrefix(line, " "):
			flowed.WriteByte('\n')
		default:
			flowed.WriteByte(' ')
		}
		flowed.WriteString(line)
	}
	return flowed.String()
}

func join[V any](set map[string]V) string {
	return strings.Join(slices.Sorted(maps.Keys(set)), ", ")
}
