package demo

import "time"

func trxColumn(name string, typ sqlType, get func(*thread) value) column {
	return threadColumn(name, typ, get)
}

func nothing(*thread) value { return null }

func number0(v int64) func(*thread) value { return func(*thread) value { return intValue(v) } }

var transactionTables = []*table{
	{
		schema: "information_schema", name: "INNODB_TRX",
		columns: []column{
			trxColumn("trx_id", typeUbigint, func(t *thread) value { return uintValue(t.trx()) }),
			trxColumn("trx_state", typeName, func(t *thread) value {
				if t.waitsForRow() {
					return textValue("LOCK WAIT")
				}
				return textValue("RUNNING")
			}),
			trxColumn("trx_started", typeDatetime, func(t *thread) value { return t.at(t.opened) }),
			trxColumn("trx_requested_lock_id", typeVarchar, func(t *thread) value {
				if t.waitsForRow() {
					return textOrNull(requested(&held{t: t}))
				}
				return null
			}),
			trxColumn("trx_wait_started", typeDatetime.nullable(), func(t *thread) value {
				if t.waitsForRow() {
					return t.at(t.since)
				}
				return null
			}),
			trxColumn("trx_weight", typeUbigint, func(t *thread) value { return intValue(t.modified + t.locked) }),
			trxColumn("trx_mysql_thread_id", typeUbigint, func(t *thread) value { return uintValue(t.id) }),
			trxColumn("trx_query", typeVarchar, func(t *thread) value { return textOrNull(t.text) }),
			trxColumn("trx_operation_state", typeVarchar, nothing),
			trxColumn("trx_tables_in_use", typeUbigint, number0(1)),
			trxColumn("trx_tables_locked", typeUbigint, number0(1)),
			trxColumn("trx_lock_structs", typeUbigint, func(t *thread) value { return intValue(t.locked/200 + 2) }),
			trxColumn("trx_lock_memory_bytes", typeUbigint, func(t *thread) value { return intValue(1128 + t.locked*8) }),
			trxColumn("trx_rows_locked", typeUbigint, func(t *thread) value { return intValue(t.locked) }),
			trxColumn("trx_rows_modified", typeUbigint, func(t *thread) value { return intValue(t.modified) }),
			trxColumn("trx_concurrency_tickets", typeUbigint, number0(0)),
			trxColumn("trx_isolation_level", typeEnum, func(*thread) value { return textValue("REPEATABLE READ") }),
			trxColumn("trx_unique_checks", typeInt, number0(1)),
			trxColumn("trx_foreign_key_checks", typeInt, number0(1)),
			trxColumn("trx_last_foreign_key_error", typeVarchar, nothing),
			trxColumn("trx_is_read_only", typeInt, number0(0)),
			trxColumn("trx_autocommit_non_locking", typeInt, number0(0)),
		},
		rows: openTransactions,
	},
	{
		schema: "information_schema", name: "INNODB_LOCK_WAITS", flavour: mariadb,
		columns: []column{
			lockColumn("requesting_trx_id", typeUbigint, func(l *held) value { return uintValue(l.t.trx()) }),
			lockColumn("requested_lock_id", typeName, func(l *held) value { return textValue(l.lockID()) }),
			lockColumn("blocking_trx_id", typeUbigint, func(l *held) value { return uintValue(l.holder.trx()) }),
			lockColumn("blocking_lock_id", typeName, func(l *held) value {
				return textValue((&held{t: l.holder, schema: l.schema, table: l.table}).lockID())
			}),
		},
		rows: heldRows(requests),
	},
}

// trx is the id of the thread's transaction.
func (t *thread) trx() uint64 { return 900_000_000 + t.id*7 }

// at is a moment of the simulation by the server's clock.
func (t *thread) at(moment time.Duration) value { return timeValue(t.node.e.birth.Add(moment)) }

// openTransactions are the clients that have one.
func openTransactions(s *session) []any {
	var out []any
	for _, t := range s.node.clients {
		if t.opened != noTransaction {
			out = append(out, t)
		}
	}
	return out
}
