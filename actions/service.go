package actions

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/model"
)

// hostRow is one operation on a node's host: what it does in words, which tasks it
// is made of, what must be the case before and what is to be seen after.
type hostRow struct {
	id    string // in the audit log
	name  string // in a menu: "Start"
	about string // what it does and what for, in one line
	title string // of a plan; {node} is filled in
	level Level
	// grave raises the level to that of the cluster's name, typed; nil: never.
	grave    func(*hostCase) bool
	checks   []hostCheck // before the first task
	tasks    []task      // one after the other
	effects  func(*hostCase) []string
	unknowns []string
	verify   string
	undo     string
	// everywhere has the hosts of all nodes read again just before each task, not
	// just the node's own.
	everywhere bool
}

// task is one step of a row: one command, or several that belong together.
type task struct {
	// lines are the commands as a person would type them on the host.
	lines func(*hostCase) ([]string, error)
	about string
	// checks are made again before this task, when it is not the first one; before
	// the first one, those of the row are.
	checks []hostCheck
	run    func(ctx context.Context, w *hostWork) error
	// seen looks for the effect in what was read since.
	seen     func(*hostCase) (Stage, string)
	patience time.Duration // how long the effect is waited for; 0: the runner's
	// yields: it may take long, and cancelling ends the waiting for it.
	yields bool
}

// hostRows is every operation on a node's host, in the order of the menu.
var hostRows = slices.Concat(serviceRows, fileRows, firstRows)

func hostRowOf(id string) *hostRow {
	for _, r := range hostRows {
		if r.id == id {
			return r
		}
	}
	return nil
}

// HostOrder is an operation on a node's host that somebody wants.
type HostOrder struct {
	ID       string // of the operation: Start and the others
	Node     string // ID
	Hosts    *Hosts
	Readings []*Reading // what hosts told lately, the node's own at least
	// Losers are the IDs of nodes whose side is given up in a split brain, as a person
	// has chosen: they may be stopped, and come back by SST only. What was given up
	// before is in History.GivenUp, by name.
	Losers []string
	// Left are the IDs of stopped nodes whose positions are not compared when a first
	// node is chosen: a person has given their writes up, or their data is not whole.
	Left []string
	// Apart are the IDs of nodes that were Primary beside the others, as Runner.Apart
	// tells: they come back by SST only. A run knows them by itself.
	Apart []string
	// Others is what the audit log tells of other consoles; nil: it was not read.
	Others *Others
}

// The operations on hosts.
const (
	Start       = "start"
	StopService = "service-stop" // through the service; "stop" is the one over SQL
	Restart     = "restart"
	Upgrade     = "upgrade"

	RecoverPosition  = "recover-position"
	MarkSafe         = "mark-safe"
	CopyData         = "copy-data"
	ForceSST         = "force-sst"
	ForceSSTWithCopy = "force-sst-copy"
	ClearLeftovers   = "clear-leftovers"

	BootstrapService = "bootstrap"
)

// hostSubject is what a plan for a node's host works on.
type hostSubject struct {
	row    *hostRow
	order  HostOrder
	before *model.Node // when the plan was first made
	stamp  string      // of the plan's time: what is set aside bears it

	mutex    sync.Mutex
	readings map[string]*Reading // the newest, by node
	apart    []string            // as the runner knows it
	chosen   *Reading            // of the node, when the plan was first made
	begun    bool                // a task was begun
	asked    time.Time           // when the last command was begun
	failure  string              // what the last command said that did not succeed
	doubt    bool                // it may go on all the same
	said     []string            // the end of its output
}

func (h *hostSubject) reading(id string) *Reading {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.readings[id]
}

func (h *hostSubject) take(readings ...*Reading) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	for _, r := range readings {
		h.readings[r.Node] = withRecovered(h.readings[r.Node], r)
	}
}

// withRecovered is a reading with the position that an older one recovered, where
// that is still the node's.
func withRecovered(old, r *Reading) *Reading {
	if old == nil || r.Recovered != nil || !stillThere(old, r) {
		return r
	}
	with := *r // readings are shared
	with.Recovered = old.Recovered
	return &with
}

// know takes in who was Primary beside the others.
func (h *hostSubject) know(apart []string) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.apart = apart
}

// stillThere reports whether a position that was recovered is still the node's: its
// server did not run since, or its error log would have grown.
func stillThere(old, now *Reading) bool {
	if old.State == nil || now.State == nil || !now.State.Server.Known() || now.State.Server.Value.Running {
		return false
	}
	a, b := &old.State.Log, &now.State.Log
	return grastateWords(old.State) == grastateWords(now.State) && a.Known() && b.Known() && slices.Equal(a.Value.Lines, b.Value.Lines)
}

// running reports whether a task was begun: from then on the host is read again
// before each.
func (h *hostSubject) running() bool {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.begun
}

// hostCase is a node in a snapshot with what hosts told, seen by a row.
type hostCase struct {
	*nodeCase
	subject *hostSubject
	hosts   *Hosts
}

// mine is what the node's own host told; nil: nobody asked.
func (c *hostCase) mine() *Reading { return c.subject.reading(c.node.ID) }

// state is what the node's host told, once hostRead is met.
func (c *hostCase) state() *host.State { return c.mine().State }

func hostActions() []*action {
	out := make([]*action, len(hostRows))
	for i, r := range hostRows {
		out[i] = &action{id: r.id, replan: replanHost, execute: executeHost, verify: verifyHost, alone: true}
	}
	return out
}
