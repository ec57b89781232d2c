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

// pattern finds a phrase in texts as spread writes them.
type pattern struct {
	*regexp.Regexp
	// needs are, for each word of the phrase, what it can be: a text that holds none of them cannot hold the phrase. Looking for
	// them takes a small part of the time that the expression does.
	needs [][]string
}

// find returns where the phrase stands in a text.
func (p *pattern) find(text string) [][]int {
	for _, choices := range p.needs {
		if !slices.ContainsFunc(choices, func(choice string) bool { return strings.Contains(text, choice) }) {
			return nil
		}
	}
	return p.FindAllStringIndex(text, -1)
}

// phrases compiles phrases into patterns.
func phrases(texts []string) []*pattern {
	all := make([]*pattern, len(texts))
	for n, text := range texts {
		all[n] = &pattern{Regexp: regexp.MustCompile(phrase(text))}
		for slot := range strings.FieldsSeq(text) {
			var choices []string
			for choice := range strings.SplitSeq(slot, "|") {
				choice, _ := literal(choice)
				choices = append(choices, choice)
			}
			if slot != "*" {
				all[n].needs = append(all[n].needs, choices)
			}
		}
	}
	return all
}

// phrase returns the expression of a phrase: a|b is one or the other, with _ in place of a space, * is up to three words, and pay* is
// any word that begins so.
func phrase(text string) string {
	var expression strings.Builder
	for slot := range strings.FieldsSeq(text) {
		if slot == "*" {
			expression.WriteString(`(?: \S+ ){0,3}`)
			continue
		}
		var choices []string
		for choice := range strings.SplitSeq(slot, "|") {
			choices = append(choices, word(choice))
		}
		expression.WriteString("(?:" + strings.Join(choices, "|") + ")")
	}
	return expression.String()
}

// word returns the expression of words that stand for themselves; a * at their end is any ending.
func word(text string) string {
	stands, open := literal(text)
	if open {
		return regexp.QuoteMeta(stands) + `[\p{L}\p{N}]* `
	}
	return regexp.QuoteMeta(stands)
}

// literal returns words as a text holds them, and whether they may go on.
func literal(text string) (stands string, open bool) {
	if begins, ok := strings.CutSuffix(text, "*"); ok {
		return strings.TrimSuffix(spread(normalise(begins)), " "), true
	}
	return spread(normalise(text)), false
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
