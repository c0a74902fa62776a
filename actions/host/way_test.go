package host

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
)

func TestACommandGoesThroughThePrefixOfItsHost(t *testing.T) {
	ssh := []string{"ssh", "-o", "BatchMode=yes", "{host}", "sudo", "-n"}
	for name, c := range map[string]struct {
		prefix, command []string
		want            string
	}{
		"here":            {[]string{}, []string{"df", "-Pk", "/var/lib/my sql"}, "df|-Pk|/var/lib/my sql"},
		"by ssh":          {ssh, []string{"df", "-Pk", "/var/lib/my sql"}, "ssh|-o|BatchMode=yes|db1.shop|sudo|-n|df|-Pk|'/var/lib/my sql'"},
		"in a container":  {[]string{"docker", "exec", "{host}"}, []string{"cat", "a b"}, "docker|exec|db1.shop|cat|a b"},
		"within a word":   {[]string{"kubectl", "exec", "pod/{host}", "--"}, []string{"true"}, "kubectl|exec|pod/db1.shop|--|true"},
		"quotes for ssh":  {ssh, []string{"echo", "it's"}, `ssh|-o|BatchMode=yes|db1.shop|sudo|-n|echo|'it'\''s'`},
		"empty arguments": {ssh, []string{"echo", ""}, "ssh|-o|BatchMode=yes|db1.shop|sudo|-n|echo|''"},
	} {
		argv, err := Way{c.prefix}.Argv("db1.shop", c.command)
		if got := strings.Join(argv, "|"); err != nil || got != c.want {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
}

func TestAHostThatIsNoNameRunsNothing(t *testing.T) {
	way := Way{[]string{"ssh", "{host}"}}
	for _, name := range []string{"", "-oProxyCommand=touch /tmp/x", "db1;reboot", "db1 reboot", "$(reboot)", "`reboot`", "db1\nreboot", "a|b", "a&b"} {
		var e *Error
		if _, err := way.Argv(name, []string{"true"}); !errors.As(err, &e) || e.Kind != BadName {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{"db1", "db1.shop.example", "10.0.0.11", "fe80::1%eth0", "dba@db1", "galera-0"} {
		if _, err := way.Argv(name, []string{"true"}); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestWithoutAWayTheConfigurationIsNamed(t *testing.T) {
	_, err := Way{}.Argv("db1", []string{"true"})
	if err == nil || !strings.Contains(err.Error(), "set host_command") {
		t.Errorf("%v", err)
	}
}

// A shell on the other side gets back exactly the words that went in.
func FuzzAShellReadsQuotedWordsAsTheyWere(f *testing.F) {
	for _, word := range []string{"", "a b", "it's", "$(id)", "`id`", "\\", "'; rm -rf / #", "\n", "*", "-n", "ä\xff", "$HOME", "!!"} {
		f.Add(word)
	}
	sh, err := exec.LookPath("sh")
	if err != nil {
		f.Skip("no sh")
	}
	f.Fuzz(func(t *testing.T, word string) {
		argv, err := Way{[]string{"ssh", "{host}"}}.Argv("db1", []string{"printf", "%s|", word, "end"})
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
	})
}
