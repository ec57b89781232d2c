package message

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/tender-engine/tender/internal/strictyaml"
)

// Finding is a word or phrase that no message to a borrower may use.
type Finding struct {
	// Kind is threat, legal, shame, urgency or disclosure.
	Kind string
	// Words are the words as they stand in the text, in lower case.
	Words string
}

// lexicon is the words that one language's messages may not use; see lexicon.en.yaml.
type lexicon struct {
	Language string `yaml:"language"`
	Words    bool   `yaml:"words"`
	// What is found, by kind of finding.
	Threat     []string `yaml:"threat"`
	Legal      []string `yaml:"legal"`
	Shame      []string `yaml:"shame"`
	Urgency    []string `yaml:"urgency"`
	Disclosure []string `yaml:"disclosure"`

	patterns []pattern
}

type pattern struct {
	kind string
	// part is a part of every match that is quick to look for.
	part string
	find *regexp.Regexp
}

// lexicons holds the lexicon of each language.
var lexicons = sync.OnceValue(func() map[string]*lexicon {
	all := map[string]*lexicon{}
	for _, tag := range wordedIn {
		name := "lexicon." + tag + ".yaml"
		data, err := files.ReadFile(name)
		if err != nil {
			panic(err)
		}
		l := &lexicon{}
		if _, err := strictyaml.Decode(name, data, l); err != nil {
			panic(err)
		}
		for kind, phrases := range map[string][]string{
			"threat": l.Threat, "legal": l.Legal, "shame": l.Shame, "urgency": l.Urgency, "disclosure": l.Disclosure,
		} {
			for _, phrase := range phrases {
				part, _, _ := strings.Cut(strings.Fields(phrase)[0], "...")
				l.patterns = append(l.patterns, pattern{kind, strings.TrimSuffix(part, "*"), l.compile(phrase)})
			}
		}
		all[l.Language] = l
	}
	return all
})

// compile returns what finds a phrase; its first group is the phrase itself.
func (l *lexicon) compile(phrase string) *regexp.Regexp {
	if !l.Words {
		return regexp.MustCompile("(" + strings.ReplaceAll(regexp.QuoteMeta(phrase), `\.\.\.`, ".{0,4}") + ")")
	}
	var words strings.Builder
	for n, word := range strings.Fields(phrase) {
		switch {
		case word == "...":
			words.WriteString(`(?:\s+\S+){0,4}`)
			continue
		case n > 0:
			words.WriteString(`\s+`)
		}
		words.WriteString(strings.ReplaceAll(regexp.QuoteMeta(word), `\*`, `\p{L}*`))
	}
	return regexp.MustCompile(`(?:^|[^\p{L}\p{N}])(` + words.String() + `)(?:$|[^\p{L}\p{N}])`)
}

// Unkind returns what a text says that no message in a language may say: threats, legal menace, shame, false urgency, and that others
// are told. It finds words,
// not meanings; a person reads every template as well. Languages without a lexicon are refused.
func Unkind(language, text string) ([]Finding, error) {
	l := lexicons()[language]
	if l == nil {
		return nil, fmt.Errorf("no lexicon for language %q; use one of %s", language, join(lexicons()))
	}
	text = strings.NewReplacer("’", "'", "‘", "'", "\u00a0", " ").Replace(strings.ToLower(text))
	var found []Finding
	for _, p := range l.patterns {
		if !strings.Contains(text, p.part) {
			continue
		}
		for _, match := range p.find.FindAllStringSubmatch(text, -1) {
			found = append(found, Finding{p.kind, match[1]})
		}
	}
	slices.SortFunc(found, func(a, b Finding) int { return strings.Compare(a.Kind+a.Words, b.Kind+b.Words) })
	return slices.Compact(found), nil
}

var action = regexp.MustCompile(`\{\{.*?\}\}`)

// Lint checks a catalogue: its form, its variables, its completeness, and the tone of every text in it. The error holds
// every mistake on a line of its own, with file, line and column. It returns the language that the catalogue is in.
func Lint(name string, data []byte) (language string, err error) {
	declared, err := declare()
	if err != nil {
		return "", err
	}
	c, file, err := readCatalogue(name, data, declared)
	if c == nil {
		return "", err
	}
	mistakes := []error{err}
	if err == nil { // what cannot be rendered has no length
		for _, template := range slices.Sorted(maps.Keys(declared.Templates)) {
			if long := c.tooLong(template, declared); long != "" {
				mistakes = append(mistakes, file.Errorf("$.templates."+template+".short", "%s", long))
			}
		}
	}
	texts := c.texts()
	for _, path := range slices.Sorted(maps.Keys(texts)) {
		found, err := Unkind(c.Language, action.ReplaceAllString(texts[path], " "))
		if err != nil {
			return c.Language, errors.Join(append(mistakes, file.Errorf("$.language", "%v", err))...)
		}
		for _, f := range found {
			mistakes = append(mistakes, file.Errorf(path, "%q is %s; say it kindly", f.Words, described[f.Kind]))
		}
	}
	return c.Language, errors.Join(mistakes...)
}

// described says what each kind of finding is.
var described = map[string]string{
	"threat": "a threat", "legal": "legal menace", "shame": "shaming", "urgency": "false urgency", "disclosure": "disclosure to others",
}

// texts returns every text of the catalogue that a borrower may read, by its path.
func (c *catalogue) texts() map[string]string {
	texts := map[string]string{"$.help": c.Help, "$.also": c.Also, "$.also_due": c.AlsoDue, "$.frame.short": c.Frame.Short, "$.frame.long": c.Frame.Long}
	for channel, sentence := range c.OptOut {
		texts["$.opt_out."+channel] = sentence
	}
	for variable, wordings := range c.Words {
		for name, wording := range wordings {
			texts["$.words."+variable+"."+name] = wording
		}
	}
	for name, w := range c.Templates {
		path := "$.templates." + name
		texts[path+".short"], texts[path+".subject"], texts[path+".long"] = w.Short, w.Subject, w.Long
		texts[path+".smaller_step.short"], texts[path+".smaller_step.long"] = w.SmallerStep.Short, w.SmallerStep.Long
	}
	return texts
}
