package actions

import (
	"errors"
	"strings"
	"testing"

	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/model"
)

func contains(text, part string) bool { return strings.Contains(text, part) }

// down is a node that is stopped and lacks a few write-sets.
func down(m *machines) { m.stop(1, 990) }

// hostRefusals are what each operation on a host is refused for, and with which
// words.
var hostRefusals = []struct {
	id     string
	change func(m *machines)
	reason string
}{
	{Start, func(m *machines) { m.hosts = &Hosts{} }, "set host_command for the cluster"},
	{Start, func(m *machines) { m.readings = nil }, "it was not asked yet"},
	{Start, func(m *machines) { m.readings[0].Err = errors.New("db1 cannot be reached") }, "db1 cannot be reached"},
	{Start, func(*machines) {}, "the server of db1 is stopped: it answers at db1:3306"},
	{Start, func(m *machines) { m.silence(1) }, "it runs, as process 710"},
	{Start, func(m *machines) { down(m); m.state(1).Server.Unknown = "hidden" }, "the server of db1 is stopped: hidden"},
	{Start, func(m *machines) { down(m); m.state(1).Server.Value.Scripts = []string{"9"} }, "no script of a state transfer runs"},
	{Start, func(m *machines) {
		down(m)
		m.state(1).Founds.Value = "wsrep_cluster_address in the option files is an empty gcomm://"
	}, "an empty gcomm://: correct that first"},
	{Start, func(m *machines) { down(m); m.state(1).Founds.Unknown = "unreadable" }, "does not found a cluster of its own: unreadable"},
	{Start, func(m *machines) {
		down(m)
		m.state(1).Gvwstate.Value = &host.Gvwstate{Me: "a", Members: []string{"a"}}
	}, "its gvwstate.dat lists only itself"},
	{Start, func(m *machines) { down(m); m.state(1).Leftovers.Value = []string{"sst_in_progress"} }, "sst_in_progress is in its data directory"},
	{Start, func(m *machines) { *m = *ended() }, "this is a matter for a recovery of the cluster"},
	{Start, func(m *machines) { down(m); m.losers = []string{"db1"} }, "its side was given up in a split brain; an IST would keep its rows silently, it must come back by SST"},
	{Start, func(m *machines) { down(m); m.status(1, "wsrep_incoming_addresses", "db1:3306") }, "it was last seen Primary without any of the present members"},
	{Start, func(m *machines) { down(m); m.status(1, "wsrep_local_state", "5") }, "the group voted it out as inconsistent"},
	{Start, func(m *machines) { m.stop(1, 1003) }, "it is ahead of db2, at seqno 1003 against 1000"},
	{Start, func(m *machines) { down(m); m.grastate(1).UUID = "ffffffff-0000-11f0-9b1e-8e0d5e3c1a77" }, "its history is ffffffff"},
	{Start, func(m *machines) {
		down(m)
		m.status(2, "wsrep_local_state", "2", "wsrep_desync_count", "1")
		m.status(3, "wsrep_local_state", "1", "wsrep_ready", "OFF")
	}, "a donor is free, and no other node is being served: db2 serves db3"},
	{Start, func(m *machines) {
		m.stop(1, 50)
		m.state(1).Disk.Value.Free = 100 << 20
		m.state(2).Data.Value.Size = 90 << 30
	}, "the disk has room for the data of a donor: 20 GiB can be used, the data of db2 takes 90 GiB at most"},
	{Start, func(m *machines) { down(m); m.others = &Others{Busy: []string{"\"Restart the server of db2\""}} }, "no other console is at work in the cluster: \"Restart the server of db2\""},
	{StopService, down, "it is stopped already"},
	{StopService, func(m *machines) { m.stop(2, 900); m.stop(3, 900) }, "db1 is the last member"},
	{StopService, func(m *machines) { m.silence(2) }, "db2 does not answer"},
	{StopService, func(m *machines) { m.status(2, "wsrep_local_state", "3") }, "db2 is Primary, Joined"},
	{Restart, func(m *machines) { m.state(1).Founds.Value = "wsrep_new_cluster is in the option files" }, "wsrep_new_cluster is in the option files"},
	{Restart, func(m *machines) {
		m.status(2, "wsrep_local_cached_downto", "0")
		m.status(3, "wsrep_local_cached_downto", "0")
	}, "it comes back by IST after a short stop"},
	{Restart, func(m *machines) {
		m.status(1, "wsrep_cluster_status", "Disconnected", "wsrep_local_state", "5", "wsrep_incoming_addresses", "")
	}, "the group voted it out"},
	{Upgrade, func(m *machines) {
		m.readings[0].Service.Own = map[host.Operation][]string{host.Upgrade: {"apt-get", "upgrade"}}
	}, "the server of db1 is stopped: it answers"},
	{Upgrade, down, "how to upgrade the server is not known; set upgrade under the cluster's service"},
	{Start, func(m *machines) {
		down(m)
		m.readings[0].Installed = host.Version{Flavour: model.FlavourMariaDB, Release: 101000}
	}, "10.10.0 is installed, 10.11.0 ran: a downgrade is not possible"},
	{RecoverPosition, func(*machines) {}, "the server of db1 is stopped: it answers"},
	{CopyData, func(*machines) {}, "the server of db1 is stopped: it answers"},
	{CopyData, func(m *machines) { down(m); m.state(1).Data.Value.Beside.Free = 20 << 30 }, "the disk has room for a copy: 20 GiB are free in /var/lib, the data takes 20 GiB"},
	{CopyData, func(m *machines) { down(m); m.state(1).Data.Value.Outside = []string{"/var/lib/mysql/big"} }, "/var/lib/mysql/big leads out of it"},
	{CopyData, func(m *machines) { down(m); m.state(1).Options.Value.Values["innodb_log_group_home_dir"] = "/fast" }, "innodb_log_group_home_dir is /fast"},
	{CopyData, func(m *machines) { down(m); m.state(1).Data.Unknown = "/ is odd" }, "/ is odd"},
	{ForceSST, func(m *machines) { down(m); m.state(1).Grastate.Value = nil }, "it has none: an ordinary start gets an SST"},
	{ForceSST, func(m *machines) { *m = *ended() }, "there is one Primary Component to join"},
	{ForceSST, func(m *machines) {
		down(m)
		m.status(2, "wsrep_local_state", "3")
		m.status(3, "wsrep_local_state", "3")
	}, "no other node is Synced"},
	{ForceSSTWithCopy, func(m *machines) { down(m); m.state(1).Data.Value.Beside.Free = 1 << 30 }, "the disk has room for a copy"},
	{ClearLeftovers, down, "something is left over from a state transfer: there is nothing to remove"},
	{ClearLeftovers, func(m *machines) {
		down(m)
		m.state(1).Leftovers.Value = []string{"sst_in_progress"}
		m.state(1).Server.Value.Scripts = []string{"9"}
	}, "no script of a state transfer runs"},
	{MarkSafe, func(m *machines) { *m = *ended() }, "its safe_to_bootstrap is 0"},
	{BootstrapService, func(*machines) {}, "the server of db1 is stopped: it answers"},
	{BootstrapService, down, "db2 and db3 are Primary: a second one would be a split brain"},
	{BootstrapService, func(m *machines) { *m = *ended(); m.grastate(1).SafeToBootstrap = false }, "its safe_to_bootstrap is 1"},
	{BootstrapService, func(m *machines) { *m = *ended(); m.state(2).Server.Value.Running = true }, "the server of db2 runs"},
	{BootstrapService, func(m *machines) { *m = *ended(); m.readings[2].Err = errors.New("db3 cannot be reached") }, "db3 cannot be reached: unreachable means unknown"},
	{BootstrapService, func(m *machines) { *m = *ended(); m.grastate(2).Seqno = 1009 }, "db1 is at seqno 1007, db2 at 1009: begin with db2 instead"},
	{BootstrapService, func(m *machines) { *m = *ended(); m.grastate(2).Seqno = -1 }, "the position of db2 is " + groupHistory + ":-1: recover it first"},
	{BootstrapService, func(m *machines) { *m = *ended(); m.grastate(1).Seqno = -1 }, "the position of db1 is " + groupHistory + ":-1: recover it first"},
	{BootstrapService, func(m *machines) { *m = *ended(); m.grastate(3).UUID = "ffffffff-0000-11f0-9b1e-8e0d5e3c1a77" }, "histories are mixed"},
	{BootstrapService, func(m *machines) {
		*m = *ended()
		m.state(2).Arbitrators.Value = []host.Arbitrator{{PID: "5", Group: "shop"}}
	}, "garbd runs on the host of db2 as process 5"},
	{BootstrapService, func(m *machines) {
		*m = *ended()
		m.state(2).Gvwstate.Value = &host.Gvwstate{Me: "a", Members: []string{"a", "b", "c", "d"}}
	}, "gvwstate.dat of db2 lists 4 members, and 3 nodes are here"},
	{BootstrapService, func(m *machines) {
		*m = *ended()
		m.state(2).Options.Value.Values["wsrep_cluster_address"] = "gcomm://a,b,c,d?x=y"
	}, "names 4 addresses"},
	{BootstrapService, func(m *machines) { *m = *ended(); m.state(1).Leftovers.Value = []string{"sst_in_progress"} }, "its data is whole: sst_in_progress"},
	{"dance", func(*machines) {}, "there is no operation dance on a host"},
}

