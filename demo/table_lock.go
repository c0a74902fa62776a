package demo

import (
	"strings"
	"time"
)

// held is a lock that a thread has or asks for, as the tables of locks list it.
type held struct {
	t             *thread
	on            string // Table, Backup or Global, as METADATA_LOCK_INFO begins its LOCK_TYPE; Row
	schema, table string
	mode          string
	since         time.Duration // negative: not known
	asks          bool
	holder        *thread // of a row that is asked for
}

func lockColumn(name string, typ sqlType, get func(*held) value) column {
	return column{name, typ, func(_ *session, of any) value { return get(of.(*held)) }}
}

func heldRows(list func(*node) []held) func(*session) []any {
	return func(s *session) []any {
		locks := list(s.node)
		out := make([]any, len(locks))
		for i := range locks {
			out[i] = &locks[i]
		}
		return out
	}
}

// requests are the row locks that are asked for.
func requests(n *node) []held {
	var out []held
	for _, l := range n.rowLocks() {
		if l.asks {
			out = append(out, l)
		}
	}
	return out
}

// lockID is the InnoDB id of a lock: its transaction and the record.
func (l *held) lockID() string {
	page := "912"
	if l.table == "orders" {
		page = "77"
	}
	return string(uintValue(l.t.trx()).append(nil, 0)) + ":46:" + page + ":118"
}

// lockID is the id of the lock on stock that a thread has or asks for.
func lockID(t *thread) string { return (&held{t: t, table: "stock"}).lockID() }

var (
	lockTrxColumns = []column{
		lockColumn("lock_id", typeName, func(l *held) value { return textValue(l.lockID()) }),
		lockColumn("lock_trx_id", typeUbigint, func(l *held) value { return uintValue(l.t.trx()) }),
		lockColumn("lock_mode", typeEnum, func(*held) value { return textValue("X") }),
		lockColumn("lock_type", typeEnum, func(*held) value { return textValue("RECORD") }),
		lockColumn("lock_table", typeName, func(l *held) value { return textValue("`" + l.schema + "`.`" + l.table + "`") }),
		lockColumn("lock_index", typeVarchar, func(*held) value { return textValue("PRIMARY") }),
		lockColumn("lock_space", typeUint.nullable(), func(*held) value { return intValue(46) }),
		lockColumn("lock_page", typeUint.nullable(), func(*held) value { return intValue(912) }),
		lockColumn("lock_rec", typeUint.nullable(), func(*held) value { return intValue(118) }),
		lockColumn("lock_data", typeVarchar, func(*held) value { return textValue("4711") }),
	}
	ownerColumns = []column{
		lockColumn("trx_mysql_thread_id", typeUbigint, func(l *held) value { return uintValue(l.t.id) }),
		lockColumn("trx_state", typeName, func(l *held) value {
			if requested(l) != "" {
				return textValue("LOCK WAIT")
			}
			return textValue("RUNNING")
		}),
		lockColumn("trx_requested_lock_id", typeVarchar, func(l *held) value { return textOrNull(requested(l)) }),
		lockColumn("trx_wait_started", typeDatetime.nullable(), func(l *held) value {
			if requested(l) == "" {
				return null
			}
			return l.t.at(l.t.since)
		}),
	}
)

// requested is the id of the lock that the thread of a lock waits for.
func requested(l *held) string {
	if l.asks {
		return l.lockID()
	}
	if holder, schema, table := l.t.node.rowHolder(l.t); holder != nil {
		return (&held{t: l.t, schema: schema, table: table}).lockID()
	}
	return ""
}

