package actions

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/galeratop/galeratop/internal/lab/cluster"
	"github.com/galeratop/galeratop/model"
)

// protectedClasses are the threads of MariaDB that nobody may end. The sessions
// that PXC runs for itself exist on PXC only; model has them in a table.
var protectedClasses = []struct {
	name, reason string
	is           func(*model.Thread) bool
}{
	{"an applier", "an applier", func(t *model.Thread) bool {
		return t.User == model.SystemUser && !strings.HasPrefix(t.Command, "Slave_") && t.State != "wsrep aborter idle"
	}},
	{"the rollbacker", "an applier or the rollbacker", func(t *model.Thread) bool {
		return t.User == model.SystemUser && t.State == "wsrep aborter idle"
	}},
	{"a dump thread", "sends the binary log to a replica", func(t *model.Thread) bool { return t.Command == "Binlog Dump" }},
	{"replication's I/O thread", "a system thread", func(t *model.Thread) bool { return t.Command == "Slave_IO" }},
	{"replication's SQL thread", "a system thread", func(t *model.Thread) bool { return t.Command == "Slave_SQL" }},
	{"the event scheduler", "event scheduler", func(t *model.Thread) bool { return t.User == "event_scheduler" }},
	{"an ALTER in total order isolation", "total order isolation", func(t *model.Thread) bool { return strings.HasPrefix(t.Query, "ALTER") }},
	{"this console's own connection", "own connection", func(t *model.Thread) bool {
		return slices.Contains(t.Node.Sample.Processes.Own, t.ID)
	}},
}

func protectedThreads(t *testing.T, c *cluster.Cluster) {
	must(t, c.Node(1).Exec(t.Context(), "SET GLOBAL event_scheduler = ON"))
	t.Cleanup(func() { _ = c.Node(1).Exec(context.Background(), "SET GLOBAL event_scheduler = OFF") })
	replicate(t, c.Node(1), c.Node(2))
	locker := labClient(t, c.Node(1), "killing")
	_, err := locker.ExecContext(t.Context(), "LOCK TABLES stock READ")
	must(t, err)
	altering := background(t.Context(), labClient(t, c.Node(1), "killing"), "ALTER TABLE stock COMMENT 'x'")
	console := labConsole(t, c, "ops", Session{})
	readOnlyConsole := labConsole(t, c, "ops", Session{ReadOnly: true})
	for _, class := range protectedClasses {
		thread := console.thread(class.name, class.is)
		t.Logf("%s: %s, %s, %q, %q", class.name, thread.User, thread.Command, thread.State, thread.Query)
		for _, kind := range []KillKind{KillQuery, KillConnection} {
			p := PlanKill(console.Latest(), Session{}, []model.ThreadKey{thread.Key()}, kind)
			if len(p.Steps) > 0 || !strings.Contains(p.Refuse(), class.reason) {
				t.Errorf("%s: %s", class.name, say(p))
			}
			if r, _ := console.carryOut(p); r.Stage != Stopped {
				t.Errorf("%s: %+v", class.name, r)
			}
		}
		if p := readOnlyConsole.plan(KillConnection, thread.Key()); p.Refuse() != readOnly {
			t.Errorf("%s, read-only: %s", class.name, p.Refuse())
		}
	}
	_, err = locker.ExecContext(t.Context(), "UNLOCK TABLES")
	must(t, err)
	must(t, <-altering)
}

// replicate makes one node an asynchronous replica of another for the length of
// the test. It applies nothing: what it is sent came to it through the group.
func replicate(t *testing.T, from, to *cluster.Node) {
	t.Helper()
	host, port, _ := strings.Cut(from.Address, ":")
	must(t, to.Exec(
		t.Context(), "SET GLOBAL replicate_do_db = 'nothing'",
		fmt.Sprintf("CHANGE MASTER TO MASTER_HOST = '%s', MASTER_PORT = %s, MASTER_USER = 'lab', MASTER_PASSWORD = 'lab'", host, port),
		"START SLAVE",
	))
	t.Cleanup(func() { must(t, to.Exec(context.Background(), "STOP SLAVE", "RESET SLAVE ALL")) })
}
