package model

import (
	"strings"

	"github.com/DataDog/go-sqllexer"
)

var mysqlDialect = sqllexer.WithDBMS(sqllexer.DBMSMySQL)

// mark is one token of a normal form.
type mark struct {
	text  string
	value bool // something that an operator may follow
}

// placeholder stands for one literal or a list of them.
const placeholder = "?"

// former writes a normal form token by token.
type former struct {
	out    []mark
	open   []int    // where the brackets that are open began
	rows   [][2]int // at each depth the bracket that was closed last, from its opening to behind its end
	glued  bool     // nothing stands between the last token and the next
	number bool     // the last token was a number
}

// normalForm is what Normalise remembers.
func normalForm(sql string) (form string) {
	defer func() {
		if recover() != nil { // the lexer is not ours
			form = "unreadable statement"
		}
	}()
	text, cut := beginning(sql)
	f := former{out: make([]mark, 0, 64)}
	f.read(text)
	if len(f.out) == 0 {
		if at := afterComment(text); at > 0 {
			f.read(text[at:])
		}
	}
	if cut && f.cutBack() {
		return f.String() + cutMark
	}
	return f.String()
}

// afterComment is where the statement begins in a text whose line breaks are
// lost, so that a comment up to the end of the line covers all of it; 0 when
// there is none.
func afterComment(text string) int {
	if text = strings.TrimLeft(text, " "); !strings.HasPrefix(text, "--") && !strings.HasPrefix(text, "#") {
		return 0
	}
	lower := strings.ToLower(text)
	best := 0
	for _, word := range []string{"select ", "insert ", "update ", "delete ", "replace ", "with ", "call "} {
		if at := strings.Index(lower, " "+word); at > 0 && (best == 0 || at < best) {
			best = at + 1
		}
	}
	return best
}

// read takes in a text. Tokens are bounded by its bytes.
func (f *former) read(text string) {
	text = spaced(text)
	lexer := sqllexer.New(text, mysqlDialect)
	for range len(text) + 1 {
		t := lexer.Scan()
		if t.Type == sqllexer.EOF {
			break
		}
		f.take(t)
	}
	if n := len(f.out); n > 0 && f.out[n-1].text == ";" {
		f.out = f.out[:n-1]
	}
}

// spaced sets apart what the lexer would take into the name before it: strings,
// divisions, comparisons and comments without a blank.
func spaced(text string) string {
	const joined = "\"/?!#@"
	if !strings.ContainsAny(text, joined) {
		return text
	}
	var b strings.Builder
	b.Grow(len(text) + 16)
	for i := 0; i < len(text); i++ {
		c := text[i]
		if i > 0 && strings.IndexByte(joined, c) >= 0 && nameByte(text[i-1]) {
			b.WriteByte(' ')
		}
		if c != '\'' && c != '"' && c != '`' {
			b.WriteByte(c)
			continue
		}
		end := i + 1
		for end < len(text) && text[end] != c {
			if text[end] == '\\' && c != '`' {
				end++
			}
			end++
		}
		end = min(end, len(text)-1)
		b.WriteString(text[i : end+1])
		i = end
	}
	return b.String()
}

