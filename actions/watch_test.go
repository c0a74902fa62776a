package actions

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/galeratop/galeratop/model"
)

// ward builds the snapshots that a watch rule looks at.
type ward struct {
	tick uint64
	at   time.Time
	rows []model.Process
	link model.Link
}

func newWard() *ward {
	return &ward{at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), link: model.LinkUp}
}

// begin starts a statement.
func (w *ward) begin(id uint64, user string, runs time.Duration) {
	w.rows = append(w.rows, model.Process{
		ID: id, QueryID: model.N(int64(id) * 10), User: user, Host: "10.1.2.3:4000", Command: "Query", Time: runs,
		State: "Sending data", Query: fmt.Sprintf("SELECT %d", id),
	})
}

// after is the snapshot of a moment later.
func (w *ward) after(d time.Duration) *model.Snapshot {
	w.tick++
	w.at = w.at.Add(d)
	for i := range w.rows {
		w.rows[i].Time += d
	}
	n := &model.Node{ID: "db1", Name: "db1", Link: w.link, Sample: &model.Sample{At: w.at}}
	n.Sample.Processes.Rows = slices.Clone(w.rows)
	return &model.Snapshot{Tick: w.tick, At: w.at, Interval: time.Second, Cluster: "shop-prod", Nodes: []*model.Node{n}}
}

// look lets the rule look at n snapshots, a second apart, and collects what it
// names.
func (w *ward) look(watch *Watch, n int) (named []uint64) {
	for range n {
		for _, t := range watch.Look(w.after(time.Second)) {
			named = append(named, t.ID)
		}
	}
	return named
}

func watchOf(t *testing.T, text string) *Watch {
	t.Helper()
	r, err := ParseWatchRule(text)
	if err != nil {
		t.Fatal(err)
	}
	return NewWatch(r)
}

func TestARuleNamesWhatRunsForLongEnoughOnce(t *testing.T) {
	w, watch := newWard(), watchOf(t, "kill query after 10 s where user:report")
	w.begin(1, "report", 0)
	w.begin(2, "shop", time.Hour)
	if got := w.look(watch, 10); len(got) > 0 {
		t.Errorf("named %v too early", got)
	}
	if got := w.look(watch, 1); !slices.Equal(got, []uint64{1}) {
		t.Errorf("named %v", got)
	}
	if got := w.look(watch, 100); len(got) > 0 {
		t.Errorf("named %v again", got)
	}
	w.rows[0].QueryID, w.rows[0].Time = model.N(77), 0
	if got := w.look(watch, 15); !slices.Equal(got, []uint64{1}) {
		t.Errorf("named %v when the thread ran another statement", got)
	}
	if watch.Total != 2 || len(watch.Hits) != 2 {
		t.Errorf("counted %d", watch.Total)
	}
}

func TestOneOddReadingNamesNothing(t *testing.T) {
	w, watch := newWard(), watchOf(t, "kill query after 10 s where user:report")
	w.begin(1, "report", 0)
	w.look(watch, 3)
	w.rows[0].Time = time.Hour
	got := w.look(watch, 1)
	w.rows[0].Time = 0
	if got = append(got, w.look(watch, 3)...); len(got) > 0 {
		t.Errorf("named %v", got)
	}
}

func TestSilenceAndNodesThatDoNotAnswerNameNothing(t *testing.T) {
	w, watch := newWard(), watchOf(t, "kill query after 10 s where user:report")
	w.begin(1, "report", time.Hour)
	w.look(watch, 1)
	if got := watch.Look(w.after(time.Minute)); len(got) > 0 {
		t.Errorf("named %v right after a silence", got[0].ID)
	}
	w.link = model.LinkStale
	if got := w.look(watch, 5); len(got) > 0 {
		t.Errorf("named %v on a node that does not answer", got)
	}
	w.link = model.LinkUp
	if got := w.look(watch, 2); !slices.Equal(got, []uint64{1}) {
		t.Errorf("named %v", got)
	}
}

func TestServersOwnThreadsAndSleepersAreNoQueries(t *testing.T) {
	w := newWard()
	w.begin(1, model.SystemUser, time.Hour)
	w.begin(2, "report", time.Hour)
	w.rows[1].Command, w.rows[1].Query = "Sleep", ""
	if got := w.look(watchOf(t, "kill query after 1 s where time>0"), 5); len(got) > 0 {
		t.Errorf("named %v", got)
	}
	if got := w.look(watchOf(t, "kill connection after 1 s where time>0"), 5); !slices.Equal(got, []uint64{2}) {
		t.Errorf("of connections named %v", got)
	}
}

func TestAPreviewMustBeLongEnough(t *testing.T) {
	for rule, looks := range map[string]int{
		"kill query after 1 s where user:x":  previewLeast,
		"kill query after 60 s where user:x": 61,
		"kill query after 24 h where user:x": previewMost,
	} {
		w, watch, n := newWard(), watchOf(t, rule), 0
		for watch.Early() != "" {
			if p := PlanWatch(w.after(0), Session{}, watch); p.Refuse() == "" {
				t.Fatalf("%s: may be armed after %d looks", rule, n)
			}
			w.look(watch, 1)
			n++
		}
		if n != looks {
			t.Errorf("%s: may be armed after %d looks, not %d", rule, n, looks)
		}
		if p := PlanWatch(w.after(0), Session{}, watch); p.Refuse() != "" {
			t.Errorf("%s: %s", rule, p.Refuse())
		}
	}
}

func TestArmingIsTypedAndInProductionWithTheClustersName(t *testing.T) {
	s, watch := newWard().after(0), watchOf(t, WatchExample)
	if p := PlanWatch(s, Session{}, watch); p.Level != LevelNode || p.Word != "arm" {
		t.Errorf("level %d, word %q", p.Level, p.Word)
	}
	if p := PlanWatch(s, Session{Production: true}, watch); p.Level != LevelCluster || p.Word != "shop-prod" {
		t.Errorf("in production level %d, word %q", p.Level, p.Word)
	}
	if p := PlanWatch(s, Session{ReadOnly: true}, watch); !strings.Contains(p.Refuse(), "read-only") {
		t.Errorf("read-only says %q", p.Refuse())
	}
}

func TestAnArmedRuleNamesAtMostItsLimitAndThenDisarmsItself(t *testing.T) {
	w, watch := newWard(), watchOf(t, "kill query after 10 s where user:report")
	w.begin(1, "report", time.Hour)
	w.look(watch, 20)
	watch.Arm()
	if got := w.look(watch, 1); !slices.Equal(got, []uint64{1}) {
		t.Fatalf("armed, it named %v of what the preview had named", got)
	}
	for id := uint64(2); id <= KillsPerMinute+5; id++ {
		w.begin(id, "report", time.Hour)
	}
	if got := w.look(watch, 5); len(got) != KillsPerMinute-1 {
		t.Errorf("named %v", got)
	}
	if watch.Armed || !strings.Contains(watch.Over, "more than 10 kills within a minute") {
		t.Errorf("armed %v, says %q", watch.Armed, watch.Over)
	}
}

func TestTheLimitCountsAMinuteOnly(t *testing.T) {
	w, watch := newWard(), watchOf(t, "kill query after 1 s where user:report")
	w.look(watch, 10)
	watch.Arm()
	var named []uint64
	for id := range uint64(40) {
		w.begin(id+1, "report", 0)
		named = append(named, w.look(watch, 7)...)
		w.rows = nil
	}
	if !watch.Armed || len(named) != 40 {
		t.Errorf("armed %v after %d kills, one in 7 s: %s", watch.Armed, len(named), watch.Over)
	}
}
