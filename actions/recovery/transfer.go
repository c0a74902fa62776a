package recovery

import (
	"fmt"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

// joining is for nodes on their way in. One at a time: a second joiner would take
// a second donor out of service.
func joining(w *world) *Move {
	if len(w.primaries) != 1 {
		return nil
	}
	for _, n := range w.at(inPrimary, onTheWay) {
		if f := w.finding("joiner-stuck", n.ID); f != nil {
			return w.act(Order{Node: n.ID, Action: actions.StopService}, Move{
				Title: "Stop the server of " + n.Name + ", which waits for a donor in vain", Found: f.Evidence, Means: f.Why,
				Will: []string{"it is stopped, looked at, and started again; it asks for a donor anew"}, Lost: []string{"nothing: it serves nobody yet"},
			})
		}
	}
	for i := range w.Transfers {
		t := &w.Transfers[i]
		if t.Joiner == "" {
			continue
		}
		return w.watchTransfer(t)
	}
	for _, n := range w.at(inPrimary, onTheWay) {
		if state := n.Status().State(); n.stand == onTheWay || state == model.StateJoined || state == model.StateJoining {
			means := "It has its data and applies what was written meanwhile."
			if n.stand == onTheWay {
				means = "It asks for what it lacks."
			}
			return &Move{
				Kind: Watch, Node: n.ID, Title: "Waiting for " + n.Name + " to be Synced: " + state.String() + queue(n), Found: w.rows(w.nodes), Means: means,
			}
		}
	}
	return nil
}

func queue(n *node) string {
	if q := n.Status().RecvQueue; q.Known && q.V > 0 {
		return ", " + counted(q.V, "write-set", "write-sets") + " to apply"
	}
	return ""
}

// watchTransfer tells of a state transfer under way.
func (w *world) watchTransfer(t *model.Transfer) *Move {
	title := "Waiting for " + t.Joiner + ", which receives its data"
	if t.Donor != "" {
		title += " from " + t.Donor
	}
	if t.Kind != "" {
		title += " by " + string(t.Kind)
	}
	if t.Progress.Known {
		title += fmt.Sprintf(", %.0f %% done", t.Progress.V)
	}
	m := &Move{
		Kind: Watch, Node: t.JoinerID, Title: title + ", for " + model.Span(w.At.Sub(t.Since)), Found: w.rows(w.nodes),
		Means: "One node comes back at a time: a second joiner would take a second donor out of service. An SST of much data takes hours.",
	}
	if t.Why != "" {
		m.Found = append(m.Found, row(t.Joiner, "kind of transfer", t.Why))
	}
	return m
}

// stuckDonor is for a donor whose joiner died without telling.
func stuckDonor(w *world) *Move {
	f := w.finding("donor-stuck", "")
	if f == nil || len(w.primaries) != 1 {
		return nil
	}
	n := w.find(f.About)
	if n == nil || n.stand != inPrimary {
		return nil
	}
	m := &Move{
		Kind: Watch, Node: n.ID, Title: f.Title, Found: f.Evidence, Means: f.Why, Will: []string{"it goes back to Synced by itself when its transfer script ends; that is watched for"},
	}
	if !w.reaches() {
		m.ByHand = []HandCommand{{n.Name, "pgrep -a wsrep_sst_", "a script without anybody to serve: end the script, not the server"}}
		return m
	}
	r := w.Readings[n.ID]
	if r == nil || w.At.Sub(r.At) > readingLife {
		return w.askRead([]*node{n}, f.Why+" Whether its transfer script still runs is seen on its host.")
	}
	if r.Err == nil && r.State != nil && r.State.Server.Known() {
		for _, pid := range r.State.Server.Value.Scripts {
			m.ByHand = append(m.ByHand, HandCommand{n.Name, "kill " + pid, "the transfer script, as process " + pid + "; end the script, not the server"})
		}
	}
	if m.ByHand == nil {
		m.Instead = w.act(Order{Node: n.ID, Action: opStopSQL}, Move{
			Title: "Stop the server of " + n.Name, Found: f.Evidence, Means: "No transfer script runs on its host any more, and it stays a donor: it has to be restarted.",
		})
	}
	return m
}

// unreadHosts wants to know what silent nodes are.
func unreadHosts(w *world) *Move {
	list := w.at(unread)
	if len(list) == 0 || len(w.primaries) != 1 || !w.reaches() {
		return nil
	}
	return w.askRead(list, "They do not answer, and the group goes on without them or waits for them. What they are is seen on their hosts.")
}
