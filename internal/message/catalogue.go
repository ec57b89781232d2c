package message

import (
	"embed"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/template"
	"text/template/parse"
	"time"

	"golang.org/x/text/language"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/strictyaml"
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

// declaration says what a template is for and what it names; see templates.yaml.
type declaration struct {
	About   string   `yaml:"about"`
	Tone    Tone     `yaml:"tone"`
	Needs   []string `yaml:"needs"`
	May     []string `yaml:"may"`
	Arrears bool     `yaml:"arrears"`
	Bare    bool     `yaml:"bare"`
}

// declarations are templates.yaml: the templates, the kind of each variable, and which words those of kind word can be.
type declarations struct {
	Variables map[string]string      `yaml:"variables"`
	Examples  map[string]string      `yaml:"examples"`
	Words     map[string][]string    `yaml:"words"`
	Templates map[string]declaration `yaml:"templates"`
}

// The kinds of variables, and those of them that are counted.
const (
	money = "money"
	date  = "date"
	word  = "word"
)

var counted = []string{"months", "days", "payments"}

// other stands for every channel that wordings by channel do not name.
const other = "other"

// catalogue is the wording in one language; see en.yaml.
type catalogue struct {
	Language string `yaml:"language"`
	// Example is whom previews are for.
	Example struct {
		Name     string `yaml:"name"`
		Lender   string `yaml:"lender"`
		Currency string `yaml:"currency"`
	} `yaml:"example"`
	Date  string            `yaml:"date"`
	Money map[string]string `yaml:"money"`
	// Counts are how a number of something is written, by kind, for one and for any other number.
	Counts map[string]count `yaml:"counts"`
	// Words are the wordings of the words that variables can be, by variable.
	Words map[string]map[string]string `yaml:"words"`
	// Help and Reply say by channel how to reach a person, and how to give an answer such as YES; "other" is for the channels
	// that are not named. A push message, for one, cannot be replied to.
	Help  map[string]string `yaml:"help"`
	Reply map[string]string `yaml:"reply"`
	// Talk is the sentence that a message gets where a rule asks how the lender is reached, and the wording does not say so.
	Talk  string `yaml:"talk"`
	Frame struct {
		Short string `yaml:"short"`
		Long  string `yaml:"long"`
	} `yaml:"frame"`
	// Also is the sentence about another loan of the same borrower.
	Also   string            `yaml:"also"`
	OptOut map[string]string `yaml:"opt_out"`
	// Disclosures are sentences that rules about content may ask for.
	Disclosures map[compliance.Part]string `yaml:"disclosures"`
	Templates   map[string]wording         `yaml:"templates"`

	kinds       map[string]string
	short, long *parsed
	also, talk  *parsed
	wordings    map[string]struct{ short, long form }
}

// count is how a number of something is written, such as {n} months; one is for languages that have a form of its own for 1.
type count struct {
	One   string `yaml:"one"`
	Other string `yaml:"other"`
}

// wording is one template's words.
type wording struct {
	Short       string `yaml:"short"`
	SmallerStep struct {
		Short string `yaml:"short"`
		Long  string `yaml:"long"`
	} `yaml:"smaller_step"`
	Subject string `yaml:"subject"`
	Long    string `yaml:"long"`
}

// form is a wording that is ready to render; subject and step can be absent.
type form struct{ subject, text, step *parsed }

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

func declare() (declarations, error) {
	var declared declarations
	data, err := files.ReadFile("templates.yaml")
	if err != nil {
		return declared, err
	}
	file, err := strictyaml.Decode("templates.yaml", data, &declared)
	if err != nil {
		return declared, err
	}
	kinds := append([]string{money, date, word}, counted...)
	for name, kind := range declared.Variables {
		if !slices.Contains(kinds, kind) {
			return declared, file.Errorf("$.variables."+name, "unknown kind %q; use one of %s", kind, closed.Join(kinds))
		}
		if declared.Examples[name] == "" {
			return declared, file.Errorf("$.examples", "%s is missing; give the variable a value for previews", name)
		}
		if kind == word && len(declared.Words[name]) == 0 {
			return declared, file.Errorf("$.words", "%s is missing; list the words that it can be", name)
		}
	}
	for name := range declared.Words {
		if declared.Variables[name] != word {
			return declared, file.Errorf("$.words."+name, "is no variable of the kind %s", word)
		}
	}
	for name, d := range declared.Templates {
		if d.Tone == "" {
			return declared, file.Errorf("$.templates."+name+".tone", "is missing; use one of %s", closed.Join(Tones))
		}
		for _, variable := range slices.Concat(d.Needs, d.May) {
			if declared.Variables[variable] == "" {
				return declared, file.Errorf("$.templates."+name, "there is no variable %q; use one of %s", variable, join(declared.Variables))
			}
		}
	}
	return declared, nil
}

// readCatalogue reads and checks a catalogue; every mistake is in the error, each with its place.
func readCatalogue(name string, data []byte, declared declarations) (*catalogue, *strictyaml.File, error) {
	c := &catalogue{kinds: declared.Variables, wordings: map[string]struct{ short, long form }{}}
	file, err := strictyaml.Decode(name, data, c)
	if err != nil {
		return nil, nil, err
	}
	check := &checker{file: file}
	check.language(c)
	check.counts(c)
	check.words(c, declared.Words)
	c.short = check.frame("$.frame.short", c.Frame.Short)
	c.long = check.frame("$.frame.long", c.Frame.Long)
	c.also = check.parse("$.also", c.Also, []string{"loan", "past_due", "past_due_since"}, nil)
	if strings.TrimSpace(c.Also) == "" {
		check.wrong("$.also", "is missing; write the sentence about another loan of the same borrower")
	}
	c.talk = check.parse("$.talk", c.Talk, []string{"help"}, nil)
	if c.talk != nil && !c.talk.names["help"] {
		check.wrong("$.talk", "must name {{.help}}; write the sentence that says how to reach a person")
	}
	for template := range c.Templates {
		if _, known := declared.Templates[template]; !known {
			check.wrong("$.templates."+template, "there is no such template; use the names in templates.yaml")
		}
	}
	for _, template := range slices.Sorted(maps.Keys(declared.Templates)) {
		words, worded := c.Templates[template]
		if !worded {
			check.wrong("$.templates", "%s is missing", template)
			continue
		}
		short, long := check.wording("$.templates."+template, words, declared.Templates[template])
		c.wordings[template] = struct{ short, long form }{short, long}
	}
	return c, file, errors.Join(check.mistakes...)
}

// checker collects what is wrong with a catalogue.
type checker struct {
	file     *strictyaml.File
	mistakes []error
}

func (k *checker) wrong(path, format string, args ...any) {
	k.mistakes = append(k.mistakes, k.file.Errorf(path, format, args...))
}

func (k *checker) language(c *catalogue) {
	if _, err := language.Parse(c.Language); err != nil {
		k.wrong("$.language", "%q is no language; write a BCP 47 tag such as en or zh-CN", c.Language)
	}
	if c.Example.Name == "" || c.Example.Lender == "" || c.Example.Currency == "" {
		k.wrong("$.example", "name, lender or currency is missing; say whom previews are for")
	}
	day := time.Date(2026, time.December, 31, 0, 0, 0, 0, time.UTC)
	if back, err := time.Parse(c.Date, day.Format(c.Date)); err != nil || !back.Equal(day) {
		k.wrong("$.date", "%q does not name day, month and year; write the second of January 2006 as this language does", c.Date)
	}
	if !strings.Contains(c.Money["other"], "{currency}") {
		k.wrong("$.money", "other is missing or does not name {currency}; write such as {currency} {amount}")
	}
	for currency, pattern := range c.Money {
		if !strings.Contains(pattern, "{amount}") {
			k.wrong("$.money."+currency, "does not name {amount}")
		}
	}
	k.byChannel("$.help", c.Help, "say how to reach a person where the lender has not said")
	k.byChannel("$.reply", c.Reply, "say how an answer such as YES is given, such as reply")
	for _, channel := range contact.Channels {
		switch sentence := c.OptOut[string(channel)]; {
		case channel.Electronic() && sentence == "":
			k.wrong("$.opt_out", "%s is missing; say how messages on it are stopped", channel)
		case !channel.Electronic() && sentence != "":
			k.wrong("$.opt_out."+string(channel), "no message is sent electronically on this channel; leave it out")
		}
	}
	for _, part := range []compliance.Part{compliance.MiniMiranda, compliance.FromCollector} {
		if c.Disclosures[part] == "" {
			k.wrong("$.disclosures", "%s is missing; write the sentence", part)
		}
	}
	for channel := range c.OptOut {
		if !slices.Contains(contact.Channels, contact.Channel(channel)) {
			k.wrong("$.opt_out."+channel, "is no channel; use one of %s", closed.Join(contact.Channels))
		}
	}
}

// byChannel checks wordings that differ by channel.
func (k *checker) byChannel(path string, wordings map[string]string, use string) {
	if strings.TrimSpace(wordings[other]) == "" {
		k.wrong(path, "%s is missing; %s", other, use)
	}
	for channel, wording := range wordings {
		switch {
		case channel != other && !slices.Contains(contact.Channels, contact.Channel(channel)):
			k.wrong(path+"."+channel, "is no channel; use one of %s, or %s", closed.Join(contact.Channels), other)
		case channel != other && strings.TrimSpace(wording) == "":
			k.wrong(path+"."+channel, "is missing; %s", use)
		}
	}
}

// on returns the wording for a channel.
func on(wordings map[string]string, channel contact.Channel) string {
	if wording := wordings[string(channel)]; wording != "" {
		return wording
	}
	return wordings[other]
}

func (k *checker) counts(c *catalogue) {
	for _, kind := range counted {
		if !strings.Contains(c.Counts[kind].Other, "{n}") {
			k.wrong("$.counts."+kind, "other is missing or does not name {n}; write such as {n} %s", kind)
		}
	}
	for kind := range c.Counts {
		if !slices.Contains(counted, kind) {
			k.wrong("$.counts."+kind, "is nothing that is counted; use one of %s", closed.Join(counted))
		}
	}
}

func (k *checker) words(c *catalogue, declared map[string][]string) {
	for variable, all := range declared {
		for _, name := range all {
			if strings.TrimSpace(c.Words[variable][name]) == "" {
				k.wrong("$.words."+variable, "%s is missing", name)
			}
		}
	}
	for variable, wordings := range c.Words {
		for name := range wordings {
			if !slices.Contains(declared[variable], name) {
				k.wrong("$.words."+variable+"."+name, "there is no such word; use those in templates.yaml")
			}
		}
	}
}

func (k *checker) frame(path, text string) *parsed {
	p := k.parse(path, text, []string{"lender", "text", "step", "help", "loan", "bare"}, []string{"name", "step"})
	for _, part := range []string{"lender", "text", "step"} {
		if p != nil && !p.names[part] {
			k.wrong(path, "must name {{.%s}}", part)
		}
	}
	return p
}

func (k *checker) wording(path string, w wording, d declaration) (short, long form) {
	always := slices.Concat([]string{"lender", "help", "reply", "loan"}, d.Needs)
	required := func(path, text string) *parsed {
		if strings.TrimSpace(text) == "" {
			k.wrong(path, "is missing")
			return nil
		}
		return k.parse(path, reflow(text), always, d.May)
	}
	short.text = required(path+".short", w.Short)
	long.subject = required(path+".subject", w.Subject)
	long.text = required(path+".long", w.Long)
	switch {
	case d.Arrears:
		short.step = k.step(path+".smaller_step.short", required, w.SmallerStep.Short)
		long.step = k.step(path+".smaller_step.long", required, w.SmallerStep.Long)
	case w.SmallerStep.Short+w.SmallerStep.Long != "":
		k.wrong(path+".smaller_step", "is only for messages about a payment that is late; leave it out")
	}
	return short, long
}

// step reads a smaller next step, which must say how to take it.
func (k *checker) step(path string, required func(path, text string) *parsed, text string) *parsed {
	p := required(path, text)
	if p != nil && !p.names["help"] {
		k.wrong(path, "must name {{.help}}, which says how to take the step")
	}
	return p
}

// parsed is a text with variables.
type parsed struct {
	template *template.Template
	names    map[string]bool
}

// parse reads a text that may name the variables in always, and those in guarded where an if or with makes sure that they
// are there. Nothing but variables, if and with can stand in a text: it is for people who write letters.
func (k *checker) parse(path, text string, always, guarded []string) *parsed {
	t, err := template.New("text").Option("missingkey=error").Parse(text)
	if err != nil {
		k.wrong(path, "%s", strings.TrimPrefix(err.Error(), "template: text:"))
		return nil
	}
	walk := &walker{always: always, guarded: guarded, names: map[string]bool{}}
	if t.Tree != nil {
		walk.list(t.Root, nil)
	}
	for _, mistake := range walk.mistakes {
		k.wrong(path, "%s", mistake)
	}
	return &parsed{t, walk.names}
}

func (p *parsed) write(values map[string]any) (string, error) {
	var text strings.Builder
	err := p.template.Execute(&text, values)
	return text.String(), err
}

// walker finds the variables of a text.
type walker struct {
	always, guarded []string
	names           map[string]bool
	mistakes        []string
}

func (w *walker) wrong(format string, args ...any) {
	w.mistakes = append(w.mistakes, fmt.Sprintf(format, args...))
}

// list walks what stands between two marks; sure are the variables that are known to be there.
func (w *walker) list(list *parse.ListNode, sure []string) {
	if list == nil {
		return
	}
	for _, node := range list.Nodes {
		switch n := node.(type) {
		case *parse.TextNode:
		case *parse.ActionNode:
			if name, ok := variable(n.Pipe); !ok {
				w.wrong("%s is no variable; write such as {{.amount}}", n)
			} else if name != "" {
				w.use(name, sure)
			}
		case *parse.IfNode:
			w.branch(&n.BranchNode, sure)
		case *parse.WithNode:
			w.branch(&n.BranchNode, sure)
		default:
			w.wrong("%s cannot stand here; use {{.name}}, {{if .name}} and {{with .name}} only", n)
		}
	}
}

func (w *walker) branch(n *parse.BranchNode, sure []string) {
	name, ok := variable(n.Pipe)
	negated := false
	if !ok {
		name, negated = negation(n.Pipe)
		ok = negated
	}
	if !ok || name == "" {
		w.wrong("{{%s}} asks for no variable; write such as {{if .due}}", n.Pipe)
		return
	}
	w.use(name, append(slices.Clone(w.guarded), sure...))
	then, otherwise := append(slices.Clone(sure), name), sure
	if negated {
		then, otherwise = otherwise, then
	}
	w.list(n.List, then)
	w.list(n.ElseList, otherwise)
}

func (w *walker) use(name string, sure []string) {
	w.names[name] = true
	switch {
	case slices.Contains(w.always, name), slices.Contains(sure, name):
	case slices.Contains(w.guarded, name):
		w.wrong("{{.%s}} can be missing; put it between {{if .%[1]s}} and {{end}}", name)
	default:
		w.wrong("{{.%s}} is not declared for this text; use %s", name, strings.Join(slices.Concat(w.always, w.guarded), ", "))
	}
}

// variable returns the name in {{.name}}; none, but ok, for the {{.}} inside a with.
func variable(pipe *parse.PipeNode) (name string, ok bool) {
	if len(pipe.Decl) != 0 || len(pipe.Cmds) != 1 || len(pipe.Cmds[0].Args) != 1 {
		return "", false
	}
	switch arg := pipe.Cmds[0].Args[0].(type) {
	case *parse.DotNode:
		return "", true
	case *parse.FieldNode:
		return arg.Ident[0], len(arg.Ident) == 1
	}
	return "", false
}

// negation returns the name in {{if not .name}}.
func negation(pipe *parse.PipeNode) (name string, ok bool) {
	if len(pipe.Decl) != 0 || len(pipe.Cmds) != 1 || len(pipe.Cmds[0].Args) != 2 {
		return "", false
	}
	not, isWord := pipe.Cmds[0].Args[0].(*parse.IdentifierNode)
	field, isField := pipe.Cmds[0].Args[1].(*parse.FieldNode)
	if !isWord || !isField || not.Ident != "not" || len(field.Ident) != 1 {
		return "", false
	}
	return field.Ident[0], true
}

var amount = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)

var errNoCurrency = errors.New("no currency")

// write writes a variable as the language writes it; nothing when it has no value. A word that is none of those that the
// variable can be, and a count that is no whole number, are errors that say what would be right.
func (c *catalogue) write(name string, values map[string]string) (string, error) {
	value, kind := clean(values[name]), c.kinds[name]
	switch {
	case value == "":
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

// reflow makes one line of each paragraph, whose lines are broken only where the file would be too wide. Indented lines,
// as in a list, stay lines.
func reflow(text string) string {
	var flowed strings.Builder
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for n, line := range lines {
		switch {
		case n == 0:
		case line == "" || lines[n-1] == "" || strings.HasPrefix(line, " "):
			flowed.WriteByte('\n')
		default:
			flowed.WriteByte(' ')
		}
		flowed.WriteString(line)
	}
	return flowed.String()
}

func join[V any](set map[string]V) string {
	return strings.Join(slices.Sorted(maps.Keys(set)), ", ")
}
