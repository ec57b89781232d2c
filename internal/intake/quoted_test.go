package intake

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhatAMailQuotesOfOursIsNotWhatTheBorrowerSaid(t *testing.T) {
	t.Parallel()
	const ours = "To stop these messages, reply with the word STOP."
	for name, c := range map[string]struct{ text, own string }{
		"nothing quoted":        {"Yes please", "Yes please"},
		"marked lines":          {"Yes\r\n\r\nOn Mon, 5 Jan 2026 at 10:00, Example Lender wrote:\r\n> Dear Ada,\r\n> " + ours, "Yes"},
		"an answer below":       {"On Mon, 5 Jan 2026, Example Lender wrote:\n> " + ours + "\n\nYes, that helps", "Yes, that helps"},
		"without marks":         {"Yes\n\nOn Mon, 5 Jan 2026, Example Lender wrote:\nDear Ada,\n" + ours, "Yes"},
		"as Outlook quotes":     {"Yes\n\n-----Original Message-----\nFrom: Example Lender\n" + ours, "Yes"},
		"with its header alone": {"Yes\n\nFrom: Example Lender <a@example.com>\nSent: Monday\n" + ours, "Yes"},
		"in Chinese":            {"同意\n\n在 2026年1月5日，示例贷款 写道：\n> 如需停止，请回复 STOP", "同意"},
		"as QQ quotes":          {"同意\n\n------------------ 原始邮件 ------------------\n发件人: 示例贷款\n请回复 STOP", "同意"},
		"a stop of one's own":   {"STOP\n\n> Dear Ada", "STOP"},
		"nothing of one's own":  {"> STOP", "> STOP"},
	} {
		require.Equal(t, c.own, said(c.text), name)
	}
	require.Equal(t, intentUnclear, understand("", "Yes\n\n> "+ours))
	require.Equal(t, intentStop, understand("", "Please stop\n\n> Dear Ada"))
}
