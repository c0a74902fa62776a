package demo

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

// Verb is what an Action does.
type Verb string

// The actions on a simulated cluster.
const (
	Crash      Verb = "crash"       // kill -9: connections are reset, the group has to find out
	Stop       Verb = "stop"        // a clean shutdown: the group re-forms at once
	Launch     Verb = "launch"      // a stopped node's process; it joins by IST or SST
	Wipe       Verb = "wipe"        // remove grastate.dat of a stopped node: the next start needs an SST
	Hang       Verb = "hang"        // SIGSTOP: ports stay open, nothing answers
	Resume     Verb = "resume"      // SIGCONT
	Partition  Verb = "partition"   // cut Nodes off from the others
	Heal       Verb = "heal"        // all networks work again
	Slow       Verb = "slow"        // the node's disk works at Value times its normal speed
	Desync     Verb = "desync"      // wsrep_desync=ON
	Resync     Verb = "resync"      // wsrep_desync=OFF
	Evict      Verb = "evict"       // the group votes the node out as inconsistent
	Bootstrap  Verb = "bootstrap"   // pc.bootstrap on a node outside of a Primary Component
	NewCluster Verb = "new cluster" // start a stopped node as a cluster of its own
	AddNode    Verb = "add node"    // an empty node joins by SST; Node may name it
	Runaway    Verb = "runaway"     // a report begins that never ends
	LockRows   Verb = "lock rows"   // an open transaction keeps row locks and sleeps
	Calm       Verb = "calm"        // end the node's runaway and lock holders
	Load       Verb = "load"        // the shop's traffic becomes Value times the normal
	Scatter    Verb = "scatter"     // cut every node off from every other
	Halve      Verb = "halve"       // cut the nodes into two halves
	StartAlone Verb = "start alone" // start a stopped node with an empty gcomm:// in its configuration
	Strand     Verb = "strand"      // kill -9 a joiner while its donor's SST script hangs on
	Release    Verb = "release"     // end the donor's SST script
	Freeze     Verb = "freeze"      // FLUSH TABLES WITH READ LOCK by a backup
	LockTables Verb = "lock tables" // LOCK TABLES by a client that then sleeps
	Alter      Verb = "alter"       // ALTER TABLE in total order isolation
	Contend    Verb = "contend"     // Value is the share of write-sets that collide on hot rows
	Lag        Verb = "lag"         // the node's network delays messages by Value seconds
	Flush      Verb = "flush"       // FLUSH STATUS, replicated
	Leak       Verb = "leak"        // clients take connections up to Value times max_connections
	Set        Verb = "set"         // SET GLOBAL Text ("name=value")
	Configure  Verb = "configure"   // Text ("name=value") into the node's option file; "name" takes it out again
	MarkSafe   Verb = "mark safe"   // safe_to_bootstrap: 1 in a stopped node's grastate.dat
	Age        Verb = "age"         // a stopped node's data are Value write-sets older than they were
	Stall      Verb = "stall"       // nothing comes to a joiner any more, and its donor has forgotten it
	Unplug     Verb = "unplug"      // the node's host cannot be reached for commands
	Plug       Verb = "plug"        // it can again
)

// Action is something that happens to a simulated cluster.
type Action struct {
	Do    Verb     `json:"do"`
	Node  string   `json:"node,omitempty"`  // "!db1": all data nodes but db1
	Nodes []string `json:"nodes,omitempty"` // for Partition
	Value float64  `json:"value,omitempty"` // for Slow, Load, Contend, Lag and Leak
	Text  string   `json:"text,omitempty"`  // for Set
}

// The roles of threads in incidents.
const (
	roleRunaway = "runaway"
	roleLocker  = "locker"
	roleFreezer = "freezer"
	roleTables  = "tables"
	roleDDL     = "ddl"
	roleLeaked  = "leaked"
)

// verb is a row of the table of actions: when it makes sense, and its effect.
type verb struct {
	anywhere bool // needs no node
	when     func(*node) bool
	do       func(*engine, *node, Action)
}

func running(n *node) bool   { return n.life == lifeRunning && !n.hung }
func receiving(n *node) bool { return n.join != nil && n.join.donor != nil }
func stopped(n *node) bool   { return n.life == lifeStopped }
func old(n *node) bool       { return stopped(n) && n.history != "" }

