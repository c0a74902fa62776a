package model

import (
	"fmt"
	"slices"
	"strings"
)

// primaryRules are about nodes without a Primary Component.
var primaryRules = []Rule{
	{
		ID: "no-primary", Level: LevelCritical, Confirm: 2, Clear: 2,
		Source: "PXC crash-recovery documentation",
		Find:   findNoPrimary,
	},
	{
		ID: "primary-unknown", Level: LevelCritical, Confirm: 2, Clear: 2,
		Source: "unreachable means unknown, kubeblocks#3144",
		Find:   findPrimaryUnknown,
	},
	{
		ID: "nobody-answers", Level: LevelCritical, Confirm: 2, Clear: 1,
		Source: "a silent server is not a stopped one, and a lone garbd stays Primary",
		Find:   findNobody,
	},
	{
		// Three rounds: a node that starts is non-Primary for a moment too.
		ID: "partition", Level: LevelCritical, Confirm: 3, Clear: 2,
		Source: "the joiner's trap",
		Find:   findPartition,
	},
	{
		ID: "not-joined", Level: LevelWarning, Confirm: 3, Clear: 2,
		Source: "a server that starts is non-Primary until the group takes it in",
		Find:   findNotJoined,
	},
}

// cutOff are the nodes that answer from outside of any Primary Component. A
// joiner is not: it knows the number of the view that it is about to enter.
func (v *View) cutOff() []string {
	return v.nodesWhere(func(n *Node) bool {
		s := n.Status()
		return n.inGroup() && !s.InPrimary() && (!s.ConfID.Known || s.ConfID.Undefined())
	})
}

// silentNodes are those that do not answer, for whatever reason.
func (v *View) silentNodes() []string { return v.nodesWhere(func(n *Node) bool { return !n.Up() }) }

// starting reports whether a server came up only now and was not in a Primary
// Component since: it may not have lost one, but has yet to find it.
func (v *View) starting(id string) bool {
	n := v.Node(id)
	young := n.Status().Uptime.Known && n.Status().Uptime.V < int64(silence.Seconds())
	return young && !v.Past.Node(id).served.After(n.Restart)
}

func findNotJoined(v *View) []Finding {
	young := slices.DeleteFunc(v.cutOff(), func(id string) bool { return !v.starting(id) })
	if len(young) == 0 || !v.anyPrimary() {
		return nil
	}
	names := v.named(young)
	return []Finding{{
		Nodes: young, Evidence: v.standing(young),
		Title: names + agree(len(young), " has", " have") + " just started and " + agree(len(young), "is", "are") + " not in the Primary Component yet",
		Why:   "A server that starts refuses queries until the group has taken it in. If that takes long, it does not reach the others.",
		Do: []string{
			"Wait a minute: a transfer of state may be under way.",
			"If nothing changes, read its error log and check the network to the others, ports 4567 and 4568. Do not bootstrap it.",
		},
	}}
}

func findPartition(v *View) []Finding {
	cut := slices.DeleteFunc(v.cutOff(), v.starting)
	if len(cut) == 0 || !v.anyPrimary() {
		return nil
	}
	var inside []string
	for i := range v.Components {
		if c := &v.Components[i]; c.Primary {
			inside = append(inside, c.Nodes...)
		}
	}
	names, rest := v.named(cut), v.named(inside)
	return []Finding{{
		Nodes: cut, Evidence: v.standing(cut),
		Title: fmt.Sprintf("PARTITION: %s %s cut off from %s and %s all queries", names, agree(len(cut), "is", "are"), rest, agree(len(cut), "refuses", "refuse")),
		Why: fmt.Sprintf("%s lost the majority and answers clients with error 1047 until the group is whole again. %s %s the Primary Component and goes on.",
			names, rest, agree(len(inside), "is", "are")),
		Do: []string{
			"Send clients to " + rest + " only.",
			"Restore the network between " + names + " and " + rest + ", ports 4567 and 4568. The nodes then rejoin by themselves.",
			"Do not bootstrap " + names + ": with a Primary Component elsewhere that makes a split brain.",
		},
	}}
}

func findNoPrimary(v *View) []Finding {
	cut := v.cutOff()
	if len(cut) == 0 || v.anyPrimary() || len(v.silentNodes()) > 0 || v.joining() {
		return nil
	}
	f := Finding{
		Nodes: cut, Evidence: v.standing(cut),
		Title: "NO WRITES ANYWHERE: " + v.named(cut) + agree(len(cut), " is non-Primary", " are all non-Primary"),
		Why: "No node has a majority, so all of them refuse queries with error 1047. " +
			"The group forms again by itself only if enough of its last members see one another.",
		Do: []string{"Restore the network between the nodes first, ports 4567 and 4568: if they find one another, they go on by themselves."},
	}
	best, known := v.mostAdvanced(cut)
	check := "Check that every member of the cluster is on this screen and that no arbitrator or node elsewhere still holds a Primary Component. " +
		"One that cannot be seen may still accept writes."
	switch {
	case !known:
		f.Do = append(f.Do, check, "Do not bootstrap yet: the nodes do not share one history or do not tell their seqno, so nobody can say which is the most advanced.")
	default:
		if len(best) == len(cut) && len(cut) > 1 {
			f.Title += ", equally advanced"
		} else {
			f.Title += "; " + v.named(best) + agree(len(best), " is", " are") + " the most advanced"
		}
		f.Action, f.Nodes = "make-primary", startingWith(best[0], cut)
		f.Do = append(f.Do, check,
			"Only then make exactly one node Primary: SET GLOBAL wsrep_provider_options='pc.bootstrap=1' on "+v.nodesOf(best)[0].Name+
				", which has the highest wsrep_last_committed. Never do it on two nodes.",
			"Read wsrep_cluster_status there again: OK from the server proves nothing.")
	}
	return []Finding{f}
}

