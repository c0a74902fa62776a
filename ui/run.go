package ui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/term"
)

// ErrTerminalLost is returned by Run when the terminal went away.
var ErrTerminalLost = errors.New("the terminal went away")

// errStopped ends Run after SIGTERM or SIGINT: no failure.
var errStopped = errors.New("stopped by a signal")

// patience is how long a terminal that takes no more output may delay the end.
const patience = 900 * time.Millisecond

// Run shows the console until the user quits, which returns nil, ctx is
// cancelled, the terminal is lost or something breaks. The terminal is restored
// in every case.
func Run(ctx context.Context, feed Feed, opt Options) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	options := []tea.ProgramOption{}
	if opt.Output == nil {
		restore, err := terminal(ctx, cancel, &options)
		if err != nil {
			return err
		}
		defer restore()
	} else {
		options = append(options, tea.WithOutput(opt.Output), tea.WithInput(opt.Input))
	}
	return run(ctx, feed, opt, options...)
}

// run is Run without a terminal's peculiarities.
func run(ctx context.Context, feed Feed, opt Options, options ...tea.ProgramOption) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s, err := newShell(ctx, feed, opt)
	if err != nil {
		return err
	}
	options = append(options, tea.WithContext(ctx), tea.WithFPS(20), tea.WithoutSignalHandler())
	if opt.NoColor {
		options = append(options, tea.WithColorProfile(colorprofile.ASCII))
	}
	p := tea.NewProgram(s, options...)
	done := make(chan error, 1)
	go func() {
		_, err := p.Run()
		done <- err
	}()
	select {
	case err = <-done:
		return errors.Join(outcome(ctx, s, err), s.unwatch())
	case <-ctx.Done():
	}
	select {
	case err = <-done:
		return errors.Join(outcome(ctx, s, err), s.unwatch())
	case <-time.After(patience):
		// It hangs in a write to a terminal that takes nothing: leave it there.
		return ended(ctx)
	}
}

// outcome turns the way the program ended into what the caller should hear.
func outcome(ctx context.Context, s *shell, err error) error {
	switch {
	case s.err != nil:
		return s.withStack()
	case ctx.Err() != nil:
		return ended(ctx)
	case errors.Is(err, tea.ErrInterrupted):
		return nil
	}
	return err
}

// ended is what Run returns when its context is over.
func ended(ctx context.Context) error {
	if cause := context.Cause(ctx); !errors.Is(cause, errStopped) {
		return cause
	}
	return nil
}

// withStack keeps the stack of a panic in a file, when that is asked for.
func (s *shell) withStack() error {
	if os.Getenv("GALERATOP_DEBUG") == "" {
		return s.err
	}
	f, err := os.CreateTemp("", "galeratop-panic-*.txt")
	if err != nil {
		return s.err
	}
	defer f.Close() //nolint:errcheck // nothing to do about it at this point
	if _, err := f.Write(s.stack); err != nil {
		return s.err
	}
	return fmt.Errorf("%w (stack in %s)", s.err, f.Name())
}

// terminal prepares the real terminal: it must be one that can show a screen,
// and its loss, by signal or by a failing read or write, ends the console.
func terminal(ctx context.Context, cancel context.CancelCauseFunc, options *[]tea.ProgramOption) (restore func(), err error) {
	if !term.IsTerminal(os.Stdout.Fd()) {
		return nil, errors.New("the console needs a terminal; without one use galeratop check or galeratop record")
	}
	if t := os.Getenv("TERM"); t == "dumb" || t == "" {
		return nil, fmt.Errorf("TERM=%s cannot show the console; galeratop check gives a verdict in one line", t)
	}
	lost := func() { cancel(ErrTerminalLost) }
	*options = append(*options, tea.WithOutput(&tty{os.Stdout, lost}))
	restore = func() {}
	if term.IsTerminal(os.Stdin.Fd()) {
		*options = append(*options, tea.WithInput(&tty{os.Stdin, lost}))
		if before, err := term.GetState(os.Stdin.Fd()); err == nil {
			// Once more than needed does no harm: the program may have been left
			// hanging on a terminal that takes no output.
			restore = func() { _ = term.Restore(os.Stdin.Fd(), before) }
		}
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		defer signal.Stop(signals)
		select {
		case <-ctx.Done():
		case sig := <-signals:
			if sig == syscall.SIGHUP {
				lost()
				return
			}
			cancel(errStopped)
		}
	}()
	return restore, nil
}

// tty is a terminal that tells when it is gone. Bubble Tea takes the end of its
// input for silence and drops what it cannot write.
type tty struct {
	*os.File
	lost func()
}

// Read reports a terminal that hung up: it reads as ended or broken.
func (t *tty) Read(p []byte) (int, error) {
	n, err := t.File.Read(p)
	if err != nil || (n == 0 && len(p) > 0) {
		t.lost()
	}
	return n, err
}

// Write reports a terminal that takes no more.
func (t *tty) Write(p []byte) (int, error) {
	n, err := t.File.Write(p)
	if err != nil {
		t.lost()
	}
	return n, err
}
