package rolling

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/model"
)

// Kind is the kind of a move.
type Kind int

// The kinds of moves.
const (
	Wait     Kind = iota // nothing is to be done now; Why says what is waited for
	Act                  // Plan is to be run
	Stopped              // a person has to look: paused, or a move failed
	Refused              // it cannot go on as it was ordered
	Finished             // every node has had its turn, or it was aborted
)

// Move is what is to be done next.
type Move struct {
	Kind Kind
	Node string        // name of the node whose turn it is; "" if nobody's
	Plan *actions.Plan // of Act
	Why  string        // in words
	Done []string      // what came of each node that had its turn: "db3: it came back by IST"
	Left []string      // names of the nodes whose turn is still to come, this one's first
}

// View is all that a move is decided on.
type View struct {
	Snapshot *model.Snapshot
	Session  actions.Session
	History  *actions.History // of the audit log
	Now      time.Time
	Hosts    *actions.Hosts
	Readings []*actions.Reading
	Apart    []string // Runner.Apart
	Others   *actions.Others
}

// calmQueue is how many write-sets may wait to be applied on a node of a calm
// cluster.
const calmQueue = 10

// Next is the move that follows.
func Next(v *View, p *actions.Procedure) Move {
	o, err := orderOf(p)
	if err != nil {
		return Move{Kind: Refused, Why: err.Error()}
	}
	t := &turn{View: v, procedure: p, order: o}
	t.sort()
	m := t.move()
	m.Done, m.Left = t.done, t.left
	return m
}

// turn is the state of a procedure.
type turn struct {
	*View
	procedure *actions.Procedure
	order     *Order
	runs      []actions.PastRun // of the procedure
	done      []string
	left      []string
	member    Member      // whose turn it is
	node      *model.Node // the same, on the screen; nil: nobody's turn, or not there
	last      *actions.PastRun
}

// sort finds out who had its turn.
func (t *turn) sort() {
	for i := range t.History.Runs {
		if r := &t.History.Runs[i]; r.Part == t.procedure.ID {
			t.runs = append(t.runs, *r)
		}
	}
	if len(t.runs) > 0 {
		t.last = &t.runs[len(t.runs)-1]
	}
	for _, member := range t.order.Nodes {
		if how, back := t.isBack(member); back {
			t.done = append(t.done, member.Name+": "+how)
			continue
		}
		t.left = append(t.left, member.Name)
		if len(t.left) == 1 {
			t.member, t.node = member, t.find(member)
		}
	}
}

// find is the node of a member of the order; nil: it is not on the screen.
func (t *turn) find(m Member) *model.Node {
	for _, n := range t.Snapshot.Nodes {
		if n.Address == m.Address || n.Name == m.Name && m.Name != "" {
			return n
		}
	}
	return nil
}

// of are the runs of an action for a member, the newest last. A console that was
// started while the server was stopped knows no name of it but its address.
func (t *turn) of(m Member, ids ...string) []actions.PastRun {
	return slices.DeleteFunc(slices.Clone(t.runs), func(r actions.PastRun) bool {
		return !slices.Contains(ids, r.Action) || len(r.Steps) == 0 || r.Steps[0].Node != m.Name && r.Steps[0].Node != m.Address
	})
}

// isBack reports whether a node was stopped and started since the procedure began:
// by the log, or where that was cut off, by the server's own word.
func (t *turn) isBack(m Member) (how string, back bool) {
	stops, starts := t.of(m, actions.StopService), t.of(m, actions.Start)
	if len(stops) == 0 {
		return "", false
	}
	stop := stops[len(stops)-1]
	if len(starts) > 0 && starts[len(starts)-1].Stage == actions.Done.String() && starts[len(starts)-1].Began.After(stop.Began) {
		return starts[len(starts)-1].Text, true
	}
	n := t.find(m)
	if n == nil || !n.Synced() || !t.startedAfter(n, stop.Began) || t.order.Upgrade && !t.wasUpgraded(m) {
		return "", false
	}
	return "Synced; by which way it came back was not seen", true
}

// startedAfter reports whether a server began to run after a moment.
func (t *turn) startedAfter(n *model.Node, moment time.Time) bool {
	up := n.Status().Uptime
	return up.Known && n.Sample.At.Add(-time.Duration(up.V)*time.Second).After(moment)
}

func (t *turn) wasUpgraded(m Member) bool {
	return slices.ContainsFunc(t.of(m, actions.Upgrade), func(r actions.PastRun) bool { return r.Stage == actions.Done.String() })
}

// move decides.
func (t *turn) move() Move {
	switch t.procedure.State {
	case Aborted:
		return Move{Kind: Finished, Why: "aborted; " + t.remaining()}
	case Paused:
		return Move{Kind: Stopped, Why: "paused; " + t.remaining()}
	}
	if len(t.left) == 0 {
		return t.calmOr(Move{Kind: Finished, Why: "all nodes have been restarted"})
	}
	if t.order.Upgrade && len(t.Hosts.Own[host.Upgrade]) == 0 {
		return Move{Kind: Refused, Node: t.left[0], Why: "no upgrade command is configured: set upgrade under the cluster's service in config.toml"}
	}
	if t.node == nil {
		return Move{Kind: Refused, Node: t.left[0], Why: t.left[0] + " is not on the screen any more"}
	}
	if why := t.failure(); why != "" {
		return Move{Kind: Stopped, Node: t.member.Name, Why: why}
	}
	if t.Others != nil && len(t.Others.Busy) > 0 {
		return t.wait(strings.Join(t.Others.Busy, "; "))
	}
	if t.isDown() {
		return t.comeBack()
	}
	return t.goAway()
}

