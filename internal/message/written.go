package message

import "github.com/tender-engine/tender/internal/bizclock"

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
