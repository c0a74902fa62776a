package ui

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/galeratop/galeratop/model"
)

// piece is a word in a box: a member with its state, or a segment's label. A
// box is laid out in pieces, none of which is ever torn.
type piece struct {
	symbol, name, word string
	st                 style // of symbol and word
	first              bool  // begins a new line: another segment
}

func (p *piece) width() int {
	w := cells(p.name)
	if p.symbol != "" {
		w += cells(p.symbol) + 1
	}
	if p.word != "" {
		w += cells(p.word) + 1
	}
	return w
}

func (p *piece) put(l *line, e *env) {
	if p.symbol != "" {
		l.put(p.st, p.symbol).fill("", " ", 1)
	}
	l.put(e.st.text, p.name)
	if p.word != "" {
		l.fill("", " ", 1).put(p.st, p.word)
	}
}

// box is a component on the screen.
type box struct {
	title  string
	st     style
	pieces []piece
	rows   [][]piece
	width  int // border included
}

// between is the space between pieces of a box.
const between = 3

// flow lays pieces into lines of at most width cells.
func flow(pieces []piece, width int) [][]piece {
	var rows [][]piece
	at := 0
	for _, p := range pieces {
		w := p.width()
		if len(rows) == 0 || p.first || at+between+w > width {
			rows, at = append(rows, nil), -between
		}
		last := len(rows) - 1
		rows[last] = append(rows[last], p)
		at += between + w
	}
	return rows
}

// fit finds the narrowest box whose pieces fill at most rows lines. It reports
// false when that would be wider than limit; the box is then as wide as that.
func (b *box) fit(rows, limit int) bool {
	inner, sum := cells(b.title)+2, -between
	for i := range b.pieces {
		w := b.pieces[i].width()
		inner, sum = max(inner, w), sum+w+between
	}
	for inner = max(inner, sum/rows); inner+4 < limit; inner++ {
		if b.rows = flow(b.pieces, inner); len(b.rows) <= rows {
			b.width = inner + 4
			return true
		}
	}
	b.rows, b.width = flow(b.pieces, max(limit-4, 1)), limit
	return len(b.rows) <= rows
}

// topology draws the components side by side with a cut between them, and
// beside or below them the nodes that are in none and why.
func topology(e *env, width, maxRows int) []string {
	out := e.outside()
	boxes, rows := e.boxes(width, maxRows, len(out) > 0)
	if len(boxes) == 0 {
		return e.outsideBelow(out, width, maxRows+1)
	}
	used := 0
	for i := range boxes {
		if i > 0 {
			used += cutWidth
		}
		used += boxes[i].width
	}
	// At the right each node has a line of its own, which reads best.
	beside := width-used >= outsideWidth(out)+3
	lines := make([]string, 0, rows+3)
	for row := range rows + 2 {
		l := newLine(e.g, width)
		for i := range boxes {
			if i > 0 {
				l.fill("", " ", 1).fill(e.st.crit, e.g.cut, cutWidth-2).fill("", " ", 1)
			}
			boxes[i].line(l, e, row, rows)
		}
		if beside && len(out) > 0 {
			l.fill("", " ", 3)
			outsideLine(l, e, out, row, rows+2)
		}
		lines = append(lines, l.String())
	}
	if !beside {
		lines = append(lines, e.outsideBelow(out, width, 2)...)
	}
	return append(lines, e.transferLines(width)...)
}

// cutWidth is the space between two components.
const cutWidth = 4

// boxes makes a box of each component, in as much detail as fits.
func (e *env) boxes(width, maxRows int, outside bool) ([]box, int) {
	if len(e.snap.Components) == 0 {
		return nil, 0
	}
	spare := width
	if outside && width >= 100 {
		spare = width - 34
	}
	for detail := range details {
		for rows := 1; rows <= maxRows; rows++ {
			if boxes, tallest := e.boxesIn(detail, rows, spare); boxes != nil {
				return boxes, tallest
			}
		}
	}
	return e.squeezed(maxRows, width), maxRows
}

// boxesIn makes the boxes in the given detail; nil when they need more room.
func (e *env) boxesIn(detail, rows, room int) (boxes []box, tallest int) {
	for i := range e.snap.Components {
		b := e.box(&e.snap.Components[i], detail, rows)
		if i > 0 {
			room -= cutWidth
		}
		if !b.fit(rows, room) || detail <= 1 && b.width < cells(b.title)+6 {
			return nil, 0
		}
		boxes = append(boxes, b)
		room -= b.width
		tallest = max(tallest, len(b.rows))
	}
	return boxes, tallest
}

func (e *env) box(c *model.Component, detail, rows int) box {
	b := box{title: e.boxTitle(c, detail), st: e.st.border, pieces: e.members(c, detail, rows)}
	if !c.Primary || e.split() {
		b.st = e.st.crit
	}
	return b
}

// split reports whether there is more than one Primary Component: then none of
// them is as it should be.
func (e *env) split() bool {
	primaries := 0
	for i := range e.snap.Components {
		if e.snap.Components[i].Primary {
			primaries++
		}
	}
	return primaries > 1
}

// squeezed makes boxes of equal width when there are too many; what does not
// fit is cut off.
func (e *env) squeezed(rows, width int) []box {
	n := max(1, min(len(e.snap.Components), width/16))
	each := max((width-cutWidth*(n-1))/n, 1)
	boxes := make([]box, n)
	for i := range boxes {
		boxes[i] = e.box(&e.snap.Components[i], details-1, rows)
		boxes[i].fit(rows, each)
		boxes[i].width = each
	}
	return boxes
}

