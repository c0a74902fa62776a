package collector

import (
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

// shownVariables are the variables outside wsrep that are worth a look beside a
// node's state.
var shownVariables = []string{
	"auto_increment_increment", "auto_increment_offset", "binlog_format", "datadir", "default_storage_engine",
	"innodb_autoinc_lock_mode", "innodb_buffer_pool_size", "innodb_flush_log_at_trx_commit",
	"innodb_flush_neighbors", "innodb_io_capacity", "innodb_log_file_size", "log_bin", "log_error", "log_output",
	"log_slave_updates", "log_replica_updates", "max_connections", "pxc_maint_mode", "pxc_strict_mode",
	"read_only", "super_read_only", "server_id", "sql_mode", "sync_binlog", "version",
}

var variables = &Statement{
	Name: "variables", Subject: model.SubjectVariables,
	Forms: []Form{{
		SQL:     "SHOW GLOBAL VARIABLES WHERE Variable_name LIKE 'wsrep%' OR Variable_name IN " + in(shownVariables),
		Columns: []string{"Variable_name", "Value"},
	}},
	Start: func(s *model.Sample) { s.Slow.Variables = &model.Variables{Values: make(map[string]string, 80)} },
	Row: func(s *model.Sample, r Row) {
		s.Slow.Variables.Values[strings.ToLower(r.Text(0, 64))] = secretless(r.raw(0), r.Text(1, 8192))
	},
}

// secretless hides values that are credentials: wsrep_sst_auth is a user and a
// password in clear text on servers that still have it, report_password is shown
// to everybody. Switches and numbers about passwords are none.
func secretless(name, value string) string {
	name = strings.ToLower(name)
	secret := name == "wsrep_sst_auth" || strings.HasSuffix(name, "_password") && name != "disconnect_on_expired_password"
	if secret && value != "" {
		return "********"
	}
	return value
}

const membersSQL = "SELECT node_uuid, node_name, node_incoming_address FROM mysql.wsrep_cluster_members LIMIT 1000"

var memberColumns = []string{"node_uuid", "node_name", "node_incoming_address"}

// members reads the membership table. Outside of a Primary Component it has the
// members of the last one: those whose word is needed before another is made.
var members = &Statement{
	Name: "members", Subject: model.SubjectMembers,
	Grant: "SELECT ON mysql.wsrep_cluster_members", Dirty: true,
	Forms: []Form{
		{Flavours: []model.Flavour{model.FlavourMariaDB}, Since: 100400, SQL: membersSQL, Columns: memberColumns},
		{Flavours: []model.Flavour{model.FlavourPXC, model.FlavourMySQL}, Since: 80000, SQL: membersSQL, Columns: memberColumns},
	},
	Start: func(s *model.Sample) { s.Slow.Members = &model.Members{} },
	Row: func(s *model.Sample, r Row) {
		m := model.Member{UUID: r.Text(0, 64), Name: r.Text(1, 64), Address: r.Text(2, 256)}
		s.Slow.Members.Rows = append(s.Slow.Members.Rows, m)
	},
}

// transactions takes the age from the server's clock, which need not agree with
// this machine's.
var transactions = &Statement{
	Name: "transactions", Subject: model.SubjectTransactions, Grant: "PROCESS",
	Forms: []Form{{
		SQL: `SELECT trx_mysql_thread_id, trx_state, TIMESTAMPDIFF(SECOND, trx_started, NOW()) AS age,
 trx_rows_modified, trx_rows_locked FROM information_schema.INNODB_TRX
 WHERE trx_mysql_thread_id <> 0 ORDER BY trx_started LIMIT %d`,
		Columns: []string{"trx_mysql_thread_id", "trx_state", "age", "trx_rows_modified", "trx_rows_locked"},
	}},
	Start: func(s *model.Sample) { s.Slow.Transactions = &model.Transactions{} },
	Row: func(s *model.Sample, r Row) {
		t := model.Transaction{
			Thread: uint64(max(r.Num(0).V, 0)), State: r.Text(1, 32), Age: max(r.Duration(2, time.Second), 0),
			Modified: r.Num(3).V, Locked: r.Num(4).V,
		}
		s.Slow.Transactions.Rows = append(s.Slow.Transactions.Rows, t)
	},
}

// clock is each server's time, so that clocks that differ between nodes show.
var clock = &Statement{
	Name: "clock", Subject: model.SubjectClock,
	Forms: []Form{{SQL: "SELECT UNIX_TIMESTAMP(NOW(6)) AS CLOCK", Columns: []string{"CLOCK"}}},
	Start: func(s *model.Sample) { s.Slow.Clock = &model.Clock{} },
	Row: func(s *model.Sample, r Row) {
		s.Slow.Clock.Server = time.UnixMicro(int64(r.Real(0).V * 1e6))
	},
}
