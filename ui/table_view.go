package ui

import "slices"

// shown is a column on the screen and its width now.
type shown struct {
	index, width int
}

// measured is how many rows count for the width of columns.
const measured = 200

// View draws the column heads and the rows that fit, in exactly height lines.
func (t *table[T]) View(e *env, width, height int) []string {
	if height <= 0 {
		return nil
	}
	gap := 1
	if width >= 110 {
		gap = 2
	}
	if t.height = height - 1; t.foot != nil && t.height > 1 {
		t.height--
	}
	t.clamp()
	cols := t.layout(width, gap)
	lines := make([]string, 0, height)
	lines = append(lines, t.head(e, cols, width, gap))
	for i := t.top; i < min(len(t.rows), t.top+t.height); i++ {
		lines = append(lines, t.row(e, cols, i, width, gap))
	}
	if t.foot != nil && t.height < height-1 {
		lines = append(lines, t.total(e, cols, width, gap))
	}
	for len(lines) < height {
		lines = append(lines, newLine(e.g, width).String())
	}
	return lines
}

func (t *table[T]) head(e *env, cols []shown, width, gap int) string {
	l := newLine(e.g, width).to(t.gutter())
	for i, c := range cols {
		if i > 0 {
			l.to(l.at + gap)
		}
		col := &t.columns[c.index]
		title, st := col.title, e.st.title
		if c.index == t.sortBy && col.sorts() {
			arrow := e.g.ascending
			if col.falling != t.reversed {
				arrow = e.g.descending
			}
			if cells(title) < c.width {
				title += arrow
			}
			st = e.st.accent
		}
		l.field(st, title, c.width, col.right)
	}
	return l.String()
}

func (t *table[T]) row(e *env, cols []shown, i, width, gap int) string {
	l := newLine(e.g, width)
	if t.selected && i == t.at {
		l.over = e.st.selection
	}
	return t.cells(e, l, cols, t.rows[i], gap)
}

// total is the foot, in the look of the head.
func (t *table[T]) total(e *env, cols []shown, width, gap int) string {
	l := newLine(e.g, width)
	l.over = e.st.title
	return t.cells(e, l, cols, t.foot, gap)
}

func (t *table[T]) cells(e *env, l *line, cols []shown, row *T, gap int) string {
	if t.gutter() > 0 {
		mark := " "
		if t.tagged(row) {
			mark = tagMark
		}
		l.fill(e.st.accent, mark, 1)
	}
	faded := t.faded != nil && t.faded(row)
	for n, c := range cols {
		before := min(n, 1) * gap
		if n == t.keep && t.note != nil {
			if text, st := t.note(row); text != "" {
				l.fill("", " ", before).put(st, text)
				break
			}
		}
		col := &t.columns[c.index]
		if col.draw != nil {
			col.draw(l.fill("", " ", before), row, c.width)
			continue
		}
		text, st := col.cell(row)
		if faded && n >= t.keep {
			st = e.st.dim
		}
		if st == e.st.dim {
			// Blanks in the same look as what stands between them: a row of dim
			// numbers then needs one change of colour on the wire, not one each.
			l.fill(st, " ", before)
			before = 0
			if col.right {
				l.fill(st, " ", c.width-cells(text)).put(st, text)
				continue
			}
		}
		l.fill("", " ", before).field(st, text, c.width, col.right)
	}
	return l.String()
}

// layout chooses the columns that fit and their widths. A column is as wide as
// its widest text so far and never shrinks, so that the screen stays calm.
func (t *table[T]) layout(width, gap int) []shown {
	if t.forWidth != width || len(t.widths) != len(t.columns) {
		t.forWidth, t.widths, t.used = width, make([]int, len(t.columns)), make([]bool, len(t.columns))
	}
	t.measure()
	width -= t.gutter()
	cols := make([]shown, len(t.columns))
	for i := range t.columns {
		cols[i] = shown{i, max(t.columns[i].min, t.widths[i], t.columns[i].share*width/100)}
	}
	if t.frozen > 0 {
		if cols = t.window(cols, width, gap); t.left > 0 {
			return cols
		}
	}
	defer func() { t.unseen = len(t.columns) - len(cols) }()
	if total(cols, gap) > width {
		cols = slices.DeleteFunc(cols, func(c shown) bool { return t.columns[c.index].seldom && !t.used[c.index] })
	}
	for len(cols) > 1 && total(cols, gap) > width {
		if last := t.leastImportant(cols); last >= 0 && (!t.tight || t.least(cols, gap) > width) {
			cols = append(cols[:last], cols[last+1:]...)
			continue
		}
		t.squeeze(cols, total(cols, gap)-width)
		break
	}
	t.stretch(cols, width-total(cols, gap))
	return cols
}

