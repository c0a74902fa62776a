package config

import (
	"os"
	"strings"
	"testing"
)

func TestHostCommandsAreCheckedWithTheFile(t *testing.T) {
	w := newWorld(t)
	for text, parts := range map[string][]string{
		"host_command = ['ssh', '{hots}']":                {"config.toml:2: clusters.x.host_command: {hots} is no placeholder; did you mean {host}?"},
		"host_command = ['ssh', '{host}', '{timeout}']":   {"{timeout} is no placeholder; valid here: {host}, {limit}"},
		"host_command = ['ssh', 'db1']":                   {"host_command: has no {host}, so that every command would run in the same place"},
		"host_command = ['ssh', '{host}', 'su', '-c']":    {"host_command: ends with -c"},
		"host_names = { 'a b' = 'db1' }":                  {"clusters.x.host_names.a b: \"a b\" is not an address"},
		"host_names = { 'a' = '-oProxyCommand=x' }":       {"clusters.x.host_names.a: \"-oProxyCommand=x\": a host's name cannot begin with a hyphen"},
		"host_names = { 'a' = 'x;y' }":                    {"clusters.x.host_names.a:", "cannot contain"},
		"[clusters.x.service]\nuser = 'a b'":              {"clusters.x.service.user: \"a b\" is no name of a user"},
		"[clusters.x.service]\ndefaults_file = 'my.cnf'":  {"clusters.x.service.defaults_file: \"my.cnf\" is no absolute path"},
		"[clusters.x.service]\nupgrade = 'a; b'":          {"clusters.x.service.upgrade: ; means something only to a shell"},
		"[clusters.x.service]\nstart = ''":                {"config.toml:3: clusters.x.service.start: names no program"},
		"[clusters.x.service]\n\nstop = 'a \"b'":          {"config.toml:4: clusters.x.service.stop: a quote or backslash at the end is left open"},
		"[clusters.x.service]\nstop = 'a && b'":           {"clusters.x.service.stop: & means something only to a shell"},
		"[clusters.x.service]\nstop = 'a > /tmp/x'":       {"service.stop: > means"},
		"[clusters.x.service]\nstop = 'a \"$HOME\"'":      {"service.stop: $ means"},
		"[clusters.x.service]\nstop = 'a \"`id`\"'":       {"service.stop: ` means"},
		"[clusters.x.service]\nrestart = 'a {node}'":      {"service.restart: {node} is no placeholder"},
		"[clusters.x.service]\nbootstrap = ['a']":         {"clusters.x.service.bootstrap must be a string"},
		"[clusters.x.service]\nstart = 'docker {hosts} '": {"{hosts} is no placeholder; did you mean {host}?"},
	} {
		w.config("[clusters.x]\n" + text + "\n")
		w.refuses(Flags{}, parts...)
	}
}

func TestServiceCommandsAreSplitLikeAShellDoesWithoutItsMeanings(t *testing.T) {
	w := newWorld(t)
	for line, want := range map[string]string{
		`"systemctl start 'mariadb'"`:          "systemctl|start|mariadb",
		`"docker  start {host}"`:               "docker|start|{host}",
		`'''on "a b" c\ d 'e $f | g' "" \\'''`: `on|a b|c d|e $f | g||\`,
	} {
		w.config("[clusters.x]\nseeds = ['a']\n[clusters.x.service]\nstart = " + line + "\n")
		equal(t, line, strings.Join(w.resolve(Flags{}).Service["start"], "|"), want)
	}
}

func TestTheHostOfANodeIsTheOneThatIsNamedOrThatOfItsAddress(t *testing.T) {
	w := newWorld(t)
	w.config("[clusters.x]\nseeds = ['a']\nhost_names = { '10.0.0.1:3306' = 'galera-0', '10.0.0.2' = 'galera-1' }\n")
	target := w.resolve(Flags{})
	for address, want := range map[string]string{
		"10.0.0.1:3306": "galera-0", "10.0.0.1:3307": "10.0.0.1", "10.0.0.2:3306": "galera-1", "db1.shop:3306": "db1.shop",
		"[fd00::3]:3306": "fd00::3", "/run/mysqld/mysqld.sock": "localhost",
	} {
		equal(t, address, target.HostOf(address), want)
	}
}

func TestAWayThatStaysHereIsWarnedAboutWhereThereAreOtherHosts(t *testing.T) {
	w := newWorld(t)
	for seeds, want := range map[string]int{"['a']": 0, "['a', 'b']": 1} {
		for _, way := range []string{"[]", "['sudo', '-n']"} {
			w.config("[clusters.x]\nseeds = " + seeds + "\nhost_command = " + way + "\n")
			warnings := w.resolve(Flags{}).Warnings
			if len(warnings) != want || want > 0 && !strings.Contains(warnings[0], "config.toml:3: clusters.x.host_command has no {host}") {
				t.Errorf("%s %s: %q", seeds, way, warnings)
			}
		}
	}
}

func TestTheDocumentedExamplesAreValid(t *testing.T) {
	text, err := os.ReadFile("../docs/host-commands.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(text), "```toml\n")[1:]
	if len(blocks) < 5 {
		t.Fatalf("%d examples", len(blocks))
	}
	for _, block := range blocks {
		block, _, _ = strings.Cut(block, "```")
		if !strings.Contains(block, "[clusters.") {
			block = "[clusters.x]\n" + block
		}
		if _, err := parseDocument("docs", []byte(block)); err != nil {
			t.Errorf("%v in\n%s", err, block)
		}
	}
}
