package actions

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/model"
)

// firstChecks prove that a cluster is down, and that the node is the one to begin
// with.
var firstChecks = []hostCheck{
	serverStopped, noTransferRuns, bySQL(noPrimary), bySQL(theDeadAreSilent), allStopped, noArbitrator, allMembersHere, wholeData,
	positionsShared, furthest,
}

// firstRows found the Primary Component anew.
var firstRows = []*hostRow{{
	id: BootstrapService, name: "Bootstrap", title: "Bootstrap the cluster from {node}",
	about: "starts the server as the first of a new Primary Component, with the history that it has", level: LevelCluster, everywhere: true,
	checks: slices.Concat(firstChecks, []hostCheck{isSafe}),
	tasks: []task{{
		lines: func(c *hostCase) ([]string, error) { return c.commands(host.Bootstrap) },
		run:   serve(host.Bootstrap), seen: founded, patience: foundPatience, yields: true,
	}},
	effects: func(c *hostCase) []string {
		out := []string{fmt.Sprintf("%s becomes Primary alone, at %s, and takes writes", c.node.Name, c.mine().Position())}
		if dead := c.dead(); len(dead) > 0 {
			out = append(out, "what only "+names(dead)+" "+agree(len(dead), "has", "have")+" is lost: nobody has read where "+agree(len(dead), "it stands", "they stand"))
		}
		return append(out, "the others join it when they are started, one after the other")
	},
	unknowns: []string{"whether there is a node or an arbitrator that this console has never heard of: if one still is Primary, this makes a split brain"},
	verify:   "new samples are watched until it is Primary and Synced, with the history and the position that it had",
	undo:     "stop it",
}}

// bySQL makes a precondition out of one on what servers say.
func bySQL(f check) hostCheck { return func(c *hostCase) Check { return f(c.nodeCase) } }

const foundPatience = 5 * time.Minute

// dead are the other nodes that a person has declared dead.
func (c *hostCase) dead() []*model.Node {
	return c.others(func(n *model.Node) bool { return slices.Contains(c.declared, isDead(c.deadName(n))) })
}

// living are the other nodes that nobody has declared dead.
func (c *hostCase) living() []*model.Node {
	gone := c.dead()
	return c.others(func(n *model.Node) bool { return !slices.Contains(gone, n) })
}

// compared are the other nodes whose positions count.
func (c *hostCase) compared() []*model.Node {
	left := slices.Concat(c.subject.order.Left, c.subject.order.Losers)
	return slices.DeleteFunc(c.living(), func(n *model.Node) bool { return slices.Contains(left, n.ID) })
}

// allStopped wants proof for every known node that its server is stopped.
func allStopped(c *hostCase) Check {
	const text = "the servers of all other nodes are proven stopped"
	out := judged(true, text, names(c.living())+": no process works on their data")
	var open []string
	for _, n := range c.others(func(*model.Node) bool { return true }) {
		why, seen := c.stillRuns(n)
		switch {
		case why == "":
		case seen:
			return judged(false, text, why)
		default:
			open = append(open, why)
			out.Waivers = append(out.Waivers, Waiver{Risk: c.deadRisk(n), Words: isDead(c.deadName(n))})
		}
	}
	if open != nil {
		out.Verdict, out.Evidence = Unknown, strings.Join(open, "; ")+": unreachable means unknown"
	} else if len(c.living()) == 0 {
		out.Evidence = "there is no other that was not declared dead"
	}
	return out
}

// stillRuns says why a node's server may run, "" if it is proven stopped, and
// whether it was seen to.
func (c *hostCase) stillRuns(n *model.Node) (why string, seen bool) {
	r := c.subject.reading(n.ID)
	switch {
	case n.Up():
		return n.Name + " answers, it is " + standing(n), true
	case r == nil || r.State == nil:
		return "the host of " + n.Name + " was not asked", false
	case r.Err != nil:
		return n.Name + ": " + r.Err.Error(), false
	case !r.State.Server.Known():
		return n.Name + ": " + r.State.Server.Unknown, false
	case r.State.Server.Value.Running:
		return "the server of " + n.Name + " runs, as process " + r.State.Server.Value.PID, true
	}
	return "", false
}

