package demo

import (
	"slices"
	"strings"
	"time"
)

// What the servers' tables say about one thread: attributes of its connection,
// its last statements, its locks.

func init() { tables = append(tables, inspectTables...) }

// attribute is a row of session_connect_attrs.
type attribute struct {
	t           *thread
	name, value string
	place       int
}

// programs are what clients tell of themselves when they connect.
var programs = map[string][]attribute{
	"shop_app":   {{name: "_client_name", value: "mysqlnd"}, {name: "program_name", value: "php-fpm: pool shop"}},
	"shop_admin": {{name: "_client_name", value: "libmariadb"}, {name: "program_name", value: "shop-admin"}},
	"report":     {{name: "_client_name", value: "MariaDB Connector/J"}, {name: "program_name", value: "nightly-report"}},
	"backup":     {{name: "_client_name", value: "libmariadb"}, {name: "program_name", value: "mariadb-dump"}},
}

func attributeColumn(name string, typ sqlType, get func(*attribute) value) column {
	return column{name, typ, func(_ *session, of any) value { return get(of.(*attribute)) }}
}

func attributeRows(s *session) []any {
	var out []any
	for _, t := range s.node.clients {
		list := append(slices.Clone(programs[t.user]), attribute{name: "_pid", value: string(uintValue(2000+t.id%911).append(nil, 0))})
		for i := range list {
			list[i].t, list[i].place = t, i
			out = append(out, &list[i])
		}
	}
	return out
}

// past is a row of events_statements_history.
type past struct {
	t     *thread
	event int64
	tmpl  *template
	text  string
	inTrx bool
}

// pastStatements is how many statements a thread is remembered with.
const pastStatements = 5

func pastColumn(name string, typ sqlType, get func(*past) value) column {
	return column{name, typ, func(_ *session, of any) value { return get(of.(*past)) }}
}

func pastRows(s *session) []any {
	var out []any
	for _, t := range s.node.clients {
		c := clientOf(t.user)
		if len(c.templates) == 0 {
			continue
		}
		for k := range pastStatements {
			n := int(t.query) + int(t.id)*7 + k*3
			tmpl := &templates[c.templates[n%len(c.templates)]]
			out = append(out, &past{
				t: t, event: int64(t.id)*40 + int64(k), tmpl: tmpl, text: tmpl.variants[n%len(tmpl.variants)],
				inTrx: t.opened != noTransaction && k >= pastStatements-2,
			})
		}
	}
	return out
}

// trxEvent is the number of the thread's transaction in performance_schema.
func (t *thread) trxEvent() int64 { return int64(t.id)*40 - 1 }

// locked is a lock that a thread holds or waits for.
type locked struct {
	t       *thread
	waiting bool
}

func lockedColumn(name string, typ sqlType, get func(*locked) value) column {
	return column{name, typ, func(_ *session, of any) value { return get(of.(*locked)) }}
}

// lockedRows are the row locks that somebody waits for, as MariaDB lists them.
func lockedRows(s *session) []any {
	if len(s.node.lockers) == 0 {
		return nil
	}
	var out []any
	for _, t := range s.node.clients {
		if t.waitsForRow() {
			out = append(out, &locked{t, true})
		}
	}
	if len(out) > 0 {
		out = append(out, &locked{s.node.lockers[0], false})
	}
	return out
}

// metadata is a metadata lock of a running statement or an open transaction.
type metadata struct {
	t    *thread
	mode string
	name string
}

func metadataColumn(name string, typ sqlType, get func(*metadata) value) column {
	return column{name, typ, func(_ *session, of any) value { return get(of.(*metadata)) }}
}

func metadataRows(s *session) []any {
	var out []any
	for _, t := range s.node.clients {
		if t.opened == noTransaction && !t.running {
			continue
		}
		m := &metadata{t: t, mode: "SHARED_READ", name: "orders"}
		if t.modified > 0 || t.tmpl != nil && t.tmpl.writes() {
			m.mode = "SHARED_WRITE"
		}
		if names := tablesOf(t.text); len(names) > 0 {
			m.name = names[0][strings.LastIndexByte(names[0], '.')+1:]
		} else if t.locks {
			m.name = "stock"
		}
		out = append(out, m)
	}
	return out
}

// perfThread is a thread's number in performance_schema.
func (t *thread) perfThread() uint64 { return t.id + 31 }

func perfTime(ms float64) value { return intValue(int64(ms * float64(time.Millisecond) * 1000)) }

func lockedText(text string) func(*locked) value {
	return func(*locked) value { return textValue(text) }
}

