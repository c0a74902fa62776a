package ui

import (
	"slices"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// outsider is a node that is in no component, and why.
type outsider struct {
	symbol, name, why string
	st                style
}

func (o *outsider) width() int { return cells(o.symbol) + cells(o.name) + cells(o.why) + 2 }

func (o *outsider) put(l *line, e *env) {
	l.put(o.st, o.symbol).fill("", " ", 1).put(e.st.text, o.name).fill("", " ", 1).put(o.st, o.why)
}

// outside lists the nodes that are in no component: those that do not answer and
// that no component lists, and those that answer but have left the group.
func (e *env) outside() []outsider {
	in := make(map[string]bool)
	for i := range e.snap.Components {
		c := &e.snap.Components[i]
		for _, id := range slices.Concat(c.Nodes, c.Silent) {
			in[id] = true
		}
	}
	var out []outsider
	for _, n := range e.snap.Nodes {
		if in[n.ID] {
			continue
		}
		c := e.condition(n)
		out = append(out, outsider{c.symbol, n.Name, e.why(n, c), c.st})
	}
	return out
}

// why says what keeps a node outside. A member that the group still lists is
// not gone, whatever its port says: it may be hung, cut off from here alone, or
// receiving an SST, during which a node has no SQL port.
func (e *env) why(n *model.Node, c condition) string {
	why := e.absence(n)
	switch {
	case why == "":
		why = c.word
	case n.Link == model.LinkStale:
		why = c.word
	}
	if !n.Up() && n.Listed {
		why += ", still listed by the group"
	}
	return why
}

func outsideWidth(out []outsider) int {
	w := 0
	for i := range out {
		w = max(w, out[i].width())
	}
	return w
}

// outsideLine draws the part of the list that belongs on one line of several.
func outsideLine(l *line, e *env, out []outsider, row, rows int) {
	first := max(0, (rows-len(out))/2)
	i := row - first
	if i < 0 || i >= len(out) {
		return
	}
	if row == rows-1 && i < len(out)-1 {
		l.put(e.st.warn, "and "+outsideNames(out[i:]))
		return
	}
	out[i].put(l, e)
}

func outsideNames(out []outsider) string {
	names := make([]string, len(out))
	for i := range out {
		names[i] = out[i].symbol + " " + out[i].name
	}
	return strings.Join(names, ", ")
}

// outsideBelow draws the list under the boxes, several nodes to a line when
// there are many.
func (e *env) outsideBelow(out []outsider, width, maxRows int) []string {
	var lines []string
	var l *line
	for i := range out {
		if l != nil && l.left() < out[i].width()+between {
			lines, l = append(lines, l.String()), nil
		}
		if l == nil {
			if len(lines) == maxRows-1 && !e.fits(out[i:], width) {
				rest := newLine(e.g, width).fill("", " ", 2)
				return append(lines, rest.put(e.st.warn, outsideNames(out[i:])).String())
			}
			l = newLine(e.g, width).fill("", " ", 2)
		} else {
			l.fill("", " ", between)
		}
		out[i].put(l, e)
	}
	if l != nil {
		lines = append(lines, l.String())
	}
	return lines
}

// fits reports whether all go on one line.
func (e *env) fits(out []outsider, width int) bool {
	sum := 2
	for i := range out {
		if i > 0 {
			sum += between
		}
		sum += out[i].width()
	}
	return sum <= width
}
