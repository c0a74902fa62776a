package model

import (
	"bytes"
	"strings"
)

// MaskLiterals replaces every literal of a statement by "?", so that it can be
// shown to strangers: numbers, quoted text with its prefix or character set,
// hexadecimal and bit values, dates. Comments and hints go as a whole, since
// applications write request and customer numbers into them, and so do the
// names of accounts (user@host). Names of schemas, tables, columns and of user
// variables stay. Where it cannot be told whether something is a literal it
// counts as one: what is in double quotes, and what a cut statement leaves open.
//
// Masking twice changes nothing. The result is at most a quarter longer, and
// eight bytes.
func MaskLiterals(sql string) string {
	m := masker{sql: sql, out: make([]byte, 0, len(sql)+8)}
	for m.at < len(sql) {
		m.next()
	}
	return string(m.out)
}

// masker is a statement on its way through MaskLiterals.
type masker struct {
	sql string
	at  int
	out []byte
	// token is where the last name or literal begins in out, and closed where it
	// ended: an account is two of them around an @.
	token, closed int
	account       bool // what follows is the host of an account
	settled       bool // backslashes are known to escape
}

// next takes over one token.
func (m *masker) next() {
	sql, i := m.sql, m.at
	c := sql[i]
	switch {
	case c == '\'' || c == '"':
		m.literal(m.quoted(i))
	case c == '`':
		m.name(m.quoted(i))
	case c == '/' && strings.HasPrefix(sql[i:], "/*"):
		m.put("/*?*/", commentEnd(sql, i))
	case c == '#' || c == '-' && lineComment(sql[i:]):
		// One line of text has no end of the comment.
		m.put("-- ?", len(sql))
	case numeral(sql, i):
		m.literal(numberEnd(sql, i))
	case (c == '-' || c == '+') && numeral(sql, i+1) && m.signs():
		m.literal(numberEnd(sql, i+1))
	case c == '@':
		m.atSign()
	case wordByte(c):
		m.word()
	default:
		m.put(sql[i:i+1], i+1)
	}
}

func (m *masker) put(text string, next int) {
	m.out = append(m.out, text...)
	m.at = next
	m.account = false
}

// literal writes a literal that ends at next.
func (m *masker) literal(next int) {
	m.token = len(m.out)
	m.put("?", next)
	m.closed = len(m.out)
}

// longestName is the longest name that servers allow, in bytes: 64 characters.
const longestName = 64 * 3

// name writes the name in backticks that ends at next. What is too long for a
// name, or never ends, is none.
func (m *masker) name(next int) {
	text := m.sql[m.at:next]
	if m.account || m.cutAt(next) || len(text) < 2 || text[len(text)-1] != '`' || len(text) > longestName+2 {
		m.literal(next)
		return
	}
	m.token = len(m.out)
	m.put(text, next)
	m.closed = len(m.out)
}

// ellipsis ends a statement that was cut.
const ellipsis = "…"

// cutAt reports whether the statement was cut at a place: the host of an account
// may have followed.
func (m *masker) cutAt(at int) bool {
	return m.sql[at:] == ellipsis || at == len(m.sql) && len(m.sql) >= cutFrom
}

// prefixes are what may stand before a quoted text: hexadecimal, bits, national.
var prefixes = [256]bool{'x': true, 'X': true, 'b': true, 'B': true, 'n': true, 'N': true}

// word writes a word, or the literal that it is the prefix of: x'4D', n'text',
// _utf8'text'.
func (m *masker) word() {
	end := m.at
	for end < len(m.sql) && wordByte(m.sql[end]) {
		end++
	}
	text := m.sql[m.at:end]
	if end < len(m.sql) && (m.sql[end] == '\'' || m.sql[end] == '"') && (text[0] == '_' || len(text) == 1 && prefixes[text[0]]) {
		m.literal(m.quoted(end))
		return
	}
	if m.account {
		for end < len(m.sql) && (wordByte(m.sql[end]) || m.sql[end] == '.') {
			end++
		}
		m.literal(end)
		return
	}
	if name, cut := strings.CutSuffix(text, ellipsis); cut && end == len(m.sql) && name != "" {
		m.literal(end)
		m.put(ellipsis, end)
		return
	}
	m.token = len(m.out)
	m.put(text, end)
	m.closed = len(m.out)
}

// atSign tells an account from a variable: the account has a name right before.
func (m *masker) atSign() {
	if m.closed != len(m.out) || m.closed == 0 {
		m.put("@", m.at+1)
		return
	}
	m.out = m.out[:m.token]
	m.put("?@", m.at+1)
	m.account = true
}

