package actions

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/galeratop/galeratop/model"
)

// WatchRule says which threads are killed without asking for each: those that
// are at the same statement for long enough and to which all terms apply.
//
//	kill query|connection after DURATION where TERMS
//
// as in "kill query after 60 s where user:report".
type WatchRule struct {
	Kind  KillKind
	After time.Duration
	Text  string // as typed, in one line
	terms *model.Terms
	bare  string // Text up to the terms
}

// The bounds on how long a watch rule waits.
const (
	leastAfter = time.Second
	mostAfter  = 24 * time.Hour
)

// WatchExample is a rule, for whoever types the first one.
const WatchExample = "kill query after 60 s where user:report"

// ParseWatchRule reads a rule; an error says what is wrong and at which
// character, from 1.
func ParseWatchRule(text string) (*WatchRule, error) {
	p := &ruleParser{text: model.Printable(text, 0)}
	r := &WatchRule{}
	p.word("kill")
	r.Kind = map[string]KillKind{"query": KillQuery, "connection": KillConnection}[p.word("query", "connection")]
	p.word("after")
	r.After = p.duration()
	p.word("where")
	if p.err != nil {
		return nil, p.err
	}
	p.blanks()
	typed := strings.TrimSpace(p.text[p.at:])
	if typed == "" {
		return nil, p.wrong(len(p.text), "terms must follow, as in user:report")
	}
	var err error
	if r.terms, err = model.ParseTerms(typed); err != nil {
		if bad, ok := errors.AsType[*model.TermError](err); ok {
			return nil, fmt.Errorf("character %d: %s", p.character(p.at)+bad.Column-1, bad.What)
		}
		return nil, err
	}
	r.bare = strings.Join(strings.Fields(p.text[:p.at]), " ")
	r.Text = r.bare + " " + typed
	return r, nil
}

// Bare is the rule without its terms, which may name people.
func (r *WatchRule) Bare() string { return r.bare + " ..." }

// Match reports whether the rule applies to a thread now. It never does to
// threads that may not be killed.
func (r *WatchRule) Match(t *model.Thread) bool {
	if t.Time < r.After || r.Kind == KillQuery && !t.Active() {
		return false
	}
	return r.terms.Match(t) && model.Protected(t.Process, t.Node.Sample) == ""
}

// ruleParser reads a rule word by word; after the first error it reads nothing.
type ruleParser struct {
	text string
	at   int
	err  error
}

func (p *ruleParser) wrong(at int, format string, args ...any) error {
	return fmt.Errorf("character %d: "+format, append([]any{p.character(at)}, args...)...)
}

// character is the number of the character at a byte, from 1.
func (p *ruleParser) character(at int) int { return utf8.RuneCountInString(p.text[:at]) + 1 }

func (p *ruleParser) blanks() {
	for p.at < len(p.text) && p.text[p.at] == ' ' {
		p.at++
	}
}

// next is the next word and where it begins.
func (p *ruleParser) next() (word string, start int) {
	p.blanks()
	start = p.at
	for p.at < len(p.text) && p.text[p.at] != ' ' {
		p.at++
	}
	return p.text[start:p.at], start
}

// word expects one of some words, whatever their case.
func (p *ruleParser) word(one ...string) string {
	if p.err != nil {
		return ""
	}
	got, start := p.next()
	for _, w := range one {
		if strings.EqualFold(got, w) {
			return w
		}
	}
	expected := strings.Join(one, " or ")
	if got == "" {
		p.err = p.wrong(start, "%s must follow", expected)
	} else {
		p.err = p.wrong(start, "%q stands where %s must", got, expected)
	}
	return ""
}

// durationUnits are the units of a rule's duration.
var durationUnits = map[string]time.Duration{
	"s": time.Second, "sec": time.Second, "second": time.Second, "seconds": time.Second,
	"m": time.Minute, "min": time.Minute, "minute": time.Minute, "minutes": time.Minute,
	"h": time.Hour, "hour": time.Hour, "hours": time.Hour,
}

// duration reads "60 s", "60s" or "5 min".
func (p *ruleParser) duration() time.Duration {
	if p.err != nil {
		return 0
	}
	got, start := p.next()
	digits := strings.TrimRightFunc(got, func(r rune) bool { return !unicode.IsDigit(r) })
	n, err := strconv.ParseUint(digits, 10, 32)
	if err != nil {
		p.err = p.wrong(start, "%q is no duration: write one like 60 s, 5 min or 1 h", got)
		return 0
	}
	unit, unitAt := got[len(digits):], start+len(digits)
	if unit == "" {
		unit, unitAt = p.next()
	}
	each, ok := durationUnits[strings.ToLower(unit)]
	if !ok {
		p.err = p.wrong(unitAt, "%q is no unit: use s, min or h", unit)
		return 0
	}
	if n > uint64(mostAfter/each) || time.Duration(n)*each < leastAfter {
		p.err = p.wrong(start, "%s %s is out of range: 1 s to 24 h", digits, unit)
		return 0
	}
	return time.Duration(n) * each
}
