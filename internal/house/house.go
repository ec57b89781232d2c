// Package house keeps the order of the house: which room may use which, and what must not come into the pure rooms and
// into the workflows. Its test is part of `make lint`.
//
// It reads source and nothing else, so it also sees what a build tag hides.
package house

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Module is the path of the module whose house this is.
const Module = "github.com/tender-engine/tender"

// storeys are the rooms from the cellar to the roof. A room may use what stands on its own storey and below.
var storeys = [][]string{
	{"internal/closed", "internal/strictyaml", "internal/strictjson", "internal/failpoint", "examples"},
	{"internal/bizclock"},
	{"internal/loan"},
	{"internal/contact", "internal/condition"},
	{"internal/hardship", "internal/score", "internal/complaint"},
	{"internal/event"},
	{"internal/reply"},
	{"internal/journey"},
	{"internal/compliance"},
	{"internal/message"},
	{"internal/script"},
	{"internal/strategy"},
	{"internal/rehearse"},
	{"internal/classify", "internal/store", "internal/channel", "internal/devstack"},
	{"internal/intake"},
	{"activities", "internal/worklist"},
	{"workflows"},
	{"internal/courier", "internal/settings", "internal/report"},
	{"internal/gateway", "internal/worker", "internal/demo"},
	{"worker", "starter"},
	{"internal/house"},
}

// pure rooms take the time as an argument and touch nothing outside of them.
var pure = []string{
	"internal/closed", "internal/strictyaml", "internal/strictjson", "internal/bizclock", "internal/loan", "internal/contact", "internal/condition",
	"internal/hardship", "internal/score", "internal/complaint", "internal/event", "internal/reply", "internal/journey", "internal/compliance", "internal/message",
	"internal/script", "internal/strategy", "internal/rehearse",
}

// exact rooms count money, or what a borrower is told, so they have no floating point; statistics beside them may.
var (
	exact      = []string{"internal/strictjson", "internal/loan", "internal/condition", "internal/hardship", "internal/score", "internal/complaint", "internal/event", "internal/journey"}
	statistics = []string{"internal/score/train", "internal/complaint/rates"}
)

// nameless names say nothing about what a package is for.
var nameless = []string{"util", "utils", "common", "helper", "helpers", "types", "models", "misc"}

// ban is something that must not stand in a room: an import, with all that is below it if it ends in "/...", or a
// name of an imported package, or a built-in type.
type ban struct{ what, why string }

var (
	clock = []ban{
		{"time.Now", "the time is an argument"},
		{"time.Since", "the time is an argument"},
		{"time.Until", "the time is an argument"},
		{"time.Sleep", "the time is an argument"},
		{"time.After", "the time is an argument"},
		{"time.AfterFunc", "the time is an argument"},
		{"time.Tick", "the time is an argument"},
		{"time.NewTimer", "the time is an argument"},
		{"time.NewTicker", "the time is an argument"},
		{"time.Local", "it is another one on another machine"},
	}
	chance = []ban{
		{"math/rand/...", "the same input must give the same output"},
		{"crypto/rand", "the same input must give the same output"},
	}
	outside = []ban{
		{"net", "it depends on the world"},
		{"net/http/...", "it depends on the world"},
		{"database/sql/...", "it depends on the world"},
		{"github.com/jackc/pgx/...", "it depends on the world"},
		{"log/...", "say it in the result"},
	}
	// What follows is not seen by Temporal's own workflowcheck, or not by each version of it.
	inWorkflows = slices.Concat(clock, chance, outside, []ban{
		{"os/...", "it depends on the machine"},
		{"time.LoadLocation", "zones differ between machines; take it from a decision"},
		{"workflow.AwaitWithTimeout", "it leaves the losing timer behind; wait with a cancellable timer"},
		{"workflow.AwaitWithOptions", "it leaves the losing timer behind; wait with a cancellable timer"},
	})
	// They may read files: strategies and rulebooks of an installation's own come from a directory.
	inPure = slices.Concat(clock, chance, outside, []ban{
		{"os.Getenv", "it depends on the machine"},
		{"os.LookupEnv", "it depends on the machine"},
		{"os.Environ", "it depends on the machine"},
		{"os.Hostname", "it depends on the machine"},
		{"os.Stdout", "say it in the result"},
		{"os.Stderr", "say it in the result"},
		{"os.Exit", "return an error"},
		{"os/exec", "it depends on the machine"},
		{"os/user", "it depends on the machine"},
		{"go.temporal.io/...", "only workflows, activities and what starts them know of Temporal"},
	})
	// Promise 1: journeys replay whatever the arithmetic of money has become meanwhile.
	inJourney = []ban{
		{"loan.AsOf", "a journey records facts; what they come to is computed in a decision"},
		{"loan.Ledger", "a journey records facts; what they come to is computed in a decision"},
		{"loan.Status", "a journey records facts; what they come to is computed in a decision"},
	}
	inExact = []ban{
		{"float32", "neither money nor a score has floating point"},
		{"float64", "neither money nor a score has floating point"},
	}
	inTests = []ban{{"time.Sleep", "wait for a condition, not for a duration"}}
)

