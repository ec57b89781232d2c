package message

import (
	"fmt"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"
)

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
