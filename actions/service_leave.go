package actions

import (
	"fmt"
	"slices"
	"time"

	"github.com/galeratop/galeratop/model"
)

// given reports whether the node's side was given up in a split brain: its leave
// is what is wanted.
func (c *hostCase) given() bool { return slices.Contains(c.subject.order.Losers, c.node.ID) }

// wasBeside reports whether the node was seen Primary beside the others.
func (c *hostCase) wasBeside() bool {
	c.subject.mutex.Lock()
	defer c.subject.mutex.Unlock()
	return slices.Contains(c.subject.order.Apart, c.node.ID) || slices.Contains(c.subject.apart, c.node.ID)
}

// insideOnly makes a precondition out of one on the node's place in the group: for
// a node that answers from inside of a Primary Component that is to go on.
func insideOnly(f check) hostCheck {
	return func(c *hostCase) Check {
		found := f(c.nodeCase)
		switch {
		case c.given():
			return judged(true, found.Text, "does not matter: its side is given up")
		case c.primary() == nil:
			return judged(true, found.Text, "does not matter: "+c.node.Name+" is outside of the Primary Component")
		}
		return found
	}
}

// quorumKept wants that the rest stays Primary when the server goes: gracefully
// when it answers, else as if it had crashed.
func quorumKept(c *hostCase) Check {
	const text = "the rest stays Primary without it"
	if c.given() {
		return judged(true, text, "does not matter: its side is given up")
	}
	if c.primary() != nil {
		return quorumAfterStop(c.nodeCase)
	}
	for _, p := range c.primaries() {
		if !slices.Contains(p.Silent, c.node.ID) {
			continue
		}
		if p.Quorum == nil {
			return unknown(text, "the weights of the members are not known, or do not add up")
		}
		rest := p.Quorum.Without(p.Silent...).Total
		return judged(p.Quorum.AfterCrash(p.Silent...), text, fmt.Sprintf("it does not answer and is a member still; weight %d of %d remains", rest, p.Quorum.Total))
	}
	return judged(true, text, c.node.Name+" is outside of it: its leave takes no vote away")
}

// hasStopped looks for a server whose process is gone, and a group that goes on.
func hasStopped(c *hostCase) (Stage, string) {
	r := c.mine()
	server := &r.State.Server
	switch {
	case !r.At.After(c.asked) || !server.Known():
		return Verifying, "whether its process is gone is not known yet"
	case server.Value.Running:
		if why := c.failed(); why != "" {
			return Wrong, "its server still runs, as process " + server.Value.PID + ": " + why
		}
		return Verifying, "its server still runs: the shutdown is under way"
	}
	if c.given() || c.before == nil || !c.before.Status().InPrimary() {
		return Done, "stopped" + c.stopPosition()
	}
	rest := c.others(func(n *model.Node) bool { return n.Up() && n.Status().InPrimary() && n.Sample.At.After(c.asked) })
	holding := slices.DeleteFunc(slices.Clone(rest), func(n *model.Node) bool { return !lists(n, c.node) })
	switch {
	case len(rest) == 0:
		return Verifying, "its process is gone; no other node was seen to be Primary since"
	case len(holding) > 0:
		return Verifying, names(holding) + " still " + agree(len(holding), "lists", "list") + " it as a member"
	}
	return Done, "stopped" + c.stopPosition() + "; " + names(rest) + " " + agree(len(rest), "is", "are") + " Primary without it"
}

// stopPosition is where it was stopped, in words.
func (c *hostCase) stopPosition() string {
	if at := c.mine().Position(); at.Exact() {
		return fmt.Sprintf(" at seqno %d", at.Seqno)
	}
	return ""
}

// rejoined looks for a server that is another process than before and is a full
// member.
func rejoined(c *hostCase) (Stage, string) {
	was, now := c.subject.chosen.State.Server.Value.PID, &c.mine().State.Server
	if c.mine().At.After(c.asked) && now.Known() && now.Value.Running && now.Value.PID == was {
		if why := c.failed(); why != "" {
			return Wrong, "its server was not restarted, it is still process " + was + ": " + why
		}
		return Verifying, "its server is still process " + was
	}
	if c.node.Up() && c.before != nil && c.node.Status().GcommUUID == c.before.Status().GcommUUID {
		return Verifying, "it is not seen in the group under a new id yet"
	}
	return joined(c)
}

// staysTruthful is joinsTruthfully for a server that still runs.
func staysTruthful(c *hostCase) Check {
	if c.primary() != nil && !c.given() {
		return judged(true, c.node.Name+" wrote nothing apart from the others", "it is a member of the Primary Component")
	}
	return joinsTruthfully(c)
}

// shortestStop is how long a server is away for a restart at least, with some room.
const shortestStop = time.Minute

// comesBackByIST wants that a short stop does not cost an SST.
func comesBackByIST(c *hostCase) Check {
	const text = "it comes back by IST after a short stop"
	if c.primary() == nil {
		return judged(true, text, "does not matter: it is outside of the Primary Component")
	}
	f := c.forecast()
	words := f.Words(c.Snapshot)
	short := f.Rate.Known && !f.Endless && f.Span < shortestStop
	if f.Kind == model.ProspectIST && short && f.Full {
		words += "; a stop may take longer than that: wait for fewer writes, or let it have a bigger gcache first"
	}
	return judged(f.Kind == model.ProspectIST && (!short || !f.Full), text, words)
}

func leaveEffects(c *hostCase) []string {
	if !c.node.Up() {
		return []string{"its server does not answer: what its clients began is rolled back"}
	}
	out := []string{fmt.Sprintf("its clients are disconnected, %s now, and open transactions are rolled back", connections(c.node))}
	f := c.forecast()
	if q := c.quorum(); q != nil && q.Vote(c.node.ID) != nil && !c.given() {
		out = append(out, "the rest stays Primary: "+forecast(q.Without(c.node.ID), c.node), "when it comes back: "+f.Words(c.Snapshot))
	}
	return out
}
