package host

import (
	"cmp"
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/galeratop/galeratop/model"
)

// Command is what to run on a host.
type Command struct {
	Argv  []string
	Limit time.Duration // after which it is ended; DefaultLimit if 0
	// Line is called with each line of output as it comes, printable; nil: nobody
	// watches. It is called from one goroutine at a time.
	Line func(string)
}

// DefaultLimit bounds commands that only read.
const DefaultLimit = 15 * time.Second

// grace is what a command gets to end by itself after SIGTERM. Scripts that start
// the first node clean up in it: killed at once they would leave the mark behind
// with which every later start of the server founds a cluster of its own.
const grace = 5 * time.Second

func (c *Command) limit() time.Duration {
	if c.Limit > 0 {
		return c.Limit
	}
	return DefaultLimit
}

// Output is what a command printed.
type Output struct {
	Stdout []byte // as it came; cut at 1 MiB
	Stderr []byte
	Cut    bool // there was more
	Took   time.Duration
}

// Run runs a command on a node's host and waits for its end. The command has no
// terminal and no input, so that nothing in its way can ask for a password. When
// the limit is over or the context ends, what runs here gets SIGTERM and, five
// seconds later, SIGKILL; what runs elsewhere is ended by the prefix's own
// {limit}, or goes on. The error is an *Error, or the context's.
func (w Way) Run(ctx context.Context, name string, c Command) (*Output, error) {
	argv, err := w.Argv(name, c)
	if err != nil {
		return nil, err
	}
	if !w.Names() && !here(ctx, name) {
		return nil, &Error{Host: name, Kind: BadName, Text: "host_command has no {host} and so runs commands on this host, which is another"}
	}
	limit := c.limit()
	if w.has(limitMark) {
		limit += 2 * grace // the far side comes first, and says so
	}
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	streams := newCaptures(c.Line)
	begin := time.Now()
	killed := false
	if w.Through != nil {
		err = w.through(bounded, name, c.Argv, streams)
	} else {
		killed, err = gently.await(bounded, ready(argv, streams))
	}
	out := &Output{Took: time.Since(begin)}
	out.Stdout, out.Stderr, out.Cut = streams.finish()
	if err == nil {
		return out, nil
	}
	if ctx.Err() != nil {
		return out, ctx.Err()
	}
	f := failure{way: w, host: name, command: c, out: out, err: err, late: bounded.Err() != nil, killed: killed}
	return out, f.explain()
}

// ready is a command that is about to run here.
func ready(argv []string, streams *captures) *exec.Cmd {
	cmd := exec.Command(argv[0], argv[1:]...) //nolint:noctx // await ends it, gently first
	cmd.Env = append(os.Environ(), "SSH_ASKPASS_REQUIRE=never", "LC_ALL=C")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.WaitDelay = time.Second // for what it leaves behind with its output open
	cmd.Stdout, cmd.Stderr = &streams.out, &streams.err
	return cmd
}

// exited is a command that ended with an exit code other than 0.
type exited int

func (e exited) Error() string { return "exit code " + strconv.Itoa(int(e)) }

// through hands a command to what takes the place of a process.
func (w Way) through(ctx context.Context, name string, argv []string, streams *captures) error {
	code, err := w.Through(ctx, name, slices.Clone(argv), &streams.out, &streams.err)
	if err == nil && code != 0 {
		return exited(code)
	}
	return err
}

// exitCode is the exit code of a command that ran to its end, of whichever kind.
func exitCode(err error) (code int, is bool) {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode(), true
	}
	exit, ok := errors.AsType[exited](err)
	return int(exit), ok
}

// ender ends commands that take too long.
type ender struct {
	kill  func(pid int, signal syscall.Signal) error
	grace time.Duration // between SIGTERM and SIGKILL, and between that and giving up
}

var gently = ender{syscall.Kill, grace}

