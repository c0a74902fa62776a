package model

import (
	"fmt"
	"slices"
	"strings"
)

// memberRules are about single nodes: what keeps one from being a good member.
var memberRules = []Rule{
	{
		ID: "evicted", Level: LevelCritical, Confirm: 2, Clear: 2,
		Source: "PXC-4298, PXC-4683",
		Find:   each(evicted),
	},
	{
		ID: "unreplicated", Level: LevelCritical, Confirm: 2, Clear: 2,
		Source: "wsrep_on=OFF, provider none",
		Find:   each(unreplicated),
	},
	{
		ID: "silent", Level: LevelWarning, Confirm: 3, Clear: 2,
		Source: "a joiner under SST has no SQL port; seen on MariaDB 10.11 with Galera 26.4",
		Find:   each(quiet),
	},
	{
		ID: "disconnected", Level: LevelWarning, Confirm: 3, Clear: 2,
		Source: "stopped, or refused to bootstrap",
		Find:   each(disconnected),
	},
	{
		ID: "many-servers", Level: LevelWarning, Confirm: 1, Clear: 3,
		Source: "an address that reaches a load balancer",
		Find:   each(manyServers),
	},
	{
		ID: "unreadable", Level: LevelNotice, Confirm: 2, Clear: 1,
		Source: "a check that could not run never reads OK",
		Find:   each(unreadable),
	},
}

// each makes a rule's Find of a look at one node; the finding is about it.
func each(look func(*View, *Node) *Finding) func(*View) []Finding {
	return func(v *View) []Finding {
		var out []Finding
		for _, n := range v.Nodes {
			if f := look(v, n); f != nil {
				f.About = n.ID
				f.Nodes = append(f.Nodes, n.ID)
				out = append(out, *f)
			}
		}
		return out
	}
}

func evicted(_ *View, n *Node) *Finding {
	if !n.Up() || n.Status().State() != StateInconsistent {
		return nil
	}
	s := n.Status()
	return &Finding{
		Title: n.Name + " was voted out of the cluster: its data differs from the others'",
		Evidence: []Evidence{
			said(n, "wsrep_local_state_comment", s.StateComment), said(n, "wsrep_cluster_status", s.ClusterStatus),
			said(n, "wsrep_local_state_uuid", s.LocalStateUUID),
		},
		Why: "A write-set failed on " + n.Name + " with another result than on the majority, so the group expelled it. " +
			"Its port is still open, but it takes no part any more. The vote may have been wrong, so its data may be worth keeping.",
		Do: []string{
			"Take " + n.Name + " out of the load balancer.",
			"Read its error log: the lines about the vote name the table and the error. Keep a copy of its data before it is replaced.",
			"Stop it, remove grastate.dat and start it, so that it rejoins by SST. IST would leave the difference in place.",
		},
	}
}

