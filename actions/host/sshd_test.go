package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/galeratop/galeratop/model"
)

// sshd is a real one, for the current user alone, that ends with the test.
type sshd struct {
	t    *testing.T
	dir  string
	port string
}

func startSSHD(t *testing.T) *sshd {
	t.Helper()
	program, err := exec.LookPath("/usr/sbin/sshd")
	if err != nil {
		if os.Getenv("GALERATOP_LAB") != "" {
			t.Fatal("sshd is not installed, and GALERATOP_LAB is set")
		}
		t.Skip("sshd is not installed")
	}
	s := &sshd{t: t, dir: t.TempDir()}
	if os.Getuid() == 0 {
		// Where sshd puts its unprivileged half; it is compiled in.
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil { //nolint:gosec // sshd demands that others can read it
			t.Fatal(err)
		}
	}
	s.key("host")
	s.key("id")
	s.key("stranger")
	s.copy("id.pub", "authorized_keys")
	s.port = freePort(t)
	s.write("sshd_config", "Port "+s.port, "ListenAddress 127.0.0.1", "HostKey "+s.dir+"/host", "AuthorizedKeysFile "+s.dir+"/authorized_keys",
		"StrictModes no", "PasswordAuthentication no", "KbdInteractiveAuthentication no", "PubkeyAuthentication yes", "PermitRootLogin prohibit-password",
		"UsePAM no", "PidFile none", "MaxStartups 100", "MaxSessions 100")
	pub := strings.Fields(s.read("host.pub"))
	s.write("known_hosts", fmt.Sprintf("[127.0.0.1]:%s %s %s", s.port, pub[0], pub[1]))
	s.write("nobody_known")
	var said bytes.Buffer
	d := exec.Command(program, "-D", "-e", "-f", s.dir+"/sshd_config")
	d.Stderr = &said
	if err := d.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = d.Process.Signal(syscall.SIGTERM)
		_ = d.Wait()
		if t.Failed() {
			t.Logf("sshd said:\n%s", said.String())
		}
	})
	for range 200 {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", "127.0.0.1:"+s.port)
		if err == nil {
			_ = c.Close()
			return s
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("sshd does not listen: %s", said.String())
	return nil
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port) //nolint:forcetypeassert // a TCP listener's address
}

func (s *sshd) key(name string) {
	keygen := exec.CommandContext(s.t.Context(), "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", filepath.Join(s.dir, name))
	if out, err := keygen.CombinedOutput(); err != nil {
		s.t.Fatalf("%v: %s", err, out)
	}
}

