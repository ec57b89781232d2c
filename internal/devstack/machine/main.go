// Command machine gets a machine ready for Tender, and clean of it again. It is for the Makefile:
//
//	machine prepare    installs or builds what is missing, and says nothing if nothing is
//	machine clean      removes .dev with all it holds: built programs and the stacks of `tender dev`
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"github.com/tender-engine/tender/internal/devstack"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	switch strings.Join(os.Args[1:], " ") {
	case "prepare":
		err = prepare(ctx, os.Stderr)
	case "clean":
		err = clean(".dev")
	default:
		err = errors.New("usage: machine prepare|clean")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// prepare sees to it that there are Postgres, a C compiler for the race detector, and the Temporal CLI.
func prepare(ctx context.Context, log io.Writer) error {
	if _, err := devstack.FindPostgres(0); err != nil && os.Getenv("DATABASE_URL") == "" {
		if !canInstall() {
			return err
		}
		if err := keepDebianFromMakingACluster(postgresCommon); err != nil {
			return err
		}
		if err := install(ctx, log, "postgresql"); err != nil {
			return err
		}
		if _, err := devstack.FindPostgres(0); err != nil {
			return err
		}
	}
	// Without one all works but the race detector, which says itself what it lacks.
	if !hasCompiler() && canInstall() {
		if err := install(ctx, log, "gcc", "libc6-dev"); err != nil {
			return err
		}
	}
	_, err := devstack.FindTemporal(ctx, log)
	return err
}

func hasCompiler() bool {
	compiler := os.Getenv("CC")
	if compiler == "" {
		compiler = "gcc"
		if runtime.GOOS == "darwin" {
			compiler = "clang"
		}
	}
	_, err := exec.LookPath(compiler)
	return err == nil
}

// canInstall tells whether this is root on Debian or its kin.
func canInstall() bool {
	_, err := exec.LookPath("apt-get")
	return err == nil && os.Getuid() == 0
}

// postgresCommon is where Debian reads whether it is to make and start a cluster of its own.
const postgresCommon = "/etc/postgresql-common"

// keepDebianFromMakingACluster must come before the installation: a Postgres that serves on port 5432 from then on is
// more than who wants to try Tender has asked for. A choice that was made before stands.
func keepDebianFromMakingACluster(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(filepath.Join(dir, "createcluster.conf"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if errors.Is(err, os.ErrExist) {
		return nil
	} else if err != nil {
		return err
	}
	_, err = file.WriteString("# Written by Tender, which needs the programs of Postgres but no server of the system's.\n" +
		"create_main_cluster = false\n")
	return errors.Join(err, file.Close())
}

// install installs packages of Debian's; if the lists of packages are missing or old, it gets new ones first.
func install(ctx context.Context, log io.Writer, packages ...string) error {
	fmt.Fprintf(log, "Installing %s. This happens once.\n", strings.Join(packages, ", "))
	args := append([]string{"install", "--yes", "--no-install-recommends"}, packages...)
	if aptGet(ctx, args...) == nil {
		return nil
	}
	if err := aptGet(ctx, "update"); err != nil {
		return err
	}
	return aptGet(ctx, args...)
}

func aptGet(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, "apt-get", append([]string{"-qq"}, args...)...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("apt-get %s: %w\n%s", args[0], err, out)
	}
	return nil
}

// clean removes a directory and the stacks in it, whose Postgres may lie elsewhere. It refuses while one runs.
func clean(dir string) error {
	stacks, err := filepath.Glob(filepath.Join(dir, "*", devstack.Marker))
	if err != nil {
		return err
	}
	for _, marker := range stacks {
		if err := devstack.Reset(filepath.Dir(marker)); err != nil {
			return err
		}
	}
	return os.RemoveAll(dir)
}
