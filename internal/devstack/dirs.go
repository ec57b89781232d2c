package devstack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Marker is the file that tells that a directory is a stack's, and may be deleted as a whole.
const Marker = "this-is-a-tender-stack"

const (
	markerText = "The databases and logs of one Tender stack. `tender dev --reset` deletes this directory.\n"
	lockFile   = "lock"
)

// prepareDir makes the directory of the stack and takes it.
func (s *Stack) prepareDir() (err error) {
	o := s.options
	if o.Ephemeral {
		if s.scratch, err = startWatchdog(); err != nil {
			return err
		}
	}
	switch {
	case o.Dir != "":
		if o.Dir, err = filepath.Abs(o.Dir); err != nil {
			return err
		}
		if o.Ephemeral {
			if err := Reset(o.Dir); err != nil {
				return err
			}
		}
		if err := os.MkdirAll(o.Dir, 0o700); err != nil {
			return fmt.Errorf("the directory of the stack: %w", err)
		}
	case o.Ephemeral:
		if o.Dir, err = os.MkdirTemp(scratchParent(), "tender-"); err != nil {
			return fmt.Errorf("a directory for a stack to throw away: %w", err)
		}
	default:
		return errors.New("a stack that is to be kept needs a directory")
	}
	if err := checkOurs(o.Dir); err != nil {
		return err
	}
	if s.scratch != nil {
		s.scratch.remove(o.Dir)
	}
	s.Dir = o.Dir
	if s.lock, err = lockDir(o.Dir); err != nil {
		s.Dir = "" // it is another's
		return err
	}
	if err := os.WriteFile(filepath.Join(o.Dir, Marker), []byte(markerText), 0o600); err != nil {
		return err
	}
	mode := os.FileMode(0o700)
	if postgresUser() != nil {
		mode = 0o711 // user postgres passes through to its own folder
	}
	return os.Chmod(o.Dir, mode)
}

// releaseDir gives the directory back; an ephemeral one is removed.
func (s *Stack) releaseDir() error {
	var errs []error
	if s.Dir != "" {
		_ = os.Remove(filepath.Join(s.Dir, envFile))
	}
	if s.options.Ephemeral && s.Dir != "" {
		errs = append(errs, removeDir(s.Dir))
	}
	if s.lock != nil {
		s.lock.release()
	}
	if s.scratch != nil {
		s.scratch.dismiss()
	}
	s.Dir, s.lock, s.scratch = "", nil, nil
	return errors.Join(errs...)
}

// checkOurs refuses a directory that holds something, but not a stack.
func checkOurs(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	foreign := ""
	for _, e := range entries {
		switch e.Name() {
		case Marker:
			return nil
		case lockFile:
		default:
			foreign = e.Name()
		}
	}
	if foreign != "" {
		return fmt.Errorf("%s holds something that is not a stack of Tender (%s); choose an empty directory", dir, foreign)
	}
	return nil
}

// removeDir deletes the directory of a stack and what of it lies elsewhere.
func removeDir(dir string) error {
	if err := checkOurs(dir); err != nil {
		return err
	}
	outside, err := os.ReadFile(filepath.Join(dir, postgresElsewhere))
	if err == nil {
		err = os.RemoveAll(string(outside))
	} else if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	if err != nil {
		return fmt.Errorf("cannot delete the stack in %s: %w", dir, err)
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("cannot delete the stack in %s: %w", dir, err)
	}
	return nil
}

// scratchParent is where stacks to throw away are put: in memory, or else in the usual place, unless user postgres could not get
// there.
func scratchParent() string {
	for _, dir := range []string{memory(), os.TempDir(), "/var/tmp", "/tmp"} {
		if dir != "" && canEnter(dir, postgresUser()) {
			return dir
		}
	}
	return os.TempDir()
}

// canEnter tells whether a user may pass through dir and everything above it. A nil user is this one, who may.
func canEnter(dir string, user *syscall.Credential) bool {
	if user == nil {
		return true
	}
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return false
	}
	for ; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil {
			return false
		}
		bit := os.FileMode(0o001)
		if owner, ok := info.Sys().(*syscall.Stat_t); ok {
			switch {
			case owner.Uid == user.Uid:
				bit = 0o100
			case owner.Gid == user.Gid:
				bit = 0o010
			}
		}
		if info.Mode().Perm()&bit == 0 {
			return false
		}
		if dir == filepath.Dir(dir) {
			return true
		}
	}
}

// lock keeps a directory for one stack. The kernel drops it when this process ends.
type lock struct{ file *os.File }

// lockDir takes a directory, or says who has it.
func lockDir(dir string) (*lock, error) {
	file, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	// A moment of patience: who only asks whether a stack runs here holds the lock for an instant.
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	if err := flock(ctx, file); err != nil {
		holder, _ := os.ReadFile(file.Name())
		_ = file.Close()
		return nil, fmt.Errorf("a stack is already running in %s (process %s); stop it, or choose another directory",
			dir, strings.TrimSpace(string(holder)))
	}
	_ = file.Truncate(0)
	_, _ = file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return &lock{file}, nil
}

func (l *lock) release() { _ = l.file.Close() }

// locked tells whether a stack has a directory.
func locked(dir string) bool {
	file, err := os.Open(filepath.Join(dir, lockFile))
	if err != nil {
		return false
	}
	defer file.Close()
	return errors.Is(syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}

// flock takes a file for this process as soon as nobody else has it.
func flock(ctx context.Context, file *os.File) error {
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-again.C:
		}
	}
}
