// Package strictjson reads the JSON that people and lending systems hand to the command: terms, ledgers, cases. What it
// does not know it refuses, rounds nothing, and says in each error which field is meant and what it should hold.
package strictjson

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/govalues/decimal"
)

// Error is about one field of a document.
type Error struct {
	// Path is where the field stands, such as transactions[2].amount; empty for the document itself.
	Path string
	// Reason says what is wrong with it.
	Reason string
}

// Error returns the path and the reason.
func (e *Error) Error() string {
	if e.Path == "" {
		return e.Reason
	}
	return e.Path + ": " + e.Reason
}

func wrong(path, format string, args ...any) error {
	return &Error{path, fmt.Sprintf(format, args...)}
}

// Decode reads a document into what into points to. Fields have the names of their json tags, to the letter; those of
// embedded structs stand among the others. Unknown fields, fields that stand twice, values of another kind, and numbers
// with more digits than a decimal holds are errors of type [*Error]; of several the first is told. What is left out, or is
// null, stays as it is: whether it may be missing is for others to say.
//
// A type that has UnmarshalJSON reads itself. If it does so by Decode, as
//
//	func (t *Terms) UnmarshalJSON(text []byte) error {
//		type plain Terms
//		return strictjson.Decode(text, (*plain)(t))
//	}
//
// it is read strictly by encoding/json too, and the path of its errors is kept wherever it stands.
func Decode(text []byte, into any) error {
	var document json.RawMessage
	if err := json.Unmarshal(text, &document); err != nil {
		return misspelt(text, err)
	}
	return read("", document, reflect.ValueOf(into).Elem())
}

// misspelt says where a text stops being JSON.
func misspelt(text []byte, err error) error {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return wrong("", "is no JSON: %v", err)
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return wrong("", "is empty; write an object, in { and }")
	}
	before := text[:min(int(syntax.Offset), len(text))]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := len(before) - (bytes.LastIndexByte(before, '\n') + 1)
	return wrong("", "line %d, column %d: %v", line, max(column, 1), err)
}

// read reads one value.
func read(path string, raw json.RawMessage, into reflect.Value) error {
	if into.Kind() == reflect.Pointer {
		into.Set(reflect.New(into.Type().Elem()))
		into = into.Elem()
	}
	switch it := into.Addr().Interface().(type) {
	case *decimal.Decimal:
		return readNumber(path, raw, it)
	case *time.Time:
		return readInstant(path, raw, it)
	case json.Unmarshaler:
		return within(path, it.UnmarshalJSON(raw))
	case encoding.TextUnmarshaler:
		var text string
		if json.Unmarshal(raw, &text) != nil {
			return wrong(path, "%s must be text in quotes", short(raw))
		}
		return within(path, it.UnmarshalText([]byte(text)))
	}
	switch into.Kind() {
	case reflect.Struct:
		return readObject(path, raw, into)
	case reflect.Slice:
		return readList(path, raw, into)
	}
	if json.Unmarshal(raw, into.Addr().Interface()) != nil {
		return wrong(path, "%s must be %s", short(raw), kindOf(into))
	}
	return nil
}

// readInstant reads an instant.
func readInstant(path string, raw json.RawMessage, into *time.Time) (err error) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		if *into, err = time.Parse(time.RFC3339Nano, text); err == nil {
			return nil
		}
	}
	return wrong(path, "%s is no instant; write such as \"2026-01-31T15:04:05Z\"", short(raw))
}

// within tells an error of a value as one of the field that holds it.
func within(path string, err error) error {
	var inner *Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &inner):
		return &Error{join(path, inner.Path), inner.Reason}
	}
	return wrong(path, "%v", err)
}

func join(path, inner string) string {
	if path == "" || inner == "" || inner[0] == '[' {
		return path + inner
	}
	return path + "." + inner
}

func kindOf(v reflect.Value) string {
	switch {
	case v.CanInt():
		return "a whole number"
	case v.Kind() == reflect.Bool:
		return "true or false"
	}
	return "text in quotes"
}

