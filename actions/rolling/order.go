package rolling

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

// Name is the kind of the procedure in the audit log.
const Name = "rolling-restart"

// The states of the procedure in the audit log.
const (
	Begun   = "begun"
	Paused  = "paused"
	Aborted = "aborted"
	Ended   = "done"
)

// Order is what was ordered: the details of the procedure in the audit log.
type Order struct {
	Nodes   []Member `json:"nodes"` // in the order of their turns
	Upgrade bool     `json:"upgrade"`
	// Drain is how long the clients of a drained node get to go away; 0: nodes are not
	// drained.
	Drain time.Duration `json:"drain_ns"`
	// Settle is how long a node that has just joined is left alone before the next one
	// goes: it could be made its donor.
	Settle time.Duration `json:"settle_ns"`
}

// The usual times.
const (
	DrainFor  = 10 * time.Second
	SettleFor = 30 * time.Second
)

// Member is a node that gets its turn.
type Member struct {
	Name    string `json:"name"`
	Address string `json:"address"`
}

func orderOf(p *actions.Procedure) (*Order, error) {
	var o Order
	if err := json.Unmarshal(p.Details, &o); err != nil || p.Kind != Name || len(o.Nodes) == 0 {
		return nil, fmt.Errorf("the audit log does not tell which nodes the procedure %s is about", p.ID)
	}
	return &o, nil
}

// Turns are the nodes of a cluster in the order of their turns: those that write
// little first, the one that takes the writes last, so that its clients have to go
// elsewhere only once; the nodes of a segment one after the other.
func Turns(s *model.Snapshot) []Member {
	nodes := slices.Clone(s.Nodes)
	writes := map[int64]float64{}
	for _, n := range nodes {
		writes[segment(n)] += n.Rates.Replicated.V
	}
	slices.SortStableFunc(nodes, func(a, b *model.Node) int {
		if x, y := segment(a), segment(b); x != y {
			return cmp.Or(cmp.Compare(writes[x], writes[y]), cmp.Compare(x, y))
		}
		return cmp.Or(
			cmp.Compare(a.Rates.Replicated.V, b.Rates.Replicated.V),
			cmp.Compare(a.Status().ThreadsConnected.Or(0), b.Status().ThreadsConnected.Or(0)),
			model.CompareNatural(a.Name, b.Name),
		)
	})
	out := make([]Member, len(nodes))
	for i, n := range nodes {
		out[i] = Member{n.Name, n.Address}
	}
	return out
}

func segment(n *model.Node) int64 { return n.Status().Segment.Or(0) }

// Begin writes into the log that a rolling restart begins. Another one that was not
// brought to an end is an error: it goes on, or is aborted first.
func Begin(a *actions.Audit, cluster string, o Order, now time.Time) (*actions.Procedure, error) {
	h, err := a.History(cluster)
	if err != nil {
		return nil, err
	}
	if open := Open(h); open != nil {
		return nil, fmt.Errorf("a rolling restart that was begun at %s has not ended: go on with it, or abort it", open.At.Format(time.DateTime))
	}
	p, err := Draft(o)
	if err != nil {
		return nil, err
	}
	return p, Set(a, cluster, p, Begun, now)
}

// Draft is a rolling restart that nothing is written down about, to see what its
// first move would be.
func Draft(o Order) (*actions.Procedure, error) {
	if len(o.Nodes) == 0 {
		return nil, errors.New("there is no node to restart")
	}
	p := actions.NewProcedure(Name)
	p.State = Begun
	var err error
	p.Details, err = json.Marshal(o)
	return &p, err
}

// Open is the rolling restart that was begun and has not ended; nil: there is none.
func Open(h *actions.History) *actions.Procedure {
	for _, p := range slices.Backward(h.Procedures) {
		if p.Kind == Name && (p.State == Begun || p.State == Paused) {
			return &p
		}
	}
	return nil
}

// Set writes a new state into the log: Paused, Begun to go on, Aborted or Ended. To
// abort leaves everything as it is; a node that is stopped then stays so, which the
// last move says.
func Set(a *actions.Audit, cluster string, p *actions.Procedure, state string, now time.Time) error {
	p.State, p.At = state, now
	return a.Tell(cluster, *p, now)
}
