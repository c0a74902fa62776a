package collector

import (
	"strings"

	"github.com/galeratop/galeratop/model"
)

// lockProbe lists row and table locks of InnoDB. MySQL 8 lists all that a thread
// holds; the older table only those that somebody waits for.
var lockProbe = &probe{
	name: "locks", grant: "PROCESS",
	about: func(i *model.Inspection) model.Num {
		if !i.Trx.Open || i.Trx.RowsLocked.Or(0) > tooManyLocks {
			return model.Num{}
		}
		return i.Trx.ID
	},
	forms: []Form{
		{Flavours: mysqlFamily, Since: 80000, PerfS: true, SQL: inspectedDataLocks, Columns: inspectedLockColumns},
		{Flavours: []model.Flavour{mariadbOnly}, SQL: inspectedInnodbLocks, Columns: inspectedLockColumns},
		{Flavours: mysqlFamily, SQL: inspectedInnodbLocks, Columns: inspectedLockColumns},
	},
	absent: "this server lists no row locks without performance_schema",
	part:   func(i *model.Inspection) *model.Part { return &i.Locks.Part },
	row: func(i *model.Inspection, r Row) {
		lock := model.InspectedLock{
			Object: unquoted(r.Text(1, 200)), Type: r.Text(3, 32), Mode: r.Text(4, 64), Data: r.Text(5, 200),
			Waiting: strings.EqualFold(r.raw(6), "WAITING") || i.Trx.Requested != "" && r.raw(0) == i.Trx.Requested,
		}
		if index := r.Text(2, 64); index != "" {
			lock.Object += " " + index
		}
		addLock(&i.Locks, &lock)
	},
}

var inspectedLockColumns = []string{"lock_id", "lock_table", "lock_index", "lock_type", "lock_mode", "lock_data", "lock_status"}

const (
	inspectedInnodbLocks = `SELECT lock_id, lock_table, lock_index, lock_type, lock_mode, lock_data, '' AS lock_status
 FROM information_schema.INNODB_LOCKS WHERE lock_trx_id = %d LIMIT 51`
	inspectedDataLocks = `SELECT ENGINE_LOCK_ID AS lock_id, CONCAT(OBJECT_SCHEMA, '.', OBJECT_NAME) AS lock_table,
 INDEX_NAME AS lock_index, LOCK_TYPE AS lock_type, LOCK_MODE AS lock_mode, LOCK_DATA AS lock_data,
 LOCK_STATUS AS lock_status FROM performance_schema.data_locks WHERE ENGINE_TRANSACTION_ID = %d LIMIT 51`
)

// contended is said of the older table.
const contended = "this server lists only locks that others wait for, or that this thread waits for; it may hold more"

// unquoted is a name as InnoDB writes it, `a`.`b`, as people do.
func unquoted(name string) string { return strings.ReplaceAll(name, "`", "") }

// metadataProbe lists metadata locks: MariaDB's plugin shows them without
// instruments, performance_schema only what its instrument saw being taken.
var metadataProbe = &probe{
	name: "metadata locks", grant: perfGrant,
	about:  ofThread,
	absent: "not visible: neither performance_schema nor the plugin metadata_lock_info is on",
	forms: []Form{{
		Flavours: []model.Flavour{mariadbOnly},
		SQL: `SELECT TABLE_SCHEMA, TABLE_NAME, LOCK_TYPE, LOCK_MODE, 'GRANTED' AS LOCK_STATUS
 FROM information_schema.METADATA_LOCK_INFO WHERE THREAD_ID = %d LIMIT 51`,
		Columns: inspectedMDLColumns,
	}},
	part: func(i *model.Inspection) *model.Part { return &i.Metadata.Part },
	row:  readMetadataLock,
}

// instrumentedMetadataProbe is asked where the plugin is absent.
var instrumentedMetadataProbe = &probe{
	name: "instrumented metadata locks", grant: perfGrant,
	about: func(i *model.Inspection) model.Num {
		if i.Metadata.Error == "" {
			return model.Num{} // the plugin has told
		}
		return i.InstrumentedAs
	},
	absent: metadataProbe.absent,
	forms: []Form{
		{Flavours: []model.Flavour{mariadbOnly}, Since: 100502, PerfS: true, SQL: inspectedMDL, Columns: inspectedMDLColumns},
		{Flavours: mysqlFamily, Since: 50700, PerfS: true, SQL: inspectedMDL, Columns: inspectedMDLColumns},
	},
	part: func(i *model.Inspection) *model.Part { return &i.Metadata.Part },
	row:  readMetadataLock,
}

var inspectedMDLColumns = []string{"TABLE_SCHEMA", "TABLE_NAME", "LOCK_TYPE", "LOCK_MODE", "LOCK_STATUS"}

const inspectedMDL = `SELECT OBJECT_SCHEMA AS TABLE_SCHEMA, OBJECT_NAME AS TABLE_NAME, OBJECT_TYPE AS LOCK_TYPE,
 LOCK_TYPE AS LOCK_MODE, LOCK_STATUS FROM performance_schema.metadata_locks WHERE OWNER_THREAD_ID = %d LIMIT 51`

func readMetadataLock(i *model.Inspection, r Row) {
	lock := model.InspectedLock{
		Object: r.Text(0, 64), Type: r.Text(2, 64), Mode: r.Text(3, 64), Waiting: strings.EqualFold(r.raw(4), "PENDING"),
	}
	if table := r.Text(1, 64); table != "" {
		lock.Object += "." + table
	}
	if lock.Object = lockedObject(lock.Type, lock.Object); lock.Object == "" {
		lock.Object = strings.ToLower(lock.Type)
	}
	addLock(&i.Metadata, &lock)
}

// addLock keeps a lock, up to the bound: what is waited for is kept in any case.
func addLock(to *model.InspectedLocks, lock *model.InspectedLock) {
	if len(to.Rows) >= inspectedLocks && !lock.Waiting {
		to.More = true
		return
	}
	to.Rows = append(to.Rows, *lock)
}
