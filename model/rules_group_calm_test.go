package model

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// phase is what one simulated server is doing.
type phase uint8

const (
	phaseSynced phase = iota
	phaseDonor
	phaseDown
	phaseStarting // answers, but has not reached the group yet
	phaseTransfer // a member, its SQL port closed while it receives an SST
	phaseJoining  // a member that says non-Primary
	phaseJoined
)

// healthy is a cluster that is never in more trouble than the loss of one node.
type healthy struct {
	rng     *rand.Rand
	garbd   bool
	phases  map[string]phase
	since   map[string]time.Time
	started map[string]time.Time
	thinAt  map[string]time.Time
	members []string // of the view, servers only
	conf    int64
	forget  int // rounds until the group notices a crash
	now     time.Time
	shown   map[string]*Node // what each node shows now
	before  map[string]*Node // and showed in the round before
}

func newHealthy(rng *rand.Rand) *healthy {
	h := &healthy{rng: rng, garbd: rng.IntN(3) == 0, phases: map[string]phase{}, since: map[string]time.Time{}, started: map[string]time.Time{}, thinAt: map[string]time.Time{}, conf: 5, now: noon}
	for i := range 3 + rng.IntN(3) {
		name := fmt.Sprint("db", i+1)
		h.members = append(h.members, name)
		h.enter(name, phaseSynced)
	}
	h.shown = h.faces()
	return h
}

func (h *healthy) enter(name string, p phase) { h.phases[name], h.since[name] = p, h.now }

