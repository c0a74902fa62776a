package demo

import (
	"container/heap"
	"slices"
	"strings"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// plan is a compiled SELECT or SHOW. It is used under the cluster's lock only,
// and again whenever the same text comes on a node of the same face.
type plan struct {
	table  *table // nil without FROM
	where  func(*row) value
	fields []*mysql.Field
	out    []expr
	sort   []sortKey
	agg    []aggregate
	plain  bool
	limit  int
	pick   []sorted // scratch
}

type sortKey struct {
	eval func(*row) value
	desc bool
}

// sorted is a row on its way to the answer, with its sort keys.
type sorted struct {
	of   any
	keys [3]value
	seq  int
}

const noLimit = 1 << 30

// parseSelect reads what follows the word SELECT.
func parseSelect(p *parser, f *face) (*plan, error) {
	var items []*ast
	var names []string
	star := p.take("*")
	for !star && p.err == nil {
		a := p.expression()
		items, names = append(items, a), append(names, p.alias(a))
		if !p.take(",") {
			break
		}
	}
	c := &compiler{face: f}
	out := &plan{limit: noLimit}
	if p.take("from") && !p.take("dual") {
		schema, name := p.from()
		if p.err == nil {
			if out.table, p.err = f.lookup(schema, name); p.err != nil {
				return nil, p.err
			}
		}
		c.table = out.table
	}
	if p.peek().is(",") || p.peek().is("join") || p.peek().is("group") {
		return nil, sqlError(errUnsupported, "The simulated server doesn't support '%s' here", p.peek().text)
	}
	if star && c.table != nil {
		for i := range c.table.columns {
			name := c.table.columns[i].name
			items, names = append(items, &ast{op: "column", name: name}), append(names, name)
		}
	}
	out.tail(p, c)
	if p.err != nil {
		return nil, p.err
	}
	for _, a := range items {
		out.out = append(out.out, c.compile(a))
	}
	return out.finish(p, c, names)
}

// alias is the name of an item: what follows AS, or its own text.
func (p *parser) alias(a *ast) string {
	if p.take("as") || (p.peek().kind == tokenWord && !clause[strings.ToLower(p.peek().text)]) {
		if t := p.peek(); t.kind == tokenText {
			p.at++
			return t.text
		}
		return p.identifier()
	}
	if a.op == "literal" && a.lit.kind == kindText {
		return a.lit.s
	}
	text := p.sql[a.start:max(a.start, min(a.end, len(p.sql)))]
	if a.of != "" { // table.column is called column
		text = text[strings.LastIndex(text, ".")+1:]
	}
	return text
}

var clause = map[string]bool{
	"from": true, "where": true, "order": true, "limit": true, "group": true, "join": true, "for": true, "into": true,
}

// tail reads WHERE, ORDER BY and LIMIT.
func (out *plan) tail(p *parser, c *compiler) {
	if p.take("where") {
		where := p.expression()
		if p.err != nil {
			return
		}
		out.where = c.compile(where).eval
	}
	if p.take("order", "by") {
		for p.err == nil {
			by := p.expression()
			if p.err != nil {
				return
			}
			key := sortKey{eval: c.compile(by).eval}
			key.desc = p.takeOne("desc", "asc") == "desc"
			if out.sort = append(out.sort, key); !p.take(",") {
				break
			}
		}
		if len(out.sort) > len(sorted{}.keys) {
			p.err = sqlError(errUnsupported, "The simulated server sorts by %d keys at most", len(sorted{}.keys))
		}
	}
	if p.take("limit") {
		t := p.next()
		out.limit = int(numberLiteral(t.text).i)
		if t.kind != tokenNumber {
			p.fail()
		}
	}
}

func (out *plan) finish(p *parser, c *compiler, names []string) (*plan, error) {
	if p.err == nil && (!p.end() || len(out.out) == 0) {
		p.fail()
	}
	if p.err != nil {
		return nil, p.err
	}
	if c.err != nil {
		return nil, c.err
	}
	for i := range out.out {
		t := out.out[i].typ
		if c.windows && c.face.flavour == mariadb && !out.out[i].computed {
			t = t.temporary()
		}
		out.fields = append(out.fields, t.field(names[i]))
	}
	out.agg, out.plain = c.aggregates, c.plain
	return out, nil
}

// temporary is the type after a way through a temporary table, which window
// functions take in MariaDB.
func (t sqlType) temporary() sqlType {
	if t.code == mysql.MYSQL_TYPE_VAR_STRING && t.length > 2048 {
		t = typeText
	}
	return t.nullable()
}

// run answers for a session. Rows are encoded into one piece of memory.
func (out *plan) run(s *session) (*mysql.Result, error) {
	r := &row{s: s}
	rs := &mysql.Resultset{Fields: out.fields}
	var enc encoder
	all := []any{nil} // without FROM: one row
	if out.table != nil {
		if out.table.data && !s.node.servesData(s) {
			return nil, notReady()
		}
		all = out.table.rows(s)
	}
	r.win = make([]value, len(out.agg))
	all = out.filter(r, all)
	for i := range out.agg {
		r.win[i] = out.agg[i].init
		for _, of := range all {
			r.of = of
			r.win[i] = out.agg[i].fold(r.win[i], out.agg[i].arg.eval(r))
		}
	}
	if out.plain {
		enc.row(out, r)
		return mysql.NewResult(enc.finish(rs)), nil
	}
	for _, of := range out.arrange(r, all) {
		r.of = of
		enc.row(out, r)
	}
	return mysql.NewResult(enc.finish(rs)), nil
}

// filter keeps the rows that WHERE holds for, in place.
func (out *plan) filter(r *row, all []any) []any {
	if out.where == nil {
		return all
	}
	n := 0
	for _, of := range all {
		if r.of = of; out.where(r).truth() {
			all[n] = of
			n++
		}
	}
	return all[:n]
}

// arrange sorts, but no more than the limit asks for.
func (out *plan) arrange(r *row, all []any) []any {
	if len(out.sort) == 0 {
		return all[:min(len(all), out.limit)]
	}
	h := &topHeap{plan: out, rows: out.pick[:0]}
	for seq, of := range all {
		r.of = of
		entry := sorted{of: of, seq: seq}
		for i, k := range out.sort {
			entry.keys[i] = k.eval(r)
		}
		switch {
		case len(h.rows) < out.limit:
			h.rows = append(h.rows, entry)
			if len(h.rows) == out.limit {
				heap.Init(h)
			}
		case out.limit > 0 && out.order(&entry, &h.rows[0]) < 0:
			h.rows[0] = entry
			heap.Fix(h, 0)
		}
	}
	slices.SortFunc(h.rows, func(a, b sorted) int { return out.order(&a, &b) })
	all = all[:len(h.rows)]
	for i := range h.rows {
		all[i] = h.rows[i].of
	}
	clear(h.rows)
	out.pick = h.rows[:0]
	return all
}

// order compares by the keys; NULL comes first, equal rows keep their order.
func (out *plan) order(a, b *sorted) int {
	for i := range out.sort {
		x, y := a.keys[i], b.keys[i]
		var n int
		switch {
		case x.isNull() || y.isNull():
			n = int(min(x.kind, 1)) - int(min(y.kind, 1))
		default:
			n = compare(x, y)
		}
		if out.sort[i].desc {
			n = -n
		}
		if n != 0 {
			return n
		}
	}
	return a.seq - b.seq
}

// topHeap holds the best rows so far, the worst of them on top.
type topHeap struct {
	plan *plan
	rows []sorted
}

func (h *topHeap) Len() int           { return len(h.rows) }
func (h *topHeap) Less(i, j int) bool { return h.plan.order(&h.rows[i], &h.rows[j]) > 0 }
func (h *topHeap) Swap(i, j int)      { h.rows[i], h.rows[j] = h.rows[j], h.rows[i] }
func (h *topHeap) Push(x any)         { h.rows = append(h.rows, x.(sorted)) }
func (h *topHeap) Pop() any           { return nil }

// encoder writes rows in the text protocol, all into one piece of memory.
type encoder struct {
	data []byte
	ends []int
	one  []byte
}

func (e *encoder) row(out *plan, r *row) {
	for i := range out.out {
		v := out.out[i].eval(r)
		switch v.kind {
		case kindNull:
			e.data = append(e.data, 0xfb)
		case kindText:
			e.data = append(appendLength(e.data, len(v.s)), v.s...)
		case kindInt, kindUint, kindFloat, kindTime:
			e.one = v.append(e.one[:0], int(out.out[i].typ.decimals))
			e.data = append(appendLength(e.data, len(e.one)), e.one...)
		}
	}
	e.ends = append(e.ends, len(e.data))
}

func (e *encoder) finish(rs *mysql.Resultset) *mysql.Resultset {
	rs.RowDatas = make([]mysql.RowData, len(e.ends))
	start := 0
	for i, end := range e.ends {
		rs.RowDatas[i] = e.data[start:end:end]
		start = end
	}
	return rs
}

func appendLength(b []byte, n int) []byte {
	switch {
	case n < 251:
		return append(b, byte(n))
	case n < 1<<16:
		return append(b, 0xfc, byte(n), byte(n>>8))
	}
	return append(b, 0xfd, byte(n), byte(n>>8), byte(n>>16))
}
