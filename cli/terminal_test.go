//go:build linux

package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/galeratop/galeratop/internal/lab/cluster"
)

// terminal is the program in a terminal of its own.
type terminal struct {
	t      *testing.T
	cmd    *exec.Cmd
	screen *os.File
	mutex  sync.Mutex
	seen   bytes.Buffer
	done   chan error
	read   chan struct{} // closed when all that was printed has been read
}

func inTerminal(t *testing.T, args ...string) *terminal {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), "GALERATOP_TEST_RUN=1", "TERM=xterm-256color", "HOME="+t.TempDir())
	screen, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 120, Rows: 30})
	if err != nil {
		t.Fatal(err)
	}
	term := &terminal{t: t, cmd: cmd, screen: screen, done: make(chan error, 1), read: make(chan struct{})}
	go term.follow()
	go func() { term.done <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = screen.Close()
	})
	return term
}

func (x *terminal) follow() {
	defer close(x.read)
	buffer := make([]byte, 4096)
	for {
		n, err := x.screen.Read(buffer)
		x.mutex.Lock()
		x.seen.Write(buffer[:n])
		x.mutex.Unlock()
		if err != nil {
			return
		}
	}
}

func (x *terminal) text() string {
	x.mutex.Lock()
	defer x.mutex.Unlock()
	return x.seen.String()
}

// shows waits until the program has printed the text.
func (x *terminal) shows(text string) {
	x.t.Helper()
	x.wait("to print "+text, func() bool { return strings.Contains(x.text(), text) })
}

func (x *terminal) wait(what string, ok func() bool) {
	x.t.Helper()
	for end := time.Now().Add(30 * time.Second); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			x.t.Fatalf("waited in vain for the program %s; it printed %.3000q", what, x.text())
		}
	}
}

// ends waits for the program's end and returns its exit code, -1 for a signal.
func (x *terminal) ends() int {
	x.t.Helper()
	select {
	case err := <-x.done:
		<-x.read
		if e, ok := errors.AsType[*exec.ExitError](err); ok {
			return e.ExitCode()
		}
		return 0
	case <-time.After(30 * time.Second):
		x.t.Fatalf("did not end; it printed %.3000q", x.text())
	}
	return -1
}

const leaveAltScreen = "\x1b[?1049l"

func TestTheDemoShowsAClusterAndQuitsCleanly(t *testing.T) {
	x := inTerminal(t, "demo")
	x.shows("3 of 3 nodes Synced")
	_, _ = x.screen.WriteString("q")
	if code := x.ends(); code != 0 {
		t.Errorf("exit %d", code)
	}
	x.shows(leaveAltScreen)
}

func TestASignalEndsTheConsoleAndRestoresTheTerminal(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGHUP, syscall.SIGTERM} {
		x := inTerminal(t, "demo")
		x.shows("3 of 3 nodes Synced")
		_ = x.cmd.Process.Signal(s)
		x.ends()
		x.shows(leaveAltScreen)
	}
}

func TestARecoveryIsLeftAndTakenUpAgain(t *testing.T) {
	path := file(t, "config.toml", "[clusters.shop]\nseeds = [\""+closedPort(t)+"\", \""+closedPort(t)+"\"]\n")
	x := inTerminal(t, "recover", "--config", path, "shop")
	x.shows("Full crash: no node is in a group")
	x.shows("galera_new_cluster")
	if _, err := x.screen.WriteString("q\n"); err != nil {
		t.Fatal(err)
	}
	if code := x.ends(); code != exitFailed || !strings.Contains(x.text(), "the same command goes on from here") {
		t.Errorf("exit code %d: %s", code, x.text())
	}
}

func TestAPasswordDoesNotShowInTheListOfProcesses(t *testing.T) {
	x := inTerminal(t, "-u", "nobody", "-pverysecret", "--wait", closedPort(t))
	x.shows("no answer")
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", x.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(line, []byte("verysecret")) || !bytes.Contains(line, []byte("nobody")) {
		t.Errorf("ps shows %q", line)
	}
}

func TestAPasswordIsAskedForWithoutAnEcho(t *testing.T) {
	x := inTerminal(t, "-u", "nobody", "-p", "--wait", closedPort(t))
	x.shows("Enter password: ")
	_, _ = x.screen.WriteString("verysecret\n")
	x.shows("no answer")
	if strings.Contains(x.text(), "verysecret") {
		t.Errorf("the password was shown: %q", x.text())
	}
}

