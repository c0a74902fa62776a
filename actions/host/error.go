package host

import (
	"fmt"
	"strings"
	"time"
)

// Kind is what went wrong with a command.
type Kind string

// The kinds of errors.
const (
	NoWay   Kind = "no way"   // host_command is not set
	BadName Kind = "bad name" // a host or an argument that cannot be passed on safely
	Missing Kind = "missing"  // the program does not exist, here or there
	Reach   Kind = "reach"    // the host cannot be reached, or refuses the login
	Denied  Kind = "denied"   // the host lets in, but refuses the command
	Failed  Kind = "failed"   // the command ran and reported failure
	TimeOut Kind = "timeout"  // it did not end in time
	Asleep  Kind = "asleep"   // the container is there and does not run, so nothing runs in it
)

// Error is what went wrong on one host, in one line for people.
type Error struct {
	Host    string
	Kind    Kind
	Command string // as a person would type it; "" when there was none
	Exit    int    // the exit code of Failed
	Limit   time.Duration
	Text    string // the last line that the command printed, or what is wrong
	// Remains: the command may still be running there, since nothing could end it.
	Remains bool
	// Begun: the command may have run, and done a part or all of what it does.
	Begun bool
}

func (e *Error) Error() string {
	where := e.Host
	if where == "" {
		where = "this host"
	}
	tail := ""
	if e.Text != "" {
		tail = ": " + e.Text
	}
	switch e.Kind {
	case NoWay:
		if e.Text != "" {
			return e.Text
		}
		return "no command can be run on " + where + ": set host_command for the cluster in config.toml"
	case BadName:
		return "nothing is run on " + where + tail
	case Missing:
		if e.Command == "" {
			return "nothing is run on " + where + tail
		}
		return e.Command + " does not exist on " + where + tail
	case Reach:
		if e.Begun {
			return "the connection to " + where + " was lost while it ran " + e.Command + ", which may go on there" + tail
		}
		return where + " cannot be reached to run " + e.Command + tail
	case Asleep:
		return "the container " + where + " does not run, and so not " + e.Command + tail
	case Denied:
		return where + " refuses to run " + e.Command + tail
	case TimeOut:
		end := "was killed"
		if e.Remains {
			end = "may still be running there"
		}
		return fmt.Sprintf("%s on %s did not end within %s and %s%s", e.Command, where, e.Limit, end, tail)
	}
	return fmt.Sprintf("%s on %s failed with exit code %d%s", e.Command, where, e.Exit, tail)
}

// A sign is a text in what a command printed that tells what went wrong.
type sign struct {
	text string // in lower case
	kind Kind   // "" for the one that the list is about
	hint string // what to do
	ran  bool   // the command itself said it, so that it may have done something before
}

// reachSigns are how ssh, docker and kubectl say that they did not get there. Only
// the first that fits counts.
var reachSigns = []sign{
	{text: "remote host identification has changed", hint: "find out why the host's key is another than before; until then, nobody knows who answers there"},
	{text: "host key verification failed", hint: "log in once by hand with ssh and compare the host's key"},
	{text: "permission denied (", hint: "no key of yours is accepted: ssh-add, or IdentityFile in ~/.ssh/config"},
	{text: "could not resolve hostname"},
	{text: "name or service not known"},
	{text: "connect to host"},
	{text: "no route to host"},
	{text: "connection refused"},
	{text: "kex_exchange_identification"},
	{text: "banner exchange"},
	{text: "too many authentication failures"},
	{text: "bad configuration option"},
}

// containerSigns are the same for runtimes, which have no exit code of their own
// for it.
var containerSigns = []sign{
	{text: "no such container"},
	{text: "cannot connect to the docker daemon"},
	{text: "is not running", kind: Asleep},
	{text: "cannot exec in a stopped", kind: Asleep},
	{text: "error from server"},
	{text: "unable to upgrade connection"},
	{text: "the connection to the server"},
	{text: "container not found"},
}

// deniedSigns are what sudo, polkit and kernels print when they refuse.
var deniedSigns = []sign{
	{text: "a password is required", hint: "allow the command in sudoers with NOPASSWD"},
	{text: "is not in the sudoers file"},
	{text: "may not run sudo"},
	{text: "is not allowed to execute", hint: "allow exactly this command in sudoers"},
	{text: "interactive authentication required", hint: "put sudo -n at the end of host_command"},
	{text: "access denied", ran: true},
	{text: "must be run from a terminal"},
	{text: "you must have a tty to run sudo"},
	{text: "permission denied", ran: true},
	{text: "operation not permitted", ran: true},
}

// missingSigns are what shells and runtimes print about a program that is not there.
var missingSigns = []sign{{text: "not found"}, {text: "no such file or directory"}}

func find(text string, signs []sign) (sign, bool) {
	text = strings.ToLower(text)
	for _, s := range signs {
		if strings.Contains(text, s.text) {
			return s, true
		}
	}
	return sign{}, false
}
