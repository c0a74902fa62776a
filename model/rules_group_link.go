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
		Source: "GALERA incident 16: conf_id rising, PXC-3580; incident 11: a joiner in a loop, galera#604",
		Find:   findFlapping,
	},
	{
		ID: "delayed", Level: LevelNotice, Confirm: 3, Clear: 5,
		Source: "GALERA A evs_delayed, incident 16",
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

// findDelayed reports peers that others find slow to answer, each once.
func findDelayed(v *View) []Finding {
	type delay struct {
		uuid, address string
		by            []Evidence
		nodes         []string
	}
	var delays []*delay
	for _, n := range v.nodesOf(v.nodesWhere((*Node).inGroup)) {
		for _, d := range parseDelayed(n.Status().EVSDelayed) {
			i := slices.IndexFunc(delays, func(x *delay) bool { return x.uuid == d.uuid })
			if i < 0 {
				i, delays = len(delays), append(delays, &delay{uuid: d.uuid, address: d.address})
			}
			delays[i].by = append(delays[i].by, said(n, "wsrep_evs_delayed", fmt.Sprintf("%s %s", d.address, count(d.times, "time"))))
			delays[i].nodes = append(delays[i].nodes, n.ID)
		}
	}
	out := make([]Finding, 0, len(delays))
	for _, d := range delays {
		name := orNone(d.address)
		about := d.uuid
		if n := v.instance(d.uuid); n != nil {
			name, about = n.Name, n.ID
			d.nodes = append(d.nodes, n.ID)
		}
		out = append(out, Finding{
			About: about, Evidence: d.by, Nodes: d.nodes,
			Title: name + " answers the group late",
			Why:   "Messages to or from it took longer than evs.delay_margin. If that goes on, it is suspected, dropped from the group, and writes wait meanwhile.",
			Do: []string{
				"Look at the network between it and the nodes that report it, and at the load of its host.",
				"If a single reporter sees it so, that reporter's link may be the bad one.",
			},
		})
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
