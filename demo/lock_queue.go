package demo

import (
	"strings"
	"time"
)

// Incidents of locks that queue up on one node.
const (
	ChainRows Verb = "chain rows" // a row lock in one schema holds up one in another
	ReadIdle  Verb = "read idle"  // a transaction that has read shop.orders sleeps
	AlterHere Verb = "alter here" // ALTER TABLE on this node only (wsrep_OSU_method=RSU)
)

// Roles of threads in these incidents.
const (
	roleEnd    = "end of a chain"
	roleMiddle = "middle of a chain"
	roleReader = "reader"
	roleAlter  = "alter"
	roleQueued = "queued"
)

func init() {
	verbs[ChainRows] = verb{when: (*node).serving, do: func(_ *engine, n *node, _ Action) { n.chainRows() }}
	verbs[ReadIdle] = verb{when: (*node).serving, do: func(_ *engine, n *node, _ Action) { n.readIdle() }}
	verbs[AlterHere] = verb{when: (*node).serving, do: func(_ *engine, n *node, _ Action) { n.alterHere() }}
}

const (
	chainText = "UPDATE shop.orders SET status = 'shipped', shipped_at = NOW() WHERE id = 881204"
	hereText  = "ALTER TABLE shop.orders ADD INDEX status_created (status, created_at)"
)

// chainRows makes a chain: an admin's transaction holds an order, a shipping job
// that has locked stock waits for it, and whoever sells waits for that job.
func (n *node) chainRows() {
	if n.role(roleEnd) != nil {
		return
	}
	end := n.pin(roleEnd, "shop_admin")
	n.rest(end, 0)
	end.opened, end.modified, end.locked = n.e.now-2*time.Second, 1, 1
	middle := n.pin(roleMiddle, "shop_app")
	n.nextQuery++
	middle.running, middle.query, middle.text, middle.state = true, n.nextQuery, chainText, n.e.face.states[waitRow]
	middle.since, middle.opened, middle.locked = n.e.now, n.e.now-time.Second, 214
	middle.tmpl = writing()
	n.lockers = append(n.lockers, middle)
}

// writing is some statement that writes.
func writing() *template {
	for i := range templates {
		if templates[i].writes() {
			return &templates[i]
		}
	}
	return nil
}

// readIdle is a report that read a table in a transaction, and then went home.
func (n *node) readIdle() {
	t := n.pin(roleReader, "report")
	n.rest(t, 0)
	t.schema, t.opened = "shop", n.e.now-time.Second
}

// alterHere is a schema change outside of the total order, which no reader's
// transaction is aborted for.
func (n *node) alterHere() {
	t := n.pin(roleAlter, "shop_admin")
	n.nextQuery++
	t.running, t.query, t.schema, t.text, t.since, t.state = true, n.nextQuery, "shop", hereText, n.e.now, stateMetadata
}

// queueUp lets statements run into the queues for locks, and out of them once
// those are over.
func (n *node) queueUp() {
	if m := n.role(roleMiddle); m != nil && n.role(roleEnd) == nil {
		n.unlock(m)
		m.role, m.until, m.modified = "", n.e.now, 1
	}
	reader, alter := n.role(roleReader), n.role(roleAlter)
	if alter != nil && reader == nil {
		alter.role = ""
		n.rest(alter, 2)
		alter = nil
	}
	for _, t := range n.clients {
		switch {
		case alter == nil && t.role == roleQueued:
			t.role, t.state, t.until = "", "Sending data", n.e.now
		case alter != nil && t.role == "" && t.running && t.hold == "" && onOrders(t):
			t.role, t.state, t.since, t.until = roleQueued, stateMetadata, n.e.now, forever
		}
	}
}

// onOrders reports whether a thread's statement needs the table shop.orders.
func onOrders(t *thread) bool {
	schema, table := t.table()
	return (schema == "shop" && table == "orders") || strings.Contains(t.text, " shop.orders ") ||
		(t.schema == "shop" && strings.Contains(t.text, " orders "))
}
