package demo

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

const forever = time.Duration(1) << 62

// thread is one row of a node's process list.
type thread struct {
	id, query uint64
	node      *node
	user      string
	host      string
	schema    string
	running   bool
	text      string // of the statement
	state     string
	since     time.Duration
	until     time.Duration
	tmpl      *template
	hold      string        // what its commit waits for: a key of face.states
	opened    time.Duration // of its transaction; negative: none
	modified  int64
	locked    int64
	role      string // in an incident: such a thread does nothing by itself
	locks     bool   // others wait for its row locks
	system    bool
	idleState string
	real      *session
	killed    bool // ends as soon as it can
	memory    int64
}

const noTransaction = time.Duration(-1 << 62)

// client is who works with the shop: a row of the table of accounts.
type client struct {
	user, schema string
	hosts        []string
	share        int     // of the threads
	pause        float64 // seconds between statements
	templates    []int
}

var clients = []client{
	{user: "shop_app", schema: "shop", hosts: hosts("10.4.1.%d", 11, 8), share: 86, pause: 2.4},
	{user: "shop_admin", schema: "shop", hosts: hosts("10.4.2.%d", 21, 2), share: 7, pause: 6},
	{user: "report", schema: "analytics", hosts: hosts("10.4.7.%d", 5, 1), share: 5, pause: 25},
	{user: "backup", schema: "shop", hosts: hosts("10.4.9.%d", 3, 1), share: 2, pause: 140},
}

func hosts(pattern string, from, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf(pattern, from+i)
	}
	return out
}

func init() {
	for i := range clients {
		c := &clients[i]
		for j := range templates {
			for range templates[j].share {
				if templates[j].user == c.user {
					c.templates = append(c.templates, j)
				}
			}
		}
	}
}

// fillThreads brings the node's threads to their number: clients connect again
// after they lost their connection.
func (n *node) fillThreads() {
	if n.arbitrator {
		return
	}
	if len(n.system) == 0 {
		n.startSystem()
	}
	for n.serving() && len(n.clients) < n.e.threads {
		n.clients = append(n.clients, n.newClient(n.pickClient()))
	}
}

func (n *node) pickClient() *client {
	at := n.e.rng.IntN(100)
	for i := range clients {
		if at -= clients[i].share; at < 0 {
			return &clients[i]
		}
	}
	return &clients[0]
}

func (n *node) newClient(c *client) *thread {
	var t *thread
	if last := len(n.spare) - 1; last >= 0 {
		t, n.spare = n.spare[last], n.spare[:last]
	} else {
		t = new(thread)
	}
	n.nextID++
	n.count.connections++
	*t = thread{
		node: n, id: n.nextID, user: c.user, schema: c.schema, opened: noTransaction,
		host: fmt.Sprintf("%s:%d", c.hosts[n.e.rng.IntN(len(c.hosts))], 32768+n.e.rng.IntN(28000)),
	}
	n.rest(t, n.e.rng.exp(c.pause))
	t.since -= time.Duration(n.e.rng.exp(c.pause) * float64(time.Second))
	return t
}

// startSystem makes the appliers and the rollbacker.
func (n *node) startSystem() {
	id := uint64(0)
	add := func(idle string) {
		id++
		n.system = append(n.system, &thread{
			node: n, id: id, user: "system user", system: true, idleState: idle, since: n.started, opened: noTransaction, memory: 71064,
		})
	}
	add("")
	add("wsrep aborter idle")
	for i := 1; i < n.appliers(); i++ {
		add("")
	}
}

func (n *node) dropThreads() {
	n.clients, n.system, n.lockers, n.spare = nil, nil, nil, nil
	n.reals, n.quitting = nil, false // their connections end with the port
}

// rest puts a client thread to sleep.
func (n *node) rest(t *thread, seconds float64) {
	n.endRunaway(t)
	t.running, t.text, t.state, t.hold, t.tmpl = false, "", "", "", nil
	t.since, t.until = n.e.now, n.e.now+time.Duration(seconds*float64(time.Second))
	t.memory = 64<<10 + int64(t.id%7)*8192
}

