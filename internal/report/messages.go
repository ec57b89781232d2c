package report

import (
	"cmp"
	"io"
	"strings"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/message"
)

// Preview is a message as an invented reader would get it.
type Preview struct {
	Template string          `json:"template"`
	Language string          `json:"language"`
	Channel  contact.Channel `json:"channel"`
	Subject  string          `json:"subject,omitempty"`
	Body     string          `json:"body"`
	// Segments is how many SMS it is sent and charged as, Alphabet in which: GSM or UCS-2. On other channels there are none.
	Segments int    `json:"segments,omitempty"`
	Alphabet string `json:"alphabet,omitempty"`
	// Carries are the parts that rules about content may ask for and that it has.
	Carries []string `json:"carries"`
}

// PreviewOf renders a template for an invented reader of a language; the language of the preview is the one that it is in.
func PreviewOf(words *message.Library, template, language string, channel contact.Channel) (Preview, error) {
	text, err := words.Render(template, language, channel, words.Example(language))
	if err != nil {
		return Preview{}, err
	}
	p := Preview{Template: template, Language: words.LanguageOf(language), Channel: channel, Subject: text.Subject, Body: text.Body, Carries: []string{}}
	for _, part := range text.Carries {
		p.Carries = append(p.Carries, string(part))
	}
	if channel == contact.SMS {
		segments, gsm := message.Segments(text.Body)
		p.Segments, p.Alphabet = segments, "UCS-2"
		if gsm {
			p.Alphabet = "GSM"
		}
	}
	return p, nil
}

// WritePreview writes a preview as text.
func WritePreview(w io.Writer, style Style, v Preview) error {
	p := page{w: w, style: style}
	if v.Subject != "" {
		p.printf("%s\n\n", style.bold(v.Subject))
	}
	p.printf("%s\n\n", v.Body)
	if v.Segments > 0 {
		p.printf("%d SMS in the %s alphabet. ", v.Segments, v.Alphabet)
	}
	p.printf("Carries: %s.\n", strings.ReplaceAll(strings.Join(v.Carries, ", "), "_", " "))
	return p.err
}

// WriteTemplates writes the list of templates as text.
func WriteTemplates(w io.Writer, style Style, all []message.Template) error {
	p := page{w: w, style: style}
	rows := [][]string{{"TEMPLATE", "WHAT IT IS FOR", "NAMES"}}
	for _, t := range all {
		names := append([]string{}, t.Needs...)
		for _, name := range t.May {
			names = append(names, "["+name+"]")
		}
		rows = append(rows, []string{t.Name, t.About, cmp.Or(strings.Join(names, " "), "-")})
	}
	p.table("", rows)
	return p.err
}