func nameByte(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// take takes in one token.
func (f *former) take(t *sqllexer.Token) {
	glued, number := f.glued, f.number
	f.glued, f.number = true, false
	switch t.Type {
	case sqllexer.SPACE, sqllexer.COMMENT, sqllexer.MULTILINE_COMMENT:
		f.glued = false
	case sqllexer.NUMBER:
		f.signed(t.Value)
		f.number = true
	case sqllexer.STRING, sqllexer.INCOMPLETE_STRING:
		if glued {
			f.dropPrefix()
		}
		f.literal()
	case sqllexer.ERROR:
		if !strings.HasPrefix(t.Value, "/*") {
			f.literal()
		}
	case sqllexer.DOLLAR_QUOTED_STRING, sqllexer.DOLLAR_QUOTED_FUNCTION,
		sqllexer.POSITIONAL_PARAMETER, sqllexer.BOOLEAN, sqllexer.NULL:
		f.literal()
	case sqllexer.OPERATOR, sqllexer.JSON_OP:
		f.operator(t.Value)
	case sqllexer.PUNCTUATION:
		f.punctuation(t.Value)
	case sqllexer.IDENT, sqllexer.QUOTED_IDENT, sqllexer.FUNCTION:
		if glued && number { // 0b01, 12abc
			f.number = true
			return
		}
		f.name(t.Value)
	case sqllexer.COMMAND, sqllexer.KEYWORD, sqllexer.ALIAS_INDICATOR, sqllexer.CTE_INDICATOR, sqllexer.PROC_INDICATOR:
		f.put(spelt(spellings, t.Value), false)
	default:
		f.put(spelt(spellings, t.Value), t.Type != sqllexer.UNKNOWN)
	}
}

func (f *former) put(text string, value bool) { f.out = append(f.out, mark{text, value}) }

// last is the token i before the end, empty before the beginning.
func (f *former) last(i int) mark {
	if len(f.out) <= i {
		return mark{}
	}
	return f.out[len(f.out)-1-i]
}

// name takes in a name; the quotes of those that need none go.
func (f *former) name(text string) {
	text = strings.ToLower(text)
	if strings.IndexByte(text, '`') >= 0 && !strings.ContainsAny(text, " ()") {
		text = strings.ReplaceAll(text, "`", "")
	}
	if text == "null" || text == "true" || text == "false" {
		f.literal()
		return
	}
	f.put(spelt(spellings, text), true)
}

// signed takes in a number, to which the lexer adds the operator before it.
func (f *former) signed(text string) {
	if text[0] == '-' || text[0] == '+' {
		if f.last(0).value {
			f.put(text[:1], false)
		}
	}
	f.literal()
}

// literal takes in a value. The sign before it belongs to it, and values in a
// list are one.
func (f *former) literal() {
	n := len(f.out)
	if sign := f.last(0).text; (sign == "-" || sign == "+") && n > 1 && !f.out[n-2].value {
		f.out = f.out[:n-1]
	}
	if f.last(0).text == "," && f.last(1).text == placeholder {
		f.out = f.out[:len(f.out)-1]
		return
	}
	if f.last(0).text == placeholder { // 'adjacent' 'strings' are one
		return
	}
	f.put(placeholder, true)
}

// dropPrefix takes away what a string's beginning is: x'4D', _utf8'a'.
func (f *former) dropPrefix() {
	if p := f.last(0).text; p == "x" || p == "b" || p == "n" || (len(p) > 1 && p[0] == '_') {
		f.out = f.out[:len(f.out)-1]
	}
}

// operator takes in an operator, with the placeholder that may be part of it.
func (f *former) operator(text string) {
	before, after, found := strings.Cut(text, placeholder)
	if before != "" {
		f.put(spelt(spellings, before), false)
	}
	if found {
		f.literal()
		if after != "" {
			f.operator(after)
		}
	}
}

// punctuation takes in a bracket, a comma, a point. Rows that look the same are
// one, and "..." is how digest texts write a list.
func (f *former) punctuation(text string) {
	switch text {
	case "(":
		if n := len(f.out); n > 0 {
			f.out[n-1].text = spelt(functions, f.out[n-1].text)
		}
		f.open = append(f.open, len(f.out))
		f.put(text, false)
	case ")":
		f.put(text, true)
		if len(f.open) == 0 {
			return
		}
		from := f.open[len(f.open)-1]
		f.open = f.open[:len(f.open)-1]
		f.closed(from)
	case ".":
		if f.last(0).text == "." && f.last(1).text == "." {
			f.out = f.out[:len(f.out)-2]
			f.literal()
			return
		}
		f.put(text, false)
	default:
		f.put(text, false)
	}
}

// closed drops the row that begins at from when it repeats the one before it.
func (f *former) closed(from int) {
	depth := len(f.open)
	for len(f.rows) <= depth {
		f.rows = append(f.rows, [2]int{})
	}
	last := f.rows[depth]
	if from > 0 && f.out[from-1].text == "," && last[1] == from-1 && same(f.out[last[0]:last[1]], f.out[from:]) {
		f.out = f.out[:from-1]
		return
	}
	f.rows[depth] = [2]int{from, len(f.out)}
}

func same(a, b []mark) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// clauses are the words at which a cut statement is cut back: how much there is
// of the last clause depends on the length of literals before it.
var clauses = map[string]bool{
	"where": true, "and": true, "or": true, "group": true, "order": true, "having": true, "limit": true, "set": true,
	"join": true, "left": true, "right": true, "inner": true, "on": true, "union": true, "from": true, "values": true,
}

// cutBack drops what is not whole at the end; false when the rest is as good as
// whole.
func (f *former) cutBack() bool {
	if f.cutRows() {
		return false
	}
	for i := len(f.out) - 1; i > 0; i-- {
		if clauses[f.out[i].text] {
			f.out = f.out[:i]
			return true
		}
	}
	if n := len(f.out); n > 1 {
		f.out = f.out[:n-1] // a word that may be half of one
	}
	return true
}

// cutRows completes a list of rows that was cut. What may follow one is not
// known; as a rule nothing does.
func (f *former) cutRows() bool {
	at := f.firstRow()
	if at < 0 {
		return false
	}
	depth := 0
	for i := at; i < len(f.out); i++ {
		switch f.out[i].text {
		case "(":
			depth++
		case ")":
			depth--
		}
		if depth > 0 {
			continue
		}
		// A whole row; behind it nothing is known, or the beginning of another.
		if rest := f.out[i+1:]; len(rest) > 0 && rest[0].text != "," {
			return false
		}
		f.out = f.out[:i+1]
		return true
	}
	if !f.plainRow(at) {
		return false
	}
	f.out = append(f.out[:at], mark{"(", false}, mark{placeholder, true}, mark{")", true})
	return true
}

// firstRow is where the first row of an INSERT begins; -1 when there is none.
func (f *former) firstRow() int {
	if len(f.out) == 0 || (f.out[0].text != "insert" && f.out[0].text != "replace") {
		return -1
	}
	for i := range f.out[:len(f.out)-1] {
		if word := f.out[i].text; (word == "values" || word == "value") && f.out[i+1].text == "(" {
			return i + 1
		}
	}
	return -1
}

// plainRow reports whether all that is known of a row are literals.
func (f *former) plainRow(from int) bool {
	for _, m := range f.out[from:] {
		if m.text != "(" && m.text != "," && m.text != placeholder {
			return false
		}
	}
	return true
}

// String writes the tokens as people do.
func (f *former) String() string {
	var b strings.Builder
	for i, m := range f.out {
		if i > 0 && blankBetween(f.out[i-1], m) {
			b.WriteByte(' ')
		}
		b.WriteString(m.text)
	}
	return b.String()
}

func blankBetween(before, m mark) bool {
	switch {
	case m.text == "," || m.text == ")" || m.text == ";" || m.text == "." || before.text == "(" || strings.HasSuffix(before.text, "."):
		return false
	case m.text == "(":
		return !before.value || before.text == placeholder || before.text == ")"
	}
	return true
}
