package recovery

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/model"
)

// rows say of each node where it is.
func (w *world) rows(nodes []*node) []model.Evidence {
	out := make([]model.Evidence, 0, len(nodes))
	for _, n := range nodes {
		out = append(out, w.rowsOf(n)...)
	}
	return out
}

func (w *world) rowsOf(n *node) []model.Evidence {
	s := n.Status()
	switch n.stand {
	case inPrimary, onTheWay, inNone, outside:
		return []model.Evidence{row(n.Name, "says", fmt.Sprintf("%s, %s, seqno %s", orUnknown(s.ClusterStatus), s.State(), seqnoWord(s.LastCommitted)))}
	case isStopped:
		return append([]model.Evidence{row(n.Name, "host", "the server is stopped, position "+w.positionOf(n).text())}, hostRows(n)...)
	case runs:
		return append([]model.Evidence{row(n.Name, "host", "the server runs as process "+n.reading.State.Server.Value.PID+" and does not answer")}, hostRows(n)...)
	}
	out := []model.Evidence{row(n.Name, "connection", n.silence())}
	if n.stand == unreadable {
		out = append(out, row(n.Name, "host", "cannot be read: "+n.unreadable()))
	}
	if n.dead {
		out = append(out, row(n.Name, "declared", n.words))
	}
	return out
}

// hostRows are what else a host told that matters.
func hostRows(n *node) []model.Evidence {
	s := n.reading.State
	var out []model.Evidence
	if g := s.Grastate; g.Known() && g.Value != nil {
		out = append(out, row(n.Name, "grastate.dat", fmt.Sprintf("%s, safe_to_bootstrap %d", g.Value.Position, bit(g.Value.SafeToBootstrap))))
	}
	if s.Leftovers.Known() && len(s.Leftovers.Value) > 0 {
		out = append(out, row(n.Name, "left behind", listed(s.Leftovers.Value)))
	}
	if s.Founds.Known() && s.Founds.Value != "" {
		out = append(out, row(n.Name, "next start", s.Founds.Value))
	}
	if d := s.Disk; d.Known() && d.Value.Size > 0 && d.Value.Free < d.Value.Size/100 {
		out = append(out, row(n.Name, "disk", fmt.Sprintf("%d MiB free", d.Value.Free>>20)))
	}
	return out
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

func orUnknown(text string) string {
	if text == "" {
		return "unknown"
	}
	return text
}

func seqnoWord(n model.Num) string {
	if !n.Known || n.V < 0 {
		return "unknown"
	}
	return strconv.FormatInt(n.V, 10)
}

// silence is why a node does not answer.
func (n *node) silence() string {
	if n.Failure != nil {
		return n.Failure.Text
	}
	return "it does not answer: unreachable means unknown"
}

// unreadable is why a node's host does not tell whether its server runs.
func (n *node) unreadable() string {
	switch r := n.reading; {
	case r == nil:
		return "it was not asked"
	case r.Err != nil:
		return r.Err.Error()
	case r.State != nil:
		return r.State.Server.Unknown
	}
	return "it told nothing"
}

// position is where a stopped node's data is in a history.
type position struct {
	host.Position
	none    string // why it is no candidate for anything; "" when it may be
	unknown string // why it cannot be told; "" when it can
	recover bool   // it has to be recovered first
	torn    bool   // grastate.dat has no history: a schema change was running, or the node was marked
}

func (p position) text() string {
	switch {
	case p.unknown != "":
		return "unknown: " + p.unknown
	case p.none != "":
		return "none: " + p.none
	case p.recover:
		return "not known before it is recovered"
	}
	return p.String()
}

// incomplete are the files of a state transfer that never ended: data beside them
// is not whole.
var incomplete = []string{"sst_in_progress", ".sst"}

// positionOf is where a stopped node is.
func (w *world) positionOf(n *node) position {
	r := n.reading
	if n.stand != isStopped {
		return position{unknown: "it is not known to be stopped"}
	}
	g, left := &r.State.Grastate, &r.State.Leftovers
	switch {
	case !g.Known():
		return position{unknown: "grastate.dat cannot be read: " + g.Unknown}
	case !left.Known():
		return position{unknown: "its data directory cannot be listed: " + left.Unknown}
	case slices.ContainsFunc(left.Value, func(f string) bool { return slices.Contains(incomplete, f) }):
		return position{none: "a state transfer into it never ended, so its data is not whole"}
	case g.Value == nil:
		return position{none: "it has no grastate.dat: it never joined, or is to get an SST"}
	case slices.Contains(w.Choices.Losers, n.ID):
		return position{none: "what it wrote was given up"}
	case n.Sample != nil && n.Status().State() == model.StateInconsistent:
		return position{none: "it was voted out of the group as inconsistent"}
	}
	p := position{Position: g.Value.Position, torn: !g.Value.History()}
	switch {
	case r.Recovered != nil && r.Recovered.Exact():
		p.Position = *r.Recovered
	case r.Recovered != nil:
		p.none = "its data belongs to no history"
	case !g.Value.Exact():
		p.recover = true
	}
	return p
}
