package recovery

import (
	"cmp"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// crashArbitrators wants every garbd of the cluster stopped: one that is left
// alone stays Primary, and servers that start abort with a misleading message.
func crashArbitrators(w *world) *Move {
	const means = "An arbitrator that is left alone stays Primary. A server that is started beside it aborts with the misleading " +
		"\"Group requested repl_proto_ver: 127\"."
	for _, n := range w.at(isStopped) {
		garbds := n.reading.State.Arbitrators
		if !garbds.Known() {
			return w.refuse("Whether an arbitrator runs on the host of "+n.Name+" is not known", means+" "+garbds.Unknown, []*node{n})
		}
		for _, g := range garbds.Value {
			if g.Group != "" && w.group() != "" && g.Group != w.group() {
				continue
			}
			m := w.byHand("Stop the arbitrator on the host of "+n.Name, means, []*node{n}, []HandCommand{
				{Node: n.Name, Line: "systemctl stop garb", Why: "garbd runs there as process " + g.PID + "; where no unit started it: kill " + g.PID},
			})
			m.Found = append(m.Found, row(n.Name, "arbitrator", "garbd, process "+g.PID+", group "+cmp.Or(g.Group, "not told")))
			m.Will = []string{"its end is watched for; it is not ended from here, since nothing is known of what started it"}
			return m
		}
	}
	return nil
}

// arbitratorsSeen is how many arbitrators the newest Primary view had that any
// node told.
func (w *world) arbitratorsSeen() int {
	var newest *model.Node
	for _, n := range w.nodes {
		if n.Sample != nil && n.Status().InPrimary() && (newest == nil || n.Sample.At.After(newest.Sample.At)) {
			newest = n.Node
		}
	}
	if newest == nil {
		return 0
	}
	if m := newest.Sample.Slow.Members; m != nil && m.Error == "" && int64(len(m.Rows)) == newest.Status().ClusterSize.Or(-1) {
		empty := 0
		for _, r := range m.Rows {
			if r.Address == "" {
				empty++
			}
		}
		return empty
	}
	members, _ := newest.Status().Members()
	return max(0, int(newest.Status().ClusterSize.Or(0))-len(members))
}

// group is wsrep_cluster_name, "" when nobody told it.
func (w *world) group() string {
	for _, n := range w.nodes {
		if n.Sample != nil && n.Sample.Server.ClusterName != "" {
			return n.Sample.Server.ClusterName
		}
		if n.reading != nil && n.reading.State != nil && n.reading.State.Options.Known() {
			if name := n.reading.State.Options.Value.Values["wsrep_cluster_name"]; name != "" {
				return name
			}
		}
	}
	return ""
}

// everybodyStopped declares that no member is left that cannot be looked at.
const everybodyStopped = "all members are stopped"

// crashStrangers wants every member known that a server's option file or last view
// names, arbitrators included.
func crashStrangers(w *world) *Move {
	strangers, arbitrators := w.strangers(), w.arbitratorsSeen()
	if len(strangers) == 0 && arbitrators == 0 || w.said(everybodyStopped) {
		return nil
	}
	risk := "if one still runs, there will be two clusters, or the first server does not start; if one has more writes, they are lost"
	m := &Move{
		Kind: Ask, Title: "Are there members that cannot be looked at from here?", Found: w.rows(w.nodes), Lost: []string{risk},
		Means: "Somebody was a member and is none of the nodes above. It may be the most advanced one, or still run; an arbitrator that is left alone stays Primary.",
		Will: []string{
			"start again with its address among the nodes of the cluster in config.toml, or after the command",
			"for an arbitrator look on its host: pgrep garbd; and stop it: systemctl stop garb",
			"or, if each is stopped, or only another name of a node above, say so by typing: " + everybodyStopped,
		},
		Question: &Question{Need: NeedWords, Words: everybodyStopped, Risk: risk, Text: "declare that nobody else runs"},
	}
	for _, s := range strangers {
		m.Found = append(m.Found, row(s.by, s.in, s.address))
	}
	if arbitrators > 0 {
		m.Found = append(m.Found, row("", "arbitrators in the last Primary Component", strconv.Itoa(arbitrators)))
	}
	return m
}

// stranger is a member that somebody names and nobody here is.
type stranger struct{ address, by, in string }

func (w *world) strangers() []stranger {
	var out []stranger
	add := func(address, by, in string) {
		bare := bareHost(address)
		if bare != "" && !slices.ContainsFunc(w.nodes, func(n *node) bool { return n.called(bare) }) &&
			!slices.ContainsFunc(out, func(s stranger) bool { return s.address == bare }) {
			out = append(out, stranger{bare, by, in})
		}
	}
	for _, n := range w.nodes {
		members, _ := n.Status().Members()
		for _, m := range members {
			add(m, n.Name, "wsrep_incoming_addresses")
		}
		if n.reading == nil || n.reading.State == nil || !n.reading.State.Options.Known() {
			continue
		}
		list, ok := strings.CutPrefix(strings.Trim(n.reading.State.Options.Value.Values["wsrep_cluster_address"], `"' `), "gcomm://")
		list, _, _ = strings.Cut(list, "?")
		for address := range strings.SplitSeq(list, ",") {
			if ok {
				add(strings.TrimSpace(address), n.Name, "wsrep_cluster_address")
			}
		}
	}
	return out
}

// called reports whether a host is the node's.
func (n *node) called(bare string) bool {
	all := append([]string{n.Address, n.Name}, n.Aliases...)
	if n.Sample != nil {
		all = append(all, n.Sample.Server.Incoming, n.Sample.Server.Hostname, n.Sample.Server.NodeName)
	}
	if n.reading != nil && n.reading.State != nil {
		all = append(all, n.reading.State.Host)
		if o := &n.reading.State.Options; o.Known() {
			all = append(all, o.Value.Values["wsrep_node_address"], o.Value.Values["wsrep_node_name"], o.Value.Values["bind_address"])
		}
	}
	return slices.ContainsFunc(all, func(a string) bool { return a != "" && strings.EqualFold(bareHost(a), bare) })
}

// bareHost is an address without its port.
func bareHost(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return strings.Trim(address, "[]")
}
