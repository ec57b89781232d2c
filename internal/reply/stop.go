package reply

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/unicode/norm"

	"github.com/tender-engine/tender/internal/strictyaml"
)

//go:embed stop.yaml
var stopwordsYAML []byte

// stopwords are what replies say that mean stop.
type stopwords struct {
	whole            map[string]bool
	anywhere, unless []*pattern
}

var theStopwords = sync.OnceValue(func() *stopwords {
	words, err := readStopwords("stop.yaml", stopwordsYAML)
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
	return stands(s.anywhere, text, spans(s.unless, text))
}
