package preflight

import (
	"fmt"

	"github.com/galeratop/galeratop/model"
)

const (
	writeMembers      = "Write the full list of members into wsrep_cluster_address of %s, and look for the same line on the other hosts."
	startMostAdvanced = "Start the most advanced node as the first instead: galeratop recover leads through it."
	keepAway          = "Do not start or restart this node, and keep configuration management from doing so."
)

func foundingRefused(c *look) *Verdict {
	why, byHand := c.founds()
	if why == "" || !c.checked() {
		return nil
	}
	if safe, known, _ := c.safe(); safe || !known {
		return nil
	}
	v := &Verdict{
		Kind: Refused,
		Text: why + ", and its grastate.dat says safe_to_bootstrap: 0: Galera refuses to found a cluster from a node that did not leave last",
		Do:   []string{fmt.Sprintf(writeMembers, c.Name)},
	}
	if byHand {
		v.Do = []string{"Find the node that is most advanced and start that one as the first: galeratop recover leads through it."}
	}
	v.Do = append(v.Do, "Do not set safe_to_bootstrap to 1 to get past this.")
	return v
}

func foundingBeside(c *look) *Verdict {
	why, _ := c.founds()
	alive := c.alive()
	if why == "" || alive == "" {
		return nil
	}
	v := &Verdict{
		Kind: SecondCluster,
		Text: why + ", while others are alive (" + alive + "): the node would found a cluster of its own and take writes there",
		Do:   []string{keepAway, fmt.Sprintf(writeMembers, c.Name)},
	}
	if _, known, evidence := c.safe(); !known {
		v.Text += " (unless Galera refuses: " + evidence + ")"
	}
	return v
}

func foundingBlind(c *look) *Verdict {
	why, _ := c.founds()
	if why == "" || c.nobody() {
		return nil
	}
	v := &Verdict{Kind: Unknown, Do: []string{keepAway}}
	if p := c.doubtful(); p != nil {
		v.Text = why + ", and whether " + addresses(p) + " is alive could not be asked: if it is, this founds a second cluster"
		v.Do = append(v.Do, "Ask on the hosts of those members whether their servers run.")
	} else {
		v.Text = why + ", and no other member is known that could be asked: if there is one, this founds a second cluster"
		v.Do = append(v.Do, "Name the other members on the command line.")
	}
	if _, byHand := c.founds(); !byHand {
		v.Do = append(v.Do, fmt.Sprintf(writeMembers, c.Name))
	}
	return v
}

func foundingAlone(c *look) *Verdict {
	why, byHand := c.founds()
	if why == "" {
		return nil
	}
	return foundedAgain(c, why, byHand)
}

// foundedAgain is the verdict on a node that founds while nobody else is alive: is
// it the one that should?
func foundedAgain(c *look, why string, byHand bool) *Verdict {
	_, known, evidence := c.safe()
	if !known {
		return &Verdict{Kind: Unknown, Text: why + ", and whether it left last is not known: " + evidence, Do: []string{keepAway}}
	}
	if runs, _ := c.running(); runs {
		return founder(c, why+", and it is the last member that runs", byHand)
	}
	at, blank, missing := c.position()
	if p := c.ahead(at.UUID, at.Seqno); p != nil && missing == "" {
		return &Verdict{
			Kind: LosesWrites, Text: fmt.Sprintf("%s, but %s is at %s: what only that one has would be lost", why, p.Address, p.Position),
			Do:       []string{startMostAdvanced},
			Evidence: []model.Evidence{{Node: p.Address, Variable: "position", Value: p.Position.String()}},
		}
	}
	switch {
	case blank != "":
		return &Verdict{
			Kind: Unknown, Text: why + ", and " + blank + ": it would found a new, empty cluster, and whether the others have data is not known",
			Do: []string{"Read on the hosts of the others whether they have data: then one of those is the first. Only a cluster that is really new begins with an empty node.", keepAway},
		}
	case missing != "":
		return &Verdict{
			Kind: Unknown, Text: why + ", nobody else is alive, but whether its data is the newest is not known: " + missing,
			Do: []string{"Recover its position (--recover-position), and compare it with those of the others."},
		}
	}
	if g := c.State.Grastate.Value; g != nil && !g.SafeToBootstrap {
		// Only an address that skips the check comes here.
		return &Verdict{
			Kind: LosesWrites, Text: why + ", and its grastate.dat says safe_to_bootstrap: 0: it did not leave last, so that another node has newer data",
			Do: []string{startMostAdvanced, fmt.Sprintf(writeMembers, c.Name)},
		}
	}
	return founder(c, why+", nobody else is alive, and "+evidence, byHand)
}

// founder is the verdict on the right node.
func founder(c *look, text string, byHand bool) *Verdict {
	v := &Verdict{Kind: Bootstrap, Text: text, Do: []string{"Start it as the first, wait until it is Synced, then start the others one by one."}}
	if !byHand {
		v.Code = CodeConsent
		v.Do = append(v.Do, "Then take this out of the option files: the next restart would found a cluster again. "+fmt.Sprintf(writeMembers, c.Name))
	}
	return v
}

// ahead is a peer whose data is known to be newer.
func (c *look) ahead(uuid string, seqno int64) *Peer {
	for i := range c.Peers {
		p := &c.Peers[i]
		if p.Position != nil && p.Position.Exact() && (p.Position.UUID != uuid || p.Position.Seqno > seqno) {
			return p
		}
	}
	return nil
}
