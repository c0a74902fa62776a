package model

import (
	"strings"
	"testing"
)

func TestThreadsThatNobodyMayEndAreProtectedWithTheReason(t *testing.T) {
	galera := &Sample{Server: Server{WsrepOn: On}, Processes: Processes{Own: []uint64{9}}}
	alone := &Sample{}
	client := func(query, state string) Process {
		return Process{ID: 4, User: "app", Host: "h:1", Command: "Query", Query: query, State: state}
	}
	for name, c := range map[string]struct {
		process Process
		on      *Sample
		reason  string // "" for a thread that may be ended
	}{
		"a client's query":                       {client("SELECT 1", ""), galera, ""},
		"an idle client":                         {Process{ID: 4, User: "app", Host: "h:1", Command: "Sleep"}, galera, ""},
		"a client that waits behind DDL":         {client("UPDATE t SET a = 1", "Waiting for TOI DDL"), galera, ""},
		"a client in certification":              {client("COMMIT", "Waiting for certification"), galera, ""},
		"this console's connection":              {Process{ID: 9, User: "mon", Host: "h:1", Command: "Sleep"}, galera, "own connection"},
		"an applier that sleeps":                 {Process{ID: 1, User: "system user", Command: "Sleep"}, galera, "system thread"},
		"an applier by its state":                {Process{ID: 1, User: "root", Host: "h", State: "wsrep applier committed"}, galera, "applier"},
		"the rollbacker of an older server":      {Process{ID: 1, User: "root", Host: "h", State: "wsrep: in rollback thread"}, galera, "applier"},
		"the event scheduler":                    {Process{ID: 3, User: "event_scheduler", Host: "localhost", Command: "Daemon"}, alone, "event scheduler"},
		"a daemon":                               {Process{ID: 3, User: "x", Host: "localhost", Command: "Daemon"}, alone, "server's own"},
		"a replica's dump thread":                {Process{ID: 3, User: "repl", Host: "h:1", Command: "Binlog Dump"}, alone, "replica"},
		"a replica's dump thread by GTID":        {Process{ID: 3, User: "repl", Host: "h:1", Command: "Binlog Dump GTID"}, alone, "replica"},
		"the session that PXC runs":              {Process{ID: 3, User: "mysql.pxc.internal.session", Host: "localhost", Command: "Query"}, galera, "for itself"},
		"the account of a state transfer":        {Process{ID: 3, User: "mysql.pxc.sst.user", Host: "localhost", Command: "Query"}, galera, "state transfer"},
		"a thread without a user":                {Process{ID: 3, Host: "h", Command: "Sleep"}, galera, "no user"},
		"a thread without a client":              {Process{ID: 3, User: "app", Command: "Sleep"}, galera, "no client"},
		"DDL on a member":                        {client("alter table t add b int", "altering table"), galera, "total order isolation"},
		"DDL behind a comment":                   {client("/* app */ DROP INDEX i ON t", ""), galera, "total order isolation"},
		"DDL in a comment that servers execute":  {client("/*!40000 ALTER TABLE t DISABLE KEYS */", ""), galera, "total order isolation"},
		"an account's change":                    {client("GRANT ALL ON *.* TO x", ""), galera, "total order isolation"},
		"DDL that waits for its turn":            {client("", "Waiting to execute in isolation"), galera, "total order isolation"},
		"DDL on a server without Galera":         {client("ALTER TABLE t ADD b INT", ""), alone, ""},
		"a temporary table stays on its node":    {client("CREATE TEMPORARY TABLE x (a INT)", ""), galera, ""},
		"a session that ran DDL and sleeps":      {Process{ID: 4, User: "app", Host: "h:1", Command: "Sleep", Query: "ALTER TABLE t ADD b INT"}, galera, ""},
		"a client whose name begins like system": {Process{ID: 4, User: "system", Host: "h:1", Command: "Query"}, galera, ""},
	} {
		got := Protected(&c.process, c.on)
		if (got == "") != (c.reason == "") || !strings.Contains(got, c.reason) {
			t.Errorf("%s: %q, want %q", name, got, c.reason)
		}
	}
}
