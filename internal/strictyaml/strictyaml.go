// Package strictyaml reads the YAML that managers and lawyers change: strategies, rulebooks, messages. What it does
// not know it refuses, and every error says file, line and column.
package strictyaml

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// File is a parsed file that remembers where everything stands.
type File struct {
	name string
	tree *ast.File
}

// Decode reads a file into v, which is a pointer to a struct. Unknown fields, duplicate keys, several documents and
// values of the wrong type are errors that start with name:line:column. A byte order mark at the beginning is left out.
func Decode(name string, data []byte, v any) (*File, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // editors on Windows write it
	tree, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, located(name, err)
	}
	if len(tree.Docs) != 1 || tree.Docs[0].Body == nil {
		return nil, fmt.Errorf("%s:1:1: must hold one YAML document", name)
	}
	if err := yaml.UnmarshalWithOptions(data, v, yaml.Strict()); err != nil {
		if at := yaml.Error(nil); !errors.As(err, &at) {
			if word := refused(name, tree, v); word != nil {
				return nil, word
			}
		}
		return nil, located(name, err)
	}
	return &File{name: name, tree: tree}, nil
}

// Errorf returns an error about what stands at a path such as $.ladder[1].day, with its line and column. Where nothing
// stands there, the nearest place above it is named.
func (f *File) Errorf(path, format string, args ...any) error {
	message := fmt.Sprintf(format, args...)
	for at := path; at != ""; at = parent(at) {
		if line, column, ok := f.find(at); ok {
			return fmt.Errorf("%s:%d:%d: %s: %s", f.name, line, column, strings.TrimPrefix(path, "$."), message)
		}
	}
	return fmt.Errorf("%s:1:1: %s: %s", f.name, strings.TrimPrefix(path, "$."), message)
}

// Whole refuses numbers with a fraction: where a whole number is meant, decoding cuts the fraction off without a word.
func (f *File) Whole() error {
	var found fractions
	ast.Walk(&found, f.tree.Docs[0].Body)
	if len(found) == 0 {
		return nil
	}
	at := found[0].GetToken()
	return fmt.Errorf("%s:%d:%d: %s has a fraction; write a whole number, or text in quotes", f.name, at.Position.Line, at.Position.Column, at.Value)
}

// fractions gathers numbers with a fraction.
type fractions []*ast.FloatNode

// Visit implements [ast.Visitor].
func (f *fractions) Visit(node ast.Node) ast.Visitor {
	if number, is := node.(*ast.FloatNode); is {
		*f = append(*f, number)
	}
	return f
}

// Has reports whether anything stands at a path.
func (f *File) Has(path string) bool {
	_, _, ok := f.find(path)
	return ok
}

func (f *File) find(path string) (line, column int, ok bool) {
	p, err := yaml.PathString(path)
	if err != nil {
		return 0, 0, false
	}
	node, err := p.FilterFile(f.tree)
	if err != nil || node == nil || node.GetToken() == nil {
		return 0, 0, false
	}
	start := node.GetToken()
	if mapping, isMapping := node.(*ast.MappingNode); isMapping && len(mapping.Values) > 0 {
		start = mapping.Values[0].Key.GetToken()
	}
	return start.Position.Line, start.Position.Column, true
}

func parent(path string) string {
	if end := strings.LastIndexAny(path, ".["); end > 0 {
		return path[:end]
	}
	return ""
}

func located(name string, err error) error {
	var at yaml.Error
	if errors.As(err, &at) && at.GetToken() != nil {
		place := at.GetToken().Position
		return fmt.Errorf("%s:%d:%d: %s", name, place.Line, place.Column, at.GetMessage())
	}
	return fmt.Errorf("%s:1:1: %w", name, err)
}
