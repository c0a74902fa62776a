package host

import (
	"path/filepath"
	"slices"
	"strings"
)

// placeholder stands in a prefix for the name of the node's host.
const placeholder = "{host}"

// Way is how a command gets to a node's host: the words that go before it. An
// empty prefix runs it on this host; the zero Way, with a nil prefix, is none.
type Way struct {
	Prefix []string
}

// Known reports whether there is a way at all.
func (w Way) Known() bool { return w.Prefix != nil }

// Local reports whether commands run on this host.
func (w Way) Local() bool { return w.Prefix != nil && len(w.Prefix) == 0 }

// Argv is the whole command for a host. A host that could be taken for an option
// is an error: "-oProxyCommand=..." as a name would run a command of its own.
func (w Way) Argv(name string, command []string) ([]string, error) {
	if !w.Known() {
		return nil, &Error{Host: name, Kind: NoWay}
	}
	if len(command) == 0 || command[0] == "" {
		return nil, &Error{Host: name, Kind: Missing, Text: "the command is empty"}
	}
	if why := badName(name); why != "" && !w.Local() {
		return nil, &Error{Host: name, Kind: BadName, Text: why}
	}
	if why := badWords(command); why != "" {
		return nil, &Error{Host: name, Kind: BadName, Text: why}
	}
	argv := make([]string, 0, len(w.Prefix)+len(command))
	for _, word := range w.Prefix {
		argv = append(argv, strings.ReplaceAll(word, placeholder, name))
	}
	if w.shell() {
		return append(argv, quoted(command)...), nil
	}
	return append(argv, command...), nil
}

// shell reports whether what the prefix calls hands its arguments to a shell on
// the other side, joined by blanks: ssh and what imitates it.
func (w Way) shell() bool {
	return len(w.Prefix) > 0 && slices.Contains(shells, filepath.Base(w.Prefix[0]))
}

var shells = []string{"ssh", "autossh", "dbclient", "sshpass", "tsh"}

// badName says why a host's name may not become an argument.
func badName(name string) string {
	switch {
	case name == "":
		return "the node's host is not known"
	case strings.HasPrefix(name, "-"):
		return "a host's name cannot begin with a hyphen"
	}
	for _, r := range name {
		if r <= ' ' || r == 0x7f || strings.ContainsRune("'\"`$\\;&|<>(){}*?!#~^=,", r) {
			return "a host's name cannot contain " + quote(string(r))
		}
	}
	return ""
}

func badWords(command []string) string {
	for _, word := range command {
		if strings.ContainsRune(word, 0) {
			return "an argument contains a NUL"
		}
	}
	return ""
}

// quoted quotes every argument for a POSIX shell.
func quoted(command []string) []string {
	out := make([]string, len(command))
	for i, word := range command {
		out[i] = quote(word)
	}
	return out
}

// quote makes one word of a POSIX shell out of any text.
func quote(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:@%+,", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// Line is a command as a person would type it.
func Line(argv []string) string { return strings.Join(quoted(argv), " ") }
