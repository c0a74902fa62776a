package model

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unsafe"
)

// Terms is a filter of threads: conditions that all have to hold. Words apart by
// blanks are conditions, each of one of these forms, with ! before it to invert it:
//
//	user:app          a regular expression in a column of text
//	user=app          exactly that text
//	time>5 time>=1m30s trx>30 rows>=1e6 memory>64M id=42
//	app               a regular expression over all columns together
//
// An expression without a capital letter ignores case. What has blanks in it, or
// what looks like a column and is none, is put in double quotes, in which two
// double quotes stand for one. Termed lists the columns.
type Terms struct{ terms []term }

// term is one condition.
type term struct {
	invert bool
	column *Term  // nil: all columns together
	op     string // "" without a column
	text   string // the expression or the value, as typed
	re     *regexp.Regexp
	plain  string // in lower case, where the expression is a word that ignores case
	value  float64
}

// Lens is how names and texts of threads are seen by whoever filters: where
// literals are hidden, nobody can find them by guessing. A nil function shows
// the text as it is.
type Lens struct{ User, Host, State, Query func(string) string }

func (l *Lens) user(text string) string  { return through(l.User, text) }
func (l *Lens) host(text string) string  { return through(l.Host, text) }
func (l *Lens) state(text string) string { return through(l.State, text) }
func (l *Lens) query(text string) string { return through(l.Query, text) }

func through(see func(string) string, text string) string {
	if see == nil {
		return text
	}
	return see(text)
}

// naked shows everything.
var naked Lens

// Match reports whether all conditions hold for a thread. A condition on
// something that is not known of the thread does not hold, inverted or not.
func (t *Terms) Match(of *Thread) bool { return t.MatchSeen(of, &naked) }

// MatchSeen is Match on texts as they are seen through a lens.
func (t *Terms) MatchSeen(of *Thread, l *Lens) bool {
	if t == nil {
		return true
	}
	for i := range t.terms {
		if !t.terms[i].match(of, l) {
			return false
		}
	}
	return true
}

// Empty reports whether every thread matches.
func (t *Terms) Empty() bool { return t == nil || len(t.terms) == 0 }

func (c *term) match(t *Thread, l *Lens) bool {
	switch {
	case c.column == nil:
		return c.anywhere(t, l) != c.invert
	case c.column.value != nil:
		v := c.column.value(t)
		return v.Known && compares[c.op](v.V, c.value) != c.invert
	case c.re != nil:
		return c.finds(c.column.text(t, l)) != c.invert
	}
	return (c.column.text(t, l) == c.text) != c.invert
}

var scratch = sync.Pool{New: func() any { b := make([]byte, 0, 2048); return &b }}

// anywhere searches all columns of text as one line, so that an expression may
// reach from one into the next.
func (c *term) anywhere(t *Thread, l *Lens) bool {
	buf, _ := scratch.Get().(*[]byte)
	defer scratch.Put(buf)
	b := (*buf)[:0]
	for i := range termed {
		if text := termed[i].text; text != nil {
			b = append(append(b, text(t, l)...), ' ')
		}
	}
	*buf = b
	return c.finds(unsafe.String(unsafe.SliceData(b), len(b)-1))
}

// finds searches a text. Plain words are most of what people type, and the way
// through a regular expression takes twenty times as long.
func (c *term) finds(text string) bool {
	if c.plain != "" {
		return containsFold(text, c.plain)
	}
	return c.re.MatchString(text)
}

// compares are the comparisons of numbers.
var compares = map[string]func(a, b float64) bool{
	"<":  func(a, b float64) bool { return a < b },
	"<=": func(a, b float64) bool { return a <= b },
	">":  func(a, b float64) bool { return a > b },
	">=": func(a, b float64) bool { return a >= b },
	"=":  func(a, b float64) bool { return a == b },
	"!=": func(a, b float64) bool { return a != b },
}

// String writes the conditions so that ParseTerms reads the same again.
func (t *Terms) String() string {
	if t == nil {
		return ""
	}
	parts := make([]string, len(t.terms))
	for i := range t.terms {
		parts[i] = t.terms[i].String()
	}
	return strings.Join(parts, " ")
}

func (c *term) String() string {
	text := c.text
	if c.column == nil {
		if quotable(text) || strings.HasPrefix(text, "!") || looksTermed(text) {
			text = quote(text)
		}
	} else {
		if quotable(text) {
			text = quote(text)
		}
		text = c.column.Name + c.op + text
	}
	if c.invert {
		return "!" + text
	}
	return text
}

func quotable(text string) bool {
	return text == "" || text[0] == '"' || strings.ContainsFunc(text, blank)
}

func quote(text string) string { return `"` + strings.ReplaceAll(text, `"`, `""`) + `"` }

func blank(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' }

// A TermError says what is wrong with a filter and where.
type TermError struct {
	Column int // of the text, in characters from 1
	What   string
}

func (e *TermError) Error() string { return fmt.Sprintf("column %d: %s", e.Column, e.What) }