// signs reports whether a sign here belongs to the number that follows: nothing
// that it could be added to is before it.
func (m *masker) signs() bool {
	before := bytes.TrimRight(m.out, " ")
	if len(before) == 0 {
		return true
	}
	return strings.IndexByte("=<>(,+-*/%|&^!~", before[len(before)-1]) >= 0 && !bytes.HasSuffix(before, []byte("*/"))
}

// quoted is where the quoted text that begins at i ends. Whether a backslash
// escapes a quote depends on sql_mode, which nobody tells: only where the
// statement is whole and makes sense one way alone is that the way.
func (m *masker) quoted(i int) int {
	quote := m.sql[i]
	for j := i + 1; j < len(m.sql); j++ {
		switch {
		case m.sql[j] == '\\' && quote != '`':
			if j+1 < len(m.sql) && m.sql[j+1] == quote && !m.settled {
				if m.settled = whole(m.sql) && closes(m.sql, i, true) && !closes(m.sql, i, false); !m.settled {
					return len(m.sql)
				}
			}
			j++
		case m.sql[j] == quote:
			if j+1 < len(m.sql) && m.sql[j+1] == quote {
				j++
				continue
			}
			return j + 1
		}
	}
	return len(m.sql)
}

// cutFrom is the length from which a statement without an ellipsis may have been
// cut by the server all the same.
const cutFrom = 1000

func whole(sql string) bool {
	return len(sql) < cutFrom && !strings.HasSuffix(sql, "…") && !strings.HasSuffix(sql, "...")
}

// closes reports whether all quotes and comments from i on have their ends, with
// or without backslashes that escape.
func closes(sql string, i int, escapes bool) bool {
	for i < len(sql) {
		switch c := sql[i]; {
		case c == '\'' || c == '"' || c == '`':
			end := plainQuote(sql, i, escapes && c != '`')
			if end < 0 {
				return false
			}
			i = end
		case strings.HasPrefix(sql[i:], "/*"):
			end := strings.Index(sql[i+2:], "*/")
			if end < 0 {
				return false
			}
			i += end + 4
		case c == '#' || lineComment(sql[i:]):
			return true
		default:
			i++
		}
	}
	return true
}

// plainQuote is where the quoted text at i ends; -1 when it does not.
func plainQuote(sql string, i int, escapes bool) int {
	for j := i + 1; j < len(sql); j++ {
		switch {
		case sql[j] == '\\' && escapes:
			j++
		case sql[j] != sql[i]:
		case j+1 < len(sql) && sql[j+1] == sql[i]:
			j++
		default:
			return j + 1
		}
	}
	return -1
}

// commentEnd is where the comment at i ends. What is in a versioned comment is
// executed: its end does not count inside of quotes or of comments in it.
func commentEnd(sql string, i int) int {
	end := strings.Index(sql[i+2:], "*/")
	if end < 0 {
		return len(sql)
	}
	end += i + 4
	rest := sql[i+2:]
	if !strings.HasPrefix(rest, "!") && !strings.HasPrefix(rest, "M!") {
		return end
	}
	for j := i + 2; j < len(sql); {
		switch c := sql[j]; {
		case c == '\'' || c == '"' || c == '`':
			next := plainQuote(sql, j, true)
			if next < 0 || strings.Contains(sql[j:next], `\`) {
				return len(sql)
			}
			j = next
		case strings.HasPrefix(sql[j:], "/*"):
			next := strings.Index(sql[j+2:], "*/")
			if next < 0 {
				return len(sql)
			}
			j += next + 4
		case strings.HasPrefix(sql[j:], "*/"):
			return max(end, j+2)
		default:
			j++
		}
	}
	return len(sql)
}

// lineComment reports whether text begins with --, followed by space.
func lineComment(text string) bool {
	return strings.HasPrefix(text, "--") && (len(text) == 2 || text[2] <= ' ')
}

// numeral reports whether a number begins at i: 12, .5, 0xFF.
func numeral(sql string, i int) bool {
	for i < len(sql) && (sql[i] == '.' || sql[i] == '$') {
		i++
	}
	return i < len(sql) && isDigit(sql[i])
}

// numberEnd is where the number that begins at i ends: 12, 1.5e-3, 0xFF.
func numberEnd(sql string, i int) int {
	for i < len(sql) && (wordByte(sql[i]) || sql[i] == '.' ||
		((sql[i] == '-' || sql[i] == '+') && i > 0 && lower(sql[i-1]) == 'e' && i+1 < len(sql) && isDigit(sql[i+1]))) {
		i++
	}
	return i
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func wordByte(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$' || c >= 0x80
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