// mood is what a node's client threads have to cope with at one time.
type mood struct {
	stall   string  // what commits wait for; "" when they flow
	through float64 // share of the waiting commits that got through all the same
	crowded bool    // the application's pool puts every connection to work
	goes    int     // connections that may end because the node serves nobody
}

func (n *node) mood() mood {
	m := mood{stall: n.stalled(), goes: 1 + n.e.threads/40}
	if m.stall == "" && n.paused-n.pausedThen > threadTime/5 {
		m.stall = waitFlow
	}
	// A pause is a sequence of short ones: some commits get through in between.
	m.through = float64(n.passed) / float64(n.passed+n.backlog+1)
	m.crowded = m.stall != "" && n.backlog >= n.crowd()/2
	return m
}

// refreshThreads looks after all client threads: statements end and begin.
func (n *node) refreshThreads() {
	if n.hung || n.life != lifeRunning {
		return
	}
	n.fillThreads()
	m := n.mood()
	n.thaw()
	n.hot, n.pausedThen, n.passed, n.stuck = n.burning(), n.paused, 0, 0
	for i := 0; i < len(n.clients); i++ {
		t := n.clients[i]
		if t.waitsForRow() {
			n.stuck++
		}
		free := t.hold != "" && (m.stall == "" || n.e.rng.Float64() < m.through)
		called := m.crowded && !t.running && t.user == clients[0].user && n.e.rng.IntN(4) == 0
		if t.role != "" || (t.until > n.e.now && !free && !called) {
			continue
		}
		if n.tend(t, &m, free) {
			n.drop(t) // the last thread takes its place in the list
			i--
		}
	}
}

// tend takes one thread a step further; gone is true when its connection ends.
func (n *node) tend(t *thread, m *mood, free bool) (gone bool) {
	switch {
	case t.killed:
		return true
	case free: // the commit goes through
		n.rest(t, n.e.rng.exp(1.2))
		t.opened = noTransaction
	case !n.serving():
		n.rest(t, 5+n.e.rng.exp(5))
		t.opened = noTransaction
		if m.goes > 0 && n.e.rng.IntN(3) == 0 {
			m.goes--
			return true
		}
	case t.running:
		return n.finish(t, m.stall)
	default:
		n.begin(t, m.stall)
	}
	return false
}

func clientOf(user string) *client {
	for i := range clients {
		if clients[i].user == user {
			return &clients[i]
		}
	}
	return &clients[0]
}

// begin starts a statement in a sleeping thread.
func (n *node) begin(t *thread, stall string) {
	c := clientOf(t.user)
	tmpl := &templates[c.templates[n.e.rng.IntN(len(c.templates))]]
	if tmpl.writes() && n.e.pace == 0 { // nobody writes
		n.rest(t, n.e.rng.exp(c.pause))
		return
	}
	n.nextQuery += 1 + uint64(n.e.rng.IntN(40))
	t.running, t.tmpl, t.query, t.schema = true, tmpl, n.nextQuery, tmpl.schema
	t.text, t.state = tmpl.variants[n.e.rng.IntN(variantsEach)], tmpl.state
	n.compete(t)
	took := n.e.rng.exp(tmpl.took / 1000)
	if n.hot {
		took *= 2.5
	}
	t.since = n.e.now - time.Duration(n.e.rng.Float64()*min(took, 0.2)*float64(time.Second))
	t.until = n.e.now + time.Duration(took*float64(time.Second))
	t.memory = 150<<10 + int64(min(took, 60)*300_000)
	if !tmpl.writes() {
		return
	}
	if t.opened == noTransaction {
		t.opened = n.e.now - time.Duration(n.e.rng.Float64()*0.3*float64(time.Second))
	}
	t.modified, t.locked = tmpl.affected, tmpl.affected+1
	switch {
	case stall != "":
		t.hold, t.state, t.until = stall, n.waitState(t, stall), forever
	case n.blocked(t):
		t.state, t.until, t.modified = n.e.face.states[waitRow], n.e.now+50*time.Second, 0
		t.locked = 1
		n.count.rowLockWaits++
	}
}

