package reply

import (
	"embed"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/unicode/norm"

	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/strictyaml"
)

//go:embed rules.*.yaml
var ruleFiles embed.FS

// Languages are those that have rules, as BCP 47 tags. A reply is read by the rules of all of them: borrowers mix.
var Languages = []string{"en", "zh-CN"}

// rules are those of one language.
type rules struct {
	// asks finds sentences that ask something, beside those that end in a question mark.
	asks []*pattern
	// harmless are phrases that mean nothing of what their words mean.
	harmless []*pattern
	intents  map[Intent]rule
	causes   map[hardship.Cause][]*pattern
	topics   map[Topic][]*pattern
	channels map[contact.Channel][]*pattern
	// unwanted are phrases in which a channel is named that the borrower does not want.
	unwanted []*pattern
}

// rule says when a sentence has an intent.
type rule struct {
	any, unless, asked, never []*pattern
	stated                    bool
}

// ruleFile is rules.en.yaml and its like; what its parts mean is written there.
type ruleFile struct {
	Language string                       `yaml:"language"`
	Asks     []string                     `yaml:"asks"`
	Harmless []string                     `yaml:"harmless"`
	Intents  map[string]intentFile        `yaml:"intents"`
	Causes   map[string][]string          `yaml:"causes"`
	Topics   map[string][]string          `yaml:"topics"`
	Channels map[contact.Channel][]string `yaml:"channels"`
	Unwanted []string                     `yaml:"unwanted"`
}

type intentFile struct {
	Any    []string `yaml:"any"`
	Unless []string `yaml:"unless"`
	Asked  []string `yaml:"asked"`
	Never  []string `yaml:"never"`
	Stated bool     `yaml:"stated"`
}

var theRules = sync.OnceValue(func() (all []*rules) {
	for _, language := range Languages {
		name := "rules." + language + ".yaml"
		text, err := ruleFiles.ReadFile(name)
		if err == nil {
			var one *rules
			if one, err = readRules(name, text); err == nil {
				all = append(all, one)
				continue
			}
		}
		panic(err) // the file is part of the program; a test reads it
	}
	return all
})

func readRules(name string, text []byte) (*rules, error) {
	var file ruleFile
	at, err := strictyaml.Decode(name, text, &file)
	if err != nil {
		return nil, err
	}
	r := &rules{
		asks: phrases(file.Asks), harmless: phrases(file.Harmless), intents: map[Intent]rule{}, causes: map[hardship.Cause][]*pattern{},
		topics: map[Topic][]*pattern{}, channels: map[contact.Channel][]*pattern{}, unwanted: phrases(file.Unwanted),
	}
	for _, word := range slices.Sorted(maps.Keys(file.Intents)) {
		intent, err := closed.Parse("intent", Intents, word)
		if err != nil || intent == Unclear || intent == Stop {
			return nil, at.Errorf("$.intents."+word, "is no intent that rules understand; use one of %s", closed.Join(Intents[1:len(Intents)-1]))
		}
		i := file.Intents[word]
		r.intents[intent] = rule{any: phrases(i.Any), unless: phrases(i.Unless), asked: phrases(i.Asked), never: phrases(i.Never), stated: i.Stated}
	}
	for _, word := range slices.Sorted(maps.Keys(file.Causes)) {
		cause, err := closed.Parse("cause", hardship.Causes, word)
		if err != nil {
			return nil, at.Errorf("$.causes."+word, "%v", err)
		}
		r.causes[cause] = phrases(file.Causes[word])
	}
	for _, word := range slices.Sorted(maps.Keys(file.Topics)) {
		topic, err := closed.Parse("topic", Topics, word)
		if err != nil {
			return nil, at.Errorf("$.topics."+word, "%v", err)
		}
		r.topics[topic] = phrases(file.Topics[word])
	}
	for channel, all := range file.Channels {
		r.channels[channel] = phrases(all)
	}
	return r, nil
}

// sentence is a part of a reply that says one thing, or a few.
type sentence struct {
	// words are as spread writes them, raw as they were written, and promise is what of that may promise something.
	words, raw, promise string
	// question is set when it ends in a question mark.
	question bool
	intents  []Intent
	topic    Topic
}

var sentenceEnd = regexp.MustCompile(`[!?！？。；;\n]+|\.(?:\s+|\.+|$)`)

// sentences splits a text.
func sentences(text string) (all []*sentence) {
	text = norm.NFKC.String(text)
	from := 0
	add := func(until, end int) {
		if words := normalise(text[from:until]); words != "" {
			mark := text[until:end]
			all = append(all, &sentence{
				words: spread(words), raw: text[from:until], question: strings.ContainsAny(mark, "?？") && !strings.ContainsAny(mark, "!！"),
			})
		} else if len(all) > 0 && strings.ContainsAny(text[until:end], "?？") {
			all[len(all)-1].question = true
		}
		from = end
	}
	for _, found := range sentenceEnd.FindAllStringIndex(text, -1) {
		add(found[0], found[1])
	}
	add(len(text), len(text))
	return all
}

// spans returns where phrases stand in a text.
func spans(all []*pattern, text string) (found [][]int) {
	for _, p := range all {
		found = append(found, p.find(text)...)
	}
	return found
}

// stands reports whether one of some phrases stands in a text, not wholly within one that makes it harmless.
func stands(all []*pattern, text string, harmless [][]int) bool {
	for _, p := range all {
		for _, found := range p.find(text) {
			if !slices.ContainsFunc(harmless, func(h []int) bool { return h[0] <= found[0] && found[1] <= h[1] }) {
				return true
			}
		}
	}
	return false
}

// read notes what a sentence means.
func (r *rules) read(s *sentence) {
	harmless := spans(r.harmless, s.words)
	asking := s.question || stands(r.asks, s.words, nil)
	for _, intent := range Intents {
		rule, ok := r.intents[intent]
		if !ok || rule.stated && s.question || slices.Contains(s.intents, intent) {
			continue
		}
		words, within := s.words, harmless
		if said := s.without(rule.never); said != s.raw {
			words = spread(normalise(said))
			within = spans(r.harmless, words)
			if intent == WillPay {
				s.promise = said
			}
		}
		within = slices.Concat(within, spans(rule.unless, words))
		if stands(rule.any, words, within) || asking && stands(rule.asked, words, within) {
			s.intents = append(s.intents, intent)
		}
	}
	if !asking || s.topic != "" {
		return
	}
	for _, topic := range Topics {
		if stands(r.topics[topic], s.words, harmless) {
			s.topic = topic
			break
		}
	}
	if s.topic != "" && !slices.Contains(s.intents, Question) && !slices.ContainsFunc(s.intents, silences) {
		s.intents = append(s.intents, Question)
	}
}

// without returns what was written, without the clauses in which a phrase stands.
func (s *sentence) without(never []*pattern) string {
	if !stands(never, s.words, nil) {
		return s.raw
	}
	var kept []string
	for _, clause := range clausesOf(s.raw) {
		if !stands(never, spread(normalise(clause)), nil) {
			kept = append(kept, clause)
		}
	}
	return strings.Join(kept, " , ")
}

// silences reports whether who means this asks no question with the words that would be one otherwise.
func silences(i Intent) bool { return i == Plan || i == Call || i == Fraud || i == Preference }

// first returns the first word of a set whose phrases stand in any of some sentences, not wholly within one of others.
func first[T ~string](order []T, phrases map[T][]*pattern, all []*sentence, unless []*pattern) (word T) {
	for _, s := range all {
		within := spans(unless, s.words)
		for _, one := range order {
			if stands(phrases[one], s.words, within) {
				return one
			}
		}
	}
	return ""
}
