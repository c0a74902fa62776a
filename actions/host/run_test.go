package host

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == labService {
		os.Exit(askLab(os.Args[2:]))
	}
	goleak.VerifyTestMain(m)
}

var local = Way{Prefix: []string{}}

// imitation is a program that takes the place of ssh.
func imitation(t *testing.T, script string) Way {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ssh")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o700); err != nil { //nolint:gosec // a program has to be executable
		t.Fatal(err)
	}
	return Way{Prefix: []string{path, "{host}"}}
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
		"a missing ssh":       {Way{Prefix: []string{"/no/such/ssh", "{host}"}}, []string{"true"}, Missing, []string{"/no/such/ssh does not exist on this host"}},
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
		Argv:  []string{"sh", "-c", "sh -c 'sleep 4; touch \"$0\"' " + quote(mark) + " & echo waiting; sleep 60"},
		Limit: 2 * time.Second,
	})
	var e *Error
	if !errors.As(err, &e) || e.Kind != TimeOut || !strings.Contains(err.Error(), "did not end within 2s and was killed: waiting") {
		t.Fatalf("%v", err)
	}
	time.Sleep(2500 * time.Millisecond) // until what it had started would have left its mark
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

func TestAScriptThatIsInterruptedCleansUp(t *testing.T) {
	dir := t.TempDir()
	mark := filepath.Join(dir, "new-cluster")
	// As galera_new_cluster does: a mark for the service, which goes when it ends.
	script := "trap 'rm -f \"$0\"' EXIT; trap 'exit 1' HUP INT TERM; : >\"$0\"; echo starting; sleep 60"
	_, err := local.Run(t.Context(), "", Command{Argv: []string{"sh", "-c", script, mark}, Limit: time.Second})
	var e *Error
	if !errors.As(err, &e) || e.Kind != TimeOut || e.Remains || !e.Begun {
		t.Fatalf("%+v", err)
	}
	if _, err := os.Stat(mark); err == nil {
		t.Error("the mark stays: the next start would found a cluster")
	}
}

func TestWhatDoesNotHeedTheSignalIsKilled(t *testing.T) {
	out, err := local.Run(t.Context(), "", Command{Argv: []string{"sh", "-c", "trap '' TERM; echo deaf; sleep 86413 & wait; sleep 86413"}, Limit: time.Second})
	var e *Error
	if !errors.As(err, &e) || e.Kind != TimeOut || e.Remains || out.Took < grace {
		t.Fatalf("%+v", err)
	}
	if !gone(t, "86413") {
		t.Error("it goes on")
	}
}

// As with a command that sudo has made root's, while galeratop is not.
func TestACommandThatCannotBeKilledIsGivenUp(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	powerless := ender{func(int, syscall.Signal) error { return syscall.EPERM }, 50 * time.Millisecond}
	cmd := exec.Command("sleep", "86415")
	killed, err := powerless.await(ctx, cmd)
	if killed || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v %v", killed, err)
	}
	f := failure{way: local, command: Command{Argv: []string{"sudo", "x"}, Limit: time.Second}, out: &Output{}, err: err, late: true, killed: killed}
	if got := f.explain().Error(); got != "sudo x on this host did not end within 1s and may still be running there" {
		t.Error(got)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	if !gone(t, "86415") {
		t.Error("the test leaves a process behind")
	}
}

// ssh with ControlPersist leaves a process behind that holds the standard error.
func TestWhatACommandLeavesBehindDoesNotHoldItUp(t *testing.T) {
	out, err := imitation(t, "sleep 86414 & echo done").Run(t.Context(), "db1", Command{Argv: []string{"true"}})
	if err != nil || string(out.Stdout) != "done\n" {
		t.Errorf("%v %v", out, err)
	}
	_, _ = local.Run(t.Context(), "", Command{Argv: []string{"pkill", "-x", "-f", "sleep 86414"}})
}

func TestBothStreamsHaveOneWatcherAtATime(t *testing.T) {
	inside, lines := 0, 0
	_, err := local.Run(t.Context(), "", Command{
		Argv: []string{"sh", "-c", "for i in 1 2 3 4 5 6 7 8 9; do echo a; echo b >&2; done"},
		Line: func(string) {
			inside++
			if lines++; inside != 1 {
				t.Error("two at once")
			}
			inside--
		},
	})
	if err != nil || lines != 18 {
		t.Errorf("%d lines, %v", lines, err)
	}
}

// Without {host} a command that is meant for another node would hit this one.
func TestAWayThatStaysHereRefusesOtherHosts(t *testing.T) {
	for _, name := range []string{"192.0.2.1", "db9.invalid", "2001:db8::1"} {
		_, err := local.Run(t.Context(), name, Command{Argv: []string{"true"}})
		var e *Error
		if !errors.As(err, &e) || e.Kind != BadName || !strings.Contains(err.Error(), "has no {host}") {
			t.Errorf("%s: %v", name, err)
		}
	}
	own, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "localhost", "127.0.0.3", "::1", own} {
		if _, err := local.Run(t.Context(), name, Command{Argv: []string{"true"}}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhetherACommandMayHaveBegunIsTold(t *testing.T) {
	docker := func(script string) Way {
		way := imitation(t, script)
		path := filepath.Join(filepath.Dir(way.Prefix[0]), "docker")
		if err := os.Rename(way.Prefix[0], path); err != nil {
			t.Fatal(err)
		}
		return Way{Prefix: []string{path, "exec", "{host}"}}
	}
	for name, c := range map[string]struct {
		way   Way
		kind  Kind
		begun bool
	}{
		"no such host":           {imitation(t, "echo 'ssh: Could not resolve hostname db9: Name or service not known' >&2; exit 255"), Reach, false},
		"cut in the middle":      {imitation(t, "echo 'client_loop: send disconnect: Broken pipe' >&2; exit 255"), Reach, true},
		"closed by the host":     {imitation(t, "echo 'Connection to db9 closed by remote host.' >&2; exit 255"), Reach, true},
		"refused by sudo":        {imitation(t, "echo 'Sorry, user ops is not allowed to execute /bin/x as root on db9.' >&2; exit 1"), Denied, false},
		"refused by polkit":      {imitation(t, "echo 'Failed to start mariadb.service: Interactive authentication required.' >&2; exit 4"), Denied, false},
		"a file it may not read": {imitation(t, "echo 'cat: /x: Permission denied' >&2; exit 1"), Denied, true},
		"a failed unit":          {imitation(t, "echo 'Job for mariadb.service failed because the control process exited with error code.' >&2; exit 1"), Failed, true},
		"no container":           {docker("echo 'Error response from daemon: No such container: db9' >&2; exit 1"), Reach, false},
		"a stopped container":    {docker("echo 'Error response from daemon: container 1f is not running' >&2; exit 1"), Asleep, false},
		"no daemon":              {docker("echo 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock.' >&2; exit 1"), Reach, false},
		"no program in there":    {docker("echo 'OCI runtime exec failed: exec failed: exec: \"ps\": executable file not found in $PATH: unknown' >&2; exit 127"), Missing, false},
	} {
		_, err := c.way.Run(t.Context(), "db9", Command{Argv: []string{"systemctl", "start", "mariadb"}})
		var e *Error
		if !errors.As(err, &e) || e.Kind != c.kind || e.Begun != c.begun {
			t.Errorf("%s: %+v", name, err)
		}
	}
}