// finish ends a statement: a write may still have to wait for the group. Now and
// then a client closes its connection; another one follows.
func (n *node) finish(t *thread, stall string) (gone bool) {
	if t.tmpl != nil && t.tmpl.writes() && stall != "" {
		t.hold, t.state, t.until = stall, n.waitState(t, stall), forever
		return false
	}
	n.rest(t, n.e.rng.exp(clientOf(t.user).pause/max(n.e.pace, 0.1)))
	t.opened = noTransaction
	return n.e.rng.IntN(400) == 0
}

// blocked reports whether a statement of this thread runs into row locks that
// another thread holds.
func (n *node) blocked(t *thread) bool {
	return len(n.lockers) > 0 && t.tmpl.schema == "inventory" && !slices.Contains(n.lockers, t)
}

// waitsForRow reports whether the thread is in a row lock wait now.
func (t *thread) waitsForRow() bool {
	return t.running && t.hold == "" && !t.locks && t.tmpl != nil && t.tmpl.writes() && t.modified == 0
}

// drop ends a client's connection.
func (n *node) drop(t *thread) {
	n.endRunaway(t)
	if i := slices.Index(n.clients, t); i >= 0 {
		last := len(n.clients) - 1
		n.clients[i] = n.clients[last]
		n.clients = n.clients[:last]
	}
	n.unlock(t)
	n.spare = append(n.spare, t)
}

// unlock lets those go on that waited for the thread's row locks.
func (n *node) unlock(t *thread) {
	if i := slices.Index(n.lockers, t); i >= 0 {
		n.lockers = slices.Delete(n.lockers, i, i+1)
	}
	if t.locks = false; len(n.lockers) > 0 {
		return
	}
	for _, w := range n.clients {
		if w.waitsForRow() {
			w.until = n.e.now + time.Duration(n.e.rng.exp(0.3)*float64(time.Second))
			w.modified = w.tmpl.affected
		}
	}
}

// burning reports whether a runaway statement eats the node's CPU.
func (n *node) burning() bool {
	return slices.ContainsFunc(n.clients, func(t *thread) bool { return t.role == roleRunaway && t.running })
}

// numbers of the process list that SHOW STATUS tells.
func (n *node) threadCounts() (connected, running, waiting int) {
	connected = len(n.clients) + len(n.reals)
	for _, t := range n.clients {
		if t.running {
			running++
		}
		if t.waitsForRow() {
			waiting++
		}
	}
	return connected, running + 1, waiting
}

// command is the COMMAND of the process list.
func (t *thread) command() string {
	switch {
	case t.killed:
		return "Killed"
	case t.running && !t.system: // appliers sleep, whatever they do
		return "Query"
	}
	return "Sleep"
}

// seconds is how long the thread has been in its command.
func (t *thread) seconds() float64 {
	if t.system && !t.running && t.idleState == "" && t.node.queue > 0 {
		if t.node.frozen {
			return (t.node.e.now - t.node.frozenAt).Seconds()
		}
		return 0
	}
	return max((t.node.e.now - t.since).Seconds(), 0)
}

// stateNow is the STATE; an applier's is made when somebody looks.
func (t *thread) stateNow() value {
	switch {
	case !t.system || t.running:
		return textValue(t.state)
	case t.idleState != "":
		return textValue(t.idleState)
	}
	text, seqno := t.node.e.face.applierIdle, t.node.committed
	if t.node.queue > 0 && !t.node.frozen {
		text, seqno = t.node.e.face.applierBusy, seqno+int64(t.id)
	}
	if strings.Contains(text, "%d") {
		text = fmt.Sprintf(text, seqno)
	}
	return textValue(text)
}

// examined and sent grow while a statement runs.
func (t *thread) examined() int64 {
	switch {
	case !t.running:
		return 0
	case t.tmpl == nil:
		return int64(t.seconds() * 410_000)
	}
	return min(t.tmpl.examined, int64(t.seconds()*1000/t.tmpl.took*float64(t.tmpl.examined)))
}

func (t *thread) sent() int64 {
	if t.tmpl == nil || !t.running {
		return 0
	}
	return min(t.tmpl.sent, t.examined())
}
