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
		if n := blank(sql[i:]); n != 0 {
			if i += n; n < 0 {
				return nil, false
			}
			continue
		}
		t, n := scan(sql[i:])
		if n < 0 {
			return nil, false
		}
		t.start, t.end = i, i+n
		tokens = append(tokens, t)
		i += n
	}
	return append(tokens, token{tokenEnd, "", len(sql), len(sql)}), true
}

// blank is how many bytes of white space or comment come first, -1 for a comment
// that is never closed.
func blank(s string) int {
	switch {
	case strings.IndexByte(" \t\n\r;", s[0]) >= 0:
		return 1
	case strings.HasPrefix(s, "/*"):
		if n := strings.Index(s, "*/"); n >= 0 {
			return n + 2
		}
		return -1
	case s[0] == '#' || strings.HasPrefix(s, "-- "):
		if n := strings.IndexByte(s, '\n'); n >= 0 {
			return n
		}
		return len(s)
	}
	return 0
}

// scan reads one token and returns how many bytes it took, -1 for an unclosed
// quote.
func scan(s string) (t token, n int) {
	switch c := s[0]; {
	case c == '\'' || c == '"' || c == '`':
		t.kind = tokenText
		if c == '`' {
			t.kind = tokenQuoted
		}
		t.text, n = unquote(s)
		return t, n
	case c == '@':
		n = span(s, func(c byte) bool { return c == '@' || c == '.' || wordy(c) })
		return token{kind: tokenVariable, text: strings.TrimLeft(s[:n], "@")}, n
	case c >= '0' && c <= '9':
		n = span(s, func(c byte) bool { return c == '.' || wordy(c) })
		return token{kind: tokenNumber, text: s[:n]}, n
	case wordy(c):
		n = span(s, wordy)
		return token{kind: tokenWord, text: s[:n]}, n
	case len(s) > 1 && pairs[s[:2]]:
		return token{kind: tokenSign, text: s[:2]}, 2
	}
	return token{kind: tokenSign, text: s[:1]}, 1
}

var pairs = map[string]bool{"<>": true, "<=": true, ">=": true, "!=": true, ":=": true, "&&": true, "||": true}

// span is how many bytes from the start belong together.
func span(s string, in func(byte) bool) int {
	for i := 1; i < len(s); i++ {
		if !in(s[i]) {
			return i
		}
	}
	return len(s)
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