// Check reads the tree of a module and returns what is out of order, each as "file:line: what, and why".
func Check(tree fs.FS) (wrong []string, err error) {
	files := token.NewFileSet()
	err = fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			base := entry.Name()
			if base == "testdata" || base != "." && strings.HasPrefix(base, ".") || name == "tools" {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(name) != ".go" {
			return nil
		}
		source, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(files, name, source, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, w := range checkFile(file, path.Dir(name), strings.HasSuffix(name, "_test.go")) {
			wrong = append(wrong, fmt.Sprintf("%s: %s", files.Position(w.at), w.what))
		}
		return nil
	})
	return wrong, err
}

type finding struct {
	at   token.Pos
	what string
}

// checkFile checks one file of the package in a directory.
func checkFile(file *ast.File, dir string, test bool) (found []finding) {
	say := func(at token.Pos, format string, args ...any) {
		found = append(found, finding{at, fmt.Sprintf(format, args...)})
	}
	if test {
		checkBans(file, inTests, say)
		return found // tests may look upwards, at the clock and at files
	}
	if slices.Contains(nameless, file.Name.Name) {
		say(file.Name.Pos(), "package %s: the name does not say what the package is for", file.Name.Name)
	}
	from := storeyOf(dir)
	if from < 0 {
		say(file.Package, "%s is not on the plan; give it a storey in internal/house", dir)
	}
	for _, spec := range file.Imports {
		target, ours := strings.CutPrefix(importPath(spec), Module+"/")
		if to := storeyOf(target); ours && from >= 0 && to > from {
			say(spec.Pos(), "%s must not use %s, which stands above it", dir, target)
		}
	}
	if within(dir, []string{"workflows"}) {
		checkBans(file, inWorkflows, say)
		for _, spec := range file.Imports {
			if strings.Contains(importPath(spec), "uuid") {
				say(spec.Pos(), "%s: an id made in a workflow changes when it is replayed", importPath(spec))
			}
		}
	}
	if within(dir, pure) && !forTests(dir) {
		checkBans(file, inPure, say)
	}
	if within(dir, exact) && !within(dir, statistics) {
		checkBans(file, inExact, say)
	}
	if within(dir, []string{"internal/journey"}) {
		checkBans(file, inJourney, say)
	}
	return found
}

// checkBans finds banned imports and banned names.
func checkBans(file *ast.File, bans []ban, say func(token.Pos, string, ...any)) {
	imported := map[string]string{} // the last part of the import's path, by the name that the file uses
	for _, spec := range file.Imports {
		name := path.Base(importPath(spec))
		local := name
		if spec.Name != nil {
			local = spec.Name.Name
		}
		imported[local] = name
		for _, b := range bans {
			if covers(b.what, importPath(spec)) {
				say(spec.Pos(), "%s is banned here: %s", importPath(spec), b.why)
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		var name string
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && imported[x.Name] != "" {
				name = imported[x.Name] + "." + n.Sel.Name
			}
		case *ast.Ident:
			name = n.Name
		}
		for _, b := range bans {
			if b.what == name {
				say(n.Pos(), "%s is banned here: %s", name, b.why)
			}
		}
		return true
	})
}

// covers tells whether a ban on imports is about this one.
func covers(ban, imported string) bool {
	if above, ok := strings.CutSuffix(ban, "/..."); ok {
		return imported == above || strings.HasPrefix(imported, above+"/")
	}
	return imported == ban
}

// forTests reports whether a package is what tests of its parent and others share, such as rehearse/rehearsetest: it may draw lots.
func forTests(dir string) bool { return path.Base(dir) == path.Base(path.Dir(dir))+"test" }

// within tells whether a directory is one of the rooms or in one of them.
func within(dir string, rooms []string) bool {
	return slices.ContainsFunc(rooms, func(room string) bool { return covers(room+"/...", dir) })
}

// storeyOf is the number of the storey that a directory stands on; -1 if it is not on the plan.
func storeyOf(dir string) int {
	return slices.IndexFunc(storeys, func(rooms []string) bool { return within(dir, rooms) })
}

func importPath(spec *ast.ImportSpec) string {
	p, _ := strconv.Unquote(spec.Path.Value) // the parser has seen to it that it is a string
	return p
}
