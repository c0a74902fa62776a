package host

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/galeratop/galeratop/model"
)

// outputLimit bounds what is kept of a command's output, in bytes of each stream.
const outputLimit = 1 << 20

// lineLimit bounds one line of output for people, in characters.
const lineLimit = 400

// Command is what to run on a host.
type Command struct {
	Argv  []string
	Limit time.Duration // after which it is killed; DefaultLimit if 0
	// Line is called with each line of output as it comes, printable; nil: nobody
	// watches. It is called from one goroutine at a time.
	Line func(string)
}

// DefaultLimit bounds commands that only read.
const DefaultLimit = 15 * time.Second

// Output is what a command printed.
type Output struct {
	Stdout []byte // as it came; cut at 1 MiB
	Stderr []byte
	Took   time.Duration
}

// Run runs a command on a node's host and waits for its end. The command has no
// terminal and no input, so that nothing in its way can ask for a password; what
// it started is killed with it when the limit is over or the context ends.
func (w Way) Run(ctx context.Context, name string, c Command) (*Output, error) {
	argv, err := w.Argv(name, c.Argv)
	if err != nil {
		return nil, err
	}
	limit := c.Limit
	if limit <= 0 {
		limit = DefaultLimit
	}
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(bounded, argv[0], argv[1:]...) //nolint:gosec // the user's own command; every argument is one word
	cmd.Env = append(os.Environ(), "SSH_ASKPASS_REQUIRE=never", "LC_ALL=C")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	out := &capture{line: c.Line}
	errOut := &capture{line: c.Line}
	cmd.Stdout, cmd.Stderr = out, errOut
	begin := time.Now()
	err = cmd.Run()
	out.flush()
	errOut.flush()
	result := &Output{Stdout: out.kept.Bytes(), Stderr: errOut.kept.Bytes(), Took: time.Since(begin)}
	if err == nil {
		return result, nil
	}
	return result, w.explain(ctx, bounded, name, c.Argv, limit, result, err)
}

// explain finds the words for a failure.
func (w Way) explain(ctx, bounded context.Context, name string, argv []string, limit time.Duration, out *Output, err error) error {
	e := &Error{Host: name, Command: Line(argv), Limit: limit, Text: lastLine(out)}
	if w.Local() {
		e.Host = ""
	}
	exit := (*exec.ExitError)(nil)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case bounded.Err() != nil:
		e.Kind = TimeOut
	case errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist):
		e.Kind, e.Host, e.Text = Missing, "", ""
		if !w.Local() {
			e.Command = w.Prefix[0]
		}
	case errors.Is(err, os.ErrPermission):
		e.Kind, e.Text = Denied, "permission denied"
	case errors.As(err, &exit):
		e.Exit = exit.ExitCode()
		e.Kind = w.kindOf(e.Exit, string(out.Stderr))
	default:
		e.Kind, e.Text = Failed, model.Printable(err.Error(), lineLimit)
	}
	return e
}

// The exit codes with a meaning of their own: ssh keeps 255 for itself, shells
// and container runtimes 126 and 127.
const (
	exitSSH      = 255
	exitNotRun   = 126
	exitNotFound = 127
)

func (w Way) kindOf(exit int, stderr string) Kind {
	switch {
	case exit == exitSSH && w.shell():
		return Reach
	case exit == exitNotFound, exit == exitNotRun && containsAny(stderr, missingWords):
		return Missing
	case exit == exitNotRun, containsAny(stderr, deniedWords):
		return Denied
	}
	return Failed
}

// lastLine is the last line that is not empty, of the errors if there are any.
func lastLine(out *Output) string {
	for _, text := range [][]byte{out.Stderr, out.Stdout} {
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		if last := strings.TrimSpace(lines[len(lines)-1]); last != "" {
			return model.Printable(last, lineLimit)
		}
	}
	return ""
}

// capture keeps the beginning of a stream and hands out its lines.
type capture struct {
	kept bytes.Buffer
	rest []byte
	line func(string)
}

func (c *capture) Write(p []byte) (int, error) {
	if room := outputLimit - c.kept.Len(); room > 0 {
		c.kept.Write(p[:min(len(p), room)])
	}
	if c.line == nil {
		return len(p), nil
	}
	c.rest = append(c.rest, p...)
	for {
		end := bytes.IndexByte(c.rest, '\n')
		if end < 0 && len(c.rest) > 4*lineLimit {
			end = len(c.rest) - 1
		}
		if end < 0 {
			return len(p), nil
		}
		c.say(c.rest[:end+1])
		c.rest = append(c.rest[:0], c.rest[end+1:]...)
	}
}

func (c *capture) flush() {
	if c.line != nil && len(c.rest) > 0 {
		c.say(c.rest)
		c.rest = nil
	}
}

func (c *capture) say(line []byte) {
	if text := strings.TrimRight(string(line), "\r\n"); text != "" {
		c.line(model.Printable(text, lineLimit))
	}
}
