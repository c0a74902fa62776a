package actions

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

// The statements that are no settings.
const (
	shutdown  = "SHUTDOWN"
	reconnect = "SET GLOBAL wsrep_cluster_address = @@wsrep_cluster_address"
)

var evicting = lever{option: "evs.evict"}

// memberUUID stands for the id under which the group knows the node.
const memberUUID = "{gcomm uuid}"

// memberRows are about a node's membership.
var memberRows = []*nodeRow{
	{
		id: "reconnect", name: "Reconnect", title: "Reconnect {node} to the group",
		about: "leaves the group and joins it anew over the same wsrep_cluster_address", level: LevelNode,
		turns: []turn{{sql: reconnect, order: true}},
		checks: []check{
			answers, addressJoins, reachesOthers, oneHistory, notVotedOut, servesNobody, quorumAfterStop, anotherServes,
		},
		effects: func(c *nodeCase) []string {
			return []string{
				fmt.Sprintf("its clients are disconnected, %s now, and open transactions are rolled back", connections(c.node)),
				"it refuses queries until it is back; the statement may take 30 s",
				"it comes back by IST: " + window(c),
			}
		},
		unknowns: []string{
			"whether it joins: the server answers OK also when that fails",
			"on MariaDB, whether it once was told to found a cluster by an empty gcomm:// while it ran: it remembers that, and would found one again",
		},
		verify: "new samples are watched until it has a new id in the group and is Synced in the Primary Component, for up to 60 s",
		seen:   returned, patience: time.Minute, limit: 40 * time.Second, everywhere: true,
	},
	{
		id: "evict", name: "Evict", title: "Evict {node} from the group for good",
		about: "shuts a silent or flapping member out until its server is restarted", level: LevelNode,
		turns:  []turn{{lever: evicting, to: memberUUID, order: true, agents: firstHealthy}},
		checks: []check{unwell, isListed, knownToTheGroup, healthyAgent, quorumWithout},
		effects: func(c *nodeCase) []string {
			return []string{
				"the group goes on without " + c.node.Name + " and does not take its server back under this id",
				"its server has to be restarted to come back; where it has been away for long, that needs an SST",
			}
		},
		unknowns: []string{
			"whether it still serves clients behind a network that is broken only between the servers",
			"why it is silent: evicting it ends the waiting, not the cause",
		},
		verify: "new samples are watched until no member lists it any more, for up to 30 s",
		undo:   "restart its server; the group forgets the eviction after a day (evs.view_forget_timeout)",
		seen: func(c *nodeCase) (Stage, string) {
			left := c.others(func(n *model.Node) bool { return n.Up() && n.Status().InPrimary() && lists(n, c.node) })
			if len(left) > 0 {
				return Verifying, names(left) + " still " + agree(len(left), "lists", "list") + " it as a member"
			}
			return Done, "no member lists it any more"
		},
		patience: 30 * time.Second,
	},
	{
		id: "stop", name: "Stop", title: "Stop the server of {node}",
		about: "shuts the server down with a goodbye to the group", level: LevelNode,
		turns:  []turn{{sql: shutdown, order: true}},
		checks: []check{answers, onePrimary, stable, quorumAfterStop, othersSynced, anotherServes, servesNobody},
		effects: func(c *nodeCase) []string {
			out := []string{
				fmt.Sprintf("its clients are disconnected, %s now, and open transactions are rolled back", connections(c.node)),
				"when it comes back: " + window(c),
			}
			if q := c.quorum(); q != nil && q.Vote(c.node.ID) != nil {
				out = slices.Insert(out, 1, "the rest stays Primary: "+forecast(q.Without(c.node.ID), c.node))
			}
			return out
		},
		unknowns: []string{
			"how long the shutdown takes: a big rollback or many dirty pages make it long",
			"whether something on its host starts the server again by itself",
		},
		verify: "new samples are watched until its port is closed and the others are Primary without it, for up to 2 min",
		undo:   "start the service on its host",
		seen:   stopped, patience: 2 * time.Minute, everywhere: true,
	},
}

// addressJoins wants an address that leads to others.
func addressJoins(c *nodeCase) Check {
	const text = "its wsrep_cluster_address names members to join"
	address, ok := model.Setting(c.node, "wsrep_cluster_address")
	if !ok {
		return unknown(text, "the settings of "+c.node.Name+" have not been read yet")
	}
	if model.FoundsAlone(address) {
		return judged(false, text, "it is "+address+": that would found a second cluster")
	}
	return judged(address != "", text, "it is "+address)
}

