package recovery

import (
	"fmt"
	"slices"
	"strings"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

// apart is for nodes whose data is not what the group has, whatever their position
// says. An IST would keep the rows that differ.
func apart(w *world) *Move {
	if len(w.primaries) != 1 {
		return nil
	}
	for _, n := range w.nodes {
		if n.dead || n.stand == inPrimary || n.stand == onTheWay || n.stand == barred {
			continue
		}
		if why := w.apartness(n); why != "" {
			if m := w.bringByCopy(n, why); m != nil {
				return m
			}
		}
	}
	return nil
}

// apartness says why a node's data is not the group's; "" when nothing says so.
func (w *world) apartness(n *node) string {
	s := n.Status()
	switch {
	case slices.Contains(w.Choices.Losers, n.ID):
		return "what it wrote was given up: its side of a split brain, or it was declared lost"
	case n.Sample != nil && s.State() == model.StateInconsistent:
		return "it was voted out of the group: its data differs"
	case n.Up() && (n.Sample.Server.WsrepOn == model.Off || !s.Galera()):
		return "it runs without Galera, and what was written to it reached nobody else"
	}
	if why := w.wroteApart(n); why != "" {
		return why
	}
	mine, at := s.ClusterStateUUID, s.LastCommitted
	if n.stand == isStopped {
		p := w.positionOf(n)
		if !p.Exact() || p.none != "" {
			return ""
		}
		mine, at = p.UUID, model.N(p.Seqno)
	} else if !n.Up() {
		return ""
	}
	return w.strays(mine, at)
}

// strays says that a position is not one on the way of the group.
func (w *world) strays(uuid string, at model.Num) string {
	home, head := w.of(w.primaries[0].Nodes)[0].Status().ClusterStateUUID, w.head()
	switch {
	case strings.Trim(uuid, "0-") != "" && home != "" && uuid != home:
		return "its history is " + uuid + ", the group's is " + home
	case at.Known && head.Known && at.V > head.V:
		return fmt.Sprintf("it is at seqno %d, ahead of the group at %d: it has writes that the group lacks", at.V, head.V)
	}
	return ""
}

// head is the highest seqno of the Primary Component.
func (w *world) head() model.Num {
	var out model.Num
	for _, n := range w.at(inPrimary) {
		if at := n.Status().LastCommitted; at.Known && (!out.Known || at.V > out.V) {
			out = at
		}
	}
	return out
}

const copyMeans = "IST trusts the seqno and would silently keep the rows that differ, so it has to come back by SST: all of its data is replaced by a donor's."

// bringByCopy takes a node out, keeps its data where that is wanted, and lets it
// come back by SST only.
func (w *world) bringByCopy(n *node, why string) *Move {
	means := n.Name + ": " + why + ". " + copyMeans
	if !w.reaches() {
		return w.byHand("Bring "+n.Name+" back by SST, by hand", means, []*node{n}, []HandCommand{
			{n.Name, "systemctl stop mariadb", "PXC that was bootstrapped: systemctl stop mysql@bootstrap"},
			{n.Name, "cp -a /var/lib/mysql /var/lib/mysql.kept", "if its data is worth keeping, and there is room"},
			{n.Name, "grep -r wsrep_cluster_address /etc/my*", "it must name the others; never an empty gcomm://"},
			{n.Name, "rm /var/lib/mysql/grastate.dat /var/lib/mysql/gvwstate.dat", "so that it gets an SST and no IST"},
			{n.Name, "systemctl start mariadb", ""},
		})
	}
	switch n.stand {
	case inNone, outside:
		return w.act(Order{Node: n.ID, Action: actions.StopService}, Move{
			Title: "Stop the server of " + n.Name, Found: w.rows([]*node{n}), Means: means,
			Will: []string{"its clients are disconnected", "then a copy of its data can be kept, and it comes back by SST"}, Lost: []string{"nothing yet: its data stays where it is"},
		})
	case runs:
		m := &Move{
			Kind: Watch, Node: n.ID, Title: "Waiting for " + n.Name + ": its server runs and does not answer", Found: w.rows([]*node{n}),
			Means: "It may be receiving its SST, which keeps its port closed, or hang. " + means,
		}
		m.Instead = w.act(Order{Node: n.ID, Action: actions.StopService}, Move{Title: "Stop the server of " + n.Name, Found: m.Found, Means: means})
		return m
	case isStopped:
		return w.replaceData(n, means)
	}
	return nil
}

// replaceData is for a stopped node that is to get an SST.
func (w *world) replaceData(n *node, means string) *Move {
	state := n.reading.State
	found := w.rows([]*node{n})
	if g := &state.Grastate; g.Known() && g.Value == nil {
		return nil // marked already: it is started like any other, and gets an SST
	}
	if ask := w.donorUnread(); ask != nil {
		return ask
	}
	wanted, decided := w.Choices.Copy[n.ID]
	if !decided {
		return &Move{
			Kind: Ask, Node: n.ID, Title: "Keep a copy of the data of " + n.Name + " first?", Found: found, Means: means,
			Will: []string{"with a copy, what only " + n.Name + " has can be looked up later, and carried over by hand", "the copy stays on its host and takes as much room as the data"},
			Lost: []string{"without a copy, everything that only " + n.Name + " has"},
			Question: &Question{
				Need: NeedCopy, Nodes: []string{n.ID}, Answers: []string{"yes", "no"}, Text: "keep a copy of the data of " + n.Name + " before the SST replaces it",
			},
		}
	}
	order := Order{Node: n.ID, Action: actions.ForceSST}
	m := Move{
		Title: "Let " + n.Name + " come back by SST", Found: found, Means: means, Lost: []string{"everything that only " + n.Name + " has; no copy is kept"},
		Will: []string{"its grastate.dat is set aside, so that it cannot get IST", "it is started, and a donor copies all data to it"},
	}
	if wanted {
		order.Action = actions.ForceSSTWithCopy
		m.Title = "Keep a copy of the data of " + n.Name + ", and let it come back by SST"
		m.Will = append([]string{"its data directory is copied on its own host"}, m.Will...)
		m.Lost = []string{"for the cluster, everything that only " + n.Name + " has; the copy keeps it"}
	}
	return w.act(order, m)
}
