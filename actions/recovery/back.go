package recovery

import (
	"time"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

// leftovers is for what a state transfer that died left behind.
func leftovers(w *world) *Move {
	if len(w.primaries) != 1 || !w.reaches() {
		return nil
	}
	for _, n := range w.at(isStopped) {
		left := n.reading.State.Leftovers
		if !left.Known() || len(left.Value) == 0 {
			continue
		}
		return w.act(Order{Node: n.ID, Action: actions.ClearLeftovers}, Move{
			Title: "Clear what a state transfer left behind on " + n.Name, Found: w.rows([]*node{n}),
			Means: "A state transfer into it died. What it left makes the next one fail, or the start script empty the directory.",
			Will:  []string{"these files go: " + listed(left.Value), "then it is started, and gets an SST"}, Lost: []string{"nothing: its data was not whole"},
		})
	}
	return nil
}

// cutOff is for nodes that answer from outside of the Primary Component.
func cutOff(w *world) *Move {
	if len(w.primaries) != 1 {
		return nil
	}
	if list := w.at(inNone, outside); len(list) > 0 {
		n := list[0]
		m := &Move{Kind: Watch, Node: n.ID, Found: w.rows(w.nodes), Title: "Waiting for " + n.Name + " to find the Primary Component"}
		m.Means = "It runs and is connected to no group: it is starting, it left, or it was refused. Its error log says why."
		if n.stand == inNone {
			m.Means = "It runs and does not see the others: the network between the servers is broken, or its certificate is not theirs. When the way is whole again it joins by itself."
		}
		m.Instead = w.act(Order{Node: n.ID, Action: opReconnect}, Move{
			Title: "Reconnect " + n.Name + " to the group", Found: m.Found, Means: m.Means,
		})
		return m
	}
	return nil
}

// stopped is for nodes that are to be started, one at a time.
func stopped(w *world) *Move {
	if len(w.primaries) != 1 {
		return nil
	}
	list := w.at(isStopped)
	var crashed []*node
	for _, n := range list {
		if p := w.positionOf(n); p.recover && p.none == "" && p.unknown == "" {
			crashed = append(crashed, n)
		}
	}
	if len(crashed) > 0 {
		return w.askPosition(crashed, "Before it is started it is to be known whether it has writes that the group lacks, and whether it comes back by IST or by SST.")
	}
	if len(list) > 0 {
		return w.startNode(list[0])
	}
	if !w.reaches() {
		return w.startByHand()
	}
	return nil
}

func (w *world) startNode(n *node) *Move {
	if f := n.reading.State.Founds; f.Known() && f.Value != "" {
		return w.refuse("Starting "+n.Name+" would found a second cluster", f.Value+". The next ordinary start makes it the first node of a cluster of its own.", []*node{n},
			"put the addresses of the others into its wsrep_cluster_address and remove what founds, and see to it that configuration management does not put it back",
			"it is read again, and started, when that is done")
	}
	forecast := w.forecast(n)
	words := forecast.Words(w.Snapshot)
	m := Move{
		Title: "Start " + n.Name + ", which comes back by " + string(forecast.Kind), Found: w.rows([]*node{n}),
		Means: "It is stopped, and the group goes on without it.",
		Will:  []string{n.Name + " starts and joins " + names(w.at(inPrimary)) + ": " + words, "the next node follows when it is Synced"},
	}
	switch forecast.Kind {
	case model.ProspectImpossible:
		return &Move{
			Kind: Watch, Node: n.ID, Title: "Waiting before " + n.Name + " can be started", Found: m.Found, Means: "Started now, it " + words + ".",
			Will: []string{"it is started when that is over"},
		}
	case model.ProspectSST:
		if ask := w.donorUnread(); ask != nil {
			return ask
		}
		m.Lost = []string{"nothing that the group lacks: its data is replaced by a donor's"}
	case model.ProspectUnknown:
		m.Title = "Start " + n.Name + "; by which way it comes back is not known"
	}
	return w.act(Order{Node: n.ID, Action: actions.Start}, m)
}

// donorLife is how long it may be relied on how much data a donor has.
const donorLife = 15 * time.Minute

// donorUnread wants to know how much data an SST brings; nil when that is known.
func (w *world) donorUnread() *Move {
	var first *node
	for _, n := range w.at(inPrimary) {
		if r := w.Readings[n.ID]; r != nil && w.At.Sub(r.At) <= donorLife {
			return nil
		}
		if first == nil && n.Synced() {
			first = n
		}
	}
	if first == nil {
		return nil
	}
	return w.askRead([]*node{first}, "An SST brings all of a donor's data. How much that is, and whether there is room for it, is seen on the donor's host.")
}

// startByHand is for silent nodes whose hosts cannot be reached.
func (w *world) startByHand() *Move {
	list := w.at(unread, unreadable)
	if len(list) == 0 {
		return nil
	}
	n := list[0]
	return w.byHand("Bring "+n.Name+" back by hand: no command reaches its host",
		"It does not answer. If its server is stopped, start it the usual way and never as a bootstrap; one node at a time.", list, []HandCommand{
			{n.Name, "systemctl is-active mariadb", "whether it runs"},
			{n.Name, "tail -n 80 /var/log/mysql/error.log", "why it stopped"},
			{n.Name, "systemctl start mariadb", "it comes back by IST if it was away for short, else by SST"},
		})
}

// silent is for what is left: nodes that run and do not answer, or whose hosts do
// not tell.
func silent(w *world) *Move {
	if len(w.primaries) != 1 {
		return nil
	}
	if list := w.at(runs); len(list) > 0 {
		n := list[0]
		m := &Move{
			Kind: Watch, Node: n.ID, Title: "Waiting for " + n.Name + ": its server runs and does not answer yet", Found: w.rows([]*node{n}),
			Means: "A joiner that receives an SST keeps its port closed until it is done. It may also hang.",
		}
		if scripts := n.reading.State.Server.Value.Scripts; len(scripts) > 0 {
			m.Found = append(m.Found, row(n.Name, "state transfer", "its scripts run as "+listed(scripts)))
		}
		m.Instead = w.act(Order{Node: n.ID, Action: actions.StopService}, Move{
			Title: "Stop the server of " + n.Name, Found: m.Found, Means: "Only when nothing moves: to stop it in the middle of an SST begins the transfer anew.",
		})
		return m
	}
	for _, n := range w.at(unreadable) {
		return w.askDead(n, []*node{n}, "The group goes on without "+n.Name+". Whether its server runs cannot be found out: "+n.unreadable()+".",
			n.Name+" is left out, and the cluster stays without it")
	}
	for _, n := range w.at(barred) {
		return w.refuse(n.Name+" runs and cannot be judged", "Its server does not let this console in. The group goes on.", []*node{n}, "mend what the error names")
	}
	return nil
}
