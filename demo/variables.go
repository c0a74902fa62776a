package demo

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/galeratop/galeratop/model"
)

type variableKind uint8

const (
	kindName variableKind = iota
	kindSwitch
	kindCount
	kindSeconds
)

type access uint8

const (
	readOnly   access = iota
	globalOnly        // SET GLOBAL only
	both              // SET GLOBAL and SET SESSION
)

// variable is one system variable.
type variable struct {
	name    string
	flavour model.Flavour
	kind    variableKind
	access  access
	initial func(*node) string
	// check refuses a value or puts it into the server's form; nil takes any
	// that the kind allows.
	check func(string) (string, bool)
	// set is what SET GLOBAL does besides remembering the value.
	set func(*node, *session, string) error
}

func fixedText(s string) func(*node) string { return func(*node) string { return s } }

// value is what the variable is on a node now, for a session or (nil) globally.
func (v *variable) value(n *node, s *session) string {
	if s != nil {
		if own, ok := s.vars[v.name]; ok {
			return own
		}
	}
	if set, ok := n.variables[v.name]; ok {
		return set
	}
	return v.initial(n)
}

var variableByName = func() map[string][]*variable {
	m := make(map[string][]*variable, len(variables))
	for i := range variables {
		m[variables[i].name] = append(m[variables[i].name], &variables[i])
	}
	return m
}()

// variable finds one by its name in lower case; nil when the face has none.
func (f *face) variable(name string) *variable {
	for _, v := range variableByName[name] {
		if f.is(v.flavour) {
			return v
		}
	}
	return nil
}

var switchWords = map[string]string{"on": "ON", "1": "ON", "true": "ON", "off": "OFF", "0": "OFF", "false": "OFF"}

// accepts puts a value into the server's form.
func (v *variable) accepts(text string) (string, bool) {
	if v.check != nil {
		return v.check(text)
	}
	switch v.kind {
	case kindSwitch:
		word, ok := switchWords[strings.ToLower(text)]
		return word, ok
	case kindCount:
		return strconv.FormatInt(int64(leadingNumber(text)), 10), text != "" && text[0] >= '0' && text[0] <= '9'
	case kindSeconds:
		return fmt.Sprintf("%f", leadingNumber(text)), text != ""
	case kindName:
	}
	return text, true
}

func oneOf(words ...string) func(string) (string, bool) {
	return func(text string) (string, bool) {
		for _, w := range words {
			if strings.EqualFold(w, text) {
				return w, true
			}
		}
		return "", false
	}
}

// atLeastOne raises 0 to 1 and cuts to 512, as wsrep_slave_threads does with a
// warning.
func atLeastOne(text string) (string, bool) {
	if n := leadingNumber(text); n >= 1 {
		return strconv.FormatInt(int64(min(n, 512)), 10), true
	}
	return "1", text == "0"
}

// appliers is the number of applier threads.
func (n *node) appliers() int {
	for _, name := range []string{"wsrep_slave_threads", "wsrep_applier_threads"} {
		if set, ok := n.variables[name]; ok {
			return int(leadingNumber(set))
		}
	}
	return n.e.face.appliers
}

func setDesync(n *node, _ *session, value string) error {
	on := value == "ON"
	switch {
	case !n.ready() && n.e.face.flavour == mariadb:
		return sqlError(errFailed, "Operation 'desync' failed for set global wsrep_desync=%s", value)
	case !n.ready():
		return sqlError(errWrongValue, "Variable 'wsrep_desync' can't be set to the value of '%s'", value)
	case on == n.desynced && n.e.face.flavour == pxc:
		return sqlError(errWrongValue, "Variable 'wsrep_desync' can't be set to the value of '%s'", value)
	}
	n.setDesync(on)
	return nil
}

func setReject(n *node, s *session, value string) error {
	if value != "ALL_KILL" {
		return nil
	}
	for len(n.clients) > 0 {
		n.drop(n.clients[len(n.clients)-1])
	}
	for _, t := range n.reals {
		if t.real != s || n.e.face.flavour == pxc {
			t.real.end()
		}
	}
	return nil
}

func setAppliers(n *node, _ *session, _ string) error {
	n.system = nil
	n.startSystem()
	return nil
}

func setAddress(n *node, _ *session, value string) error {
	n.variables["wsrep_cluster_address"] = value
	n.founding = value == emptyAddress || n.founding && n.e.face.flavour == mariadb
	n.reconnect()
	return nil
}

func clusterAddress(n *node) string {
	var hosts []string
	for _, m := range n.e.nodes {
		if !m.arbitrator {
			hosts = append(hosts, m.address)
		}
	}
	return "gcomm://" + strings.Join(hosts, ",")
}

func text(name string, flavour model.Flavour, value string) variable {
	return variable{name: name, flavour: flavour, initial: fixedText(value)}
}

func number(name string, flavour model.Flavour, value string) variable {
	return variable{name: name, flavour: flavour, kind: kindCount, initial: fixedText(value)}
}

func toggle(name string, flavour model.Flavour, value string) variable {
	return variable{name: name, flavour: flavour, kind: kindSwitch, initial: fixedText(value)}
}

