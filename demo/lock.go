package demo

import (
	"slices"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

// ddl is a statement in total order isolation. Every member runs it at one place
// of the order, each at its own pace: a member that is done goes on, one that
// waits for a lock gets a queue and pauses the others by flow control.
type ddl struct {
	origin *node
	client *thread
	left   map[*node]time.Duration // work that each member still has; none when it is done
}

const (
	alterText = "ALTER TABLE shop.orders ADD COLUMN gift_note VARCHAR(200) NULL"
	alterTime = 15 * time.Second
	dumpText  = "SELECT /*!40001 SQL_NO_CACHE */ * FROM `orders`"

	stateAltering = "altering table"
	stateMetadata = "Waiting for table metadata lock"
)

// holds reports whether a client thread plays this role in an incident.
func (n *node) holds(role string) bool {
	return slices.ContainsFunc(n.clients, func(t *thread) bool { return t.role == role })
}

// freeze is FLUSH TABLES WITH READ LOCK by a backup that then reads on: the node
// desyncs itself while wsrep_desync stays OFF, and neither its clients nor its
// appliers can commit. The appliers do not say so: the provider
// is paused, so that they show the state of their last write-set.
func (n *node) freeze() {
	t := n.pin(roleFreezer, "backup")
	n.nextQuery++
	t.running, t.query, t.schema, t.text, t.state = true, n.nextQuery, "shop", dumpText, "Sending data"
	t.since = n.e.now
	n.thaw()
}

// thaw looks whether the global read lock is held; at its end the node has a
// queue to drain.
func (n *node) thaw() {
	n.setPaused(n.holds(roleFreezer))
	n.queueUp()
}

func (n *node) setPaused(on bool) {
	if n.frozen == on {
		return
	}
	n.frozen, n.frozenAt = on, n.e.now
	switch {
	case on && n.state == model.StateSynced:
		n.state, n.requested = model.StateDonor, false
	case !on && n.state == model.StateDonor && n.desyncCount() == 0:
		n.state = model.StateJoined
	}
}

// lockTables is LOCK TABLES by a client that then sleeps. It stands outside of
// transactions, and no brute-force abort ends it.
func (n *node) lockTables() {
	t := n.pin(roleTables, "report")
	n.rest(t, 0)
	t.schema = "shop"
}

// alter begins an ALTER TABLE in total order isolation.
func (e *engine) alter(n *node) {
	if e.ddl != nil {
		return
	}
	t := n.pin(roleDDL, "shop_admin")
	n.nextQuery++
	t.running, t.query, t.schema, t.text, t.since = true, n.nextQuery, "shop", alterText, e.now
	e.ddl = &ddl{origin: n, client: t, left: make(map[*node]time.Duration)}
	n.view.seqno++
	for _, m := range n.view.members {
		if !m.arbitrator {
			m.queue++
			e.ddl.left[m] = alterTime
		}
	}
}

// isolation is the DDL that this node's commits wait for; nil when none does.
func (n *node) isolation() *ddl {
	if d := n.e.ddl; d != nil && d.left[n] > 0 {
		return d
	}
	return nil
}

// isolate advances the DDL on every member. Nobody's lock on the table is broken
// by it: an applier cannot abort LOCK TABLES.
func (e *engine) isolate() {
	d := e.ddl
	if d == nil {
		return
	}
	for _, n := range e.nodes {
		switch {
		case d.left[n] <= 0:
		case n.view == nil || !alters(n):
			delete(d.left, n)
		case n.frozen || n.hung: // it has not come to the DDL yet
		case n.holds(roleTables):
			n.showDDL(d, stateMetadata)
		default:
			d.left[n] -= stepTime
			n.showDDL(d, stateAltering)
		}
		if d.left[n] <= 0 {
			n.endDDL(d)
			delete(d.left, n)
		}
	}
	if len(d.left) == 0 {
		e.ddl = nil
		e.say("the ALTER is done on all nodes")
	}
}

// alters reports whether the node still is in a state to run the DDL; a new
// process gets its outcome by a state transfer.
func alters(n *node) bool { return n.life == lifeRunning && n.join == nil }

// showDDL puts the statement into the thread that runs it: the client's where it
// was sent, an applier's on the other nodes.
func (n *node) showDDL(d *ddl, state string) {
	switch {
	case n == d.origin:
		d.client.state = state
	case len(n.system) > 0:
		if t := n.system[0]; !t.running {
			t.running, t.text, t.schema, t.since = true, alterText, "shop", n.e.now
		}
		n.system[0].state = state
	}
}

func (n *node) endDDL(d *ddl) {
	if n == d.origin && d.client.role == roleDDL && slices.Contains(n.clients, d.client) {
		d.client.role = ""
		n.rest(d.client, 2)
	}
	if n != d.origin && len(n.system) > 0 && n.system[0].running {
		t := n.system[0]
		t.running, t.text, t.schema, t.state, t.since = false, "", "", "", n.e.now
	}
}

// waitState is what the process list says of a client that waits. Only who needs
// the table waits for the DDL by name: the others have been ordered behind it.
func (n *node) waitState(t *thread, stall string) string {
	switch {
	case stall != waitTOI:
	case !strings.Contains(t.text, "orders"):
		stall = waitCertify
	case n.holds(roleTables):
		return stateMetadata
	}
	return n.e.face.states[stall]
}
