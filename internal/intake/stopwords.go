package intake

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/tender-engine/tender/internal/strictyaml"
)

// What a reply is understood as. A journey is told this word, and never the text.
const (
	intentStop    = "stop"
	intentUnclear = "unclear"
)

//go:embed stopwords.yaml
var stopwordsYAML []byte

// stopwords are the normalised replies that mean stop.
var stopwords = sync.OnceValue(func() map[string]bool {
	words, err := readStopwords("stopwords.yaml", stopwordsYAML)
	if err != nil {
		panic(err) // the file is part of the program; a test reads it
	}
	return words
})

func readStopwords(name string, text []byte) (map[string]bool, error) {
	var lists struct {
		EN []string `yaml:"en"`
		ZH []string `yaml:"zh"`
	}
	if _, err := strictyaml.Decode(name, text, &lists); err != nil {
		return nil, err
	}
	words := map[string]bool{}
	for _, list := range [][]string{lists.EN, lists.ZH} {
		for _, word := range list {
			words[normalise(word)] = true
		}
	}
	return words, nil
}

// understand says what a reply means. Text that says stop means stop, whatever intent the sender read into it.
func understand(intent, text string) string {
	if intent == intentStop || stopwords()[normalise(text)] {
		return intentStop
	}
	return intentUnclear
}

// normalise folds case and width, turns punctuation into spaces, and joins what is left by single ones.
func normalise(text string) string {
	folded := cases.Fold().String(norm.NFKC.String(text))
	return strings.Join(strings.FieldsFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
}
