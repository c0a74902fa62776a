package ui

import "strings"

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
