package message

import (
	"slices"

	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/strictyaml"
)

// declaration says what a template is for and what it names; see templates.yaml.
type declaration struct {
	About string   `yaml:"about"`
	Tone  Tone     `yaml:"tone"`
	Needs []string `yaml:"needs"`
	May   []string `yaml:"may"`
	// Long are variables that can be missing too, and that stand in the long form only.
	Long     []string `yaml:"long"`
	Arrears  bool     `yaml:"arrears"`
	Bare     bool     `yaml:"bare"`
	Loanless bool     `yaml:"loanless"`
}

// declarations are templates.yaml: the templates, the kind of each variable, and which words those of kind word or words can be.
type declarations struct {
	Variables map[string]string      `yaml:"variables"`
	Examples  map[string]string      `yaml:"examples"`
	Words     map[string][]string    `yaml:"words"`
	Templates map[string]declaration `yaml:"templates"`
}

// The kinds of variables, and those of them that are counted.
const (
	money = "money"
	date  = "date"
	word  = "word"
	words = "words"
	text  = "text"
)

var counted = []string{"months", "days", "payments"}

func declare() (declarations, error) {
	var declared declarations
	data, err := files.ReadFile("templates.yaml")
	if err != nil {
		return declared, err
	}
	file, err := strictyaml.Decode("templates.yaml", data, &declared)
	if err != nil {
		return declared, err
	}
	kinds := append([]string{money, date, word, words, text}, counted...)
	for name, kind := range declared.Variables {
		if !slices.Contains(kinds, kind) {
			return declared, file.Errorf("$.variables."+name, "unknown kind %q; use one of %s", kind, closed.Join(kinds))
		}
		if declared.Examples[name] == "" {
			return declared, file.Errorf("$.examples", "%s is missing; give the variable a value for previews", name)
		}
		if (kind == word || kind == words) && len(declared.Words[name]) == 0 {
			return declared, file.Errorf("$.words", "%s is missing; list the words that it can be", name)
		}
	}
	for name := range declared.Words {
		if kind := declared.Variables[name]; kind != word && kind != words {
			return declared, file.Errorf("$.words."+name, "is no variable of the kind %s or %s", word, words)
		}
	}
	for name, d := range declared.Templates {
		if d.Tone == "" {
			return declared, file.Errorf("$.templates."+name+".tone", "is missing; use one of %s", closed.Join(Tones))
		}
		for _, variable := range slices.Concat(d.Needs, d.May, d.Long) {
			if declared.Variables[variable] == "" {
				return declared, file.Errorf("$.templates."+name, "there is no variable %q; use one of %s", variable, join(declared.Variables))
			}
		}
	}
	return declared, nil
}
