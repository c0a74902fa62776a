//go:build unix

package cli

import "golang.org/x/sys/unix"

// silence turns the terminal's echo off until restore is called. It comes before
// the prompt: whoever types at once, or pastes, would see the beginning of the
// password otherwise.
func silence(fd int) (restore func()) {
	before, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return func() {}
	}
	quiet := *before
	quiet.Lflag &^= unix.ECHO
	_ = unix.IoctlSetTermios(fd, setTermios, &quiet)
	return func() { _ = unix.IoctlSetTermios(fd, setTermios, before) }
}
