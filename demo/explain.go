package demo

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// explaining is what a session keeps for EXPLAIN.
type explaining struct {
	readOnly bool   // START TRANSACTION READ ONLY is in effect
	note     string // what SHOW WARNINGS repeats
}

// The errors of EXPLAIN.
const (
	errReadOnlyTrx    = 1792
	errNotExplainable = 1933
	errTooLong        = 1969
)

// explained answers EXPLAIN and what goes with it; ok is false for all other
// statements.
func (s *session) explained(sql string) (r *mysql.Result, err error, ok bool) { //nolint:revive // as the answer reads
	words := strings.Fields(strings.ToLower(sql[:min(len(sql), 80)]))
	is := func(want ...string) bool { return len(words) >= len(want) && slices.Equal(words[:len(want)], want) }
	note := s.explain.note
	s.explain.note = ""
	switch {
	case is("start", "transaction", "read", "only"):
		s.explain.readOnly = true
	case is("rollback"), is("commit"):
		s.explain.readOnly = false
	case is("show", "warnings"):
		r, err = s.warnings(note)
		return r, err, true
	case is("show", "explain"), is("explain"):
		r, err = s.plan(sql)
		return r, err, true
	}
	return nil, nil, false
}

func (s *session) warnings(note string) (*mysql.Result, error) {
	var rows []any
	if note != "" {
		rows = append(rows, note)
	}
	fixed := func(text string) func(*session, any) value {
		return func(*session, any) value { return textValue(text) }
	}
	return s.tabular([]column{
		{"Level", typeName, fixed("Note")},
		{"Code", typeUint, func(*session, any) value { return intValue(1003) }},
		{"Message", typeName, func(_ *session, of any) value { return textValue(of.(string)) }},
	}, rows)
}

// tabular is an answer that comes from no table.
func (s *session) tabular(columns []column, rows []any) (*mysql.Result, error) {
	out := &plan{table: &table{columns: columns, rows: func(*session) []any { return rows }}, limit: noLimit}
	for _, c := range columns {
		out.out = append(out.out, expr{typ: c.typ, eval: func(r *row) value { return c.get(r.s, r.of) }})
		out.fields = append(out.fields, c.typ.field(c.name))
	}
	return out.run(s)
}

// plan answers SHOW EXPLAIN [FORMAT=JSON] FOR n, EXPLAIN [FORMAT=JSON] FOR
// CONNECTION n and EXPLAIN [FORMAT=JSON] statement.
func (s *session) plan(sql string) (*mysql.Result, error) {
	p := newParser(sql)
	show := p.take("show")
	p.take("explain")
	json := p.take("format", "=", "json")
	maria := s.node.e.face.flavour == mariadb
	name := "EXPLAIN"
	var text string
	switch {
	case show && !maria, p.err != nil:
		return nil, syntaxError(sql)
	case show && p.take("for"), !maria && p.take("for", "connection"):
		if show {
			name = "SHOW EXPLAIN"
		}
		t, err := s.explainable(p.next().text)
		if err != nil {
			return nil, err
		}
		text = t.text
		s.explain.note = text
	default:
		text = sql[min(p.peek().start, len(sql)):]
		if err := s.mayPlan(text); err != nil {
			return nil, err
		}
	}
	steps := planOf(text)
	if json {
		return s.tabular([]column{{name, typeName, func(*session, any) value { return textValue(planJSON(steps)) }}}, []any{nil})
	}
	return s.tabular(explainColumns(maria), steps)
}

// explainable finds the running thread by its number.
func (s *session) explainable(number string) (*thread, error) {
	id, _ := strconv.ParseUint(number, 10, 64)
	for _, of := range threadRows(s) {
		switch t := of.(*thread); {
		case t.id != id:
		case t.waitsForRow():
			return nil, sqlError(errTooLong, "Query execution was interrupted (max_statement_time exceeded)")
		case !t.running || t.system || len(tablesOf(t.text)) == 0:
			return nil, sqlError(errNotExplainable, "Target is not executing an operation with a query plan")
		default:
			return t, nil
		}
	}
	return nil, sqlError(errNoThread, "Unknown thread id: %d", id)
}

// mayPlan refuses as servers do what could write in a read-only transaction, and
// what has no plan.
func (s *session) mayPlan(text string) error {
	word, _, _ := strings.Cut(strings.ToLower(strings.TrimLeft(text, " (")), " ")
	switch word {
	case "select", "with":
		if s.explain.readOnly && strings.Contains(strings.ToLower(text), "for update") {
			break
		}
		return nil
	case "insert", "update", "delete", "replace":
		if !s.explain.readOnly {
			return nil
		}
	default:
		return syntaxError(text)
	}
	return sqlError(errReadOnlyTrx, "Cannot execute statement in a READ ONLY transaction")
}

