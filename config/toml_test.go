package config

import (
	"context"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

const shop = `
refresh = "2s"
theme = "nord"
privacy = true

[clusters.shop-prod]
seeds = ["db1.shop", "db2.shop:3307", "[fd00::3]", "fd00::4"]
nodes = ["db1.shop", "db2.shop:3307"]
user = "monitor"
password = "s3cret"
port = 3310
production = true
read_only = true
privacy = false
refresh = "500ms"
address_map = { "10.0.0.11" = "localhost:13306", "10.0.0.12:3306" = "[::1]:13307" }
host_command = ["ssh", "{host}", "sudo", "-n"]
[clusters.shop-prod.service]
start = "systemctl start mysql"
bootstrap = "galera_new_cluster"

[clusters.test]
seeds = ["t1"]
`

func TestAClusterIsResolvedFromItsSection(t *testing.T) {
	w := newWorld(t)
	w.config(shop)
	w.file(".my.cnf", "[client]\nuser=file\nhost=filehost\nport=9\n[galeratop]\nrefresh=9s\nascii\n")
	target := w.resolve(Flags{Args: []string{"shop-prod"}})
	equal(t, "cluster", target.Cluster, "shop-prod")
	seeds(t, target, "db1.shop:3310", "db2.shop:3307", "[fd00::3]:3310", "[fd00::4]:3310")
	equal(t, "expected", strings.Join(target.Expected, " "), "db1.shop:3310 db2.shop:3307")
	equal(t, "user", target.User, "monitor")
	equal(t, "password", password(t, target), "s3cret")
	equal(t, "production", target.Production, true)
	equal(t, "read-only", target.ReadOnly, true)
	equal(t, "privacy of the cluster", target.Privacy, false)
	equal(t, "refresh of the cluster", target.Refresh, 500*time.Millisecond)
	equal(t, "theme of the file", target.Theme, "nord")
	equal(t, "ascii of [galeratop]", target.ASCII, true)
	equal(t, "mapped", target.AddressMap["10.0.0.11:3310"], "localhost:13306")
	equal(t, "mapped to IPv6", target.AddressMap["10.0.0.12:3306"], "[::1]:13307")
	equal(t, "host command", strings.Join(target.HostCommand, " "), "ssh {host} sudo -n")
	equal(t, "commands", len(target.Service), 2)
	equal(t, "start", strings.Join(target.Service["start"], "|"), "systemctl|start|mysql")
	equal(t, "bootstrap", strings.Join(target.Service["bootstrap"], "|"), "galera_new_cluster")
}

func TestTheCommandLineIsStrongerThanTheCluster(t *testing.T) {
	w := newWorld(t)
	w.config(shop)
	target := w.resolve(Flags{
		Args: []string{"shop-prod"}, User: "u", Password: "p", Port: 1, Refresh: 3 * time.Second,
		Theme: "x", Privacy: true,
	})
	equal(t, "user", target.User, "u")
	equal(t, "password", password(t, target), "p")
	equal(t, "first seed", target.Seeds[0], "db1.shop:1")
	equal(t, "refresh", target.Refresh, 3*time.Second)
	equal(t, "theme", target.Theme, "x")
	equal(t, "privacy", target.Privacy, true)
	contains(t, strings.Join(target.Warnings, " "), "process list", "-p")

	seeds(t, w.resolve(Flags{Args: []string{"shop-prod"}, Host: "h"}), "h:3310")
	seeds(t, w.resolve(Flags{Args: []string{"shop-prod"}, Socket: "/s"}), "/s")
}

func TestWhichClusterIsMeant(t *testing.T) {
	w := newWorld(t)
	w.config(shop)
	seeds(t, w.resolve(Flags{}), "127.0.0.1:3306") // two clusters: neither
	seeds(t, w.resolve(Flags{Args: []string{"test"}}), "t1:3306")
	w.refuses(Flags{Args: []string{"test", "db9"}}, "test: is a cluster of", "only argument")
	target := w.resolve(Flags{Args: []string{"shop-prd"}})
	seeds(t, target, "shop-prd:3306")
	equal(t, "nearest", target.NearestCluster("shop-prd"), "shop-prod")
	equal(t, "an address", target.NearestCluster("shop-prd.example.net"), "")
	equal(t, "nothing near", target.NearestCluster("zzzzzzzz"), "")

	w.config("[clusters.only]\nseeds = ['o1']\n")
	equal(t, "the only one", w.resolve(Flags{}).Cluster, "only")
	for _, f := range []Flags{{Host: "h"}, {Socket: "/s"}, {Args: []string{"a"}}} {
		equal(t, "another place", w.resolve(f).Cluster, "")
	}
}

func TestSeedsOfAClusterWithoutSeeds(t *testing.T) {
	w := newWorld(t)
	w.file(".my.cnf", "[client]\nhost=filehost\nsocket=/file.sock\n")
	for text, want := range map[string]string{
		"nodes = ['n1', 'n2']":        "n1:3306 n2:3306",
		"socket = '/c.sock'":          "/c.sock",
		"user = 'u'":                  "filehost:3306",
		"seeds = ['/a.sock']":         "/a.sock",
		"seeds = ['localhost']":       "/file.sock",
		"seeds=['localhost']\nport=1": "localhost:1",
		"seeds = ['a', 'a:3306']":     "a:3306",
	} {
		w.config("[clusters.c]\n" + text + "\n")
		seeds(t, w.resolve(Flags{}), want)
	}
}

func TestMistakesInTheConfigurationNameFileLineAndKey(t *testing.T) {
	w := newWorld(t)
	for text, parts := range map[string][]string{
		"refesh = '1s'":                                    {"config.toml:1: unknown key refesh; did you mean refresh?"},
		"\n[cluster.x]\nseeds=['a']":                       {"config.toml:2: unknown key cluster; did you mean clusters?"},
		"[clusters.x]\nseed = ['a']":                       {"config.toml:2: unknown key clusters.x.seed; did you mean seeds?"},
		"[clusters.x]\nzzzzzzzzz = 1":                      {"config.toml:2: unknown key clusters.x.zzzzzzzzz; valid here: seeds, nodes,"},
		"[clusters.x.service]\nstaart = 'a'":               {"config.toml:2: unknown key clusters.x.service.staart; did you mean start?"},
		"[clusters]\nx = { seeds = [], nods = [] }":        {"config.toml:2: unknown key clusters.x.nods; did you mean nodes?"},
		"refresh = 1":                                      {"config.toml:1: refresh must be a string"},
		"refresh = '1'":                                    {"config.toml:1: refresh: \"1\" is not a duration", "500ms"},
		"\nrefresh = '100ms'":                              {"config.toml:2: refresh: 100ms is out of range: 200ms to 1m0s"},
		"read_only = 'no'":                                 {"config.toml:1: read_only must be true or false"},
		"[clusters.x]\n\nseeds = 'a'":                      {"config.toml:3: clusters.x.seeds must be a list of strings"},
		"[clusters.x]\nseeds = ['a', 1]":                   {"config.toml:2:", "seeds"},
		"[clusters.x]\nport = '1'":                         {"config.toml:2: clusters.x.port must be a whole number"},
		"[clusters.x]\nport = 70000":                       {"config.toml:2: clusters.x.port: \"70000\" is not a port"},
		"[clusters.x]\nport = 0":                           {"config.toml:2: clusters.x.port: 0 is not a port"},
		"[clusters.x]\nport = -1":                          {"config.toml:2: clusters.x.port", "not a port"},
		"[clusters.x]\nssl_mode = 'VERIFY'":                {"config.toml:2: clusters.x.ssl_mode: \"VERIFY\" is not one of"},
		"[clusters.x]\nseeds = ['a', 'b:x']":               {"config.toml:2: clusters.x.seeds: \"b:x\" is not an address"},
		"[clusters.x]\n\naddress_map = { 'a' = 'b:0' }":    {"config.toml:3: clusters.x.address_map.a: \"b:0\" is not an address"},
		"[clusters.x]\npassword_command = 1":               {"config.toml:2: clusters.x.password_command: must be a string or a list"},
		"[clusters.x]\npassword_command = 'a \"b'":         {"config.toml:2: clusters.x.password_command: a quote or backslash"},
		"[clusters.x]\npassword_command = []":              {"config.toml:2: clusters.x.password_command: names no program"},
		"[clusters.x]\npassword='a'\npassword_command='b'": {"config.toml:3: clusters.x.password_command: stands beside password"},
		"[clusters.x]\nhost_command = ['']":                {"config.toml:2: clusters.x.host_command: names no program"},
		"clusters = 3":                                     {"config.toml:1: clusters must be a table"},
		"[clusters]\nx = 3":                                {"config.toml:2: clusters.x must be a table"},
		"refresh = ":                                       {"config.toml:1: "},
		"refresh = '1s'\nrefresh = '2s'":                   {"config.toml:2: "},
		"[clusters.x]\ndefaults_file = '/does/not/exist'":  {"config.toml:2: clusters.x.defaults_file: cannot read the option file"},
		"[clusters.x]\npassword = hunter2":                 {"config.toml:2: the value of the password is not valid TOML"},
		"[clusters.x]\npassword = 'hunter2":                {"config.toml:2: "},
		"[clusters.x]\npassword = 'hunter2' x":             {"config.toml:2: "},
		"[clusters.x]\npassword = \"hunter2\\q\"":          {"config.toml:2: "},
		"[clusters.x]\npassword = ['hunter2']":             {"config.toml:2: clusters.x.password must be a string"},
	} {
		w.config(text + "\n")
		w.refuses(Flags{}, parts...)
		_, err := Resolve(t.Context(), Flags{}, w.Env)
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("a password is shown: %v", err)
		}
	}
}

