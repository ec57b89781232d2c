package reply

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/strictyaml"
)

//go:embed answer.yaml
var answersYAML []byte

// yesAndNo finds replies that say yes or no, and nothing else.
type yesAndNo struct{ yes, no *regexp.Regexp }

var theYesAndNo = sync.OnceValue(func() *yesAndNo {
	a, err := readAnswers("answer.yaml", answersYAML)
	if err != nil {
		panic(err) // the file is part of the program; a test reads it
	}
	return a
})

func readAnswers(name string, text []byte) (*yesAndNo, error) {
	var file struct {
		Courtesies lists `yaml:"courtesies"`
		Yes        lists `yaml:"yes"`
		No         lists `yaml:"no"`
	}
	at, err := strictyaml.Decode(name, text, &file)
	if err != nil {
		return nil, err
	}
	for path, list := range map[string][]string{
		"courtesies.en": file.Courtesies.EN, "courtesies.zh": file.Courtesies.ZH, "yes.en": file.Yes.EN, "yes.zh": file.Yes.ZH,
		"no.en": file.No.EN, "no.zh": file.No.ZH,
	} {
		for n, text := range list {
			if strings.Contains(text, "*") || normalise(text) == "" {
				return nil, at.Errorf(fmt.Sprintf("$.%s[%d]", path, n), "%q must be words that stand for themselves; write them out, without *", text)
			}
		}
	}
	courtesy := anyOf(file.Courtesies.all())
	return &yesAndNo{yes: solely(anyOf(file.Yes.all()), courtesy), no: solely(anyOf(file.No.all()), courtesy)}, nil
}

// anyOf returns the pattern of any of several phrases.
func anyOf(texts []string) string {
	patterns := make([]string, len(texts))
	for n, text := range texts {
		patterns[n] = phrase(text)
	}
	return "(?:" + strings.Join(patterns, "|") + ")"
}

// solely matches texts that consist of an answer, said once or more often, and courtesies.
func solely(answer, courtesy string) *regexp.Regexp {
	return regexp.MustCompile("^" + courtesy + "*" + answer + "(?:" + answer + "|" + courtesy + ")*$")
}

// longestAnswer is how many bytes a text may have: a longer one says more than yes or no.
const longestAnswer = 200

// in returns what a text says as a whole. A question is no answer, and a picture can turn one into its opposite.
func (a *yesAndNo) in(text string) event.Answer {
	if len(text) > longestAnswer || strings.ContainsFunc(norm.NFKC.String(text), func(r rune) bool { return r == '?' || r == '؟' || unicode.Is(unicode.So, r) }) {
		return ""
	}
	text = spread(normalise(text))
	switch yes, no := a.yes.MatchString(text), a.no.MatchString(text); {
	case yes && !no:
		return event.Yes
	case no && !yes:
		return event.No
	}
	return ""
}
