package ui

import (
	"slices"
	"strings"

	"github.com/DataDog/go-sqllexer"
)

// sqlRole is what a piece of a statement is, for its colour.
type sqlRole uint8

const (
	sqlPlain sqlRole = iota
	sqlKeyword
	sqlLiteral
	sqlComment
)

// sqlSpan is a piece of a statement that has one look.
type sqlSpan struct {
	role sqlRole
	text string
}

// sqlLine is one line of a statement that is laid out, before it is wrapped.
type sqlLine struct {
	indent int // cells
	spans  []sqlSpan
}

// shownSQL bounds how much of a statement is laid out, in bytes: nobody reads
// more, and the screen must not wait for it.
const shownSQL = 32 << 10

// layoutSQL puts the clauses of a statement on lines of their own. What the
// lexer cannot make whole again is left as it is, line by line.
func layoutSQL(text string) []sqlLine {
	lexer := sqllexer.New(text, sqllexer.WithDBMS(sqllexer.DBMSMySQL))
	l := &sqlLayout{}
	read := 0
	for token := lexer.Scan(); token.Type != sqllexer.EOF; token = lexer.Scan() {
		read += len(token.Value)
		if token.Type == sqllexer.ERROR || read > len(text) {
			return plainSQL(text)
		}
		l.take(token)
	}
	if read != len(text) {
		return plainSQL(text)
	}
	l.breakLine()
	return l.lines
}

func plainSQL(text string) []sqlLine {
	var out []sqlLine
	for line := range strings.SplitSeq(text, "\n") {
		out = append(out, sqlLine{spans: []sqlSpan{{sqlPlain, strings.TrimRight(line, " ")}}})
	}
	return out
}

// sqlLayout is a statement on its way through layoutSQL.
type sqlLayout struct {
	lines   []sqlLine
	spans   []sqlSpan
	indent  int
	gap     bool   // white space before the next token
	parens  []int  // open brackets: the indentation around a subquery, which has lines of its own; -1 for others
	opened  bool   // the last token opened a bracket
	last    string // word before, upper case
	between bool   // the next AND belongs to BETWEEN
}

// clauses begin a line; those that are true are indented below the clause that
// they belong to.
var clauses = map[string]bool{
	"SELECT": false, "FROM": false, "WHERE": false, "GROUP": false, "HAVING": false, "ORDER": false, "LIMIT": false,
	"UNION": false, "EXCEPT": false, "INTERSECT": false, "VALUES": false, "SET": false, "LEFT": true, "RIGHT": true,
	"INNER": true, "CROSS": true, "JOIN": true, "STRAIGHT_JOIN": true, "NATURAL": true, "AND": true, "OR": true,
}

// joined are words that end in the same line what the word before began.
var joined = map[string]string{
	"JOIN": "LEFT RIGHT INNER CROSS OUTER NATURAL", "LEFT": "NATURAL", "RIGHT": "NATURAL", "SET": "CHARACTER", "FROM": "DELETE",
}

// words are keywords that the lexer takes for names.
var words = map[string]bool{
	"FOR": true, "BETWEEN": true, "ASC": true, "DESC": true, "OUTER": true, "INNER": true, "CROSS": true, "STRAIGHT_JOIN": true,
	"NATURAL": true, "INTERVAL": true, "CASE": true, "WHEN": true, "THEN": true, "ELSE": true, "END": true, "EXISTS": true,
	"LIKE": true, "REGEXP": true, "DUPLICATE": true, "KEY": true, "IGNORE": true, "OFFSET": true, "OVER": true,
	"PARTITION": true, "RECURSIVE": true, "FORCE": true, "INDEX": true, "STRAIGHT": true, "SHARE": true, "MODE": true,
	"LOCK": true, "IN": true, "IS": true, "NOT": true, "AND": true, "OR": true, "ON": true, "BY": true, "AS": true,
	"USING": true, "INTO": true, "ALL": true, "ANY": true, "DISTINCT": true, "HAVING": true, "COMMIT": true, "ROLLBACK": true,
	"BEGIN": true, "CALL": true, "REPLACE": true, "ALTER": true, "TABLE": true, "ADD": true, "COLUMN": true, "SHOW": true,
}

func (l *sqlLayout) take(token *sqllexer.Token) {
	value := token.Value
	switch token.Type {
	case sqllexer.SPACE:
		l.gap = true
		return
	case sqllexer.COMMENT, sqllexer.MULTILINE_COMMENT:
		l.put(sqlComment, strings.Join(strings.Fields(value), " "))
		if token.Type == sqllexer.COMMENT {
			l.breakLine()
		}
		return
	case sqllexer.STRING, sqllexer.INCOMPLETE_STRING, sqllexer.NUMBER, sqllexer.BOOLEAN, sqllexer.NULL:
		l.put(sqlLiteral, value)
		l.last = ""
		return
	case sqllexer.PUNCTUATION:
		l.bracket(value)
		return
	default:
	}
	word := strings.ToUpper(value)
	keyword := token.Type == sqllexer.COMMAND || token.Type == sqllexer.KEYWORD || token.Type == sqllexer.CTE_INDICATOR ||
		token.Type == sqllexer.ALIAS_INDICATOR || words[word]
	_, clause := clauses[word]
	switch {
	case clause:
		keyword = true
		l.clause(word)
	case word == "BETWEEN":
		l.between = true
	}
	role := sqlPlain
	if keyword || clause {
		role = sqlKeyword
	}
	l.put(role, value)
	l.opened, l.last = false, word
}

// inline marks a bracket that is no subquery's.
const inline = -1

// bracket follows brackets: only a subquery's are worth lines.
func (l *sqlLayout) bracket(value string) {
	switch value {
	case "(":
		l.put(sqlPlain, value)
		l.parens = append(l.parens, inline)
		l.opened, l.gap = true, false
		l.last = value
		return
	case ")":
		if n := len(l.parens); n > 0 {
			around := l.parens[n-1]
			if l.parens = l.parens[:n-1]; around != inline {
				l.breakLine()
				l.indent = around
			}
		}
		l.gap = false
	}
	l.put(sqlPlain, value)
	l.opened, l.last = false, value
}

// depth is the indentation of a clause in the present bracket.
func (l *sqlLayout) depth() int {
	n := 0
	for _, around := range l.parens {
		if around != inline {
			n = around + 4
		}
	}
	return min(n, 24)
}

// clause begins a line, where the word begins a clause here.
func (l *sqlLayout) clause(word string) {
	if word == "SELECT" && l.opened {
		l.parens[len(l.parens)-1] = l.indent
	}
	inside := len(l.parens) > 0 && l.parens[len(l.parens)-1] == inline
	switch {
	case inside:
		return
	case word == "AND" && l.between:
		l.between = false
		return
	case slices.Contains(strings.Fields(joined[word]), l.last):
		return
	case word == "SELECT" && l.last == "ALL", word == "VALUES" && l.last == "=":
		return
	}
	l.breakLine()
	if l.indent = l.depth(); clauses[word] {
		l.indent += 2
	}
}

func (l *sqlLayout) put(role sqlRole, text string) {
	if l.gap && len(l.spans) > 0 {
		text = " " + text
	}
	l.gap = false
	if n := len(l.spans); n > 0 && l.spans[n-1].role == role {
		l.spans[n-1].text += text
		return
	}
	l.spans = append(l.spans, sqlSpan{role, text})
}

func (l *sqlLayout) breakLine() {
	if len(l.spans) > 0 {
		l.lines = append(l.lines, sqlLine{l.indent, l.spans})
		l.spans = nil
	}
	l.gap = false
}
