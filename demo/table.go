package demo

import (
	"fmt"
	"slices"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// table is a virtual table: SHOW commands are selects from tables as well.
type table struct {
	schema, name string
	flavour      model.Flavour // "" for all
	data         bool          // refused while the node is not ready
	columns      []column
	rows         func(*session) []any
}

// column is one column: get is handed an element of rows.
type column struct {
	name string
	typ  sqlType
	get  func(s *session, of any) value
}

// showSchema holds the tables behind SHOW; no statement can name it.
const showSchema = "\x00show"

func threadColumn(name string, typ sqlType, get func(*thread) value) column {
	return column{name, typ, func(_ *session, of any) value { return get(of.(*thread)) }}
}

// processColumns are the columns of information_schema.PROCESSLIST in MariaDB;
// the other process lists take theirs from them.
var processColumns = []column{
	threadColumn("ID", typeBigint, func(t *thread) value { return uintValue(t.id) }),
	threadColumn("USER", typeName, func(t *thread) value { return textValue(t.user) }),
	threadColumn("HOST", typeName, func(t *thread) value { return textValue(t.host) }),
	threadColumn("DB", typeVarchar, func(t *thread) value { return textOrNull(t.schema) }),
	threadColumn("COMMAND", typeName, func(t *thread) value { return textValue(t.command()) }),
	threadColumn("TIME", typeInt, func(t *thread) value { return intValue(int64(t.seconds())) }),
	threadColumn("STATE", typeVarchar, func(t *thread) value { return t.stateNow() }),
	threadColumn("INFO", typeText, func(t *thread) value { return textOrNull(t.text) }),
	threadColumn("TIME_MS", timeMS, func(t *thread) value { return floatValue(t.seconds() * 1000) }),
	threadColumn("STAGE", typeTiny, func(*thread) value { return intValue(0) }),
	threadColumn("MAX_STAGE", typeTiny, func(*thread) value { return intValue(0) }),
	threadColumn("PROGRESS", decimalNotNull(7, 3), func(*thread) value { return floatValue(0) }),
	threadColumn("MEMORY_USED", typeBigint, func(t *thread) value { return intValue(t.memory) }),
	threadColumn("MAX_MEMORY_USED", typeBigint, func(t *thread) value { return intValue(t.memory) }),
	threadColumn("EXAMINED_ROWS", typeInt, func(*thread) value { return intValue(0) }), // as documented for SELECT
	threadColumn("QUERY_ID", typeBigint, func(t *thread) value { return uintValue(t.query) }),
	threadColumn("INFO_BINARY", typeBlob, func(t *thread) value { return textOrNull(t.text) }),
	threadColumn("TID", typeBigint, func(t *thread) value { return uintValue(t.id%30000 + 900) }),
}

var timeMS = decimalNotNull(22, 3)

func decimalNotNull(length uint32, decimals uint8) sqlType {
	t := decimalType(length, decimals)
	t.flags |= notNull
	return t
}

// retyped picks columns by name, some with another name or type.
func retyped(from []column, picks ...column) []column {
	out := make([]column, len(picks))
	for i, p := range picks {
		at := slices.IndexFunc(from, func(c column) bool { return strings.EqualFold(c.name, p.name) })
		out[i] = from[at]
		out[i].name = p.name
		if p.typ.code != 0 || p.typ.length != 0 {
			out[i].typ = p.typ
		}
		if p.get != nil {
			out[i].get = p.get
		}
	}
	return out
}

var (
	typeLongVarchar = textType(253, 65535*3, 0)
	mysqlProcesses  = retyped(processColumns,
		column{name: "ID", typ: typeUbigint}, column{name: "USER"}, column{name: "HOST"}, column{name: "DB"},
		column{name: "COMMAND"}, column{name: "TIME"}, column{name: "STATE"}, column{name: "INFO", typ: typeLongVarchar})
	perfProcesses = append(retyped(processColumns,
		column{name: "ID", typ: typeUbigint}, column{name: "USER", typ: typeVarchar}, column{name: "HOST", typ: typeVarchar},
		column{name: "DB"}, column{name: "COMMAND", typ: typeVarchar}, column{name: "TIME", typ: typeBigint.nullable()},
		column{name: "STATE"}, column{name: "INFO", typ: typeLongText},
		column{name: "TIME_MS", typ: typeBigint.nullable(), get: func(_ *session, of any) value {
			return intValue(int64(of.(*thread).seconds() * 1000))
		}}),
		threadColumn("ROWS_SENT", typeUbigint.nullable(), func(t *thread) value { return intValue(t.sent()) }),
		threadColumn("ROWS_EXAMINED", typeUbigint.nullable(), func(t *thread) value { return intValue(t.examined()) }))
	shownProcesses = retyped(processColumns,
		column{name: "Id"}, column{name: "User"}, column{name: "Host"}, column{name: "db"}, column{name: "Command"},
		column{name: "Time"}, column{name: "State"}, column{name: "Info", typ: typeLongText})
	shownProgress = column{"Progress", sqlType{code: 5, flags: notNull, length: 7, decimals: 3, charset: charsetBinary}, func(*session, any) value {
		return floatValue(0)
	}}
)

// short cuts the text of SHOW PROCESSLIST without FULL.
func short(columns []column) []column {
	out := slices.Clone(columns)
	for i := range out {
		if get := out[i].get; out[i].name == "Info" {
			out[i].typ = typeVarchar
			out[i].get = func(s *session, of any) value {
				v := get(s, of)
				if v.kind == kindText {
					v.s = clip(v.s, 100)
				}
				return v
			}
		}
	}
	return out
}

// nameColumns are those of SHOW STATUS and SHOW VARIABLES.
func nameColumns(name func(any) string, get func(*session, any) value) []column {
	return []column{
		{"Variable_name", typeName, func(_ *session, of any) value { return textValue(name(of)) }},
		{"Value", typeValue, get},
	}
}

var (
	statusColumns = nameColumns(func(of any) string { return of.(*statusRow).name },
		func(s *session, of any) value { return of.(*statusRow).get(s.node) })
	globalColumns = nameColumns(func(of any) string { return of.(*variable).name },
		func(s *session, of any) value { return textValue(of.(*variable).value(s.node, nil)) })
	sessionColumns = nameColumns(func(of any) string { return of.(*variable).name },
		func(s *session, of any) value { return textValue(of.(*variable).value(s.node, s)) })
)

func statusTableRows(s *session) []any {
	out := make([]any, 0, len(statusRows))
	for i := range statusRows {
		if r := &statusRows[i]; s.node.e.face.is(r.flavour) {
			out = append(out, r)
		}
	}
	return out
}

func variableTableRows(s *session) []any {
	out := make([]any, 0, len(variables))
	for i := range variables {
		if v := &variables[i]; s.node.e.face.is(v.flavour) {
			out = append(out, v)
		}
	}
	return out
}

func threadRows(s *session) []any {
	n := s.node
	out := make([]any, 0, len(n.system)+len(n.clients)+len(n.reals))
	for _, list := range [][]*thread{n.system, n.clients, n.reals} {
		for _, t := range list {
			out = append(out, t)
		}
	}
	return out
}

// texts makes a table of one text column.
func texts(schema, name, header string, rows func(*session) []any) *table {
	return &table{schema: schema, name: name, rows: rows, columns: []column{{
		header, typeName, func(_ *session, of any) value { return textValue(of.(string)) },
	}}}
}

var schemas = []string{"analytics", "information_schema", "inventory", "mysql", "performance_schema", "shop", "sys"}

func strs(list ...string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

var tables []*table

func init() {
	tables = slices.Concat(processTables, groupTables, digestTables, transactionTables, lockTables, []*table{
		{schema: showSchema, name: "status", columns: statusColumns, rows: statusTableRows},
		{schema: showSchema, name: "global variables", columns: globalColumns, rows: variableTableRows},
		{schema: showSchema, name: "session variables", columns: sessionColumns, rows: variableTableRows},
		{schema: "information_schema", name: "GLOBAL_STATUS", flavour: mariadb, columns: statusColumns, rows: statusTableRows},
		{schema: "information_schema", name: "GLOBAL_VARIABLES", flavour: mariadb, columns: globalColumns, rows: variableTableRows},
		{schema: "performance_schema", name: "global_status", columns: statusColumns, rows: statusTableRows},
		{schema: "performance_schema", name: "global_variables", columns: globalColumns, rows: variableTableRows},
		texts(showSchema, "databases", "Database", func(*session) []any { return strs(schemas...) }),
		texts(showSchema, "grants", "Grants for galeratop@%", func(s *session) []any {
			return strs(fmt.Sprintf("GRANT ALL PRIVILEGES ON *.* TO `%s`@`%%` WITH GRANT OPTION", s.user))
		}),
		{schema: showSchema, name: "warnings", rows: func(*session) []any { return nil }, columns: []column{
			{"Level", typeName, nil}, {"Code", typeUint, nil}, {"Message", typeName, nil},
		}},
	})
}

var processTables = []*table{
	{schema: "information_schema", name: "PROCESSLIST", flavour: mariadb, columns: processColumns, rows: threadRows},
	{schema: "information_schema", name: "PROCESSLIST", flavour: pxc, columns: mysqlProcesses, rows: threadRows},
	{schema: "performance_schema", name: "processlist", flavour: pxc, columns: perfProcesses, rows: threadRows},
	{schema: showSchema, name: "full processlist", flavour: mariadb, columns: append(slices.Clone(shownProcesses), shownProgress), rows: threadRows},
	{schema: showSchema, name: "processlist", flavour: mariadb, columns: append(short(shownProcesses), shownProgress), rows: threadRows},
	{schema: showSchema, name: "full processlist", flavour: pxc, columns: shownProcesses, rows: threadRows},
	{schema: showSchema, name: "processlist", flavour: pxc, columns: short(shownProcesses), rows: threadRows},
}