// unreplicated finds a server that runs without Galera beside a cluster, and
// therefore takes writes for itself.
func unreplicated(v *View, n *Node) *Finding {
	s := n.Status()
	if !n.Up() || (s.Galera() && !strings.EqualFold(s.ClusterStatus, Disconnected)) || s.State() == StateInconsistent || !v.groupBeside(n) {
		return nil
	}
	server := &n.Sample.Server
	off, none := server.WsrepOn == Off, strings.EqualFold(server.Provider, "none") || !s.Galera()
	if !off && !none {
		return nil
	}
	f := &Finding{
		Title: n.Name + " runs without Galera: what is written to it reaches no other node",
		Evidence: []Evidence{
			said(n, "wsrep_on", server.WsrepOn.String()), said(n, "wsrep_provider", orNone(server.Provider)),
			said(n, "wsrep_cluster_status", orNone(s.ClusterStatus)),
		},
		Why: "The server answers like any other, but replication is off on it. Clients that reach it read old data, " +
			"and every write to it makes it differ from the cluster.",
		Do: []string{
			"Take " + n.Name + " out of the load balancer, or set read_only=ON on it.",
			"Find out what was written to it since it started and save it.",
			"Stop it, set wsrep_on=ON and wsrep_provider in its option file, remove grastate.dat, and start it, so that it rejoins by SST only.",
		},
	}
	if ParseFlag(n.setting("read_only")) == On {
		f.Level = LevelWarning
		f.Title = n.Name + " runs without Galera, read-only: it falls behind the cluster"
	}
	return f
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

// groupBeside reports whether others form a group.
func (v *View) groupBeside(n *Node) bool {
	return slices.ContainsFunc(v.Nodes, func(o *Node) bool { return o != n && o.inGroup() })
}

// quiet finds a node that does not answer while others do, and says as much as
// the others know of it.
func quiet(v *View, n *Node) *Finding {
	if n.Up() || n.Link == LinkConnecting || n.unreadable() || n.elsewhere() || !v.anyPrimary() {
		return nil
	}
	refused := n.Failure != nil && n.Failure.Kind == FailRefused
	if n.Listed && refused && v.receives(n) {
		return nil // the rules of state transfer tell it
	}
	f := &Finding{Evidence: []Evidence{said(n, "connection", n.silenceText(v))}}
	names := v.primaryNames()
	donor := v.donor(n)
	switch {
	case n.Listed && refused && donor != "":
		f.Level = LevelNotice
		f.Title = fmt.Sprintf("%s has its port closed but is in the group: most likely it receives an SST from %s", n.Name, donor)
		f.Why = "A joiner that receives an SST opens its SQL port only when the transfer is done."
		f.Do = []string{"Wait for the transfer. If nothing moves for long, read the error logs of " + n.Name + " and " + donor + "."}
	case n.Listed && refused:
		f.Title = n.Name + " has its port closed but the group still lists it: starting, receiving a transfer, or just crashed"
		f.Why = "The group counts it as a member. After a crash it takes the others some seconds to notice, and writes wait meanwhile."
		f.Do = []string{"Look on its host whether the server runs, and read its error log.", "Do not kill it before it is clear that no transfer is running."}
	case n.Listed:
		f.Title = n.Name + " does not answer here, but the group still lists it: hung, or cut off only from here"
		f.Why = "A member that hangs but stays in the group can hold up writes on all nodes. If only the way from here is broken, the cluster is well."
		f.Do = []string{
			"Look on its host whether the server runs and answers there.",
			"If it hangs, keep stack traces and its error log, then restart it. The others keep quorum or not as the quorum findings say.",
		}
	default:
		v.gone(n, f, names)
	}
	f.Evidence = append(f.Evidence, Evidence{Node: names, Variable: "wsrep_incoming_addresses", Value: listing(n)})
	return f
}

// receives reports whether a donor is seen to feed the node.
func (v *View) receives(n *Node) bool {
	return slices.ContainsFunc(v.Transfers, func(t Transfer) bool { return t.JoinerID == n.ID && t.Donor != "" })
}

func listing(n *Node) string {
	if n.Listed {
		return "lists " + n.Name
	}
	return "does not list " + n.Name
}

// gone words the finding about a node that the group no longer counts. It is
// critical when it lasts and the rest cannot lose another.
func (v *View) gone(n *Node, f *Finding, names string) {
	f.Title = n.Name + " is down or cut off: it does not answer and is no member any more"
	if n.Sample == nil {
		f.Title = n.Name + " never answered and is no member of the cluster"
		if n.Expected {
			f.Title = "Expected member " + n.Name + " is missing: it never answered and the cluster does not know it"
		}
	}
	f.Why = "It left, crashed, or lost its connection both to the group and to here: from outside these look the same. The cluster goes on without it."
	f.Do = []string{
		"Look on its host whether the server runs, and read its error log.",
		"If it is stopped, start it the usual way and never as a bootstrap. It rejoins by IST if it was away for short, else by SST.",
	}
	c := v.sole()
	if c == nil || c.Quorum == nil || c.Quorum.Crashes > 0 {
		return
	}
	f.Evidence = append(f.Evidence, Evidence{Node: names, Variable: "crashes survived from here", Value: "0"})
	f.Why += " But it cannot lose another node: one more crash and nobody accepts writes."
	if !n.Since.IsZero() && v.At.Sub(n.Since) >= silence {
		f.Level = LevelCritical
		f.Title += ", and the rest survives no further crash"
	}
}

func (v *View) primaryNames() string {
	var ids []string
	for i := range v.Components {
		if v.Components[i].Primary {
			ids = append(ids, v.Components[i].Nodes...)
		}
	}
	return v.named(ids)
}

// donor names a member that may be feeding the node: one in the Donor state that
// was not desynced for another reason, as far as that is known.
func (v *View) donor(joiner *Node) string {
	for i := range v.Components {
		c := &v.Components[i]
		if !slices.Contains(c.Silent, joiner.ID) {
			continue
		}
		for _, n := range v.nodesOf(c.Nodes) {
			if n.Status().State() == StateDonor && ParseFlag(n.setting("wsrep_desync")) != On {
				return n.Name
			}
		}
	}
	return ""
}

func disconnected(v *View, n *Node) *Finding {
	s := n.Status()
	if !n.Up() || !strings.EqualFold(s.ClusterStatus, Disconnected) || s.State() == StateInconsistent || unreplicated(v, n) != nil ||
		strings.EqualFold(n.Sample.Server.Provider, "none") || n.Sample.Server.WsrepOn == Off {
		return nil
	}
	return &Finding{
		Title: n.Name + " is not connected to any group: it answers, but refuses queries",
		Evidence: []Evidence{
			said(n, "wsrep_cluster_status", s.ClusterStatus), said(n, "wsrep_connected", s.Connected.String()), said(n, "wsrep_ready", s.Ready.String()),
		},
		Why: "The provider is loaded but has no connection to other members: it is starting, it left, or it refused to bootstrap.",
		Do: []string{
			"Read its error log: it says why it does not join.",
			"Check wsrep_cluster_address and the network to the members, then start the server again the usual way.",
		},
	}
}

// elsewhere reports whether the address is known to lead to another node.
func (n *Node) elsewhere() bool { return n.Failure != nil && n.Failure.Kind == FailElse }

func manyServers(_ *View, n *Node) *Finding {
	if n.Elsewhere == 0 && !n.elsewhere() {
		return nil
	}
	f := &Finding{
		Title: n.Address + " leads to different servers: most likely a load balancer",
		Why:   "What is read there comes now from one node and now from another, so that no rate and no state of it can be trusted.",
		Do:    []string{"Give galeratop the addresses of the nodes themselves, not that of a load balancer or of a name that turns round."},
	}
	if n.Elsewhere > 0 {
		f.Evidence = append(f.Evidence, said(n, "another server answered", count(n.Elsewhere, "time")))
	}
	if n.Failure != nil {
		f.Evidence = append(f.Evidence, said(n, "connection", string(n.Failure.Kind)))
	}
	return f
}

// lockedOut are the failures of servers that run but do not let us in.
var lockedOut = map[FailureKind]string{
	FailAccess:  "Check the user and the password, and the host from which the account may connect.",
	FailTLS:     "Check the TLS mode and the certificates on both sides.",
	FailFull:    "Free connections on the node, or let galeratop in through extra_port or admin_port.",
	FailBlocked: "The server blocked this host after connection errors: find their cause, then clear the host cache on it.",
	FailHost:    "Check the name and the resolver of this machine.",
}

func (n *Node) unreadable() bool {
	return !n.Up() && n.Failure != nil && lockedOut[n.Failure.Kind] != ""
}

func unreadable(v *View, n *Node) *Finding {
	if !n.unreadable() {
		return nil
	}
	return &Finding{
		Title:    fmt.Sprintf("%s cannot be judged: %s", n.Name, n.Failure.Kind),
		Evidence: []Evidence{said(n, "connection", n.silenceText(v))},
		Why:      "Nothing is known of this node at first hand, so that trouble on it would not be seen. What the others say of it is all there is.",
		Do:       []string{lockedOut[n.Failure.Kind]},
	}
}
