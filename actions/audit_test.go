package actions

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/galeratop/galeratop/model"
)

// loggedRun is a run as far as the audit log needs it.
func loggedRun(p *Plan) *Run {
	return &Run{runner: NewRunner(Options{Clock: func() time.Time { return noon }}), plan: p, rest: p}
}

func somePlan() *Plan {
	w := newWorld()
	key := w.thread(1, model.Process{ID: 7, QueryID: model.N(99)})
	other := w.thread(1, model.Process{ID: 2, User: model.SystemUser, Command: "Sleep"})
	return PlanKill(w.Snapshot, Session{Production: true}, []model.ThreadKey{key, other}, KillQuery)
}

func TestTheAuditLogIsForItsOwnerOnly(t *testing.T) {
	a := auditIn(t)
	if _, err := a.begin(loggedRun(somePlan())); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{a.Path: 0o600, filepath.Dir(a.Path): 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	if err := os.Chmod(a.Path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := a.begin(loggedRun(somePlan())); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(a.Path); info.Mode().Perm() != 0o600 {
		t.Errorf("a log that all may read stays so: %v", info.Mode())
	}
}

func TestTheAuditLogTellsTheWholePlan(t *testing.T) {
	a := auditIn(t)
	run, err := a.begin(loggedRun(somePlan()))
	if err != nil {
		t.Fatal(err)
	}
	if err := run.step(0, outcome{stage: Verifying, text: "taken", ran: []string{"KILL QUERY ID 99"}}, time.Second); err != nil {
		t.Fatal(err)
	}
	if err := run.end(Result{Stage: Done, Text: "ended"}, time.Second); err != nil {
		t.Fatal(err)
	}
	lines := readLog(t, a.Path)
	if len(lines) != 3 {
		t.Fatalf("%d lines", len(lines))
	}
	intent := lines[0]
	if intent.Event != "intent" || intent.Cluster != "shop" || intent.Action != "kill-query" || intent.Console.PID != os.Getpid() ||
		intent.Console.User == "" || intent.Plan.Steps[0].Text != "KILL QUERY ID 99" || !intent.Plan.Production ||
		intent.Plan.Word != "db1" || intent.Plan.Checks[0].Verdict != "met" || len(intent.Plan.Excluded) != 1 {
		t.Errorf("%+v %+v", intent, intent.Plan)
	}
	if s := lines[1].Step; s.Node != "db1" || s.Ran[0] != "KILL QUERY ID 99" || s.Stage != "verifying" || lines[1].Run != intent.Run {
		t.Errorf("%+v", s)
	}
	if r := lines[2].Result; r.Stage != "done" || r.Text != "ended" {
		t.Errorf("%+v", r)
	}
}

func TestSeveralConsolesWriteWholeLines(t *testing.T) {
	path := auditIn(t).Path
	var group sync.WaitGroup
	for range 8 {
		a := &Audit{Path: path}
		group.Go(func() {
			for range 20 {
				if _, err := a.begin(loggedRun(somePlan())); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	consoles := make(map[string]int)
	for _, line := range readLog(t, path) {
		consoles[line.Console.ID]++
	}
	if len(consoles) != 8 {
		t.Errorf("%v", consoles)
	}
	for id, n := range consoles {
		if n != 20 {
			t.Errorf("console %s has %d lines", id, n)
		}
	}
}

func TestATornLineSpoilsNoOther(t *testing.T) {
	a := auditIn(t)
	if _, err := a.begin(loggedRun(somePlan())); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(a.Path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(a.Path, append(whole, whole[:40]...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := a.begin(loggedRun(somePlan())); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(a.Path)
	if lines := strings.Split(strings.TrimSpace(string(text)), "\n"); err != nil || len(lines) != 3 || !strings.HasSuffix(lines[2], "}") {
		t.Errorf("%v: %q", err, lines)
	}
}

func TestNothingIsDoneThatCannotBeWrittenDown(t *testing.T) {
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	w := newWorld()
	key := w.thread(1, model.Process{ID: 7, QueryID: model.N(99)})
	for name, audit := range map[string]*Audit{
		"no log":                      nil,
		"a directory that cannot be":  {Path: filepath.Join(blocked, "audit.jsonl")},
		"a device in place of a file": {Path: "/dev/null"},
	} {
		r := NewRunner(Options{Audit: audit, Clock: func() time.Time { return noon }})
		r.Observe(w.Snapshot)
		run := r.Start(context.Background(), PlanKill(w.Snapshot, Session{}, []model.ThreadKey{key}, KillQuery))
		if got := run.Result(); got.Stage != Stopped || !strings.Contains(got.Text, "audit log") {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestTheAuditLogIsKeptWithTheUsersState(t *testing.T) {
	t.Setenv("HOME", "/home/dba")
	for state, want := range map[string]string{
		"":           "/home/dba/.local/state/galeratop/audit.jsonl",
		"relative":   "/home/dba/.local/state/galeratop/audit.jsonl",
		"/var/state": "/var/state/galeratop/audit.jsonl",
	} {
		t.Setenv("XDG_STATE_HOME", state)
		if got, err := AuditPath(); err != nil || got != want {
			t.Errorf("%q: %s, %v", state, got, err)
		}
	}
}
