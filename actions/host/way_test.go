package host

import (
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestACommandGoesThroughThePrefixOfItsHost(t *testing.T) {
	ssh := []string{"ssh", "-o", "BatchMode=yes", "{host}", "sudo", "-n"}
	for name, c := range map[string]struct {
		prefix, command []string
		want            string
	}{
		"here":              {[]string{}, []string{"df", "-Pk", "/var/lib/my sql"}, "df|-Pk|/var/lib/my sql"},
		"here, with sudo":   {[]string{"sudo", "-n"}, []string{"cat", "a b"}, "sudo|-n|cat|a b"},
		"by ssh":            {ssh, []string{"df", "-Pk", "/var/lib/my sql"}, "ssh|-o|BatchMode=yes|db1.shop|sudo|-n|df|-Pk|'/var/lib/my sql'"},
		"over a jump host":  {[]string{"ssh", "jump", "ssh", "{host}"}, []string{"cat", "a b"}, `ssh|jump|ssh|db1.shop|cat|''\''a b'\'''`},
		"through a file":    {[]string{"ssh", "-F", "/etc/ssh", "{host}"}, []string{"cat", "a b"}, "ssh|-F|/etc/ssh|db1.shop|cat|'a b'"},
		"with a helper":     {[]string{"sshpass", "-e", "ssh", "{host}"}, []string{"cat", "a b"}, "sshpass|-e|ssh|db1.shop|cat|'a b'"},
		"in a container":    {[]string{"docker", "exec", "{host}"}, []string{"cat", "a b"}, "docker|exec|db1.shop|cat|a b"},
		"sudo before that":  {[]string{"sudo", "-n", "docker", "exec", "{host}"}, []string{"cat", "a b"}, "sudo|-n|docker|exec|db1.shop|cat|a b"},
		"within a word":     {[]string{"kubectl", "exec", "pod/{host}", "--"}, []string{"true"}, "kubectl|exec|pod/db1.shop|--|true"},
		"its limit":         {[]string{"ssh", "{host}", "timeout", "{limit}"}, []string{"true"}, "ssh|db1.shop|timeout|2|true"},
		"quotes for ssh":    {ssh, []string{"echo", "it's"}, `ssh|-o|BatchMode=yes|db1.shop|sudo|-n|echo|'it'\''s'`},
		"empty arguments":   {ssh, []string{"echo", ""}, "ssh|-o|BatchMode=yes|db1.shop|sudo|-n|echo|''"},
		"a tool of its own": {[]string{"/opt/on-node", "{host}"}, []string{"cat", "/a-b_c.d"}, "/opt/on-node|db1.shop|cat|/a-b_c.d"},
	} {
		argv, err := Way{Prefix: c.prefix}.Argv("db1.shop", Command{Argv: c.command, Limit: 1500 * time.Millisecond})
		if got := strings.Join(argv, "|"); err != nil || got != c.want {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
}

func TestAHostThatIsNoNameRunsNothing(t *testing.T) {
	way := Way{Prefix: []string{"ssh", "{host}"}}
	for _, name := range []string{
		"", "-oProxyCommand=touch /tmp/x", "db1;reboot", "db1 reboot", "$(reboot)", "`reboot`", "db1\nreboot", "a|b", "a&b",
		"root@db1", "ssh://db1", "%h", "../db1", "dß1", "db1\x00", "{limit}", strings.Repeat("a", 254),
	} {
		var e *Error
		if _, err := way.Argv(name, Command{Argv: []string{"true"}}); !errors.As(err, &e) || e.Kind != BadName || e.Begun {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{"db1", "db1.shop.example", "10.0.0.11", "fe80::1%eth0", "galera_db-0"} {
		if _, err := way.Argv(name, Command{Argv: []string{"true"}}); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestAProgramThatMayUseAShellGetsOnlyWordsThatAreSafeInOne(t *testing.T) {
	for _, prefix := range [][]string{{"/opt/on-node", "{host}"}, {"sudo", "-n", "on-node", "{host}"}} {
		for _, word := range []string{"a b", "$(id)", "a;b", "", "*", "~", "x=y"} {
			_, err := Way{Prefix: prefix}.Argv("db1", Command{Argv: []string{"cat", word}})
			if err == nil || !strings.Contains(err.Error(), "may hand its words to a shell") {
				t.Errorf("%q %q: %v", prefix, word, err)
			}
		}
	}
}

func TestAPrefixThatCannotWorkIsTold(t *testing.T) {
	for want, prefix := range map[string][]string{
		"names no program":            {""},
		"{hots} is no placeholder":    {"ssh", "{hots}"},
		"{Host} is no placeholder":    {"ssh", "{host}", "a{Host}"},
		"ends with -c":                {"ssh", "{host}", "su", "-c"},
		"ends with -lc":               {"docker", "exec", "{host}", "sh", "-lc"},
		"has no {host}":               {"ssh", "db1"},
		"has no {host}, so that ever": {"sudo", "docker", "exec", "db"},
	} {
		if why := (Way{Prefix: prefix}).Check(); !strings.Contains(why, want) {
			t.Errorf("%q: %q", prefix, why)
		}
	}
	for _, prefix := range [][]string{nil, {}, {"sudo", "-n"}, {"timeout", "{limit}"}, {"ssh", "{host}"}, {"kubectl", "exec", "{host}", "-c", "db", "--"}, {"x", "{host}", "{"}, {"x", "{host}", "{{.State}}", "{}"}} {
		if why := (Way{Prefix: prefix}).Check(); why != "" {
			t.Errorf("%q: %s", prefix, why)
		}
	}
}

func TestWithoutAWayTheConfigurationIsNamed(t *testing.T) {
	_, err := Way{}.Argv("db1", Command{Argv: []string{"true"}})
	if err == nil || !strings.Contains(err.Error(), "set host_command") {
		t.Errorf("%v", err)
	}
}

// Whatever a node is called, it becomes one argument that is no option, or nothing
// is run.
func FuzzANameNeverBecomesAnythingElse(f *testing.F) {
	for _, name := range []string{"db1", "-v", "a b", "$(id)", "::1%lo", "x\ny", "{host}", "{limit}"} {
		f.Add(name)
	}
	sh, err := exec.LookPath("sh")
	if err != nil {
		f.Skip("no sh")
	}
	f.Fuzz(func(t *testing.T, name string) {
		for _, prefix := range [][]string{{"ssh", "{host}"}, {"docker", "exec", "{host}"}} {
			argv, err := Way{Prefix: prefix}.Argv(name, Command{Argv: []string{"true"}})
			if err != nil {
				continue
			}
			if i := slices.Index(prefix, "{host}"); argv[i] != name || strings.HasPrefix(name, "-") {
				t.Fatalf("%q", argv)
			}
			out, err := exec.CommandContext(t.Context(), sh, "-c", "set -f; printf '%s|' "+name).Output()
			if err != nil || string(out) != name+"|" {
				t.Errorf("a shell reads %q as %q, %v", name, out, err)
			}
		}
	})
}

// A shell on the other side gets back exactly the words that went in, and so does a
// shell behind that shell.
func FuzzAShellReadsQuotedWordsAsTheyWere(f *testing.F) {
	for _, word := range awkward {
		f.Add(word)
	}
	sh, err := exec.LookPath("sh")
	if err != nil {
		f.Skip("no sh")
	}
	f.Fuzz(func(t *testing.T, word string) {
		argv, err := Way{Prefix: []string{"ssh", "{host}"}}.Argv("db1", Command{Argv: []string{"printf", "%s|", word, "end"}})
		if err != nil {
			if !strings.ContainsRune(word, 0) {
				t.Fatal(err)
			}
			return
		}
		// What ssh does: it joins its arguments with blanks for the login shell.
		out, err := exec.CommandContext(t.Context(), sh, "-c", strings.Join(argv[2:], " ")).Output()
		if want := word + "|end|"; err != nil || string(out) != want {
			t.Errorf("%q, %v; want %q", out, err, want)
		}
		twice, err := Way{Prefix: []string{sh, "jump", "ssh", "jump", "ssh", "{host}"}}.Argv("db1", Command{Argv: []string{"printf", "%s|", word}})
		if err != nil {
			t.Fatal(err)
		}
		inner, err := exec.CommandContext(t.Context(), sh, "-c", "printf %s\\  "+strings.Join(twice[6:], " ")).Output()
		if err != nil {
			t.Fatal(err)
		}
		out, err = exec.CommandContext(t.Context(), sh, "-c", string(inner)).Output()
		if err != nil || string(out) != word+"|" {
			t.Errorf("twice: %q, %v; want %q", out, err, word)
		}
	})
}

// awkward are words that mean something to some shell.
var awkward = []string{
	"", " ", "a b", "it's", "''", `"`, `"a"`, "$(id)", "`id`", `\`, `\\`, `a\nb`, "'; rm -rf / #", "\n", "a\nb\n", "\t", "*", "?", "[a-z]", "-n", "--",
	"ä\xff", "$HOME", "${HOME}", "!!", "!x", "~", "~root", "{a,b}", "a=b", "#x", "&", "&&", "|", ";", "<x", ">x", "(", ")", "\r", "\x1b[31m", "%s", "^a", "\x01",
}
