package actions

import (
	"fmt"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

const reconnect = "SET GLOBAL wsrep_cluster_address = @@wsrep_cluster_address"

// reconnectRows leave the group and join it anew.
var reconnectRows = []*nodeRow{
	{
		id: "reconnect", name: "Reconnect", title: "Reconnect {node} to the group",
		about: "leaves the group and joins it anew over the same wsrep_cluster_address", level: LevelNode,
		turns: []turn{{sql: reconnect, order: true}},
		checks: []check{
			answers, addressJoins, reachesOthers, oneHistory, neverApart, notVotedOut, servedByIST, servesNobody, quorumAfterStop, anotherServes,
		},
		effects: func(c *nodeCase) []string {
			return []string{
				fmt.Sprintf("its clients are disconnected, %s now, and open transactions are rolled back", connections(c.node)),
				"it refuses queries until it is back; the statement may take 30 s",
			}
		},
		unknowns: []string{
			"whether it joins: the server answers OK also when that fails",
			"whether it was Primary apart from the others before this console looked: then its rows differ, IST keeps them so, and it must come back by SST instead",
			"on MariaDB, whether it once was told to found a cluster by an empty gcomm:// while it ran: it remembers that, and would found one again",
		},
		verify: "new samples are watched until it has a new id in the group and is Synced in the Primary Component, for up to 60 s",
		seen:   returned, patience: time.Minute, limit: 40 * time.Second, everywhere: true,
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
		if mine, theirs := history(c.node), n.Status().ClusterStateUUID; mine != theirs {
			return judged(false, text, fmt.Sprintf("its history is %s, that of %s is %s: it must come back by SST", mine, n.Name, theirs))
		}
		if mine, theirs := c.node.Status().LastCommitted, n.Status().LastCommitted; mine.Known && theirs.Known && !c.node.Status().InPrimary() && mine.V > theirs.V {
			return judged(false, text, fmt.Sprintf("it is ahead of %s, at seqno %d against %d: it wrote apart from the others and must come back by SST", n.Name, mine.V, theirs.V))
		}
	}
	return judged(true, text, history(c.node))
}

// history is the history that a node's data belong to. One that has left the
// group, or was evicted, shows zeros in place of the group's.
func history(n *model.Node) string {
	s := n.Status()
	if strings.Trim(s.ClusterStateUUID, "0-") == "" {
		return s.LocalStateUUID
	}
	return s.ClusterStateUUID
}

// neverApart wants that the node was not seen on a side of a split brain: its
// rows may differ since, though it has the same history.
func neverApart(c *nodeCase) Check {
	text := c.node.Name + " was on no side of a split brain"
	at, seen := model.SplitSeen(c.Snapshot, c.node.ID)
	if !seen {
		return judged(true, text, "none was seen since this console looks")
	}
	out := judged(false, text, "one was seen at "+at.Format(time.TimeOnly)+": after it the losing side must come back by SST only")
	out.Waivers = []Waiver{{
		Risk:  "where it was on the losing side and had no SST since, IST leaves its rows as they are, and it says Synced with other data than the rest",
		Words: c.node.Name + " has the right data",
	}}
	return out
}

// servedByIST wants that the node can be brought up to date while it runs: a
// full copy needs a restart, and a server that is offered one ends.
func servedByIST(c *nodeCase) Check {
	const text = "it can come back by IST"
	f := model.ForecastJoin(c.Snapshot, model.JoinerOf(c.node), model.GroupRate(c.Snapshot))
	switch f.Kind {
	case model.ProspectIST:
		return judged(true, text, f.Why)
	case model.ProspectUnknown:
		return unknown(text, f.Why)
	}
	return judged(false, text, f.Why+": a server that runs cannot take an SST; stop it and start it instead")
}

func notVotedOut(c *nodeCase) Check {
	return judged(c.node.Status().State() != model.StateInconsistent, c.node.Name+" was not voted out as inconsistent",
		"its state is "+c.node.Status().State().String())
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