func TestOnARealCluster(t *testing.T) {
	c := cluster.Start(t, 3)
	seed := c.Addresses()[0]
	t.Run("one seed shows all nodes", func(t *testing.T) {
		x := inTerminal(t, "-u", "mon", "-pmon", seed)
		x.shows("3 of 3 nodes Synced, Primary")
		for _, n := range c.Nodes() {
			x.shows(n.Name)
		}
		_, _ = x.screen.WriteString("q")
		x.ends()
	})
	t.Run("a lost terminal ends it with no connection left", func(t *testing.T) {
		x := inTerminal(t, "-u", "mon", "-pmon", seed)
		x.shows("3 of 3 nodes Synced, Primary")
		_ = x.screen.Close()
		x.ends()
		for _, n := range c.Nodes() {
			x.wait("to leave "+n.Name, func() bool {
				var left int
				err := n.DB().QueryRowContext(t.Context(), "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = 'mon'").Scan(&left)
				return err == nil && left == 0
			})
		}
	})
	t.Run("a wrong password is one line, before any screen", func(t *testing.T) {
		x := inTerminal(t, "-u", "mon", "-pwrong", seed)
		if code := x.ends(); code != exitNoAnswer {
			t.Errorf("exit %d", code)
		}
		x.shows("Access denied for user 'mon'")
		if strings.Contains(x.text(), "\x1b[?1049h") {
			t.Errorf("flashed a screen: %q", x.text())
		}
	})
	t.Run("check knows a healthy cluster from one without quorum", func(t *testing.T) {
		if got := command(t, "check", "-u", "mon", "-pmon", seed); got.code != 0 || !strings.Contains(got.out, "3 of 3 nodes Synced") {
			t.Errorf("%+v", got)
		}
		c.Node(2).Crash()
		c.Node(3).Crash()
		ctx := t.Context()
		if err := c.Node(1).WaitStatus(ctx, "wsrep_cluster_status", "non-Primary"); err != nil {
			t.Fatal(err)
		}
		if got := command(t, "check", "--format", "nagios", "-u", "mon", "-pmon", seed); got.code != 2 || !strings.HasPrefix(got.out, "GALERA CRITICAL") {
			t.Errorf("%+v", got)
		}
	})
	t.Run("a cluster that is down altogether is watched until it returns", func(t *testing.T) {
		c.Node(1).Crash()
		x := inTerminal(t, append([]string{"-u", "mon", "-pmon"}, c.Addresses()...)...)
		x.shows("no answer from any of 3 nodes")
		if err := c.Bootstrap(t.Context()); err != nil {
			t.Fatal(err)
		}
		x.shows("3 of 3 nodes Synced")
		_, _ = x.screen.WriteString("q")
		x.ends()
	})
}

func TestASeedThatIsNoGaleraNodeIsSaidSo(t *testing.T) {
	c := cluster.Start(t, 1)
	n := c.Node(1)
	if err := n.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	n.SetOption("wsrep_on", "OFF")
	n.SetOption("wsrep_provider", "none")
	if err := n.Launch(t.Context()); err != nil {
		t.Fatal(err)
	}
	x := inTerminal(t, "-u", "mon", "-pmon", n.Address)
	for !strings.Contains(x.text(), "is no Galera node") {
		// Until the server listens, the port is closed.
		if code := x.ends(); code != exitNoAnswer {
			t.Fatalf("exit %d: %q", code, x.text())
		}
		if strings.Contains(x.text(), "is no Galera node") {
			break
		}
		if !strings.Contains(x.text(), "refused") {
			t.Fatalf("printed %q", x.text())
		}
		x = inTerminal(t, "-u", "mon", "-pmon", n.Address)
	}
}

func TestTLSMeansWhatItMeansToTheMysqlClient(t *testing.T) {
	c := cluster.Start(t, 1, cluster.WithTLS())
	seed := c.Addresses()[0]
	for _, mode := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--ssl-mode", "REQUIRED"}, 0, "1 of 1 node Synced"},
		{[]string{"--ssl-mode", "VERIFY_IDENTITY", "--ssl-ca", c.CA()}, 0, "1 of 1 node Synced"},
		{[]string{"--ssl-ca", c.CA()}, 0, "1 of 1 node Synced"},
		{[]string{"--ssl-mode", "DISABLED"}, 0, "1 of 1 node Synced"},
		{[]string{"--ssl-mode", "VERIFY_CA"}, 3, "certificate"},
		{[]string{"--ssl-ca", "/nonexistent/ca.pem"}, 3, "/nonexistent/ca.pem"},
	} {
		got := command(t, append([]string{"check", "-u", "mon", "-pmon", seed}, mode.args...)...)
		if got.code != mode.code || !strings.Contains(got.out+got.err, mode.says) {
			t.Errorf("%v: %+v", mode.args, got)
		}
	}
}