var (
	typeLongNullable = textType(253, 256, 0)
	innodbLocks      = []column{
		lockedColumn("lock_id", typeName, func(k *locked) value { return textValue(lockID(k.t)) }),
		lockedColumn("lock_trx_id", typeUbigint, func(k *locked) value { return uintValue(k.t.trx()) }),
		lockedColumn("lock_mode", typeEnum, lockedText("X")),
		lockedColumn("lock_type", typeEnum, lockedText("RECORD")),
		lockedColumn("lock_table", typeName, lockedText("`inventory`.`stock`")),
		lockedColumn("lock_index", typeVarchar, lockedText("PRIMARY")),
		lockedColumn("lock_space", typeUint.nullable(), func(*locked) value { return intValue(46) }),
		lockedColumn("lock_page", typeUint.nullable(), func(*locked) value { return intValue(912) }),
		lockedColumn("lock_rec", typeUint.nullable(), func(*locked) value { return intValue(118) }),
		lockedColumn("lock_data", typeVarchar, lockedText("4711, 3")),
	}
	dataLocks = []column{
		lockedColumn("ENGINE_LOCK_ID", typeName, func(k *locked) value { return textValue(lockID(k.t)) }),
		lockedColumn("ENGINE_TRANSACTION_ID", typeUbigint.nullable(), func(k *locked) value { return uintValue(k.t.trx()) }),
		lockedColumn("THREAD_ID", typeUbigint.nullable(), func(k *locked) value { return uintValue(k.t.perfThread()) }),
		lockedColumn("OBJECT_SCHEMA", typeVarchar, lockedText("inventory")),
		lockedColumn("OBJECT_NAME", typeVarchar, lockedText("stock")),
		lockedColumn("INDEX_NAME", typeVarchar, lockedText("PRIMARY")),
		lockedColumn("LOCK_TYPE", typeName, lockedText("RECORD")),
		lockedColumn("LOCK_MODE", typeName, lockedText("X,REC_NOT_GAP")),
		lockedColumn("LOCK_STATUS", typeName, func(k *locked) value {
			if k.waiting {
				return textValue("WAITING")
			}
			return textValue("GRANTED")
		}),
		lockedColumn("LOCK_DATA", typeVarchar, lockedText("4711, 3")),
	}
)

var inspectTables = []*table{
	{
		schema: "performance_schema", name: "threads", rows: threadRows,
		columns: []column{
			threadColumn("THREAD_ID", typeUbigint, func(t *thread) value { return uintValue(t.perfThread()) }),
			threadColumn("NAME", typeName, func(*thread) value { return textValue("thread/sql/one_connection") }),
			threadColumn("TYPE", typeName, func(*thread) value { return textValue("FOREGROUND") }),
			threadColumn("PROCESSLIST_ID", typeUbigint.nullable(), func(t *thread) value { return uintValue(t.id) }),
		},
	},
	{
		schema: "performance_schema", name: "session_connect_attrs", rows: attributeRows,
		columns: []column{
			attributeColumn("PROCESSLIST_ID", typeInt, func(a *attribute) value { return uintValue(a.t.id) }),
			attributeColumn("ATTR_NAME", typeName, func(a *attribute) value { return textValue(a.name) }),
			attributeColumn("ATTR_VALUE", typeLongNullable, func(a *attribute) value { return textValue(a.value) }),
			attributeColumn("ORDINAL_POSITION", typeInt.nullable(), func(a *attribute) value { return intValue(int64(a.place)) }),
		},
	},
	{
		schema: "performance_schema", name: "events_transactions_current",
		columns: []column{
			threadColumn("THREAD_ID", typeUbigint, func(t *thread) value { return uintValue(t.perfThread()) }),
			threadColumn("EVENT_ID", typeUbigint, func(t *thread) value { return intValue(t.trxEvent()) }),
			threadColumn("STATE", typeEnum.nullable(), func(*thread) value { return textValue("ACTIVE") }),
		},
		rows: openTransactions,
	},
	{
		schema: "performance_schema", name: "events_statements_history", rows: pastRows,
		columns: []column{
			pastColumn("THREAD_ID", typeUbigint, func(h *past) value { return uintValue(h.t.perfThread()) }),
			pastColumn("EVENT_ID", typeUbigint, func(h *past) value { return intValue(h.event) }),
			pastColumn("SQL_TEXT", typeLongText, func(h *past) value { return textValue(h.text) }),
			pastColumn("TIMER_WAIT", typeUbigint.nullable(), func(h *past) value { return perfTime(h.tmpl.took) }),
			pastColumn("ROWS_AFFECTED", typeUbigint, func(h *past) value { return intValue(h.tmpl.affected) }),
			pastColumn("ROWS_EXAMINED", typeUbigint, func(h *past) value { return intValue(h.tmpl.examined) }),
			pastColumn("MYSQL_ERRNO", typeInt.nullable(), func(*past) value { return intValue(0) }),
			pastColumn("NESTING_EVENT_ID", typeUbigint.nullable(), func(h *past) value {
				if h.inTrx {
					return intValue(h.t.trxEvent())
				}
				return null
			}),
			pastColumn("NESTING_EVENT_TYPE", typeEnum.nullable(), func(h *past) value {
				if h.inTrx {
					return textValue("TRANSACTION")
				}
				return null
			}),
		},
	},
	{
		schema: "performance_schema", name: "metadata_locks", rows: metadataRows,
		columns: []column{
			metadataColumn("OBJECT_TYPE", typeName, func(*metadata) value { return textValue("TABLE") }),
			metadataColumn("OBJECT_SCHEMA", typeVarchar, func(m *metadata) value { return textOrNull(m.t.schema) }),
			metadataColumn("OBJECT_NAME", typeVarchar, func(m *metadata) value { return textValue(m.name) }),
			metadataColumn("LOCK_TYPE", typeName, func(m *metadata) value { return textValue(m.mode) }),
			metadataColumn("LOCK_DURATION", typeName, func(*metadata) value { return textValue("TRANSACTION") }),
			metadataColumn("LOCK_STATUS", typeName, func(*metadata) value { return textValue("GRANTED") }),
			metadataColumn("OWNER_THREAD_ID", typeUbigint.nullable(), func(m *metadata) value { return uintValue(m.t.perfThread()) }),
		},
	},
	{schema: "information_schema", name: "INNODB_LOCKS", flavour: mariadb, columns: innodbLocks, rows: lockedRows},
	{schema: "performance_schema", name: "data_locks", flavour: pxc, columns: dataLocks, rows: lockedRows},
}
