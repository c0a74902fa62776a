package actions

import (
	"strings"
	"testing"
	"time"

	"github.com/galeratop/galeratop/model"
)

// previewed is a rule and the snapshot after its preview, which found one query.
func previewed(t *testing.T) (*Watch, world) {
	t.Helper()
	w := newWorld()
	w.thread(1, model.Process{ID: 7, QueryID: model.N(99), User: "report", Time: time.Hour, Query: "SELECT 'Meier' FROM t"})
	rule, err := ParseWatchRule("kill query after 5 s where user:report")
	if err != nil {
		t.Fatal(err)
	}
	out := NewWatch(rule)
	for range 12 {
		w.At = w.At.Add(time.Second)
		out.Look(w.Snapshot)
	}
	return out, w
}

func TestArmingAndDisarmingARuleIsWrittenDownWithWhatItWouldHaveKilled(t *testing.T) {
	watch, w := previewed(t)
	r := NewRunner(Options{Audit: auditIn(t), Clock: func() time.Time { return noon }})
	log := r.LogWatch(PlanWatch(w.Snapshot, Session{}, watch), watch)
	if err := log.Armed(); err != nil {
		t.Fatal(err)
	}
	if err := log.Disarmed("by hand", 3); err != nil {
		t.Fatal(err)
	}
	lines := readLog(t, r.options.Audit.Path)
	if len(lines) != 2 || lines[0].Run != log.Name() || lines[1].Run != log.Name() {
		t.Fatalf("%+v", lines)
	}
	armed, over := lines[0], lines[1]
	if armed.Event != "armed" || armed.Action != "arm-watch-rule" || armed.Plan == nil || armed.Watch.Rule != watch.Rule.Text ||
		armed.Watch.Total != 1 || armed.Watch.Looks != 12 || len(armed.Watch.Would) != 1 {
		t.Errorf("%+v %+v", armed, armed.Watch)
	}
	if h := armed.Watch.Would[0]; h.Thread != 7 || h.Node != "db1" || !strings.HasPrefix(h.About, "report@") || strings.Contains(h.About, "Meier") {
		t.Errorf("%+v", h)
	}
	if over.Event != "disarmed" || over.Watch.Why != "by hand" || over.Watch.Total != 3 || over.Plan != nil {
		t.Errorf("%+v %+v", over, over.Watch)
	}
}

func TestARuleIsNotWrittenDownAsArmedWhereItMayNotBe(t *testing.T) {
	watch, w := previewed(t)
	early := NewWatch(watch.Rule)
	for name, c := range map[string]struct {
		options Options
		session Session
		watch   *Watch
		why     string
	}{
		"read-only":     {Options{Audit: auditIn(t), Session: Session{ReadOnly: true}}, Session{}, watch, readOnly},
		"too early":     {Options{Audit: auditIn(t)}, Session{}, early, "refreshes"},
		"no log":        {Options{}, Session{}, watch, "no audit log"},
		"a broken log":  {Options{Audit: &Audit{Path: "/dev/null"}}, Session{}, watch, "not a regular file"},
		"read-only too": {Options{Audit: auditIn(t)}, Session{ReadOnly: true}, watch, readOnly},
	} {
		log := NewRunner(c.options).LogWatch(PlanWatch(w.Snapshot, c.session, c.watch), c.watch)
		if err := log.Armed(); err == nil || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
