package collector

import (
	"time"

	"github.com/galeratop/galeratop/model"
)

// Bounds on the rows of an inspection, besides those in the statements' text.
const (
	inspectedLocks = 50
	// tooManyLocks is from how many row locks on a server is not asked to list
	// them: it would build a row for each before it leaves out most.
	tooManyLocks = 100_000
	// perfText is how much of a statement of performance_schema is kept, in bytes.
	perfText = 4096
)

const (
	perfGrant   = "SELECT ON performance_schema.*"
	perfAbsent  = "performance_schema is off"
	mariadbOnly = model.FlavourMariaDB
)

func ofThread(i *model.Inspection) model.Num { return model.N(int64(min(i.Thread, 1<<62))) }

func ofInstrumented(i *model.Inspection) model.Num { return i.InstrumentedAs }

// inspectProbes are asked in this order: later ones ask about numbers that
// earlier ones found.
var inspectProbes = []*probe{
	transactionProbe, instrumentedProbe, attributeProbe, currentTrxProbe, historyProbe, lockProbe, metadataProbe,
	instrumentedMetadataProbe,
}

var transactionProbe = &probe{
	name: "transaction", grant: "PROCESS", about: ofThread,
	forms: []Form{{
		SQL: `SELECT trx_id, trx_state, TIMESTAMPDIFF(SECOND, trx_started, NOW()) AS age,
 TIMESTAMPDIFF(SECOND, trx_wait_started, NOW()) AS waiting, trx_requested_lock_id, trx_operation_state,
 trx_tables_in_use, trx_tables_locked, trx_rows_locked, trx_rows_modified, trx_isolation_level, trx_is_read_only
 FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id = %d LIMIT 1`,
		Columns: []string{
			"trx_id", "trx_state", "age", "waiting", "trx_requested_lock_id", "trx_operation_state", "trx_tables_in_use",
			"trx_tables_locked", "trx_rows_locked", "trx_rows_modified", "trx_isolation_level", "trx_is_read_only",
		},
	}},
	part: func(i *model.Inspection) *model.Part { return &i.Trx.Part },
	row: func(i *model.Inspection, r Row) {
		t := &i.Trx
		t.Open, t.ID, t.State, t.Age = true, r.Num(0), r.Text(1, 32), max(r.Duration(2, time.Second), 0)
		t.Waiting, t.Requested, t.Operation = r.Num(3), r.Text(4, 128), r.Text(5, 128)
		t.TablesInUse, t.TablesLocked, t.RowsLocked, t.RowsModified = r.Num(6), r.Num(7), r.Num(8), r.Num(9)
		t.Isolation, t.ReadOnly = r.Text(10, 32), model.ParseFlag(r.raw(11))
	},
}

// instrumentedProbe finds the thread's number in performance_schema.
var instrumentedProbe = &probe{
	name: "thread", grant: perfGrant, about: ofThread, absent: perfAbsent,
	forms: []Form{{
		PerfS:   true,
		SQL:     "SELECT THREAD_ID FROM performance_schema.threads WHERE PROCESSLIST_ID = %d LIMIT 1",
		Columns: []string{"THREAD_ID"},
	}},
	part: func(i *model.Inspection) *model.Part { return &i.History.Part },
	row:  func(i *model.Inspection, r Row) { i.InstrumentedAs = r.Num(0) },
}

var attributeProbe = &probe{
	name: "attributes", grant: perfGrant, about: ofThread, absent: perfAbsent,
	forms: []Form{{
		PerfS: true,
		SQL: `SELECT ATTR_NAME, ATTR_VALUE FROM performance_schema.session_connect_attrs
 WHERE PROCESSLIST_ID = %d ORDER BY ORDINAL_POSITION LIMIT 20`,
		Columns: []string{"ATTR_NAME", "ATTR_VALUE"},
	}},
	part: func(i *model.Inspection) *model.Part { return &i.Attributes.Part },
	row: func(i *model.Inspection, r Row) {
		i.Attributes.Rows = append(i.Attributes.Rows, model.Attribute{Name: r.Text(0, 64), Value: r.Text(1, 256)})
	},
}

// currentTrxProbe tells which of the kept statements belong to the transaction
// that is open. MariaDB has the table since 10.5.2, MySQL since 5.7.
var currentTrxProbe = &probe{
	name: "current transaction", grant: perfGrant, about: ofInstrumented,
	forms: []Form{
		{Flavours: []model.Flavour{mariadbOnly}, Since: 100502, PerfS: true, SQL: currentTrxSQL, Columns: []string{"EVENT_ID"}},
		{Flavours: mysqlFamily, Since: 50700, PerfS: true, SQL: currentTrxSQL, Columns: []string{"EVENT_ID"}},
	},
	part: func(*model.Inspection) *model.Part { return &model.Part{} },
	row:  func(i *model.Inspection, r Row) { i.Trx.Instrumented = r.Num(0) },
}

const currentTrxSQL = `SELECT EVENT_ID FROM performance_schema.events_transactions_current
 WHERE THREAD_ID = %d AND STATE = 'ACTIVE' LIMIT 1`

var historyProbe = &probe{
	name: "history", grant: perfGrant, about: ofInstrumented, absent: perfAbsent,
	forms: []Form{{
		PerfS: true,
		SQL: `SELECT EVENT_ID, LEFT(SQL_TEXT, 4096) AS SQL_TEXT, TIMER_WAIT, ROWS_AFFECTED, ROWS_EXAMINED, MYSQL_ERRNO,
 NESTING_EVENT_ID, NESTING_EVENT_TYPE FROM performance_schema.events_statements_history
 WHERE THREAD_ID = %d ORDER BY EVENT_ID DESC LIMIT 20`,
		Columns: []string{
			"EVENT_ID", "SQL_TEXT", "TIMER_WAIT", "ROWS_AFFECTED", "ROWS_EXAMINED", "MYSQL_ERRNO",
			"NESTING_EVENT_ID", "NESTING_EVENT_TYPE",
		},
	}},
	part: func(i *model.Inspection) *model.Part { return &i.History.Part },
	row: func(i *model.Inspection, r Row) {
		st := model.InspectedStatement{
			Event: r.Num(0), Text: model.HideSecrets(r.Text(1, perfText)), Took: timer(r.Real(2)), Affected: r.Num(3), Examined: r.Num(4),
			Errno: r.Num(5),
		}
		if r.raw(7) == "TRANSACTION" {
			st.Within(r.Num(6))
		}
		i.History.Rows = append(i.History.Rows, st)
	},
}
