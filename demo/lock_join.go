package demo

import "strings"

// from reads what follows FROM: a table, or several that are joined. A join is a
// table of its own here, under the names of all in their order; what it is
// joined on is built into its rows.
func (p *parser) from() (schema, name string) {
	schema, name = p.tableName()
	names := []string{name}
	p.tableAlias()
	for p.err == nil && p.take("join") {
		_, other := p.tableName()
		p.tableAlias()
		p.expect("on")
		p.expression()
		names = append(names, other)
	}
	return schema, strings.Join(names, "+")
}

// tableAlias skips the name by which a table is called in the statement.
func (p *parser) tableAlias() {
	p.take("as")
	if t := p.peek(); t.kind == tokenWord && !clause[strings.ToLower(t.text)] && !t.is("on") {
		p.at++
	}
}