func readObject(path string, raw json.RawMessage, into reflect.Value) error {
	if raw[0] != '{' {
		return wrong(path, "%s must be an object, in { and }", short(raw))
	}
	names, fields := fieldsOf(into)
	seen := map[string]bool{}
	return parts(raw, func(name string, part json.RawMessage) error {
		at := join(path, written(name))
		field, known := fields[name]
		switch {
		case !known:
			return wrong(at, "is an unknown field; known are %s", strings.Join(names, ", "))
		case seen[name]:
			return wrong(at, "stands there twice; give it once")
		}
		if seen[name] = true; string(part) == "null" {
			return nil
		}
		return read(at, part, field)
	})
}

func readList(path string, raw json.RawMessage, into reflect.Value) error {
	if raw[0] != '[' {
		return wrong(path, "%s must be a list, in [ and ]", short(raw))
	}
	all := reflect.MakeSlice(into.Type(), 0, 0)
	err := parts(raw, func(_ string, part json.RawMessage) error {
		one := reflect.New(into.Type().Elem()).Elem()
		if err := read(fmt.Sprintf("%s[%d]", path, all.Len()), part, one); err != nil {
			return err
		}
		all = reflect.Append(all, one)
		return nil
	})
	if err == nil {
		into.Set(all)
	}
	return err
}

// parts goes over the fields of an object, or the elements of a list, in their order, up to the first error.
func parts(raw json.RawMessage, do func(name string, part json.RawMessage) error) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	open, err := decoder.Token()
	for err == nil && decoder.More() {
		var name json.Token = ""
		if open == json.Delim('{') {
			name, err = decoder.Token()
		}
		var part json.RawMessage
		if err == nil {
			err = decoder.Decode(&part)
		}
		if err == nil {
			err = do(name.(string), part)
		}
	}
	return err
}

// fieldsOf returns the fields of a struct by their names in JSON, and these names in their order. A field hides one of the
// same name in an embedded struct.
func fieldsOf(v reflect.Value) (names []string, fields map[string]reflect.Value) {
	fields = map[string]reflect.Value{}
	add := func(name string, field reflect.Value, hides bool) {
		if _, there := fields[name]; !there {
			names = append(names, name)
		} else if !hides {
			return
		}
		fields[name] = field
	}
	for n := range v.NumField() {
		field := v.Type().Field(n)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case field.Anonymous && name == "":
			inner, below := fieldsOf(v.Field(n))
			for _, name := range inner {
				add(name, below[name], false)
			}
		case field.IsExported() && name != "-":
			add(name, v.Field(n), true)
		}
	}
	return names, fields
}

// numberText is how JSON writes numbers.
var numberText = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// readNumber reads a number, in quotes or without, to its last digit.
func readNumber(path string, raw json.RawMessage, into *decimal.Decimal) error {
	text := string(raw)
	if raw[0] == '"' && json.Unmarshal(raw, &text) != nil || !numberText.MatchString(text) {
		return wrong(path, `%s must be a number such as "1000.00"`, short(raw))
	}
	number, err := decimal.Parse(text)
	if err != nil || !Exact(number, text) {
		return wrong(path, "%s has more digits than the %d that are counted", short(raw), decimal.MaxPrec)
	}
	*into = number
	return nil
}

// Exact reports whether a number is what a text says, which is a number: decimal rounds what it cannot hold.
func Exact(number decimal.Decimal, text string) bool {
	said, _ := new(big.Rat).SetString(text) // it is a number, and its exponent is a small one: decimal took it
	held, _ := new(big.Rat).SetString(number.String())
	return said.Cmp(held) == 0
}

// short is a value as it stands in the document, if it is not long.
func short(raw json.RawMessage) string {
	if text := []rune(string(raw)); len(text) > 40 {
		return string(text[:40]) + "…"
	}
	return string(raw)
}

var fieldName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)

// written is a field's name in a path, in quotes if it is none that any field has.
func written(name string) string {
	if fieldName.MatchString(name) {
		return name
	}
	return short(json.RawMessage(strconv.Quote(name)))
}
