package actions

import (
	"slices"
	"time"

	"github.com/galeratop/galeratop/model"
)

// nodeRow is one action on a node: what it does in words, what it turns on the
// server, what must be the case before and what is to be seen after.
type nodeRow struct {
	id    string // in the audit log, and in model.Finding.Action
	name  string // in a menu: "Desync"
	about string // what it does and what for, in one line
	title string // of a plan; {node} and {value} are filled in
	level Level
	// fits limits the row to some servers; nil: all.
	flavours []model.Flavour
	ask      *question // what has to be typed; nil: nothing
	turns    []turn    // what is sent, in this order
	checks   []check
	effects  func(*nodeCase) []string
	unknowns []string
	verify   string
	// seen looks for the effect in a newer snapshot; nil: the settings having
	// their new values is all of it.
	seen     func(*nodeCase) (Stage, string)
	patience time.Duration // how long the effect is waited for; 0: the runner's
	limit    time.Duration // of the statement; 0: the usual
	// opposite is the action that undoes this one, with the old value where it
	// asks for one; "" when none does. undo says how else it is undone.
	opposite string
	undo     string
	// everywhere has all nodes read again just before, not just this one; and the
	// members of the last Primary Component.
	everywhere, members bool
}

// turn is one statement of a row.
type turn struct {
	flavours []model.Flavour // nil: all
	lever    lever
	to       string // the new value; "" is what was typed
	sql      string // in place of a lever: the whole statement
	// order says that the lever is an order and no setting: it has no value that
	// could be compared.
	order bool
	// agents says where an order is given in place of the node itself.
	agents func(*nodeCase) []*model.Node
}

// nodeSection is actions on a node that belong together.
type nodeSection struct {
	name string // heads them in a menu
	rows []*nodeRow
}

// nodeSections is every action on a node, in the order of the menu.
var nodeSections = []nodeSection{
	{"Flow control", desyncRows},
	{"Clients", drainRows},
	{"Settings", tuningRows},
	{"Membership", slices.Concat(reconnectRows, evictRows, stopRows)},
	{"Primary Component", primaryRows},
}

// nodeRows are the rows of all sections.
var nodeRows = allNodeRows()

func allNodeRows() []*nodeRow {
	var out []*nodeRow
	for _, s := range nodeSections {
		out = append(out, s.rows...)
	}
	return out
}

func rowOf(id string) *nodeRow {
	for _, r := range nodeRows {
		if r.id == id {
			return r
		}
	}
	return nil
}

// nodeSubject is what a plan for a node works on.
type nodeSubject struct {
	row   *nodeRow
	node  string // ID
	value string // what was typed
	// targets are the settings as they were when the plan was first made; steps
	// point at them.
	targets []nodeTarget
	before  *model.Node // when the plan was first made
	company string      // who was in its component then
	asked   time.Time   // when the last statement was sent
	// read are nodes as they were when a new value was seen on them: settings come
	// with snapshots only now and then.
	read map[string]*model.Node
}

// nodeTarget is one statement on one node.
type nodeTarget struct {
	turn *turn
	node string // ID
	was  string // the value; "" of an order
	to   string
}

// nodeCase is a node in a snapshot, seen by a row.
type nodeCase struct {
	*model.Snapshot
	row   *nodeRow
	node  *model.Node
	value string
	// before is the node when the plan was first made; nil while that is made.
	before *model.Node
	// declared are the words that were typed to override preconditions.
	declared []string
	// final is set just before a statement, when all was read again.
	final   bool
	members *lastMembers // read just before; nil where not
	asked   time.Time    // when the statement was sent; for what is seen after
	agent   *model.Node  // where it was sent to; for what is seen after
}

// lastMembers is the membership table of the last Primary Component.
type lastMembers struct {
	rows []model.Member
	err  string // why it could not be read
}

func nodeActions() []*action {
	out := make([]*action, len(nodeRows))
	for i, r := range nodeRows {
		out[i] = &action{id: r.id, replan: replanNode, execute: executeNode, verify: verifyNode}
	}
	return out
}
