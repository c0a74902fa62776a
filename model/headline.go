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

// headline counts what the nodes say. It draws no conclusions.
func headline(s *Snapshot) Headline {
	var synced, up, galera, primaries int
	var silent []string
	for _, n := range s.Nodes {
		switch {
		case n.Synced():
			synced++
		case !n.Up():
			silent = append(silent, n.Name)
		}
		if n.Up() {
			up++
			if n.Sample.Status.Galera() {
				galera++
			}
		}
	}
	for i := range s.Components {
		if s.Components[i].Primary {
			primaries++
		}
	}
	total := len(s.Nodes)
	switch {
	case total == 0 || (up == 0 && unanswered(s.Nodes)):
		return Headline{LevelNotice, "connecting"}
	case up == 0:
		return Headline{LevelCritical, fmt.Sprintf("no answer from any of %s", count(total, "node"))}
	case galera == 0:
		return Headline{LevelWarning, "no Galera here: the server answers, but wsrep is not running on it"}
	case primaries == 0:
		return Headline{LevelCritical, fmt.Sprintf("no Primary Component: %s non-Primary", count(up, "node")+" answering, all")}
	case primaries > 1:
		return Headline{LevelCritical, fmt.Sprintf("%d Primary Components at once", primaries)}
	}
	text := fmt.Sprintf("%d of %s Synced, Primary", synced, count(total, "node"))
	if s.Arbitrators > 0 {
		text += ", with " + count(s.Arbitrators, "arbitrator")
	}
	if len(silent) > 0 {
		text += "; no answer from " + strings.Join(silent, ", ")
	}
	if synced < total {
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

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
