package strictyaml

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// refused looks for the first value that its type refuses by UnmarshalText, and says where it stands: the decoder does not. It returns
// nil when it finds none.
func refused(name string, tree *ast.File, v any) error {
	return refusal(name, "", tree.Docs[0].Body, reflect.TypeOf(v))
}

func refusal(name, path string, node ast.Node, t reflect.Type) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if text, reads := reflect.New(t).Interface().(encoding.TextUnmarshaler); reads {
		scalar, is := node.(ast.ScalarNode)
		if !is || node.Type() == ast.NullType {
			return nil
		}
		if err := text.UnmarshalText([]byte(fmt.Sprint(scalar.GetValue()))); err != nil {
			at := node.GetToken().Position
			return fmt.Errorf("%s:%d:%d: %s: %w", name, at.Line, at.Column, path, err)
		}
		return nil
	}
	switch node := node.(type) {
	case *ast.MappingNode:
		for _, pair := range node.Values {
			if err := refusalIn(name, path, pair, t); err != nil {
				return err
			}
		}
	case *ast.MappingValueNode:
		return refusalIn(name, path, node, t)
	case *ast.SequenceNode:
		if t.Kind() != reflect.Slice {
			return nil
		}
		for n, value := range node.Values {
			if err := refusal(name, fmt.Sprintf("%s[%d]", path, n), value, t.Elem()); err != nil {
				return err
			}
		}
	}
	return nil
}

// refusalIn looks at one field of an object.
func refusalIn(name, path string, pair *ast.MappingValueNode, t reflect.Type) error {
	field := strings.Trim(pair.Key.String(), `"'`)
	inside := field
	if path != "" {
		inside = path + "." + field
	}
	switch t.Kind() {
	case reflect.Map:
		return refusal(name, inside, pair.Value, t.Elem())
	case reflect.Struct:
		for n := range t.NumField() {
			f := t.Field(n)
			if known, _, _ := strings.Cut(f.Tag.Get("yaml"), ","); f.IsExported() && (known == field || known == "" && strings.EqualFold(f.Name, field)) {
				return refusal(name, inside, pair.Value, f.Type)
			}
		}
	}
	return nil
}