// window leaves out the columns that are scrolled away and those that find no
// place behind them; the last takes what is left.
func (t *table[T]) window(cols []shown, width, gap int) []shown {
	// Nothing new shows once all from some column on fit.
	t.mostLeft = 0
	if total(cols, gap) > width {
		frozen := total(cols[:t.frozen], gap)
		for t.mostLeft < len(cols)-t.frozen-1 && frozen+gap+total(cols[t.frozen+t.mostLeft:], gap) > width {
			t.mostLeft++
		}
	}
	if t.left = min(t.left, t.mostLeft); t.left == 0 {
		return cols
	}
	cols = slices.Delete(cols, t.frozen, t.frozen+t.left)
	for len(cols) > t.frozen+1 && total(cols, gap) > width {
		cols = cols[:len(cols)-1]
	}
	t.squeeze(cols, total(cols, gap)-width)
	t.stretch(cols, width-total(cols, gap))
	t.unseen = len(t.columns) - len(cols)
	return cols
}

// tagMark stands before a tagged row.
const tagMark = "*"

// gutter is the room for tags.
func (t *table[T]) gutter() int {
	if t.sign == nil {
		return 0
	}
	return 1
}

// sampled are the rows that count for the widths: of a table that may have
// thousands, only those on the screen.
func (t *table[T]) sampled() []*T {
	if t.frozen > 0 {
		return t.rows[min(t.top, len(t.rows)):min(t.top+t.height, len(t.rows))]
	}
	return t.rows[:min(len(t.rows), measured)]
}

func (t *table[T]) measure() {
	rows := t.sampled()
	for i := range t.columns {
		c := &t.columns[i]
		if c.seldom && !t.used[i] {
			t.used[i] = slices.ContainsFunc(rows, func(r *T) bool { text, _ := c.cell(r); return text != "" })
		}
		if c.draw != nil || c.max == 0 || c.max == c.min {
			continue
		}
		for n := range rows {
			text, _ := c.cell(rows[n])
			t.widths[i] = min(c.max, max(t.widths[i], cells(text)))
		}
	}
}

func (t *table[T]) leastImportant(cols []shown) int {
	drop, worst := -1, 0
	for i, c := range cols {
		if p := t.columns[c.index].priority; p > 0 && p >= worst {
			drop, worst = i, p
		}
	}
	return drop
}

// least is how narrow the columns can be without hiding what they are about.
func (t *table[T]) least(cols []shown, gap int) int {
	sum := gap * (len(cols) - 1)
	for _, c := range cols {
		sum += t.columns[c.index].min
	}
	return sum
}

// squeeze takes cells from the widest columns when none may be dropped, as long as
// it can from those that are wider than they must be.
func (t *table[T]) squeeze(cols []shown, excess int) {
	for ; excess > 0; excess-- {
		widest, over := 0, false
		for i := range cols {
			can := t.columns[cols[i].index].min < cols[i].width
			if can && !over || can == over && cols[i].width > cols[widest].width {
				widest, over = i, can
			}
		}
		if cols[widest].width <= 1 {
			return
		}
		cols[widest].width--
	}
}

// stretch gives what is left to the column without a limit, else to drawn ones.
func (t *table[T]) stretch(cols []shown, spare int) {
	if spare <= 0 {
		return
	}
	drawn := 0
	for i := range cols {
		c := &t.columns[cols[i].index]
		if c.max == 0 {
			cols[i].width += spare
			return
		}
		if c.draw != nil {
			drawn++
		}
	}
	for i := range cols {
		if c := &t.columns[cols[i].index]; c.draw != nil {
			cols[i].width += min(spare/drawn, c.max-cols[i].width)
		}
	}
}

func total(cols []shown, gap int) int {
	sum := gap * (len(cols) - 1)
	for _, c := range cols {
		sum += c.width
	}
	return sum
}
