package host

import (
	"context"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The placeholders of a prefix.
const (
	hostMark  = "{host}"  // the name of the node's host
	limitMark = "{limit}" // how long the command may take, in whole seconds
)

// Placeholders are what may stand in a prefix or in a service command, with their
// meanings.
var Placeholders = []struct{ Mark, Meaning string }{
	{hostMark, "the node's host"},
	{limitMark, "how long the command may take, in seconds"},
}

// Way is how a command gets to a node's host: the words that go before it. An
// empty prefix runs it on this host; the zero Way, with a nil prefix, is none.
type Way struct {
	Prefix []string
	// Through runs the commands in the place of a process; nil: a process does.
	Through Through
}

// Through runs one command on a host inside this process, as a simulator does. All
// that a Way refuses never gets to it, and its exit codes and last words mean what
// those of a process with the way's prefix would: for ssh, 255 is a connection that
// failed. It gets the bare words of the command, not the prefix; the name is "" for
// a command that names its host itself. When ctx ends it has to come back soon. An
// error is for what is no answer of the host's.
type Through func(ctx context.Context, name string, argv []string, stdout, stderr io.Writer) (exit int, err error)

// Known reports whether there is a way at all.
func (w Way) Known() bool { return w.Prefix != nil }

// Local reports whether commands run on this host as they are.
func (w Way) Local() bool { return w.Prefix != nil && len(w.Prefix) == 0 }

// Names reports whether the way leads to the host of each node. One that does not
// leads to this host, whichever node is meant.
func (w Way) Names() bool { return w.has(hostMark) }

// Bounds reports whether the far side itself ends a command that takes too long.
func (w Way) Bounds() bool { return w.Local() || w.has(limitMark) }

func (w Way) has(mark string) bool {
	return slices.ContainsFunc(w.Prefix, func(word string) bool { return strings.Contains(word, mark) })
}

// Check says what is wrong with a prefix, "" if nothing is.
func (w Way) Check() string {
	if len(w.Prefix) == 0 {
		return ""
	}
	if w.Prefix[0] == "" {
		return "names no program"
	}
	if mark := UnknownMark(w.Prefix); mark != "" {
		return mark + " is no placeholder"
	}
	switch last := w.Prefix[len(w.Prefix)-1]; {
	case last == "--command", strings.HasPrefix(last, "-") && !strings.HasPrefix(last, "--") && strings.HasSuffix(last, "c"):
		return "ends with " + last + ", which takes the next word for a whole shell command; the words of a command are appended one by one"
	case !w.Names() && w.program() != thisHost:
		return "has no " + hostMark + ", so that every command would run in the same place, whichever node is meant"
	}
	return ""
}

// UnknownMark finds a placeholder that there is not, "" if there is none.
func UnknownMark(words []string) string {
	for _, word := range words {
		if mark := unknownMark(word); mark != "" {
			return mark
		}
	}
	return ""
}

// markForm is what looks like a placeholder. Templates of other programs, such as
// {{.State.Status}}, do not.
var markForm = regexp.MustCompile(`\{[A-Za-z_-]+\}`)

func unknownMark(word string) string {
	for _, mark := range markForm.FindAllString(word, -1) {
		if !slices.ContainsFunc(Placeholders, func(p struct{ Mark, Meaning string }) bool { return p.Mark == mark }) {
			return mark
		}
	}
	return ""
}

// Argv is the whole command for a host. A host that could be taken for an option
// is an error: "-oProxyCommand=..." as a name would run a command of its own.
func (w Way) Argv(name string, c Command) ([]string, error) {
	if !w.Known() {
		return nil, &Error{Host: name, Kind: NoWay}
	}
	if len(c.Argv) == 0 || c.Argv[0] == "" {
		return nil, &Error{Host: name, Kind: Missing, Text: "the command is empty"}
	}
	if w.Names() {
		if why := badName(name); why != "" {
			return nil, &Error{Host: name, Kind: BadName, Text: why}
		}
	}
	words, why := w.carried(c.Argv)
	if why != "" {
		return nil, &Error{Host: name, Kind: BadName, Text: why}
	}
	argv := make([]string, 0, len(w.Prefix)+len(words))
	for _, word := range w.Prefix {
		argv = append(argv, fill(word, name, c.limit()))
	}
	return append(argv, words...), nil
}

func fill(word, name string, limit time.Duration) string {
	seconds := strconv.FormatInt(max(1, int64((limit+time.Second-1)/time.Second)), 10)
	return strings.NewReplacer(hostMark, name, limitMark, seconds).Replace(word)
}

// carried is the command's words as they have to be handed to the prefix, or why
// they cannot get through it unharmed.
func (w Way) carried(words []string) (out []string, why string) {
	for _, word := range words {
		if strings.ContainsRune(word, 0) {
			return nil, "an argument contains a NUL"
		}
	}
	program := w.program()
	if program == unknownProgram {
		for _, word := range words {
			if !plainWord(word) {
				return nil, fmt.Sprintf("%s may hand its words to a shell, and %s is not safe in one; use ssh, docker or kubectl",
					path.Base(w.Prefix[0]), quote(word))
			}
		}
	}
	out = words
	for range w.shells() {
		out = quoted(out)
	}
	return out, ""
}

// CheckName says why a host's name may not become an argument, "" if it may.
func CheckName(name string) string { return badName(name) }

// badName says why a host's name may not become an argument. The characters are
// those of host names, addresses, containers and pods; no program and no shell
// gives any of them a meaning.
func badName(name string) string {
	switch {
	case name == "":
		return "the node's host is not known"
	case len(name) > 253:
		return "a host's name has at most 253 characters"
	case strings.HasPrefix(name, "-"):
		return "a host's name cannot begin with a hyphen"
	}
	for _, r := range name {
		if !letter(r) && !strings.ContainsRune("-._:", r) && (r != '%' || !strings.Contains(name, "::")) {
			return "a host's name cannot contain " + quote(string(r))
		}
	}
	return ""
}

func letter(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}
