package ui

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

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
	share    int    // percent of the screen that it has at least, beside min
	right    bool
	priority int // 0 always stays; the highest is dropped first
	// seldom says that the column is blank as a rule: where room is short it goes
	// first, for as long as no row on the screen had anything in it.
	seldom bool
	// cell is the text of a row and its look.
	cell func(*T) (string, style)
	// draw replaces cell where text is not enough: sparklines.
	draw func(l *line, row *T, width int)
	// compare sorts ascending; rank and word are the same for large tables, whose
	// sort asks once for each row: a number, or a text. None: no sort by this
	// column.
	compare func(a, b *T) int
	rank    func(*T) float64
	word    func(*T) string
	// falling says that the first sort is the largest first.
	falling bool
}

// table is a windowed list of rows. It sorts and filters when rows or settings
// change, and formats only the rows on the screen.
type table[T any] struct {
	columns []column[T]
	key     func(*T) rowKey
	tie     func(a, b *T) int // orders rows that the sort finds equal, always the same way
	// text is what the filter searches; match, when it is there, decides instead.
	text  func(*T) string
	match func(*filter, *T) bool
	// hide says which rows are not shown whatever the filter says.
	hide func(*T) bool
	// note, when it returns text, replaces the cells after the first keep ones.
	note func(*T) (text string, st style)
	keep int
	// faded rows are drawn dim throughout: their values are out of date.
	faded func(*T) bool
	// frozen columns stay when the others are scrolled; 0: this table does not.
	frozen int
	// tight narrows columns to their least width before it drops any.
	tight bool
	// holds keeps the selected row on its line of the screen even where the sort
	// would move it and there is nothing to scroll.
	holds bool
	// tags are rows that the user marked and what they were then. A row that
	// became something else loses its tag.
	tags map[rowKey]string
	sign func(*T) string // what a tagged row has to remain; nil: no tags

	sortBy   int
	reversed bool
	filter   *filter

	all      []T
	rows     []*T // of all, those that pass the filter, in order
	selected bool
	cursor   rowKey
	at, top  int
	height   int    // rows on the screen when it was last drawn
	widths   []int  // per column, grown to the content since the last resize
	used     []bool // per seldom column, whether it had content since then
	forWidth int
	foot     *T  // drawn below all rows: their total
	left     int // columns scrolled away behind the frozen ones
	mostLeft int // that still shows something new
	unseen   int // columns that found no place when it was last drawn
	keyed    []keyed[T]
}

// keyed is a row with what it is sorted by.
type keyed[T any] struct {
	rank float64
	word string
	row  *T
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
		if row := &t.all[i]; t.passes(row) {
			t.rows = append(t.rows, row)
		}
	}
	t.sort()
	t.follow()
}

func (t *table[T]) passes(row *T) bool {
	switch {
	case t.hide != nil && t.hide(row):
		return false
	case t.filter == nil:
		return true
	case t.match != nil:
		return t.match(t.filter, row)
	}
	return t.filter.pass(t.text(row))
}

func (t *table[T]) sort() {
	if t.sortBy >= len(t.columns) {
		return
	}
	if c := &t.columns[t.sortBy]; c.rank == nil && c.word == nil {
		if compare := t.compare(); compare != nil {
			slices.SortStableFunc(t.rows, compare)
		}
		return
	}
	t.sortKeyed(&t.columns[t.sortBy])
}

// sortKeyed asks each row once for what it is sorted by.
func (t *table[T]) sortKeyed(c *column[T]) {
	t.keyed = slices.Grow(t.keyed[:0], len(t.rows))
	for _, row := range t.rows {
		k := keyed[T]{row: row}
		if c.rank != nil {
			k.rank = c.rank(row)
		} else {
			k.word = c.word(row)
		}
		t.keyed = append(t.keyed, k)
	}
	falling := c.falling != t.reversed
	slices.SortFunc(t.keyed, func(a, b keyed[T]) int {
		d := cmp.Compare(a.rank, b.rank)
		if d == 0 {
			d = strings.Compare(a.word, b.word)
		}
		switch {
		case d == 0:
			return t.tie(a.row, b.row)
		case falling:
			return -d
		}
		return d
	})
	for i := range t.keyed {
		t.rows[i] = t.keyed[i].row
	}
	clear(t.keyed) // it would keep an old snapshot alive
}

func (c *column[T]) sorts() bool { return c.compare != nil || c.rank != nil || c.word != nil }

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
			line := t.at - t.top
			t.top += i - t.at
			t.at = i
			t.clamp()
			t.hold(line)
			return
		}
	}
	// Gone: what the cursor would now stand on was never chosen.
	t.selected = false
	t.clamp()
}

// hold puts the selected row back on its line, out of the order if it must be:
// what a hand is about to act on does not move under it.
func (t *table[T]) hold(line int) {
	to := min(t.top+line, len(t.rows)-1)
	if !t.holds || line < 0 || to == t.at {
		return
	}
	row := t.rows[t.at]
	t.rows = slices.Insert(slices.Delete(t.rows, t.at, t.at+1), to, row)
	t.at = to
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

// extent is how many rows there are and how many the screen shows.
func (t *table[T]) extent() (rows, height int) { return len(t.rows), t.height }

func (t *table[T]) chosenRow() bool { return t.current() != nil }

// scroll moves the columns behind the frozen ones by some; it says whether it
// could.
func (t *table[T]) scroll(by int) bool {
	to := max(0, min(t.left+by, t.mostLeft))
	moved := to != t.left
	t.left = to
	return moved
}

// tag marks the selected row, or takes its mark away.
func (t *table[T]) tag() {
	row := t.current()
	if row == nil || t.sign == nil {
		return
	}
	if _, there := t.tags[t.cursor]; there {
		delete(t.tags, t.cursor)
		return
	}
	if t.tags == nil {
		t.tags = make(map[rowKey]string)
	}
	t.tags[t.cursor] = t.sign(row)
}

func (t *table[T]) tagged(row *T) bool {
	if len(t.tags) == 0 {
		return false
	}
	_, there := t.tags[t.key(row)]
	return there
}

// prune drops the tags of rows that are gone or became something else. away
// reports nodes of which nothing is known now: their tags stay.
func (t *table[T]) prune(away func(node string) bool) {
	if len(t.tags) == 0 {
		return
	}
	found := make(map[rowKey]bool, len(t.tags))
	for i := range t.all {
		key := t.key(&t.all[i])
		if sign, there := t.tags[key]; there && sign == t.sign(&t.all[i]) {
			found[key] = true
		}
	}
	maps.DeleteFunc(t.tags, func(key rowKey, _ string) bool { return !found[key] && !away(key.node) })
}

func (t *table[T]) unselect() { t.selected, t.at, t.top = false, 0, 0 }

// nextSort goes on to the next column that can be sorted by.
func (t *table[T]) nextSort() string {
	for range t.columns {
		t.sortBy = (t.sortBy + 1) % len(t.columns)
		if t.columns[t.sortBy].sorts() {
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
