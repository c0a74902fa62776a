package demo

import (
	"slices"
	"strings"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// row is what an expression is evaluated on: one row of a table, on behalf of a
// session.
type row struct {
	of  any
	s   *session
	win []value // results of the window functions and aggregates
}

// expr is a compiled expression.
type expr struct {
	typ      sqlType
	eval     func(*row) value
	computed bool // an aggregate: the last thing that a temporary table is asked for
}

// aggregate is COUNT or SUM or the like, over all rows.
type aggregate struct {
	fold func(sum, v value) value
	arg  expr
	init value
}

// compiler turns parsed expressions into closures over one table.
type compiler struct {
	table      *table
	face       *face
	aggregates []aggregate
	windows    bool
	plain      bool // some aggregate has no OVER: the answer is one row
	err        error
}

func (c *compiler) fail(err error) expr {
	if c.err == nil {
		c.err = err
	}
	return expr{typ: typeNull, eval: func(*row) value { return null }}
}

func (c *compiler) compile(a *ast) expr {
	switch a.op {
	case "literal":
		lit := a.lit
		return expr{typ: literalType(lit), eval: func(*row) value { return lit }}
	case "column":
		return c.column(a.of, a.name)
	case "variable":
		return c.variable(a.name)
	case "call":
		return c.call(a)
	case "case":
		return c.caseWhen(c.all(a.args))
	case "in":
		return c.in(a)
	}
	if op, ok := operators[a.op]; ok {
		args := c.all(a.args)
		return expr{typ: op.typ(args), eval: op.bind(args)}
	}
	return c.fail(syntaxError(a.op))
}

func (c *compiler) all(args []*ast) []expr {
	out := make([]expr, len(args))
	for i, a := range args {
		out[i] = c.compile(a)
	}
	return out
}

func literalType(v value) sqlType {
	switch v.kind {
	case kindText:
		return textType(mysql.MYSQL_TYPE_VAR_STRING, uint32(len(v.s)), notNull)
	case kindFloat:
		t := decimalType(4, 1)
		t.flags |= notNull
		return t
	case kindInt:
		if v.i > 1<<31-1 || v.i < -1<<31 {
			return typeBigint
		}
		return typeInt
	case kindNull, kindUint, kindTime:
	}
	return typeNull
}

// column finds a column by its name. A join may have columns of one name, which
// it then calls as statements do: table.column.
func (c *compiler) column(of, name string) expr {
	if c.table != nil {
		for i := range c.table.columns {
			if col := &c.table.columns[i]; strings.EqualFold(col.name, name) || (of != "" && strings.EqualFold(col.name, of+"."+name)) {
				return expr{typ: col.typ, eval: func(r *row) value { return col.get(r.s, r.of) }}
			}
		}
	}
	return c.fail(sqlError(errBadColumn, "Unknown column '%s' in 'field list'", name))
}

// in looks literals up in a set: galeratop asks for fifty names at once.
func (c *compiler) in(a *ast) expr {
	args := c.all(a.args)
	left := args[0].eval
	if len(args) > 5 && slices.IndexFunc(a.args[1:], func(x *ast) bool { return x.op != "literal" || x.lit.kind != kindText }) < 0 {
		set := make(map[string]bool, 2*len(args))
		for _, x := range a.args[1:] {
			set[x.lit.s], set[strings.ToLower(x.lit.s)] = true, true
		}
		return expr{typ: typeInt, eval: func(r *row) value {
			v := left(r)
			if v.isNull() {
				return null
			}
			text := v.text()
			return boolValue(set[text] || set[strings.ToLower(text)])
		}}
	}
	return expr{typ: typeInt, eval: func(r *row) value {
		v := left(r)
		for _, x := range args[1:] {
			if w := x.eval(r); !v.isNull() && !w.isNull() && same(v, w) {
				return intValue(1)
			}
		}
		return boolValue(false)
	}}
}

func (c *compiler) caseWhen(args []expr) expr {
	last := len(args) - 1
	typ := args[last].typ
	if last > 0 {
		typ = args[1].typ
	}
	return expr{typ: typ, eval: func(r *row) value {
		for i := 0; i < last; i += 2 {
			if args[i].eval(r).truth() {
				return args[i+1].eval(r)
			}
		}
		return args[last].eval(r)
	}}
}

// operator is a row of the table of operators.
type operator struct {
	typ  func([]expr) sqlType
	bind func([]expr) func(*row) value
}

func fixed(t sqlType) func([]expr) sqlType { return func([]expr) sqlType { return t } }

// whole is the type of a sum or product: integers stay integers.
func whole(args []expr) sqlType {
	for _, a := range args {
		if a.typ.code == mysql.MYSQL_TYPE_NEWDECIMAL || a.typ.code == mysql.MYSQL_TYPE_DOUBLE {
			return decimalType(23, max(args[0].typ.decimals, args[1].typ.decimals))
		}
	}
	return typeBigint
}

// quotient has four digits more than the dividend, div_precision_increment.
func quotient(args []expr) sqlType {
	return decimalType(19, min(args[0].typ.decimals+4, 11))
}

// equals is = (want) or <>.
func equals(want bool) operator {
	return operator{fixed(typeInt), func(args []expr) func(*row) value {
		left, right := args[0].eval, args[1].eval
		return func(r *row) value {
			a, b := left(r), right(r)
			if a.isNull() || b.isNull() {
				return null
			}
			return boolValue(same(a, b) == want)
		}
	}}
}

func compares(holds func(int) bool) operator {
	return operator{fixed(typeInt), func(args []expr) func(*row) value {
		left, right := args[0].eval, args[1].eval
		return func(r *row) value {
			a, b := left(r), right(r)
			if a.isNull() || b.isNull() {
				return null
			}
			return boolValue(holds(compare(a, b)))
		}
	}}
}

func reckons(typ func([]expr) sqlType, f func(a, b float64) (float64, bool)) operator {
	return operator{typ, func(args []expr) func(*row) value {
		left, right, isWhole := args[0].eval, args[1].eval, typ(args).code == mysql.MYSQL_TYPE_LONGLONG
		return func(r *row) value {
			a, b := left(r), right(r)
			if a.isNull() || b.isNull() {
				return null
			}
			v, ok := f(a.number(), b.number())
			switch {
			case !ok:
				return null
			case isWhole:
				return intValue(int64(v))
			}
			return floatValue(v)
		}
	}}
}

func divides(a, b float64) (float64, bool) {
	if b == 0 {
		return 0, false
	}
	return a / b, true
}

func modulo(a, b float64) (float64, bool) {
	if int64(b) == 0 {
		return 0, false
	}
	return float64(int64(a) % int64(b)), true
}

var operators map[string]operator

func init() {
	equal, unequal := equals(true), equals(false)
	conjunction, disjunction := logic(true), logic(false)
	operators = map[string]operator{
		"=": equal, "<>": unequal, "!=": unequal,
		"<": compares(func(n int) bool { return n < 0 }), "<=": compares(func(n int) bool { return n <= 0 }),
		">": compares(func(n int) bool { return n > 0 }), ">=": compares(func(n int) bool { return n >= 0 }),
		"and": conjunction, "&&": conjunction, "or": disjunction, "||": disjunction,
		"+":   reckons(whole, func(a, b float64) (float64, bool) { return a + b, true }),
		"-":   reckons(whole, func(a, b float64) (float64, bool) { return a - b, true }),
		"*":   reckons(whole, func(a, b float64) (float64, bool) { return a * b, true }),
		"/":   reckons(quotient, divides),
		"div": reckons(fixed(typeBigint), divides),
		"%":   reckons(fixed(typeBigint), modulo), "mod": reckons(fixed(typeBigint), modulo),
		"not": {fixed(typeInt), bindNot},
		"isnull": {fixed(typeInt), func(args []expr) func(*row) value {
			return func(r *row) value { return boolValue(args[0].eval(r).isNull()) }
		}},
		"like": {fixed(typeInt), func(args []expr) func(*row) value {
			return func(r *row) value {
				a, b := args[0].eval(r), args[1].eval(r)
				if a.isNull() || b.isNull() {
					return null
				}
				return boolValue(like(a.text(), b.text()))
			}
		}},
		"between": {fixed(typeInt), func(args []expr) func(*row) value {
			return func(r *row) value {
				v, low, high := args[0].eval(r), args[1].eval(r), args[2].eval(r)
				if v.isNull() || low.isNull() || high.isNull() {
					return null
				}
				return boolValue(compare(v, low) >= 0 && compare(v, high) <= 0)
			}
		}},
	}
}

func bindNot(args []expr) func(*row) value {
	return func(r *row) value {
		v := args[0].eval(r)
		if v.isNull() {
			return null
		}
		return boolValue(!v.truth())
	}
}

// logic is AND (all) or OR, which stop at the first value that decides.
func logic(all bool) operator {
	return operator{fixed(typeInt), func(args []expr) func(*row) value {
		left, right := args[0].eval, args[1].eval
		return func(r *row) value {
			if v := left(r); !v.isNull() && v.truth() != all {
				return boolValue(!all)
			}
			return boolValue(right(r).truth())
		}
	}}
}
