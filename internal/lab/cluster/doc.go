// Package cluster starts real MariaDB Galera nodes on 127.0.0.0/8, for tests and by hand.
//
// In a test:
//
//	func TestCrashIsSeen(t *testing.T) {
//		c := cluster.Start(t, 3)               // skips when MariaDB or Galera is missing
//		c.Node(2).Crash()                      // SIGKILL
//		_ = c.Node(1).WaitStatus(t.Context(), "wsrep_cluster_size", "2")
//		_ = c.Node(2).Start(t.Context())       // recovers its position like systemd, rejoins
//	}
//
// Isolate cuts one node off; Partition, in a cluster started WithPartitions, cuts the network between groups of nodes.
//
// Start skips the test with one line when the software is not installed or with -short, and fails it instead when
// GALERATOP_LAB is set. Cleanup is registered; the error logs' tails are printed when the test failed. A cluster of
// three takes about ten seconds, so share one between subtests. Start with a context that has a deadline where a wait
// may be long: a wait without one ends after two minutes.
//
// Every cluster has a block of addresses, 127.A.B.0/24, of its own: test packages may run clusters at the same time.
// Node i listens on 127.A.B.(10+i), ports 13306 (SQL), 4567, 4568 and 4444. Nothing listens elsewhere.
//
// Accounts, on all nodes, each with its name as password:
//
//	lab      all privileges
//	monitor  USAGE only
//	mon      PROCESS, BINLOG MONITOR, SLAVE MONITOR, SELECT on performance_schema, sys, mysql.wsrep_cluster*
//	ops      mon, and SUPER, CONNECTION ADMIN, SHUTDOWN, RELOAD
//	shop     all privileges on schema shop, used by Load
//
// and root without a password on the socket, used by Node.DB.
//
// Nothing survives its owner. A small shell, the reaper, holds the reading end of a pipe whose other end only the
// owner has. However the owner ends, kill -9 included, the pipe closes; the reaper then kills every process in the
// servers' sessions, which includes the state transfer scripts, removes the directory and gives back the addresses.
// A lifetime (WithLifetime) bounds an owner that hangs.
//
// Run as root, the servers run as user mysql: rsync's daemon drops its privileges when started as root, and state
// transfers would fail. Otherwise they run as the current user.
package cluster
