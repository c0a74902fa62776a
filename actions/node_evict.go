package actions

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

var evicting = lever{option: "evs.evict"}

// memberUUID stands for the id under which the group knows the node.
const memberUUID = "{gcomm uuid}"

// evictRows shut a member out, and let it in again.
var evictRows = []*nodeRow{
	{
		id: "evict", name: "Evict", title: "Evict {node} from the group for good",
		about: "shuts a silent or flapping member out until its server is restarted", level: LevelNode,
		turns:  []turn{{lever: evicting, to: memberUUID, order: true, agents: firstHealthy}},
		checks: []check{unwell, isListed, knownToTheGroup, healthyAgent, quorumWithout},
		effects: func(c *nodeCase) []string {
			return []string{
				"the group goes on without " + c.node.Name + " and does not take its server back under this id",
				"it comes back under a new id only: when its server is restarted, or when it is reconnected while it still runs; where it has been away for long, that needs an SST",
				"its server keeps its port open and refuses what touches data, with error 1047",
			}
		},
		unknowns: []string{
			"whether it still serves clients behind a network that is broken only between the servers",
			"why it is silent: evicting it ends the waiting, not the cause",
		},
		verify: "new samples are watched until no member lists it any more, for up to 30 s",
		undo:   "restart or reconnect its server: it gets a new id; Forget evictions lets the old one in again, which a server that crashed comes back with",
		seen: func(c *nodeCase) (Stage, string) {
			left := c.others(func(n *model.Node) bool { return n.Up() && n.Status().InPrimary() && lists(n, c.node) })
			if len(left) > 0 {
				return Verifying, names(left) + " still " + agree(len(left), "lists", "list") + " it as a member"
			}
			return Done, "no member lists it any more"
		},
		patience: 30 * time.Second, everywhere: true,
	},
	{
		id: "unevict", name: "Forget evictions", title: "Forget all evictions, those of {node} among them",
		about: "lets evicted servers back under the ids that they had", level: LevelNode,
		turns:  []turn{{lever: evicting, order: true, agents: evictors}},
		checks: []check{somebodyIsOut},
		effects: func(c *nodeCase) []string {
			return []string{
				"the group lets in again: " + strings.Join(evicted(c), ", "),
				"each node forgets for itself: the order goes to every one that remembers",
			}
		},
		unknowns: []string{"whether what made somebody evict them is over"},
		verify:   "new samples are watched until no node's wsrep_evs_evict_list names anybody, for up to 30 s",
		undo:     "Evict",
		seen: func(c *nodeCase) (Stage, string) {
			switch {
			case !c.agent.Up() || !c.agent.Sample.At.After(c.asked):
				return Verifying, c.agent.Name + " was not seen since"
			case c.agent.Status().EVSEvictList != "":
				return Verifying, c.agent.Name + " still remembers " + c.agent.Status().EVSEvictList
			}
			return Done, c.agent.Name + " has forgotten all evictions"
		},
		patience: 30 * time.Second,
	},
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

// evictors are the nodes that remember an eviction: the list spreads to all
// members, and each forgets it for itself (seen on Galera 26.4).
func evictors(c *nodeCase) []*model.Node {
	var out []*model.Node
	for _, n := range c.Nodes {
		if n.Up() && n.Status().EVSEvictList != "" {
			out = append(out, n)
		}
	}
	return out
}

// evicted are the instances that are shut out, with the names of those nodes
// that are known.
func evicted(c *nodeCase) []string {
	var out []string
	for _, n := range evictors(c) {
		for id := range strings.SplitSeq(n.Status().EVSEvictList, ",") {
			for _, m := range c.Nodes {
				if m.Status().GcommUUID == id {
					id = m.Name + " (" + id + ")"
				}
			}
			if !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out
}

func somebodyIsOut(c *nodeCase) Check {
	const text = "the group remembers an eviction"
	all := evicted(c)
	if len(all) == 0 {
		return judged(false, text, "wsrep_evs_evict_list is empty on every node that answers")
	}
	return judged(true, text, listed(all))
}

// lists reports whether a node's view has the other as a member.
func lists(n, other *model.Node) bool {
	members, _ := n.Status().Members()
	return slices.ContainsFunc(members, other.Has)
}