// tablesOf are the tables that a statement names, in their order.
func tablesOf(text string) []string {
	tokens, _ := lex(text)
	var out []string
	for i := range tokens {
		if !tokens[i].is("from") && !tokens[i].is("join") && !tokens[i].is("update") && !tokens[i].is("into") || i+1 >= len(tokens) {
			continue
		}
		name := tokens[i+1].text
		if i+3 < len(tokens) && tokens[i+2].is(".") {
			name += "." + tokens[i+3].text
		}
		if tokens[i+1].kind == tokenWord || tokens[i+1].kind == tokenQuoted {
			out = append(out, name)
		}
	}
	return out
}

// planStep is a row of EXPLAIN.
type planStep struct {
	table, access, keys, key, ref, extra, condition string
	rows                                            int64
}

// planOf makes up a plan: the first table by its conditions, all others by their
// keys.
func planOf(text string) []any {
	named := tablesOf(text)
	out := make([]any, 0, len(named))
	whole := !strings.Contains(text, "id = ") && !strings.Contains(text, "_id =")
	if strings.Contains(text, "LIKE '%") {
		whole = true
	}
	for i, name := range named {
		step := &planStep{table: name[strings.LastIndexByte(name, '.')+1:]}
		switch {
		case i == 0 && whole:
			step.access, step.rows, step.extra = "ALL", 4_812_331, "Using where"
		case i == 0:
			step.access, step.keys, step.key, step.ref, step.rows, step.extra = "ref", "PRIMARY", "PRIMARY", "const", 24, "Using where"
		default:
			step.access, step.keys, step.key, step.ref, step.rows = "eq_ref", "PRIMARY", "PRIMARY", "shop.parent.id", 1
		}
		if i == 0 && strings.Contains(text, "ORDER BY") {
			step.extra += "; Using temporary; Using filesort"
		}
		if _, where, ok := strings.Cut(text, "WHERE "); ok && i == 0 {
			step.condition, _, _ = strings.Cut(where, " GROUP BY")
			step.condition, _, _ = strings.Cut(step.condition, " ORDER BY")
		}
		out = append(out, step)
	}
	return out
}

func stepColumn(name string, typ sqlType, get func(*planStep) value) column {
	return column{name, typ, func(_ *session, of any) value { return get(of.(*planStep)) }}
}

func explainColumns(maria bool) []column {
	none := func(*planStep) value { return null }
	out := []column{
		stepColumn("id", typeUbigint.nullable(), func(*planStep) value { return intValue(1) }),
		stepColumn("select_type", typeName, func(*planStep) value { return textValue("SIMPLE") }),
		stepColumn("table", typeVarchar, func(p *planStep) value { return textValue(p.table) }),
		stepColumn("partitions", typeVarchar, none),
		stepColumn("type", typeVarchar, func(p *planStep) value { return textValue(p.access) }),
		stepColumn("possible_keys", typeVarchar, func(p *planStep) value { return textOrNull(p.keys) }),
		stepColumn("key", typeVarchar, func(p *planStep) value { return textOrNull(p.key) }),
		stepColumn("key_len", typeVarchar, func(p *planStep) value {
			if p.key == "" {
				return null
			}
			return textValue("8")
		}),
		stepColumn("ref", typeVarchar, func(p *planStep) value { return textOrNull(p.ref) }),
		stepColumn("rows", typeVarchar, func(p *planStep) value { return textValue(strconv.FormatInt(p.rows, 10)) }),
		stepColumn("filtered", typeDouble.nullable(), func(*planStep) value { return floatValue(100) }),
		stepColumn("Extra", typeName, func(p *planStep) value { return textValue(p.extra) }),
	}
	if maria {
		out = slices.DeleteFunc(out, func(c column) bool { return c.name == "partitions" || c.name == "filtered" })
	}
	return out
}

// planJSON prints a plan as MariaDB does.
func planJSON(steps []any) string {
	var b strings.Builder
	b.WriteString("{\n  \"query_block\": {\n    \"select_id\": 1,\n    \"nested_loop\": [\n")
	for i, of := range steps {
		p := of.(*planStep)
		fmt.Fprintf(&b, "      {\n        \"table\": {\n          \"table_name\": %q,\n          \"access_type\": %q,\n", p.table, p.access)
		if p.key != "" {
			fmt.Fprintf(&b, "          \"possible_keys\": [%q],\n          \"key\": %q,\n          \"ref\": [%q],\n", p.keys, p.key, p.ref)
		}
		fmt.Fprintf(&b, "          \"rows\": %d,\n          \"filtered\": 100", p.rows)
		if p.condition != "" {
			fmt.Fprintf(&b, ",\n          \"attached_condition\": %q", p.condition)
		}
		b.WriteString("\n        }\n      }")
		if i < len(steps)-1 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
	}
	b.WriteString("    ]\n  }\n}")
	return b.String()
}
