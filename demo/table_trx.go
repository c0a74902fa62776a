package demo

import "time"

func trxColumn(name string, typ sqlType, get func(*thread) value) column {
	return threadColumn(name, typ, get)
}

func nothing(*thread) value { return null }

func number0(v int64) func(*thread) value { return func(*thread) value { return intValue(v) } }

// wait is a row of INNODB_LOCK_WAITS.
type wait struct{ waiter, holder *thread }

func waitColumn(name string, typ sqlType, get func(*wait) value) column {
	return column{name, typ, func(_ *session, of any) value { return get(of.(*wait)) }}
}

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
					return textValue(lockID(t))
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
		rows: func(s *session) []any {
			var out []any
			for _, t := range s.node.clients {
				if t.opened != noTransaction {
					out = append(out, t)
				}
			}
			return out
		},
	},
	{
		schema: "information_schema", name: "INNODB_LOCK_WAITS", flavour: mariadb,
		columns: []column{
			waitColumn("requesting_trx_id", typeUbigint, func(w *wait) value { return uintValue(w.waiter.trx()) }),
			waitColumn("requested_lock_id", typeName, func(w *wait) value { return textValue(lockID(w.waiter)) }),
			waitColumn("blocking_trx_id", typeUbigint, func(w *wait) value { return uintValue(w.holder.trx()) }),
			waitColumn("blocking_lock_id", typeName, func(w *wait) value { return textValue(lockID(w.holder)) }),
		},
		rows: func(s *session) []any {
			var out []any
			for _, t := range s.node.clients {
				if t.waitsForRow() && len(s.node.lockers) > 0 {
					out = append(out, &wait{t, s.node.lockers[0]})
				}
			}
			return out
		},
	},
}

// trx is the id of the thread's transaction.
func (t *thread) trx() uint64 { return 900_000_000 + t.id*7 }

func lockID(t *thread) string {
	return string(uintValue(t.trx()).append(nil, 0)) + ":46:912:118"
}

// at is a moment of the simulation by the server's clock.
func (t *thread) at(moment time.Duration) value { return timeValue(t.node.e.birth.Add(moment)) }
