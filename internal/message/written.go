package message

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
)

// Amount writes an amount such as 1000.00 as a language writes it, with its currency; nothing for none, and for zero.
func Amount(language, amount, currency string) string {
	if nothing(amount) {
		return ""
	}
	return written(language, "amount", map[string]string{"amount": amount, "currency": currency})
}

// Day writes a date as a language writes it; nothing for none.
func Day(language string, on bizclock.Date) string {
	if on.IsZero() {
		return ""
	}
	return written(language, "due", map[string]string{"due": on.String()})
}

// written writes the value of a variable that every catalogue has.
func written(language, name string, values map[string]string) string {
	c, _ := shipped().catalogue(language)
	text, err := c.write(name, values)
	if err != nil {
		return values[name]
	}
	return text
}

// Language is the tag of the catalogue that readers of a language are written to in.
func Language(tag string) string { return shipped().LanguageOf(tag) }

// LanguageOf is the tag of the catalogue that readers of a language are written to in.
func (l *Library) LanguageOf(tag string) string {
	c, _ := l.catalogue(tag)
	return c.Language
}

// Clean makes one line of a value, as it stands in a message.
func Clean(value string) string { return clean(value) }

// on returns the wording for a channel.
func on(wordings map[string]string, channel contact.Channel) string {
	if wording := wordings[string(channel)]; wording != "" {
		return wording
	}
	return wordings[other]
}

var amount = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)

var errNoCurrency = errors.New("no currency")

// write writes a variable as the language writes it; nothing when it has no value. A word that is none of those that the
// variable can be, and a count that is no whole number, are errors that say what would be right. A text keeps its lines.
func (c *catalogue) write(name string, values map[string]string) (string, error) {
	value, kind := clean(values[name]), c.kinds[name]
	switch {
	case kind == text:
		return plain(values[name]), nil
	case value == "":
	case kind == words:
		return c.listed(name, value)
	case kind == word:
		wording, known := c.Words[name][value]
		if !known {
			return "", fmt.Errorf("give one of %s", join(c.Words[name]))
		}
		return wording, nil
	case slices.Contains(counted, kind):
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 {
			return "", errors.New("give a whole number")
		}
		return c.Counts[kind].write(n), nil
	case kind == date:
		if on, err := bizclock.ParseDate(value); err == nil {
			return on.In(time.UTC).Format(c.Date), nil
		}
	case amount.MatchString(value):
		currency := clean(values["currency"])
		if currency == "" {
			return "", errNoCurrency
		}
		pattern := c.Money[currency]
		if pattern == "" {
			pattern = c.Money["other"]
		}
		return strings.NewReplacer("{amount}", grouped(value), "{currency}", currency).Replace(pattern), nil
	}
	return value, nil
}

// listed writes words with commas between them as the language lists things, each once.
func (c *catalogue) listed(name, value string) (string, error) {
	var all []string
	for one := range strings.SplitSeq(value, ",") {
		wording, known := c.Words[name][strings.TrimSpace(one)]
		switch {
		case !known:
			return "", fmt.Errorf("give one or more of %s, with commas between them", join(c.Words[name]))
		case !slices.Contains(all, wording):
			all = append(all, wording)
		}
	}
	last := len(all) - 1
	if last == 0 {
		return all[0], nil
	}
	return strings.Join(all[:last], c.List.Between) + c.List.Last + all[last], nil
}

// newlines are all that begins a new line, but the newline itself.
var newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n\n")

// plain is a value as it was given, with its lines, but without what stands around it and without other control characters. A tab
// is a space.
func plain(value string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r != '\n' && unicode.IsControl(r):
			return -1
		}
		return r
	}, newlines.Replace(value)))
}

// write writes a number of something.
func (c count) write(n int) string {
	form := c.Other
	if n == 1 && c.One != "" {
		form = c.One
	}
	return strings.ReplaceAll(form, "{n}", strconv.Itoa(n))
}

// nothing reports whether a value is an amount of zero.
func nothing(value string) bool {
	return amount.MatchString(value) && strings.Trim(value, "0.") == ""
}

// grouped writes 1234567.50 as 1,234,567.50, as both languages do.
func grouped(amount string) string {
	whole, fraction, point := strings.Cut(amount, ".")
	for n := len(whole) - 3; n > 0; n -= 3 {
		whole = whole[:n] + "," + whole[n:]
	}
	if point {
		whole += "." + fraction
	}
	return whole
}
