package collector

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

// lockRows bounds each list of locks.
const lockRows = 1000

// locks is who has and who asks for which locks. No single statement says so:
// its parts do together.
var locks = &Statement{
	Name: "locks", Subject: model.SubjectLocks, Grant: "PROCESS",
	Start: func(s *model.Sample) { s.Slow.Locks = &model.Locks{} },
	Parts: []*Statement{rowLocks, rowWaits, metadataInfo, metadataInstrument, metadataLocks},
	Done:  settleLocks,
}

var rowLockColumns = []string{
	"trx_mysql_thread_id", "lock_id", "trx_requested_lock_id", "lock_mode", "lock_table", "lock_index", "waited",
}

// rowLocks lists the row locks that somebody waits for, and the requests.
// INNODB_LOCK_WAITS is left alone: its pairs are the square of a queue's length.
// Transactions that run come first, so that the bound cuts waiters rather than
// the one that they wait for.
var rowLocks = &Statement{
	Name: "row locks", Grant: "PROCESS",
	Forms: []Form{
		{Flavours: []model.Flavour{model.FlavourMariaDB}, SQL: rowLockSQL, Columns: rowLockColumns},
		{Flavours: mysqlFamily, Until: 80000, SQL: rowLockSQL, Columns: rowLockColumns},
	},
	Start: func(*model.Sample) {},
	Row: func(s *model.Sample, r Row) {
		object := strings.ReplaceAll(r.Text(4, 256), "`", "")
		if index := r.Text(5, 128); index != "" {
			object += " (" + index + ")"
		}
		_, record, _ := strings.Cut(r.raw(1), ":")
		keep(s, model.Lock{
			Thread: thread(r, 0), Kind: model.LockRow, Object: object, Mode: r.Text(3, 16), Record: strings.Clone(record),
			Pending: r.raw(1) == r.raw(2), Age: max(r.Duration(6, time.Second), 0),
		})
	},
}

const rowLockSQL = `SELECT t.trx_mysql_thread_id, l.lock_id, t.trx_requested_lock_id, l.lock_mode, l.lock_table, l.lock_index,
 TIMESTAMPDIFF(SECOND, t.trx_wait_started, NOW()) AS waited
 FROM information_schema.INNODB_LOCKS l JOIN information_schema.INNODB_TRX t ON t.trx_id = l.lock_trx_id
 WHERE t.trx_mysql_thread_id <> 0 ORDER BY t.trx_state DESC, t.trx_wait_started LIMIT %d`

// rowWaits are the pairs that MySQL 8 names.
var rowWaits = &Statement{
	Name: "row waits", Grant: "SELECT ON performance_schema.*",
	Forms: []Form{{
		Flavours: mysqlFamily, Since: 80000, PerfS: true,
		SQL: `SELECT w.PROCESSLIST_ID AS WAITER, b.PROCESSLIST_ID AS BLOCKER, l.OBJECT_SCHEMA, l.OBJECT_NAME, l.INDEX_NAME, l.LOCK_MODE
 FROM performance_schema.data_lock_waits d JOIN performance_schema.data_locks l ON l.ENGINE_LOCK_ID = d.REQUESTING_ENGINE_LOCK_ID
 JOIN performance_schema.threads w ON w.THREAD_ID = d.REQUESTING_THREAD_ID
 JOIN performance_schema.threads b ON b.THREAD_ID = d.BLOCKING_THREAD_ID LIMIT %d`,
		Columns: []string{"WAITER", "BLOCKER", "OBJECT_SCHEMA", "OBJECT_NAME", "INDEX_NAME", "LOCK_MODE"},
	}},
	Start: func(*model.Sample) {},
	Row: func(s *model.Sample, r Row) {
		object := tableName(r, 2)
		if index := r.Text(4, 128); index != "" {
			object += " (" + index + ")"
		}
		s.Slow.Locks.Waits = append(s.Slow.Locks.Waits, model.LockWait{
			Waiter: thread(r, 0), Blocker: thread(r, 1), Kind: model.LockRow, Object: object, Mode: r.Text(5, 64),
		})
	},
	Refused: func(s *model.Sample, err error) {
		if errors.Is(err, errNoForm) && s.Server.Flavour != model.FlavourMariaDB && s.Server.Release >= 80000 {
			s.Slow.Locks.Blind = "row locks not visible: performance_schema is off"
		}
	},
}

// metadataInfo are the metadata locks that threads have, where MariaDB's plugin
// is installed. It does not list requests.
var metadataInfo = &Statement{
	Name: "metadata lock info", Grant: "PROCESS",
	Forms: []Form{{
		Flavours: []model.Flavour{model.FlavourMariaDB},
		SQL: `SELECT THREAD_ID, LOCK_MODE, LOCK_TIME_MS, LOCK_TYPE, TABLE_SCHEMA, TABLE_NAME
 FROM information_schema.METADATA_LOCK_INFO WHERE THREAD_ID <> CONNECTION_ID() ORDER BY LOCK_TIME_MS DESC LIMIT %d`,
		Columns: []string{"THREAD_ID", "LOCK_MODE", "LOCK_TIME_MS", "LOCK_TYPE", "TABLE_SCHEMA", "TABLE_NAME"},
	}},
	Start: func(s *model.Sample) { s.Slow.Locks.Metadata = true },
	Row: func(s *model.Sample, r Row) {
		keep(s, model.Lock{
			Thread: thread(r, 0), Kind: metadataKind(r.raw(3)), Object: lockedObject(r.raw(3), tableName(r, 4)),
			Mode: strings.TrimPrefix(r.Text(1, 32), "MDL_"), Age: max(r.Duration(2, time.Millisecond), 0),
		})
	},
	Refused: func(s *model.Sample, err error) {
		switch {
		case serverError(err, errUnknownTable):
			s.Slow.Locks.Blind = "metadata locks not visible: INSTALL SONAME 'metadata_lock_info'"
		case serverError(err, denied...):
			s.Slow.Locks.Blind = "metadata locks not visible: the account lacks PROCESS"
		}
	},
}

