package script

import (
	"cmp"
	"embed"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/message"
	"github.com/tender-engine/tender/internal/strictyaml"
)

//go:embed *.yaml
var files embed.FS

// worded are the languages that scripts are worded in.
var worded = []string{"en", "zh-CN"}

// kind is what scripts.yaml says of a script.
type kind struct {
	Steps    []string          `yaml:"steps"`
	Reasons  []string          `yaml:"reasons"`
	Purposes []contact.Purpose `yaml:"purposes"`
	Offers   []Offer           `yaml:"offers"`
}

// wording is a language's file.
type wording struct {
	Language   string              `yaml:"language"`
	Help       string              `yaml:"help"`
	Unsaid     []string            `yaml:"unsaid"`
	Identity   []string            `yaml:"identity"`
	Voicemail  string              `yaml:"voicemail"`
	ThirdParty string              `yaml:"third_party"`
	Closing    string              `yaml:"closing"`
	Instead    map[string]instead  `yaml:"instead"`
	Offers     map[Offer]string    `yaml:"offers"`
	Scripts    map[string][]string `yaml:"scripts"`
}

// instead is what a script says in place of what all others say; what is left out is as for them.
type instead struct {
	Identity   []string `yaml:"identity"`
	Voicemail  string   `yaml:"voicemail"`
	ThirdParty string   `yaml:"third_party"`
	Closing    string   `yaml:"closing"`
}

// around is what a script says before and after what the call is about.
func (w *wording) around(script string) instead {
	own := w.Instead[script]
	if len(own.Identity) == 0 {
		own.Identity = w.Identity
	}
	own.Voicemail, own.ThirdParty, own.Closing = cmp.Or(own.Voicemail, w.Voicemail), cmp.Or(own.ThirdParty, w.ThirdParty), cmp.Or(own.Closing, w.Closing)
	return own
}

// help says how a person is reached, where the lender has not said.
func (w *wording) help(own string) string {
	if own = message.Clean(own); own != "" {
		return strings.TrimRight(own, ".。")
	}
	return w.Help
}

type library struct {
	kinds    map[string]kind
	wordings map[string]*wording
}

// find returns the script for a step, or else for a reason, or else for a purpose, or else that of collection, which is about what
// most calls are.
func (l *library) find(about About) (string, kind) {
	treatment, _, _ := strings.Cut(about.Step, "@")
	for _, fits := range []func(kind) bool{
		func(k kind) bool { return slices.Contains(k.Steps, treatment) },
		func(k kind) bool { return slices.Contains(k.Reasons, about.Reason) },
		func(k kind) bool { return slices.Contains(k.Purposes, about.Purpose) },
		func(k kind) bool { return slices.Contains(k.Purposes, contact.Collection) },
	} {
		for _, name := range slices.Sorted(maps.Keys(l.kinds)) {
			if fits(l.kinds[name]) {
				return name, l.kinds[name]
			}
		}
	}
	return "", kind{} // check has seen to it that there is one
}

// shipped are the scripts that Tender ships; a test reads them before anybody else.
var shipped = sync.OnceValue(func() *library {
	l, err := load(func(name string) ([]byte, error) { return files.ReadFile(name) })
	if err != nil {
		panic(err)
	}
	return l
})

// load reads scripts.yaml and the wording of every language. Its errors name file, line and column.
func load(read func(name string) ([]byte, error)) (*library, error) {
	text, err := read("scripts.yaml")
	if err != nil {
		return nil, err
	}
	var declared struct {
		Scripts map[string]kind `yaml:"scripts"`
	}
	at, err := strictyaml.Decode("scripts.yaml", text, &declared)
	if err != nil {
		return nil, err
	}
	l := &library{kinds: declared.Scripts, wordings: map[string]*wording{}}
	if err := l.checkKinds(at); err != nil {
		return nil, err
	}
	for _, language := range worded {
		name := language + ".yaml"
		text, err := read(name)
		if err != nil {
			return nil, err
		}
		w := &wording{}
		at, err := strictyaml.Decode(name, text, w)
		if err != nil {
			return nil, err
		}
		if w.Language != language {
			return nil, at.Errorf("$.language", "must be %s, as the file's name says", language)
		}
		if err := w.check(at, l.kinds); err != nil {
			return nil, err
		}
		l.wordings[language] = w
	}
	return l, nil
}

func (l *library) checkKinds(at *strictyaml.File) error {
	steps, reasons, purposes := map[string]string{}, map[string]string{}, map[contact.Purpose]string{}
	for _, name := range slices.Sorted(maps.Keys(l.kinds)) {
		k, path := l.kinds[name], "$.scripts."+name
		if len(k.Offers) == 0 {
			return at.Errorf(path+".offers", "is empty; every call ends with a smaller next step, one of %s", closed.Join(Offers))
		}
		for n, offer := range k.Offers {
			if !slices.Contains(Offers, offer) {
				return at.Errorf(fmt.Sprintf("%s.offers[%d]", path, n), "%q is no offer; use one of %s", offer, closed.Join(Offers))
			}
		}
		for n, step := range k.Steps {
			if other := steps[step]; other != "" {
				return at.Errorf(fmt.Sprintf("%s.steps[%d]", path, n), "%q is a step of %s too; one script has it", step, other)
			}
			steps[step] = name
		}
		for n, reason := range k.Reasons {
			if other := reasons[reason]; other != "" {
				return at.Errorf(fmt.Sprintf("%s.reasons[%d]", path, n), "%q is a reason of %s too; one script has it", reason, other)
			}
			reasons[reason] = name
		}
		for n, purpose := range k.Purposes {
			if other := purposes[purpose]; other != "" {
				return at.Errorf(fmt.Sprintf("%s.purposes[%d]", path, n), "%q is a purpose of %s too; one script has it", purpose, other)
			}
			purposes[purpose] = name
		}
	}
	for _, purpose := range contact.Purposes {
		if purposes[purpose] == "" {
			return at.Errorf("$.scripts", "no script is for the purpose %s; name it in the purposes of one", purpose)
		}
	}
	return nil
}

