package reply

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// lists are phrases in each language in which messages are written.
type lists struct {
	EN []string `yaml:"en"`
	ZH []string `yaml:"zh"`
}

// manyLists are phrases in each language in which borrowers may answer.
type manyLists struct {
	EN []string `yaml:"en"`
	ZH []string `yaml:"zh"`
	ES []string `yaml:"es"`
	FR []string `yaml:"fr"`
	DE []string `yaml:"de"`
	ID []string `yaml:"id"`
	TL []string `yaml:"tl"`
	VI []string `yaml:"vi"`
	TH []string `yaml:"th"`
	KO []string `yaml:"ko"`
	HI []string `yaml:"hi"`
}

func (l manyLists) all() []string {
	return slices.Concat(l.EN, l.ZH, l.ES, l.FR, l.DE, l.ID, l.TL, l.VI, l.TH, l.KO, l.HI)
}

func (l lists) all() []string { return slices.Concat(l.EN, l.ZH) }

// phrases compiles phrases into patterns for texts as spread writes them.
func phrases(texts []string) []*regexp.Regexp {
	all := make([]*regexp.Regexp, len(texts))
	for n, text := range texts {
		all[n] = regexp.MustCompile(phrase(text))
	}
	return all
}

// phrase returns the pattern of a phrase: a|b is one or the other, with _ in place of a space, * is up to three words, and pay* is any word that
// begins so.
func phrase(text string) string {
	var pattern strings.Builder
	for slot := range strings.FieldsSeq(text) {
		if slot == "*" {
			pattern.WriteString(`(?: \S+ ){0,3}`)
			continue
		}
		var choices []string
		for choice := range strings.SplitSeq(slot, "|") {
			choices = append(choices, word(choice))
		}
		pattern.WriteString("(?:" + strings.Join(choices, "|") + ")")
	}
	return pattern.String()
}

// word returns the pattern of words that stand for themselves; a * at their end is any ending.
func word(text string) string {
	if begins, ok := strings.CutSuffix(text, "*"); ok {
		return regexp.QuoteMeta(strings.TrimSuffix(spread(normalise(begins)), " ")) + `[\p{L}\p{N}]* `
	}
	return regexp.QuoteMeta(spread(normalise(text)))
}

// spread gives each word of a normalised text its own space on either side, so that neighbours need not share one.
func spread(text string) string { return " " + strings.ReplaceAll(text, " ", "  ") + " " }

// normalise folds case and width, leaves apostrophes out, turns other punctuation into spaces, sets each Chinese, Thai and
// Korean character apart, and joins what is left by single spaces.
func normalise(text string) string {
	folded := cases.Fold().String(norm.NFKC.String(strings.ReplaceAll(text, "🛑", " stop ")))
	var b strings.Builder
	for _, r := range folded {
		switch {
		case unicode.In(r, unicode.Han, unicode.Thai, unicode.Hangul):
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