var verbs = map[Verb]verb{
	Crash:  {when: func(n *node) bool { return !stopped(n) }, do: func(_ *engine, n *node, _ Action) { n.crash() }},
	Stop:   {when: running, do: func(_ *engine, n *node, _ Action) { n.quit(false) }},
	Launch: {when: stopped, do: func(_ *engine, n *node, _ Action) { n.start() }},
	Wipe:   {when: stopped, do: func(_ *engine, n *node, _ Action) { n.emptyData() }},
	Hang:   {when: running, do: func(_ *engine, n *node, _ Action) { n.hung = true }},
	Resume: {when: func(n *node) bool { return n.hung }, do: func(e *engine, n *node, _ Action) { e.awaken(n) }},
	Partition: {anywhere: true, do: func(e *engine, _ *node, a Action) {
		cut := 0
		for _, n := range e.nodes {
			cut = max(cut, n.cut)
		}
		for _, n := range e.nodes {
			if slices.Contains(a.Nodes, n.name) {
				n.cut = cut + 1
			}
		}
	}},
	Heal: {anywhere: true, do: func(e *engine, _ *node, _ Action) {
		for _, n := range e.nodes {
			n.cut, n.isolated = 0, false
		}
	}},
	Slow:       {do: func(_ *engine, n *node, a Action) { n.speed = a.Value }},
	Desync:     {when: (*node).ready, do: func(_ *engine, n *node, _ Action) { n.setDesync(true) }},
	Resync:     {when: (*node).ready, do: func(_ *engine, n *node, _ Action) { n.setDesync(false) }},
	Evict:      {when: (*node).ready, do: func(e *engine, n *node, _ Action) { e.voteOut(n) }},
	Bootstrap:  {when: func(n *node) bool { return n.view != nil && !n.view.primary }, do: func(e *engine, n *node, _ Action) { e.bootstrap(n.view) }},
	NewCluster: {when: stopped, do: func(e *engine, n *node, _ Action) { e.found(n) }},
	AddNode:    {anywhere: true, do: func(e *engine, _ *node, a Action) { e.add(a.Node) }},
	Runaway:    {when: (*node).serving, do: func(_ *engine, n *node, _ Action) { n.runaway() }},
	LockRows:   {when: (*node).serving, do: func(_ *engine, n *node, _ Action) { n.lockRows() }},
	Calm:       {do: func(_ *engine, n *node, _ Action) { n.calm() }},
	Load:       {anywhere: true, do: func(e *engine, _ *node, a Action) { e.factor = a.Value }},
	Scatter:    {anywhere: true, do: func(e *engine, _ *node, _ Action) { e.scatter() }},
	Halve:      {anywhere: true, do: func(e *engine, _ *node, _ Action) { e.halve() }},
	StartAlone: {when: stopped, do: func(e *engine, n *node, _ Action) { e.startAlone(n) }},
	Strand:     {when: receiving, do: func(_ *engine, n *node, _ Action) { n.join.donor = nil; n.crash() }},
	Release:    {when: func(n *node) bool { return n.donating > 0 }, do: func(_ *engine, n *node, _ Action) { n.release() }},
	Freeze:     {when: (*node).serving, do: func(_ *engine, n *node, _ Action) { n.freeze() }},
	LockTables: {when: (*node).serving, do: func(_ *engine, n *node, _ Action) { n.lockTables() }},
	Alter:      {when: (*node).serving, do: func(e *engine, n *node, _ Action) { e.alter(n) }},
	Contend:    {anywhere: true, do: func(e *engine, _ *node, a Action) { e.rivalry = a.Value }},
	Lag:        {do: func(_ *engine, n *node, a Action) { n.lag = a.Value }},
	Flush:      {when: (*node).ready, do: func(_ *engine, n *node, _ Action) { n.flushStatus(false) }},
	Leak:       {when: (*node).serving, do: func(_ *engine, n *node, a Action) { n.leak(a.Value) }},
	Configure:  {do: func(_ *engine, n *node, a Action) { n.configure(a.Text) }},
	MarkSafe: {when: old, do: func(_ *engine, n *node, _ Action) {
		g := n.readGrastate()
		g.safe = true
		n.writeGrastate(g)
	}},
	Age:    {when: old, do: func(_ *engine, n *node, a Action) { n.age(int64(a.Value)) }},
	Stall:  {when: receiving, do: func(_ *engine, n *node, _ Action) { n.stall() }},
	Unplug: {do: func(_ *engine, n *node, _ Action) { n.dark = true }},
	Plug:   {do: func(_ *engine, n *node, _ Action) { n.dark = false }},
	Set:    {when: running, do: func(_ *engine, n *node, a Action) { n.setGlobal(a.Text) }},
}