func (e *env) boxTitle(c *model.Component, detail int) string {
	kind := "Primary"
	if !c.Primary {
		kind = "non-Primary"
	}
	size := "? members"
	switch {
	case c.Size.Known && c.Size.V == 1:
		size = "1 member"
	case c.Size.Known:
		size = strconv.FormatInt(c.Size.V, 10) + " members"
	}
	title := kind + " " + e.g.dot + " " + size
	if detail <= 1 && c.Primary && c.ConfID.Known {
		title += " " + e.g.dot + " conf_id " + count(c.ConfID)
	}
	if detail == 0 && c.Quorum != nil && c.Size.V > 1 {
		title += " " + e.g.dot + " survives " + crashes(c.Quorum.Crashes)
	}
	return title
}

func crashes(n int) string {
	switch n {
	case 0:
		return "no crash"
	case 1:
		return "1 crash"
	}
	return strconv.Itoa(n) + " crashes at once"
}

// The details of a box: what the component survives, and each member with its
// state in words; the same without the quorum; the word only where it is not
// Synced; all Synced members as one number.
const details = 4

// members are the pieces of a component's box, segment by segment when it has
// several.
func (e *env) members(c *model.Component, detail, rows int) []piece {
	segments := make(map[int64][]*model.Node)
	for _, n := range e.snap.Nodes {
		if slices.Contains(c.Nodes, n.ID) || slices.Contains(c.Silent, n.ID) {
			s := n.Status().Segment.Or(0)
			segments[s] = append(segments[s], n)
		}
	}
	order := make([]int64, 0, len(segments))
	for s := range segments {
		order = append(order, s)
	}
	slices.Sort(order)
	var pieces []piece
	for i, s := range order {
		if len(order) > 1 {
			pieces = append(pieces, piece{
				name: "segment " + strconv.FormatInt(s, 10) + ":", first: i > 0 && len(order) <= rows,
			})
		}
		pieces = append(pieces, e.memberPieces(segments[s], detail)...)
	}
	for range c.Arbitrators {
		pieces = append(pieces, piece{symbol: e.g.arbitrator, name: "garbd", word: "arbitrator", st: e.st.notice})
	}
	hidden := int(c.Size.Or(0)) - len(c.Nodes) - len(c.Silent) - c.Arbitrators
	for i := range e.snap.Transfers {
		// A joiner that is known only by the name under which it joined.
		if t := &e.snap.Transfers[i]; hidden > 0 && t.JoinerID == "" && t.Joiner != "" && slices.Contains(c.Nodes, t.DonorID) {
			pieces = append(pieces, piece{symbol: e.g.state[model.StateJoining], name: t.Joiner, word: transferWord("Joining", t), st: e.st.notice})
			hidden--
		}
	}
	if hidden > 0 {
		pieces = append(pieces, piece{symbol: "?", name: fmt.Sprintf("%d more", hidden), word: "not seen from here", st: e.st.warn})
	}
	return pieces
}

func (e *env) memberPieces(nodes []*model.Node, detail int) []piece {
	pieces := make([]piece, 0, len(nodes))
	synced := 0
	for _, n := range nodes {
		c := e.condition(n)
		p := piece{symbol: c.symbol, name: n.Name, word: c.word, st: c.st}
		if !n.Up() {
			p = e.silentPiece(n, c, detail)
		} else if c.level == model.LevelOK {
			if synced++; detail == 3 {
				continue
			}
			if detail == 2 {
				p.word = ""
			}
		}
		pieces = append(pieces, p)
	}
	if detail == 3 && synced > 0 {
		all := piece{symbol: e.g.state[model.StateSynced], name: strconv.Itoa(synced), word: "Synced", st: e.st.ok}
		pieces = append([]piece{all}, pieces...)
	}
	return pieces
}

// silentPiece is a member that its component lists and that does not answer
// here: it may be hung, cut off from here alone, or behind a closed port while it
// receives an SST. Nothing says that it is dead.
func (e *env) silentPiece(n *model.Node, c condition, detail int) piece {
	p := piece{symbol: "?", name: n.Name, word: c.word, st: c.st}
	switch {
	case e.transferTo(n.ID) != nil:
		p.symbol = c.symbol
	case detail <= 1 && n.Link != model.LinkStale:
		p.word = e.absence(n)
	case detail == 3:
		p.word = ""
	}
	return p
}

// line draws one line of the box: its frame, or one row of its pieces.
func (b *box) line(l *line, e *env, row, rows int) {
	g, from := e.g.box, l.at
	switch row {
	case 0:
		l.put(b.st, g[0]+g[4]+" ").clip(b.titleStyle(e), b.title, b.width-6)
		l.put(b.st, " ").fill(b.st, g[4], from+b.width-1-l.at).put(b.st, g[1])
	case rows + 1:
		l.put(b.st, g[2]).fill(b.st, g[4], b.width-2).put(b.st, g[3])
	default:
		l.put(b.st, g[5]).fill("", " ", 1)
		inner := newLine(e.g, b.width-4)
		if row-1 < len(b.rows) {
			for i := range b.rows[row-1] {
				if i > 0 {
					inner.fill("", " ", between)
				}
				b.rows[row-1][i].put(inner, e)
			}
		}
		l.append(inner).fill("", " ", 1).put(b.st, g[5])
	}
}

func (b *box) titleStyle(e *env) style {
	if b.st == e.st.crit {
		return e.st.crit
	}
	return e.st.accent
}
