package host

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var local = Way{[]string{}}

// imitation is a program that takes the place of ssh.
func imitation(t *testing.T, script string) Way {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ssh")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o700); err != nil { //nolint:gosec // a program has to be executable
		t.Fatal(err)
	}
	return Way{[]string{path, "{host}"}}
}

func TestACommandGivesWhatItPrintedAndItsLinesAsTheyCome(t *testing.T) {
	var lines []string
	out, err := local.Run(t.Context(), "localhost", Command{
		Argv: []string{"printf", `one\ntwo\033[31m\nthree`},
		Line: func(s string) { lines = append(lines, s) },
	})
	if err != nil || !strings.HasSuffix(string(out.Stdout), "three") {
		t.Fatalf("%v %v", out, err)
	}
	if len(lines) != 3 || lines[0] != "one" || strings.Contains(lines[1], "\x1b") || lines[2] != "three" {
		t.Errorf("%q", lines)
	}
}

func TestEachFailureIsOneLineThatSaysWhatAndWhere(t *testing.T) {
	for name, c := range map[string]struct {
		way  Way
		argv []string
		kind Kind
		says []string
	}{
		"a failure":           {local, []string{"sh", "-c", "echo it is broken >&2; exit 3"}, Failed, []string{"this host", "exit code 3", "it is broken"}},
		"a missing program":   {local, []string{"galeratop-no-such-program"}, Missing, []string{"galeratop-no-such-program does not exist on this host"}},
		"a missing ssh":       {Way{[]string{"/no/such/ssh", "{host}"}}, []string{"true"}, Missing, []string{"/no/such/ssh does not exist on this host"}},
		"a host out of reach": {imitation(t, "echo 'ssh: connect to host db9 port 22: Connection refused' >&2; exit 255"), []string{"true"}, Reach, []string{"db9 cannot be reached", "Connection refused"}},
		"a refused login":     {imitation(t, "echo 'ops@db9: Permission denied (publickey,password).' >&2; exit 255"), []string{"true"}, Reach, []string{"db9", "Permission denied (publickey"}},
		"a refused sudo":      {imitation(t, "echo 'sudo: a password is required' >&2; exit 1"), []string{"systemctl", "stop", "mariadb"}, Denied, []string{"db9 refuses to run systemctl stop mariadb", "a password is required"}},
		"nothing there":       {imitation(t, "echo 'sh: 1: galera_recovery: not found' >&2; exit 127"), []string{"galera_recovery"}, Missing, []string{"galera_recovery does not exist on db9"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.way.Run(t.Context(), map[bool]string{true: "db9"}[c.way.Names()], Command{Argv: c.argv})
			var e *Error
			if !errors.As(err, &e) || e.Kind != c.kind {
				t.Fatalf("%v", err)
			}
			for _, part := range c.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q lacks %q", err, part)
				}
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("%q is more than one line", err)
			}
		})
	}
}

func TestACommandThatHangsIsKilledWithWhatItStarted(t *testing.T) {
	mark := filepath.Join(t.TempDir(), "alive")
	_, err := local.Run(t.Context(), "", Command{
		Argv:  []string{"sh", "-c", "sh -c 'sleep 2; touch \"$0\"' " + quote(mark) + " & echo waiting; sleep 60"},
		Limit: 300 * time.Millisecond,
	})
	var e *Error
	if !errors.As(err, &e) || e.Kind != TimeOut || !strings.Contains(err.Error(), "did not end within 300ms and was killed: waiting") {
		t.Fatalf("%v", err)
	}
	time.Sleep(2500 * time.Millisecond)
	if _, err := os.Stat(mark); err == nil {
		t.Error("what it had started went on")
	}
}

func TestACommandEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	if _, err := local.Run(ctx, "", Command{Argv: []string{"sleep", "60"}}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestACommandHasNoTerminalAndNoInputToAskForAPassword(t *testing.T) {
	out, err := local.Run(t.Context(), "", Command{Argv: []string{"sh", "-c", "read x; echo \"read $? $x\"; (: </dev/tty) 2>/dev/null && echo terminal; true"}})
	if err != nil || strings.TrimSpace(string(out.Stdout)) != "read 1" {
		t.Errorf("%q %v", out.Stdout, err)
	}
}

func TestEndlessOutputIsCutButRead(t *testing.T) {
	out, err := local.Run(t.Context(), "", Command{Argv: []string{"sh", "-c", "head -c 3000000 /dev/zero"}})
	if err != nil || len(out.Stdout) != outputLimit {
		t.Errorf("%d %v", len(out.Stdout), err)
	}
}
