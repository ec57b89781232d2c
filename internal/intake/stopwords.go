package intake

import (
	_ "embed"
	"regexp"
	"slices"
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
	type lists struct {
		EN []string `yaml:"en"`
		ZH []string `yaml:"zh"`
	}
	var file struct {
		Whole    lists `yaml:"whole"`
		Anywhere lists `yaml:"anywhere"`
		Unless   lists `yaml:"unless"`
	}
	if _, err := strictyaml.Decode(name, text, &file); err != nil {
		return nil, err
	}
	s := &stopwords{whole: map[string]bool{}}
	for _, phrase := range slices.Concat(file.Whole.EN, file.Whole.ZH) {
		s.whole[normalise(phrase)] = true
	}
	s.anywhere = phrases(slices.Concat(file.Anywhere.EN, file.Anywhere.ZH))
	s.unless = phrases(slices.Concat(file.Unless.EN, file.Unless.ZH))
	return s, nil
}

// phrases compiles phrases into patterns for texts as spread writes them.
func phrases(texts []string) []*regexp.Regexp {
	all := make([]*regexp.Regexp, len(texts))
	for n, text := range texts {
		var pattern strings.Builder
		for slot := range strings.FieldsSeq(text) {
			if slot == "*" {
				pattern.WriteString(`(?: \S+ ){0,3}`)
				continue
			}
			var choices []string
			for choice := range strings.SplitSeq(slot, "|") {
				choices = append(choices, regexp.QuoteMeta(spread(normalise(choice))))
			}
			pattern.WriteString("(?:" + strings.Join(choices, "|") + ")")
		}
		all[n] = regexp.MustCompile(pattern.String())
	}
	return all
}

// spread gives each word of a normalised text its own space on either side, so that neighbours need not share one.
func spread(text string) string { return " " + strings.ReplaceAll(text, " ", "  ") + " " }

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

// normalise folds case and width, leaves apostrophes out, turns other punctuation into spaces, sets each Chinese character
// apart, and joins what is left by single spaces.
func normalise(text string) string {
	folded := cases.Fold().String(norm.NFKC.String(strings.ReplaceAll(text, "🛑", " stop ")))
	var b strings.Builder
	for _, r := range folded {
		switch {
		case unicode.Is(unicode.Han, r):
			b.WriteString(" " + string(r) + " ")
		case strings.ContainsRune("'’‘`´", r):
		case unicode.IsLetter(r), unicode.IsDigit(r):
			b.WriteRune(r)
		default:
			b.WriteRune(' ')
		}
	}
	words := " " + strings.Join(strings.Fields(b.String()), " ") + " "
	return strings.TrimSpace(strings.ReplaceAll(words, " do not ", " dont "))
}