func (s *sshd) write(name string, lines ...string) {
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *sshd) read(name string) string {
	text, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

func (s *sshd) copy(from, to string) { s.write(to, s.read(from)) }

// way is how to get to it; more is for behind the host.
func (s *sshd) way(key, known string, more ...string) Way {
	me, err := user.Current()
	if err != nil {
		s.t.Fatal(err)
	}
	return Way{Prefix: append([]string{
		"ssh", "-F", "none", "-o", "BatchMode=yes", "-o", "ConnectTimeout=20", "-o", "IdentitiesOnly=yes", "-p", s.port,
		"-i", filepath.Join(s.dir, key), "-o", "UserKnownHostsFile=" + filepath.Join(s.dir, known), "-o", "StrictHostKeyChecking=yes",
		"-o", "GlobalKnownHostsFile=none", "-l", me.Username, "{host}",
	}, more...)}
}

func (s *sshd) good(more ...string) Way { return s.way("id", "known_hosts", more...) }

func TestARealSSHServer(t *testing.T) {
	s := startSSHD(t)
	for _, part := range []struct {
		name string
		run  func(*testing.T, *sshd)
	}{
		{"a command runs and says what it printed", sshRuns},
		{"each refusal is one line that says what to do", sshRefusals},
		{"words get through its shell as they are", sshWords},
		{"a data directory with an awkward name is read, and does nothing", sshAwkwardPath},
		{"a hanging command is ended there by {limit}", sshLimit},
		{"a hanging command without {limit} may go on, and is said to", sshNoLimit},
		{"big output arrives", sshBig},
		{"a lost connection is no failure of the command", sshLost},
		{"one connection for all commands holds nobody up", sshMaster},
	} {
		t.Run(part.name, func(t *testing.T) { s.t = t; part.run(t, s) })
	}
}

const loopback = "127.0.0.1"

func sshRuns(t *testing.T, s *sshd) {
	var lines []string
	out, err := s.good().Run(t.Context(), loopback, Command{Argv: []string{"printf", `one\ntwo\n`}, Line: func(l string) { lines = append(lines, l) }})
	if err != nil || string(out.Stdout) != "one\ntwo\n" || strings.Join(lines, "|") != "one|two" {
		t.Errorf("%v %q %v", out, lines, err)
	}
	_, err = s.good().Run(t.Context(), loopback, Command{Argv: []string{"sh", "-c", "echo broken >&2; exit 3"}})
	var e *Error
	if !errors.As(err, &e) || e.Kind != Failed || e.Exit != 3 || e.Text != "broken" || !e.Begun {
		t.Errorf("%+v", err)
	}
	_, err = s.good().Run(t.Context(), loopback, Command{Argv: []string{"galeratop-no-such-program"}})
	if !errors.As(err, &e) || e.Kind != Missing || e.Begun {
		t.Errorf("%+v", err)
	}
}

func sshRefusals(t *testing.T, s *sshd) {
	changed := strings.Fields(s.read("stranger.pub"))
	s.write("changed", fmt.Sprintf("[127.0.0.1]:%s %s %s", s.port, changed[0], changed[1]))
	silent := &sshd{t: t, dir: s.dir, port: freePort(t)}
	for name, c := range map[string]struct {
		way  Way
		says []string
	}{
		"a key that is refused":    {s.way("stranger", "known_hosts"), []string{"127.0.0.1 cannot be reached to run true", "Permission denied (publickey)", "ssh-add"}},
		"an unknown host key":      {s.way("id", "nobody_known"), []string{"Host key verification failed", "log in once by hand"}},
		"a host key that changed":  {s.way("id", "changed"), []string{"Host key verification failed", "find out why"}},
		"nobody listens":           {silent.good(), []string{"Connection refused"}},
		"an option that is no one": {Way{Prefix: []string{"ssh", "-o", "NoSuchOption=1", "{host}"}}, []string{"Bad configuration option"}},
	} {
		begin := time.Now()
		_, err := c.way.Run(t.Context(), loopback, Command{Argv: []string{"true"}})
		var e *Error
		if !errors.As(err, &e) || e.Kind != Reach || e.Begun || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %+v", name, err)
			continue
		}
		for _, part := range c.says {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q lacks %q", name, err, part)
			}
		}
		t.Logf("%s, after %v: %v", name, time.Since(begin).Round(time.Millisecond), err)
	}
}

// sshWords sends awkward and random words, many a command, and compares what comes
// back from the other side's shell.
func sshWords(t *testing.T, s *sshd) {
	const special = "'\"\\$`!#&;|<>(){}[]*?~ \n\t=%^-"
	words := awkward
	random := mathrand.New(mathrand.NewPCG(1, 2)) //nolint:gosec // the same words in every run
	for range 600 {
		word := make([]byte, random.IntN(12))
		for i := range word {
			if word[i] = byte(random.IntN(256)); random.IntN(2) == 0 {
				word[i] = special[random.IntN(len(special))]
			}
			word[i] = max(word[i], 1)
		}
		words = append(words, string(word))
	}
	for len(words) > 0 {
		some := words[:min(150, len(words))]
		words = words[len(some):]
		out, err := s.good().Run(t.Context(), loopback, Command{Argv: append([]string{"printf", `%s\0`}, some...)})
		if err != nil {
			t.Fatal(err)
		}
		if want := strings.Join(some, "\x00") + "\x00"; string(out.Stdout) != want {
			t.Errorf("%q came back as %q", want, out.Stdout)
		}
	}
}

