package demo

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"time"
)

var errOver = errors.New("the simulation is over")

// HostOf is the name of the host of the node at an address; "" if there is none.
func (c *Cluster) HostOf(address string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, h := range c.hosts {
		if h.node.address == address {
			return h.node.name
		}
	}
	return ""
}

// RunOnHost runs a command on a node's host, as ssh would: a host that cannot be
// reached is exit code 255. What a command starts goes on when ctx ends before it.
func (c *Cluster) RunOnHost(ctx context.Context, name string, argv []string, stdout, stderr io.Writer) (exit int, err error) {
	sh := &shell{}
	defer func() {
		_, _ = io.Copy(stdout, &sh.out)
		_, _ = io.Copy(stderr, &sh.err)
	}()
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return 0, errOver
	}
	sh.node = c.engine.node(strings.TrimSuffix(name, ".shop.example"))
	exit, more := sh.login(name, argv)
	c.follow()
	c.mu.Unlock()
	for more != nil {
		next, over := c.nextStep()
		if over {
			return 0, errOver
		}
		select {
		case <-next:
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-c.done:
			return 0, errOver
		}
		c.mu.Lock()
		if c.closed {
			c.mu.Unlock()
			return 0, errOver
		}
		exit, more = more()
		c.follow()
		c.mu.Unlock()
	}
	return exit, nil
}

// nextStep is closed when the engine has made another step.
func (c *Cluster) nextStep() (next <-chan struct{}, over bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stepped == nil {
		c.stepped = make(chan struct{})
	}
	return c.stepped, c.closed
}

// tellStep wakes the commands that wait for the engine.
func (c *Cluster) tellStep() {
	if c.stepped != nil {
		close(c.stepped)
		c.stepped = nil
	}
}

// shell is one command on one host. Its programs run under the cluster's lock.
type shell struct {
	node     *node
	out, err bytes.Buffer
}

// pending is the rest of a command that takes time; it is asked again after each
// step until it gives no other.
type pending func() (exit int, more pending)

// program is what a name in a host's PATH runs.
type program func(sh *shell, args []string) (exit int, more pending)

// The exit codes of shells and of ssh.
const (
	exitFailure     = 1
	exitUsage       = 2
	exitNotFound    = 127
	exitUnreachable = 255
)

func (sh *shell) login(name string, argv []string) (int, pending) {
	n := sh.node
	switch {
	case n == nil:
		return sh.fails(exitUnreachable, "ssh: Could not resolve hostname "+name+": Name or service not known"), nil
	case n.dark:
		return sh.fails(exitUnreachable, "ssh: connect to host "+name+" port 22: No route to host"), nil
	case len(argv) > 1 && argv[0] == "sudo" && argv[1] == "-n":
		return sh.login(name, argv[2:])
	case len(argv) == 0:
		return 0, nil
	}
	p, ok := hostPrograms[strings.TrimPrefix(strings.TrimPrefix(argv[0], "/usr/sbin/"), "/usr/bin/")]
	if !ok || p.flavour != "" && !n.e.face.is(p.flavour) {
		return sh.fails(exitNotFound, "sh: 1: "+argv[0]+": not found"), nil
	}
	return p.run(sh, argv[1:])
}

// fails prints an error.
func (sh *shell) fails(exit int, text string) int {
	sh.err.WriteString(text + "\n")
	return exit
}

func (sh *shell) prints(text string) int {
	sh.out.WriteString(text)
	return 0
}

// after is a command that does something when so much time has passed.
func (sh *shell) after(d time.Duration, do func() int) pending {
	e := sh.node.e
	due := e.now + d
	var wait pending
	wait = func() (int, pending) {
		if e.now < due {
			return 0, wait
		}
		return do(), nil
	}
	return wait
}

// split takes the options off a command's words.
func split(args []string) (options, rest []string) {
	for i, a := range args {
		switch {
		case a == "--":
			return options, append(rest, args[i+1:]...)
		case strings.HasPrefix(a, "-") && a != "-":
			options = append(options, a)
		default:
			rest = append(rest, a)
		}
	}
	return options, rest
}
