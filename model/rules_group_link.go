package model

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// linkRules are about members that come and go or answer late.
var linkRules = []Rule{
	{
		ID: "flapping", Level: LevelWarning, Confirm: 2, Clear: 5,
		Source: "conf_id rising, PXC-3580; a joiner in a loop, galera#604",
		Find:   findFlapping,
	},
	{
		ID: "delayed", Level: LevelNotice, Confirm: 3, Clear: 5,
		Source: "documentation of wsrep_evs_delayed",
		Find:   findDelayed,
	},
}

// flapLimit is how many view changes within flapSpan are too many: a rolling
// restart of all nodes makes two a node.
func flapLimit(nodes int) int { return max(8, 2*nodes+4) }

func findFlapping(v *View) []Finding {
	var worst *Node
	most := 0
	for _, n := range v.nodesOf(v.nodesWhere((*Node).Up)) {
		if changes := len(v.Past.Node(n.ID).ConfIDs); changes > most {
			worst, most = n, changes
		}
	}
	if worst == nil || most < flapLimit(len(v.Nodes)) {
		return nil
	}
	return []Finding{{
		Title: fmt.Sprintf("The membership is flapping: %d view changes in %s", most, Span(flapSpan)),
		Evidence: []Evidence{
			said(worst, "changes of wsrep_cluster_conf_id", decimal(int64(most))),
			said(worst, "wsrep_cluster_conf_id", confID(worst.Status().ConfID)),
		},
		Why: "Every view change holds up all writes for a moment. Mostly one node or one link fails again and again, " +
			"or a joiner tries, fails and starts anew.",
		Do: []string{
			"Look at the events for the node that comes and goes, and read its error log.",
			"If it is a joiner in a loop, stop it and find out why its transfer fails.",
			"If it is the network, take the worst node out until the link is good, or raise the evs timeouts on all nodes alike.",
		},
	}}
}

// delay is a peer that others find slow to answer.
type delay struct {
	uuid, address string
	by            []Evidence
	nodes         []string
}

// findDelayed reports the peers that most members find slow to answer. A node
// with a bad link finds all others slow, so that the one whom most complain of
// is the one to look at.
func findDelayed(v *View) []Finding {
	delays := v.delays()
	if len(delays) == 0 {
		return nil
	}
	most := 0
	for _, d := range delays {
		most = max(most, len(d.by))
	}
	f := Finding{
		Why: "Messages to or from it took longer than evs.delay_margin. If that goes on, it is suspected, dropped from the group, and writes wait meanwhile.",
		Do: []string{
			"Look at the network between it and the nodes that report it, and at the load of its host.",
			"If only one node reports it, the link of that node may be the bad one.",
		},
	}
	var names []string
	for _, d := range delays {
		f.Evidence = append(f.Evidence, d.by...)
		f.Nodes = append(f.Nodes, d.nodes...)
		if len(d.by) < most {
			continue
		}
		name := d.address
		if strings.TrimPrefix(name, "tcp://") == "" {
			name = "a member without an address"
		}
		if n := v.instance(d.uuid); n != nil {
			name = n.Name
			f.Nodes = append(f.Nodes, n.ID)
		}
		names = append(names, name)
	}
	slices.SortFunc(names, CompareNatural)
	slices.Sort(f.Nodes)
	f.Nodes = slices.Compact(f.Nodes)
	f.Title = sentence(names) + agree(len(names), " answers", " answer") + " the group late"
	return []Finding{f}
}

// delays are what the members of a Primary Component report; outside of one,
// nobody answers in time, and that is told already.
func (v *View) delays() []*delay {
	var out []*delay
	for _, n := range v.nodesOf(v.nodesWhere((*Node).inGroup)) {
		if !n.Status().InPrimary() {
			continue
		}
		for _, d := range parseDelayed(n.Status().EVSDelayed) {
			i := slices.IndexFunc(out, func(x *delay) bool { return x.uuid == d.uuid })
			if i < 0 {
				i, out = len(out), append(out, &delay{uuid: d.uuid, address: d.address})
			}
			out[i].by = append(out[i].by, said(n, "wsrep_evs_delayed", fmt.Sprintf("%s %s", d.address, count(d.times, "time"))))
			out[i].nodes = append(out[i].nodes, n.ID)
		}
	}
	return out
}

// instance is the node whose connection to the group has the ID.
func (v *View) instance(uuid string) *Node {
	i := slices.IndexFunc(v.Nodes, func(n *Node) bool { return uuid != "" && n.Status().GcommUUID == uuid })
	if i < 0 {
		return nil
	}
	return v.Nodes[i]
}

// delayed is one entry of wsrep_evs_delayed.
type delayed struct {
	uuid, address string
	times         int
}

// parseDelayed reads "uuid:address:count,..."; the address holds colons itself.
func parseDelayed(text string) (out []delayed) {
	for part := range strings.SplitSeq(text, ",") {
		uuid, rest, ok := strings.Cut(strings.TrimSpace(part), ":")
		at := strings.LastIndexByte(rest, ':')
		if !ok || at < 0 {
			continue
		}
		times, err := strconv.Atoi(rest[at+1:])
		if err != nil || times <= 0 {
			continue
		}
		out = append(out, delayed{uuid, rest[:at], times})
	}
	return out
}