func (v variable) as(a access) variable { v.access = a; return v }

func (v variable) does(check func(string) (string, bool), set func(*node, *session, string) error) variable {
	v.access, v.check, v.set = globalOnly, check, set
	return v
}

func (v variable) from(f func(*node) string) variable { v.initial = f; return v }

func port(n *node) string {
	if i := strings.LastIndexByte(n.address, ':'); i >= 0 {
		return n.address[i+1:]
	}
	return "3306"
}

func hostOf(n *node) string {
	if i := strings.LastIndexByte(n.address, ':'); i >= 0 {
		return n.address[:i]
	}
	return n.address
}

var variables = []variable{
	number("auto_increment_increment", "", "").as(both).from(func(n *node) string {
		if n.view == nil {
			return "1"
		}
		return strconv.Itoa(len(n.view.members))
	}),
	number("auto_increment_offset", "", "").as(both).from(func(n *node) string { return strconv.Itoa(max(n.index1, 0) + 1) }),
	toggle("autocommit", "", "ON").as(both),
	text("binlog_format", "", "ROW").as(both),
	text("character_set_server", "", "utf8mb4").as(both),
	text("collation_server", mariadb, "utf8mb4_general_ci").as(both),
	text("collation_server", pxc, "utf8mb4_0900_ai_ci").as(both),
	text("datadir", "", "").from(func(n *node) string { return "/var/lib/mysql-" + n.name + "/" }),
	text("default_storage_engine", "", "InnoDB").as(both),
	text("hostname", "", "").from(func(n *node) string { return n.name + ".shop.example" }),
	number("innodb_autoinc_lock_mode", "", "2"),
	number("innodb_buffer_pool_size", "", "17179869184").as(globalOnly),
	number("innodb_flush_log_at_trx_commit", "", "2").as(globalOnly),
	number("innodb_flush_neighbors", "", "0").as(globalOnly),
	number("innodb_io_capacity", "", "2000").as(globalOnly),
	number("innodb_lock_wait_timeout", "", "50").as(both),
	number("innodb_log_file_size", "", "2147483648"),
	number("interactive_timeout", "", "28800").as(both),
	toggle("log_bin", mariadb, "OFF"),
	toggle("log_bin", pxc, "ON"),
	text("log_error", "", "").from((*node).errorLog),
	text("log_output", "", "FILE").as(globalOnly),
	toggle("log_replica_updates", pxc, "ON"),
	toggle("log_slave_updates", "", "ON"),
	number("lock_wait_timeout", "", "86400").as(both),
	number("lower_case_table_names", "", "0"),
	number("max_allowed_packet", "", "67108864").as(both),
	number("max_connections", "", "2000").as(globalOnly),
	number("max_execution_time", pxc, "0").as(both),
	{name: "max_statement_time", flavour: mariadb, kind: kindSeconds, access: both, initial: fixedText("0.000000")},
	toggle("performance_schema", "", "ON"),
	text("pid_file", "", "").from(func(n *node) string { return "/run/mysqld/" + n.name + ".pid" }),
	number("port", "", "").from(port),
	text("pxc_encrypt_cluster_traffic", pxc, "ON"),
	text("pxc_maint_mode", pxc, "DISABLED").does(oneOf("DISABLED", "MAINTENANCE"), nil),
	text("pxc_strict_mode", pxc, "ENFORCING").does(oneOf("DISABLED", "PERMISSIVE", "ENFORCING", "MASTER"), nil),
	toggle("read_only", "", "OFF").as(globalOnly),
	number("server_id", "", "").as(both).from(func(n *node) string { return strconv.Itoa(n.index + 1) }),
	text("server_uid", mariadb, "").from(func(n *node) string { return "demo" + n.name + "9po8I0fmksOgqQ5Q=" }),
	text("server_uuid", pxc, "").from(func(n *node) string { return fmt.Sprintf("5e3c1d7a-0000-11f0-9d52-%012x", n.index+1) }),
	text("sql_mode", mariadb, "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION").as(both),
	text("sql_mode", pxc, "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION").as(both),
	toggle("super_read_only", pxc, "OFF").as(globalOnly),
	number("sync_binlog", mariadb, "0").as(globalOnly),
	number("sync_binlog", pxc, "1").as(globalOnly),
	text("system_time_zone", "", "UTC"),
	text("time_zone", "", "SYSTEM").as(both),
	text("transaction_isolation", pxc, "REPEATABLE-READ").as(both),
	text("tx_isolation", mariadb, "REPEATABLE-READ").as(both),
	text("version", "", "").from(func(n *node) string { return n.e.face.version }),
	text("version_comment", "", "").from(func(n *node) string { return n.e.face.comment }),
	number("wait_timeout", "", "28800").as(both),

	text("wsrep_osu_method", mariadb, "TOI").as(both),
	text("wsrep_osu_method", pxc, "TOI").as(both),
	text("wsrep_sr_store", mariadb, "table"),
	text("wsrep_allowlist", mariadb, ""),
	number("wsrep_applier_threads", pxc, "").from(func(n *node) string { return strconv.Itoa(n.appliers()) }).does(atLeastOne, setAppliers),
	toggle("wsrep_applier_fk_checks", pxc, "ON").as(globalOnly),
	toggle("wsrep_applier_uk_checks", pxc, "OFF").as(globalOnly),
	toggle("wsrep_auto_increment_control", "", "ON").as(globalOnly),
	toggle("wsrep_causal_reads", "", "OFF").as(both),
	text("wsrep_certification_rules", "", "strict").as(globalOnly),
	toggle("wsrep_certify_nonpk", "", "ON").as(globalOnly),
	text("wsrep_cluster_address", "", "").from(clusterAddress).does(nil, setAddress),
	text("wsrep_cluster_name", "", clusterName).as(globalOnly),
	toggle("wsrep_convert_lock_to_trx", mariadb, "OFF").as(globalOnly),
	text("wsrep_data_home_dir", "", "").from(func(n *node) string { return "/var/lib/mysql-" + n.name + "/" }),
	text("wsrep_dbug_option", "", "").as(globalOnly),
	text("wsrep_debug", "", "NONE").as(globalOnly),
	toggle("wsrep_desync", "", "OFF").from(func(n *node) string { return onOff(n.desynced).s }).does(nil, setDesync),
	toggle("wsrep_dirty_reads", "", "OFF").as(both),
	text("wsrep_disk_pages_encrypt", pxc, "OFF"),
	toggle("wsrep_drupal_282555_workaround", mariadb, "OFF").as(globalOnly),
	text("wsrep_forced_binlog_format", "", "NONE").as(globalOnly),
	text("wsrep_gcache_encrypt", pxc, "OFF"),
	number("wsrep_gtid_domain_id", mariadb, "0").as(globalOnly),
	toggle("wsrep_gtid_mode", mariadb, "OFF").as(globalOnly),
	number("wsrep_ignore_apply_errors", mariadb, "7").as(globalOnly),
	number("wsrep_ignore_apply_errors", pxc, "0").as(globalOnly),
	toggle("wsrep_load_data_splitting", "", "OFF").as(globalOnly),
	toggle("wsrep_log_conflicts", "", "OFF").as(globalOnly),
	number("wsrep_max_ws_rows", "", "0").as(globalOnly),
	number("wsrep_max_ws_size", "", "2147483647").as(globalOnly),
	number("wsrep_min_log_verbosity", pxc, "3").as(globalOnly),
	text("wsrep_mode", "", "").as(globalOnly),
	number("wsrep_mysql_replication_bundle", mariadb, "0").as(globalOnly),
	text("wsrep_node_address", "", "").from(func(n *node) string { return "10.20.0." + strconv.Itoa(11+n.index) }).as(globalOnly),
	text("wsrep_node_incoming_address", mariadb, "").from(func(n *node) string { return n.address }),
	text("wsrep_node_incoming_address", pxc, "AUTO"),
	text("wsrep_node_name", "", "").from(func(n *node) string { return n.name }).as(globalOnly),
	text("wsrep_notify_cmd", "", ""),
	toggle("wsrep_on", "", "ON").as(both),
	text("wsrep_patch_version", mariadb, "wsrep_26.22"),
	text("wsrep_provider", mariadb, "/usr/lib/galera/libgalera_smm.so"),
	text("wsrep_provider", pxc, "/usr/lib/galera4/libgalera_smm.so"),
	text("wsrep_provider_options", "", "").from((*node).providerOptions).does(nil, setProviderOptions),
	toggle("wsrep_recover", "", "OFF"),
	text("wsrep_reject_queries", "", "NONE").does(oneOf("NONE", "ALL", "ALL_KILL"), setReject),
	toggle("wsrep_restart_slave", "", "OFF").as(globalOnly),
	number("wsrep_retry_autocommit", "", "1").as(both),
	toggle("wsrep_slave_fk_checks", "", "ON").as(globalOnly),
	toggle("wsrep_slave_uk_checks", "", "OFF").as(globalOnly),
	number("wsrep_slave_threads", "", "").from(func(n *node) string { return strconv.Itoa(n.appliers()) }).does(atLeastOne, setAppliers),
	text("wsrep_sst_allowed_methods", pxc, "xtrabackup-v2,clone"),
	text("wsrep_sst_auth", mariadb, "").as(globalOnly),
	text("wsrep_sst_donor", "", "").as(globalOnly),
	toggle("wsrep_sst_donor_rejects_queries", "", "OFF").as(globalOnly),
	text("wsrep_sst_method", mariadb, "mariabackup").as(globalOnly),
	text("wsrep_sst_method", pxc, "xtrabackup-v2").as(globalOnly),
	text("wsrep_sst_receive_address", "", "AUTO").as(globalOnly),
	text("wsrep_start_position", "", nilUUID+":-1"),
	text("wsrep_status_file", mariadb, ""),
	number("wsrep_sync_wait", "", "0").as(both),
	number("wsrep_trx_fragment_size", "", "0").as(both),
	text("wsrep_trx_fragment_unit", "", "bytes").as(both),
}
