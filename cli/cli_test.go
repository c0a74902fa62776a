package cli

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain lets the tests run this very program in a terminal of their own.
func TestMain(m *testing.M) {
	if os.Getenv("GALERATOP_TEST_RUN") != "" {
		os.Exit(Main())
	}
	os.Exit(m.Run())
}

// outcome is what a run printed and how it ended.
type outcome struct {
	out, err string
	code     int
}

// command runs a command line without a terminal, in a home of its own.
func command(t *testing.T, args ...string) outcome {
	t.Helper()
	home := t.TempDir()
	for _, name := range []string{"MYSQL_HOST", "MYSQL_PWD", "MYSQL_TCP_PORT", "MYSQL_UNIX_PORT", "MYSQL_TEST_LOGIN_FILE"} {
		t.Setenv(name, "")
	}
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(home, ".config"))
	var out, err bytes.Buffer
	code := run(t.Context(), args, streams{strings.NewReader(""), &out, &err})
	return outcome{out.String(), err.String(), code}
}

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// closedPort is an address on which nothing listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func TestAMistakeIsOneLineThatSaysWhatAndWhere(t *testing.T) {
	toml := file(t, "config.toml", "refresh = \"1s\"\n[clusters.shop]\nsedes = [\"a\"]\n")
	cnf := file(t, "my.cnf", "[client]\nuser=lab\n[galeratop\n")
	for name, c := range map[string]struct {
		args []string
		code int
		says []string
	}{
		"no terminal":          {[]string{"127.0.0.1:1"}, 2, []string{"terminal", "check", "record"}},
		"no terminal for demo": {[]string{"demo"}, 2, []string{"terminal", "check"}},
		"unknown flag":         {[]string{"--nosuch"}, 2, []string{"--nosuch"}},
		"bad number":           {[]string{"-P", "many"}, 2, []string{"many"}},
		"unknown key":          {[]string{"record", "--config", toml, "shop"}, 2, []string{toml + ":3", "sedes", "seeds"}},
		"checked key":          {[]string{"config", "check", "--config", toml}, 2, []string{toml + ":3", "seeds"}},
		"bad option file":      {[]string{"record", "--defaults-file", cnf, "h"}, 2, []string{cnf + ":3", "[galeratop"}},
		"no option file":       {[]string{"record", "--defaults-file", "/nonexistent/my.cnf", "h"}, 2, []string{"/nonexistent/my.cnf"}},
		"TLS mode":             {[]string{"record", "--ssl-mode", "SOME", "h"}, 2, []string{"--ssl-mode", "VERIFY_CA"}},
		"no place to ask":      {[]string{"record", "-p", "h"}, 2, []string{"-p", "terminal"}},
		"scenario":             {[]string{"demo", "--scenario", "apocalypse"}, 2, []string{"apocalypse", "calm"}},
		"unknown host":         {[]string{"record", "nosuchhost.invalid"}, 3, []string{"nosuchhost.invalid:3306", "unknown host"}},
		"check, unknown host":  {[]string{"check", "nosuchhost.invalid"}, 3, []string{"nosuchhost.invalid:3306"}},
		"check, wrong flag":    {[]string{"check", "--nosuch"}, 3, []string{"--nosuch"}},
		"check, wrong format":  {[]string{"check", "--format", "xml", "h"}, 3, []string{"xml", "nagios"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := command(t, c.args...)
			if got.code != c.code || strings.Count(got.err, "\n") != 1 || !strings.HasPrefix(got.err, "galeratop: ") || got.out != "" {
				t.Errorf("exit %d, stdout %q, stderr %q", got.code, got.out, got.err)
			}
			for _, word := range c.says {
				if !strings.Contains(got.err, word) {
					t.Errorf("%q does not name %s", got.err, word)
				}
			}
		})
	}
}

func TestCheckCallsAClusterThatDoesNotAnswerUnknown(t *testing.T) {
	address := closedPort(t)
	got := command(t, "check", address)
	if got.code != 3 || !strings.HasPrefix(got.out, address+": unknown: ") || !strings.Contains(got.out, "connection refused") {
		t.Errorf("%+v", got)
	}
}

func TestHelpIsInTheWordsOfTheMysqlClient(t *testing.T) {
	got := command(t, "--help")
	for _, word := range []string{"-h", "--host", "-P", "-u", "-p", "--defaults-file", "--login-path", "--ssl-mode", "demo", "config"} {
		if !strings.Contains(got.out, word) {
			t.Errorf("help lacks %s", word)
		}
	}
	if got.code != 0 || got.err != "" {
		t.Errorf("exit %d, %q", got.code, got.err)
	}
}

func TestManPageAndCompletionsAreThere(t *testing.T) {
	if got := command(t, "completion", "bash"); got.code != 0 || !strings.Contains(got.out, "galeratop") {
		t.Errorf("%.200q, exit %d", got.out, got.code)
	}
}

func TestTheConfigurationIsWrittenFoundAndValidated(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sub", "config.toml")
	if got := command(t, "config", "init", "--config", path); got.code != 0 || !strings.Contains(got.out, path) {
		t.Fatalf("init: %+v", got)
	}
	if got := command(t, "config", "check", "--config", path); got.code != 0 || !strings.Contains(got.out, ": ok") {
		t.Errorf("check: %+v", got)
	}
	if got := command(t, "config", "path", "--config", path); got.out != path+"\n" {
		t.Errorf("path: %+v", got)
	}
	if got := command(t, "config", "init", "--config", path); got.code != 2 || !strings.Contains(got.err, path) {
		t.Errorf("a second init: %+v", got)
	}
}

func TestPasswordsAreTakenOutOfTheArguments(t *testing.T) {
	original := []string{"galeratop", "-u", "root", "-psecret", "--password=other", "-P", "3306", "db1"}
	argv := make([]string, len(original))
	for i, a := range original {
		argv[i] = string([]byte(a)) // memory that may be written, as the kernel's is
	}
	args := takeArgs(argv)
	if got := strings.Join(argv, " "); strings.Contains(got, "secret") || strings.Contains(got, "other") || !strings.Contains(got, "3306 db1") {
		t.Errorf("left in place: %s", got)
	}
	want := "-u root --password=secret --password=other -P 3306 db1"
	if got := strings.Join(attached(args), " "); got != want {
		t.Errorf("read as %s", got)
	}
}