func (h *healthy) names() []string {
	var names []string
	for name := range h.phases {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// serving counts the nodes that carry the cluster.
func (h *healthy) serving() (n int) {
	for _, p := range h.phases {
		if p == phaseSynced || p == phaseDonor || p == phaseJoined {
			n++
		}
	}
	return n
}

func (h *healthy) view(members []string) {
	h.members = slices.Clone(members)
	slices.Sort(h.members)
	h.conf++
}

func (h *healthy) without(name string) []string {
	return slices.DeleteFunc(slices.Clone(h.members), func(m string) bool { return m == name })
}

// step lets a second pass, in which something may happen to a node.
func (h *healthy) step() {
	h.now = h.now.Add(time.Second)
	if h.forget > 0 {
		if h.forget--; h.forget == 0 {
			h.view(slices.DeleteFunc(slices.Clone(h.members), func(m string) bool { return h.phases[m] == phaseDown }))
		}
	}
	for _, name := range h.names() {
		if h.rng.IntN(6) == 0 {
			h.happen(name)
		}
	}
	h.thin()
	h.before, h.shown = h.shown, h.faces()
}

func (h *healthy) happen(name string) {
	switch h.phases[name] {
	case phaseSynced:
		h.disturb(name)
	case phaseDonor, phaseJoined:
		h.enter(name, phaseSynced)
	case phaseDown:
		if h.forget == 0 && h.rng.IntN(3) == 0 {
			h.enter(name, phaseStarting)
			h.started[name] = h.now
		}
	case phaseStarting:
		h.view(append(h.without(name), name))
		h.enter(name, []phase{phaseTransfer, phaseJoining}[h.rng.IntN(2)])
	case phaseTransfer:
		h.enter(name, phaseJoining)
	case phaseJoining:
		h.enter(name, phaseJoined)
	}
}

func (h *healthy) disturb(name string) {
	switch h.rng.IntN(4) {
	case 0:
		if h.serving() > 2 && h.forget == 0 { // a clean stop
			h.enter(name, phaseDown)
			h.view(h.without(name))
		}
	case 1: // a crash that the rest survives
		if h.forget == 0 && h.serving() > 2 && 2*(len(h.members)-1) > len(h.members) {
			h.enter(name, phaseDown)
			h.forget = 5
		}
	default:
		h.enter(name, phaseDonor)
	}
}

// faces is what every node shows of the present.
func (h *healthy) faces() map[string]*Node {
	out := make(map[string]*Node)
	for _, name := range h.names() {
		view := slices.Clone(h.members)
		if h.garbd {
			view = append(view, "")
		}
		var n *Node
		switch h.phases[name] {
		case phaseDown, phaseTransfer:
			n = failing(name, LinkDown, FailRefused, 0)
			n.Since = h.since[name]
		case phaseStarting:
			n = answering(name, NonPrimary, StateInitialized, name)
			if h.rng.IntN(2) == 0 {
				n = answering(name, Disconnected, StateInitialized)
				n.Sample.Server.WsrepOn, n.Sample.Server.Provider = On, "libgalera_smm.so"
			}
		case phaseJoining:
			n = joinerOf(name, view...)
		case phaseJoined:
			n = answering(name, Primary, StateJoined, view...)
		case phaseDonor:
			n = answering(name, Primary, StateDonor, view...)
		default:
			n = answering(name, Primary, StateSynced, view...)
		}
		if n.Sample != nil && !n.Status().ConfID.Undefined() {
			n.Sample.Status.ConfID = N(h.conf)
		}
		if h.forget > 0 && n.Sample != nil && h.forget < 3 {
			n.Sample.Status.EVSState = "GATHER"
		}
		if from := h.started[name]; n.Sample != nil && !from.IsZero() {
			n.Restart, n.Sample.Status.Uptime = from, N(int64(h.now.Sub(from).Seconds()))
		}
		out[name] = n
	}
	return out
}

// look is a snapshot in which some nodes were sampled a round ago.
func (h *healthy) look(d *Diagnosis) *Snapshot {
	s := &Snapshot{At: h.now}
	for _, name := range h.names() {
		n := h.shown[name]
		if h.before[name] != nil && h.rng.IntN(2) == 0 {
			n = h.before[name]
		}
		copied := *n
		s.Nodes = append(s.Nodes, &copied)
	}
	list(s)
	s.Complete()
	d.Next(s)
	return s
}

// thin notes for which nodes it holds now that they are gone for long and the
// rest survives no crash: the one critical thing that happens in this life.
func (h *healthy) thin() {
	weight := len(h.members)
	if h.garbd {
		weight++
	}
	for name, p := range h.phases {
		if p == phaseDown && h.now.Sub(h.since[name]) >= silence && weight <= 2 {
			h.thinAt[name] = h.now
		}
	}
}

// isTrue checks a critical finding against what is, or was before the skew of a
// round and the two rounds that it takes to be cleared.
func (h *healthy) isTrue(f *Finding) bool {
	return f.Rule == "silent" && h.now.Sub(h.thinAt[strings.TrimSuffix(f.About, ":3306")]) <= 3*time.Second
}

func TestDailyLifeRaisesNoFalseAlarm(t *testing.T) {
	raised := map[string]int{}
	for round := range 200 {
		h := newHealthy(rand.New(rand.NewPCG(uint64(round), 77)))
		d := newDiagnosis(groupRules)
		for range 150 {
			h.step()
			s := h.look(d)
			for i := range s.Findings {
				f := &s.Findings[i]
				raised[f.Level.String()+" "+f.Rule]++
				if f.Level == LevelCritical && !h.isTrue(f) {
					t.Fatalf("round %d, %s: %s\nphases %v, members %v", round, h.now.Sub(noon), f.Title, h.phases, h.members)
				}
			}
		}
	}
	t.Log(raised)
}

// The same cluster, until a member is cut off and bootstrapped: the alarm must
// come through the same skew, and within seconds.
func TestASplitIsFoundInTheMidstOfDailyLife(t *testing.T) {
	for round := range 200 {
		h := newHealthy(rand.New(rand.NewPCG(uint64(round), 78)))
		h.garbd = false
		d := newDiagnosis(groupRules)
		for range 10 + h.rng.IntN(60) {
			h.step()
			h.look(d)
		}
		found := 0
		for i := 1; i <= 12 && found == 0; i++ {
			h.step()
			h.shown["x"] = answering("x", Primary, StateSynced, "x")
			h.phases["x"] = phaseSynced
			s := h.look(d)
			delete(h.phases, "x")
			if len(s.Findings) > 0 && s.Findings[0].Rule == "split-brain" {
				found = i
			}
		}
		if found == 0 || found > 6 {
			t.Fatalf("round %d: found after %d looks", round, found)
		}
	}
}
