package host

import (
	"path"
	"slices"
	"strings"
)

// program is what is known about the programs of a prefix.
type program int

const (
	unknownProgram program = iota // it may do anything with its words
	directProgram                 // it hands its words on one by one
	shellProgram                  // it joins its words for a shell on the other side
	thisHost                      // the command stays on this host
)

// programs are those that prefixes are made of.
var programs = map[string]program{
	"ssh": shellProgram, "slogin": shellProgram, "autossh": shellProgram, "dbclient": shellProgram,
	"docker": directProgram, "podman": directProgram, "nerdctl": directProgram, "kubectl": directProgram, "oc": directProgram,
	"crictl": directProgram, "lxc": directProgram, "incus": directProgram, "lxc-attach": directProgram,
	"sudo": thisHost, "doas": thisHost, "env": thisHost, "nice": thisHost, "ionice": thisHost, "timeout": thisHost, "runuser": thisHost,
	"nsenter": thisHost,
}

// program is the kind of a prefix: of the first program that leads away from this
// host. In front of it stand those that do not, such as sudo or env.
func (w Way) program() program {
	if w.shells() > 0 {
		return shellProgram
	}
	if len(w.Prefix) == 0 {
		return thisHost
	}
	first := programs[path.Base(w.Prefix[0])]
	if first != thisHost {
		return first
	}
	for _, word := range w.Prefix[1:] {
		if p := programs[path.Base(word)]; p == directProgram && runnable(word) {
			return p
		}
	}
	if w.Names() {
		return unknownProgram // the host goes to a program that is not known
	}
	return thisHost
}

// shells counts the shells that read the words on their way, each of which takes
// one layer of quotes off: with ssh to a jump host and ssh from there, two.
func (w Way) shells() int {
	n := 0
	for i, word := range w.Prefix {
		if programs[path.Base(word)] == shellProgram && (i == 0 || runnable(word)) {
			n++
		}
	}
	return n
}

// runnable tells a program from a path that only ends like one, such as /etc/ssh.
func runnable(word string) bool {
	dir := path.Base(path.Dir(word))
	return !strings.Contains(word, "/") || dir == "bin" || dir == "sbin"
}

// plainWord reports whether a word means itself to every shell. With a "=" it does
// as an option; otherwise it may be an assignment.
func plainWord(word string) bool {
	return word != "" && strings.IndexFunc(word, func(r rune) bool {
		return !letter(r) && !strings.ContainsRune("-_./:@%+,", r) && (r != '=' || word[0] != '-')
	}) < 0
}

// quoted quotes every argument for a POSIX shell.
func quoted(command []string) []string {
	out := slices.Clone(command)
	for i, word := range out {
		out[i] = quote(word)
	}
	return out
}

// quote makes one word of a POSIX shell out of any text.
func quote(word string) string {
	if plainWord(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// Line is a command as a person would type it.
func Line(argv []string) string {
	words := quoted(argv)
	for i, word := range argv {
		// Behind the program a "=" is no assignment.
		if i > 0 && strings.IndexByte(word, '=') > 0 && plainWord("-"+word) {
			words[i] = word
		}
	}
	return strings.Join(words, " ")
}