// act carries an action out, or says why it makes no sense now.
func (e *engine) act(a Action) error {
	if but, ok := strings.CutPrefix(a.Node, "!"); ok {
		return e.actOnOthers(but, a)
	}
	v, ok := verbs[a.Do]
	if !ok {
		return fmt.Errorf("unknown action %q", a.Do)
	}
	n := e.node(a.Node)
	switch {
	case v.anywhere:
	case n == nil:
		return fmt.Errorf("%s: no node %q", a.Do, a.Node)
	case v.when != nil && !v.when(n):
		return fmt.Errorf("%s: %s is not in a state for it", a.Do, a.Node)
	}
	v.do(e, n, a)
	return nil
}

func (e *engine) actOnOthers(but string, a Action) error {
	var err error
	for _, n := range slices.Clone(e.nodes) {
		if !n.arbitrator && n.name != but {
			a.Node = n.name
			err = errors.Join(err, e.act(a))
		}
	}
	return err
}

func (n *node) crash() {
	n.settleAccounts()
	n.end(true)
}

// configure changes the option file, which the next start reads.
func (n *node) configure(text string) {
	if name, value, is := strings.Cut(text, "="); is {
		n.disk.options[name] = value
	} else {
		delete(n.disk.options, name)
	}
}

// age makes the data of a stopped node older.
func (n *node) age(by int64) {
	n.committed = max(n.committed-by, 0)
	n.rows = n.rows.until(n.committed)
	if g := n.readGrastate(); g.seqno >= 0 {
		g.seqno = n.committed
		n.writeGrastate(g)
	}
}

// stall leaves a joiner waiting for a donor that is a donor no more.
func (n *node) stall() {
	n.join.donor.release()
	n.join.donor, n.join.stalled = nil, true
}

// setDesync is SET GLOBAL wsrep_desync: a desynced node throttles nobody; back
// in sync it first drains its queue.
func (n *node) setDesync(on bool) {
	n.desynced = on
	delete(n.variables, "wsrep_desync") // an older SET no longer says what is so
	switch {
	case on:
		n.state, n.requested = model.StateDonor, false
	case n.state == model.StateDonor && n.desyncCount() == 0:
		n.state = model.StateJoined
	}
}

// voteOut is what follows when a node's apply failed and the group's did not:
// the node leaves, its port stays open.
func (e *engine) voteOut(n *node) {
	seqno := n.committed
	e.leave(n)
	n.votedOut(seqno)
	n.state, n.evicted, n.history, n.committed, n.queue = model.StateInconsistent, true, "", -1, 0
	e.say(n.name + ": voted out as inconsistent")
}

// found starts a node with an empty gcomm://, whatever safe_to_bootstrap says: a
// Primary Component of one.
func (e *engine) found(n *node) {
	n.start()
	n.loaded = true
	g := n.readGrastate()
	n.blank = g.uuid == "" || g.uuid != n.history
	n.establish()
}

// lead makes a node a Primary Component of its own.
func (e *engine) lead(n *node) {
	n.drain()
	n.state, n.uuid, n.wakes = model.StateSynced, n.named(e.rng.uuid()), 0
	e.install(&view{primary: true, conf: 1, seqno: n.committed, branch: e.newBranch(), members: []*node{n}})
	n.fillThreads()
}

// startAlone is what configuration management does that leaves gcomm:// in
// my.cnf: the node founds a cluster and shows so for as long as it runs.
func (e *engine) startAlone(n *node) {
	e.found(n)
	n.variables["wsrep_cluster_address"] = emptyAddress
}

