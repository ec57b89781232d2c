package strictyaml

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

var (
	unmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
	ownWays     = []reflect.Type{
		reflect.TypeFor[yaml.BytesUnmarshaler](), reflect.TypeFor[yaml.InterfaceUnmarshaler](), reflect.TypeFor[yaml.NodeUnmarshaler](),
	}
)

// kinds finds what decoding does not say the place of, or lets pass: words that a closed set does not have, whole numbers in quotes or
// in another base than ten. Where a type reads itself, or YAML refers to something else, nothing is looked at.
func (f *File) kinds(node ast.Node, into reflect.Type) error {
	for into.Kind() == reflect.Pointer {
		into = into.Elem()
	}
	for _, own := range ownWays {
		if reflect.PointerTo(into).Implements(own) {
			return nil
		}
	}
	if reflect.PointerTo(into).Implements(unmarshaler) {
		return f.word(node, into)
	}
	switch node := node.(type) {
	case *ast.MappingNode:
		for _, value := range node.Values {
			if err := f.entry(value, into); err != nil {
				return err
			}
		}
	case *ast.MappingValueNode:
		return f.entry(node, into)
	case *ast.SequenceNode:
		for _, value := range node.Values {
			if into.Kind() != reflect.Slice {
				return nil
			}
			if err := f.kinds(value, into.Elem()); err != nil {
				return err
			}
		}
	case *ast.StringNode:
		if into.Kind() >= reflect.Int && into.Kind() <= reflect.Uint64 {
			return f.errorAt(node, "%q is text; write a whole number without quotes", node.Value)
		}
	case *ast.IntegerNode:
		text := strings.TrimLeft(node.GetToken().Value, "+-")
		if into.Kind() >= reflect.Int && into.Kind() <= reflect.Uint64 && (len(text) > 1 && text[0] == '0' || strings.ContainsAny(text, "_xob")) {
			return f.errorAt(node, "%s is read as %v; write it with digits alone, none of them a leading zero", node.GetToken().Value, node.Value)
		}
	}
	return nil
}

// entry looks at a key with its value.
func (f *File) entry(value *ast.MappingValueNode, into reflect.Type) error {
	key := value.Key.GetToken()
	if key == nil {
		return nil
	}
	switch into.Kind() {
	case reflect.Map:
		if reflect.PointerTo(into.Key()).Implements(unmarshaler) {
			if err := f.read(value.Key, key.Value, into.Key()); err != nil {
				return err
			}
		}
		return f.kinds(value.Value, into.Elem())
	case reflect.Struct:
		for n := range into.NumField() {
			field := into.Field(n)
			name, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
			if name == "" {
				name = strings.ToLower(field.Name)
			}
			switch {
			case strings.Contains(options, "inline"):
				if err := f.entry(value, field.Type); err != nil {
					return err
				}
			case name == key.Value && name != "-":
				return f.kinds(value.Value, field.Type)
			}
		}
	}
	return nil
}

// word looks at a scalar that a type of a closed set reads.
func (f *File) word(node ast.Node, into reflect.Type) error {
	switch node := node.(type) {
	case *ast.StringNode:
		return f.read(node, node.Value, into)
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return f.read(node, node.GetToken().Value, into)
	}
	return nil
}

func (f *File) read(node ast.Node, text string, into reflect.Type) error {
	if err := reflect.New(into).Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text)); err != nil {
		return f.errorAt(node, "%v", err)
	}
	return nil
}

func (f *File) errorAt(node ast.Node, format string, args ...any) error {
	at, path := node.GetToken().Position, ""
	if below, is := strings.CutPrefix(node.GetPath(), "$."); is {
		path = below + ": "
	}
	return fmt.Errorf("%s:%d:%d: %s%s", f.name, at.Line, at.Column, path, fmt.Sprintf(format, args...))
}
