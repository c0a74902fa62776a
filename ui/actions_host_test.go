package ui

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/model"
)

// stoppedDB2 is a cluster whose db2 is stopped and no member any more.
func stoppedDB2() *world {
	w := settledCluster()
	w.with(func(_ uint64, n *model.Node) {
		n.Sample.Status.ClusterSize, n.Sample.Status.ClusterWeight = model.N(2), model.N(2)
		n.Sample.Status.IncomingAddrs = "10.0.0.11:3306,10.0.0.13:3306"
		n.Sample.Status.CachedDownto = model.N(1)
	})
	return w.on("db2", 1, func(n *model.Node) {
		n.Link, n.Rates = model.LinkDown, model.Rates{}
		n.Failure = &model.Failure{Kind: model.FailRefused, Text: "dial tcp 10.0.0.12:3306: connection refused", Since: noon}
	})
}

// told is what the host of a node tells at the second tick: its server is stopped
// or runs.
func told(w *world, id string, runs bool) *actions.Reading {
	w.tick = 1
	s := w.next()
	n := s.Node(id)
	r := &actions.Reading{
		Node: id, At: s.At, Flavour: model.FlavourMariaDB, Service: &host.Service{Flavour: model.FlavourMariaDB, Init: host.Systemd, Unit: "mariadb"},
		State: &host.State{
			DataDir:  host.Part[host.DataDir]{Value: host.DataDir{Path: "/var/lib/mysql"}},
			Server:   host.Part[host.Server]{Value: host.Server{Running: runs, PID: "4711"}},
			Grastate: host.Part[*host.Grastate]{Value: &host.Grastate{Position: host.Position{UUID: n.Status().ClusterStateUUID, Seqno: -1}}},
			Options:  host.Part[host.Options]{Value: host.Options{Values: map[string]string{"wsrep_cluster_address": "gcomm://10.0.0.11,10.0.0.12,10.0.0.13"}}},
			Disk:     host.Part[host.Disk]{Value: host.Disk{Size: 100 << 30, Free: 60 << 30}},
			Data:     host.Part[host.Data]{Value: host.Data{Dir: "/var/lib/mysql", Owner: "mysql:mysql 755", Size: 20 << 30, Beside: host.Disk{Size: 100 << 30, Free: 60 << 30}}},
		},
	}
	if !runs {
		r.State.Server.Value.PID = ""
		r.State.Grastate.Value.Seqno = n.Status().LastCommitted.V
	}
	return r
}

// hosted watches a console that reaches hosts; db2 is chosen.
func hosted(t *testing.T, w *world, opt Options, width, height int, test func(*screen, *fakeRunner)) {
	t.Helper()
	r := &fakeRunner{hosts: actions.Hosts{Way: host.Way{Prefix: []string{"ssh", "{host}"}}}}
	r.order = func(node string, all bool) (actions.HostOrder, error) {
		o := actions.HostOrder{Node: node, Hosts: &r.hosts, Readings: []*actions.Reading{told(stoppedDB2(), node, node != "db2")}}
		for _, other := range []string{"db1", "db2", "db3"} {
			if all && other != node {
				o.Readings = append(o.Readings, told(stoppedDB2(), other, other != "db2"))
			}
		}
		return o, nil
	}
	opt.runner = r
	acting(t, w, opt, width, height, func(s *screen, _ *fakeRunner) { test(s, r) })
}

func TestScreensOfOperationsOnHostsLookAsTheyDid(t *testing.T) {
	for name, c := range map[string]struct {
		opt  Options
		keys []string
	}{
		"menu":    {Options{}, []string{"a", "End", "Up", "Up"}},
		"typed":   {Options{}, []string{"a", "start"}},
		"start":   {Options{}, []string{"a", "starts the service", "Enter"}},
		"sst":     {Options{}, []string{"a", "copies the data directory, sets", "Enter"}},
		"refused": {Options{}, []string{"a", "leftovers", "Enter"}},
		"reading": {Options{ReadOnly: true}, []string{"a", "starts the service"}},
	} {
		for _, size := range actionSizes {
			t.Run(fmt.Sprintf("%s %dx%d", name, size[0], size[1]), func(t *testing.T) {
				hosted(t, stoppedDB2(), c.opt, size[0], size[1], func(s *screen, _ *fakeRunner) {
					s.Press(c.keys...).Golden(fmt.Sprintf("host-%s-%dx%d", name, size[0], size[1]), size[0] == 80)
				})
			})
		}
	}
}

