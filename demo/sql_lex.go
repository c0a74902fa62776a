package demo

import "strings"

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenWord
	tokenQuoted // `name`
	tokenText   // 'text'
	tokenNumber
	tokenVariable // @@name
	tokenSign
)

// token is one piece of a statement; start and end are its place in the text.
type token struct {
	kind       tokenKind
	text       string // without quotes
	start, end int
}

// is reports whether the token is the keyword or the sign.
func (t token) is(word string) bool {
	return (t.kind == tokenWord || t.kind == tokenSign) && strings.EqualFold(t.text, word)
}

// lex cuts a statement into tokens; ok is false for an unclosed quote. The last
// token is always tokenEnd.
func lex(sql string) (tokens []token, ok bool) {
	tokens = make([]token, 0, 32)
	for i := 0; i < len(sql); {
		start := i
		switch c := sql[i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ';':
			i++
		case strings.HasPrefix(sql[i:], "/*"):
			n := strings.Index(sql[i:], "*/")
			if n < 0 {
				return nil, false
			}
			i += n + 2
		case c == '#' || strings.HasPrefix(sql[i:], "-- "):
			if n := strings.IndexByte(sql[i:], '\n'); n >= 0 {
				i += n
			} else {
				i = len(sql)
			}
		case c == '\'' || c == '"' || c == '`':
			text, n := unquote(sql[i:])
			if n < 0 {
				return nil, false
			}
			i += n
			kind := tokenText
			if c == '`' {
				kind = tokenQuoted
			}
			tokens = append(tokens, token{kind, text, start, i})
		case c == '@':
			for i++; i < len(sql) && (sql[i] == '@' || sql[i] == '.' || wordy(sql[i])); i++ {
			}
			tokens = append(tokens, token{tokenVariable, strings.TrimLeft(sql[start:i], "@"), start, i})
		case c >= '0' && c <= '9':
			for i++; i < len(sql) && (sql[i] == '.' || wordy(sql[i])); i++ {
			}
			tokens = append(tokens, token{tokenNumber, sql[start:i], start, i})
		case wordy(c):
			for i++; i < len(sql) && wordy(sql[i]); i++ {
			}
			tokens = append(tokens, token{tokenWord, sql[start:i], start, i})
		default:
			i++
			if i < len(sql) && strings.Contains(" <> <= >= != := && || ", " "+sql[start:i+1]+" ") {
				i++
			}
			tokens = append(tokens, token{tokenSign, sql[start:i], start, i})
		}
	}
	return append(tokens, token{tokenEnd, "", len(sql), len(sql)}), true
}

func wordy(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z')
}

// unquote reads a quoted text and returns how many bytes it took, -1 when it is
// never closed.
func unquote(s string) (text string, n int) {
	quote := s[0]
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && quote != '`' && i+1 < len(s):
			// In patterns the backslash keeps its meaning for LIKE.
			if s[i+1] == '%' || s[i+1] == '_' {
				b.WriteByte(c)
			}
			i++
			b.WriteByte(s[i])
		case c == quote && i+1 < len(s) && s[i+1] == quote:
			i++
			b.WriteByte(c)
		case c == quote:
			return b.String(), i + 1
		default:
			b.WriteByte(c)
		}
	}
	return "", -1
}
