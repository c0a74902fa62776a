package ui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// overview is the first pane: is it one cluster, who stalls it, what runs.
type overview struct {
	e       *env
	nodes   *table[nodeRow]
	queries *table[busyRow]
	busy    busy
}

func newOverview(e *env) *overview {
	return &overview{e: e, nodes: newNodeTable(e), queries: newBusyTable(e)}
}

func (o *overview) demand() model.Subject { return model.SubjectMembers }

func (o *overview) refresh() {
	o.nodes.set(o.e.nodeRows())
	o.busy = newBusy(o.e.snap)
	o.queries.set(o.busy.rows)
}

func (o *overview) keys() []action {
	return slices.Concat([]action{
		do("open the row; with none selected explain the verdict", o.open, "enter").footed("open").unless(func() string {
			if o.nodes.current() == nil && o.queries.current() == nil && len(o.e.snap.Findings) == 0 {
				return "no row is selected"
			}
			return ""
		}),
		do("sort by the next column", func(s *shell) { s.say(o.sorted(false)) }, "s").footed("sort"),
		do("reverse the order", func(s *shell) { s.say(o.sorted(true)) }, "S"),
	}, moves(o))
}

// open goes into the selected row.
func (o *overview) open(s *shell) {
	if n := o.nodes.current(); n != nil {
		s.openNode(n.ID)
	} else if q := o.queries.current(); q != nil {
		openBusy(s, q)
	} else {
		s.explain()
	}
}

// sorted changes the order of the list that the cursor is in, the queries when
// it is in none.
func (o *overview) sorted(reverse bool) string {
	switch {
	case o.nodes.selected && reverse:
		return "nodes " + o.nodes.reverse()
	case o.nodes.selected:
		return "nodes " + o.nodes.nextSort()
	case reverse:
		return "queries " + o.queries.reverse()
	}
	return "queries " + o.queries.nextSort()
}

func (o *overview) setFilter(f *filter) (shown, all int) {
	o.queries.filter = f
	o.queries.arrange()
	return len(o.queries.rows), len(o.queries.all)
}

func (o *overview) filtered() *filter { return o.queries.filter }

func (o *overview) back() bool {
	if o.nodes.selected || o.queries.selected {
		o.nodes.unselect()
		o.queries.unselect()
		return true
	}
	return false
}

// move moves the one cursor through both lists.
func (o *overview) move(by int) {
	switch {
	case o.queries.selected:
		if !o.queries.move(by) && by < 0 && len(o.nodes.rows) > 0 {
			o.queries.unselect()
			o.nodes.pick(len(o.nodes.rows) - 1)
		}
	case o.nodes.selected:
		if !o.nodes.move(by) && by > 0 && len(o.queries.rows) > 0 {
			o.nodes.unselect()
			o.queries.pick(0)
		}
	case !o.nodes.move(by):
		o.nodes.pick(0)
	}
}

func (o *overview) page(by int) {
	height := o.nodes.height
	if o.queries.selected {
		height = o.queries.height
	}
	o.move(by * max(1, height-1))
}

func (o *overview) end(last bool) {
	switch {
	case last && len(o.queries.rows) > 0:
		o.nodes.unselect()
		o.queries.pick(len(o.queries.rows) - 1)
	case last:
		o.nodes.pick(len(o.nodes.rows) - 1)
	default:
		o.queries.unselect()
		o.nodes.pick(0)
	}
}

// queryLines is the least that the queries have: their head and three of them.
const queryLines = 5

// View draws topology, nodes and queries; the smaller the screen, the less each
// may take.
func (o *overview) View(width, height int) []string {
	boxRows := 1 + height/16
	lines := topology(o.e, width, min(boxRows, 5))
	left := height - len(lines)
	// Up to 16 nodes are all on the screen as long as some queries are.
	most := max(4, left*3/5, min(left-queryLines, 17))
	nodes := min(len(o.nodes.rows)+1, most)
	if left-nodes > 2*queryLines || nodes <= len(o.nodes.rows) {
		o.nodes.height = nodes - 1
		lines = append(lines, o.nodeRule(width))
	}
	lines = append(lines, o.nodes.View(o.e, width, nodes)...)
	lines = append(lines, o.queryRule(width))
	lines = append(lines, o.queries.View(o.e, width, height-len(lines))...)
	return fit(o.e, lines, width, height)
}

// nodeRule heads the nodes: what the group does, who pauses it, and how many
// nodes the window shows.
func (o *overview) nodeRule(width int) string {
	var brakes []string
	for _, n := range o.e.snap.Nodes {
		if n.Up() && n.Status().Pausing() {
			brakes = append(brakes, n.Name)
		}
	}
	note, st := "", o.e.st.dim
	if t := o.nodes; len(t.rows) > t.height {
		note = fmt.Sprintf("%d to %d of %d", t.top+1, min(t.top+t.height, len(t.rows)), len(t.rows))
	}
	if len(brakes) > 0 {
		if note != "" {
			note += ", "
		}
		note, st = note+o.e.g.sends+" writers paused by "+strings.Join(brakes, ", "), o.e.st.crit
	}
	return rule(o.e, width, "Nodes", o.group(), note, st)
}

// group sums up what the group does.
func (o *overview) group() string {
	var commits, sent, conflicts, questions model.Real
	for _, n := range o.e.snap.Nodes {
		if !n.Up() {
			continue
		}
		r := &n.Rates
		if r.Committed.Known && r.Committed.V >= commits.V {
			commits = r.Committed
		}
		add(&sent, r.ReplicatedBps)
		add(&conflicts, r.CertFailures)
		add(&conflicts, r.BFAborts)
		add(&questions, r.Questions)
	}
	return fmt.Sprintf("group: %s seqnos/s, %s replicated, %s conflicts/s, %s queries/s",
		rate(commits), bytesPerSecond(sent), rate(conflicts), rate(questions))
}

func add(sum *model.Real, v model.Real) {
	if v.Known {
		sum.V, sum.Known = sum.V+v.V, true
	}
}

func (o *overview) queryRule(width int) string {
	title := fmt.Sprintf("Busiest queries: %d running", len(o.queries.all))
	if f := o.queries.filter; f != nil {
		title = fmt.Sprintf("Busiest queries: %d of %d match /%s/", len(o.queries.rows), len(o.queries.all), o.e.typed(f))
	}
	hidden := fmt.Sprintf("%d idle and %d system hidden", o.busy.idle, o.busy.system)
	if o.busy.unread > 0 {
		hidden = fmt.Sprintf("%d more not read, %s", o.busy.unread, hidden)
	}
	note, st := "", o.e.st.dim
	if len(o.busy.own) > 0 {
		note, st = "own threads only on "+strings.Join(o.busy.own, ", "), o.e.st.warn
		if o.busy.grant != "" {
			note += ": needs " + o.busy.grant
		}
	}
	if len(o.busy.failed) > 0 {
		note, st = "no list from "+o.e.failed(strings.Join(o.busy.failed, ", ")), o.e.st.warn
	}
	return rule(o.e, width, title, hidden, note, st)
}

// describe explains the columns of both lists.
func (o *overview) describe() [][2]string {
	var out [][2]string
	for _, c := range o.nodes.columns {
		if c.about != "" {
			out = append(out, [2]string{c.title, c.about})
		}
	}
	for _, c := range o.queries.columns {
		if c.about != "" {
			out = append(out, [2]string{c.title, c.about})
		}
	}
	return out
}
