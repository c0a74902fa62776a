package ui

import (
	"cmp"
	"slices"
	"time"

	"github.com/galeratop/galeratop/model"
)

// locks is the pane of who holds up whom: the blocking trees of all nodes.
type locks struct {
	e     *env
	lens  model.Lens
	list  *table[lockRow]
	trees []model.Tree
	order int // of treeOrders
	// waiting are the threads that wait, passing those of them under the filter.
	waiting, passing int
}

// lockRow is a thread in a tree.
type lockRow struct {
	*model.Branch
	tree *model.Tree
	// lasts says of each level above and of the row itself whether it is the last
	// of its siblings: the lines that the tree is drawn with.
	lasts []bool
	above string // the node of the thread above
}

func (r *lockRow) root() bool { return len(r.lasts) == 0 }

// treeOrders are what the trees can be sorted by.
var treeOrders = []struct {
	name    string
	compare func(a, b *model.Tree) int
}{
	{"threads held up, most first", func(a, b *model.Tree) int { return cmp.Compare(b.Holds, a.Holds) }},
	{"longest wait, longest first", func(a, b *model.Tree) int { return cmp.Compare(b.Oldest, a.Oldest) }},
	{"node", func(a, b *model.Tree) int { return cmp.Compare(a.Root.Place, b.Root.Place) }},
}

func newLocks(e *env) *locks {
	p := &locks{e: e, lens: model.Lens{User: e.user, Host: e.host, State: e.state, Query: e.query}}
	p.list = &table[lockRow]{
		columns: lockColumns(e),
		key:     func(r *lockRow) rowKey { return rowKey{r.Node.ID, r.ID} },
		// A thread is shown with its whole tree: alone it would explain nothing.
		match: func(f *filter, r *lockRow) bool { return p.within(f, &r.tree.Root) },
	}
	return p
}

func (p *locks) demand() model.Subject {
	return model.SubjectLocks | model.SubjectTransactions | model.SubjectProcesses
}

// readsTerms says that the filter is of threads.
func (p *locks) readsTerms() {}

func (p *locks) within(f *filter, b *model.Branch) bool {
	return p.e.passThread(f, &b.Thread, &p.lens) ||
		slices.ContainsFunc(b.Behind, func(c model.Branch) bool { return p.within(f, &c) })
}

func (p *locks) refresh() {
	p.trees = model.Forest(p.e.snap)
	p.arrange()
}

// arrange sorts the trees and lays them out as rows.
func (p *locks) arrange() {
	slices.SortStableFunc(p.trees, func(a, b model.Tree) int { return treeOrders[p.order].compare(&a, &b) })
	var rows []lockRow
	p.waiting = 0
	for i := range p.trees {
		t := &p.trees[i]
		p.waiting += t.Holds
		if t.Root.Wait != nil {
			p.waiting++
		}
		rows = layTree(rows, t, &t.Root, nil)
	}
	p.list.set(rows)
	p.passing = 0
	for _, r := range p.list.rows {
		if r.Wait != nil {
			p.passing++
		}
	}
}

func layTree(rows []lockRow, t *model.Tree, b *model.Branch, lasts []bool) []lockRow {
	rows = append(rows, lockRow{Branch: b, tree: t, lasts: lasts})
	for i := range b.Behind {
		level := append(slices.Clone(lasts), i == len(b.Behind)-1)
		at := len(rows)
		rows = layTree(rows, t, &b.Behind[i], level)
		rows[at].above = b.Node.Name
	}
	return rows
}

// chosen is the thread that an action is about: that of the selected row, if it
// is known.
func (p *locks) chosen() []model.Thread {
	if r := p.list.current(); r != nil && r.Known {
		return []model.Thread{r.Thread}
	}
	return nil
}

func (p *locks) keys() []action {
	return slices.Concat([]action{
		do("open the thread", func(s *shell) { openThread(s, p.list.current().Thread) }, "enter").footed("open").unless(func() string {
			switch r := p.list.current(); {
			case r == nil:
				return "no row is selected"
			case !r.Known:
				return "nothing but its number is known of this thread"
			}
			return ""
		}),
		do("go to the root of the tree: who holds them all up", func(*shell) { p.toRoot() }, "r").footed("root").unless(func() string {
			if p.list.current() == nil {
				return "no row is selected"
			}
			return ""
		}),
		do("sort the trees", func(s *shell) {
			p.order = (p.order + 1) % len(treeOrders)
			p.arrange()
			s.say("trees sorted by " + treeOrders[p.order].name)
		}, "s").footed("sort"),
	}, moves(p))
}

func (p *locks) toRoot() {
	root := &p.list.current().tree.Root
	p.list.find(rowKey{root.Node.ID, root.ID})
}

func (p *locks) move(by int) { p.list.move(by) }

func (p *locks) page(by int) { p.list.move(by * max(1, p.list.height-1)) }

func (p *locks) end(last bool) {
	if last {
		p.list.pick(len(p.list.rows) - 1)
		return
	}
	p.list.pick(0)
}

func (p *locks) setFilter(f *filter) (shown, all int) {
	p.list.filter = f
	p.arrange()
	return p.passing, p.waiting
}

func (p *locks) filtered() *filter { return p.list.filter }

func (p *locks) back() bool {
	if p.list.selected {
		p.list.unselect()
		return true
	}
	return false
}

// describe explains the columns.
func (p *locks) describe() [][2]string {
	out := make([][2]string, 0, len(p.list.columns))
	for i := range p.list.columns {
		if c := &p.list.columns[i]; c.about != "" {
			out = append(out, [2]string{c.title, c.about})
		}
	}
	return out
}

// longWait is how long a wait is before it is coloured.
const longWait = 5 * time.Second
