package actions

import (
	"fmt"
	"slices"
	"time"

	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/model"
)

// joinChecks are what an ordinary start of a stopped server wants.
var joinChecks = []hostCheck{serverStopped, noTransferRuns, foundsNothing, noLeftovers, somebodyToJoin, joinsTruthfully, donorFree, canBeServed, roomIfSST, noDowngrade}

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
		checks: slices.Concat(leaveChecks, []hostCheck{foundsNothing, noLeftovers, staysTruthful, donorFree, comesBackByIST, noDowngrade}),
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
	{
		id: Upgrade, name: "Upgrade", title: "Upgrade the stopped server of {node}",
		about: "runs the configured upgrade command on its host", level: LevelNode,
		checks: []hostCheck{serverStopped, noTransferRuns},
		tasks: []task{{
			lines: func(c *hostCase) ([]string, error) { return c.commands(host.Upgrade) },
			run:   serve(host.Upgrade), seen: isUpgraded, yields: true,
		}},
		effects: func(c *hostCase) []string {
			return []string{"its server is replaced by another version of it; now it is " + orWord(c.mine().Installed.Text, "not known which")}
		},
		unknowns: []string{"whether the upgrade starts the server by itself, as some packages do"},
		verify:   "the version that is installed is read again",
	},
}

// noDowngrade wants that the next start runs no older version than the node ran:
// servers do not open data that a newer one wrote, and Galera does not let an older
// protocol back in.
func noDowngrade(c *hostCase) Check {
	const text = "nothing says that an older server is installed than the one that ran"
	r := c.mine()
	if r.InstalledErr != nil || r.Installed.Release == 0 {
		return judged(true, text, "which version is installed cannot be read")
	}
	if c.node.Sample == nil || c.node.Sample.Server.Release == 0 {
		return judged(true, text, "it is "+r.Installed.Release.String()+"; which one ran is not known")
	}
	ran := c.node.Sample.Server
	switch {
	case r.Installed.Flavour != ran.Flavour && r.Installed.Flavour != model.FlavourPlain:
		return judged(false, text, fmt.Sprintf("%s is installed, it was %s", r.Installed.Flavour.Word(), ran.Flavour.Word()))
	case r.Installed.Release < ran.Release:
		return judged(false, text, fmt.Sprintf("%s is installed, %s ran: a downgrade is not possible", r.Installed.Release, ran.Release))
	case r.Installed.Release != ran.Release:
		return judged(true, text, fmt.Sprintf("%s is installed, %s ran: this is an upgrade", r.Installed.Release, ran.Release))
	}
	return judged(true, text, "both are "+ran.Release.String())
}

// isUpgraded looks at the version that is installed after an upgrade.
func isUpgraded(c *hostCase) (Stage, string) {
	r := c.mine()
	switch why := c.unfinished(); {
	case why != "":
		return Wrong, why + "; look at the host before anything else is done"
	case r.InstalledErr != nil:
		return Wrong, "the command has ended, and which version is installed cannot be read: " + r.InstalledErr.Error()
	}
	return Done, "installed: " + r.Installed.Text
}

// leaveChecks are what taking a running server away wants.
var leaveChecks = []hostCheck{serverRuns, insideOnly(onePrimary), quorumKept, insideOnly(stable), insideOnly(othersSynced), insideOnly(anotherServes), insideOnly(servesNobody)}

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

const viaSST = "it came back by SST"

// joinedBlank looks for a server that was started without a position: no donor
// gives such a one an IST.
func joinedBlank(c *hostCase) (Stage, string) {
	stage, text := joined(c)
	if stage == Done {
		text = "Synced; " + viaSST
	}
	return stage, text
}

// arrival says by which way the node got what it lacked, from what its provider
// holds: after an IST its cache begins where it was stopped, after an SST later.
func (c *hostCase) arrival() string {
	const unknown = "how it got its state is not known"
	if g := &c.subject.chosen.State.Grastate; g.Known() && (g.Value == nil || !g.Value.History()) && c.subject.chosen.Recovered == nil {
		return viaSST
	}
	at, now := c.subject.chosen.Position(), c.node.Status()
	exact := at.Exact()
	if seen := c.subject.before; !exact && seen != nil {
		// Of a crashed server only what it had at least is known.
		at.Seqno = seen.Status().LastCommitted.Or(-1)
	}
	switch {
	case at.Seqno < 0 || now.ClusterStateUUID != at.UUID:
		return unknown
	case !now.CachedDownto.Known || now.CachedDownto.V <= 0:
		return "it has received nothing since"
	case now.CachedDownto.V <= at.Seqno+1:
		return "it came back by IST"
	case !exact:
		return unknown
	}
	return viaSST
}

// forecast is by which way the node would come in now: where it was stopped as its
// host tells, or where it is if it runs.
func (c *hostCase) forecast() model.JoinForecast {
	j := model.JoinerOf(c.node)
	if state := c.state(); state.Server.Known() && !state.Server.Value.Running {
		at := c.mine().Position()
		j.UUID, j.Seqno = at.UUID, model.N(at.Seqno)
		if state.Grastate.Known() && state.Grastate.Value == nil {
			j.Blank = "it has no grastate.dat"
		}
		if method := state.Options.Value.Values["wsrep_sst_method"]; method != "" {
			j.Method = method
		}
	}
	return model.ForecastJoin(c.Snapshot, j, model.GroupRate(c.Snapshot))
}

// needsSST reports whether the node cannot come back by IST, as far as is seen.
func needsSST(c *hostCase) bool { f := c.forecast(); return f.Kind == model.ProspectSST }

// canBeServed wants that somebody gives it what it lacks.
func canBeServed(c *hostCase) Check {
	f := c.forecast()
	return judged(f.Kind != model.ProspectImpossible, "the group can give it what it lacks", f.Words(c.Snapshot))
}

// roomIfSST is roomForSST where one is needed.
func roomIfSST(c *hostCase) Check {
	if needsSST(c) {
		return roomForSST(c)
	}
	return judged(true, "the disk has room for what it receives", "no SST is forecast")
}

func joinEffects(c *hostCase) []string {
	f := c.forecast()
	out := []string{"when it starts: " + f.Words(c.Snapshot)}
	if f.Kind == model.ProspectSST {
		out = append(out, "all of its data is replaced by a copy of the donor's",
			"the donor serves it meanwhile, and falls behind or takes no writes, by the SST method")
	}
	return out
}
