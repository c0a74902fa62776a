package ui

import (
	"fmt"
	"slices"

	"github.com/galeratop/galeratop/model"
)

// nodes is the second pane: a list of nodes and everything about one of them.
type nodes struct {
	e      *env
	list   *table[nodeRow]
	scroll int
	// pageSize and most are of the detail when it was last drawn.
	pageSize, most int
	inDetail       bool
}

func newNodes(e *env) *nodes {
	all := nodeColumns(e)
	return &nodes{e: e, list: &table[nodeRow]{
		columns: all[:2],
		key:     func(n *nodeRow) rowKey { return rowKey{node: n.ID} },
		tie:     nodeOrder,
		text:    func(n *nodeRow) string { return n.Name + " " + n.Address + " " + n.cond.word },
	}}
}

func (p *nodes) demand() model.Subject {
	return model.SubjectTransactions | model.SubjectDigests | model.SubjectVariables | model.SubjectMembers
}

func (p *nodes) refresh() {
	p.list.set(p.e.nodeRows())
	p.keepOne()
}

// keepOne has a node selected whenever there is one.
func (p *nodes) keepOne() {
	if p.list.current() == nil {
		p.list.pick(max(0, min(p.list.at, len(p.list.rows)-1)))
	}
}

// choose selects a node.
func (p *nodes) choose(id string) {
	if p.list.filter != nil {
		p.setFilter(nil)
	}
	p.list.find(rowKey{node: id})
	p.scroll = 0
}

func (p *nodes) setFilter(f *filter) (shown, all int) {
	p.list.filter = f
	p.list.arrange()
	p.keepOne()
	return len(p.list.rows), len(p.list.all)
}

func (p *nodes) filtered() *filter { return p.list.filter }

func (p *nodes) back() bool {
	if p.inDetail {
		p.inDetail = false
		return true
	}
	return false
}

func (p *nodes) keys() []action {
	return slices.Concat([]action{
		do("into the details, to scroll them", func(*shell) { p.inDetail = true }, "right", "l", "enter").footed("details").unless(func() string {
			if p.inDetail {
				return "the cursor is there already"
			}
			return ""
		}),
		do("back to the list of nodes", func(*shell) { p.inDetail = false }, "left", "h").unless(func() string {
			if !p.inDetail {
				return "the cursor is there already"
			}
			return ""
		}),
		do("sort by the next column", func(s *shell) { s.say(p.list.nextSort()) }, "s"),
		do("reverse the order", func(s *shell) { s.say(p.list.reverse()) }, "S"),
	}, moves(p))
}

func (p *nodes) move(by int) {
	if p.inDetail {
		p.scrollTo(p.scroll + by)
		return
	}
	if p.list.move(by) {
		p.scroll = 0
	}
}

// page always scrolls the details: the list has room for more nodes than a
// cluster has, as a rule.
func (p *nodes) page(by int) {
	p.scrollTo(p.scroll + by*max(1, p.pageSize-1))
}

func (p *nodes) end(last bool) {
	switch {
	case p.inDetail && last:
		p.scrollTo(p.most)
	case p.inDetail:
		p.scrollTo(0)
	case last:
		p.list.pick(len(p.list.rows) - 1)
		p.scroll = 0
	default:
		p.list.pick(0)
		p.scroll = 0
	}
}

func (p *nodes) scrollTo(line int) { p.scroll = max(0, min(line, p.most)) }

// View draws the list at the left and the details beside it; on a narrow screen
// the list is above, in one line.
func (p *nodes) View(width, height int) []string {
	listWidth := 30
	switch {
	case width < 60:
		return p.narrow(width, height)
	case width < 110:
		listWidth = 22
	}
	list := p.list.View(p.e, listWidth, height)
	detail := p.detail(width-listWidth-3, height)
	lines := make([]string, height)
	for i := range lines {
		lines[i] = list[i] + " " + string(p.divider()) + p.e.g.box[5] + closing(p.divider()) + " " + detail[i]
	}
	return lines
}

// divider is bold where the cursor keys act.
func (p *nodes) divider() style {
	if p.inDetail {
		return p.e.st.accent
	}
	return p.e.st.border
}

// closing ends a look.
func closing(st style) string {
	if st == "" {
		return ""
	}
	return reset
}

func (p *nodes) narrow(width, height int) []string {
	n := p.list.current()
	if n == nil || height < 2 {
		return fit(p.e, nil, width, height)
	}
	l := newLine(p.e.g, width)
	l.put(p.e.st.dim, fmt.Sprintf("%d/%d ", p.list.at+1, len(p.list.rows)))
	l.put(p.e.st.accent, n.Name).put("", " ").put(n.cond.st, n.cond.String())
	return append([]string{l.String()}, p.detail(width, height-1)...)
}

// detail draws the visible part of everything about the selected node.
func (p *nodes) detail(width, height int) []string {
	n := p.list.current()
	if n == nil {
		l := newLine(p.e.g, width).put(p.e.st.dim, "no node matches")
		return fit(p.e, []string{l.String()}, width, height)
	}
	all := arrange(p.e, aboutNode(p.e, n), width, height)
	p.pageSize, p.most = height, max(0, len(all)-height)
	p.scroll = min(p.scroll, p.most)
	visible := all[p.scroll:min(len(all), p.scroll+height)]
	if p.scroll < p.most && height > 1 {
		l := newLine(p.e.g, width)
		more := fmt.Sprintf("%s %d more lines, PgDn", p.e.g.more, len(all)-p.scroll-height+1)
		visible = append(append([]string{}, visible[:height-1]...), l.put(p.e.st.notice, more).String())
	}
	return fit(p.e, visible, width, height)
}