func TestWhereTheConfigurationIs(t *testing.T) {
	w := newWorld(t)
	equal(t, "below home", Path(w.Env), w.Home+"/.config/galeratop/config.toml")
	w.vars["XDG_CONFIG_HOME"] = "relative"
	equal(t, "relative is ignored", Path(w.Env), w.Home+"/.config/galeratop/config.toml")
	w.vars["XDG_CONFIG_HOME"] = "/xdg"
	equal(t, "below XDG_CONFIG_HOME", Path(w.Env), "/xdg/galeratop/config.toml")
	equal(t, "nowhere", Path(Env{}), "")

	w.refuses(Flags{ConfigFile: "/does/not/exist"}, "cannot read the configuration", "/does/not/exist", "config init")
	other := w.file("other.toml", "theme = 'o'\n")
	equal(t, "named", w.resolve(Flags{ConfigFile: other}).Theme, "o")
}

func TestFilesOfAClusterAreFound(t *testing.T) {
	w := newWorld(t)
	w.file("shop.cnf", "[client]\nuser=tilde\n[client_b]\nuser=suffix\n")
	w.file(".config/galeratop/near.cnf", "[client]\nuser=near\n")
	w.file(".my.cnf", "[client]\nuser=wrong\n")
	for text, want := range map[string]string{
		"defaults_file = '~/shop.cnf'":                                 "tilde",
		"defaults_file = '~/shop.cnf'\ndefaults_group_suffix = '_b'\n": "suffix",
		"defaults_file = 'near.cnf'":                                   "near",
	} {
		w.config("[clusters.c]\nseeds = ['x']\n" + text)
		equal(t, text, w.resolve(Flags{}).User, want)
	}
}

