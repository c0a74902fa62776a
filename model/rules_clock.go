package model

import (
	"fmt"
	"time"
)

const (
	skewTold  = 2 * time.Second  // what applications begin to notice
	skewWarns = 30 * time.Second // what breaks sessions, tokens and the reading of logs
	skewAge   = 2 * time.Minute  // an older reading says nothing
)

// clockSkew compares the clocks of the nodes with one another: this machine's
// own error is in all readings alike.
func clockSkew(v *View) []Finding {
	var first, last *Node
	var least, most, doubt time.Duration
	var proof []Evidence
	for _, n := range v.Nodes {
		if !n.Up() || n.Sample.Slow.Clock == nil || n.Sample.Slow.Clock.Error != "" || v.At.Sub(n.Sample.Slow.Clock.At) > skewAge {
			continue
		}
		ahead, unsure := n.Sample.Slow.Clock.Ahead()
		if first == nil || ahead < least {
			first, least = n, ahead
		}
		if last == nil || ahead > most {
			last, most = n, ahead
		}
		doubt = max(doubt, unsure)
		proof = append(proof, Evidence{n.Name, "NOW(6), against this machine", fmt.Sprintf("%+.1f s", ahead.Seconds())})
	}
	skew := most - least - 2*doubt
	if first == nil || skew < skewTold {
		return nil
	}
	level := LevelNotice
	if skew >= skewWarns {
		level = LevelWarning
	}
	return []Finding{{
		Level: level, Nodes: []string{first.ID, last.ID}, Evidence: proof,
		Title: fmt.Sprintf("The clocks of %s and %s differ by %s", first.Name, last.Name, Span(most-least)),
		Why: "NOW() is evaluated on the node that takes the statement, so that times in the data depend on the node, " +
			"and the error logs of the nodes cannot be laid side by side.",
		Do: []string{
			"Look at the time service of both hosts (chronyc tracking, timedatectl): one of them has lost its source.",
			"Let it slew the clock back rather than step it, while the server runs.",
		},
	}}
}
