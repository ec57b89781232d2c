package message

import (
	"embed"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"golang.org/x/text/language"
)

//go:embed *.yaml
var files embed.FS

// wordedIn are the languages of the catalogues that come with Tender; readers of any other get the first.
var wordedIn = []string{"en", "zh-CN"}

// Library is every template in every language. Make one with [Load].
type Library struct {
	templates  map[string]declaration
	examples   map[string]string
	words      map[string][]string
	tags       []string
	catalogues []*catalogue
	matcher    language.Matcher
}

// shipped is the library that comes with Tender. A mistake in it is ours, and found by the first test that runs.
var shipped = sync.OnceValue(func() *Library {
	all, err := load()
	if err != nil {
		panic(err)
	}
	return all
})

func load() (*Library, error) {
	declared, err := declare()
	if err != nil {
		return nil, err
	}
	all := &Library{templates: declared.Templates, examples: declared.Examples, words: declared.Words}
	for _, tag := range wordedIn {
		data, err := files.ReadFile(tag + ".yaml")
		if err != nil {
			return nil, err
		}
		c, _, err := readCatalogue(tag+".yaml", data, declared)
		if err != nil {
			return nil, err
		}
		all.put(c)
	}
	return all, nil
}

// Load returns the messages that come with Tender, and those of a lender in a folder: each *.yaml there is a catalogue, which
// takes the place of the one in its language. An empty name of a folder means only those that come with Tender. Each file is
// checked as [Lint] does, and its errors are those of Lint.
func Load(dir string) (*Library, error) {
	all, err := load()
	if err != nil || dir == "" {
		return all, err
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		return nil, err
	}
	declared, err := declare()
	if err != nil {
		return nil, err
	}
	from := map[string]string{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if _, err := Lint(name, data); err != nil {
			return nil, err
		}
		c, file, err := readCatalogue(name, data, declared)
		if err != nil {
			return nil, err
		}
		if other := from[c.Language]; other != "" {
			return nil, file.Errorf("$.language", "%s has the messages in %s as well; leave one of the two out", other, c.Language)
		}
		from[c.Language] = name
		all.put(c)
	}
	return all, nil
}

// Read returns a library with nothing but one catalogue, which is checked as [Lint] does.
func Read(name string, data []byte) (*Library, error) {
	if _, err := Lint(name, data); err != nil {
		return nil, err
	}
	declared, err := declare()
	if err != nil {
		return nil, err
	}
	c, _, err := readCatalogue(name, data, declared)
	if err != nil {
		return nil, err
	}
	all := &Library{templates: declared.Templates, examples: declared.Examples, words: declared.Words}
	all.put(c)
	return all, nil
}

// put adds a catalogue, or puts it in the place of the one in its language.
func (l *Library) put(c *catalogue) {
	if n := slices.Index(l.tags, c.Language); n >= 0 {
		l.catalogues[n] = c
		return
	}
	l.tags, l.catalogues = append(l.tags, c.Language), append(l.catalogues, c)
	var tags []language.Tag
	for _, tag := range l.tags {
		tags = append(tags, language.Make(tag))
	}
	l.matcher = language.NewMatcher(tags)
}

// catalogue returns the one whose language a reader of the tag reads. A weak likeness, such as that of the two ways of
// writing Chinese, does not count.
func (l *Library) catalogue(tag string) (c *catalogue, theirs bool) {
	wanted, err := language.Parse(tag)
	if err != nil {
		return l.catalogues[0], false
	}
	_, n, confidence := l.matcher.Match(wanted)
	if confidence < language.High {
		return l.catalogues[0], false
	}
	return l.catalogues[n], true
}

// Reads reports whether readers of a language, given as a BCP 47 tag, are written to in one that they read.
func (l *Library) Reads(tag string) bool {
	_, theirs := l.catalogue(tag)
	return theirs
}
