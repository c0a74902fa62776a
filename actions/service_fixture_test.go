package actions

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/model"
)

const groupHistory = "4a9c1f6e-0000-11f0-9b1e-8e0d5e3c1a77"

// machines are a group with what the hosts of its nodes tell.
type machines struct {
	world
	hosts    *Hosts
	readings []*Reading
	losers   []string
	others   *Others
	declared []string
}

// newMachines is a healthy group whose servers run.
func newMachines() *machines {
	m := &machines{world: group(model.FlavourMariaDB), hosts: &Hosts{Way: host.Way{Prefix: []string{"ssh", "{host}"}}}}
	for i, n := range m.Nodes {
		m.readings = append(m.readings, &Reading{
			Node: n.ID, At: noon, Flavour: model.FlavourMariaDB,
			Service: &host.Service{Flavour: model.FlavourMariaDB, Init: host.Systemd, Unit: "mariadb"},
			State: &host.State{
				Host:     n.Name,
				DataDir:  host.Part[host.DataDir]{Value: host.DataDir{Path: "/var/lib/mysql"}},
				Server:   host.Part[host.Server]{Value: host.Server{Running: true, PID: "71" + string(rune('0'+i))}},
				Grastate: host.Part[*host.Grastate]{Value: &host.Grastate{Position: host.Position{UUID: groupHistory, Seqno: -1}}},
				Options:  host.Part[host.Options]{Value: host.Options{Values: map[string]string{"wsrep_cluster_address": "gcomm://db1,db2,db3", "wsrep_cluster_name": "shop"}}},
				Disk:     host.Part[host.Disk]{Value: host.Disk{Size: 100 << 30, Free: 60 << 30}},
				Data:     host.Part[host.Data]{Value: host.Data{Dir: "/var/lib/mysql", Owner: "mysql:mysql 755", Size: 20 << 30, Beside: host.Disk{Size: 100 << 30, Free: 60 << 30}}},
			},
		})
	}
	return m
}

func (m *machines) state(node int) *host.State { return m.readings[node-1].State }

func (m *machines) grastate(node int) *host.Grastate { return m.state(node).Grastate.Value }

// stop stops a node gracefully at a seqno.
func (m *machines) stop(node int, seqno int64) {
	m.silence(node)
	m.state(node).Server.Value = host.Server{}
	m.grastate(node).Seqno = seqno
	rest := slices.DeleteFunc(slices.Clone(m.Nodes), func(n *model.Node) bool { return n.Link == model.LinkDown })
	addresses := make([]string, len(rest))
	for i, n := range rest {
		addresses[i] = n.Address
	}
	members := strings.Join(addresses, ",")
	size := string(rune('0' + len(rest)))
	for i, n := range m.Nodes {
		if n.Link != model.LinkDown {
			m.status(i+1, "wsrep_cluster_size", size, "wsrep_cluster_weight", size, "wsrep_incoming_addresses", members)
		}
	}
}

// ended is a group all of whose nodes were stopped, db1 last.
func ended() *machines {
	m := newMachines()
	for i, seqno := range []int64{1007, 1003, 1000} {
		m.stop(i+1, seqno)
	}
	m.grastate(1).SafeToBootstrap = true
	return m
}

// plan works an operation on db1 out.
func (m *machines) plan(session Session, id string) *Plan {
	m.Complete()
	p := PlanHost(m.Snapshot, session, HostOrder{ID: id, Node: "db1", Hosts: m.hosts, Readings: m.readings, Losers: m.losers, Others: m.others})
	if m.declared != nil {
		if next, err := Declare(m.Snapshot, session, p, m.declared...); err == nil {
			return next
		}
	}
	return p
}

