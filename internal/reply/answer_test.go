package reply

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/event"
)

func understood(text string) Meaning { return Understand(text, bizclock.MustDate("2026-06-10")) }

func TestRepliesThatSayYesAndNothingElse(t *testing.T) {
	for _, text := range []string{
		"YES", "yes", " Yes. ", "ＹＥＳ", "“YES”", "Y", "yes!!!", "Yes please", "yes, please.", "Yes, thank you very much!", "Yes, I accept", "YES YES", "I accept", "I accept the plan.", "We agree",
		"ok", "OK, thanks", "Okay.", "Ok. Agreed.", "agreed", "Sure", "Hello, yes please. Kind regards", "I agree to the plan", "I would like that", "I'd like the plan, please", "Yes, I’ll take it",
		"Yes I do", "of course", "That works for me, thank you", "sounds good", "Good morning. Yes.", "yes i want the plan", "I do accept", "please do", "Hi\n\nYes\n\nThanks",
		"同意", "“同意”", "同意。", "我同意", "好的", "好", "好的，谢谢", "可以", "可以的，谢谢您！", "接受", "我接受这个方案", "您好，我同意，谢谢", "是的", "行", "没问题", "回复同意", "好的~", "同 意", "OK，同意", "我願意，謝謝", "不好意思，同意",
	} {
		m := understood(text)
		assert.Equal(t, event.Yes, m.Answer, text)
		assert.False(t, m.Has(Stop), text)
	}
}

func TestRepliesThatSayNoAndNothingElse(t *testing.T) {
	for _, text := range []string{
		"NO", "no", "No.", "n", "no thanks", "No, thank you.", "no no", "Nope", "I don't want it", "I do not want it", "I don’t want the plan", "I don't accept", "No, I cannot accept this offer", "I decline",
		"I must decline, sorry", "we don't agree to the plan", "Thanks, but no thanks", "Sorry, no", "Good evening. No. Regards", "absolutely not", "decline", "I don't need a plan", "I cannot agree to that",
		"不", "不同意", "我不同意", "不，谢谢", "不用", "不用了，谢谢", "不需要", "不行", "不可以", "不接受", "拒绝", "我拒绝这个方案", "不好意思，不同意", "抱歉，我不接受。", "不愿意", "不想要这个方案", "不 同意", "否", "不要这个方案", "謝謝，不用了",
	} {
		m := understood(text)
		assert.Equal(t, event.No, m.Answer, text)
		assert.False(t, m.Has(Stop), text)
	}
}

func TestRepliesThatSayMoreOrLessThanYesOrNo(t *testing.T) {
	for _, text := range []string{
		"", "...", "thanks", "Hello", "please", "yes but not now", "Yes, but only half of it", "yes if I can pay in March", "not yet", "no money", "no job", "No problem", "no worries", "no idea", "no way", "yes and no", "yes no",
		"ok no", "no ok", "not ok", "yeah right", "yes?", "No?", "ok ?", "ok 👎", "yes ❌", "👍", "maybe", "yes I paid", "I paid yesterday", "yes, this is Grace", "who is this?", "no, this is not Ada", "I accept that I am late",
		"please confirm", "please accept my apologies", "Please agree", "accept", "I agree with my wife", "is it ok to pay on Friday", "okay I will pay", "ok, when?", "I do not know", "I don't understand", "I don't want", "yesterday", "noon", "Y2", "nothing",
		"no plan fits", "I want a different plan", "yes to the first one", "I don't agree with the amount", "I don't decline", "no, I don't disagree with the amount", "fine", "I am fine", "I don't want this",
		"Yes, " + strings.Repeat("thank you ", 30),
		"不 好 吧", "不好", "好不好", "可不可以", "可以吗", "可以不", "好吗？", "可以？", "行不行", "你好", "您好", "早上好", "谢谢", "不好意思", "不客气", "好了", "知道了", "收到", "没钱", "不是不同意", "好的，但是下个月", "同意一半", "可以少还一点吗", "不知道", "不一定",
		"我不是本人", "不同意这个金额", "请同意", "请确认", "我没有不同意", "不能接受更多", "我考虑一下", "是谁", "行程变了", "要不", "好，取消", "不，够了", "不见不散", "同意吗",
	} {
		m := understood(text)
		assert.Empty(t, m.Answer, text)
		assert.False(t, m.Has(Stop), text)
	}
}

// Whoever says stop has answered nothing, and neither no nor yes is taken for a stop.
func TestAStopIsNoAnswerAndNoAnswerIsAStop(t *testing.T) {
	for _, text := range []string{
		"STOP", "ok stop", "ok, STOP", "Yes. Stop.", "yes stop", "no, stop", "no stop", "No more", "no more messages", "no contact", "I agree, now stop", "yes please stop", "no thanks, unsubscribe", "cancel", "End", "enough",
		"停止", "好的，停止", "同意退订", "不要", "不要了", "可以，别再发了", "不，别联系我", "拒收", "拒绝接收短信", "不接受短信", "TD", "退订，谢谢",
	} {
		m := understood(text)
		assert.True(t, m.Has(Stop), text)
		assert.Empty(t, m.Answer, text)
	}
}

func TestTheSendersReadingOfAnAnswerStandsUnlessTheTextSaysOtherwise(t *testing.T) {
	for _, c := range []struct {
		given event.Answer
		text  string
		want  event.Answer
	}{
		{event.Yes, "well, let us try it then", event.Yes},
		{event.No, "rather not at the moment", event.No},
		{event.Yes, "", event.Yes},
		{event.Yes, "yes please", event.Yes},
		{event.Yes, "No.", ""},
		{event.No, "同意", ""},
		{event.Yes, "STOP", ""},
	} {
		assert.Equal(t, c.want, understood(c.text).AnswerOf(c.given), "%+v", c)
	}
}

func TestAnswersAreReadStrictly(t *testing.T) {
	_, err := readAnswers("answer.yaml", []byte("yes:\n  en: [yes]\n  fr: [oui]\n"))
	require.ErrorContains(t, err, "answer.yaml:3:3")
	_, err = readAnswers("answer.yaml", []byte("yes:\n  en: [yes, i * accept]\n"))
	require.EqualError(t, err, `answer.yaml:2:13: yes.en[1]: "i * accept" must be words that stand for themselves; write them out, without *`)
	_, err = readAnswers("answer.yaml", []byte("no:\n  zh: [不, ！]\n"))
	require.ErrorContains(t, err, "no.zh[1]")
}
