package model

import "strings"

// settings are what is dangerous or left over on a running node. What every
// server has by default is not among them.
var settings = []setting{
	{
		rule: "empty-gcomm", names: []string{"wsrep_cluster_address"}, level: LevelCritical, bad: founds,
		title: "The next restart of {node} may found a second cluster: its wsrep_cluster_address is {value}",
		why: "An empty address tells a starting node to found a cluster instead of joining one. It then takes writes of its own, " +
			"and the data of the two clusters can never be merged again.",
		do: []string{
			"Do not restart {node} before this is corrected, and stop configuration management from doing so.",
			"Write the full list of members into wsrep_cluster_address in the configuration file of {node}, and look for the same line on the other hosts.",
			"Correct the file rather than the running value: on MariaDB a node that was started to found a cluster remembers that.",
		},
		source: "cubecos#1328; bitnami/charts#1459; seen on MariaDB 10.11 with Galera 26.4",
	},
	{
		rule: "ignores-quorum", names: []string{"pc.ignore_quorum", "pc.ignore_sb"}, level: LevelCritical, bad: on,
		title: "{node} would go on without quorum: {name} is on",
		why: "When the network between the nodes fails, both sides stay Primary and take writes. " +
			"That is a split brain, and nobody is told; one side's writes will be lost.",
		do: []string{
			"Set {name} to false in wsrep_provider_options on {node}; it takes effect at once.",
			"Take it out of the configuration file too.",
			"If it was set to survive with two nodes, add an arbitrator (garbd) at a third place instead.",
		},
		source: "documentation of pc.ignore_quorum",
	},
	{
		rule: "binlog-format", names: []string{"binlog_format"}, level: LevelCritical, bad: not("ROW"),
		title: "{node} writes {value} instead of ROW events: data may come to differ between the nodes",
		why:   "Galera replicates rows. With any other format statements may do something else on each node, and nothing tells until a node is voted out.",
		do: []string{
			"Set binlog_format to ROW on {node}, globally and in its configuration file.",
			"Let the clients that are connected reconnect: a session keeps the format that it began with.",
			"Compare checksums of the tables that were written meanwhile.",
		},
		source: "documentation of binlog_format",
	},
	{
		rule: "rejects-queries", names: []string{"wsrep_reject_queries"}, level: LevelWarning, bad: not("NONE"),
		title: "{node} refuses all queries: wsrep_reject_queries is {value}",
		why:   "The node is a full member but serves no client. Load balancers that only ask for its state still send it connections.",
		do: []string{
			"Ask whether somebody has drained it on purpose.",
			"If not, set wsrep_reject_queries to NONE on {node}.",
		},
		action: "undrain",
		source: "documentation of wsrep_reject_queries",
	},
	{
		rule: "maintenance", names: []string{"pxc_maint_mode"}, level: LevelNotice, bad: not("DISABLED"),
		title:  "{node} is in maintenance: pxc_maint_mode is {value}",
		why:    "The load balancer sends the node no clients, so the others carry its share.",
		do:     []string{"Ask whether somebody works on it.", "If not, and it is not shutting down, set pxc_maint_mode to DISABLED on {node}."},
		action: "undrain",
		source: "documentation of pxc_maint_mode",
	},
	{
		rule: "autoinc-lock", names: []string{"innodb_autoinc_lock_mode"}, level: LevelWarning, bad: not("2"),
		title: "{node} has innodb_autoinc_lock_mode {value} instead of 2: appliers may deadlock",
		why:   "The other modes take a lock on the whole table for inserts with generated keys, which parallel appliers and clients can block each other with.",
		do:    []string{"Write innodb_autoinc_lock_mode = 2 into the configuration file of {node}.", "Restart the node at its next turn; the value cannot be changed while it runs."},

		source: "documentation of innodb_autoinc_lock_mode",
	},
	{
		rule: "storage-engine", names: []string{"default_storage_engine"}, level: LevelWarning, bad: not("InnoDB"),
		title:  "New tables on {node} are {value} unless told otherwise, and those do not replicate reliably",
		why:    "Galera replicates the rows of InnoDB tables. A table of another engine silently comes to differ from node to node.",
		do:     []string{"Set default_storage_engine to InnoDB on {node}, globally and in its configuration file.", "Look for tables of other engines that were made meanwhile and convert them."},
		source: "documentation of default_storage_engine",
	},
	{
		rule: "read-only", names: []string{"super_read_only", "read_only"}, level: LevelNotice, bad: on,
		title:  "{node} refuses writes of its clients: {name} is ON",
		why:    "The node applies what the group writes, but clients that are sent to it cannot write.",
		do:     []string{"Ask whether it is meant: a reader, a rehearsal, or what a failover left behind.", "If not, set {name} to OFF on {node}."},
		source: "documentation of super_read_only",
	},
	{
		rule: "autoinc-control", names: []string{"wsrep_auto_increment_control"}, level: LevelNotice, bad: off,
		title:  "{node} does not adapt generated keys to the number of nodes: wsrep_auto_increment_control is OFF",
		why:    "Unless increment and offset are set by hand on every node, two nodes generate the same key and one of the two transactions fails.",
		do:     []string{"If the increments are not managed by hand, set wsrep_auto_increment_control to ON on {node} and in its configuration file."},
		source: "documentation of wsrep_auto_increment_control",
	},
	{
		rule: "strict-mode", names: []string{"pxc_strict_mode"}, level: LevelNotice, bad: not("ENFORCING", "MASTER"),
		title:  "{node} allows what does not replicate safely: pxc_strict_mode is {value}",
		why:    "Tables without a primary key, other engines and LOCK TABLES are let through, and each may make nodes differ or stall.",
		do:     []string{"Find out which table or program needs the exception.", "Correct it and set pxc_strict_mode to ENFORCING on {node}."},
		source: "documentation of pxc_strict_mode",
	},
	{
		rule: "sst-password", names: []string{"wsrep_sst_auth"}, level: LevelNotice, bad: func(_ *Node, value string) bool { return value != "" },
		title:  "{node} keeps the password for state transfers in clear text: wsrep_sst_auth is set",
		why:    "Whoever may read the configuration file has an account that can copy all data.",
		do:     []string{"Make sure that only the server's user can read the file on {node}.", "Where the SST method allows it, let the account log in over the local socket without a password and take the setting out."},
		source: "documentation of wsrep_sst_auth",
	},
	{
		rule: "donor-list", names: []string{"wsrep_sst_donor"}, level: LevelNotice, bad: func(_ *Node, value string) bool { return !strings.HasSuffix(value, ",") },
		title:  "{node} can join only while {value} can serve it: wsrep_sst_donor has no fallback",
		why:    "A list of donors without a comma at its end leaves no choice: if none of them is there, the node does not come up.",
		do:     []string{"Write a comma at the end of wsrep_sst_donor on {node}, unless the restriction is meant."},
		source: "documentation of wsrep_sst_donor",
	},
	{
		rule: "log-table", names: []string{"log_output"}, level: LevelNotice, bad: func(_ *Node, value string) bool { return strings.Contains(strings.ToUpper(value), "TABLE") },
		title:  "{node} writes its logs into tables: log_output is {value}",
		why:    "Log tables are not InnoDB, grow without bound, and take a lock for every statement that they record.",
		do:     []string{"Set log_output to FILE on {node} and in its configuration file."},
		source: "documentation of log_output",
	},
}