// await runs a command. It comes back even if the command cannot be killed, as one
// that sudo has made another user's; killed is false then.
func (e ender) await(ctx context.Context, cmd *exec.Cmd) (killed bool, err error) {
	if err := cmd.Start(); err != nil {
		return true, err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case err := <-done:
		return true, ended(cmd, err)
	case <-ctx.Done():
	}
	group := -cmd.Process.Pid
	_ = e.kill(group, syscall.SIGTERM)
	gone := false
	select {
	case err = <-done:
		gone = true
	case <-time.After(e.grace):
	}
	// Whatever did not heed SIGTERM, children included.
	refused := errors.Is(e.kill(group, syscall.SIGKILL), syscall.EPERM)
	if !gone {
		select {
		case err = <-done:
		case <-time.After(e.grace):
			refused = true
		}
	}
	return !refused, cmp.Or(err, ctx.Err())
}

// ended forgives a command that has ended well but left something behind that
// holds its output: the master connection of ssh's ControlPersist does.
func ended(cmd *exec.Cmd, err error) error {
	if errors.Is(err, exec.ErrWaitDelay) && cmd.ProcessState != nil && cmd.ProcessState.Success() {
		return nil
	}
	return err
}

// failure is what is known of a command that went wrong.
type failure struct {
	way          Way
	host         string
	command      Command
	out          *Output
	err          error
	late, killed bool
}

// The exit codes with a meaning of their own: ssh keeps 255 for itself, shells
// and container runtimes 126 and 127, timeout(1) 124.
const (
	exitSSH      = 255
	exitNotRun   = 126
	exitNotFound = 127
	exitLate     = 124
	exitKilled   = 137
)

// explain finds the words for a failure.
func (f *failure) explain() error {
	e := &Error{Host: f.host, Command: Line(f.command.Argv), Limit: f.command.limit(), Text: lastLine(f.out), Begun: true}
	if !f.way.Names() {
		e.Host = ""
	}
	code, exit := exitCode(f.err)
	switch {
	case f.late:
		e.Kind, e.Remains = TimeOut, f.way.Names() || !f.killed
	case errors.Is(f.err, exec.ErrNotFound) || errors.Is(f.err, os.ErrNotExist):
		e.Kind, e.Host, e.Text, e.Begun = Missing, "", "", false
		if !f.way.Local() {
			e.Command = f.way.Prefix[0]
		}
	case errors.Is(f.err, os.ErrPermission):
		e.Kind, e.Text, e.Begun = Denied, "permission denied", false
	case exit:
		f.classify(e, code)
	default:
		e.Kind, e.Text = Failed, model.Printable(f.err.Error(), lineLimit)
	}
	return e
}

// classify finds the kind by the exit code and by what was printed.
func (f *failure) classify(e *Error, code int) {
	e.Exit = code
	stderr := string(f.out.Stderr)
	hint := func(s sign) {
		if s.hint != "" {
			e.Text += "; " + s.hint
		}
	}
	reach, lost := find(stderr, reachSigns)
	container, gone := find(stderr, containerSigns)
	denied, refused := find(stderr, deniedSigns)
	_, missing := find(stderr, missingSigns)
	switch {
	case code == exitSSH && f.way.program() == shellProgram:
		// Nothing that ssh is known to say before the command: it may have begun.
		e.Kind, e.Begun = Reach, !lost
		hint(reach)
	case (code == exitLate || code == exitKilled) && f.way.has(limitMark) && f.out.Took >= f.command.limit():
		e.Kind = TimeOut
	case gone && f.way.program() == directProgram:
		e.Kind, e.Begun = cmp.Or(container.kind, Reach), false
	case code == exitNotFound, code == exitNotRun && missing:
		e.Kind, e.Begun = Missing, false
	case code == exitNotRun, refused:
		e.Kind, e.Begun = Denied, denied.ran && code != exitNotRun
		hint(denied)
	default:
		e.Kind = Failed
	}
}

// lastLine is the last line that is not empty, of the errors if there are any.
func lastLine(out *Output) string {
	for _, text := range [][]byte{out.Stderr, out.Stdout} {
		lines := strings.Split(string(text), "\n")
		for _, line := range slices.Backward(lines) {
			if line = strings.TrimSpace(line); line != "" {
				return model.Printable(line, lineLimit)
			}
		}
	}
	return ""
}
