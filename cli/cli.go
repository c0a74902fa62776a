// Package cli is the command line: flags and files become a target, the target
// becomes a collector and a screen. One file a command.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"charm.land/fang/v2"
	"github.com/spf13/cobra"

	"github.com/galeratop/galeratop/model"
)

// Exit codes. check has codes of its own, see its help.
const (
	exitOK       = 0
	exitFailed   = 1 // something broke
	exitUsage    = 2 // wrong flags, files or terminal
	exitNoAnswer = 3 // no server could be reached
)

// version is set by the linker for releases.
var version = ""

// Main runs the command line of this process and returns its exit code.
func Main() int {
	args := takeArgs(os.Args)
	return run(context.Background(), args, streams{os.Stdin, os.Stdout, os.Stderr})
}

// streams are the process's own, or a test's.
type streams struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

// app is one run of the command line.
type app struct {
	streams
	err error
}

func run(ctx context.Context, args []string, s streams) int {
	a := &app{streams: s}
	root := a.root() //nolint:contextcheck // a command gets its context when it is executed
	root.SetArgs(attached(args))
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	err := fang.Execute(ctx, root,
		fang.WithVersion(version),
		fang.WithErrorHandler(func(io.Writer, fang.Styles, error) {}),
		fang.WithNotifySignal(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP))
	// What reaches this point as an error is about the words of the command
	// line; a command's own failure is kept in the app, past fang, which would
	// ask the terminal for its colours before it prints a failure.
	if err != nil {
		a.err = err
		if _, ok := errors.AsType[*exitError](err); !ok {
			a.err = &exitError{exitUsage, err}
		}
	}
	if a.err == nil {
		return exitOK
	}
	return a.report()
}

// report prints the error as one line and returns its exit code.
func (a *app) report() int {
	code := exitFailed
	if e, ok := errors.AsType[interface {
		error
		ExitCode() int
	}](a.err); ok {
		code = e.ExitCode()
	}
	if text := a.err.Error(); text != "" {
		line := model.Printable(strings.ReplaceAll(text, "\n", "; "), 2000)
		_, _ = fmt.Fprintln(a.streams.err, "galeratop: "+line)
	}
	return code
}

// command wraps what a command does so that its failure is reported here.
func (a *app) command(do func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		a.err = do(c.Context(), args)
		return nil
	}
}

// exitError is a failure with the exit code that tells scripts its class.
type exitError struct {
	code int
	err  error
}

// Error is the failure's one line.
func (e *exitError) Error() string { return e.err.Error() }

// Unwrap is the failure itself.
func (e *exitError) Unwrap() error { return e.err }

// ExitCode is the process's exit code.
func (e *exitError) ExitCode() int { return e.code }

func usage(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}

func noAnswer(format string, args ...any) error {
	return &exitError{exitNoAnswer, fmt.Errorf(format, args...)}
}
