package message

import (
	"slices"

	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/strictyaml"
)

// declaration says what a template is for and what it names; see templates.yaml.
type declaration struct {
	About   string   `yaml:"about"`
	Tone    Tone     `yaml:"tone"`
	Needs   []string `yaml:"needs"`
	May     []string `yaml:"may"`
	Arrears bool     `yaml:"arrears"`
	Bare    bool     `yaml:"bare"`
}

// declarations are templates.yaml: the templates, the kind of each variable, and which words those of kind word can be.
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
	kinds := append([]string{money, date, word}, counted...)
	for name, kind := range declared.Variables {
		if !slices.Contains(kinds, kind) {
			return declared, file.Errorf("$.variables."+name, "unknown kind %q; use one of %s", kind, closed.Join(kinds))
		}
		if declared.Examples[name] == "" {
			return declared, file.Errorf("$.examples", "%s is missing; give the variable a value for previews", name)
		}
		if kind == word && len(declared.Words[name]) == 0 {
			return declared, file.Errorf("$.words", "%s is missing; list the words that it can be", name)
		}
	}
	for name := range declared.Words {
		if declared.Variables[name] != word {
			return declared, file.Errorf("$.words."+name, "is no variable of the kind %s", word)
		}
	}
	for name, d := range declared.Templates {
		if d.Tone == "" {
			return declared, file.Errorf("$.templates."+name+".tone", "is missing; use one of %s", closed.Join(Tones))
		}
		for _, variable := range slices.Concat(d.Needs, d.May) {
			if declared.Variables[variable] == "" {
				return declared, file.Errorf("$.templates."+name, "there is no variable %q; use one of %s", variable, join(declared.Variables))
			}
		}
	}
	return declared, nil
}