// noArbitrator wants that no garbd of this cluster runs on the hosts: one that was
// left alone stays Primary.
func noArbitrator(c *hostCase) Check {
	const text = "no arbitrator of the cluster runs on its hosts"
	group := c.group()
	for _, n := range append(c.living(), c.node) {
		r := c.subject.reading(n.ID)
		if r == nil || r.State == nil || r.Err != nil {
			continue // allStopped tells of it
		}
		garbds := &r.State.Arbitrators
		if !garbds.Known() {
			return unknown(text, n.Name+": "+garbds.Unknown)
		}
		for _, a := range garbds.Value {
			if a.Group == group || a.Group == "" || group == "" {
				return judged(false, text, "garbd runs on the host of "+n.Name+" as process "+a.PID+" and may be Primary alone: stop it")
			}
		}
	}
	return judged(true, text, "no garbd is in the process tables of the hosts that were read")
}

// group is the cluster's name as its servers have it; "" when not known.
func (c *hostCase) group() string {
	for _, n := range append([]*model.Node{c.node}, c.living()...) {
		if r := c.subject.reading(n.ID); r != nil && r.State != nil {
			if name := r.State.Options.Value.Values["wsrep_cluster_name"]; name != "" {
				return name
			}
		}
		if n.Sample != nil && n.Sample.Server.ClusterName != "" {
			return n.Sample.Server.ClusterName
		}
	}
	return ""
}

// everybodyStopped are the words for members that cannot be counted.
const everybodyStopped = "all members are stopped"

// allMembersHere wants that nobody was a member who is not on the screen: by what
// nodes kept of the last view, and by the addresses in their option files.
func allMembersHere(c *hostCase) Check {
	const text = "every member of the last Primary Component is known here"
	missing := func(evidence string) Check {
		out := unknown(text, evidence+": somebody else, or an arbitrator, may be Primary still")
		out.Waivers = []Waiver{{Risk: "if a member that is not on the screen still is Primary, this makes a split brain", Words: everybodyStopped}}
		return out
	}
	for _, n := range c.Nodes {
		r := c.subject.reading(n.ID)
		if r == nil || r.State == nil {
			continue
		}
		if v := r.State.Gvwstate.Value; v != nil && len(v.Members) > len(c.Nodes) {
			return missing(fmt.Sprintf("gvwstate.dat of %s lists %d members, and %s here", n.Name, len(v.Members), counted(len(c.Nodes), "node is", "nodes are")))
		}
		list := strings.TrimPrefix(r.State.Options.Value.Values["wsrep_cluster_address"], "gcomm://")
		list, _, _ = strings.Cut(list, "?")
		if all := strings.FieldsFunc(list, func(r rune) bool { return r == ',' }); len(all) > len(c.Nodes) {
			return missing(fmt.Sprintf("wsrep_cluster_address in the option files of %s names %s, and %s here: %s", n.Name,
				counted(len(all), "address", "addresses"), counted(len(c.Nodes), "node is", "nodes are"), model.Printable(list, 200)))
		}
		if n.Sample == nil || n.Sample.Slow.Members == nil {
			continue
		}
		for _, m := range n.Sample.Slow.Members.Rows {
			if !slices.ContainsFunc(c.Nodes, func(n *model.Node) bool { return n.Has(m.Address) || n.Name == m.Name }) {
				return missing(orWord(m.Name, "a member without a name") + " was a member for " + n.Name + " and is not on the screen")
			}
		}
	}
	return judged(true, text, "by gvwstate.dat, option files and the tables of members as far as they were read")
}

