package actions

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/galeratop/galeratop/model"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// world makes a snapshot of three members for planners.
type world struct{ *model.Snapshot }

func newWorld() world {
	s := &model.Snapshot{Tick: 1, At: noon, Interval: time.Second, Cluster: "shop"}
	for _, name := range []string{"db1", "db2", "db3"} {
		s.Nodes = append(s.Nodes, &model.Node{
			ID: name, Name: name, Address: name + ":3306", Link: model.LinkUp, Age: 100 * time.Millisecond,
			Sample: &model.Sample{
				At:     noon.Add(-100 * time.Millisecond),
				Server: model.Server{Flavour: model.FlavourMariaDB, Release: 101100, WsrepOn: model.On, CanSeeAll: true},
				Status: model.Status{Ready: model.On},
				Slow:   model.Slow{Transactions: &model.Transactions{}},
			},
		})
	}
	return world{s}
}

func (w world) on(node int) *model.Sample { return w.Nodes[node-1].Sample }

// thread adds a thread; what is not given is a client's query that has been
// running for 5 s.
func (w world) thread(node int, p model.Process) model.ThreadKey {
	if p.User == "" {
		p.User = "app"
	}
	if p.Host == "" && p.User != model.SystemUser {
		p.Host = "10.0.0.9:4711"
	}
	if p.Command == "" {
		p.Command, p.Time, p.Query = "Query", 5*time.Second, "SELECT secret FROM cards"
	}
	rows := &w.on(node).Processes.Rows
	*rows = append(*rows, p)
	return model.ThreadKey{Node: w.Nodes[node-1].ID, Thread: p.ID}
}

func (w world) transaction(node int, t model.Transaction) {
	rows := &w.on(node).Slow.Transactions.Rows
	*rows = append(*rows, t)
}

// later is the world some time on, its samples taken anew.
func (w world) later(d time.Duration) world {
	s := *w.Snapshot
	s.Tick++
	s.At = s.At.Add(d)
	s.Nodes = slices.Clone(s.Nodes)
	for i, n := range s.Nodes {
		node, sample := *n, *n.Sample
		sample.At = sample.At.Add(d)
		sample.Processes.Rows = slices.Clone(sample.Processes.Rows)
		for j := range sample.Processes.Rows {
			sample.Processes.Rows[j].Time += d
		}
		node.Sample = &sample
		s.Nodes[i] = &node
	}
	return world{&s}
}

func auditIn(t *testing.T) *Audit {
	t.Helper()
	return &Audit{Path: filepath.Join(t.TempDir(), "state", "audit.jsonl")}
}
