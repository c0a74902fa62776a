package demo

import (
	"strconv"
	"strings"
)

// ast is a parsed expression.
type ast struct {
	op         string // "column", "literal", "variable", "call", or the operator
	name       string // of a column, variable or function, lower case
	of         string // the table of a column as the statement calls it, if it does
	lit        value
	args       []*ast
	over       bool // a window function over all rows
	distinct   bool
	start, end int
}

// parser reads one statement. The first error stays; later calls do nothing.
type parser struct {
	sql    string
	tokens []token
	at     int
	err    error
}

func newParser(sql string) *parser {
	p := &parser{sql: sql}
	tokens, ok := lex(sql)
	if !ok {
		p.err = syntaxError(sql)
		tokens = []token{{}}
	}
	p.tokens = tokens
	return p
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != tokenEnd {
		p.at++
	}
	return t
}

// take consumes the words if they all come next.
func (p *parser) take(words ...string) bool {
	for i, w := range words {
		if p.at+i >= len(p.tokens) || !p.tokens[p.at+i].is(w) {
			return false
		}
	}
	p.at += len(words)
	return true
}

// takeOne consumes one of the words and returns it in lower case.
func (p *parser) takeOne(words ...string) string {
	for _, w := range words {
		if p.take(w) {
			return strings.ToLower(w)
		}
	}
	return ""
}

func (p *parser) expect(word string) {
	if !p.take(word) {
		p.fail()
	}
}

func (p *parser) fail() {
	if p.err == nil {
		p.err = syntaxError(p.sql[min(p.peek().start, len(p.sql)):])
	}
}

func (p *parser) end() bool { return p.peek().kind == tokenEnd }

// identifier reads a name, quoted or not.
func (p *parser) identifier() string {
	if t := p.peek(); t.kind == tokenWord || t.kind == tokenQuoted {
		p.at++
		return t.text
	}
	p.fail()
	return ""
}

// tableName reads a name with an optional schema before it.
func (p *parser) tableName() (schema, table string) {
	table = p.identifier()
	if p.take(".") {
		return table, p.identifier()
	}
	return "", table
}

// binding says how strongly binary operators bind.
var binding = map[string]int{
	"or": 1, "||": 1, "xor": 2, "and": 3, "&&": 3,
	"=": 5, "<>": 5, "!=": 5, "<": 5, ">": 5, "<=": 5, ">=": 5, "like": 5, "in": 5, "is": 5, "between": 5, "not": 5,
	"+": 6, "-": 6, "*": 7, "/": 7, "%": 7, "div": 7, "mod": 7,
}

func (p *parser) expression() *ast { return p.binary(0) }

func (p *parser) binary(least int) *ast {
	start := p.peek().start
	var left *ast
	if p.take("not") {
		left = &ast{op: "not", args: []*ast{p.binary(4)}}
	} else {
		left = p.unary()
	}
	for p.err == nil {
		t := p.peek()
		if t.kind != tokenWord && t.kind != tokenSign {
			break
		}
		op := strings.ToLower(t.text)
		strength, ok := binding[op]
		if !ok || strength < least {
			break
		}
		p.at++
		left = p.operator(op, left, strength)
		left.start, left.end = start, p.before()
	}
	return left
}

// before is where the last consumed token ends.
func (p *parser) before() int { return p.tokens[max(p.at-1, 0)].end }

func (p *parser) operator(op string, left *ast, strength int) *ast {
	switch op {
	case "not": // NOT LIKE, NOT IN, NOT BETWEEN
		op = p.takeOne("like", "in", "between")
		if op == "" {
			p.fail()
			return left
		}
		return &ast{op: "not", args: []*ast{p.operator(op, left, strength)}}
	case "is":
		negated := p.take("not")
		p.expect("null")
		out := &ast{op: "isnull", args: []*ast{left}}
		if negated {
			out = &ast{op: "not", args: []*ast{out}}
		}
		return out
	case "in":
		p.expect("(")
		return &ast{op: "in", args: append([]*ast{left}, p.arguments()...)}
	case "between":
		low := p.binary(6)
		p.expect("and")
		return &ast{op: "between", args: []*ast{left, low, p.binary(6)}}
	}
	return &ast{op: op, args: []*ast{left, p.binary(strength + 1)}}
}

// arguments reads up to the closing bracket.
func (p *parser) arguments() []*ast {
	var out []*ast
	if p.take(")") {
		return nil
	}
	for p.err == nil {
		if p.take("*") { // COUNT(*)
			out = append(out, &ast{op: "literal", lit: intValue(1)})
		} else {
			out = append(out, p.expression())
		}
		if !p.take(",") {
			break
		}
	}
	p.expect(")")
	return out
}

func (p *parser) unary() *ast {
	start := p.peek().start
	out := p.primary()
	out.start, out.end = start, p.before()
	return out
}

func (p *parser) primary() *ast {
	t := p.next()
	switch {
	case p.err != nil:
	case t.kind == tokenText:
		return &ast{op: "literal", lit: textValue(t.text)}
	case t.kind == tokenNumber:
		return &ast{op: "literal", lit: numberLiteral(t.text)}
	case t.kind == tokenVariable:
		return &ast{op: "variable", name: strings.ToLower(t.text)}
	case t.is("("):
		inner := p.expression()
		p.expect(")")
		return inner
	case t.is("-"):
		inner := p.unary()
		return &ast{op: "-", args: []*ast{{op: "literal", lit: intValue(0)}, inner}}
	case t.is("case"):
		return p.caseWhen()
	case t.is("null"):
		return &ast{op: "literal"}
	case t.is("true"), t.is("false"):
		return &ast{op: "literal", lit: boolValue(t.is("true"))}
	case t.kind == tokenWord && p.peek().is("("):
		return p.call(t.text)
	case t.kind == tokenWord || t.kind == tokenQuoted:
		name, of := t.text, ""
		for p.take(".") {
			name, of = p.identifier(), name
		}
		return &ast{op: "column", name: strings.ToLower(name), of: of}
	default:
		p.at = max(p.at-1, 0)
		p.fail()
	}
	return &ast{op: "literal"}
}

func numberLiteral(text string) value {
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return intValue(i)
	}
	f, _ := strconv.ParseFloat(text, 64)
	return floatValue(f)
}

func (p *parser) call(name string) *ast {
	p.expect("(")
	out := &ast{op: "call", name: strings.ToLower(name)}
	out.distinct = p.take("distinct")
	out.args = p.arguments()
	if p.take("over") {
		p.expect("(")
		p.expect(")")
		out.over = true
	}
	return out
}

// caseWhen reads CASE [x] WHEN ... THEN ... [ELSE ...] END into the arguments
// condition, result, ..., else.
func (p *parser) caseWhen() *ast {
	out := &ast{op: "case"}
	var subject *ast
	if !p.peek().is("when") {
		subject = p.expression()
	}
	for p.take("when") {
		when := p.expression()
		if subject != nil {
			when = &ast{op: "=", args: []*ast{subject, when}}
		}
		p.expect("then")
		out.args = append(out.args, when, p.expression())
	}
	if p.take("else") {
		out.args = append(out.args, p.expression())
	} else {
		out.args = append(out.args, &ast{op: "literal"})
	}
	p.expect("end")
	return out
}
