package reply

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhatAMailQuotesOfOursIsNotWhatTheBorrowerSaid(t *testing.T) {
	t.Parallel()
	const (
		ours  = `If you no longer want these emails, use "unsubscribe" in your mail program or reply with the word STOP.`
		unser = "如不想再收到此类邮件，请使用邮箱的“退订”功能，或回复“STOP”。"
	)
	for name, c := range map[string]struct{ text, own string }{
		"nothing quoted":          {"Yes please", "Yes please"},
		"marked lines":            {"Yes\r\n\r\nOn Mon, 5 Jan 2026 at 10:00, Example Lender wrote:\r\n> Dear Ada,\r\n> " + ours, "Yes"},
		"marked twice":            {"Yes\n> I asked\n>> " + ours, "Yes"},
		"wrapped as Gmail does":   {"Yes\n\nOn Mon, 5 Jan 2026 at 10:00, Example Lender <billing@lender.example>\nwrote:\n\n> Dear Ada,\n> " + ours, "Yes"},
		"wrapped, without marks":  {"Yes\n\nOn Mon, 5 Jan 2026 at 10:00,\nExample Lender <billing@lender.example>\nwrote:\n\nDear Ada,\n" + ours, "Yes"},
		"an answer below":         {"On Mon, 5 Jan 2026, Example Lender wrote:\n> " + ours + "\n\nYes, that helps", "Yes, that helps"},
		"without marks":           {"Yes\n\nOn Mon, 5 Jan 2026, Example Lender wrote:\nDear Ada,\n" + ours, "Yes"},
		"as Outlook quotes":       {"Yes\n\n-----Original Message-----\nFrom: Example Lender\n" + ours, "Yes"},
		"with its heading alone":  {"Yes\n\nFrom: Example Lender <a@example.com>\nSent: Monday\n" + ours, "Yes"},
		"with a heading in bold":  {"Yes\n\n*From:* Example Lender\n*Sent:* Monday\n" + ours, "Yes"},
		"in Chinese":              {"同意\n\n在 2026年1月5日，示例贷款 写道：\n> " + unser, "同意"},
		"in Chinese, wrapped":     {"同意\n\n示例贷款 <a@lender.example> 于2026年1月5日周一 10:00写道：\n\n" + unser, "同意"},
		"as NetEase quotes":       {"同意\n\nAt 2026-01-05 10:00:00, \"示例贷款\" <a@lender.example> wrote:\n>" + unser, "同意"},
		"as NetEase quotes now":   {"同意\n\n---- 回复的原邮件 ----\n| 发件人 | 示例贷款 |\n" + unser, "同意"},
		"as QQ quotes":            {"同意\n\n------------------ 原始邮件 ------------------\n发件人: 示例贷款\n" + unser, "同意"},
		"a Chinese heading alone": {"同意\n\n发件人：示例贷款\n发送时间：2026年1月5日\n主题：提醒\n" + unser, "同意"},
		"nothing of one's own":    {"\n\nOn Mon, 5 Jan 2026, Example Lender wrote:\n> " + ours, ""},
		"nothing but marks":       {"> " + ours, ""},
	} {
		require.Equal(t, c.own, Said(c.text), name)
		require.False(t, understood(c.text).Has(Stop), name)
	}
}

func TestAStopBesideAQuotationIsAStop(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"above":                            "STOP\n\nOn Mon, 5 Jan 2026, Example Lender wrote:\n> Dear Ada",
		"below":                            "On Mon, 5 Jan 2026, Example Lender wrote:\n> Dear Ada\n\nplease stop texting me",
		"between":                          "> Dear Ada\nSTOP\n> Yours, Example Lender",
		"in Chinese":                       "别再发了\n\n------------------ 原始邮件 ------------------\n发件人: 示例贷款",
		"after words that end in a colon":  "My lawyer wrote:\nStop contacting me",
		"after a sender that is none":      "From: now on\nleave me alone",
		"in a mail handed over whole":      "From: ada@canary.example\nTo: billing@lender.example\nSubject: Re: your loan\n\nSTOP",
		"of the sender, whatever is below": "Stop.\n\nFrom: Example Lender\nSubject: Your loan\n\nDear Ada",
	} {
		require.True(t, understood(text).Has(Stop), name)
	}
}
