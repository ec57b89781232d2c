package intake

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRepliesThatMeanStop(t *testing.T) {
	for _, text := range []string{
		"STOP", "stop", " Stop. ", "ＳＴＯＰ", "stop!!!", "Opt-out", "OPT OUT", "optout", "Stop  all", "UNSUBSCRIBE", "quit", "End", "revoke", "cancel", "S.T.O.P.", "🛑",
		"stop please", "Please stop texting me", "stop calling", "STOP CALLING MY MOTHER", "UNSUBSCRIBE me", "unsubscribe me from this list", "don't contact me again",
		"Don’t contact me", "do not text", "Do not call me anymore.", "dont ever call me again", "please do not ever text this number", "don't you dare call me", "never contact me again",
		"I do not want any more messages", "I don't want to hear from you", "no more texts", "No further contact, please", "leave me alone", "Leave us alone!!", "remove my number",
		"take me off your list", "take my number off the list", "opt me out", "I would like to be opted out", "I revoke my consent", "I hereby withdraw any consent", "quit bothering me",
		"cease and desist", "if you don't stop I will call my lawyer", "why don't you stop", "hi, stop", "I paid. Stop.", "Don't stop. No wait, STOP", "make it stop", "stop payment reminders",
		"I don't wish to be contacted", "you may not contact me", "cancel these messages", "go away", "fuck off", "stopp", "this is harassment", "when will you stop texting me?",
		"停止", "退订", "退订。", "T", "td", "别再联系我！", "不要再联系我", "请不要再联系我", "别再发短信了", "请勿打扰", "不要给我打电话", "别打了", "别烦我", "请停止发送短信", "TD退订", "回T退订",
		"我不想再收到你们的短信", "不要再打电话给我了", "你们别再骚扰我", "请把我的号码删除，不要再发了", "取消短信提醒", "拒收", "別再打電話給我", "我要退訂", "以后不要联系我", "有完没完", "不用再提醒我了", "撤回我的同意，取消授权",
	} {
		assert.Equal(t, intentStop, understand("", text), text)
	}
	assert.Equal(t, intentStop, understand("stop", "please be so kind"), "the sender understood it")
	assert.Equal(t, intentStop, understand("unclear", "STOP"), "the word stands above what the sender made of it")
}

func TestRepliesThatDoNotMeanStop(t *testing.T) {
	for _, text := range []string{
		"", "OK", "👍", "thanks", "please stop by on Monday", "I will pay at the end", "please don't stop helping me", "Don't stop the reminders, they help", "when does it stop raining",
		"it is raining non-stop", "I am at the bus stop", "can I stop at the branch?", "I had to stop working in May", "I cannot stop thinking about it", "Please call me", "can you text me the amount?",
		"I lost my job", "I quit my job", "I will pay on Friday", "who is this?", "call me after 6", "how do I cancel my loan?", "this is the end of the month", "please do not forget to call me",
		"I did not get your text", "I dont remember your text", "don't leave me alone with this", "yes", "I never got a text", "What is my balance?",
		"好的", "谢谢", "我明天还款", "不停止", "不要停止提醒", "别取消提醒", "我停止工作了", "请给我打电话", "请联系我", "什么时候到期？", "我失业了", "可以分期吗", "已经还了", "别发愁，我会还的", "你是谁", "我想了解一下",
	} {
		assert.Equal(t, intentUnclear, understand("", text), text)
	}
}

func TestStopWordsAreReadStrictly(t *testing.T) {
	_, err := readStopwords("stopwords.yaml", []byte("whole:\n  en: [stop]\n  fr: [arret]\n"))
	require.ErrorContains(t, err, "stopwords.yaml:3:3")
}
