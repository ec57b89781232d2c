package reply_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/event"
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
	for text, says := range map[string]string{
		"language: en\nsentences: []\n":                                                                  "today: is missing",
		"language: en\ntoday: 2026-06-10\nsentences: []\n":                                               "sentences: is missing",
		"language: en\ntoday: 2026-06-10\nsentences:\n  - {text: a}\n":                                   "x.yaml:4:6: sentences[0]: has no intents",
		"language: en\ntoday: 2026-06-10\nsentences:\n  - {text: a, intents: [happy]}\n":                 `unknown intent "happy"`,
		"language: en\ntoday: 2026-06-10\nsentences:\n  - {text: a, intents: [paid], amount: \"ten\"}\n": `"ten" is no amount`,
	} {
		_, err := reply.ReadLabelled("x.yaml", []byte(text))
		require.ErrorContains(t, err, says)
	}
}

func TestWhatMustNotBeLostIsHeardBesideAnotherReader(t *testing.T) {
	t.Parallel()
	meaning := func(cause hardship.Cause, answer event.Answer, intents ...reply.Intent) reply.Meaning {
		return reply.Meaning{Intents: intents, Cause: cause, Answer: answer}
	}
	for _, c := range []struct{ other, rules, heard reply.Meaning }{
		{meaning("", "", reply.Thanks), meaning("", "", reply.Paid, reply.Dispute), meaning("", "", reply.Thanks)},
		{meaning("", "", reply.Thanks), meaning("", "", reply.Stop), meaning("", "", reply.Stop, reply.Thanks)},
		{meaning("", event.Yes, reply.Unclear), meaning("", "", reply.Stop), meaning("", "", reply.Stop)},
		{meaning("", "", reply.Unclear), meaning("", "", reply.Complaint, reply.WrongPerson), meaning("", "", reply.Complaint, reply.WrongPerson)},
		{meaning("", "", reply.Call), meaning(hardship.Bereavement, "", reply.Hardship), meaning(hardship.Bereavement, "", reply.Hardship, reply.Call)},
		{meaning(hardship.Illness, "", reply.Hardship), meaning(hardship.Bereavement, "", reply.Hardship), meaning(hardship.Illness, "", reply.Hardship)},
		{meaning("", event.Yes, reply.Thanks), meaning("", event.No, reply.Unclear), meaning("", "", reply.Thanks)},
		{meaning("", "", reply.Unclear), meaning("", event.No, reply.Unclear), meaning("", event.No, reply.Unclear)},
		{meaning("", event.Yes, reply.Thanks), meaning("", "", reply.Unclear), meaning("", event.Yes, reply.Thanks)},
	} {
		require.Equal(t, c.heard, c.other.Heard(c.rules), "%v beside %v", c.other, c.rules)
	}
}

func TestAClassifierReadsWhatHasWordsAndIsNoRevocation(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"I lost my job": true, "我失业了": true, "stop it please, I lost my job": true, "👍": false, "200": false, "": false, "> Dear Ada": false,
		"STOP": false, " Stop. ": false, "opt-out": false, "退订": false, "หยุด": false, "Unsubscribe\n\n> Dear Ada": false, strings.Repeat("a ", 2001): false,
	} {
		require.Equal(t, want, reply.Readable(text), text)
	}
}
