package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestPrecedence takes one source after the other away, from the strongest on.
func TestPrecedence(t *testing.T) {
	w := newWorld(t)
	flags := Flags{Args: []string{"c"}, User: "flag", Port: 1, Password: "flag"}
	w.config("[clusters.c]\nseeds = ['db']\nuser = 'cluster'\nport = 2\npassword = 'cluster'\n[clusters.bare]\nseeds = ['db']\n")
	w.file(".mylogin.cnf", string(encryptLogin("[client]\nuser=login\nport=3\npassword=login\n")))
	w.file(".my.cnf", "[client]\nuser=file\nport=4\npassword=file\n")
	w.vars["MYSQL_TCP_PORT"], w.vars["MYSQL_PWD"] = "5", "env"

	check := func(source, user, port, pass string) {
		t.Helper()
		target := w.resolve(flags)
		equal(t, source+": user", target.User, user)
		equal(t, source+": password", password(t, target), pass)
		seeds(t, target, "db:"+port)
	}
	check("command line", "flag", "1", "flag")
	flags = Flags{Args: []string{"c"}}
	check("cluster", "cluster", "2", "cluster")
	flags = Flags{Args: []string{"bare"}}
	check("login path", "login", "3", "login")
	w.file(".mylogin.cnf", "")
	check("option files", "file", "4", "file")
	w.file(".my.cnf", "")
	check("environment", "me", "5", "env")
	clear(w.vars)
	check("built-in", "me", "3306", "")
}

func TestTheDocumentedPrecedenceIsTheExportedOne(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	rest := string(doc)
	for _, s := range Precedence {
		_, after, ok := strings.Cut(rest, "//\t"+s.Name+" ")
		if !ok {
			t.Fatalf("%s is missing or out of order", s.Name)
		}
		rest = after
	}
}

func TestAnEmptyPasswordIsOneToo(t *testing.T) {
	w := newWorld(t)
	w.vars["MYSQL_PWD"] = "env"
	w.file(".my.cnf", "[client]\npassword=\n")
	equal(t, "by file", password(t, w.resolve(Flags{})), "")
	w.file(".my.cnf", "[client]\npassword=x\n")
	equal(t, "by flag", password(t, w.resolve(Flags{PasswordSet: true})), "")
}

func TestAPasswordWithoutValueIsAskedFor(t *testing.T) {
	w := newWorld(t)
	w.file(".my.cnf", "[client]\npassword=x\n")
	equal(t, "-pVALUE", w.resolve(Flags{Password: "y"}).NeedsPassword(), false)
	target := w.resolve(Flags{PasswordAsk: true})
	equal(t, "-p", target.NeedsPassword(), true)
	target.SetPassword("typed")
	equal(t, "once set", target.NeedsPassword(), false)
	equal(t, "password", password(t, target), "typed")
	w.file(".my.cnf", "[client]\npassword\n")
	equal(t, "in a file", w.resolve(Flags{}).NeedsPassword(), true)
}

func TestHostsOfTheCommandLine(t *testing.T) {
	w := newWorld(t)
	w.file(".my.cnf", "[client]\nport=3310\nhost=filehost\n")
	w.vars["MYSQL_HOST"] = "envhost"
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "filehost:3310"},
		{[]string{"db1", "db2:1", "db1"}, "db1:3310 db2:1"},
		{[]string{"::1"}, "[::1]:3310"},
		{[]string{"[::1]"}, "[::1]:3310"},
		{[]string{"[fd00::1]:4"}, "[fd00::1]:4"},
		{[]string{"fe80::1%eth0"}, "[fe80::1%eth0]:3310"},
		{[]string{"10.0.0.1:5"}, "10.0.0.1:5"},
		{[]string{"/run/x.sock"}, "/run/x.sock"},
	} {
		seeds(t, w.resolve(Flags{Args: c.args}), strings.Fields(c.want)...)
	}
	seeds(t, w.resolve(Flags{Host: "h", Args: []string{"a"}}), "h:3310", "a:3310")
	w.file(".my.cnf", "")
	seeds(t, w.resolve(Flags{}), "envhost:3306")
	for _, bad := range []string{"", "a:b", "a:0", "a:70000", "a:", ":1", "a:1:2", "[::1", "[a]:1", "[1.2.3.4]:1", "a b", "user@a", "http://a", "a\nb"} {
		w.refuses(Flags{Args: []string{bad}}, "address")
	}
}