// reachesOthers wants that the node is not the last member: alone it would
// leave the group and end it.
func reachesOthers(c *nodeCase) Check {
	const text = "another node is in the Primary Component"
	rest := c.others(func(n *model.Node) bool { return n.Up() && n.Status().InPrimary() })
	if len(rest) == 0 {
		return judged(false, text, c.node.Name+" is the last one that answers: it would leave the group and nobody could let it in again")
	}
	return judged(true, text, names(rest)+" "+agree(len(rest), "answers", "answer")+" from it")
}

// oneHistory wants no trace of a split brain: whoever was Primary apart from the
// others keeps the same history and would get IST over rows that differ.
func oneHistory(c *nodeCase) Check {
	found := onePrimary(c)
	if found.Verdict != Met {
		return found
	}
	const text = "it has the history of the Primary Component"
	for _, n := range c.others(func(n *model.Node) bool { return n.Up() && n.Status().InPrimary() }) {
		if mine, theirs := c.node.Status().ClusterStateUUID, n.Status().ClusterStateUUID; mine != theirs {
			return judged(false, text, fmt.Sprintf("its history is %s, that of %s is %s: it must come back by SST", mine, n.Name, theirs))
		}
		if mine, theirs := c.node.Status().LastCommitted, n.Status().LastCommitted; mine.Known && theirs.Known && !c.node.Status().InPrimary() && mine.V > theirs.V {
			return judged(false, text, fmt.Sprintf("it is ahead of %s, at seqno %d against %d: it wrote apart from the others and must come back by SST", n.Name, mine.V, theirs.V))
		}
	}
	return judged(true, text, c.node.Status().ClusterStateUUID)
}

func notVotedOut(c *nodeCase) Check {
	return judged(c.node.Status().State() != model.StateInconsistent, c.node.Name+" was not voted out as inconsistent",
		"its state is "+c.node.Status().State().String())
}

// quorumAfterStop wants that the rest stays Primary when the node leaves, also
// when members that do not answer turn out to have crashed.
func quorumAfterStop(c *nodeCase) Check {
	const text = "the rest stays Primary without it"
	p := c.primary()
	if p == nil {
		return judged(true, text, c.node.Name+" is outside of it: its leave takes no vote away")
	}
	q := p.Quorum
	if q == nil || q.Vote(c.node.ID) == nil {
		return unknown(text, "the weights of the members are not known, or do not add up")
	}
	w := q.Vote(c.node.ID).Weight
	evidence := fmt.Sprintf("weight %d of %d remains", q.Total-w, q.Total)
	if len(q.Votes) == 1 {
		return judged(false, text, c.node.Name+" is the last member: nobody would be Primary any more")
	}
	if len(p.Silent) > 0 {
		evidence += ", and " + c.named(p.Silent) + " " + agree(len(p.Silent), "does", "do") + " not answer and may be lost"
	}
	return judged(q.AfterLeave(c.node.ID, p.Silent...), text, evidence)
}

// quorumWithout wants that the rest stays Primary when the node is torn out.
func quorumWithout(c *nodeCase) Check {
	const text = "the rest stays Primary without it"
	all := c.primaries()
	if len(all) == 0 {
		return judged(false, text, "no node that answers is Primary")
	}
	p := all[0]
	if p.Quorum == nil {
		return unknown(text, "the weights of the members are not known, or do not add up")
	}
	gone := append([]string{c.node.ID}, p.Silent...)
	rest := p.Quorum.Without(gone...).Total
	return judged(p.Quorum.AfterCrash(gone...), text, fmt.Sprintf("weight %d of %d remains", rest, p.Quorum.Total))
}

// othersSynced wants that every other member is well: nobody joins, nobody
// donates, nobody is silent.
func othersSynced(c *nodeCase) Check {
	const text = "all other members are Synced"
	p := c.primary()
	if p == nil {
		return judged(true, text, c.node.Name+" is outside of the Primary Component")
	}
	if len(p.Silent) > 0 {
		return unknown(text, c.named(p.Silent)+" "+agree(len(p.Silent), "does", "do")+" not answer")
	}
	var bad []string
	for _, n := range c.others(func(n *model.Node) bool { return slices.Contains(p.Nodes, n.ID) }) {
		if manual, ok := desyncing.value(n); !n.Synced() && (!ok || !equal(manual, "ON")) {
			bad = append(bad, n.Name+" is "+standing(n))
		}
	}
	if bad != nil {
		return judged(false, text, strings.Join(bad, "; "))
	}
	return judged(true, text, c.named(p.Nodes)+" were looked at")
}

