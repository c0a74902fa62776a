package model

import "strings"

// ConfigClass is how the values of the nodes of a group must relate.
type ConfigClass int

// The classes.
const (
	ConfigFree  ConfigClass = iota // may differ, and somebody may want to know
	ConfigEqual                    // must be equal
	ConfigOwn                      // must differ
	ConfigLocal                    // differs by its nature: paths, addresses, positions
)

// String is the class in words.
func (c ConfigClass) String() string {
	return [...]string{"may differ", "must be equal", "must differ", "each its own"}[c]
}

// alike are settings that must be equal besides those that a rule watches, with
// what happens if they are not.
var alike = map[string]string{
	"wsrep_cluster_name":              "A node with another name is refused by the group when it starts.",
	"binlog_format":                   "A node that does not write rows makes the data differ.",
	"innodb_autoinc_lock_mode":        "Appliers deadlock on the node that has another mode.",
	"lower_case_table_names":          "A table that one node finds another does not.",
	"character_set_server":            "Tables made without a character set get another one, depending on where the statement is run.",
	"collation_server":                "Tables made without a collation compare their rows differently, depending on where the statement is run.",
	"innodb_page_size":                "An SST that copies files cannot bring such a node back.",
	"innodb_encrypt_tables":           "New tables are encrypted or not, depending on where they are made.",
	"wsrep_provider":                  "Another library may speak another protocol.",
	"default_storage_engine":          "Tables of other engines do not replicate reliably.",
	"explicit_defaults_for_timestamp": "The same CREATE TABLE makes another table.",
	"innodb_default_row_format":       "The same CREATE TABLE makes a table with other limits on its indexes.",
	"innodb_strict_mode":              "A CREATE TABLE succeeds on one node and fails on another, which leaves the group as inconsistent.",
	"log_slave_updates":               "A replica that hangs off this node misses what the others wrote.",
	"log_replica_updates":             "A replica that hangs off this node misses what the others wrote.",
	"wsrep_gtid_mode":                 "Nodes give the same transaction different GTIDs.",
	"wsrep_gtid_domain_id":            "Nodes give the same transaction different GTIDs.",
	"gmcast.group":                    "A node with another group name is refused.",
	"socket.ssl":                      "A node without encryption cannot talk to those with it.",
	"protonet.version":                "Nodes cannot talk to each other.",
	"pc.recovery":                     "After a power cut some nodes wait for the others, and some do not.",
}

// own are settings that must differ, with what happens if they do not.
var own = map[string]string{
	"wsrep_node_name":             "Donors are chosen by name, and logs cannot be told apart.",
	"wsrep_node_address":          "State transfers go to another node.",
	"wsrep_node_incoming_address": "Clients and monitors are told the wrong address.",
	"auto_increment_offset":       "Two nodes generate the same key, and one of the two transactions fails.",
}

// local are settings that differ by their nature, by name or by the beginning of
// it.
var local = []string{
	"hostname", "pid_file", "datadir", "socket", "server_uid", "server_uuid", "bind_address", "port", "report_host", "report_port",
	"general_log_file", "slow_query_log_file", "log_error", "log_bin_basename", "log_bin_index", "relay_log*", "tmpdir", "slave_load_tmpdir",
	"replica_load_tmpdir", "gtid_*", "wsrep_start_position", "wsrep_sst_receive_address", "wsrep_data_home_dir", "wsrep_status_file",
	"server_id", "innodb_version", "last_*", "timestamp", "rand_seed*", "pseudo_*", "identity", "insert_id", "error_count", "warning_count",
	"in_transaction", "core_file", "mysqlx_*socket", "admin_address", "ssl_cert", "ssl_key", "general_log", "wsrep_sst_donor", "extra_port",
	"base_dir", "base_host", "base_port", "gmcast.listen_addr", "gmcast.mcast_addr", "ist.recv_addr", "ist.recv_bind", "gcache.dir",
	"gcache.name", "socket.ssl_cert", "socket.ssl_key", "innodb_data_home_dir", "innodb_log_group_home_dir", "aria_log_dir_path",
	"basedir", "plugin_dir", "character_sets_dir", "lc_messages_dir", "open_files_limit", "license", "version*", "system_time_zone",
	"performance_schema_*", "thread_pool_size", "table_open_cache_instances", "innodb_buffer_pool_filename",
}

// ClassOf is how the values of a variable, or of an option of the provider, must
// relate between nodes, and why that matters.
func ClassOf(name string) (class ConfigClass, why string) {
	if why, ok := own[name]; ok {
		return ConfigOwn, why
	}
	if why, ok := alike[name]; ok {
		return ConfigEqual, why
	}
	for i := range equal {
		if equal[i].name == name {
			return ConfigEqual, equal[i].why
		}
	}
	for _, pattern := range local {
		if begin, some := strings.CutSuffix(pattern, "*"); pattern == name || some && strings.HasPrefix(name, begin) {
			return ConfigLocal, ""
		}
	}
	return ConfigFree, ""
}