func TestLocalhostMeansTheSocketAsInTheClient(t *testing.T) {
	w := newWorld(t)
	sock := filepath.Join(w.Home, "s")
	l, err := net.Listen("unix", sock)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // the end of the test

	seeds(t, w.resolve(Flags{}), "127.0.0.1:3306")
	seeds(t, w.resolve(Flags{Port: 5}), "localhost:5")
	w.Sockets = []string{filepath.Join(w.Home, "missing"), w.file("plain", ""), sock}
	seeds(t, w.resolve(Flags{}), sock)
	seeds(t, w.resolve(Flags{Host: "localhost"}), sock)
	seeds(t, w.resolve(Flags{Args: []string{"localhost"}}), sock)
	seeds(t, w.resolve(Flags{Port: 5}), "localhost:5")
	seeds(t, w.resolve(Flags{Args: []string{"localhost:5"}}), "localhost:5")
	seeds(t, w.resolve(Flags{Protocol: "tcp"}), "localhost:3306")
	seeds(t, w.resolve(Flags{Protocol: "socket", Port: 5}), sock)
	seeds(t, w.resolve(Flags{Host: "127.0.0.1"}), "127.0.0.1:3306")
	w.refuses(Flags{Protocol: "pipe"}, "--protocol: \"pipe\" is not one of TCP, SOCKET")

	w.vars["MYSQL_UNIX_PORT"] = "/env.sock"
	seeds(t, w.resolve(Flags{}), "/env.sock")
	w.file(".my.cnf", "[client]\nsocket=/file.sock\nport=7\n")
	seeds(t, w.resolve(Flags{}), "/file.sock")
	seeds(t, w.resolve(Flags{Socket: "/flag.sock"}), "/flag.sock")
	seeds(t, w.resolve(Flags{Host: "db", Socket: "/flag.sock"}), "db:7")
	seeds(t, w.resolve(Flags{Host: "localhost", Socket: "/flag.sock"}), "/flag.sock")
}

func TestSettingsOfTheConsole(t *testing.T) {
	w := newWorld(t)
	target := w.resolve(Flags{})
	equal(t, "refresh", target.Refresh, time.Second)
	equal(t, "colour", target.NoColor, false)
	w.vars["NO_COLOR"] = "anything"
	equal(t, "NO_COLOR", w.resolve(Flags{}).NoColor, true)
	w.file(".my.cnf", "[galeratop]\nrefresh=5s\nread_only\nprivacy=on\ntheme=t\nno-color=0\nskip-ascii\n")
	target = w.resolve(Flags{})
	equal(t, "refresh", target.Refresh, 5*time.Second)
	equal(t, "read-only", target.ReadOnly, true)
	equal(t, "privacy", target.Privacy, true)
	equal(t, "theme", target.Theme, "t")
	equal(t, "no-color=0", target.NoColor, false)
	equal(t, "ascii", target.ASCII, false)
	for _, d := range []time.Duration{-1, 1, 199 * time.Millisecond, 61 * time.Second} {
		w.refuses(Flags{Refresh: d}, "--refresh: ", "out of range")
	}
	w.refuses(Flags{Port: 70000}, "--port: \"70000\" is not a port")
	w.refuses(Flags{Port: -1}, "--port: ")
}

func TestThePasswordIsNotShownByAnyPrintVerbOrEncoder(t *testing.T) {
	w := newWorld(t)
	target := w.resolve(Flags{Password: "hunter2"})
	out := fmt.Sprintf("%v %+v %#v", target, target, target)
	out += fmt.Sprintf("%v %+v %#v", *target, *target, *target)
	encoded, err := json.Marshal(target)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out+string(encoded), "hunter2") {
		t.Error("the password is shown")
	}
}

func TestOriginNamesWhereAnOptionCameFrom(t *testing.T) {
	w := newWorld(t)
	w.vars["MYSQL_PWD"] = "x"
	w.file(".my.cnf", "\n[client]\nuser=u\n")
	target := w.resolve(Flags{Theme: "t"})
	equal(t, "password", target.Origin("password"), "MYSQL_PWD")
	equal(t, "user", target.Origin("user"), filepath.Join(w.Home, ".my.cnf")+":3")
	equal(t, "theme", target.Origin("theme"), "--theme")
	equal(t, "refresh", target.Origin("refresh"), "")
}

func TestErrorsAreOneLine(t *testing.T) {
	cause := errors.New("a\nb\x1b[31m")
	err := &Error{Where: "here", What: "what", Err: cause, Hint: "do"}
	equal(t, "text", err.Error(), "here: what: a b [31m; do")
	if !errors.Is(err, cause) {
		t.Error("the cause is lost")
	}
}

func TestTheEnvironmentOfTheProcess(t *testing.T) {
	env := OSEnv()
	if env.User == "" || env.Run == nil || len(env.GlobalFiles) == 0 || len(env.Sockets) == 0 {
		t.Errorf("incomplete: %+v", env)
	}
	equal(t, "PATH", env.get("PATH"), os.Getenv("PATH"))
}

func FuzzAddress(f *testing.F) {
	for _, s := range []string{"a", "a:1", "[::1]:2", "::1", "/s", "fe80::1%x:1", "a:"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		a, err := parseAddress(raw)
		if err != nil {
			contains(t, (&Error{What: err.Error()}).Error())
			return
		}
		joined := a.join(3306)
		again, err := parseAddress(joined)
		if err != nil || again.join(1) != joined {
			t.Errorf("%q became %q, which is read as %+v, %v", raw, joined, again, err)
		}
	})
}
