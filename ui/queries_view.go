package ui

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// threadReads is what is known of the threads beside the list: how many it
// hides, and what could not be read.
type threadReads struct {
	candidates   int // rows of the list without a filter
	asleep       int // of the list, in open transactions or holding others up
	idle, system int // hidden
	unread       int // that the bound on rows left out
	outside      int // tagged, and not in the list
	nodes        int // with a list
	own, failed  []string
	grant        string
}

func readsOf(q *queries) threadReads {
	r := threadReads{outside: len(q.list.tags)}
	for i := range q.list.all {
		t := &q.list.all[i]
		switch {
		case !q.hides(t):
			r.candidates++
		case !q.quiet(t):
		case serves(t):
			r.system++
		default:
			r.idle++
		}
	}
	for _, t := range q.list.rows {
		if q.list.tagged(t) {
			r.outside--
		}
		if t.Idle() {
			r.asleep++
		}
	}
	for _, n := range q.e.snap.Nodes {
		r.of(n)
	}
	return r
}

func (r *threadReads) of(n *model.Node) {
	if !n.Up() {
		r.failed = append(r.failed, n.Name+": it does not answer")
		return
	}
	p := &n.Sample.Processes
	if p.Error != "" {
		r.failed = append(r.failed, n.Name+": "+p.Error)
		return
	}
	r.nodes++
	r.unread += p.Left
	if p.OwnOnly {
		r.own = append(r.own, n.Name)
		r.grant = cmp.Or(r.grant, p.Grant)
	}
}

// View draws a head and the list, or the groups.
func (q *queries) View(width, height int) []string {
	lines := make([]string, 1, max(height, 0)+2)
	if warning := q.warning(); warning != "" && height > 4 {
		lines = append(lines, newLine(q.e.g, width).to(1).put(q.e.st.warn, warning).String())
	}
	if q.grouped() {
		lines = append(lines, q.groups.View(q.e, width, height-len(lines))...)
	} else {
		lines = append(lines, q.list.View(q.e, width, height-len(lines))...)
	}
	lines[0] = q.head(width) // which tells what the list found no place for
	return fit(q.e, lines, width, height)
}

// head counts what is there, what is hidden, what is tagged.
func (q *queries) head(width int) string {
	r := &q.reads
	hidden := make([]string, 0, 4)
	if r.unread > 0 {
		hidden = append(hidden, fmt.Sprintf("%d more not read", r.unread))
	}
	if r.idle > 0 {
		hidden = append(hidden, fmt.Sprintf("%d idle", r.idle))
	}
	if r.system > 0 {
		hidden = append(hidden, fmt.Sprintf("%d system", r.system))
	}
	detail := strings.Join(hidden, ", ")
	if r.asleep > 0 && !q.showIdle && !q.grouped() {
		detail = fmt.Sprintf("%d asleep in transactions, %s", r.asleep, detail)
	}
	if r.idle+r.system > 0 {
		detail += " hidden"
	}
	note, st := q.unseen(), q.e.st.dim
	if n := len(q.list.tags); n > 0 {
		note, st = fmt.Sprintf("%s %d tagged", tagMark, n), q.e.st.accent
		if r.outside > 0 {
			note += fmt.Sprintf(", %d of them not in this list", r.outside)
		}
	}
	return rule(q.e, width, q.title(), detail, note, st)
}

// unseen says how many columns find no place.
func (q *queries) unseen() string {
	n := q.list.unseen
	if q.grouped() {
		n = q.groups.unseen
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d more columns, < >", n)
}

func (q *queries) title() string {
	shown, what := len(q.list.rows), "threads"
	if !q.showIdle && !q.showSystem {
		shown, what = shown-q.reads.asleep, "running"
	}
	of, behind := "", ""
	if q.inside != nil {
		of = " of " + groupName(q.e, &groupings[q.by], *q.inside)
	}
	if q.inside != nil && groupings[q.by].wide { // its name would leave no room for the numbers
		text, _ := appendCells(nil, strings.TrimPrefix(of, " of "), digestTitle, q.e.g.ellipsis)
		of, behind = "", ", "+string(text)
	}
	switch f := q.list.filter; {
	case q.grouped():
		title := fmt.Sprintf("Queries by %s: %d %s", groupings[q.by].name, len(q.groups.all), groupings[q.by].plural)
		if f != nil {
			title += " match " + q.e.typed(f)
		}
		return title
	case f != nil:
		return fmt.Sprintf("Queries%s: %d of %d match %s%s", of, len(q.list.rows), q.reads.candidates, q.e.typed(f), behind)
	}
	return fmt.Sprintf("Queries%s: %d %s on %s%s", of, shown, what, countOf(q.reads.nodes, "node"), behind)
}

// digestTitle is how much of a digest a title shows, in cells.
const digestTitle = 44

func countOf(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// warning says which threads cannot be seen and why.
func (q *queries) warning() string {
	var parts []string
	if len(q.reads.own) > 0 {
		text := "own threads only on " + strings.Join(q.reads.own, ", ")
		if q.reads.grant != "" {
			text += ": needs GRANT " + q.reads.grant
		}
		parts = append(parts, text)
	}
	if len(q.reads.failed) > 0 {
		parts = append(parts, "no list from "+q.e.failed(strings.Join(q.reads.failed, ", ")))
	}
	return strings.Join(parts, "; ")
}

// describe explains the columns, and the language of the filter.
func (q *queries) describe() [][2]string {
	var out [][2]string
	if q.grouped() {
		out = describeColumns(q.groups.columns)
	} else {
		out = describeColumns(q.list.columns)
	}
	out = append(out, [2]string{"filter", `words that all have to match: app user:app user=app time>5 trx>=1m30s !node:db2 query:"two words"`})
	names := make([]string, 0, len(model.Termed()))
	for _, t := range model.Termed() {
		names = append(names, t.Name)
	}
	return append(out, [2]string{"filter columns", strings.Join(names, ", ")})
}

func describeColumns[T any](columns []column[T]) [][2]string {
	var out [][2]string
	for _, c := range columns {
		if c.about != "" {
			out = append(out, [2]string{c.title, c.about})
		}
	}
	return out
}