func TestPasswordCommand(t *testing.T) {
	w := newWorld(t)
	var ran []string
	w.Run = func(ctx context.Context, argv []string) ([]byte, error) {
		if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) > commandTimeout {
			t.Error("the command has no deadline")
		}
		ran = argv
		return []byte("first\r\nsecond\n"), nil
	}
	for text, want := range map[string]string{
		`['pass', 'show', 'a b; $(c)']`:      "pass|show|a b; $(c)",
		`"pass show 'a  b' \"\" c\\ d$HOME"`: "pass|show|a  b||c d$HOME",
		`'~/bin/pw x'`:                       w.Home + "/bin/pw|x",
	} {
		w.config("[clusters.c]\nseeds = ['x']\npassword_command = " + text + "\n")
		equal(t, text, password(t, w.resolve(Flags{})), "first")
		equal(t, text, strings.Join(ran, "|"), want)
	}
	ran = nil
	equal(t, "password by flag", password(t, w.resolve(Flags{Args: []string{"c"}, Password: "p"})), "p")
	equal(t, "password to be asked", w.resolve(Flags{Args: []string{"c"}, PasswordAsk: true}).NeedsPassword(), true)
	if ran != nil {
		t.Errorf("ran %q although the command line brings a password", ran)
	}
}

func TestAFailingPasswordCommandSaysSo(t *testing.T) {
	w := newWorld(t)
	w.config("[clusters.c]\nseeds = ['x']\npassword_command = 'pw x'\n")
	for want, run := range map[string]func(context.Context, []string) ([]byte, error){
		"pw failed: broken":                      func(context.Context, []string) ([]byte, error) { return nil, errors.New("broken") },
		"it printed no password":                 func(context.Context, []string) ([]byte, error) { return []byte("\nx"), nil },
		"pw failed: commands cannot be run here": nil,
	} {
		w.Run = run
		w.refuses(Flags{}, "config.toml:3: clusters.c.password_command: ", want)
	}
}

