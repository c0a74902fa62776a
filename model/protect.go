package model

import (
	"slices"
	"strings"
)

// protection is a class of threads that nobody may end from a console.
type protection struct {
	matches func(*Process, *Sample) bool
	reason  string
}

// protections are looked through in order; the first that matches gives the
// reason. Servers do not refuse all of them by themselves: MariaDB ends its event
// scheduler and a replica's dump thread at once.
var protections = []protection{
	{ownThread, "this console's own connection"},
	{userIs("mysql.pxc.internal.session"), "a session that the cluster software runs for itself"},
	{userIs("mysql.pxc.sst.user"), "it belongs to a state transfer"},
	{userIs("event_scheduler"), "the event scheduler"},
	{commandIs("Daemon"), "a thread of the server's own"},
	{commandIs("Binlog Dump", "Binlog Dump GTID"), "it sends the binary log to a replica"},
	{applierState, "an applier or the rollbacker: ending it breaks replication on this node"},
	{userIs(SystemUser), "a system thread: an applier, the rollbacker or replication"},
	{userIs(""), "a system thread: it has no user"},
	{func(p *Process, _ *Sample) bool { return p.Host == "" }, "a system thread: no client is behind it"},
	{inTOI, "a statement in total order isolation: it runs on every node and blocks every node's commits until it ends; " +
		"ending it on one node leaves the nodes different. End the sessions that it waits for instead"},
}

// Protected says why the thread of a node may not be ended; "" when it may.
func Protected(p *Process, on *Sample) string {
	for i := range protections {
		if protections[i].matches(p, on) {
			return protections[i].reason
		}
	}
	return ""
}

func ownThread(p *Process, on *Sample) bool { return slices.Contains(on.Processes.Own, p.ID) }

func userIs(name string) func(*Process, *Sample) bool {
	return func(p *Process, _ *Sample) bool { return p.User == name }
}

func commandIs(names ...string) func(*Process, *Sample) bool {
	return func(p *Process, _ *Sample) bool { return slices.Contains(names, p.Command) }
}

// applierStates are the states that only appliers and the rollbacker are in.
var applierStates = []string{
	"wsrep applier committed", "applied write set", "wsrep aborter idle", "wsrep: in rollback thread",
	"wsrep: applied write-set", "wsrep: applying write-set", "wsrep: committed write set", "wsrep: aborter idle",
}

func applierState(p *Process, _ *Sample) bool { return inState(p, applierStates) }

// definitions begin statements that change the schema or accounts, which Galera
// replicates in total order isolation.
var definitions = []string{
	"ALTER ", "CREATE ", "DROP ", "TRUNCATE ", "RENAME ", "OPTIMIZE ", "ANALYZE TABLE", "REPAIR ", "GRANT ", "REVOKE ",
	"SET PASSWORD",
}

// Definition reports whether the thread runs a statement that changes the schema
// or accounts. CREATE TEMPORARY TABLE stays on its node.
func (p *Process) Definition() bool {
	query := executed(p.Query)
	return p.Active() && begins(query, definitions) && !begins(query, []string{"CREATE TEMPORARY", "DROP TEMPORARY"})
}

// executed is a statement without the mark of a comment that servers execute,
// such as mysqldump's /*!40000 ALTER TABLE ... */.
func executed(query string) string {
	query = strings.TrimLeft(query, " ")
	for _, mark := range []string{"/*!", "/*M!"} {
		if rest, ok := strings.CutPrefix(query, mark); ok {
			return strings.TrimLeft(rest, "0123456789 ")
		}
	}
	return query
}

// inTOI reports whether the thread's statement runs, or waits to run, in total
// order isolation. wsrep_OSU_method and wsrep_on can be set per session, which
// cannot be seen from outside; a change of the schema counts as replicated.
func inTOI(p *Process, on *Sample) bool {
	return inState(p, []string{"Waiting to execute in isolation"}) || (on.Server.WsrepOn == On && p.Definition())
}
