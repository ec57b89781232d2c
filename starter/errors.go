package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/store"
)

// The exit codes.
const (
	exitDone     = 0
	exitFailed   = 1
	exitUsage    = 2
	exitNotFound = 3
	exitRefused  = 4
)

// problem is an error whose exit code is known where it arises.
type problem struct {
	code int
	text string
}

// Error returns the text.
func (p *problem) Error() string { return p.text }

// misuse is the error for a command line that is wrong; it names the help to look at.
func misuse(c *cobra.Command, format string, args ...any) error {
	return &problem{exitUsage, fmt.Sprintf(format, args...) + "\nSee " + c.CommandPath() + " --help."}
}

func notFound(format string, args ...any) error {
	return &problem{exitNotFound, fmt.Sprintf(format, args...)}
}

// errSilent ends a command that has already said what went wrong.
type errSilent int

// Error is never shown.
func (errSilent) Error() string { return "" }

// exitCode says what kind of failure an error is.
func exitCode(err error) int {
	var known *problem
	var silent errSilent
	var wrong *event.Error
	var refusal *intake.Refusal
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &known):
		return known.code
	case errors.As(err, &silent):
		return int(silent)
	case errors.Is(err, store.ErrNotFound), errors.Is(err, intake.ErrUnknownLoan):
		return exitNotFound
	case errors.As(err, &wrong), errors.As(err, &refusal), errors.Is(err, intake.ErrConflict), errors.Is(err, intake.ErrLoanExists), errors.Is(err, intake.ErrApplicationExists):
		return exitRefused
	}
	return exitFailed
}

// finish says on standard error what went wrong, and returns the exit code.
func (a *app) finish(c *cobra.Command, err error) int {
	code := exitCode(err)
	if err != nil && !a.ran && code == exitFailed {
		code = exitUsage // cobra's own: an unknown flag or command, flags that exclude each other
		err = misuse(c, "%v", err)
	}
	if text := message(err); text != "" {
		_, _ = fmt.Fprintln(a.err, "tender: "+text)
	}
	return code
}

func message(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, context.Canceled):
		return "interrupted"
	}
	return strings.TrimSpace(err.Error())
}
