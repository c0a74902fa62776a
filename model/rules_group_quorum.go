package model

import (
	"fmt"
	"slices"
	"strings"
)

// quorumRules are about what the next loss would do. They are silent while the
// membership changes and while several Primary Components answer.
var quorumRules = []Rule{
	{
		ID: "last-survivor", Level: LevelWarning, Confirm: 2, Clear: 2,
		Source: "the legitimate last survivor, whose peers are down",
		Find:   withQuorum(lastSurvivor),
	},
	{
		ID: "arbitrator-gone", Level: LevelNotice, Confirm: 3, Clear: 2,
		Source: "a lost arbitrator leaves an even number; commits wait until a lost member is given up, not for one that leaves",
		Find:   withQuorum(arbitratorGone),
	},
	{
		ID: "stop-loses-quorum", Level: LevelWarning, Confirm: 3, Clear: 2,
		Source: "graceful leaves re-base at once, unless nobody else has any weight",
		Find:   withQuorum(stopLoses),
	},
	{
		ID: "no-crash-survived", Level: LevelNotice, Confirm: 3, Clear: 2,
		Source: "keep iff 2·present + left > total",
		Find:   withQuorum(noCrashSurvived),
	},
	{
		ID: "even-split", Level: LevelNotice, Confirm: 3, Clear: 2,
		Source: "equality is a split-brain condition",
		Find:   withQuorum(evenSplit),
	},
	{
		ID: "site-loss", Level: LevelNotice, Confirm: 3, Clear: 2,
		Source: "even per-site halves tie; of two sites the heavier survives",
		Find:   withQuorum(siteLoss),
	},
}

// withQuorum makes a rule's Find of a look at the only Primary Component, once
// its membership stands and its weights are known.
func withQuorum(look func(*View, *Component) *Finding) func(*View) []Finding {
	return func(v *View) []Finding {
		c := v.sole()
		if c == nil || c.Quorum == nil {
			return nil
		}
		f := look(v, c)
		if f == nil {
			return nil
		}
		f.Evidence = append(f.Evidence, weights(c.Quorum)...)
		f.Nodes = slices.Clone(c.Nodes)
		return []Finding{*f}
	}
}

// weights are the votes as evidence.
func weights(q *Quorum) []Evidence {
	total := decimal(q.Total)
	if q.Assumed {
		total += ", taking 1 for members whose pc.weight was not read"
	}
	out := make([]Evidence, 0, 1+len(q.Votes))
	out = append(out, Evidence{Variable: "weight of the component", Value: total})
	for i := range q.Votes {
		out = append(out, Evidence{Node: q.Votes[i].Name, Variable: "pc.weight", Value: decimal(q.Votes[i].Weight)})
	}
	return out
}

// servers are the votes that are no arbitrators.
func (q *Quorum) servers() (out []Vote) {
	for i := range q.Votes {
		if !q.Votes[i].Arbitrator {
			out = append(out, q.Votes[i])
		}
	}
	return out
}

func lastSurvivor(v *View, c *Component) *Finding {
	gone := v.nodesWhere(func(n *Node) bool { return !n.Up() && !n.Listed && !n.elsewhere() && n.Link != LinkConnecting })
	if len(c.Quorum.servers()) != 1 || len(c.Nodes) != 1 || len(gone) == 0 || len(gone) != len(v.Nodes)-1 {
		return nil
	}
	name := v.named(c.Nodes)
	return &Finding{
		Title:    name + " is the last survivor: " + v.named(gone) + agree(len(gone), " does", " do") + " not answer",
		Evidence: append(v.standing(c.Nodes), v.absence(gone)...),
		Why: "All writes rest on one node. If it fails, the cluster is down and must be recovered by hand; " +
			"if a silent node runs on somewhere as a cluster of its own, it cannot be seen from here.",
		Do: []string{
			"Do not stop or restart " + name + ".",
			"Find out on their hosts what " + v.named(gone) + agree(len(gone), " does", " do") + " now.",
			"Start them one at a time, the usual way and never as a bootstrap. Each takes a donor, which is " + name + " itself.",
		},
	}
}

