package demo

import (
	"maps"
	"time"

	"github.com/galeratop/galeratop/model"
)

// life is what a node's server process does.
type life uint8

const (
	lifeStopped  life = iota
	lifeStarting      // no SQL port yet
	lifeRunning
)

// node is one member, or would-be member, of the group.
type node struct {
	e          *engine
	index      int
	name       string
	address    string // of its SQL port, as the group knows it
	arbitrator bool

	life     life
	hung     bool    // SIGSTOP: keeps its ports, does nothing
	cut      int     // nodes of one number reach each other
	isolated bool    // gmcast.isolate
	crashes  int     // how often connections had to be reset
	lag      float64 // seconds that its network delays messages
	delay    lateness
	quitting bool // SHUTDOWN was asked for; it happens in the next step
	first    bool // the process was started to found a cluster
	loaded   bool // the process has read its saved state
	blank    bool // its saved state has no history that its tables share
	failed   bool // the last process ended with an error
	bootUnit bool // PXC's mysql@bootstrap unit started it
	starts   int  // processes so far
	dark     bool // its host cannot be reached
	wakes    time.Duration
	revives  time.Duration // a supervisor starts it again then; 0: nobody does

	view        *view // nil when not connected to a group
	uuid        string
	index1      int // wsrep_local_index, -1 outside
	state       model.State
	history     string // wsrep_local_state_uuid
	committed   int64
	donatesFrom int64 // the oldest write-set in the gcache
	queue       int64
	rows        lineage
	beneath     *kept         // what the tables hold of a node that was voted out
	parted      time.Duration // since when its rows differ from the others'
	disk        *disk
	members     []memberRow // mysql.wsrep_cluster_members
	lastView    viewRow     // mysql.wsrep_cluster
	join        *join
	donating    int // joiners served
	desynced    bool
	frozen      bool // somebody holds the global read lock
	frozenAt    time.Duration
	evicted     bool          // voted out: state Inconsistent
	outcast     bool          // evicted by evs.evict, until it joins anew
	shutOut     []string      // instances that evs.evict shut out
	gaveUp      time.Duration // when a node that was told to reconnect stops to try
	founding    bool          // wsrep_cluster_address was gcomm:// at runtime; it sticks
	weight      int64

	requested     bool // this node pauses the group
	paused        time.Duration
	hot           bool          // a runaway statement eats its CPU
	pausedThen    time.Duration // when its threads were last looked after
	speed         float64       // of its disk, 1 is normal
	credit        float64       // fraction of a write-set already applied
	backlog       int64         // client writes that wait
	lastOwn       int64         // of its own write-sets in this quantum
	passed        int64         // of its own write-sets since its threads were looked after
	stuck         int           // threads that waited for row locks then
	noise         float64       // of its load, around 1
	unsent        float64       // messages that wait for the network
	flushed       time.Duration // of the last FLUSH STATUS
	pausedFlushed time.Duration // n.paused then
	count         counters

	variables map[string]string    // what SET GLOBAL changed
	assigned  map[string]time.Time // when it did
	options   map[string]string    // wsrep_provider_options
	clients   []*thread
	reals     []*thread
	system    []*thread
	spare     []*thread
	nextID    uint64
	nextQuery uint64
	lockers   []*thread // hold row locks that others wait for
	digests   []digestRow
	started   time.Duration
}

// counters are what SHOW STATUS counts up.
type counters struct {
	replicated, replicatedBytes, keys     int64
	received, receivedBytes               int64
	commits, certFailures, bfAborts       int64
	replays                               int64
	fcSent, fcRecv                        int64
	recvMax, queueSum, queueSamples       int64
	questions, slow, connections, aborted int64
	rowLockWaits, rowsRead                int64
	sendMax, sendSum, maxUsed             int64
}

func (e *engine) newNode(name string, index int) *node {
	n := &node{
		e: e, index: index, name: name, state: model.StateInitialized, index1: -1,
		weight: 1, speed: 1, noise: 1, variables: make(map[string]string), assigned: make(map[string]time.Time), options: make(map[string]string),
		nextID: 100_000 + uint64(e.rng.IntN(800_000)), nextQuery: 30_000_000 + uint64(e.rng.IntN(20_000_000)),
	}
	n.uuid = n.named(e.rng.uuid())
	n.disk = newDisk(n)
	n.digests = make([]digestRow, len(templates))
	n.address = e.address(n)
	n.started = -time.Hour
	e.nodes = append(e.nodes, n)
	return n
}

