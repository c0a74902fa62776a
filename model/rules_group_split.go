package model

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// How the titles of findings begin that tell of writes on several sides.
const (
	splitBrain = "SPLIT BRAIN: "
	accidental = "ACCIDENTAL BOOTSTRAP: "
)

// splitRules are about several Primary Components at once. One look at them
// decides which of three stories is told.
var splitRules = []Rule{
	{
		ID: "split-brain", Level: LevelCritical, Confirm: 2, Clear: 3,
		Source: "isolate and pc.bootstrap; UUID, conf_id and seqno were all equal",
		Find:   findSplitBrain,
	},
	{
		ID: "founded-alone", Level: LevelCritical, Confirm: 2, Clear: 3,
		Source: "cubecos#1328; bitnami/charts#1459",
		Find:   findFoundedAlone,
	},
	{
		ID: "two-clusters", Level: LevelWarning, Confirm: 2, Clear: 3,
		Source: "two real clusters, compare the seed hosts",
		Find:   findTwoClusters,
	},
}

// story is what several Primary Components at once amount to.
type story uint8

const (
	storyNone     story = iota
	storySplit          // one cluster fell into several
	storyFounded        // a member founded a cluster of its own
	storyDistinct       // they never were one cluster
)

// side is one of several Primary Components.
type side struct {
	*Component
	nodes []*Node
}

func (s *side) names() string {
	names := make([]string, len(s.nodes))
	for i, n := range s.nodes {
		names[i] = n.Name
	}
	return strings.Join(names, ", ")
}

func (s *side) say(of func(*Node) string) string {
	for _, n := range s.nodes {
		if text := of(n); text != "" {
			return text
		}
	}
	return ""
}

func (s *side) uuid() string {
	return s.say(func(n *Node) string { return n.Status().ClusterStateUUID })
}

func (s *side) clusterName() string {
	return s.say(func(n *Node) string { return n.Sample.Server.ClusterName })
}

// sides are the Primary Components that certainly are several: each knows its
// members, and each has a node that stood by its view before this snapshot.
func (v *View) sides() []side {
	var out []side
	for i := range v.Components {
		c := &v.Components[i]
		if !c.Primary {
			continue
		}
		s := side{c, v.nodesOf(c.Nodes)}
		told := len(c.Members) > 0 || slices.ContainsFunc(s.nodes, func(n *Node) bool { return instances(n) != nil })
		stood := slices.ContainsFunc(s.nodes, func(n *Node) bool {
			changes := v.Past.Node(n.ID).ConfIDs
			return len(changes) == 0 || changes[len(changes)-1].Before(v.At)
		})
		if told && stood {
			out = append(out, s)
		}
	}
	if len(out) < 2 {
		return nil
	}
	return out
}

// tell decides which story the sides tell; founder is the node that founded a
// cluster of its own, where one did.
func (v *View) tell(sides []side) (what story, founder *side) {
	if len(sides) < 2 {
		return storyNone, nil
	}
	if strangers(sides) {
		return storyDistinct, nil
	}
	for i := range sides {
		if v.founded(&sides[i], sides) {
			return storyFounded, &sides[i]
		}
	}
	return storySplit, nil
}

// strangers reports whether no two of the sides ever were one cluster.
func strangers(sides []side) bool {
	for i := range sides {
		for j := range i {
			if !distinct(&sides[i], &sides[j]) {
				return false
			}
		}
	}
	return true
}

// distinct reports whether two sides say different names, or have different
// histories and do not look for one another.
func distinct(a, b *side) bool {
	if x, y := a.clusterName(), b.clusterName(); x != "" && y != "" && x != y {
		return true
	}
	forB, known := looksFor(a, b)
	forA, too := looksFor(b, a)
	return estranged(a, b) && known && too && !forA && !forB
}

// estranged reports whether two sides have different histories.
func estranged(a, b *side) bool {
	return a.uuid() != "" && b.uuid() != "" && a.uuid() != b.uuid()
}

// looksFor reports whether a side's cluster addresses name a member of the
// other; known is false while they were not read, or name nobody.
func looksFor(a, b *side) (found, known bool) {
	for _, n := range a.nodes {
		for _, host := range n.peers() {
			known = true
			found = found || slices.ContainsFunc(b.nodes, func(o *Node) bool { return o.onHost(host) })
		}
	}
	return found, known
}

