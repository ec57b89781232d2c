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
	// Kind are phrases with such words that are kind all the same, unless their sentence holds one of Conditions.
	Kind       []string `yaml:"kind"`
	Conditions []string `yaml:"conditions"`
	// Signs are written with others of the same length.
	Signs map[string]string `yaml:"signs"`

	patterns, kind, conditions []pattern
	signs                      *strings.Replacer
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
			l.patterns = append(l.patterns, l.compileAll(kind, phrases)...)
		}
		l.kind, l.conditions = l.compileAll("", l.Kind), l.compileAll("", l.Conditions)
		var signs []string
		for sign, other := range l.Signs {
			if len(sign) != len(other) {
				panic(name + ": signs: " + sign + " is not as long as " + other)
			}
			signs = append(signs, sign, other)
		}
		l.signs = strings.NewReplacer(signs...)
		all[l.Language] = l
	}
	return all
})

func (l *lexicon) compileAll(kind string, phrases []string) (all []pattern) {
	for _, phrase := range phrases {
		parts := strings.FieldsFunc(phrase, func(r rune) bool { return strings.ContainsRune(" .*", r) })
		part := slices.MaxFunc(parts, func(a, b string) int { return len(a) - len(b) })
		all = append(all, pattern{kind, part, l.compile(phrase)})
	}
	return all
}

// in reports whether the pattern is found in a text, and where.
func (p pattern) in(text string) [][]int {
	if !strings.Contains(text, p.part) {
		return nil
	}
	return p.find.FindAllStringSubmatchIndex(text, -1)
}

// stops end a sentence.
const stops = ".!?;。！？；"

// withoutKind blanks the phrases of a text that are kind all the same; what is left stands where it stood.
func (l *lexicon) withoutKind(text string) string {
	blank := []byte(text)
	for _, p := range l.kind {
		for _, at := range p.in(text) {
			from, to := at[2], at[3]
			begin, end := strings.LastIndexAny(text[:from], stops)+1, len(text)
			if stop := strings.IndexAny(text[to:], stops); stop >= 0 {
				end = to + stop
			}
			sentence := text[begin:end]
			if slices.ContainsFunc(l.conditions, func(c pattern) bool { return len(c.in(sentence)) > 0 }) {
				continue
			}
			for n := from; n < to; n++ {
				blank[n] = '\x00'
			}
		}
	}
	return string(blank)
}

// compile returns what finds a phrase; its first group is the phrase itself.
func (l *lexicon) compile(phrase string) *regexp.Regexp {
	if !l.Words {
		return regexp.MustCompile("(" + strings.ReplaceAll(regexp.QuoteMeta(phrase), `\.\.\.`, ".{0,4}") + ")")
	}
	var words strings.Builder
	for n, word := range strings.Fields(phrase) {
		switch {
		case word == "...":
			words.WriteString(`[,:]?(?:\s+\S+){0,4}`)
			continue
		case n > 0:
			words.WriteString(`\s+`)
		}
		words.WriteString(strings.ReplaceAll(regexp.QuoteMeta(word), `\*`, `\p{L}*`))
	}
	return regexp.MustCompile(`(?:^|[^\p{L}\p{N}])(` + words.String() + `)(?:$|[^\p{L}\p{N}])`)
}

// Unkind returns what a text says that no message in a language may say: threats, legal menace, shame, false urgency, and that others
// are told. It finds words, not meanings; a person reads every template as well. Languages without a lexicon are refused.
func Unkind(language, text string) ([]Finding, error) {
	l := lexicons()[language]
	if l == nil {
		return nil, fmt.Errorf("no lexicon for language %q; use one of %s", language, join(lexicons()))
	}
	text = strings.NewReplacer("’", "'", "‘", "'", "\u00a0", " ").Replace(strings.ToLower(text))
	left := l.withoutKind(l.signs.Replace(text))
	var found []Finding
	for _, p := range l.patterns {
		for _, at := range p.in(left) {
			found = append(found, Finding{p.kind, text[at[2]:at[3]]})
		}
	}
	slices.SortFunc(found, func(a, b Finding) int { return strings.Compare(a.Kind+a.Words, b.Kind+b.Words) })
	return slices.Compact(found), nil
}

// action is what stands in a text for something else: {{.due}}, and {amount} in how money is written.
var action = regexp.MustCompile(`\{\{.*?\}\}|\{[a-z]+\}`)

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
	texts := map[string]string{
		"$.date": c.Date, "$.talk": c.Talk, "$.also": c.Also, "$.also_due": c.AlsoDue, "$.frame.short": c.Frame.Short, "$.frame.long": c.Frame.Long,
		"$.list.between": c.List.Between, "$.list.last": c.List.Last,
	}
	counts := map[string]map[string]string{}
	for kind, count := range c.Counts {
		counts[kind] = map[string]string{"one": count.One, "other": count.Other}
	}
	disclosures := map[string]string{}
	for part, sentence := range c.Disclosures {
		disclosures[string(part)] = sentence
	}
	single := map[string]map[string]string{
		"help": c.Help, "reply": c.Reply, "money": c.Money, "opt_out": c.OptOut, "disclosures": disclosures,
	}
	for path, several := range map[string]map[string]map[string]string{"$.": single, "$.counts.": counts, "$.words.": c.Words} {
		for name, wordings := range several {
			for key, wording := range wordings {
				texts[path+name+"."+key] = wording
			}
		}
	}
	for name, w := range c.Templates {
		path := "$.templates." + name
		texts[path+".short"], texts[path+".subject"], texts[path+".long"] = w.Short, w.Subject, w.Long
		texts[path+".smaller_step.short"], texts[path+".smaller_step.long"] = w.SmallerStep.Short, w.SmallerStep.Long
	}
	return texts
}