func TestRealCommands(t *testing.T) {
	env := Env{Run: run}
	got, err := runPasswordCommand(t.Context(), env, "here", []string{"printf", "a b\nc"})
	if err != nil || got != "a b" {
		t.Errorf("got %q, %v", got, err)
	}
	_, err = runPasswordCommand(t.Context(), env, "here", []string{"false"})
	contains(t, err.Error(), "here: false failed: exit status 1")
	_, err = runPasswordCommand(t.Context(), env, "here", []string{"/does/not/exist"})
	contains(t, err.Error(), "/does/not/exist failed")
}

func TestAPasswordInAReadableConfigurationIsWarnedAbout(t *testing.T) {
	w := newWorld(t)
	path := w.config("[clusters.c]\nseeds = ['x']\npassword = 'p'\n")
	equal(t, "private", len(w.resolve(Flags{}).Warnings), 0)
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	contains(t, strings.Join(w.resolve(Flags{}).Warnings, " "), "config.toml:3: clusters.c.password can be read by others", "chmod 600")
}

func TestHostCommandTellsNoneFromLocal(t *testing.T) {
	w := newWorld(t)
	w.config("[clusters.c]\nseeds = ['x']\n")
	equal(t, "unset is nil", w.resolve(Flags{}).HostCommand == nil, true)
	w.config("[clusters.c]\nseeds = ['x']\nhost_command = []\n")
	equal(t, "empty is not", w.resolve(Flags{}).HostCommand == nil, false)
}

func TestTheSampleIsValidAsItIsAndWithEverythingSwitchedOn(t *testing.T) {
	if _, err := parseDocument("sample", []byte(Sample)); err != nil {
		t.Error(err)
	}
	all := regexp.MustCompile(`(?m)^#(\S)`).ReplaceAllString(Sample, "$1")
	d, err := parseDocument("sample", []byte(all))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "cluster", strings.Join(d.clusterNames(), " "), "shop-prod")
	equal(t, "all commands", *d.config.Clusters["shop-prod"].Service.Status, "systemctl is-active mariadb")
}

func TestTheSampleIsWrittenOnceForItsOwner(t *testing.T) {
	w := newWorld(t)
	path := Path(w.Env)
	if err := WriteSample(path); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "mode", info.Mode().Perm(), 0o600)
	err = WriteSample(path)
	if err == nil {
		t.Fatal("overwrote a file")
	}
	contains(t, err.Error(), path+": exists already")
	if WriteSample("") == nil {
		t.Error("wrote nowhere")
	}
}

func TestCheckReportsEachClusterWithoutRunningCommands(t *testing.T) {
	w := newWorld(t)
	w.config(shop + "[clusters.vault]\nseeds = ['v']\npassword_command = 'pw'\n[clusters.lost]\ndefaults_file = '/does/not/exist'\n")
	r, err := Check(w.Env, "")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "exists", r.Exists, true)
	lines := map[string]string{}
	for _, c := range r.Clusters {
		lines[c.Name] = c.Summary
		if c.Err != nil {
			lines[c.Name] = c.Err.Error()
		}
	}
	contains(t, lines["shop-prod"], "db1.shop:3310", "user monitor", "ssl PREFERRED", "clusters.shop-prod.password",
		"2 members expected", "production", "read-only")
	contains(t, lines["test"], "t1:3306", "no password", "SQL only")
	contains(t, lines["vault"], "clusters.vault.password_command")
	contains(t, lines["lost"], "cannot read the option file")
	if strings.Contains(lines["shop-prod"], "s3cret") {
		t.Error("the password is shown")
	}

	r, err = Check(Env{Home: t.TempDir()}, "")
	if err != nil || r.Exists {
		t.Errorf("no file: %+v, %v", r, err)
	}
	w.config("x = 1")
	if _, err = Check(w.Env, ""); err == nil {
		t.Error("an invalid file was found valid")
	}
}

func FuzzConfigFile(f *testing.F) {
	f.Add(shop)
	f.Add(Sample)
	f.Add("[clusters]\nx = { seeds = [], nods = [] }")
	f.Add("[[clusters]]\n")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := parseDocument("f", []byte(text)); err != nil {
			if _, ok := errors.AsType[*Error](err); !ok {
				t.Errorf("not a usage error: %v", err)
			}
			contains(t, err.Error())
		}
	})
}
