// Package failpointtest builds the programs that tests kill: built with the tag failpoints, they die as by a power cut at
// the place that TENDER_FAILPOINT names.
package failpointtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"testing"
)

// Program builds the program of a package, such as github.com/tender-engine/tender/worker, and returns its path. It is
// removed with the last test that asked for it.
func Program(t testing.TB, pkg string) string {
	t.Helper()
	return get(t, append([]string{"build"}, options()...), pkg)
}

// Tests builds the tests of the package under test, and returns the path of the program that runs them.
func Tests(t testing.TB) string {
	t.Helper()
	return get(t, append([]string{"test", "-c"}, options()...), ".")
}

// options are those of every build. A program is built as the tests that use it are: looking for data races if they do,
// which also spares compiling everything a second time.
func options() []string {
	all := []string{"-tags", "failpoints"}
	info, ok := debug.ReadBuildInfo()
	if ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		all = append(all, "-race")
	}
	return all
}

// built are the programs in use. Linking one takes seconds, so that tests share it.
var built struct {
	sync.Mutex
	programs map[string]*program
}

type program struct {
	once  sync.Once
	dir   string
	err   error
	users int
}

func get(t testing.TB, build []string, pkg string) string {
	t.Helper()
	built.Lock()
	if built.programs == nil {
		built.programs = map[string]*program{}
	}
	p := built.programs[pkg]
	if p == nil {
		p = &program{}
		built.programs[pkg] = p
	}
	p.users++
	built.Unlock()
	t.Cleanup(func() { release(t, pkg) })
	p.once.Do(func() { p.make(build, pkg) })
	if p.err != nil {
		t.Fatal(p.err)
	}
	return p.path()
}

func release(t testing.TB, pkg string) {
	built.Lock()
	defer built.Unlock()
	p := built.programs[pkg]
	if p.users--; p.users == 0 {
		delete(built.programs, pkg)
		if err := os.RemoveAll(p.dir); err != nil {
			t.Error(err)
		}
	}
}

func (p *program) path() string { return filepath.Join(p.dir, "program") }

func (p *program) make(build []string, pkg string) {
	if p.dir, p.err = os.MkdirTemp("", "failpoints-"); p.err != nil {
		return
	}
	out, err := exec.Command("go", append(build, "-o", p.path(), pkg)...).CombinedOutput()
	if err != nil {
		p.err = fmt.Errorf("building %s with fail points: %w\n%s", pkg, err, out)
	}
}
