package host

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/galeratop/galeratop/model"
)

// sudoers are the rules of the documentation: a program and its arguments each.
func sudoers(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../../docs/host-commands.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```sudoers\n")
	block, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("the documentation has no sudoers")
	}
	var rules []string
	for line := range strings.Lines(block) {
		line = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSpace(line), `\`), " ")
		if rule, ok := strings.CutPrefix(strings.Replace(strings.TrimSuffix(line, ","), "/usr/sbin/", "/usr/bin/", 1), "/usr/bin/"); ok {
			rules = append(rules, strings.NewReplacer(`\,`, ",", `\=`, "=").Replace(rule))
		}
	}
	return rules
}

// covers reports whether a rule allows a command.
func covers(rule, command string) bool {
	before, pattern, is := strings.Cut(rule, "^")
	if !is {
		return rule == command
	}
	return regexp.MustCompile("^" + regexp.QuoteMeta(before) + pattern).MatchString(command)
}

// The rules in the documentation allow every command that is run, and no other.
func TestTheDocumentedSudoRulesAreThoseThatAreNeeded(t *testing.T) {
	log := t.TempDir() + "/commands"
	way := host(t, `echo "$*" >>`+log+`
case "$*" in
ps*) if [ -e `+log+`.run ]; then echo "7 S mariadbd"; fi; echo "1 Ss init"; echo "40 S garbd";;
"readlink "*) echo /var/lib/mysql;;
"ls -1A /var/lib/mysql") printf 'grastate.dat\ngvwstate.dat\nibdata1\nsst_in_progress\nwsrep_sst.pid\n';;
"stat -c %F"*) echo regular file;;
stat*) echo mysql:mysql 755;;
du*) printf '2048\t/var/lib/mysql\n';;
df*) printf 'x\n/dev/sda1 4096 1024 3072 25%% /\n';;
"mariadbd --version") echo 'mariadbd  Ver 10.11.19-MariaDB for Linux';;
galera_recovery) echo --wsrep_start_position=6d0a2a1e-e792-11f1-a0f5-824a4f6df442:1;;
esac`)
	facts := Facts{Flavour: model.FlavourMariaDB, DataDir: "/var/lib/mysql"}
	service, err := Detect(t.Context(), way, "db1", facts.Flavour, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range Operations {
		if _, err := service.Do(t.Context(), way, "db1", op, facts, nil); err != nil {
			t.Error(err)
		}
	}
	if _, err := Recover(t.Context(), way, "db1", facts, nil); err != nil {
		t.Error(err)
	}
	if _, err := Installed(t.Context(), way, "db1"); err != nil {
		t.Error(err)
	}
	data := Data{Dir: "/var/lib/mysql"}
	for _, c := range []Change{data.MarkSafe(), data.ForgetState("20261123T120000Z"), data.Copy("20261123T120000Z"), data.Clear([]string{"sst_in_progress", "wsrep_sst.pid"})} {
		if err := c.Apply(t.Context(), way, "db1", facts, nil); err != nil {
			t.Errorf("%s: %v", c.Line(), err)
		}
	}
	if err := os.WriteFile(log+".run", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"/var/log/mysql/error.log", ""} {
		facts.LogError = file
		if _, err := Look(t.Context(), way, "db1", facts); err != nil {
			t.Error(err)
		}
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	commands := strings.Split(strings.TrimSpace(string(text)), "\n")
	rules := sudoers(t)
	for _, c := range commands {
		if !slices.ContainsFunc(rules, func(rule string) bool { return covers(rule, c) }) {
			t.Errorf("no rule allows: %s", c)
		}
	}
	for _, rule := range rules {
		if !slices.ContainsFunc(commands, func(c string) bool { return covers(rule, c) }) {
			t.Errorf("never needed: %s", rule)
		}
	}
}