// values are all that a script may name, each as it can be missing; open are those that may be said to anybody.
var (
	open   = []string{"name", "help"}
	values = []string{"name", "help", "lender", "loan", "past_due", "past_due_since", "outstanding", "application", "product", "amount", "total", "cost", "installments", "first_due"}
)

func (w *wording) check(at *strictyaml.File, kinds map[string]kind) error {
	if len(w.Identity) == 0 {
		return at.Errorf("$.identity", "is missing; a call begins by finding out who answers")
	}
	if len(w.Unsaid) == 0 {
		return at.Errorf("$.unsaid", "is missing; list the words that tell of a debt")
	}
	before := map[string]string{"$.help": w.Help, "$.voicemail": w.Voicemail, "$.third_party": w.ThirdParty}
	for n, text := range w.Identity {
		before[fmt.Sprintf("$.identity[%d]", n)] = text
	}
	if err := w.checkInstead(at, kinds, before); err != nil {
		return err
	}
	for _, path := range slices.Sorted(maps.Keys(before)) {
		if err := w.checkText(at, path, before[path], open); err != nil {
			return err
		}
		if word := w.tells(before[path]); word != "" {
			return at.Errorf(path, "%q tells of a debt to whoever answers; say it after it is certain who does", word)
		}
	}
	if err := w.checkText(at, "$.closing", w.Closing, values); err != nil {
		return err
	}
	for _, offer := range Offers {
		if err := w.checkText(at, "$.offers."+string(offer), w.Offers[offer], values); err != nil {
			return err
		}
	}
	for _, offer := range slices.Sorted(maps.Keys(w.Offers)) {
		if !slices.Contains(Offers, offer) {
			return at.Errorf("$.offers."+string(offer), "is no offer; use %s", closed.Join(Offers))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		if len(w.Scripts[name]) == 0 {
			return at.Errorf("$.scripts."+name, "is missing; scripts.yaml has a script of that name")
		}
		for n, text := range w.Scripts[name] {
			if err := w.checkText(at, fmt.Sprintf("$.scripts.%s[%d]", name, n), text, values); err != nil {
				return err
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(w.Scripts)) {
		if _, known := kinds[name]; !known {
			return at.Errorf("$.scripts."+name, "is no script of scripts.yaml; declare it there, or leave it out")
		}
	}
	return nil
}

// checkInstead checks what scripts say in place of what all others say. What is said before it is certain who answers is added to before.
func (w *wording) checkInstead(at *strictyaml.File, kinds map[string]kind, before map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(w.Instead)) {
		own, path := w.Instead[name], "$.instead."+name
		if _, known := kinds[name]; !known {
			return at.Errorf(path, "is no script of scripts.yaml; declare it there, or leave it out")
		}
		for n, text := range own.Identity {
			before[fmt.Sprintf("%s.identity[%d]", path, n)] = text
		}
		for part, text := range map[string]string{".voicemail": own.Voicemail, ".third_party": own.ThirdParty} {
			if text != "" {
				before[path+part] = text
			}
		}
		if own.Closing != "" {
			if err := w.checkText(at, path+".closing", own.Closing, values); err != nil {
				return err
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		own := w.Instead[name]
		if slices.Contains(kinds[name].Purposes, contact.LocationEnquiry) && (len(own.Identity) == 0 || own.Voicemail == "" || own.ThirdParty == "") {
			return at.Errorf("$.instead", "has no identity, voicemail and third_party for %s; its calls are not for the borrower, and ask for somebody else", name)
		}
	}
	return nil
}

var action = regexp.MustCompile(`\{\{.*?\}\}`)

// checkText checks that a text is there, names nothing that it may not, with and without values, and is kind.
func (w *wording) checkText(at *strictyaml.File, path, text string, may []string) error {
	if strings.TrimSpace(text) == "" {
		return at.Errorf(path, "is missing; write what is said")
	}
	for _, value := range []string{"", "something"} {
		all := map[string]string{}
		for _, name := range may {
			all[name] = value
		}
		if _, err := write(text, all); err != nil {
			return at.Errorf(path, "cannot be written; it may name %s, and {{if}}, {{with}} and {{or}}", strings.Join(may, ", "))
		}
	}
	found, err := message.Unkind(w.Language, action.ReplaceAllString(text, " "))
	if err != nil {
		return at.Errorf("$.language", "%v", err)
	}
	if len(found) > 0 {
		return at.Errorf(path, "%q is unkind (%s); say it kindly", found[0].Words, found[0].Kind)
	}
	return nil
}

// tells returns a word of a text that tells of a debt; nothing when there is none. Words of languages that set them apart by
// blanks are looked for as words.
func (w *wording) tells(text string) string {
	text = strings.ToLower(action.ReplaceAllString(text, " "))
	for _, word := range w.Unsaid {
		pattern := regexp.QuoteMeta(word)
		if w.Language == "en" {
			pattern = `\b` + pattern + `\b`
		}
		if regexp.MustCompile(pattern).MatchString(text) {
			return word
		}
	}
	return ""
}
