package ui

import "slices"

// rowKey is what a row is about; the cursor follows it wherever it moves.
type rowKey struct {
	node   string
	thread uint64
}

// column is one column of a table, as data.
type column[T any] struct {
	title    string
	about    string // one line for the help
	min, max int    // cells; a max of 0 takes what is left
	right    bool
	priority int // 0 always stays; the highest is dropped first
	// cell is the text of a row and its look.
	cell func(*T) (string, style)
	// draw replaces cell where text is not enough: sparklines.
	draw func(l *line, row *T, width int)
	// compare sorts ascending; nil: no sort by this column.
	compare func(a, b *T) int
	// falling says that the first sort is the largest first.
	falling bool
}

// table is a windowed list of rows. It sorts and filters when rows or settings
// change, and formats only the rows on the screen.
type table[T any] struct {
	columns []column[T]
	key     func(*T) rowKey
	tie     func(a, b *T) int // orders rows that the sort finds equal, always the same way
	// text is what the filter searches.
	text func(*T) string
	// note, when it returns text, replaces the cells after the first keep ones.
	note func(*T) (text string, st style)
	keep int
	// faded rows are drawn dim throughout: their values are out of date.
	faded func(*T) bool

	sortBy   int
	reversed bool
	filter   *filter

	all      []T
	rows     []*T // of all, those that pass the filter, in order
	selected bool
	cursor   rowKey
	at, top  int
	height   int   // rows on the screen when it was last drawn
	widths   []int // per column, grown to the content since the last resize
	forWidth int
}

// set replaces the rows. The selected row stays selected, and on the same line
// of the screen, wherever it went; when it is gone, the row now in its place is
// not selected in its stead unless one is needed to go on from.
func (t *table[T]) set(rows []T) {
	t.all = rows
	t.arrange()
}

// arrange filters and sorts anew.
func (t *table[T]) arrange() {
	t.rows = t.rows[:0]
	for i := range t.all {
		if t.filter == nil || t.filter.pass(t.text(&t.all[i])) {
			t.rows = append(t.rows, &t.all[i])
		}
	}
	if compare := t.compare(); compare != nil {
		slices.SortStableFunc(t.rows, compare)
	}
	t.follow()
}

func (t *table[T]) compare() func(a, b *T) int {
	if t.sortBy >= len(t.columns) || t.columns[t.sortBy].compare == nil {
		return nil
	}
	c := &t.columns[t.sortBy]
	sign := 1
	if c.falling != t.reversed {
		sign = -1
	}
	return func(a, b *T) int {
		if d := c.compare(a, b); d != 0 {
			return sign * d
		}
		return t.tie(a, b)
	}
}

// follow finds the selected row again and keeps it on its line of the screen.
func (t *table[T]) follow() {
	if !t.selected {
		t.clamp()
		return
	}
	for i := range t.rows {
		if t.key(t.rows[i]) == t.cursor {
			t.top += i - t.at
			t.at = i
			t.clamp()
			return
		}
	}
	// Gone: what the cursor would now stand on was never chosen.
	t.selected = false
	t.clamp()
}

func (t *table[T]) clamp() {
	t.at = max(0, min(t.at, len(t.rows)-1))
	t.top = max(0, min(t.top, len(t.rows)-max(t.height, 1)))
	if t.selected && t.height > 0 {
		t.top = max(min(t.top, t.at), t.at-t.height+1)
	}
}

// move moves the cursor by some rows; the first move only shows it. It reports
// false when the cursor already stood at that end.
func (t *table[T]) move(by int) bool {
	if len(t.rows) == 0 {
		return false
	}
	target := t.at + by
	if !t.selected {
		target = max(t.at, 0)
	}
	moved := target >= 0 && target < len(t.rows)
	t.pick(max(0, min(target, len(t.rows)-1)))
	return moved
}

// pick selects a row by its place.
func (t *table[T]) pick(i int) {
	if i < 0 || i >= len(t.rows) {
		return
	}
	t.selected, t.at, t.cursor = true, i, t.key(t.rows[i])
	t.clamp()
}

// find selects a row by what it is about.
func (t *table[T]) find(key rowKey) bool {
	for i := range t.rows {
		if t.key(t.rows[i]) == key {
			t.pick(i)
			return true
		}
	}
	return false
}

// current is the selected row, nil when there is none.
func (t *table[T]) current() *T {
	if !t.selected || t.at >= len(t.rows) {
		return nil
	}
	return t.rows[t.at]
}

func (t *table[T]) unselect() { t.selected, t.at, t.top = false, 0, 0 }

// nextSort goes on to the next column that can be sorted by.
func (t *table[T]) nextSort() string {
	for range t.columns {
		t.sortBy = (t.sortBy + 1) % len(t.columns)
		if t.columns[t.sortBy].compare != nil {
			break
		}
	}
	t.reversed = false
	t.arrange()
	return t.sorting()
}

// reverse turns the order round.
func (t *table[T]) reverse() string {
	t.reversed = !t.reversed
	t.arrange()
	return t.sorting()
}

func (t *table[T]) sorting() string {
	c := &t.columns[t.sortBy]
	order := "smallest first"
	if c.falling != t.reversed {
		order = "largest first"
	}
	return "sorted by " + c.title + ", " + order
}
