package demo

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	onhost "github.com/galeratop/galeratop/actions/host"
	servers "github.com/galeratop/galeratop/internal/lab/cluster"
	"github.com/galeratop/galeratop/model"
)

// world is a cluster of three on which the same things are done, real or simulated;
// nodes count from 0.
type world interface {
	crash(nodes ...int) // and waits until the others have noticed
	stop(node int)
	start(node int) error
	launch(node int) // until the first node has it in its component
	bootstrap(node int) error
	markSafe(node int)
	forget(node int) // removes grastate.dat
	look(node int) *onhost.State
}

type simulatedWorld struct{ *site }

func (w simulatedWorld) name(node int) string { return fmt.Sprintf("db%d", node+1) }

func (w simulatedWorld) crash(nodes ...int) {
	for _, n := range nodes {
		w.act(Action{Do: Crash, Node: w.name(n)})
	}
	w.after(10 * time.Second)
}

func (w simulatedWorld) stop(node int) {
	if err := w.does(w.name(node), onhost.Stop); err != nil {
		w.t.Fatal(err)
	}
}

func (w simulatedWorld) start(node int) error {
	defer w.after(20 * time.Second)
	return w.does(w.name(node), onhost.Start)
}

func (w simulatedWorld) launch(node int) {
	w.run(w.name(node), "systemctl", "--no-block", "start", "mariadb")
	w.after(5 * time.Second)
}

func (w simulatedWorld) bootstrap(node int) error { return w.does(w.name(node), onhost.Bootstrap) }

func (w simulatedWorld) file(node int) string {
	return w.engine.node(w.name(node)).inData(grastateFile)
}

func (w simulatedWorld) markSafe(node int) { w.run(w.name(node), "sed", "-i", setSafe, w.file(node)) }

func (w simulatedWorld) forget(node int) { w.run(w.name(node), "rm", w.file(node)) }

func (w simulatedWorld) look(node int) *onhost.State { return w.site.look(w.name(node)) }

type realWorld struct {
	*servers.Cluster
	t *testing.T
}

func (w realWorld) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w realWorld) crash(nodes ...int) {
	gone := map[int]bool{}
	for _, n := range nodes {
		w.Node(n + 1).Crash()
		gone[n] = true
	}
	for i, n := range w.Nodes() {
		if !gone[i] && n.Running() {
			w.must(n.WaitStatus(w.t.Context(), "wsrep_cluster_size", strconv.Itoa(len(w.Nodes())-len(nodes))))
		}
	}
}

func (w realWorld) stop(node int) { w.must(w.Node(node + 1).Stop(w.t.Context())) }

func (w realWorld) start(node int) error { return w.Node(node + 1).Start(w.t.Context()) }

func (w realWorld) launch(node int) {
	w.must(w.Node(node + 1).Launch(w.t.Context()))
	w.must(w.Node(1).WaitStatus(w.t.Context(), "wsrep_cluster_size", "2"))
}

func (w realWorld) bootstrap(node int) error {
	ctx, cancel := context.WithTimeout(w.t.Context(), 30*time.Second)
	defer cancel()
	return w.Node(node + 1).Bootstrap(ctx)
}

func (w realWorld) markSafe(node int) { w.must(w.Node(node + 1).SetSafeToBootstrap(true)) }

func (w realWorld) forget(node int) {
	w.must(os.Remove(w.Node(node+1).DataDir + "/" + grastateFile))
}

func (w realWorld) look(node int) *onhost.State {
	n := w.Node(node + 1)
	address, _, _ := strings.Cut(n.Address, ":")
	for {
		s, err := onhost.Look(w.t.Context(), onhost.Way{Prefix: []string{}}, address, onhost.Facts{Flavour: model.FlavourMariaDB, DefaultsFile: n.DefaultsFile})
		w.must(err)
		// A server that another test starts cannot be told for a moment.
		if s.Server.Known() {
			return s
		}
	}
}

// keeps is what all hosts keep, histories as letters in the order of appearance.
func keeps(w world) string {
	letters := map[string]string{}
	var lines []string
	for node := range 3 {
		s := w.look(node)
		line := fmt.Sprintf("db%d running %v", node+1, s.Server.Value.Running)
		if g := s.Grastate.Value; g == nil {
			line += ", no grastate.dat"
		} else {
			if letters[g.UUID] == "" {
				letters[g.UUID] = string(rune('A' + len(letters)))
			}
			line += fmt.Sprintf(", history %s, position %v, safe %v", letters[g.UUID], g.Seqno >= 0, g.SafeToBootstrap)
		}
		if v := s.Gvwstate.Value; v == nil {
			line += ", no view"
		} else {
			line += fmt.Sprintf(", a view of %d", len(v.Members))
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// chronicle is what the hosts keep after each of the things that happen to nodes.
func chronicle(t *testing.T, w world) map[string]string {
	out := map[string]string{}
	tell := func(when string) { out[when] = keeps(w) }
	says := func(node int, texts ...string) {
		t.Helper()
		log := strings.Join(w.look(node).Log.Value.Lines, "\n")
		for _, text := range texts {
			if !strings.Contains(log, text) {
				t.Errorf("db%d: no %q in\n%s", node+1, text, log)
			}
		}
	}
	works := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	tell("all run")
	w.stop(2)
	tell("db3 stopped")
	says(2, "WSREP: Shifting OPEN -> CLOSED (TO: ", "Shutdown complete")
	works("start", w.start(2))
	w.crash(1, 2)
	tell("db2 and db3 crashed")
	w.launch(1)
	tell("db2 started without a Primary Component")
	w.crash(0, 1)
	tell("all crashed")
	if w.bootstrap(0) == nil {
		t.Error("bootstrapped although it is not safe")
	}
	tell("bootstrap refused")
	says(0, "[ERROR] WSREP: It may not be safe to bootstrap the cluster from this node. It was not the last one to leave the cluster",
		"WSREP: Connecting with bootstrap option: 1", "[ERROR] Aborting")
	w.markSafe(0)
	works("bootstrap", w.bootstrap(0))
	tell("db1 bootstrapped")
	w.forget(1)
	tell("db2 without grastate.dat")
	works("start by a full copy", w.start(1))
	tell("db2 has a full copy")
	says(1, "WSREP: SST received: ", "WSREP: Shifting JOINER -> JOINED (TO: ", "WSREP: Shifting JOINED -> SYNCED (TO: ", "WSREP: Synchronized with group, ready for connections")
	works("start", w.start(2))
	w.stop(1)
	w.markSafe(1)
	works("bootstrap beside a living cluster", w.bootstrap(1))
	tell("two clusters")
	w.stop(0)
	w.stop(2)
	w.stop(1)
	tell("all stopped")
	return out
}

// A simulated host keeps after everything that happens what a real one does.
func TestSimulatedHostsKeepWhatRealOnesDo(t *testing.T) {
	t.Parallel()
	want := chronicle(t, realWorld{servers.Start(t, 3), t})
	for when, got := range chronicle(t, simulatedWorld{newSite(t, Options{Seed: 61}).after(time.Second)}) {
		if got != want[when] {
			t.Errorf("%s:\n%s\na real one:\n%s", when, got, want[when])
		}
	}
}
