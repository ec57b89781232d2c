package compliance

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/tender-engine/tender/internal/bizclock"
)

// placed is a value together with the place in the file where it stands, so that a check made after decoding can still
// name line and column. The decoder itself places only what it understands by itself; a word that our own types
// refuse would be reported without a place.
type placed[T any] struct {
	value T
	node  ast.Node
}

// UnmarshalYAML implements yaml.NodeUnmarshaler.
func (p *placed[T]) UnmarshalYAML(node ast.Node) error {
	p.node = node
	if err := plain(node, any(&p.value)); err != nil {
		return err
	}
	err := yaml.NodeToValue(node, &p.value, yaml.Strict())
	var known yaml.Error
	if err != nil && !errors.As(err, &known) {
		return &yaml.SyntaxError{Message: err.Error(), Token: tokenOf(node)}
	}
	return err
}

// plainNumber is a whole number as people write it: YAML has octal, hexadecimal and other ones, too.
var plainNumber = regexp.MustCompile(`^(0|-?[1-9][0-9]*)$`)

// plain refuses what the decoder would take for a number or a text although it is written as something else.
func plain(node ast.Node, into any) error {
	token := tokenOf(node)
	text := node.String()
	if token != nil {
		text = token.Value
	}
	switch into.(type) {
	case *int:
		if node.Type() == ast.StringType || !plainNumber.MatchString(text) {
			return &yaml.SyntaxError{Message: fmt.Sprintf("%q is no whole number; write digits alone, such as 7", text), Token: token}
		}
	case *string:
		if node.Type() != ast.StringType && node.Type() != ast.LiteralType {
			return &yaml.SyntaxError{Message: fmt.Sprintf("%q is no text; write it in quotes", text), Token: token}
		}
	}
	return nil
}

// given reports whether the field stands in the file.
func (p placed[T]) given() bool { return p.node != nil }

// list is a list whose every element has its place.
type list[T any] []placed[T]

// UnmarshalYAML implements yaml.NodeUnmarshaler. It refuses a word that stands twice.
func (l *list[T]) UnmarshalYAML(node ast.Node) error {
	if sequence, ok := node.(*ast.SequenceNode); ok {
		seen := map[string]bool{}
		for _, value := range sequence.Values {
			word, scalar := value.(ast.ScalarNode)
			if !scalar {
				continue
			}
			if text := word.String(); seen[text] {
				return &yaml.SyntaxError{Message: text + " stands twice; write it once", Token: tokenOf(value)}
			} else {
				seen[text] = true
			}
		}
	}
	return yaml.NodeToValue(node, (*[]placed[T])(l), yaml.Strict())
}

// values returns the elements without their places.
func (l list[T]) values() []T {
	if len(l) == 0 {
		return nil
	}
	all := make([]T, len(l))
	for n, element := range l {
		all[n] = element.value
	}
	return all
}

// faults gathers what is wrong with one file, so that whoever writes it sees all of it at once.
type faults struct {
	file string
	errs []error
	// calendars finds a calendar by its name.
	calendars func(name string) (Calendar, bool)
}

// calendar returns the calendar with a name, and notes one that there is not.
func (f *faults) calendar(name placed[string]) Calendar {
	found, ok := Calendar(nil), false
	if f.calendars != nil {
		found, ok = f.calendars(name.value)
	}
	if !ok {
		f.add(name.node, "there is no calendar %q", name.value)
		return noCalendar{}
	}
	return found
}

// noCalendar covers no year.
type noCalendar struct{}

func (noCalendar) Holiday(bizclock.Date) (holiday, known bool) { return false, false }

func (noCalendar) AddBusinessDays(date bizclock.Date, days int) (bizclock.Date, bool) {
	return date.AddDays(days), false
}

// add notes a fault at a node; no node stands for the beginning of the file.
func (f *faults) add(node ast.Node, format string, args ...any) {
	f.errs = append(f.errs, fmt.Errorf("%s: %s", f.place(tokenOf(node)), fmt.Sprintf(format, args...)))
}

// place writes file:line:column, both from 1, as editors and compilers do.
func (f *faults) place(t *token.Token) string {
	if t == nil || t.Position == nil {
		return f.file + ":1:1"
	}
	return fmt.Sprintf("%s:%d:%d", f.file, t.Position.Line, t.Position.Column)
}

// wrap turns what the decoder reports into an error of the same form.
func (f *faults) wrap(err error) error {
	var mismatch *yaml.TypeError
	if errors.As(err, &mismatch) {
		return fmt.Errorf("%s: expected %s, found %s", f.place(mismatch.Token), mismatch.DstType.Kind(), mismatch.SrcType.Kind())
	}
	var known yaml.Error
	if errors.As(err, &known) {
		return fmt.Errorf("%s: %s", f.place(known.GetToken()), known.GetMessage())
	}
	return fmt.Errorf("%s:1:1: %w", f.file, err)
}

// tokenOf returns the token at which a node begins. A block mapping's own token is the colon after its first key.
func tokenOf(node ast.Node) *token.Token {
	switch n := node.(type) {
	case nil:
		return nil
	case *ast.MappingNode:
		if len(n.Values) > 0 && !n.IsFlowStyle {
			return n.Values[0].Key.GetToken()
		}
	case *ast.MappingValueNode:
		return n.Key.GetToken()
	case *ast.SequenceNode:
		if len(n.Values) > 0 && !n.IsFlowStyle {
			return tokenOf(n.Values[0])
		}
	}
	return node.GetToken()
}
