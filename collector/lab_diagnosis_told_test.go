package collector

import (
	"slices"
	"strings"
	"testing"

	"github.com/galeratop/galeratop/model"
)

// incident is what the screen has to say once the servers show what happened.
type incident struct {
	rule    string
	title   string // how the finding's title begins
	names   string // and what it has to hold besides
	level   model.Level
	verdict string           // how the verdict line begins, where it is not the title
	proof   []model.Evidence // rows that the evidence has; a value may be a part of it
	within  uint64           // refreshes, the confirmation that the rule wants included
}

// rows makes evidence of triples: node, variable, and a part of the value.
func rows(triples ...string) []model.Evidence {
	var out []model.Evidence
	for t := range slices.Chunk(triples, 3) {
		out = append(out, model.Evidence{Node: t[0], Variable: t[1], Value: t[2]})
	}
	return out
}

// tells waits for the finding and requires its level, its proof, its advice, and
// the verdict line; it notes how many refreshes it took.
func (w *watcher) tells(i incident) *model.Finding {
	w.t.Helper()
	var f *model.Finding
	from := w.newest().Tick
	w.within(i.within, i.rule+": "+i.title+" ... "+i.names, func(s *model.Snapshot) bool {
		at := slices.IndexFunc(s.Findings, func(f model.Finding) bool {
			return f.Rule == i.rule && strings.HasPrefix(f.Title, i.title) && strings.Contains(f.Title, i.names)
		})
		if at >= 0 {
			f = &s.Findings[at]
		}
		return at >= 0
	})
	w.t.Logf("after %d of at most %d refreshes: %s", w.last.Tick-from, i.within, w.last.Headline.Text)
	verdict := i.verdict
	if verdict == "" {
		verdict = i.title
	}
	if f.Level != i.level || !strings.HasPrefix(w.last.Headline.Text, verdict) || w.last.Headline.Level < i.level {
		w.t.Errorf("%s is of level %v, verdict %+v", f.Rule, f.Level, w.last.Headline)
	}
	if f.Why == "" || len(f.Do) == 0 || len(f.Nodes) == 0 {
		w.t.Errorf("%s is not explained: %+v", f.Rule, f)
	}
	for _, want := range i.proof {
		if !slices.ContainsFunc(f.Evidence, func(e model.Evidence) bool {
			return e.Node == want.Node && e.Variable == want.Variable && strings.Contains(e.Value, want.Value)
		}) {
			w.t.Errorf("%s is not proved by %+v but by %+v", f.Rule, want, f.Evidence)
		}
	}
	return f
}

// sameHistory requires that nothing but the members tells two Primary nodes
// apart in the snapshot that shows the finding: every number is the same.
func (w *watcher) sameHistory(a, b string) {
	w.t.Helper()
	x, y := named(w.last, a).Status(), named(w.last, b).Status()
	if !x.InPrimary() || !y.InPrimary() || x.ClusterStateUUID == "" ||
		x.ClusterStateUUID != y.ClusterStateUUID || x.ConfID != y.ConfID || x.LastCommitted != y.LastCommitted {
		w.t.Errorf("%s: %s, view %v, seqno %v; %s: %s, view %v, seqno %v", a, x.ClusterStateUUID, x.ConfID, x.LastCommitted,
			b, y.ClusterStateUUID, y.ConfID, y.LastCommitted)
	}
	if x.IncomingAddrs == y.IncomingAddrs {
		w.t.Errorf("%s and %s see the same members: %s", a, b, x.IncomingAddrs)
	}
}

func TestRowsAreTriples(t *testing.T) {
	if got := rows("db1", "wsrep_ready", "ON", "", "kind", "SST"); len(got) != 2 || got[1].Variable != "kind" {
		t.Errorf("%+v", got)
	}
}
