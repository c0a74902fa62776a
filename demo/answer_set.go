package demo

import "strings"

// assignment is one "name = value" of a SET.
type assignment struct {
	global bool
	v      *variable
	value  string
}

// set answers SET. All names and values are looked at before any takes effect.
func (s *session) set(p *parser) error {
	if p.takeOne("names", "character", "charset", "transaction") != "" {
		return nil
	}
	var list []assignment
	for {
		a, err := s.assignment(p)
		if err != nil {
			return err
		}
		if a.v != nil {
			list = append(list, a)
		}
		if !p.take(",") {
			break
		}
	}
	if !p.end() {
		p.fail()
		return p.err
	}
	for _, a := range list {
		if err := s.assign(a); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) assignment(p *parser) (a assignment, err error) {
	t := p.next()
	if t.kind == tokenVariable && !strings.HasPrefix(p.sql[t.start:], "@@") { // a user's own variable
		p.skipValue()
		return a, p.err
	}
	name := strings.ToLower(t.text)
	switch {
	case t.kind == tokenVariable:
		if scope, rest, ok := strings.Cut(name, "."); ok {
			a.global, name = scope == "global", rest
		}
	case name == "global" || name == "session" || name == "local":
		a.global, name = name == "global", strings.ToLower(p.identifier())
	}
	if name == "transaction" {
		p.skipValue()
		return a, p.err
	}
	if p.err != nil {
		return a, p.err
	}
	if !p.take("=") && !p.take(":=") {
		p.fail()
		return a, p.err
	}
	if a.v = s.node.e.face.variable(name); a.v == nil {
		return a, sqlError(errNoVariable, "Unknown system variable '%s'", name)
	}
	if a.value, err = s.valueOf(p, a.v); err != nil {
		return a, err
	}
	return a, s.allowed(&a)
}

// valueOf reads the right side: a literal, a bare word, DEFAULT or a variable.
func (s *session) valueOf(p *parser, v *variable) (string, error) {
	t := p.next()
	sign := ""
	if t.is("-") {
		sign, t = "-", p.next()
	}
	switch {
	case t.is("default"):
		return v.initial(s.node), nil
	case t.kind == tokenVariable:
		name := strings.ToLower(t.text)
		if scope, rest, ok := strings.Cut(name, "."); ok && (scope == "global" || scope == "session") {
			name = rest
		}
		other := s.node.e.face.variable(name)
		if other == nil {
			return "", sqlError(errNoVariable, "Unknown system variable '%s'", name)
		}
		return other.value(s.node, s), nil
	case t.kind == tokenEnd || t.kind == tokenSign:
		p.fail()
		return "", p.err
	}
	return sign + t.text, nil
}

// skipValue passes over the rest of one assignment.
func (p *parser) skipValue() {
	for !p.end() && !p.peek().is(",") {
		p.next()
	}
}

func (s *session) allowed(a *assignment) error {
	v := a.v
	switch {
	case v.access == readOnly:
		return sqlError(errReadOnly, "Variable '%s' is a read only variable", v.name)
	case v.access == globalOnly && !a.global:
		return sqlError(errGlobalOnly, "Variable '%s' is a GLOBAL variable and should be set with SET GLOBAL", v.name)
	}
	value, ok := v.accepts(a.value)
	if !ok {
		return sqlError(errWrongValue, "Variable '%s' can't be set to the value of '%s'", v.name, a.value)
	}
	a.value = value
	return nil
}

func (s *session) assign(a assignment) error {
	n, name := s.node, a.v.name
	if !a.global {
		s.vars[name] = a.value
		s.dirtyReads = s.vars["wsrep_dirty_reads"] == "ON"
		return nil
	}
	before, had := n.variables[name]
	n.variables[name], n.assigned[name] = a.value, n.e.clock()
	if a.v.set == nil {
		return nil
	}
	err := a.v.set(n, s, a.value)
	if err != nil {
		delete(n.variables, name)
		if had {
			n.variables[name] = before
		}
	}
	return err
}
