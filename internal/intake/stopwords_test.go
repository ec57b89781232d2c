package intake

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestStopWords(t *testing.T) {
	for _, text := range []string{
		"STOP", "stop", " Stop. ", "ＳＴＯＰ", "stop!!!", "Opt-out", "OPT OUT", "optout", "Stop  all", "UNSUBSCRIBE", "quit", "End", "revoke", "cancel",
		"停止", "退订", "退订。", "T", "td", "别再联系我！", "不要再联系我",
	} {
		assert.Equal(t, "stop", understand("", text), text)
	}
	for _, text := range []string{"", "please stop by on Monday", "I will pay at the end", "不停止", "OK", "👍", "stop calling my mother"} {
		assert.Equal(t, "unclear", understand("", text), text)
	}
	assert.Equal(t, "stop", understand("stop", "do leave me alone"), "the sender understood it")
	assert.Equal(t, "stop", understand("unclear", "STOP"), "the word stands above what the sender made of it")
}

func TestStopWordsAreReadStrictly(t *testing.T) {
	_, err := readStopwords("stopwords.yaml", []byte("en: [stop]\nfr: [arret]\n"))
	require.ErrorContains(t, err, "stopwords.yaml:2:1")
}