// errUnknownTable is ER_UNKNOWN_TABLE, for tables of information_schema.
const errUnknownTable = 1109

// metadataInstrument says whether performance_schema watches metadata locks.
var metadataInstrument = &Statement{
	Name: "metadata lock instrument", Grant: "SELECT ON performance_schema.*",
	Unless: func(s *model.Sample) bool { return s.Slow.Locks.Metadata },
	Forms: []Form{
		{Flavours: []model.Flavour{model.FlavourMariaDB}, Since: 100502, PerfS: true, SQL: instrumentSQL, Columns: []string{"ENABLED"}},
		{Flavours: mysqlFamily, Since: 50700, PerfS: true, SQL: instrumentSQL, Columns: []string{"ENABLED"}},
	},
	Start: func(*model.Sample) {},
	Row: func(s *model.Sample, r Row) {
		l := s.Slow.Locks
		if l.Metadata = strings.EqualFold(r.raw(0), "YES"); l.Metadata {
			l.Blind = ""
		} else if l.Blind == "" {
			l.Blind = "metadata locks not visible: performance_schema's instrument wait/lock/metadata/sql/mdl is off"
		}
	},
	Refused: func(s *model.Sample, err error) {
		l := s.Slow.Locks
		switch {
		case l.Blind != "":
		case serverError(err, denied...):
			l.Blind = "metadata locks not visible: the account lacks SELECT ON performance_schema.*"
		case errors.Is(err, errNoForm):
			l.Blind = "metadata locks not visible: performance_schema is off"
		}
	},
}

const instrumentSQL = `SELECT ENABLED FROM performance_schema.setup_instruments WHERE NAME = 'wait/lock/metadata/sql/mdl'`

// metadataLocks are the metadata locks that performance_schema knows, requests
// included. Locks that threads have come first.
var metadataLocks = &Statement{
	Name: "metadata locks", Grant: "SELECT ON performance_schema.*",
	Unless: func(s *model.Sample) bool {
		return !s.Slow.Locks.Metadata ||
			slices.ContainsFunc(s.Slow.Locks.Known, func(l model.Lock) bool { return l.Kind != model.LockRow })
	},
	Forms: []Form{
		{Flavours: []model.Flavour{model.FlavourMariaDB}, Since: 100502, PerfS: true, SQL: metadataSQL, Columns: metadataColumns},
		{Flavours: mysqlFamily, Since: 50700, PerfS: true, SQL: metadataSQL, Columns: metadataColumns},
	},
	Start: func(*model.Sample) {},
	Row: func(s *model.Sample, r Row) {
		keep(s, model.Lock{
			Thread: thread(r, 0), Kind: metadataKind(r.raw(1)), Object: lockedObject(r.raw(1), tableName(r, 2)),
			Mode: strings.TrimPrefix(r.Text(4, 32), "MDL_"), Pending: strings.EqualFold(r.raw(5), "PENDING"),
		})
	},
	Refused: func(*model.Sample, error) {},
}

var metadataColumns = []string{"PROCESSLIST_ID", "OBJECT_TYPE", "OBJECT_SCHEMA", "OBJECT_NAME", "LOCK_TYPE", "LOCK_STATUS"}

const metadataSQL = `SELECT t.PROCESSLIST_ID, m.OBJECT_TYPE, m.OBJECT_SCHEMA, m.OBJECT_NAME, m.LOCK_TYPE, m.LOCK_STATUS
 FROM performance_schema.metadata_locks m JOIN performance_schema.threads t ON t.THREAD_ID = m.OWNER_THREAD_ID
 WHERE t.PROCESSLIST_ID <> CONNECTION_ID() ORDER BY m.LOCK_STATUS LIMIT %d`

func keep(s *model.Sample, l model.Lock) {
	if l.Thread != 0 {
		s.Slow.Locks.Known = append(s.Slow.Locks.Known, l)
	}
}

func thread(r Row, i int) uint64 { return uint64(max(r.Num(i).V, 0)) }

// tableName is schema.table of two columns, or the schema alone.
func tableName(r Row, i int) string {
	schema, table := r.Text(i, 64), r.Text(i+1, 64)
	if table == "" {
		return schema
	}
	return schema + "." + table
}

// lockedObject tells the locks that clients name themselves (GET_LOCK) from those
// on schemas and tables: their names are literals, which privacy hides.
func lockedObject(on, name string) string {
	if !strings.HasPrefix(strings.ToLower(on), "user") {
		return name
	}
	return "GET_LOCK('" + strings.ReplaceAll(strings.TrimPrefix(name, "."), "'", "''") + "')"
}

// metadataKind reads what a metadata lock is on, as the plugin or as
// performance_schema calls it.
func metadataKind(on string) model.LockKind {
	switch on = strings.ToLower(on); {
	case strings.HasPrefix(on, "backup"):
		return model.LockBackup
	case strings.HasPrefix(on, "global"), strings.HasPrefix(on, "commit"):
		return model.LockGlobal
	}
	return model.LockMetadata
}

// settleLocks notes that a bound was reached: at least one row was left out.
func settleLocks(s *model.Sample) {
	l := s.Slow.Locks
	rows, metadata := len(l.Waits), 0
	for i := range l.Known {
		if l.Known[i].Kind == model.LockRow {
			rows++
		} else {
			metadata++
		}
	}
	if rows >= lockRows || metadata >= lockRows {
		l.Left = 1
	}
}
