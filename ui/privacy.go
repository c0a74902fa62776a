package ui

import (
	"regexp"
	"strings"
)

// statement finds where a statement begins in a sentence about it.
var statement = regexp.MustCompile(`(?i)\b(select\s|insert\s|replace\s+into|update\s+\S+\s+(\S+\s+)?set\s|delete\s|alter\s|create\s|call\s|with\s+\S+\s+as|load\s+data|set\s+@?\S+\s*=|execute\s)|/\*`)

// told is a sentence as it may be shown: findings and events name statements.
// What follows the first word of one counts as the statement.
func (e *env) told(text string) string {
	if !e.privacy {
		return text
	}
	at := len(text)
	if found := statement.FindStringIndex(text); found != nil {
		at = found[0]
	}
	for _, n := range e.snap.Nodes {
		if n.Sample == nil {
			continue
		}
		for i := range n.Sample.Processes.Rows {
			if q := n.Sample.Processes.Rows[i].Query; len(q) >= telling {
				if found := strings.Index(text, q[:telling]); found >= 0 {
					at = min(at, found)
				}
			}
		}
	}
	return text[:at] + maskLiterals(text[at:])
}

// telling is how much of a statement tells it from other words.
const telling = 8

// maskLiterals replaces every literal of a statement by "?", so that a screen
// can be shared. Text that may be a literal counts as one: what is in double
// quotes, and what a cut statement leaves open. Comments go as a whole, since
// applications write request and customer numbers into them.
func maskLiterals(sql string) string {
	var b strings.Builder
	b.Grow(len(sql))
	for i := 0; i < len(sql); {
		c := sql[i]
		switch {
		case c == '\'' || c == '"':
			i = quoted(sql, i)
			b.WriteByte('?')
		case c == '`':
			end := quoted(sql, i)
			b.WriteString(sql[i:end])
			i = end
		case strings.HasPrefix(sql[i:], "/*"):
			end := strings.Index(sql[i+2:], "*/")
			if end < 0 {
				return b.String() + "/*?*/"
			}
			b.WriteString("/*?*/")
			i += end + 4
		case c == '#' || strings.HasPrefix(sql[i:], "-- "):
			// One line of text has no end of the comment.
			return b.String() + "-- ?"
		case digit(c):
			i = number(sql, i)
			b.WriteByte('?')
		case wordChar(c):
			end := i
			for end < len(sql) && wordChar(sql[end]) {
				end++
			}
			// Prefixes of literals: x'4D', b'01', n'text', _utf8'text'.
			b.WriteString(sql[i:end])
			i = end
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String()
}

// quoted is where the quoted text that begins at i ends.
func quoted(sql string, i int) int {
	quote := sql[i]
	for j := i + 1; j < len(sql); j++ {
		switch {
		case sql[j] == '\\' && quote != '`':
			// Whether this escapes a quote depends on sql_mode: rather hide too
			// much.
			if j+1 < len(sql) && sql[j+1] == quote {
				return len(sql)
			}
			j++
		case sql[j] == quote:
			if j+1 < len(sql) && sql[j+1] == quote {
				j++
				continue
			}
			return j + 1
		}
	}
	return len(sql)
}

// number is where the number that begins at i ends: 12, 1.5e-3, 0xFF.
func number(sql string, i int) int {
	for i < len(sql) && (wordChar(sql[i]) || sql[i] == '.' ||
		((sql[i] == '-' || sql[i] == '+') && (sql[i-1] == 'e' || sql[i-1] == 'E'))) {
		i++
	}
	return i
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func wordChar(c byte) bool {
	return digit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$' || c >= 0x80
}
