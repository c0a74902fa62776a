package ui

import (
	"context"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/demo"
)

// practising is the console on a simulated cluster whose hosts take commands, and
// to which something happens.
func practising(t *testing.T, opt Options, happens ...demo.Action) (*labScreen, *demo.Cluster) {
	t.Helper()
	sim, err := demo.Start(context.Background(), demo.Options{Threads: 4, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	opt.Interval, opt.Cluster = 200*time.Millisecond, "shop-prod"
	hosts := actions.Hosts{Way: host.Way{Prefix: []string{"ssh", "{host}"}, Through: sim.RunOnHost}, Name: sim.HostOf}
	s := onHosts(t, sim.Addresses()[:1], sim.User(), sim.Password(), hosts, opt).shows("3 of 3 nodes Synced")
	for _, a := range happens {
		if err := sim.Do(a); err != nil {
			t.Fatal(err)
		}
	}
	return s, sim
}

// rescuer sits at the keyboard: does what the prompt asks for, as far as the test
// lets it.
type rescuer struct {
	side, copy string
	words      []string
	steps      []string // titles of the plans that were confirmed
	declared   []string
}

// prompts are the prompts, and what the rescuer presses for them; the first that
// is on the screen counts.
var prompts = []struct {
	prompt *regexp.Regexp
	keys   func(*rescuer, []string) []string
}{
	{regexp.MustCompile(`Type (.+) and Enter to run this`), func(_ *rescuer, m []string) []string { return []string{m[1], "Enter"} }},
	{finishedWell, func(*rescuer, []string) []string { return []string{"Esc"} }},
	{regexp.MustCompile(`Enter: (read the host|show the plan|go on with this step)`), func(*rescuer, []string) []string { return []string{"Enter"} }},
	{regexp.MustCompile(`y: recover the position`), func(*rescuer, []string) []string { return []string{"y"} }},
	{regexp.MustCompile(`Type the name of a node of the side to keep`), func(r *rescuer, _ []string) []string { return []string{r.side, "Enter"} }},
	{regexp.MustCompile(`Keep a copy of the data of`), func(r *rescuer, _ []string) []string { return []string{r.copy, "Enter"} }},
	{regexp.MustCompile(`Type (.+ is dead) and Enter:`), func(r *rescuer, m []string) []string {
		if !slices.Contains(r.words, m[1]) {
			return nil
		}
		r.declared = append(r.declared, m[1])
		return []string{m[1], "Enter"}
	}},
	{regexp.MustCompile(`Enter looks again`), func(*rescuer, []string) []string { return []string{"Enter"} }},
}

var finishedWell = regexp.MustCompile(`── Finished  \d+ done ─`)

var confirmed = regexp.MustCompile(`── Confirm [^\n]*\n (.*?)  `)

// recovers goes on until nothing is left to do.
func (r *rescuer) recovers(s *labScreen, patience time.Duration) {
	s.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		text := s.text()
		if strings.Contains(text, " Done: The cluster") {
			return
		}
		if time.Now().After(end) || strings.Contains(text, "── Finished") && !finishedWell.MatchString(text) {
			s.t.Fatalf("confirmed %q, declared %q, and then:\n%s", r.steps, r.declared, text)
		}
		for _, l := range prompts {
			m := l.prompt.FindStringSubmatch(text)
			if m == nil {
				continue
			}
			keys := l.keys(r, m)
			if title := confirmed.FindStringSubmatch(text); title != nil && len(keys) == 2 {
				r.steps = append(r.steps, title[1])
			}
			if len(keys) > 0 {
				s.press(keys...)
				s.leaves(l.prompt)
			}
			break
		}
	}
}

// leaves waits until a prompt is gone, or a while: some come again.
func (s *labScreen) leaves(prompt *regexp.Regexp) {
	for end := time.Now().Add(3 * time.Second); time.Now().Before(end) && prompt.MatchString(s.text()); {
		time.Sleep(20 * time.Millisecond)
	}
}

func TestASimulatedFullCrashIsRecoveredFromTheKeyboard(t *testing.T) {
	t.Parallel()
	s, _ := practising(t, Options{}, demo.Action{Do: demo.Crash, Node: "db1"}, demo.Action{Do: demo.Crash, Node: "db3"}, demo.Action{Do: demo.Crash, Node: "db2"})
	s.shows("No answer from db1, db2 and db3", "R recovery").press("R").shows("Full crash: no node is in a group", "unreachable means", "Enter: read the hosts of db1, db2 and db3")
	var r rescuer
	r.recovers(s, 2*time.Minute)
	s.shows("Done: The cluster is whole: db1, db2 and db3 are Synced").press("Esc").shows("R takes the recovery up again").press("1").shows("3 of 3 nodes Synced")
	first := strings.TrimSuffix(strings.TrimPrefix(r.steps[0], "Set safe_to_bootstrap of "), " to 1")
	if len(r.steps) != 4 || !strings.HasPrefix(r.steps[1], "Bootstrap") || !strings.Contains(r.steps[1], first) || len(r.declared) > 0 {
		t.Errorf("confirmed %q, declared %q", r.steps, r.declared)
	}
}

func TestASimulatedSplitBrainIsHealedBySSTFromTheKeyboard(t *testing.T) {
	t.Parallel()
	s, sim := practising(t, Options{}, demo.Action{Do: demo.Partition, Nodes: []string{"db3"}})
	s.shows("db3", "non-Primary")
	for _, a := range []demo.Action{{Do: demo.Bootstrap, Node: "db3"}, {Do: demo.Heal}} {
		if err := sim.Do(a); err != nil {
			t.Fatal(err)
		}
	}
	s.shows("SPLIT BRAIN").press("R").shows("The sides", "db1 and db2", "Which side is kept?", "it has to come back by SST")
	s.press("db9", "Enter").shows(`"db9" is not what has to be typed here`)
	r := rescuer{side: "db2", copy: "no"}
	r.recovers(s, 3*time.Minute)
	if len(r.steps) < 2 || !slices.ContainsFunc(r.steps, func(s string) bool { return strings.Contains(s, "SST") }) {
		t.Errorf("confirmed %q", r.steps)
	}
}

func TestASimulatedClusterWithoutQuorumIsBootstrappedFromTheKeyboard(t *testing.T) {
	t.Parallel()
	s, _ := practising(t, Options{}, demo.Action{Do: demo.Crash, Node: "db2"}, demo.Action{Do: demo.Crash, Node: "db3"})
	s.shows("R recovery", "non-Primary").press("R").shows("No Primary Component: nodes run and refuse queries")
	r := rescuer{words: []string{"db2 is dead", "db3 is dead"}}
	r.recovers(s, 2*time.Minute)
	if len(r.steps) != 3 || !strings.Contains(r.steps[0], "db1") {
		t.Errorf("confirmed %q, declared %q", r.steps, r.declared)
	}
}

func TestAReadOnlyConsoleRecoversNothing(t *testing.T) {
	t.Parallel()
	s, _ := practising(t, Options{ReadOnly: true}, demo.Action{Do: demo.Crash, Node: "db1"}, demo.Action{Do: demo.Crash, Node: "db2"}, demo.Action{Do: demo.Crash, Node: "db3"})
	s.shows("R recovery").press("R").shows("Enter: read the hosts").press("Enter").shows("Recover the positions of", "this console is read-only")
	s.press("y").shows("this console is read-only").press("Esc").shows("R takes the recovery up again")
	if _, err := os.Stat(s.audit); err == nil {
		t.Error("something was written down")
	}
}
