package demo

import (
	"math"
	"strings"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// function is a row of the table of SQL functions.
type function struct {
	least, most int // arguments
	typ         func([]expr) sqlType
	eval        func(r *row, args []value) value
}

func (c *compiler) call(a *ast) expr {
	if agg, ok := aggregates[a.name]; ok {
		return c.aggregate(a, agg)
	}
	if a.name == "timestampdiff" && len(a.args) == 3 {
		return c.timestampDiff(a)
	}
	f, ok := functions[a.name]
	if !ok {
		return c.fail(sqlError(errNoFunction, "FUNCTION %s does not exist", a.name))
	}
	if len(a.args) < f.least || len(a.args) > f.most {
		return c.fail(sqlError(1582, "Incorrect parameter count in the call to native function '%s'", a.name))
	}
	args := c.all(a.args)
	if len(args) == 0 {
		return expr{typ: f.typ(args), eval: func(r *row) value { return f.eval(r, nil) }}
	}
	return expr{typ: f.typ(args), eval: func(r *row) value {
		values := make([]value, 0, 4)
		for i := range args {
			values = append(values, args[i].eval(r))
		}
		return f.eval(r, values)
	}}
}

// aggregateRow is a row of the table of aggregate functions.
type aggregateRow struct {
	typ  func(arg sqlType) sqlType
	fold func(sum, v value) value
	init value
}

var aggregates = map[string]aggregateRow{
	"count": {func(sqlType) sqlType { return typeBigint }, func(sum, v value) value {
		if !v.isNull() {
			sum.i++
		}
		return sum
	}, intValue(0)},
	"sum": {func(sqlType) sqlType { return decimalType(23, 0) }, func(sum, v value) value {
		switch {
		case v.isNull():
			return sum
		case v.kind == kindInt && sum.kind != kindFloat:
			return intValue(sum.i + v.i)
		}
		return floatValue(sum.number() + v.number())
	}, null},
	"min": {sqlType.nullable, pick(-1), null},
	"max": {sqlType.nullable, pick(1), null},
}

func pick(sign int) func(best, v value) value {
	return func(best, v value) value {
		if best.isNull() || (!v.isNull() && compare(v, best)*sign > 0) {
			return v
		}
		return best
	}
}

func (c *compiler) aggregate(a *ast, agg aggregateRow) expr {
	if len(a.args) != 1 || a.distinct {
		return c.fail(sqlError(errUnsupported, "This version doesn't yet support '%s'", a.name))
	}
	arg := c.compile(a.args[0])
	if a.over {
		c.windows = true
	} else {
		c.plain = true
	}
	n := len(c.aggregates)
	c.aggregates = append(c.aggregates, aggregate{fold: agg.fold, arg: arg, init: agg.init})
	return expr{typ: agg.typ(arg.typ), eval: func(r *row) value { return r.win[n] }, computed: true}
}

var microseconds = map[string]int64{
	"microsecond": 1, "second": 1e6, "minute": 60e6, "hour": 3600e6, "day": 86400e6,
}

// timestampDiff takes its first argument as a keyword.
func (c *compiler) timestampDiff(a *ast) expr {
	unit, ok := microseconds[a.args[0].name]
	if !ok {
		return c.fail(syntaxError(a.args[0].name))
	}
	from, to := c.compile(a.args[1]), c.compile(a.args[2])
	return expr{typ: typeBigint.nullable(), eval: func(r *row) value {
		x, y := from.eval(r), to.eval(r)
		if x.kind != kindTime || y.kind != kindTime {
			return null
		}
		return intValue((y.i - x.i) / unit)
	}}
}

func first(args []expr) sqlType { return args[0].typ }

// cut is the type of a part of a text: of a TEXT, a VARCHAR.
func cut(args []expr) sqlType {
	t := args[0].typ
	if t.code == mysql.MYSQL_TYPE_BLOB || t.code == mysql.MYSQL_TYPE_LONG_BLOB {
		return typeCut
	}
	return t
}

// typeCut is wide enough for MariaDB to make it TEXT in a temporary table.
var typeCut = textType(mysql.MYSQL_TYPE_VAR_STRING, 4096, 0)

// either is the type of what may be either of two values.
func either(a, b sqlType) sqlType {
	if a.code == mysql.MYSQL_TYPE_NULL {
		a = b
	}
	return a.nullable()
}

func clip(s string, n int) string {
	for i := range s {
		if n <= 0 {
			return s[:i]
		}
		n--
	}
	return s
}

var functions map[string]function

func init() {
	text := fixed(typeVarchar)
	named := fixed(typeName)
	functions = map[string]function{
		"version":       {0, 0, named, func(r *row, _ []value) value { return textValue(r.s.node.e.face.version) }},
		"current_user":  {0, 0, text, func(r *row, _ []value) value { return textValue(r.s.user + "@%") }},
		"user":          {0, 0, text, func(r *row, _ []value) value { return textValue(r.s.user + "@localhost") }},
		"session_user":  {0, 0, text, func(r *row, _ []value) value { return textValue(r.s.user + "@localhost") }},
		"connection_id": {0, 0, fixed(typeUint), func(r *row, _ []value) value { return uintValue(r.s.id) }},
		"database":      {0, 0, text, func(r *row, _ []value) value { return textOrNull(r.s.schema) }},
		"schema":        {0, 0, text, func(r *row, _ []value) value { return textOrNull(r.s.schema) }},
		"now":           {0, 1, fixed(typeDatetime), func(r *row, _ []value) value { return timeValue(r.s.node.e.clock()) }},
		"sysdate":       {0, 1, fixed(typeDatetime), func(r *row, _ []value) value { return timeValue(r.s.node.e.clock()) }},
		// Of a time with microseconds, as clocks are compared.
		"unix_timestamp": {1, 1, fixed(decimalType(17, 6)), func(_ *row, args []value) value {
			return floatValue(float64(args[0].i) / 1e6)
		}},
		"left": {2, 2, cut, func(_ *row, a []value) value {
			if a[0].isNull() {
				return null
			}
			return textValue(clip(a[0].text(), int(a[1].number())))
		}},
		"if": {3, 3, func(a []expr) sqlType { return either(a[1].typ, a[2].typ) }, func(_ *row, a []value) value {
			if a[0].truth() {
				return a[1]
			}
			return a[2]
		}},
		"ifnull":   {2, 2, func(a []expr) sqlType { return either(a[0].typ, a[1].typ) }, coalesce},
		"coalesce": {1, 4, first, coalesce},
		"nullif": {2, 2, func(a []expr) sqlType { return a[0].typ.nullable() }, func(_ *row, a []value) value {
			if !a[0].isNull() && !a[1].isNull() && compare(a[0], a[1]) == 0 {
				return null
			}
			return a[0]
		}},
		"concat": {1, 4, text, func(_ *row, a []value) value {
			var b strings.Builder
			for _, v := range a {
				if v.isNull() {
					return null
				}
				b.WriteString(v.text())
			}
			return textValue(b.String())
		}},
		"lower": {1, 1, first, func(_ *row, a []value) value { return mapText(a[0], strings.ToLower) }},
		"upper": {1, 1, first, func(_ *row, a []value) value { return mapText(a[0], strings.ToUpper) }},
		"length": {1, 1, fixed(typeBigint), func(_ *row, a []value) value {
			if a[0].isNull() {
				return null
			}
			return intValue(int64(len(a[0].text())))
		}},
		"round": {1, 2, fixed(decimalType(23, 2)), func(_ *row, a []value) value {
			scale := 1.0
			if len(a) > 1 {
				scale = math.Pow10(int(a[1].number()))
			}
			return floatValue(math.Round(a[0].number()*scale) / scale)
		}},
	}
}

func coalesce(_ *row, a []value) value {
	for _, v := range a {
		if !v.isNull() {
			return v
		}
	}
	return null
}

func mapText(v value, f func(string) string) value {
	if v.isNull() {
		return null
	}
	return textValue(f(v.text()))
}