// add makes a new, empty node and starts it.
func (e *engine) add(name string) {
	if name == "" {
		name = fmt.Sprintf("db%d", len(e.nodes)+1)
	}
	if e.node(name) != nil {
		return
	}
	n := e.newNode(name, len(e.nodes))
	n.committed = -1
	n.start()
}

// emptyAddress founds a new cluster.
const emptyAddress = "gcomm://"

// reconnect is SET GLOBAL wsrep_cluster_address: out of the group and in again.
// An empty gcomm:// founds a cluster where safe_to_bootstrap allows it: on the
// last member. Elsewhere the node stays outside, which only its log tells.
func (n *node) reconnect() {
	alone := n.view != nil && n.view.primary && len(n.view.members) == 1
	n.settleAccounts()
	n.remove(gvwstateFile)
	n.e.leave(n)
	n.state, n.join, n.requested, n.donating = model.StateInitialized, nil, false, 0
	if !n.evicted && (alone || !n.founding) {
		n.wakes, n.gaveUp = n.e.now+time.Second, n.e.now+waitPrimary
	}
}

const runawayText = "SELECT c.email, COUNT(*) AS n, SUM(i.quantity * i.price_cents) AS revenue FROM shop.customers c " +
	"JOIN shop.orders o ON o.customer_id = c.id JOIN shop.order_items i ON i.order_id = o.id " +
	"LEFT JOIN analytics.page_views v ON v.customer_id = c.id WHERE LOWER(c.email) LIKE '%@example.com' " +
	"GROUP BY c.email HAVING n > 3 ORDER BY revenue DESC"

// runaway begins a report without an index that runs until it is killed.
func (n *node) runaway() {
	t := n.pin(roleRunaway, "report")
	n.nextQuery++
	t.running, t.query, t.schema, t.text, t.state = true, n.nextQuery, "analytics", runawayText, "Creating tmp table"
	t.memory = 2 << 30
	t.since, n.hot = n.e.now, true
}

// lockRows opens a transaction that changed much stock and then waits for its
// client: only ending the connection helps, KILL QUERY does not.
func (n *node) lockRows() {
	t := n.pin(roleLocker, "shop_admin")
	n.rest(t, 0)
	t.schema, t.opened, t.modified, t.locked, t.locks = "inventory", n.e.now-2*time.Second, 18_400, 36_912, true
	n.lockers = append(n.lockers, t)
}

// pin takes a client thread, or a new one, out of normal life for an incident.
func (n *node) pin(role, user string) *thread {
	t := n.newClient(clientOf(user))
	t.role, t.until = role, forever
	n.clients = append(n.clients, t)
	return t
}

func (n *node) calm() {
	for _, t := range slices.Clone(n.clients) {
		if t.role != "" {
			n.drop(t)
		}
	}
	n.hot = false
}

// leak fills the node with connections that their clients forgot to close.
func (n *node) leak(share float64) {
	limit := share * leadingNumber(n.e.face.variable("max_connections").value(n, nil))
	for len(n.clients)+len(n.reals) < int(limit) {
		n.rest(n.pin(roleLeaked, clients[0].user), 0)
	}
}

// maxUsed is Max_used_connections.
func (n *node) maxUsed() int64 {
	n.count.maxUsed = max(n.count.maxUsed, int64(len(n.clients)+len(n.reals)))
	return n.count.maxUsed
}

// setGlobal is SET GLOBAL by an admin; what the server refuses has no effect.
func (n *node) setGlobal(text string) {
	name, value, _ := strings.Cut(text, "=")
	v := n.e.face.variable(name)
	if v == nil {
		return
	}
	if value, ok := v.accepts(value); ok {
		_ = (&session{node: n, vars: make(map[string]string)}).assign(assignment{true, v, value})
	}
}

// hotText is the statement that everyone runs on one row in a storm of
// conflicts.
const hotText = "UPDATE stock SET quantity = quantity - 1, updated_at = NOW() WHERE product_id = 4711 AND warehouse_id = 1"

// compete turns some of the writes into one on the hot row.
func (n *node) compete(t *thread) {
	if n.e.rivalry > 0 && t.tmpl.writes() && t.user == clients[0].user && n.e.rng.IntN(2) == 0 {
		t.schema, t.text = "inventory", hotText
	}
}