func stopLoses(_ *View, c *Component) *Finding {
	if len(c.Quorum.Votes) < 2 {
		return nil
	}
	for i := range c.Quorum.Votes {
		if vote := &c.Quorum.Votes[i]; !vote.StopKeeps {
			return &Finding{
				Title: "Even a clean stop of " + vote.Name + " would stop all writes: it holds all the weight",
				Why:   "All other members have pc.weight 0, so that none of them may go on without it.",
				Do: []string{
					"Give another member weight while the cluster is Primary: SET GLOBAL wsrep_provider_options='pc.weight=1' on it.",
					"Do not stop " + vote.Name + " before.",
				},
			}
		}
	}
	return nil
}

func noCrashSurvived(v *View, c *Component) *Finding {
	q := c.Quorum
	if q.Crashes > 0 || len(q.Votes) < 2 {
		return nil
	}
	var fatal []string
	for i := range q.Votes {
		if !q.Votes[i].CrashKeeps {
			fatal = append(fatal, q.Votes[i].Name)
		}
	}
	f := &Finding{
		Title:    "The crash of " + either(fatal) + " would stop all writes",
		Evidence: []Evidence{{Variable: "crashes survived", Value: "0"}},
		Why: "What would be left is not more than half of the weight, so that it could not tell a crash from a network partition and would refuse all queries. " +
			"A clean stop is different: the others go on.",
		Do: []string{"Add a member at a place of its own, a node or an arbitrator (garbd), so that the weight is odd and no member has half of it."},
	}
	if len(fatal) < len(q.Votes) {
		f.Do = []string{"Lower pc.weight of " + either(fatal) + ", or raise that of the others, so that no member has half of the weight."}
	}
	away := v.nodesWhere(func(n *Node) bool { return !n.Up() && !n.Listed && !n.elsewhere() })
	if away = append(away, v.cutOff()...); len(away) > 0 {
		f.Level = LevelWarning
		f.Do = []string{"Bring " + v.named(away) + " back into the group. What is cut off needs its network; what is stopped is started the usual way, never as a bootstrap."}
	}
	return f
}

func either(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

func evenSplit(_ *View, c *Component) *Finding {
	q := c.Quorum
	// With two equal members every crash is an even split; that was said.
	if !q.EvenSplit || q.Crashes == 0 || len(q.servers()) < 2 {
		return nil
	}
	f := &Finding{
		Title: fmt.Sprintf("%d members and no arbitrator: a network cut in half would stop all writes on both sides", len(q.Votes)),
		Why: "The weights can be cut into two equal halves. Neither half has a majority then, and both refuse all queries. " +
			"An even number survives no more crashes than one member less would.",
		Do: []string{"Add an arbitrator (garbd) at a third place, or raise pc.weight of one member by 1."},
	}
	if c.Arbitrators > 0 {
		f.Title = fmt.Sprintf("%d members of even weight: a network cut in half would stop all writes on both sides", len(q.Votes))
		f.Do = []string{"Remove an arbitrator that only makes the number even, or raise pc.weight of one member by 1."}
	}
	return f
}

func siteLoss(v *View, c *Component) *Finding {
	for i := range c.Quorum.Sites {
		site := &c.Quorum.Sites[i]
		if site.LossKeeps {
			continue
		}
		f := &Finding{
			Title: fmt.Sprintf("The loss of segment %d (%s) would stop writes at all other sites", site.Segment, v.named(site.Nodes)),
			Evidence: []Evidence{{
				Variable: "weight of segment " + decimal(site.Segment),
				Value:    fmt.Sprintf("%d of %d", site.Weight, c.Quorum.Total),
			}},
			Why: "The other sites together do not have more than half of the weight. If this site is lost or cut off, they refuse all queries.",
			Do:  []string{"Put an arbitrator (garbd) or a node at a third site, so that no site has half of the weight."},
		}
		if !site.Alone {
			f.Title = fmt.Sprintf("Segment %d (%s) has half of the weight: if the sites lose sight of each other, all writes stop",
				site.Segment, v.named(site.Nodes))
		}
		return f
	}
	return nil
}