// founded reports whether the side is one server that started as a new cluster
// while its peers were up, rather than one that was cut off: it says so in its
// cluster address, or it has a new history but looks for the others, or it was
// seen to restart.
func (v *View) founded(s *side, all []side) bool {
	if len(s.nodes) != 1 || s.Size.Or(0)-int64(s.Arbitrators) != 1 {
		return false
	}
	n := s.nodes[0]
	if foundsAlone(n.setting("wsrep_cluster_address")) {
		return true
	}
	for i := range all {
		o := &all[i]
		if o.Component == s.Component || len(o.nodes) == 0 {
			continue
		}
		seeks, _ := looksFor(s, o)
		fresh := seeks && estranged(s, o) && len(o.nodes) > 1
		restarted := !n.Restart.IsZero() && n.Restart.After(newestRestart(o))
		if fresh || restarted {
			return true
		}
	}
	return false
}

// foundsAlone reports whether a cluster address names nobody to join.
func foundsAlone(address string) bool {
	address, _, _ = strings.Cut(strings.ToLower(address), "?")
	hosts, ok := strings.CutPrefix(address, "gcomm://")
	first, more, _ := strings.Cut(strings.Trim(hosts, ", "), ",")
	return ok && more == "" && (first == "" || hostOf(first) == "0.0.0.0")
}

