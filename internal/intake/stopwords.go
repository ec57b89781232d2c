package intake

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/unicode/norm"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/strictyaml"
)

// What a reply is understood as. A journey is told this word, and never the text.
const (
	intentStop    = event.IntentStop
	intentUnclear = "unclear"
)

//go:embed stopwords.yaml
var stopwordsYAML []byte

// stopwords are what replies say that mean stop.
type stopwords struct {
	whole            map[string]bool
	anywhere, unless []*regexp.Regexp
}

var theStopwords = sync.OnceValue(func() *stopwords {
	words, err := readStopwords("stopwords.yaml", stopwordsYAML)
	if err != nil {
		panic(err) // the file is part of the program; a test reads it
	}
	return words
})

func readStopwords(name string, text []byte) (*stopwords, error) {
	var file struct {
		Whole    manyLists `yaml:"whole"`
		Anywhere manyLists `yaml:"anywhere"`
		Unless   manyLists `yaml:"unless"`
	}
	if _, err := strictyaml.Decode(name, text, &file); err != nil {
		return nil, err
	}
	s := &stopwords{whole: map[string]bool{}}
	for _, phrase := range file.Whole.all() {
		s.whole[normalise(phrase)] = true
	}
	s.anywhere = phrases(file.Anywhere.all())
	s.unless = phrases(file.Unless.all())
	return s, nil
}

// understand says what a reply means. Text that says stop means stop, whatever intent the sender read into it.
func understand(intent, text string) string {
	if intent == intentStop || theStopwords().in(said(text)) {
		return intentStop
	}
	return intentUnclear
}

// in reports whether a text, or a clause of it, says stop.
func (s *stopwords) in(text string) bool {
	if s.whole[normalise(text)] {
		return true
	}
	clauses := append(strings.FieldsFunc(norm.NFKC.String(text), func(r rune) bool { return strings.ContainsRune(".!?;,:\n。、", r) }), text)
	return slices.ContainsFunc(clauses, s.says)
}

// says reports whether a phrase stands in a text that does not lie wholly within one that makes it harmless.
func (s *stopwords) says(text string) bool {
	text = spread(normalise(text))
	var harmless [][]int
	for _, p := range s.unless {
		harmless = append(harmless, p.FindAllStringIndex(text, -1)...)
	}
	for _, p := range s.anywhere {
		for _, found := range p.FindAllStringIndex(text, -1) {
			if !slices.ContainsFunc(harmless, func(h []int) bool { return h[0] <= found[0] && found[1] <= h[1] }) {
				return true
			}
		}
	}
	return false
}