// remaining says where the node is whose turn it is.
func (t *turn) remaining() string {
	if t.node == nil {
		return "no node has its turn"
	}
	if t.isDown() {
		return t.member.Name + " IS STOPPED and has to be started"
	}
	if len(t.left) == len(t.order.Nodes) {
		return "no node was stopped yet"
	}
	return t.member.Name + " would be next"
}

// failure says which move failed since a person last said to go on.
func (t *turn) failure() string {
	if t.last == nil || !t.last.Ended || t.last.Stage == actions.Done.String() || t.last.Began.Before(t.procedure.At) {
		return ""
	}
	return fmt.Sprintf("%q did not succeed: %s; look at it, then go on", t.last.Title, t.last.Text)
}

func (t *turn) wait(why string) Move {
	return Move{Kind: Wait, Node: t.member.Name, Why: why}
}

// isDown reports whether the node was stopped by this procedure and does not
// answer.
func (t *turn) isDown() bool { return !t.node.Up() && len(t.of(t.member, actions.StopService)) > 0 }

// comeBack upgrades and starts the node that was stopped.
func (t *turn) comeBack() Move {
	if t.order.Upgrade && !t.wasUpgraded(t.member) {
		return t.host(actions.Upgrade)
	}
	return t.host(actions.Start)
}

// goAway drains and stops the node, when all others are well.
func (t *turn) goAway() Move {
	if started := t.of(t.member, actions.Start, actions.Upgrade); len(started) > 0 && !t.node.Synced() {
		return t.wait(t.node.Name + " is on its way in: it is " + t.node.Status().ClusterStatus + ", " + t.node.Status().State().String())
	}
	calm := t.calmOr(Move{Kind: Act})
	if calm.Kind != Act {
		return calm
	}
	if why := t.costsSST(); why != "" {
		return t.wait(why)
	}
	if t.order.Drain <= 0 {
		return t.host(actions.StopService)
	}
	drains := t.of(t.member, drain)
	if len(drains) == 0 || drains[len(drains)-1].Stage != actions.Done.String() {
		return t.act(actions.PlanNode(t.Snapshot, t.Session, t.node.ID, drain, ""))
	}
	if rest := t.order.Drain - t.Now.Sub(drains[len(drains)-1].Last); rest > 0 {
		return t.wait(fmt.Sprintf("%s is drained; its clients get %s more to go away", t.member.Name, rest.Round(time.Second)))
	}
	return t.host(actions.StopService)
}

// shortestStop is how long a node is away at least.
const shortestStop = time.Minute

// costsSST says why the node would not come back by IST after a short stop; "" if it
// would.
func (t *turn) costsSST() string {
	f := model.ForecastJoin(t.Snapshot, model.JoinerOf(t.node), model.GroupRate(t.Snapshot))
	words := f.Words(t.Snapshot)
	switch {
	case f.Kind != model.ProspectIST:
		return t.member.Name + " would not come back by IST: " + words
	case f.Rate.Known && !f.Endless && f.Full && f.Span < shortestStop:
		return t.member.Name + " would hardly come back by IST: " + words
	}
	return ""
}

const drain = "drain" // the action over SQL

// calmOr is the move, once all nodes are Synced with nothing to apply, nobody is
// being served, and whoever came last is settled.
func (t *turn) calmOr(m Move) Move {
	for _, n := range t.Snapshot.Nodes {
		queue := n.Status().RecvQueue
		switch {
		case !n.Up():
			return t.wait(n.Name + " does not answer: every node has to be there before one goes")
		case !n.Synced():
			return t.wait(n.Name + " is " + n.Status().ClusterStatus + ", " + n.Status().State().String())
		case !queue.Known || queue.V > calmQueue:
			return t.wait(fmt.Sprintf("%s has %d write-sets to apply", n.Name, queue.Or(0)))
		}
	}
	for i := range t.Snapshot.Transfers {
		return t.wait(t.Snapshot.Transfers[i].Donor + " serves " + t.Snapshot.Transfers[i].Joiner)
	}
	for i := range slices.Backward(t.runs) {
		r := &t.runs[i]
		if r.Action != actions.Start {
			continue
		}
		if rest := t.order.Settle - t.Now.Sub(r.Last); rest > 0 && m.Kind != Finished {
			return t.wait(fmt.Sprintf("%s has just joined and may become the next donor; it is left alone for %s more", r.Steps[0].Node, rest.Round(time.Second)))
		}
		break
	}
	return m
}

// host is an operation on the node's host.
func (t *turn) host(id string) Move {
	return t.act(actions.PlanHost(t.Snapshot, t.Session, actions.HostOrder{
		ID: id, Node: t.node.ID, Hosts: t.Hosts, Readings: t.Readings, Apart: t.Apart, Others: t.Others,
	}))
}

// act is a plan as a move. One that is refused now is waited for: what is in its
// way is shown, and may pass.
func (t *turn) act(p *actions.Plan) Move {
	p.Part = t.procedure.ID
	if why := p.Refuse(); why != "" {
		if t.Session.ReadOnly || !t.Hosts.Known() {
			return Move{Kind: Refused, Node: t.member.Name, Why: why}
		}
		return t.wait(p.Title + " has to wait: " + why)
	}
	return Move{Kind: Act, Node: t.member.Name, Plan: p, Why: p.Title}
}
