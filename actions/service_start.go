package actions

import (
	"fmt"
	"slices"
	"time"

	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/model"
)

// joinChecks are what an ordinary start of a stopped server wants.
var joinChecks = []hostCheck{serverStopped, noTransferRuns, foundsNothing, noLeftovers, somebodyToJoin, joinsTruthfully, donorFree}

// startTask starts the server and watches it join.
var startTask = task{
	lines: func(c *hostCase) ([]string, error) { return c.commands(host.Start) },
	run:   serve(host.Start), seen: joined, patience: 2 * time.Minute, yields: true,
}

// serviceRows start and stop the server.
var serviceRows = []*hostRow{
	{
		id: Start, name: "Start", title: "Start the server of {node}",
		about: "starts the service on its host and watches it join", level: LevelNode,
		grave: needsSST, checks: joinChecks, tasks: []task{startTask}, effects: joinEffects,
		unknowns: []string{"how long the start takes: recovery after a crash, and what it has to receive"},
		verify:   "new samples are watched until it is Synced in the Primary Component",
		undo:     "stop it",
	},
	{
		id: StopService, name: "Stop through the service", title: "Stop the server of {node} through its service",
		about: "lets the service manager shut it down, so that it stays down", level: LevelNode,
		checks: leaveChecks, effects: leaveEffects,
		tasks: []task{{
			lines: func(c *hostCase) ([]string, error) { return c.commands(host.Stop) },
			run:   serve(host.Stop), seen: hasStopped, patience: 2 * time.Minute, yields: true,
		}},
		unknowns: []string{"how long the shutdown takes: a big rollback or many dirty pages make it long"},
		verify:   "its host is read until no process works on its data, and new samples until the others are Primary without it",
		undo:     "start it",
	},
	{
		id: Restart, name: "Restart", title: "Restart the server of {node}",
		about: "lets the service manager stop and start it, and watches it come back", level: LevelNode,
		checks: slices.Concat(leaveChecks, []hostCheck{foundsNothing, noLeftovers, staysTruthful, donorFree, comesBackByIST}),
		tasks: []task{{
			lines: func(c *hostCase) ([]string, error) { return c.commands(host.Restart) },
			run:   serve(host.Restart), seen: rejoined, patience: 2 * time.Minute, yields: true,
		}},
		effects: leaveEffects,
		unknowns: []string{
			"how long the shutdown and the start take: a big rollback or many dirty pages make them long",
			"whether its configuration has become one that it does not start with",
		},
		verify: "new samples are watched until it has another process and is Synced in the Primary Component",
	},
}

// leaveChecks are what taking a running server away wants.
var leaveChecks = []hostCheck{serverRuns, quorumKept, insideOnly(stable), insideOnly(othersSynced), insideOnly(anotherServes), insideOnly(servesNobody)}

// joined looks for a server that was started and is a full member.
func joined(c *hostCase) (Stage, string) {
	if c.node.Up() && c.node.Sample.At.After(c.asked) {
		if !c.node.Synced() {
			return Verifying, "it answers and is on its way in: " + standing(c.node)
		}
		return Done, "Synced; " + c.arrival()
	}
	r := c.mine()
	server := &r.State.Server
	if why := c.failed(); why != "" && server.Known() && !server.Value.Running && r.At.After(c.asked) {
		return Wrong, "its server does not run: " + why
	}
	for i := range c.Transfers {
		if t := &c.Transfers[i]; t.JoinerID == c.node.ID {
			return Verifying, fmt.Sprintf("it receives %s from %s", orWord(string(t.Kind), "its state"), orUnknown(t.Donor))
		}
	}
	if server.Known() && server.Value.Running {
		return Verifying, "its server runs, and does not answer yet"
	}
	return Verifying, "its server is not seen to run yet"
}

func orWord(word, instead string) string {
	if word == "" {
		return instead
	}
	return word
}

// arrival says by which way the node got what it lacked, from what its provider
// holds: after an IST its cache begins where it was stopped, after an SST later.
func (c *hostCase) arrival() string {
	before, now := c.subject.chosen.Position(), c.node.Status()
	switch {
	case !before.Exact() || now.ClusterStateUUID != before.UUID:
		return "how it got its state is not known"
	case !now.CachedDownto.Known || now.CachedDownto.V <= 0:
		return "it has received nothing since"
	case now.CachedDownto.V <= before.Seqno+1:
		return "it came back by IST"
	}
	return "it came back by SST"
}

// needsSST reports whether the node cannot come back by IST, as far as is seen.
func needsSST(c *hostCase) bool {
	at := c.mine().Position()
	head := c.head()
	if head == nil {
		return false
	}
	if !at.History() || at.UUID != head.Status().ClusterStateUUID {
		return true
	}
	can, _, known := model.CanIST(c.Snapshot, c.node, at.Seqno)
	return at.Exact() && known && !can
}

func joinEffects(c *hostCase) []string {
	head, at := c.head(), c.mine().Position()
	if head == nil {
		return nil
	}
	if needsSST(c) {
		return []string{
			c.node.Name + " needs an SST: all of its data is replaced by a copy of a donor's",
			"a donor serves it meanwhile, and falls behind or takes no writes, by the SST method",
		}
	}
	if !at.Exact() {
		return []string{"it crashed, and where it stands is found out at its start: by IST if the others still hold what it lacks, else by SST"}
	}
	return []string{fmt.Sprintf("it comes back by IST: it lacks %d write-sets", max(head.Status().LastCommitted.V-at.Seqno, 0))}
}
