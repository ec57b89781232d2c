package intake

import (
	"regexp"
	"slices"
	"strings"
)

// A mail that answers ours mostly holds ours too, which says how to make messages stop: that is nothing that the borrower
// said.
var (
	// quotation begins a quoted mail of which each line is marked, or all that follows is.
	quotation = regexp.MustCompile(`(?i)^\s*(on .+ wrote:|am .+ schrieb .+:|.*写道\s*[:：])\s*$`)
	// original begins a mail that is quoted whole, without marks.
	original = regexp.MustCompile(`(?i)^\s*(-{2,} ?(original message|forwarded message|原始邮件|转发邮件).*|(from|发件人)\s*[:：].+)$`)
)

// said returns what a borrower wrote, without what the mail quotes of ours. Where nothing else is left, it is all.
func said(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	marked := func(line string) bool { return strings.HasPrefix(strings.TrimSpace(line), ">") }
	var own []string
	for n, line := range lines {
		if original.MatchString(line) || quotation.MatchString(line) && !slices.ContainsFunc(lines[n:], marked) {
			break
		}
		if !marked(line) && !quotation.MatchString(line) {
			own = append(own, line)
		}
	}
	if kept := strings.TrimSpace(strings.Join(own, "\n")); kept != "" {
		return kept
	}
	return text
}
