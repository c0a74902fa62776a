package model

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ParseTerms reads a filter; empty text matches every thread. An error is a
// *TermError.
func ParseTerms(text string) (*Terms, error) {
	r := termReader{text: text}
	out := &Terms{}
	for r.skipBlanks(); r.at < len(r.text); r.skipBlanks() {
		t, err := r.term()
		if err != nil {
			return nil, err
		}
		out.terms = append(out.terms, t)
	}
	return out, nil
}

type termReader struct {
	text string
	at   int // byte
}

func (r *termReader) skipBlanks() {
	r.at = len(r.text) - len(strings.TrimLeftFunc(r.text[r.at:], blank))
}

func (r *termReader) wrong(at int, format string, args ...any) error {
	return &TermError{Column: utf8.RuneCountInString(r.text[:at]) + 1, What: fmt.Sprintf(format, args...)}
}

// termHead is a column's name and what is done with it.
var termHead = regexp.MustCompile(`^([A-Za-z_]+)(:|!=|<=|>=|<|>|=)`)

func looksTermed(text string) bool { return termHead.MatchString(text) }

func (r *termReader) term() (term, error) {
	var t term
	begin := r.at
	if strings.HasPrefix(r.text[r.at:], "!") {
		t.invert = true
		r.at++
	}
	head := termHead.FindStringSubmatch(r.text[r.at:])
	if head != nil {
		if t.column = findTerm(head[1]); t.column == nil {
			return t, r.wrong(r.at, "there is no column %q; %s; put the word in double quotes to search for it", head[1], nearestTerm(head[1]))
		}
		t.op = head[2]
		r.at += len(head[0])
	}
	at := r.at
	text, quoted, err := r.value()
	if err != nil {
		return t, err
	}
	t.text = text
	if text == "" && !quoted && t.column == nil {
		return t, r.wrong(begin, "! inverts the condition behind it; there is none")
	}
	return t, r.compile(&t, at, quoted)
}

// value reads up to the next blank, or what is between quotes.
func (r *termReader) value() (text string, quoted bool, err error) {
	rest := r.text[r.at:]
	if !strings.HasPrefix(rest, `"`) {
		end := strings.IndexFunc(rest, blank)
		if end < 0 {
			end = len(rest)
		}
		r.at += end
		return rest[:end], false, nil
	}
	var b strings.Builder
	for i := 1; i < len(rest); i++ {
		switch {
		case rest[i] != '"':
			b.WriteByte(rest[i])
		case strings.HasPrefix(rest[i:], `""`):
			b.WriteByte('"')
			i++
		case i+1 < len(rest) && !blank(rune(rest[i+1])):
			return "", true, r.wrong(r.at+i+1, `a blank belongs behind the closing quote; a quote in the text is written ""`)
		default:
			r.at += i + 1
			return b.String(), true, nil
		}
	}
	return "", true, r.wrong(r.at, "the quote is not closed")
}

// compile turns what was typed into what is compared.
func (r *termReader) compile(t *term, at int, quoted bool) error {
	switch {
	case t.column == nil, t.op == ":" && !t.column.Numeric():
		if t.text == "" && !quoted {
			return r.wrong(at, "%s wants a regular expression, such as %s:app", t.column.Name, t.column.Name)
		}
		return r.expression(t, at)
	case !t.column.Numeric():
		if t.op != "=" && t.op != "!=" {
			return r.wrong(at-len(t.op), "%s is text and cannot be compared by %s; use : for a part of it, = for all of it", t.column.Name, t.op)
		}
		if t.text == "" && !quoted {
			return r.wrong(at, `%s wants a text, such as %s=app, or "" for none`, t.column.Name, t.column.Name)
		}
		if t.op == "!=" {
			t.op, t.invert = "=", !t.invert
		}
		return nil
	}
	if t.op == ":" {
		t.op = "="
	}
	v, ok := t.column.read(t.text)
	if !ok {
		return r.wrong(at, "%s", t.column.wrong(t.text))
	}
	t.value = v
	return nil
}

func (r *termReader) expression(t *term, at int) error {
	re, err := Expression(t.text)
	if err == nil {
		t.re = re
		if plainWord(t.text) {
			t.plain = t.text
		}
		return nil
	}
	if bad := (*syntax.Error)(nil); errors.As(err, &bad) {
		return r.wrong(at, "not a regular expression: %s", bad.Code)
	}
	return r.wrong(at, "not a regular expression: %v", err)
}

// plainWord reports an expression that is nothing but small letters, digits and
// blanks.
func plainWord(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != ' ' && c != '-' && c != '@' && c != '='
	})
}

// Expression compiles a regular expression as filters read it: without a capital
// letter it ignores case.
func Expression(pattern string) (*regexp.Regexp, error) {
	if !capital(pattern) {
		pattern = "(?i)" + pattern
	}
	return regexp.Compile(pattern)
}

// capital reports a capital letter that stands for itself: \S is a class.
func capital(pattern string) bool {
	escaped := false
	for _, c := range pattern {
		if !escaped && unicode.IsUpper(c) {
			return true
		}
		escaped = c == '\\' && !escaped
	}
	return false
}

func findTerm(name string) *Term {
	for i := range termed {
		if strings.EqualFold(termed[i].Name, name) {
			return &termed[i]
		}
	}
	return nil
}

// nearestTerm suggests a column for a name that is none.
func nearestTerm(name string) string {
	all := make([]string, len(termed))
	for i := range termed {
		all[i] = termed[i].Name
	}
	return Hint(strings.ToLower(name), all)
}