// reset forgets what a process forgets when it ends.
func (n *node) reset(started time.Duration) {
	n.started = started
	n.count, n.paused, n.pausedThen, n.queue, n.backlog = counters{}, 0, 0, 0, 0
	n.requested, n.desynced, n.evicted, n.join, n.donating = false, false, false, nil, 0
	n.isolated, n.frozen, n.founding = false, false, false
	n.first, n.loaded, n.blank, n.failed, n.bootUnit, n.quitting, n.parted = false, false, false, false, false, false, 0
	n.unsent, n.flushed, n.pausedFlushed = 0, 0, 0
	n.outcast, n.shutOut = false, nil
	clear(n.variables)
	maps.Copy(n.variables, n.e.config)
	clear(n.options)
	clear(n.digests)
	n.weight = 1
}

// inherit invents the counters of a server that has been up for a while.
func (n *node) inherit() {
	up := (n.e.now - n.started).Seconds()
	own := int64(up * n.e.write / 8)
	n.count = counters{
		replicated: own, replicatedBytes: own * 1340, keys: own * 4, received: own * 2, receivedBytes: own * 2 * 1340,
		commits: own - own/2000, certFailures: own / 2100, bfAborts: own / 3100, replays: own / 45000,
		fcSent: int64(up / 3600), fcRecv: int64(up / 1200), recvMax: 41, queueSum: own / 9, queueSamples: own,
		questions: int64(up * 900), slow: int64(up / 700), connections: int64(n.nextID), rowsRead: int64(up * 40000), maxUsed: int64(n.e.threads + 6),
	}
	n.paused = time.Duration(up * 0.0004 * float64(time.Second))
	for i := range n.digests {
		n.digests[i].advance(n.e.now, &templates[i], int64(up*templates[i].rate), 1)
		n.digests[i].first = n.started
	}
}

// reaches reports whether two processes can talk now.
func (n *node) reaches(m *node) bool {
	return n.alive() && m.alive() && (n == m || (n.cut == m.cut && !n.isolated && !m.isolated))
}

// alive reports whether the process runs and moves.
func (n *node) alive() bool { return n.life != lifeStopped && !n.hung }

// connected is wsrep_connected.
func (n *node) connected() bool { return n.view != nil }

// primary reports whether the node itself says that it is in a Primary
// Component; a joiner does not yet.
func (n *node) primary() bool {
	return n.view != nil && n.view.primary && n.state != model.StateJoining && n.state != model.StateInitialized
}

// ready is wsrep_ready: the server takes statements that touch data.
func (n *node) ready() bool {
	return n.primary() && n.state != model.StateInconsistent
}

// listening reports whether the SQL port is open.
func (n *node) listening() bool {
	return !n.arbitrator && n.life == lifeRunning
}

// servesData reports whether a session may read tables.
func (n *node) servesData(s *session) bool {
	return n.ready() && !n.rejecting() || s.dirtyReads || n.variables["wsrep_dirty_reads"] == "ON"
}

// desyncCount is how many reasons keep the node from Synced.
func (n *node) desyncCount() int {
	count := n.donating
	if n.desynced {
		count++
	}
	if n.frozen {
		count++
	}
	return count
}

// wake runs what was scheduled: starts, supervisors, connects.
func (n *node) wake() {
	switch {
	case n.life == lifeStopped && n.revives > 0 && n.e.now >= n.revives:
		n.e.say(n.name + ": its supervisor starts the server again")
		n.start()
	case n.hung:
	case n.quitting:
		n.quit(false)
	case n.life == lifeStarting && n.join == nil && n.view == nil && n.e.now >= n.wakes:
		n.connect()
	case n.life == lifeRunning && n.wakes > 0 && n.view == nil && n.e.now >= n.wakes:
		n.wakes = 0
		if n.founding {
			n.e.lead(n)
			return
		}
		n.connect()
	}
}

// start begins a new process on the old data.
func (n *node) start() {
	if n.life != lifeStopped {
		return
	}
	n.life, n.hung, n.revives = lifeStarting, false, 0
	n.wakes = n.e.now + 2*time.Second
	n.reset(n.e.now)
	n.state = model.StateInitialized
	n.starts++
	n.logStart()
}

// end is the end of the process, however it came: the SQL port closes.
func (n *node) end(crashed bool) {
	if crashed {
		n.crashes++
		n.view = nil // without a goodbye: the others have yet to notice
	}
	if n.beneath != nil {
		n.restore(n.beneath)
		n.beneath = nil
	}
	n.life, n.hung, n.wakes = lifeStopped, false, 0
	n.state, n.index1, n.join, n.donating, n.requested = model.StateInitialized, -1, nil, 0, false
	n.dropThreads()
	if n.e.script != nil && n.revives == 0 {
		n.revives = n.e.script.revives(n.e.now)
	}
}
