package recovery

import (
	"slices"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

// The actions over SQL that moves order; those on hosts are named by actions.
const (
	opMakePrimary = "make-primary"
	opReconnect   = "reconnect"
	opStopSQL     = "stop"
)

// overSQL are the actions that need no way to the hosts.
var overSQL = []string{opMakePrimary, opReconnect, opStopSQL}

// plan works an order out, with the words that were typed for it.
func (w *world) plan(o Order) *actions.Plan {
	p := w.fresh(o)
	for {
		var words []string
		for _, asked := range p.Waivers() {
			if w.said(asked.Words) {
				words = append(words, asked.Words)
			}
		}
		if len(words) == 0 {
			return p
		}
		next, err := actions.Declare(w.Snapshot, w.Session, p, words...)
		if err != nil {
			return p
		}
		p = next
	}
}

func (w *world) fresh(o Order) *actions.Plan {
	if slices.Contains(overSQL, o.Action) {
		return actions.PlanNode(w.Snapshot, w.Session, o.Node, o.Action, "")
	}
	order := actions.HostOrder{ID: o.Action, Node: o.Node, Hosts: w.Hosts, Losers: w.losers(), Left: w.leftOut(), Apart: w.Apart}
	for _, n := range w.nodes {
		if r := w.Readings[n.ID]; r != nil && w.At.Sub(r.At) <= donorLife {
			order.Readings = append(order.Readings, r)
		}
	}
	return actions.PlanHost(w.Snapshot, w.Session, order)
}

// leftOut are the nodes whose positions are not compared.
func (w *world) leftOut() []string {
	var out []string
	for _, n := range w.nodes {
		if p := w.positionOf(n); n.dead || n.stand == isStopped && p.none != "" {
			out = append(out, n.ID)
		}
	}
	return out
}

// forecast is by which way a stopped node would come back.
func (w *world) forecast(n *node) model.JoinForecast {
	p := w.positionOf(n)
	j := model.JoinerOf(n.Node)
	if j.UUID, j.Seqno, j.Blank = p.UUID, model.N(p.Seqno), p.none; p.torn && p.none == "" {
		// The provider believes a recovered position only beside a history in
		// grastate.dat (galera replicator_smm.cpp).
		j.Blank = "its grastate.dat has no history, as when it crashed during a schema change"
	}
	return model.ForecastJoin(w.Snapshot, j, model.GroupRate(w.Snapshot))
}