func sshAwkwardPath(t *testing.T, s *sshd) {
	home := t.TempDir()
	mark := filepath.Join(home, "mark")
	for _, name := range []string{"it's $(touch " + strings.ReplaceAll(mark, "/", "%2f") + ") `id`; a", "x\"y\\z * ~ &", "-rf", "ä #1"} {
		dir := filepath.Join(home, name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "grastate.dat"), []byte(stopped), 0o600); err != nil {
			t.Fatal(err)
		}
		state, err := Look(t.Context(), s.good(), loopback, Facts{Flavour: model.FlavourMariaDB, DataDir: dir, LogError: "grastate.dat", DefaultsFile: "/dev/null"})
		if err != nil || state.Grastate.Value == nil || state.Grastate.Value.Seqno != 1204 || state.Disk.Value.Size <= 0 || !slices.Equal(state.Log.Value.Lines, strings.Split(strings.TrimSpace(stopped), "\n")) {
			t.Errorf("%q: %+v %v", name, state, err)
		}
	}
	files, err := os.ReadDir(home)
	if err != nil || len(files) != 4 || exists(mark) {
		t.Errorf("%v %v", files, err)
	}
}

// alive reports whether a process runs with the words.
func alive(t *testing.T, mark string) bool {
	t.Helper()
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, f := range files {
		if text, err := os.ReadFile(f); err == nil && strings.HasPrefix(string(text), "sleep\x00"+mark+"\x00") {
			return true
		}
	}
	return false
}

func gone(t *testing.T, mark string) bool {
	t.Helper()
	for range 100 {
		if !alive(t, mark) {
			return true
		}
		time.Sleep(20 * time.Millisecond)
	}
	return false
}

func sshLimit(t *testing.T, s *sshd) {
	const mark = "86411.25"
	_, err := s.good("timeout", "-k", "2", "{limit}").Run(t.Context(), loopback, Command{Argv: []string{"sleep", mark}, Limit: time.Second})
	if err == nil || err.Error() != "sleep 86411.25 on 127.0.0.1 did not end within 1s and was killed" {
		t.Errorf("%v", err)
	}
	if !gone(t, mark) {
		t.Error("it goes on there")
	}
}

func sshNoLimit(t *testing.T, s *sshd) {
	const mark = "86412.5"
	_, err := s.good().Run(t.Context(), loopback, Command{Argv: []string{"sleep", mark}, Limit: time.Second})
	if err == nil || err.Error() != "sleep 86412.5 on 127.0.0.1 did not end within 1s and may still be running there" {
		t.Errorf("%v", err)
	}
	if alive(t, mark) {
		t.Log("as the message says, it goes on there")
	}
	_, _ = s.good().Run(context.WithoutCancel(t.Context()), loopback, Command{Argv: []string{"pkill", "-x", "-f", "sleep " + mark}})
	if !gone(t, mark) {
		t.Error("the test leaves a process behind")
	}
}

func sshBig(t *testing.T, s *sshd) {
	out, err := s.good().Run(t.Context(), loopback, Command{Argv: []string{"head", "-c", "1000000", "/dev/zero"}})
	if err != nil || len(out.Stdout) != 1000000 || out.Cut {
		t.Errorf("%d %v", len(out.Stdout), err)
	}
	out, err = s.good().Run(t.Context(), loopback, Command{Argv: []string{"head", "-c", "9000000", "/dev/zero"}})
	if err != nil || len(out.Stdout) != outputLimit || !out.Cut {
		t.Errorf("%d %v", len(out.Stdout), err)
	}
}

func sshLost(t *testing.T, s *sshd) {
	// The nearest sshd above is the one that serves the connection.
	const suicide = `p=$PPID; while :; do case $(cat /proc/$p/comm) in sshd*) kill -9 $p; exit;; esac; p=$(ps -o ppid= -p $p | tr -d " "); done`
	_, err := s.good().Run(t.Context(), loopback, Command{Argv: []string{"sh", "-c", suicide}})
	var e *Error
	if !errors.As(err, &e) || e.Kind != Reach || !e.Begun || !strings.Contains(err.Error(), "was lost while it ran") {
		t.Errorf("%v", err)
	}
}

func sshMaster(t *testing.T, s *sshd) {
	way := s.good()
	way.Prefix = append([]string{"ssh", "-o", "ControlMaster=auto", "-o", "ControlPersist=20", "-o", "ControlPath=" + s.dir + "/master"}, way.Prefix[1:]...)
	for range 3 {
		out, err := way.Run(t.Context(), loopback, Command{Argv: []string{"echo", "here"}})
		if err != nil || string(out.Stdout) != "here\n" || out.Took > 10*time.Second {
			t.Errorf("%v %v", out, err)
		}
	}
	_ = exec.CommandContext(t.Context(), "ssh", "-o", "ControlPath="+s.dir+"/master", "-O", "exit", loopback).Run()
}