// window is how long the node may be away.
func window(c *nodeCase) string {
	for _, w := range model.Windows(c.Snapshot, model.GroupRate(c.Snapshot)) {
		if w.Node == c.node.ID {
			return w.Words() + ", from " + c.named([]string{w.Donor})
		}
	}
	return "nobody is seen who could serve it by IST: it may need an SST"
}

// returned looks for a node that left the group and is back.
func returned(c *nodeCase) (Stage, string) {
	s := c.node.Status()
	switch {
	case !c.node.Up() || !c.node.Sample.At.After(c.asked):
		return Verifying, "it does not answer yet"
	case s.GcommUUID == c.before.Status().GcommUUID && s.GcommUUID != "":
		return Verifying, "it has not left the group yet"
	case !c.node.Synced():
		return Verifying, "on its way back: " + standing(c.node)
	}
	return Done, "back in the group and Synced"
}

// stopped looks for a node that is gone, and a group that goes on.
func stopped(c *nodeCase) (Stage, string) {
	if c.node.Up() && c.node.Sample.At.After(c.asked) {
		return Verifying, "it still answers: the shutdown is under way"
	}
	rest := c.others(func(n *model.Node) bool { return n.Up() && n.Status().InPrimary() && n.Sample.At.After(c.asked) })
	holding := slices.DeleteFunc(slices.Clone(rest), func(n *model.Node) bool { return !lists(n, c.node) })
	switch {
	case c.node.Link != model.LinkDown:
		return Verifying, "it does not answer any more; its port is not seen to be closed yet"
	case len(rest) == 0:
		return Verifying, "it is gone; no other node was seen to be Primary since"
	case len(holding) > 0:
		return Verifying, names(holding) + " still " + agree(len(holding), "lists", "list") + " it as a member"
	}
	return Done, "stopped; " + names(rest) + " " + agree(len(rest), "is", "are") + " Primary without it"
}

// lists reports whether a node's view has the other as a member.
func lists(n, other *model.Node) bool {
	members, _ := n.Status().Members()
	return slices.ContainsFunc(members, other.Has)
}

// unwell is the first precondition of an eviction.
func unwell(c *nodeCase) Check {
	text := c.node.Name + " does not answer, or is delayed in the group"
	if !c.node.Up() {
		return judged(true, text, "it does not answer")
	}
	id := c.node.Status().GcommUUID
	saying := c.others(func(n *model.Node) bool {
		return n.Up() && id != "" && strings.Contains(strings.ToLower(n.Status().EVSDelayed), strings.ToLower(id))
	})
	if len(saying) > 0 {
		return judged(true, text, names(saying)+" "+agree(len(saying), "names", "name")+" it in wsrep_evs_delayed")
	}
	return judged(false, text, "it answers and nobody calls it delayed; to take it out, stop it")
}

func isListed(c *nodeCase) Check {
	text := c.node.Name + " is still a member for the others"
	holding := c.others(func(n *model.Node) bool { return n.Up() && n.Status().InPrimary() && lists(n, c.node) })
	if len(holding) == 0 {
		return judged(false, text, "no Primary node that answers lists it: the group is without it already")
	}
	return judged(true, text, names(holding)+" "+agree(len(holding), "lists", "list")+" it")
}

func knownToTheGroup(c *nodeCase) Check {
	const text = "its id in the group is known"
	id := c.node.Status().GcommUUID
	if id == "" || strings.Trim(id, "0123456789abcdefABCDEF-") != "" {
		return unknown(text, "it never told its wsrep_gcomm_uuid here")
	}
	return judged(true, text, id)
}

// firstHealthy is a Synced node that gives an order in another one's place.
func firstHealthy(c *nodeCase) []*model.Node {
	if all := c.others((*model.Node).Synced); len(all) > 0 {
		return all[:1]
	}
	return nil
}

func healthyAgent(c *nodeCase) Check {
	const text = "a Synced node gives the order"
	all := firstHealthy(c)
	if len(all) == 0 {
		return judged(false, text, "no other node is Synced")
	}
	return judged(true, text, all[0].Name)
}