func TestOperationsOnHostsSayWhatTheyRun(t *testing.T) {
	for _, c := range []struct {
		id     string
		change func(m *machines)
		level  Level
		runs   string
		effect string
	}{
		{Start, func(m *machines) { m.stop(1, 990) }, LevelNode, "systemctl start mariadb", "IST from "},
		{Start, func(m *machines) { m.stop(1, 50) }, LevelCluster, "systemctl start mariadb", "all of its data is replaced"},
		{StopService, func(*machines) {}, LevelNode, "systemctl stop mariadb", "the rest stays Primary"},
		{Restart, func(*machines) {}, LevelNode, "systemctl restart mariadb", "when it comes back: IST"},
		{Upgrade, func(m *machines) {
			m.stop(1, 990)
			m.readings[0].Service.Own = map[host.Operation][]string{host.Upgrade: {"apt-get", "install", "-y", "mariadb-server"}}
		}, LevelNode, "apt-get install -y mariadb-server", "replaced by another version"},
		{RecoverPosition, func(m *machines) { m.stop(1, -1) }, LevelYes, "galera_recovery; or where that does not exist: mariadbd --user=mysql --wsrep-recover --disable-log-error", "no data is changed"},
		{CopyData, func(m *machines) { m.stop(1, 990) }, LevelNode, "cp -a --reflink=auto /var/lib/mysql /var/lib/mysql.galeratop-20261123T120000Z", "20 GiB are copied"},
		{
			ForceSST, func(m *machines) { m.stop(1, 1005) }, LevelCluster,
			"mv -n -T /var/lib/mysql/grastate.dat /var/lib/mysql/grastate.dat.galeratop-20261123T120000Z; systemctl start mariadb", "it is ahead by 5 write-sets: those are lost",
		},
		{
			ForceSSTWithCopy, func(m *machines) { m.stop(1, 990); m.losers = []string{"db1"} }, LevelCluster,
			"cp -a --reflink=auto /var/lib/mysql /var/lib/mysql.galeratop-20261123T120000Z; mv -n -T /var/lib/mysql/grastate.dat " +
				"/var/lib/mysql/grastate.dat.galeratop-20261123T120000Z; systemctl start mariadb", "whatever was written on its side of the split brain is lost",
		},
		{
			ClearLeftovers, func(m *machines) { m.stop(1, 990); m.state(1).Leftovers.Value = []string{"sst_in_progress", ".sst"} }, LevelNode,
			"rm -- /var/lib/mysql/sst_in_progress", "half way",
		},
		{
			MarkSafe, func(m *machines) { *m = *ended(); m.grastate(1).SafeToBootstrap = false }, LevelCluster,
			"sed -i -e 's/^safe_to_bootstrap:.*/safe_to_bootstrap: 1/' /var/lib/mysql/grastate.dat", "no longer refused",
		},
		{BootstrapService, func(m *machines) { *m = *ended() }, LevelCluster, "galera_new_cluster", "db1 becomes Primary alone, at " + groupHistory + ":1007"},
	} {
		m := newMachines()
		c.change(m)
		p := m.plan(Session{}, c.id)
		var lines []string
		for _, s := range p.Steps {
			lines = append(lines, s.Text)
		}
		runs, effects := strings.Join(lines, "; "), strings.Join(p.Effects, "; ")
		word := map[Level]string{LevelYes: "db1", LevelNode: "db1", LevelCluster: "shop"}[c.level]
		if p.Refuse() != "" || runs != c.runs || p.Level != c.level || p.Word != word || !contains(effects, c.effect) || p.Verify == "" {
			t.Errorf("%s: refused %q, level %d, word %q\nruns %s\neffects %s", c.id, p.Refuse(), p.Level, p.Word, runs, effects)
		}
	}
}

func TestAReadingIsReadAgainBeforeItIsReliedOn(t *testing.T) {
	m := newMachines()
	m.stop(1, 990)
	m.readings[0].At = noon.Add(-3 * time.Minute)
	if got := m.plan(Session{}, Start).Refuse(); !contains(got, "read it again") {
		t.Error(got)
	}
	m.readings = append(m.readings, &Reading{Node: "db1", At: noon, Flavour: model.FlavourMariaDB, State: m.state(1), Service: m.readings[0].Service})
	if got := m.plan(Session{}, Start).Refuse(); got != "" {
		t.Error(got)
	}
}
