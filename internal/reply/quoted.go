package reply

import (
	"regexp"
	"slices"
	"strings"
)

// A mail that answers ours mostly holds ours too, which says how to make messages stop: that is nothing that the borrower
// said.
var (
	// attribution ends the line, or the two or three, in which a mail program says who wrote what it quotes below, and when.
	attribution = regexp.MustCompile(`(?i)[0-9@].*(\bwrote|写道|寫道)\s*[:：]\s*$`)
	// wrapped begins such a line that goes on in the next.
	wrapped = regexp.MustCompile(`(?i)^\s*(on|at|在|于|於|[0-9"“<])`)
	// original begins a mail that is quoted whole, without marks.
	original = regexp.MustCompile(`(?i)^\s*-{2,}\s*(original message|forwarded message|begin forwarded message|回复的原邮件|原始邮件|原邮件|转发邮件|原始郵件)`)
	// sender and heading are lines of the heading of a mail that is quoted whole, bold or not.
	sender  = regexp.MustCompile(`(?i)^[\s*]*(from|发件人|寄件者)[\s*]*[:：]`)
	heading = regexp.MustCompile(`(?i)^[\s*]*(sent|date|to|subject|发送时间|日期|时间|收件人|主题|寄件日期|收件者|主旨)[\s*]*[:：]`)
)

// Said returns what a borrower wrote, without what the mail quotes of ours. A mail that does nothing but quote says nothing.
func Said(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	var own []string
	for n := 0; n < len(lines); n++ {
		rest := lines[n:]
		attributed := attributes(rest)
		switch {
		case marked(rest[0]):
		case original.MatchString(rest[0]), headed(rest) && !blank(own), attributed > 0 && !slices.ContainsFunc(rest, marked):
			return strings.TrimSpace(strings.Join(own, "\n"))
		case attributed > 0:
			n += attributed - 1 // what it quotes is marked; an answer may stand below
		default:
			own = append(own, rest[0])
		}
	}
	return strings.TrimSpace(strings.Join(own, "\n"))
}

func marked(line string) bool { return strings.HasPrefix(strings.TrimSpace(line), ">") }

func blank(lines []string) bool { return strings.TrimSpace(strings.Join(lines, "")) == "" }

// attributes returns how many lines, from the first on, say who wrote what is quoted below them; 0 when they do not.
func attributes(lines []string) int {
	for n := 1; n <= min(3, len(lines)); n++ {
		if blank(lines[n-1:n]) || n > 1 && (marked(lines[n-1]) || !wrapped.MatchString(lines[0])) {
			return 0
		}
		if attribution.MatchString(strings.Join(lines[:n], " ")) {
			return n
		}
	}
	return 0
}

// headed reports whether a quoted mail's heading begins. One with nothing before it is that of the borrower's own mail,
// handed over whole.
func headed(lines []string) bool {
	return sender.MatchString(lines[0]) && slices.ContainsFunc(lines[1:min(5, len(lines))], heading.MatchString)
}