func TestOperationsOnHostsAreRefusedWithTheReason(t *testing.T) {
	for _, c := range hostRefusals {
		m := newMachines()
		c.change(m)
		if got := m.plan(Session{}, c.id).Refuse(); !contains(got, c.reason) {
			t.Errorf("%s: refused with %q, not %q", c.id, got, c.reason)
		}
	}
	for _, row := range hostRows {
		m := newMachines()
		if got := m.plan(Session{ReadOnly: true}, row.id).Refuse(); got != readOnly {
			t.Errorf("%s, read-only: %q", row.id, got)
		}
	}
}

func TestEveryOperationOnAHostIsRefusedForSomething(t *testing.T) {
	for _, row := range hostRows {
		found := false
		for _, c := range hostRefusals {
			found = found || c.id == row.id
		}
		if !found {
			t.Errorf("no refusal of %s is tested", row.id)
		}
	}
}

func TestALostNodeIsDeclaredByTypingBeforeABootstrap(t *testing.T) {
	m := ended()
	m.readings[2].Err = errors.New("db3 cannot be reached")
	m.state(3).Server.Unknown = "db3 cannot be reached"
	p := m.plan(Session{}, BootstrapService)
	if w := p.Waivers(); len(w) != 1 || w[0].Words != "db3 is dead" || !contains(w[0].Risk, "split brain") {
		t.Fatalf("%+v, refused %q", w, p.Refuse())
	}
	m.declared = []string{"db3 is dead"}
	p = m.plan(Session{}, BootstrapService)
	if p.Refuse() != "" || !contains(strings.Join(p.Effects, "; "), "what only db3 has is lost") {
		t.Errorf("%q %q", p.Refuse(), p.Effects)
	}
	// Whoever is declared dead and answers is not dead.
	m.Nodes[2].Link = model.LinkUp
	m.status(3, "wsrep_cluster_status", "non-Primary", "wsrep_cluster_conf_id", "-1")
	m.Complete()
	if got := Replan(m.Snapshot, Session{}, p).Refuse(); !contains(got, "nobody answers who was declared dead: db3 answers") {
		t.Error(got)
	}
}

func TestWhatIsRunMustStayWhatWasShown(t *testing.T) {
	m := newMachines()
	m.stop(1, 990)
	p := m.plan(Session{}, Start)
	m.readings[0].Service.Unit = "mysqld"
	if got := Replan(m.Snapshot, Session{}, p).Refuse(); !contains(got, "no longer what was shown: systemctl start mysqld instead of systemctl start mariadb") {
		t.Error(got)
	}
}
