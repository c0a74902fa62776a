package model

import (
	"fmt"
	"strings"
)

// Headline is the state of the cluster in one line of words.
type Headline struct {
	Level Level  `json:"level"`
	Text  string `json:"text"`
}

// tally counts what the nodes of a snapshot say.
type tally struct {
	total, up, synced, galera, primaries int
	silent                               []string
}

func tallyOf(s *Snapshot) tally {
	t := tally{total: len(s.Nodes)}
	for _, n := range s.Nodes {
		if !n.Up() {
			t.silent = append(t.silent, n.Name)
			continue
		}
		t.up++
		if n.Synced() {
			t.synced++
		}
		if n.Sample.Status.Galera() {
			t.galera++
		}
	}
	for i := range s.Components {
		if s.Components[i].Primary {
			t.primaries++
		}
	}
	return t
}

// headline says what the tally amounts to. It draws no further conclusions.
func headline(s *Snapshot) Headline {
	t := tallyOf(s)
	switch {
	case t.up == 0 && unanswered(s.Nodes):
		return Headline{LevelNotice, "connecting"}
	case t.up == 0:
		return Headline{LevelCritical, "no answer from " + anyOf(t.total)}
	case t.galera == 0:
		return Headline{LevelWarning, "no Galera here: the server answers, but wsrep is not running on it"}
	case t.primaries == 0:
		return Headline{LevelCritical, "no Primary Component: " + count(t.up, "node") + " answering, all non-Primary"}
	case t.primaries > 1:
		return Headline{LevelCritical, fmt.Sprintf("%d Primary Components at once", t.primaries)}
	}
	text := fmt.Sprintf("%d of %s Synced, Primary", t.synced, count(t.total, "node"))
	if s.Arbitrators > 0 {
		text += ", with " + count(s.Arbitrators, "arbitrator")
	}
	if len(t.silent) > 0 {
		text += "; no answer from " + strings.Join(t.silent, ", ")
	}
	if t.synced < t.total {
		return Headline{LevelWarning, text}
	}
	return Headline{LevelOK, text}
}

func unanswered(nodes []*Node) bool {
	for _, n := range nodes {
		if n.Link != LinkConnecting {
			return false
		}
	}
	return true
}

func anyOf(n int) string {
	if n == 1 {
		return "the only known node"
	}
	return "any of " + count(n, "node")
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
