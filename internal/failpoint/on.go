//go:build failpoints

// Package failpoint lets tests kill a worker at the very places where a crash matters: the process named by this build
// dies, as by a power cut, at the place that TENDER_FAILPOINT names. It dies there once: the file that
// TENDER_FAILPOINT_ONCE names is made first, and where it exists already nothing happens.
package failpoint

import (
	"os"
	"syscall"
)

// Hit kills the process if a test asked for it here.
func Hit(place string) {
	if os.Getenv("TENDER_FAILPOINT") != place {
		return
	}
	if once := os.Getenv("TENDER_FAILPOINT_ONCE"); once != "" {
		file, err := os.OpenFile(once, os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return
		}
		_ = file.Close()
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // the signal is on its way
}
