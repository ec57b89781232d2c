package reply_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/reply"
)

// wednesday is when what these tests read was written.
var wednesday = bizclock.MustDate("2026-06-10")

func labelled(t *testing.T, name string) *reply.Labelled {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "examples", "replies", name+".yaml"))
	require.NoError(t, err)
	l, err := reply.ReadLabelled(name, text)
	require.NoError(t, err)
	return l
}

// Who asks for silence, or complains, is heard: of the sentences on which the rules were made, in each of them.
func TestEveryStopAndEveryComplaintIsHeard(t *testing.T) {
	t.Parallel()
	for _, language := range reply.Languages {
		l := labelled(t, language)
		require.GreaterOrEqual(t, len(l.Sentences), 200)
		m := reply.Measure(l, reply.Understand)
		for _, score := range m.Intents {
			assert.NotZero(t, score.Labelled, score.Of)
			switch score.Of {
			case "stop", "complaint":
				assert.Equal(t, 1000, score.Recall(), "%s in %s", score.Of, language)
			default:
				assert.GreaterOrEqual(t, score.Recall(), 850, "%s in %s", score.Of, language)
			}
			assert.GreaterOrEqual(t, score.Precision(), 600, "%s in %s", score.Of, language)
		}
	}
}

func TestDatesAndAmountsBecomeWhatWasMeant(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct{ amount, by string }{
		"I'll pay 200 on Friday":                     {"200", "2026-06-12"},
		"下周五还500":                                    {"500", "2026-06-19"},
		"will pay $1,250.50 by the 15th":             {"1250.5", "2026-06-15"},
		"I will pay next Friday":                     {"", "2026-06-19"},
		"I will pay on Wednesday":                    {"", "2026-06-17"},
		"I'll send 40 tomorrow":                      {"40", "2026-06-11"},
		"I will pay on the 3rd":                      {"", "2026-07-03"},
		"I'll pay at the end of the month":           {"", "2026-06-30"},
		"I will pay in two weeks":                    {"", "2026-06-24"},
		"I will pay 100 on June 20":                  {"100", "2026-06-20"},
		"I will pay 100 on 20 June":                  {"100", "2026-06-20"},
		"I will pay soon":                            {"", ""},
		"I will pay next week":                       {"", ""},
		"I will pay 50 or 60 on Friday":              {"", "2026-06-12"},
		"I will pay on Friday or Monday":             {"", ""},
		"I paid 50 yesterday, will pay 70 on Friday": {"70", "2026-06-12"},
		"明天还三百块":                                     {"300", "2026-06-11"},
		"月底还一千五":                                     {"1500", "2026-06-30"},
		"15号还1.2万":                                   {"12000", "2026-06-15"},
		"三天后还":                                       {"", "2026-06-13"},
		"后天还800元":                                    {"800", "2026-06-12"},
	} {
		m := reply.Understand(text, wednesday)
		require.True(t, m.Has(reply.WillPay), "%s: %v", text, m.Intents)
		by, amount := "", ""
		if !m.By.IsZero() {
			by = m.By.String()
		}
		if !m.Amount.IsZero() {
			amount = m.Amount.String()
		}
		assert.Equal(t, want.by, by, text)
		assert.Equal(t, want.amount, amount, text)
	}
}

func TestSeveralThingsAreHeardInOneReply(t *testing.T) {
	t.Parallel()
	m := reply.Understand("I lost my job in May. Could we split it into smaller payments? Please call me after 6pm.", wednesday)
	require.Equal(t, []reply.Intent{reply.Hardship, reply.Plan, reply.Call, reply.Preference}, m.Intents)
	require.Equal(t, hardship.JobLoss, m.Cause)
	require.Equal(t, "18:00", m.From.String())
}

func TestWhatIsNotUnderstoodIsUnclearAndNothingElse(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "?", "hm", "🙂", "asdf", "lovely weather", "嗯", "……"} {
		require.Equal(t, []reply.Intent{reply.Unclear}, reply.Understand(text, wednesday).Intents, text)
	}
}

func TestNoTextBreaksIt(t *testing.T) {
	t.Parallel()
	l := append(labelled(t, "en").Sentences, labelled(t, "zh-CN").Sentences...)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		for range rapid.IntRange(0, 4).Draw(t, "pieces") {
			piece := []rune(rapid.SampledFrom(l).Draw(t, "sentence").Text)
			text += string(piece[rapid.IntRange(0, len(piece)).Draw(t, "from"):])
		}
		m := reply.Understand(text, wednesday)
		require.NotEmpty(t, m.Intents)
		require.True(t, len(m.Intents) == 1 || !m.Has(reply.Unclear))
		require.Equal(t, m, reply.Understand(text, wednesday))
		require.True(t, m.By.IsZero() || !m.By.Before(wednesday))
		require.False(t, m.Amount.IsNeg())
	})
}

func TestLabelledSentencesAreReadStrictly(t *testing.T) {
	t.Parallel()
	const head = "language: en\ntoday: 2026-06-10\nsentences:\n  - "
	for text, says := range map[string]string{
		"today: 2026-06-10\nsentences: []\n":                       `x.yaml:1:1: language: "" has no rules; use one of en, zh-CN`,
		"language: fr\ntoday: 2026-06-10\nsentences: []\n":         `x.yaml:1:11: language: "fr" has no rules; use one of en, zh-CN`,
		"language: en\nsentences: []\n":                            "today: is missing",
		"language: en\ntoday: 2026-06-10\nsentences: []\n":         "sentences: is missing",
		head + "{text: a}\n":                                       "x.yaml:4:6: sentences[0]: has no intents",
		head + "{text: \" \", intents: [paid]}\n":                  "x.yaml:4:12: sentences[0].text: is missing; write the sentence",
		head + "{text: a, intents: [happy]}\n":                     `x.yaml:4:25: sentences[0].intents[0]: unknown intent "happy"; use one of stop, `,
		head + "{text: a, intents: [unclear, paid]}\n":             "sentences[0].intents: unclear stands alone; leave it out, or the others",
		head + "{text: a, intents: [paid], topic: price}\n":        `sentences[0].topic: unknown topic "price"; use one of interest, fees, `,
		head + "{text: a, intents: [paid], topic: fees}\n":         "x.yaml:4:39: sentences[0].topic: belongs to the intent question; write that in intents as well, or leave it out",
		head + "{text: a, intents: [plan], cause: illness}\n":      "sentences[0].cause: belongs to the intent hardship;",
		head + "{text: a, intents: [will_pay], amount: \"ten\"}\n": `sentences[0].amount: "ten" is no amount; write 1250.50`,
		head + "{text: a, intents: [paid], amount: \"10\"}\n":      "sentences[0].amount: belongs to the intent will_pay;",
		head + "{text: a, intents: [paid], by: 2026-06-12}\n":      "sentences[0].by: belongs to the intent will_pay;",
		head + "{text: a, intents: [call], channel: sms}\n":        "sentences[0].channel: belongs to the intent preference;",
		head + "{text: a, intents: [call], from: \"18:00\"}\n":     "sentences[0].from: belongs to the intent preference;",
		head + "{text: a, intents: [call], to: \"18:00\"}\n":       "sentences[0].to: belongs to the intent preference;",
	} {
		_, err := reply.ReadLabelled("x.yaml", []byte(text))
		require.ErrorContains(t, err, says)
	}
}
