package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/actions/recovery"
	"github.com/galeratop/galeratop/model"
)

func TestRecoverAsksAPersonOrOnlyLooks(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"no terminal":        {[]string{"recover", closedPort(t)}, 2, "needs a terminal; --dry-run prints the next step without one"},
		"JSON of a walk":     {[]string{"recover", "--json", "h"}, 2, "--json goes with --dry-run"},
		"no yes in advance":  {[]string{"recover", "--yes", "h"}, 2, "--yes"},
		"an unknown host":    {[]string{"recover", "--dry-run", "nosuchhost.invalid"}, 3, "nosuchhost.invalid"},
		"an unknown cluster": {[]string{"recover", "--dry-run", "nosuch.invalid", "other.invalid"}, 3, "unknown host"},
	} {
		if got := command(t, c.args...); got.code != c.code || !strings.Contains(got.err, c.says) || got.out != "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestADryRunOfAClusterThatIsDownSaysWhatToDoByHand(t *testing.T) {
	a, b := closedPort(t), closedPort(t)
	path := file(t, "config.toml", "[clusters.shop]\nseeds = [\""+a+"\", \""+b+"\"]\n")
	got := command(t, "recover", "--dry-run", "--config", path, "shop")
	if got.code != exitWatch || got.err != "" {
		t.Fatalf("%+v", got)
	}
	for _, word := range []string{"Full crash: no node is in a group", a, b, "galera_recovery", "unreachable means unknown", "host_command", "LOST"} {
		if !strings.Contains(strings.Join(strings.Fields(got.out), " "), word) {
			t.Errorf("it does not say %q:\n%s", word, got.out)
		}
	}
	for line := range strings.Lines(got.out) {
		if len(strings.TrimRight(line, "\n")) > 100 {
			t.Errorf("a line of %d columns: %s", len(line), line)
		}
	}
	got = command(t, "recover", "--dry-run", "--json", "--config", path, "shop")
	var m moveJSON
	if err := json.Unmarshal([]byte(got.out), &m); err != nil || got.code != exitWatch || m.Version != 1 || m.Situation != "full-crash" ||
		m.Kind != recovery.Watch || len(m.ByHand) < 6 || len(m.Found) != 2 {
		t.Errorf("%v %+v", err, got)
	}
}

// step is a move with a plan that was refused nothing.
func step() *recovery.Move {
	return &recovery.Move{
		Situation: "split-brain", Kind: recovery.Act, Title: "Stop the server of db3", Means: "Every side takes writes.",
		Found: []model.Evidence{{Node: "db3", Variable: "says", Value: "Primary\x1b[31m"}},
		Sides: []recovery.Side{{Names: "db1 and db2", Seqno: model.N(7), Clients: model.N(3)}, {Names: "db3"}},
		Will:  []string{"its clients are disconnected"}, Lost: []string{"nothing yet"},
		Plan: &actions.Plan{
			Action: "service-stop", Title: "Stop db3", Level: actions.LevelNode, Word: "db3",
			Checks: []actions.Check{{Text: "it runs", Evidence: "as process 7", Verdict: actions.Met}, {Text: "db1 answers", Evidence: "declared", Verdict: actions.Waived}},
			Steps:  []actions.Step{{Node: "db3:3306", Name: "db3", Text: "systemctl stop mariadb", About: "shuts it down"}},
			Verify: "its host is read", Undo: "start it",
		},
		Instead: &recovery.Move{Title: "Wait", Kind: recovery.Refused},
	}
}

func TestAStepIsShownWithAllThatItRestsOn(t *testing.T) {
	text := moveText(step())
	for _, word := range []string{
		"SITUATION    Split brain: several Primary Components\n", "  found      db3, says: Primary", "  side       db1 and db2: seqno 7, write-sets unknown, clients 3",
		"MEANS        Every side takes writes.\n", "NEXT STEP    Stop the server of db3\n", "  then       its clients", "  LOST       nothing yet\n",
		"  ok         it runs: as process 7\n", "  declared   db1 answers: declared\n", "  step 1     on db3: shuts it down\n             systemctl stop mariadb\n",
		"  undone by  start it\n", "  instead    Wait: type i",
	} {
		if !strings.Contains(text, word) {
			t.Errorf("lacks %q:\n%s", word, text)
		}
	}
	if strings.Contains(text, "\x1b") {
		t.Errorf("text of a server moves the cursor: %q", text)
	}
}

func TestAStepIsTheSameForPrograms(t *testing.T) {
	var b strings.Builder
	if err := writeMove(&b, step()); err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{
		`"v":1`, `"situation":"split-brain"`, `"kind":"act"`, `"seqno":7`, `"word":"db3"`, `"verdict":"waived"`, `"text":"systemctl stop mariadb"`,
		`"instead":{`,
	} {
		if !strings.Contains(b.String(), word) {
			t.Errorf("lacks %s: %s", word, b.String())
		}
	}
}

func TestLongTextsAreCutIntoLines(t *testing.T) {
	var p page
	p.part("MEANS", strings.Repeat("word ", 40)+strings.Repeat("x", 120))
	for line := range strings.Lines(p.text.String()) {
		if len(line) > recoverWidth+1 && !strings.Contains(line, "xxx") {
			t.Errorf("%d columns: %q", len(line), line)
		}
	}
	if got := strings.Join(strings.Fields(p.text.String()), " "); strings.Count(got, "word") != 40 || !strings.HasSuffix(got, strings.Repeat("x", 120)) {
		t.Errorf("something is lost: %q", got)
	}
}
