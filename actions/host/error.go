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
	TimeOut Kind = "timeout"  // it did not end in time and was killed
)

// Error is what went wrong on one host, in one line for people.
type Error struct {
	Host    string
	Kind    Kind
	Command string // as a person would type it; "" when there was none
	Exit    int    // the exit code of Failed
	Limit   time.Duration
	Text    string // the last line that the command printed, or what is wrong
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
		return "no command can be run on " + where + ": set host_command for the cluster in config.toml"
	case BadName:
		return "nothing is run on " + where + tail
	case Missing:
		return e.command() + " does not exist on " + where + tail
	case Reach:
		return where + " cannot be reached to run " + e.command() + tail
	case Denied:
		return where + " refuses to run " + e.command() + tail
	case TimeOut:
		return fmt.Sprintf("%s on %s did not end within %s and was killed%s", e.command(), where, e.Limit, tail)
	}
	return fmt.Sprintf("%s on %s failed with exit code %d%s", e.command(), where, e.Exit, tail)
}

func (e *Error) command() string {
	if e.Command == "" {
		return "the command"
	}
	return e.Command
}

// deniedWords are in what sudo, ssh and container runtimes print when they refuse.
var deniedWords = []string{
	"a password is required", "is not in the sudoers file", "may not run sudo", "not allowed to execute",
	"interactive authentication required", "access denied", "permission denied",
}

// missingWords are in what shells and runtimes print about a program that is not there.
var missingWords = []string{"command not found", "not found", "no such file or directory", "executable file not found"}

func containsAny(text string, words []string) bool {
	text = strings.ToLower(text)
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}