// peers are the hosts in the node's cluster address, without ports.
func (n *Node) peers() []string {
	rest, ok := strings.CutPrefix(n.setting("wsrep_cluster_address"), "gcomm://")
	if !ok {
		return nil
	}
	rest, _, _ = strings.Cut(rest, "?")
	var hosts []string
	for part := range strings.SplitSeq(rest, ",") {
		if host := hostOf(strings.TrimSpace(part)); host != "" {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

func (n *Node) onHost(host string) bool {
	if n.Sample != nil && (n.Sample.Server.Hostname == host || n.Sample.Server.NodeName == host) {
		return true
	}
	return slices.ContainsFunc(n.addresses(), func(a string) bool { return hostOf(a) == host })
}

// hostOf cuts the port off an address; an IPv6 one has brackets, or no port.
func hostOf(address string) string {
	if rest, ok := strings.CutPrefix(address, "["); ok {
		host, _, _ := strings.Cut(rest, "]")
		return host
	}
	if strings.Count(address, ":") > 1 {
		return address
	}
	host, _, _ := strings.Cut(address, ":")
	return host
}

func findSplitBrain(v *View) []Finding {
	sides := v.sides()
	if what, _ := v.tell(sides); what != storySplit {
		return nil
	}
	why := "Every side accepts writes that the others never see, and the data drifts further apart with every second. " +
		"Galera does not merge them again, not even when the network is whole."
	if sharedHistory(sides) {
		why += " The sides share one state UUID, so a member of the wrong side that restarts may get IST and report Synced with different rows."
	}
	return []Finding{{
		Title: splitBrain + joinSides(sides) + agree(len(sides)-1, " both", " all") + " accept writes as " + inWords(len(sides)) + " separate clusters",
		Why:   why, Evidence: sideEvidence(sides), Nodes: sideNodes(sides),
		Do: []string{
			"Choose the side to keep: the one whose writes you cannot lose. The writes per second and the seqno of each side help to decide.",
			"Stop application writes to every other side now, at the load balancer or with wsrep_reject_queries=ALL on its nodes.",
			"Save what only the losing side has, with a dump or a copy of its data, before anything is stopped for good.",
			"Stop the nodes of the losing side, make sure that their wsrep_cluster_address names the side to keep, and remove grastate.dat and gvwstate.dat on each.",
			"Start them one after the other, so that each rejoins BY SST ONLY. Not by IST, not by a plain restart and not by setting wsrep_cluster_address: " +
				"IST trusts the seqno, skips what differs, and the node then says Synced with the wrong rows.",
		},
	}}
}

func findFoundedAlone(v *View) []Finding {
	sides := v.sides()
	what, founder := v.tell(sides)
	if what != storyFounded {
		return nil
	}
	n := founder.nodes[0]
	var rest []string
	for i := range sides {
		if sides[i].Component != founder.Component {
			rest = append(rest, sides[i].names())
		}
	}
	evidence := sideEvidence(sides)
	if address := n.setting("wsrep_cluster_address"); address != "" {
		evidence = append([]Evidence{said(n, "wsrep_cluster_address", address)}, evidence...)
	}
	return []Finding{{
		About: n.ID, Evidence: evidence, Nodes: sideNodes(sides), Action: "drain",
		Title: accidental + n.Name + " started as a cluster of its own, both it and " + strings.Join(rest, " and ") + " accept writes",
		Why: "This is no network partition: " + n.Name + " was started as the first node of a new cluster while its peers were up. " +
			"What is written to it never reaches them, and what they write never reaches it.",
		Do: []string{
			"Stop application writes to " + n.Name + " now, at the load balancer or with wsrep_reject_queries=ALL.",
			"Save the writes that only " + n.Name + " has, if clients used it since it started.",
			"Stop " + n.Name + " and find out what founds the cluster: an empty gcomm:// in an option file, a bootstrap unit, or configuration management.",
			"Put the addresses of " + strings.Join(rest, ", ") + " into its wsrep_cluster_address, and remove grastate.dat and gvwstate.dat.",
			"Start it the usual way, not as a bootstrap, so that it rejoins BY SST ONLY: IST could leave its own writes in place and still report Synced.",
		},
	}}
}

func findTwoClusters(v *View) []Finding {
	sides := v.sides()
	if what, _ := v.tell(sides); what != storyDistinct {
		return nil
	}
	return []Finding{{
		Title:    "Not one cluster: " + joinSides(sides) + " belong to " + inWords(len(sides)) + " different clusters",
		Evidence: sideEvidence(sides), Nodes: sideNodes(sides),
		Why: "The nodes have different cluster names or histories and do not look for one another, so they most likely never were one cluster. " +
			"Everything that is said here about the whole is wrong while they are watched as one.",
		Do: []string{
			"Check that the configured hosts belong together, and give each cluster its own entry in the configuration.",
			"If they should be one cluster, stop writes to one of them first and treat this as a split brain: the loser rejoins by SST only.",
		},
	}}
}

func sharedHistory(sides []side) bool {
	for i := range sides {
		if sides[i].uuid() == "" || sides[i].uuid() != sides[0].uuid() {
			return false
		}
	}
	return true
}

func joinSides(sides []side) string {
	names := make([]string, len(sides))
	for i := range sides {
		// A comma would leave open where one side ends.
		names[i] = strings.ReplaceAll(sides[i].names(), ", ", "+")
	}
	return strings.Join(names, " and ")
}

func inWords(n int) string {
	if n < 6 {
		return [...]string{"no", "one", "two", "three", "four", "five"}[n]
	}
	return decimal(int64(n))
}

func sideNodes(sides []side) []string {
	var ids []string
	for i := range sides {
		for _, n := range sides[i].nodes {
			ids = append(ids, n.ID)
		}
	}
	return ids
}

// sideEvidence is what each side says, by the mouth of its first node.
func sideEvidence(sides []side) []Evidence {
	var out []Evidence
	for i := range sides {
		s := &sides[i]
		n := s.nodes[0]
		out = append(out,
			said(n, "wsrep_cluster_status", n.Status().ClusterStatus),
			said(n, "wsrep_incoming_addresses", n.Status().IncomingAddrs),
			said(n, "wsrep_cluster_state_uuid", s.uuid()),
			said(n, "wsrep_cluster_conf_id", confID(s.ConfID)))
		if name := s.clusterName(); name != "" {
			out = append(out, said(n, "wsrep_cluster_name", name))
		}
		if last := seqno(n.Status().LastCommitted); last.Known {
			out = append(out, said(n, "wsrep_last_committed", decimal(last.V)))
		}
		if writes := s.writes(); writes.Known {
			out = append(out, Evidence{Node: s.names(), Variable: "writes per second", Value: fmt.Sprintf("%.1f", writes.V)})
		}
	}
	return out
}

// writes is how many write-sets the side's own clients make a second.
func (s *side) writes() (sum Real) {
	for _, n := range s.nodes {
		if r := n.Rates.Replicated; r.Known {
			sum = R(sum.V + r.V)
		}
	}
	return sum
}

// newestRestart is when a node of the side was last seen to restart.
func newestRestart(s *side) (at time.Time) {
	for _, n := range s.nodes {
		if n.Restart.After(at) {
			at = n.Restart
		}
	}
	return at
}
