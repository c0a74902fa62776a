package ui

import (
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// line builds one line of the screen. It knows how many cells it has filled and
// never fills more than its width, whatever text it is given.
type line struct {
	buf       []byte
	at, width int
	// over replaces every look: the row under the cursor.
	over style
	g    *glyphs
}

// newLine starts a line of the given width.
func newLine(g *glyphs, width int) *line {
	width = max(width, 0)
	return &line{g: g, width: width, buf: make([]byte, 0, width+width/2)}
}

// left is how many cells are free.
func (l *line) left() int { return l.width - l.at }

// put appends text, with an ellipsis where it does not fit.
func (l *line) put(st style, text string) *line {
	l.clip(st, text, l.left())
	return l
}

// to appends blanks up to a column.
func (l *line) to(column int) *line {
	l.fill("", " ", column-l.at)
	return l
}

// fill appends n times one character.
func (l *line) fill(st style, glyph string, n int) *line {
	n = min(n, l.left())
	if n <= 0 {
		return l
	}
	l.begin(st)
	for range n {
		l.buf = append(l.buf, glyph...)
	}
	l.end(st)
	l.at += n
	return l
}

// field appends text in exactly width cells.
func (l *line) field(st style, text string, width int, right bool) *line {
	width = min(width, l.left())
	if width <= 0 {
		return l
	}
	start := l.at
	if right {
		l.to(start + width - cells(text))
	}
	l.clip(st, text, start+width-l.at)
	return l.to(start + width)
}

// done pads with one look to the line's width: bars and selected rows.
func (l *line) done(st style) string {
	l.fill(st, " ", l.left())
	return string(l.buf)
}

// String is the line, padded with blanks to its width.
func (l *line) String() string { return l.done("") }

func (l *line) begin(st style) {
	if l.over != "" {
		st = l.over
	}
	l.buf = append(l.buf, st...)
}

func (l *line) end(st style) {
	if st != "" || l.over != "" {
		l.buf = append(l.buf, reset...)
	}
}

// clip appends at most width cells of text.
func (l *line) clip(st style, text string, width int) *line {
	width = min(width, l.left())
	if width <= 0 || text == "" {
		return l
	}
	l.begin(st)
	var n int
	l.buf, n = appendCells(l.buf, text, width, l.g.ellipsis)
	l.at += n
	l.end(st)
	return l
}

// append adds another line, which must fit.
func (l *line) append(other *line) *line {
	other.to(other.width)
	if other.width > l.left() {
		return l
	}
	l.buf = append(l.buf, other.buf...)
	l.at += other.width
	return l
}

// appendCells appends at most width cells of text and says how many it filled.
// It trusts no text: characters that move the cursor, have no width of their
// own or are measured differently by different terminals never get through.
func appendCells(dst []byte, text string, width int, ellipsis string) ([]byte, int) {
	at, mark, markAt := 0, len(dst), 0 // where an ellipsis still fits
	for i := 0; i < len(text); {
		if at < width {
			mark, markAt = len(dst), at
		}
		c, size, w := cell(text[i:])
		i += size
		if w == 0 {
			continue
		}
		if at+w > width {
			return append(dst[:mark], ellipsis...), markAt + 1
		}
		dst = append(dst, c...)
		at += w
		if at == width && i < len(text) && cellsLeft(text[i:]) {
			return append(dst[:mark], ellipsis...), markAt + 1
		}
	}
	return dst, at
}

// cellsLeft reports whether text has anything that fills a cell.
func cellsLeft(text string) bool {
	for i := 0; i < len(text); {
		_, size, w := cell(text[i:])
		if w > 0 {
			return true
		}
		i += size
	}
	return false
}

// cell is what to draw for the first character of text, how many bytes that
// takes from text, and how many cells it fills: 0, 1 or 2.
func cell(text string) (drawn string, size, width int) {
	if c := text[0]; c < utf8.RuneSelf {
		if c < ' ' || c == 0x7f {
			return " ", 1, 1
		}
		return text[:1], 1, 1
	}
	r, size := utf8.DecodeRuneInString(text)
	switch {
	case r == utf8.RuneError || joins(r):
		return "\uFFFD", size, 1
	case unicode.In(r, unicode.M, unicode.Cf, unicode.Co):
		return "", size, 0
	}
	one := text[:size]
	width = ansi.StringWidthWc(one)
	if width != ansi.StringWidth(one) {
		return "\uFFFD", size, 1
	}
	return one, size, width
}

// joins reports characters that merge with their neighbours on some terminals
// and stand alone on others: conjoining Hangul, flags, skin tones, and the
// vowels of Thai and Lao that count as part of the letter before.
func joins(r rune) bool {
	switch {
	case r < 0x0e33:
		return false
	case r == 0x0e33, r == 0x0eb3,
		r >= 0x1100 && r <= 0x11ff, r >= 0xa960 && r <= 0xa97f, r >= 0xd7b0 && r <= 0xd7ff,
		r >= 0x1f1e6 && r <= 0x1f1ff, r >= 0x1f3fb && r <= 0x1f3ff:
		return true
	}
	return false
}

// cells is how many cells text fills when nothing is cut.
func cells(text string) int {
	n := 0
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			n++
			i++
			continue
		}
		_, size, w := cell(text[i:])
		n += w
		i += size
	}
	return n
}
