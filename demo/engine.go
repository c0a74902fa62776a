package demo

import (
	"fmt"
	"math"
	"time"

	"github.com/galeratop/galeratop/model"
)

const (
	// stepTime is one step of the engine; flow control acts in parts of it.
	stepTime = 50 * time.Millisecond
	flowTime = 10 * time.Millisecond
	// threadTime is how often a node's client threads are looked after.
	threadTime = 250 * time.Millisecond

	clusterName = "shop-prod"
)

// engine is the whole simulated cluster without its sockets. It is not safe for
// concurrent use and never asks for the time: step is its clock.
type engine struct {
	face    *face
	rng     rng
	steps   int64
	now     time.Duration // simulated, since the engine was made
	birth   time.Time     // the wall clock that now counts from
	nodes   []*node
	views   []*view
	threads int     // client threads a node
	write   float64 // write-sets a second of the whole group at normal load
	factor  float64 // of the load, set by a scenario
	pace    float64 // the load of this step
	serving int     // nodes that serve clients in this step
	// address says under which address a new node will be found.
	address  func(n *node) string
	script   *player
	said     []Line
	plans    map[string]*plan
	config   map[string]string // of every my.cnf, beside the defaults
	sst      time.Duration     // how long a full copy takes
	rivalry  float64           // share of write-sets that collide on hot rows
	known    map[string]*node  // by the gcomm UUIDs that they ever had
	branches uint64
	ddl      *ddl // in total order isolation now
}

// newEngine makes a cluster that has been up for days: everyone Synced.
func newEngine(o Options, birth time.Time, address func(*node) string) *engine {
	e := &engine{
		face: faces[o.Flavour], rng: newRNG(o.Seed), birth: birth, threads: o.Threads,
		factor: 1, pace: 1, serving: o.Nodes, plans: make(map[string]*plan), address: address,
		sst: sstTime, known: make(map[string]*node),
	}
	e.script = newPlayer(o.Scenario)
	young := e.script.prepare(e)
	history := e.rng.uuid()
	// A group's total writes grow with its size, but less than linearly.
	e.write = 130 * math.Sqrt(float64(o.Nodes))
	seqno := int64(48_000_000 + e.rng.IntN(9_000_000))
	members := make([]*node, 0, o.Nodes+1)
	for i := range o.Nodes {
		n := e.newNode(fmt.Sprintf("db%d", i+1), i)
		n.history, n.committed, n.donatesFrom = history, seqno, seqno-260_000-int64(e.rng.IntN(90_000))
		n.reset(-time.Duration(6+e.rng.IntN(300_000)) * time.Second * 2)
		n.inherit()
		n.rows = lineage{{1, seqno}}
		n.fillData()
		members = append(members, n)
	}
	if o.Arbitrator {
		garb := e.newNode(model.ArbitratorName, len(e.nodes))
		garb.arbitrator, garb.address = true, ""
		members = append(members, garb)
	}
	conf := int64(14 + e.rng.IntN(60))
	if young {
		conf = 0
	}
	e.install(&view{primary: true, conf: conf, seqno: seqno, branch: e.newBranch(), members: members})
	for _, n := range e.nodes {
		n.state, n.life = model.StateSynced, lifeRunning
		n.fillThreads()
	}
	return e
}

// clock is the time that the servers tell.
func (e *engine) clock() time.Time { return e.birth.Add(e.now) }

// step advances the cluster by stepTime.
func (e *engine) step() {
	e.steps++
	e.now += stepTime
	e.script.play(e)
	e.pace, e.serving = e.load()*e.factor, 0
	for _, n := range e.nodes {
		if n.serving() {
			e.serving++
		}
	}
	for _, n := range e.nodes {
		n.wake()
	}
	e.delays()
	e.settle()
	e.merge()
	e.isolate()
	for _, v := range e.views {
		for range stepTime / flowTime {
			e.flow(v)
		}
	}
	if e.steps%int64(second/stepTime) == 0 {
		e.audit()
	}
	each := int64(threadTime / stepTime)
	for i, n := range e.nodes {
		n.work()
		n.send()
		n.transfer()
		if (e.steps+int64(i))%each == 0 {
			n.refreshThreads()
		}
	}
}

// node finds a node by name; nil when there is none.
func (e *engine) node(name string) *node {
	for _, n := range e.nodes {
		if n.name == name {
			return n
		}
	}
	return nil
}

// say adds a line to the narration; only the last ones are kept.
func (e *engine) say(text string) {
	e.said = append(e.said, Line{At: e.now, Text: text})
	if len(e.said) > 50 {
		e.said = e.said[1:]
	}
}