func TestAStoppedNodeIsStartedFromItsMenuAfterItsHostWasRead(t *testing.T) {
	hosted(t, stoppedDB2(), Options{}, 120, 40, func(s *screen, r *fakeRunner) {
		s.Press("a").Has("Actions on db2").Press("starts the service").Has("Shows the plan; confirmed by typing db2").Press("Enter")
		s.Has("Start the server of db2", "1 command", "systemctl start mariadb", "Type db2 and Enter").Press("db2", "Enter").Has("Running")
		if got := r.ran(); len(got) != 1 || got[0] != "db2: ssh 10.0.0.12 systemctl start mariadb" && got[0] != "db2: systemctl start mariadb" {
			t.Errorf("ran %q", got)
		}
		for _, text := range []string{"starting", "InnoDB recovers", "its server runs, and does not answer yet"} {
			r.jobs[0].news <- actions.Progress{Step: 0, Stage: actions.Running, Text: text}
			s.settle()
		}
		s.Has("Output", "InnoDB recovers", "does not answer yet")
	})
}

func TestAPlanOnAHostIsShownOnceTheHostWasRead(t *testing.T) {
	hosted(t, stoppedDB2(), Options{}, 120, 40, func(s *screen, r *fakeRunner) {
		answer, tell := r.order, make(chan struct{})
		r.order = func(node string, all bool) (actions.HostOrder, error) {
			<-tell
			return answer(node, all)
		}
		s.Press(":", "start db2", "Enter").Has("── Reading", "reads the host of db2; nothing is changed by that").Press("y", "Enter", "db2").Has("── Reading")
		if r.asked != 1 {
			t.Fatalf("asked %d times", r.asked)
		}
		tell <- struct{}{}
		s.settle().Has("── Confirm", "systemctl start mariadb", "Type db2 and Enter")
		if len(r.ran()) > 0 || r.asked != 1 {
			t.Errorf("ran %v, asked %d times", r.ran(), r.asked)
		}
	})
}

func TestHostsThatCannotBeReadSayWhy(t *testing.T) {
	hosted(t, stoppedDB2(), Options{}, 120, 40, func(s *screen, r *fakeRunner) {
		r.order = func(node string, _ bool) (actions.HostOrder, error) {
			o := actions.HostOrder{Node: node, Hosts: &r.hosts, Readings: []*actions.Reading{told(stoppedDB2(), node, false)}}
			o.Readings[0].Err = errors.New("ssh to db2: permission denied (publickey)")
			return o, nil
		}
		s.Press("a", "starts the service").Has("Refused now", "permission denied (publickey)")
	})
	hosted(t, stoppedDB2(), Options{}, 120, 40, func(s *screen, r *fakeRunner) {
		r.hosts = actions.Hosts{}
		s.Press("a", "starts the service").Has("no command can be run on hosts", "host_command for the cluster in config.toml").Press("Enter")
		s.Has("── Refused", "FAILED", "host_command")
		if r.asked > 0 {
			t.Error("a host was read without a way to it")
		}
	})
}

func TestHostsAreReadAgainWhileAMenuIsOpenAndNotTwiceAtOnce(t *testing.T) {
	hosted(t, stoppedDB2(), Options{}, 120, 40, func(s *screen, r *fakeRunner) {
		s.Press("a").Tick(1)
		time.Sleep(menuReadings)
		s.Tick(1).Tick(1)
		if r.asked != 2 {
			t.Errorf("asked %d times", r.asked)
		}
	})
}

func TestOperationsOnHostsAreInThePalette(t *testing.T) {
	hosted(t, stoppedDB2(), Options{}, 120, 40, func(s *screen, _ *fakeRunner) {
		s.Press(":", "start db2").Has("start db2: starts the service on its host", "restart db2:").Press("Esc")
		s.Press(":", "sst db2").Has("force-sst db2:", "force-sst-copy db2:").Press("Esc")
	})
	var ids []string
	for _, a := range actions.HostActions() {
		ids = append(ids, a.ID)
	}
	for _, n := range actions.NodeActions(settledCluster().next().Nodes[0]) {
		if slices.Contains(ids, n.ID) {
			t.Errorf("%s is two actions", n.ID)
		}
	}
}
