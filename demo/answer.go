package demo

import (
	"regexp"
	"strings"
	"time"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// maxPlans bounds the memory for statements that were asked before.
const maxPlans = 500

// answers are the statements that are neither SELECT nor SHOW, by first word.
var answers map[string]func(*session, *parser) error

func init() {
	fine := func(*session, *parser) error { return nil }
	answers = map[string]func(*session, *parser) error{
		"set": (*session).set, "kill": (*session).kill, "shutdown": (*session).shutdown, "use": (*session).use,
		"flush": (*session).flush,
		"begin": (*session).transact, "start": (*session).transact, "commit": (*session).transact, "rollback": fine, "do": fine,
	}
}

// query answers one statement under the cluster's lock.
func (s *session) query(sql string) (*mysql.Result, error) {
	s.node.count.questions++
	e := s.node.e
	if r, err, ok := s.explained(sql); ok {
		return r, err
	}
	if r, err, ok := s.checksummed(sql); ok {
		return r, err
	}
	if p, ok := e.plans[sql]; ok {
		return p.run(s)
	}
	p := newParser(sql)
	word := strings.ToLower(p.peek().text)
	switch {
	case p.err != nil:
		return nil, p.err
	case p.end():
		return nil, sqlError(1065, "Query was empty")
	case p.take("select"), p.take("show"):
		parse := parseSelect
		if word == "show" {
			parse = parseShow
		}
		made, err := parse(p, e.face)
		if err != nil {
			return nil, s.hideTable(err)
		}
		if len(e.plans) >= maxPlans {
			clear(e.plans)
		}
		e.plans[strings.Clone(sql)] = made
		return made.run(s)
	}
	answer, ok := answers[word]
	if !ok || p.peek().kind != tokenWord {
		return nil, refuse(sql, word)
	}
	p.next()
	if err := answer(s, p); err != nil {
		return nil, err
	}
	return mysql.NewResultReserveResultset(0), nil
}

// refuse tells what the simulator lacks from what no server understands.
func refuse(sql, word string) error {
	switch word {
	case "explain", "describe", "desc", "insert", "update", "delete", "create", "drop", "alter", "flush", "analyze",
		"optimize", "grant", "revoke", "install", "truncate", "call", "lock", "unlock", "backup", "with":
		return sqlError(errUnsupported, "The simulated server doesn't support '%s'", strings.ToUpper(word))
	}
	return syntaxError(sql)
}

// hideTable turns "no such table" into "not ready" where a real node would not
// even look.
func (s *session) hideTable(err error) error {
	if m, ok := err.(*mysql.MyError); ok && m.Code == errNoTable && !s.node.servesData(s) { //nolint:errorlint // never wrapped
		return notReady()
	}
	return err
}

// parseShow reads what follows the word SHOW.
func parseShow(p *parser, f *face) (*plan, error) {
	scope := p.takeOne("global", "session", "local")
	full := p.take("full")
	var name string
	switch p.takeOne("status", "variables", "processlist", "databases", "schemas", "warnings", "errors", "grants") {
	case "status":
		name = "status"
	case "variables":
		if name = "session variables"; scope == "global" {
			name = "global variables"
		}
	case "processlist":
		if name = "processlist"; full {
			name = "full processlist"
		}
	case "databases", "schemas":
		name = "databases"
	case "warnings", "errors":
		name = "warnings"
	case "grants":
		name = "grants"
		if p.take("for") {
			for !p.end() {
				p.next()
			}
		}
	default:
		return nil, syntaxError(p.sql[p.peek().start:])
	}
	t, err := f.lookup(showSchema, name)
	if err != nil {
		return nil, err
	}
	c := &compiler{face: f, table: t}
	out := &plan{table: t, limit: noLimit}
	if p.take("like") {
		pattern := p.next()
		out.where = c.compile(&ast{op: "like", args: []*ast{
			{op: "column", name: t.columns[0].name}, {op: "literal", lit: textValue(pattern.text)},
		}}).eval
	}
	out.tail(p, c)
	var names []string
	for _, col := range t.columns {
		names = append(names, col.name)
		out.out = append(out.out, c.compile(&ast{op: "column", name: col.name}))
	}
	return out.finish(p, c, names)
}

// variable compiles @@name, @@global.name and @@session.name.
func (c *compiler) variable(name string) expr {
	global := strings.HasPrefix(name, "global.")
	name = strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(name, "global."), "session."), "local.")
	v := c.face.variable(name)
	if v == nil {
		return c.fail(sqlError(errNoVariable, "Unknown system variable '%s'", name))
	}
	return expr{typ: v.sqlType(), eval: func(r *row) value {
		s := r.s
		if global {
			s = nil
		}
		return v.typed(v.value(r.s.node, s))
	}}
}

func (v *variable) sqlType() sqlType {
	switch v.kind {
	case kindSwitch:
		return typeBigint.nullable()
	case kindCount:
		return typeUbigint.nullable()
	case kindSeconds:
		return typeDouble.nullable()
	case kindName:
	}
	return typeVarchar
}

// typed is a variable's value as SELECT @@name shows it: switches as 0 and 1.
func (v *variable) typed(text string) value {
	switch v.kind {
	case kindSwitch:
		return boolValue(text == "ON")
	case kindCount:
		return intValue(int64(leadingNumber(text)))
	case kindSeconds:
		return floatValue(leadingNumber(text))
	case kindName:
	}
	return textValue(text)
}

// transact answers BEGIN, START TRANSACTION and COMMIT, which a node that turns
// clients away refuses like all that touches data.
func (s *session) transact(*parser) error {
	if !s.node.servesData(s) {
		return notReady()
	}
	return nil
}

func (s *session) use(p *parser) error {
	name := p.identifier()
	if p.err != nil {
		return p.err
	}
	return s.enter(name)
}

func (s *session) enter(name string) error {
	for _, known := range schemas {
		if strings.EqualFold(known, name) {
			s.schema = known
			s.thread.schema = known
			return nil
		}
	}
	return sqlError(errBadSchema, "Unknown database '%s'", name)
}

// shutdown leaves the group with a goodbye; the port closes.
func (s *session) shutdown(*parser) error {
	if !s.node.servesData(s) && s.node.e.face.flavour == mariadb {
		return notReady()
	}
	s.node.e.say(s.node.name + ": SHUTDOWN by a client")
	s.node.quitting = true
	return nil
}

var sleepQuery = regexp.MustCompile(`(?i)^\s*select\s+sleep\(\s*([0-9.]+)\s*\)\s*;?\s*$`)

// sleeps reports whether the statement is SELECT SLEEP(n), the one that takes
// time.
func sleeps(sql string) (time.Duration, bool) {
	m := sleepQuery.FindStringSubmatch(sql)
	if m == nil {
		return 0, false
	}
	return time.Duration(leadingNumber(m[1]) * float64(time.Second)), true
}
