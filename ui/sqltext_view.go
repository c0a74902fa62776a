package ui

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// sqlView is a statement drawn for one width; it is kept, since laying out costs
// more than a refresh may.
type sqlView struct {
	text  string
	width int
	key   style // tells themes apart
	lines []string
}

// of draws the statement, which may be shown as it is.
func (v *sqlView) of(e *env, text string, width int) []string {
	if v.lines != nil && v.text == text && v.width == width && v.key == e.st.keyword {
		return v.lines
	}
	*v = sqlView{text: text, width: width, key: e.st.keyword}
	shown, rest := text, 0
	if len(shown) > shownSQL {
		cut := shownSQL
		for cut > 0 && !utf8.RuneStart(shown[cut]) {
			cut--
		}
		shown, rest = text[:cut], len(text)-cut
	}
	for _, line := range layoutSQL(shown) {
		v.lines = append(v.lines, drawSQL(e, line, width)...)
	}
	if rest > 0 {
		more := fmt.Sprintf("%s %sB more not shown here; y copies them", e.g.ellipsis, bytes(float64(rest)))
		v.lines = append(v.lines, newLine(e.g, width).to(1).put(e.st.notice, more).String())
	}
	return v.lines
}

// drawSQL wraps one line; what follows its first row is indented further.
func drawSQL(e *env, line sqlLine, width int) []string {
	looks := [...]style{sqlPlain: e.st.text, sqlKeyword: e.st.keyword, sqlLiteral: e.st.literal, sqlComment: e.st.comment}
	var out []string
	start := 1 + min(line.indent, width/3)
	l := newLine(e.g, width).to(start)
	for _, span := range line.spans {
		for text := span.text; text != ""; {
			if l.left() < min(12, cells(text)) && l.at > start {
				out = append(out, l.String())
				start = 1 + min(line.indent+4, width/3)
				l = newLine(e.g, width).to(start)
				text = strings.TrimLeft(text, " ")
				continue
			}
			part := wrap(text, l.left(), 0)[0]
			l.put(looks[span.role], strings.TrimRight(part, " "))
			if text = text[len(part):]; text != "" {
				out = append(out, l.String())
				start = 1 + min(line.indent+4, width/3)
				l = newLine(e.g, width).to(start)
				continue
			}
			l.to(l.at + len(part) - len(strings.TrimRight(part, " ")))
		}
	}
	return append(out, l.String())
}
