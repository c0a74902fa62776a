package recovery

import "github.com/galeratop/galeratop/actions"

// fullCrash is for a cluster of which no node is in a group: stopped, crashed, or
// waiting for the others. Everything has to be known before one node is made the
// first.
func fullCrash(w *world) *Move {
	if len(w.primaries) > 0 || len(w.at(inPrimary, onTheWay, inNone)) > 0 {
		return nil
	}
	if !w.reaches() {
		return w.crashByHand()
	}
	for _, step := range []func(*world) *Move{
		crashUnread, crashUnreadable, crashRunning, crashArbitrators, crashStrangers, crashSides, crashPositions, crashHistories, crashFirst,
	} {
		if m := step(w); m != nil {
			return m
		}
	}
	return nil
}

const crashMeans = "No node is in a group. The one that has every committed write must be started first, so all of them have to be looked at: " +
	"unreachable means unknown, never dead."

func crashUnread(w *world) *Move {
	if list := w.at(unread); len(list) > 0 {
		return w.askRead(list, crashMeans)
	}
	return nil
}

func crashUnreadable(w *world) *Move {
	list := w.at(unreadable)
	if len(list) == 0 {
		return nil
	}
	n := list[0]
	return w.askDead(n, list, "Whether the server of "+n.Name+" runs cannot be found out: "+n.unreadable()+". "+crashMeans,
		"if it is not, there will be two clusters, or writes that only "+n.Name+" has are lost; they are lost for this cluster in any case")
}

// crashRunning is for servers that run without being in a group.
func crashRunning(w *world) *Move {
	list := w.at(runs, outside)
	if len(list) == 0 {
		return nil
	}
	n := list[0]
	m := &Move{
		Kind: Watch, Node: n.ID, Found: w.rows(w.nodes), Title: "Waiting for " + n.Name + ": its server runs and is in no group",
		Means: "It is starting, or it waits for the others: a server that crashed forms the old group again by itself, but only when all its last members are back. " +
			"While it runs, positions cannot be compared.",
		Will: []string{"if it finds its group, the next step follows from that"},
	}
	m.Instead = w.act(Order{Node: n.ID, Action: actions.StopService}, Move{
		Title: "Stop the server of " + n.Name, Found: m.Found, Means: "It serves nobody. Stopped, it can be compared with the others.",
	})
	return m
}

// crashPositions wants the position of every stopped node.
func crashPositions(w *world) *Move {
	var list []*node
	for _, n := range w.at(isStopped) {
		switch p := w.positionOf(n); {
		case p.unknown != "":
			return w.askDead(n, []*node{n}, "The position of "+n.Name+" cannot be told: "+p.unknown+". It may be the most advanced node.",
				"writes that only "+n.Name+" has are lost")
		case p.recover && p.none == "":
			list = append(list, n)
		}
	}
	if len(list) > 0 {
		return w.askPosition(list, "A server that crashed leaves no position in grastate.dat. InnoDB knows it.")
	}
	return nil
}
