package config

import (
	"strconv"
	"strings"
)

// Error is a mistake in what the user gave: a flag, a file, a value. Its text is one line that says where, what, and what
// to do. It never contains a password.
type Error struct {
	Where string // a flag, "file:line", or ""
	What  string // what is wrong
	Hint  string // what to do, or ""
	Err   error  // the cause, or nil; its text is part of the message
}

// Error returns the message as one line.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Where != "" {
		b.WriteString(e.Where + ": ")
	}
	b.WriteString(e.What)
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	if e.Hint != "" {
		b.WriteString("; " + e.Hint)
	}
	return oneLine(b.String())
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// ExitCode is the exit status for a usage error.
func (e *Error) ExitCode() int { return 2 }

// oneLine quotes a message that came out with control characters, since parts of it are copied from files.
func oneLine(s string) string {
	clean := func(r rune) bool { return r != '\t' && !strconv.IsPrint(r) }
	if strings.IndexFunc(s, clean) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if clean(r) {
			return ' '
		}
		return r
	}, s)
}

// at is the place of a line in a file, as editors and compilers write it.
func at(file string, line int) string {
	if line <= 0 {
		return file
	}
	return file + ":" + strconv.Itoa(line)
}