// wholeData wants that the node's data is not a half of an SST.
func wholeData(c *hostCase) Check {
	found := noLeftovers(c)
	found.Text = "its data is whole"
	return found
}

// positionsShared wants that all positions are known and of one history.
func positionsShared(c *hostCase) Check {
	const text = "all positions are known and belong to one history"
	at := c.mine().Position()
	if !at.Exact() {
		return unknown(text, "the position of "+c.node.Name+" is "+at.String()+": recover it first")
	}
	var words []string
	for _, n := range c.compared() {
		r := c.subject.reading(n.ID)
		if r == nil || r.State == nil || r.Err != nil {
			continue // allStopped tells of it
		}
		p := r.Position()
		blank := r.State.Grastate.Known() && r.State.Grastate.Value == nil || r.Recovered != nil && !p.History()
		switch {
		case blank:
			words = append(words, n.Name+" has none")
		case !p.Exact():
			return unknown(text, "the position of "+n.Name+" is "+p.String()+": recover it first")
		case p.UUID != at.UUID:
			return judged(false, text, fmt.Sprintf("%s is at %s, %s at %s: histories are mixed; a person has to choose", c.node.Name, at, n.Name, p))
		default:
			words = append(words, fmt.Sprintf("%s is at %d", n.Name, p.Seqno))
		}
	}
	return judged(true, text, strings.Join(append([]string{fmt.Sprintf("%s is at %d", c.node.Name, at.Seqno)}, words...), ", "))
}

// furthest wants the node that lacks nothing that another one has. Of several at
// the same position, one that is safe to bootstrap comes first.
func furthest(c *hostCase) Check {
	text := "no node is more advanced than " + c.node.Name
	at := c.mine().Position()
	for _, n := range c.compared() {
		r := c.subject.reading(n.ID)
		if r == nil || r.State == nil {
			continue
		}
		p := r.Position()
		switch safe := r.State.Grastate.Value != nil && r.State.Grastate.Value.SafeToBootstrap; {
		case p.Seqno > at.Seqno:
			return judged(false, text, fmt.Sprintf("%s is at seqno %d, %s at %d: begin with %s instead", c.node.Name, at.Seqno, n.Name, p.Seqno, n.Name))
		case p.Seqno == at.Seqno && safe && p.Exact() && !c.safe():
			return judged(false, text, fmt.Sprintf("%s is at the same position and safe to bootstrap already: begin with %s instead", n.Name, n.Name))
		}
	}
	return judged(true, text, fmt.Sprintf("it is at seqno %d", at.Seqno))
}

func (c *hostCase) safe() bool {
	g := c.state().Grastate.Value
	return g != nil && g.SafeToBootstrap
}

func isSafe(c *hostCase) Check {
	evidence := grastateWords(c.state())
	if !c.safe() {
		evidence = orWord(evidence, "it has no grastate.dat") + ": mark it first"
	}
	return judged(c.safe(), "its safe_to_bootstrap is 1", evidence)
}

// founded looks for a node that is Primary with the history it had.
func founded(c *hostCase) (Stage, string) {
	was, now := c.subject.chosen.Position(), c.node.Status()
	if !c.node.Up() || !c.node.Sample.At.After(c.asked) || !now.InPrimary() {
		return joined(c)
	}
	switch {
	case now.ClusterStateUUID != was.UUID:
		return Wrong, fmt.Sprintf("it has founded a new history, %s instead of %s: stop it, the others would need an SST", now.ClusterStateUUID, was.UUID)
	case now.LastCommitted.Known && now.LastCommitted.V < was.Seqno:
		return Wrong, fmt.Sprintf("it is Primary at seqno %d, before the %d that was read on its disk: stop it", now.LastCommitted.V, was.Seqno)
	case !c.node.Synced():
		return Verifying, "Primary; its state is " + now.State().String()
	}
	return Done, fmt.Sprintf("Primary and Synced at seqno %d, with its history", now.LastCommitted.Or(was.Seqno))
}
