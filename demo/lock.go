package demo

import (
	"slices"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

// ddl is a statement in total order isolation: every member runs it at one
// place of the order, and all commits wait behind it.
type ddl struct {
	origin *node
	client *thread
	until  time.Duration // it is done then, unless a lock is in its way
}

const (
	alterText = "ALTER TABLE shop.orders ADD COLUMN gift_note VARCHAR(200) NULL"
	alterTime = 12 * time.Second
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
// appliers can commit (GALERA.md B, I7).
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
}

func (n *node) setPaused(on bool) {
	if n.frozen == on {
		return
	}
	n.frozen = on
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
	e.ddl = &ddl{origin: n, client: t, until: e.now + alterTime}
	n.view.seqno++
	for _, m := range n.view.members {
		if !m.arbitrator {
			m.queue++
		}
	}
}

// isolation is the DDL that commits on this node wait for; nil when none does.
func (n *node) isolation() *ddl {
	if d := n.e.ddl; d != nil && n.view != nil && d.origin.view == n.view {
		return d
	}
	return nil
}

// isolate advances the DDL: it is done when its time is over and nobody on any
// member holds a lock on its table.
func (e *engine) isolate() {
	d := e.ddl
	if d == nil {
		return
	}
	over := e.now >= d.until
	for _, n := range e.nodes {
		if n.isolation() == nil {
			n.endDDL()
			continue
		}
		state := stateAltering
		if n.holds(roleTables) {
			state, over = stateMetadata, false
		}
		n.showDDL(d, state)
	}
	if !over && d.origin.view != nil {
		return
	}
	e.ddl = nil
	for _, n := range e.nodes {
		n.endDDL()
	}
	if slices.Contains(d.origin.clients, d.client) {
		d.client.role = ""
		d.origin.rest(d.client, 2)
	}
	e.say(d.origin.name + ": the ALTER is done on all nodes")
}

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

func (n *node) endDDL() {
	if len(n.system) > 0 && n.system[0].running {
		t := n.system[0]
		t.running, t.text, t.schema, t.state, t.since = false, "", "", "", n.e.now
	}
}

// waitState is what the process list says of a client that waits.
func (n *node) waitState(t *thread, stall string) string {
	if stall == waitTOI && n.holds(roleTables) && strings.Contains(t.text, "orders") {
		return stateMetadata
	}
	return n.e.face.states[stall]
}