// lockTables are the lists of locks, and the joins of them that are asked for.
var lockTables = []*table{
	{schema: "information_schema", name: "INNODB_LOCKS", flavour: mariadb, columns: lockTrxColumns, rows: heldRows((*node).rowLocks)},
	{
		schema: "information_schema", name: "INNODB_LOCKS+INNODB_TRX", flavour: mariadb,
		columns: append(append([]column(nil), lockTrxColumns...), ownerColumns...), rows: heldRows((*node).rowLocks),
	},
	{
		schema: "information_schema", name: "METADATA_LOCK_INFO", flavour: mariadb, rows: heldRows(func(n *node) []held { return n.metadataLocks(false) }),
		columns: []column{
			lockColumn("THREAD_ID", typeUbigint, func(l *held) value { return uintValue(l.t.id) }),
			lockColumn("LOCK_MODE", typeName, func(l *held) value { return textValue("MDL_" + l.mode) }),
			lockColumn("LOCK_DURATION", typeVarchar, func(*held) value { return null }),
			lockColumn("LOCK_TIME_MS", typeUbigint.nullable(), func(l *held) value {
				return intValue(max(0, (l.t.node.e.now - l.since).Milliseconds()))
			}),
			lockColumn("LOCK_TYPE", typeName, func(l *held) value {
				if l.on == lockOnBackup {
					return textValue("Backup lock")
				}
				return textValue("Table metadata lock")
			}),
			lockColumn("TABLE_CATALOG", typeVarchar, func(*held) value { return textValue("def") }),
			lockColumn("TABLE_SCHEMA", typeVarchar, func(l *held) value { return textValue(l.schema) }),
			lockColumn("TABLE_NAME", typeVarchar, func(l *held) value { return textValue(l.table) }),
		},
	},
	{
		schema: "performance_schema", name: "metadata_locks+threads", rows: heldRows(func(n *node) []held { return n.metadataLocks(true) }),
		columns: []column{
			lockColumn("PROCESSLIST_ID", typeUbigint.nullable(), func(l *held) value { return uintValue(l.t.id) }),
			lockColumn("OBJECT_TYPE", typeName, func(l *held) value { return textValue(strings.ToUpper(l.on)) }),
			lockColumn("OBJECT_SCHEMA", typeVarchar, func(l *held) value { return textOrNull(l.schema) }),
			lockColumn("OBJECT_NAME", typeVarchar, func(l *held) value { return textOrNull(l.table) }),
			lockColumn("LOCK_TYPE", typeName, func(l *held) value { return textValue(l.mode) }),
			lockColumn("LOCK_STATUS", typeName, func(l *held) value {
				if l.asks {
					return textValue("PENDING")
				}
				return textValue("GRANTED")
			}),
		},
	},
	{
		schema: "performance_schema", name: "data_lock_waits+data_locks+threads+threads", flavour: pxc, rows: heldRows(requests),
		columns: []column{
			lockColumn("w.PROCESSLIST_ID", typeUbigint.nullable(), func(l *held) value { return uintValue(l.t.id) }),
			lockColumn("b.PROCESSLIST_ID", typeUbigint.nullable(), func(l *held) value { return uintValue(l.holder.id) }),
			lockColumn("OBJECT_SCHEMA", typeVarchar, func(l *held) value { return textValue(l.schema) }),
			lockColumn("OBJECT_NAME", typeVarchar, func(l *held) value { return textValue(l.table) }),
			lockColumn("INDEX_NAME", typeVarchar, func(*held) value { return textValue("PRIMARY") }),
			lockColumn("LOCK_MODE", typeName, func(*held) value { return textValue("X,REC_NOT_GAP") }),
		},
	},
	{
		schema: "performance_schema", name: "setup_instruments", rows: func(*session) []any { return []any{metadataInstrument} },
		columns: []column{
			{"NAME", typeName, func(_ *session, of any) value { return textValue(of.(string)) }},
			{"ENABLED", typeEnum, func(s *session, _ any) value {
				if s.node.e.face.flavour == mariadb {
					return textValue("NO")
				}
				return textValue("YES")
			}},
			{"TIMED", typeEnum, func(*session, any) value { return textValue("YES") }},
		},
	},
}

const metadataInstrument = "wait/lock/metadata/sql/mdl"