// startingWith is a list with one of its items moved to its beginning.
func startingWith(id string, all []string) []string {
	rest := slices.DeleteFunc(slices.Clone(all), func(other string) bool { return other == id })
	return append([]string{id}, rest...)
}

// joining reports whether a node knows of a Primary Component that nobody else
// here shows.
func (v *View) joining() bool {
	return slices.ContainsFunc(v.Nodes, func(n *Node) bool { return n.inGroup() && n.unaccepted() })
}

// mostAdvanced are the nodes with the highest seqno; they compare only when all
// share one history and tell their seqno.
func (v *View) mostAdvanced(ids []string) (best []string, known bool) {
	highest, uuid := int64(-1), ""
	for i, n := range v.nodesOf(ids) {
		s := n.Status()
		last := seqno(s.LastCommitted)
		if i == 0 {
			uuid = s.ClusterStateUUID
		}
		if !last.Known || s.ClusterStateUUID != uuid {
			return nil, false
		}
		switch {
		case last.V > highest:
			highest, best = last.V, append(best[:0], n.ID)
		case last.V == highest:
			best = append(best, n.ID)
		}
	}
	return best, len(best) > 0
}

func findPrimaryUnknown(v *View) []Finding {
	cut, away := v.cutOff(), v.silentNodes()
	if len(cut) == 0 || v.anyPrimary() || len(away) == 0 || v.joining() {
		return nil
	}
	names, gone := v.named(cut), v.named(away)
	return []Finding{{
		Nodes: slices.Concat(cut, away), Evidence: append(v.standing(cut), v.absence(away)...),
		Title: fmt.Sprintf("%s %s non-Primary and %s all queries; %s %s not answer and may still be Primary",
			names, agree(len(cut), "is", "are"), agree(len(cut), "refuses", "refuse"), gone, agree(len(away), "does", "do")),
		Why: "Nodes that answer have lost the majority. Whether the others crashed, hang, or go on as the Primary Component " +
			"behind a broken network cannot be told from here. Unreachable does not mean dead.",
		Do: []string{
			"Find out on their hosts whether " + gone + agree(len(away), " runs", " run") + ", and whether an arbitrator does. Ask from another network too.",
			"Restore the network or start what is stopped; do not start anything as a bootstrap.",
			"Make " + names + " Primary by pc.bootstrap, on one node, only when every other member and arbitrator is known to be stopped. " +
				"If one of them still is Primary, that makes a split brain.",
		},
	}}
}

func findNobody(v *View) []Finding {
	away := v.silentNodes()
	waiting := v.nodesWhere(func(n *Node) bool { return n.Link == LinkConnecting })
	locked := v.nodesWhere(func(n *Node) bool { return n.unreadable() })
	if len(away) == 0 || len(away) < len(v.Nodes) || len(waiting) == len(away) {
		return nil
	}
	f := Finding{
		Nodes: away, Evidence: v.absence(away),
		Title: fmt.Sprintf("No answer from %s: the state of the cluster is unknown", v.named(away)),
		Why: "From here nothing can be said about the cluster. It may be down, it may hang, or it may serve its clients well " +
			"behind a network that is broken only here.",
		Do: []string{
			"Ask a host of the cluster or an application whether the database answers there.",
			"Look on every host whether the server runs, arbitrators included, before anything is started.",
			"If all are stopped, find the node with the highest recovered position, bootstrap that one alone, and start the others one by one.",
		},
	}
	if v.Past.arbitration.now > 0 {
		f.aloneArbitrator(v.Past.arbitration.now)
	}
	if len(locked) == len(away) {
		f.Level, f.Title = LevelWarning, "No node lets galeratop in: the state of the cluster is unknown"
		f.Do = []string{"Check the user, the password and the TLS settings with which galeratop connects, and what the servers say about them."}
	}
	return []Finding{f}
}

// standing is what nodes say of their place in the group, as evidence.
func (v *View) standing(ids []string) []Evidence {
	var out []Evidence
	for _, n := range v.nodesOf(ids) {
		s := n.Status()
		out = append(out, said(n, "wsrep_cluster_status", s.ClusterStatus),
			said(n, "wsrep_cluster_conf_id", confID(s.ConfID)),
			said(n, "wsrep_incoming_addresses", s.IncomingAddrs))
		if last := seqno(s.LastCommitted); last.Known {
			out = append(out, said(n, "wsrep_last_committed", decimal(last.V)))
		}
	}
	return out
}

// absence is how nodes do not answer, as evidence.
func (v *View) absence(ids []string) []Evidence {
	nodes := v.nodesOf(ids)
	out := make([]Evidence, len(nodes))
	for i, n := range nodes {
		out[i] = said(n, "connection", n.silenceText(v))
	}
	return out
}

func (n *Node) silenceText(v *View) string {
	text := string(n.Link)
	if n.Failure != nil {
		text = string(n.Failure.Kind)
		if n.Failure.Text != "" {
			text += ": " + strings.TrimSpace(n.Failure.Text)
		}
	}
	if lasted := v.At.Sub(n.Since); !n.Since.IsZero() && lasted > 0 {
		text += ", for " + Span(lasted)
	}
	return text
}
