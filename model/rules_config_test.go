package model

import (
	"testing"
	"time"
)

// sets makes a test that sets one variable on db2.
func sets(name, value string) change {
	return func(_ int, _, b, _ *Node) { set(b, name, value) }
}

func TestDangerousSettingsAreFound(t *testing.T) {
	options := func(text string) change { return sets("wsrep_provider_options", text) }
	checkTroubles(t, []trouble{
		{
			rule: "empty-gcomm", title: "The next restart of db2 may found a second cluster: its wsrep_cluster_address is gcomm://", level: LevelCritical,
			bad: sets("wsrep_cluster_address", "gcomm://"), near: sets("wsrep_cluster_address", "gcomm://db2"),
		},
		{
			rule: "empty-gcomm", title: "The next restart of db2", level: LevelCritical,
			bad: sets("wsrep_cluster_address", "gcomm://0.0.0.0:4567?pc.wait_prim=no"),
			near: func(_ int, a, b, c *Node) {
				set(b, "wsrep_cluster_address", "gcomm://")
				for _, n := range []*Node{a, b, c} {
					n.Sample.Status.ClusterSize = N(1) // founded, and nobody came yet
				}
			},
		},
		{
			rule: "empty-gcomm", title: "The next restart of db2", level: LevelCritical,
			bad: sets("wsrep_cluster_address", "gcomm://?gmcast.segment=1"),
			near: func(_ int, _, b, _ *Node) { // read before the restart
				set(b, "wsrep_cluster_address", "gcomm://")
				b.Restart = b.Sample.At.Add(time.Second)
			},
		},
		{rule: "ignores-quorum", title: "db2 would go on without quorum: pc.ignore_quorum is on", level: LevelCritical, bad: options("pc.ignore_quorum = true"), near: options("pc.ignore_quorum = false")},
		{rule: "ignores-quorum", title: "db2 would go on without quorum: pc.ignore_sb is on", level: LevelCritical, bad: options("pc.ignore_sb = yes")},
		{rule: "binlog-format", title: "db2 writes MIXED instead of ROW", level: LevelCritical, bad: sets("binlog_format", "MIXED"), near: sets("binlog_format", "row")},
		{rule: "rejects-queries", title: "db2 refuses all queries: wsrep_reject_queries is ALL", level: LevelWarning, bad: sets("wsrep_reject_queries", "ALL"), near: sets("wsrep_reject_queries", "")},
		{rule: "maintenance", title: "db2 is in maintenance", level: LevelNotice, bad: sets("pxc_maint_mode", "MAINTENANCE"), near: sets("pxc_maint_mode", "DISABLED")},
		{rule: "autoinc-lock", title: "db2 has innodb_autoinc_lock_mode 1", level: LevelWarning, bad: sets("innodb_autoinc_lock_mode", "1"), near: sets("innodb_autoinc_lock_mode", "2")},
		{rule: "storage-engine", title: "New tables on db2 are Aria", level: LevelWarning, bad: sets("default_storage_engine", "Aria"), near: sets("default_storage_engine", "INNODB")},
		{rule: "read-only", title: "db2 refuses writes of its clients: read_only is ON", level: LevelNotice, bad: sets("read_only", "ON"), near: sets("read_only", "OFF")},
		{rule: "read-only", title: "db2 refuses writes of its clients: super_read_only is ON", level: LevelNotice, bad: sets("super_read_only", "ON")},
		{rule: "autoinc-control", title: "db2 does not adapt generated keys", level: LevelNotice, bad: sets("wsrep_auto_increment_control", "OFF"), near: sets("wsrep_auto_increment_control", "ON")},
		{rule: "strict-mode", title: "db2 allows what does not replicate safely", level: LevelNotice, bad: sets("pxc_strict_mode", "PERMISSIVE"), near: sets("pxc_strict_mode", "MASTER")},
		{rule: "sst-password", title: "db2 keeps the password", level: LevelNotice, bad: sets("wsrep_sst_auth", "********"), near: sets("wsrep_sst_auth", "")},
		{rule: "donor-list", title: "db2 can join only while db1 can serve it", level: LevelNotice, bad: sets("wsrep_sst_donor", "db1"), near: sets("wsrep_sst_donor", "db1,")},
		{rule: "log-table", title: "db2 writes its logs into tables", level: LevelNotice, bad: sets("log_output", "FILE,TABLE"), near: sets("log_output", "NONE")},
	})
}

func TestADesyncByHandIsToldAtOnceAndBecomesAWarning(t *testing.T) {
	desync := func(_ int, _, b, _ *Node) {
		donate(b)
		set(b, "wsrep_desync", "ON")
	}
	over := func(_ int, _, b, _ *Node) { set(b, "wsrep_desync", "ON") } // read before it was resynced
	checkTroubles(t, []trouble{
		{rule: "desync-left", title: "db2 is desynced by hand, for 11s", level: LevelNotice, bad: desync, near: over},
		{rule: "desync-left", title: "db2 is desynced by hand, for 5m1s", level: LevelWarning, seconds: 302, bad: desync},
	})
}

func TestSettingsThatDifferAreFound(t *testing.T) {
	upgrade := func(version, provider string) change {
		return func(_ int, _, b, _ *Node) {
			b.Sample.Server.Version, b.Sample.Status.ProviderVersion = version, provider
		}
	}
	checkTroubles(t, []trouble{
		{rule: "settings-differ", title: "wsrep_max_ws_size differs: db1 and db3 have 2147483647, db2 has 1048576", level: LevelWarning, bad: sets("wsrep_max_ws_size", "1048576"), near: sets("wsrep_max_ws_size", "")},
		{
			rule: "settings-differ", title: "wsrep_sst_method differs: db1 and db3 have RSYNC, db2 has MARIABACKUP", level: LevelWarning, bad: sets("wsrep_sst_method", "mariabackup"),
			near: func(_ int, _, b, _ *Node) { b.Sample.Slow.Variables = nil },
		},
		{rule: "settings-differ", title: "gcs.fc_limit differs: db1 and db3 have 16, db2 has 200", level: LevelNotice, bad: sets("wsrep_provider_options", "gcs.fc_limit = 200; gcs.fc_single_primary = NO"), near: sets("wsrep_slave_threads", "8")},
		{rule: "versions-differ", title: "Mixed versions, server version: db1 and db3 have 10.11.19-MariaDB-log, db2 has 10.6.5-MariaDB; db2 is old", level: LevelNotice, bad: upgrade("10.6.5-MariaDB", "4.9"), near: upgrade("10.11.19-MariaDB-log", "4.23")},
		{rule: "versions-differ", title: "Mixed versions, server version: db1 and db3 have 10.11.19-MariaDB-log, db2 has 11.4.2-MariaDB; db1 and db3 are old", level: LevelNotice, bad: upgrade("11.4.2-MariaDB", "4.23")},
		{rule: "versions-differ", title: "Mixed versions, Galera library: db1 and db3 have 4.23, db2 has 4.16", level: LevelNotice, bad: upgrade("10.11.19-MariaDB-log", "4.16")},
	})
}

func TestNamesAreJoinedAsPeopleDo(t *testing.T) {
	for want, names := range map[string][]string{
		"a": {"a"}, "a and b": {"a", "b"}, "a, b, c and d": {"a", "b", "c", "d"}, "a, b, c and 2 more": {"a", "b", "c", "d", "e"},
	} {
		if got := listed(names); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}
