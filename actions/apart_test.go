package actions

import (
	"slices"
	"testing"

	"github.com/galeratop/galeratop/model"
)

// splitOff makes db1 a Primary Component of its own.
func (w world) splitOff() {
	w.status(1, "wsrep_cluster_size", "1", "wsrep_cluster_weight", "1", "wsrep_incoming_addresses", "db1:3306", "wsrep_cluster_conf_id", "9")
	for _, n := range []int{2, 3} {
		w.status(n, "wsrep_cluster_size", "2", "wsrep_cluster_weight", "2", "wsrep_incoming_addresses", "db2:3306,db3:3306", "wsrep_cluster_conf_id", "9")
	}
	w.Complete()
}

func TestWhoWasPrimaryBesideTheOthersIsRememberedAfterItsStop(t *testing.T) {
	r := NewRunner(Options{})
	w := group(model.FlavourMariaDB)
	r.Observe(w.Snapshot)
	split := w.later(1)
	split.splitOff()
	r.Observe(split.Snapshot)
	if got := r.Apart(); len(got) != 0 {
		t.Errorf("one snapshot of a view that changes is enough: %q", got)
	}
	r.Observe(split.Snapshot)
	if got := r.Apart(); !slices.Equal(got, []string{"db1", "db2", "db3"}) {
		t.Errorf("while both sides are Primary: %q", got)
	}
	stopped := split.later(2)
	stopped.status(1, "wsrep_cluster_status", "Disconnected", "wsrep_incoming_addresses", "")
	stopped.silence(1)
	stopped.Complete()
	r.Observe(stopped.Snapshot)
	if got := r.Apart(); !slices.Equal(got, []string{"db1"}) {
		t.Errorf("after the stop of one: %q", got)
	}
	r.Observe(group(model.FlavourMariaDB).Snapshot)
	if got := r.Apart(); len(got) != 0 {
		t.Errorf("after its return: %q", got)
	}
}

func TestASideThatIsSeenAloneForAWhileIsNotForgottenToHaveBeenBesideAnother(t *testing.T) {
	r := NewRunner(Options{})
	split := group(model.FlavourMariaDB)
	split.splitOff()
	r.Observe(split.Snapshot)
	r.Observe(split.Snapshot)
	unseen := split.later(1)
	for i := 1; i < len(unseen.Nodes); i++ {
		unseen.silence(i + 1)
	}
	unseen.Complete()
	r.Observe(unseen.Snapshot)
	if got := r.Apart(); !slices.Equal(got, []string{"db2", "db3"}) {
		t.Errorf("with only db1 in sight: %q", got)
	}
	stopped := split.later(2)
	stopped.status(1, "wsrep_cluster_status", "Disconnected", "wsrep_incoming_addresses", "")
	stopped.silence(1)
	stopped.Complete()
	r.Observe(stopped.Snapshot)
	if got := r.Apart(); !slices.Equal(got, []string{"db1"}) {
		t.Errorf("with db1 stopped: %q", got)
	}
	nobody := split.later(3)
	for i := range nobody.Nodes {
		nobody.silence(i + 1)
	}
	nobody.Complete()
	r.Observe(nobody.Snapshot)
	if got := r.Apart(); !slices.Equal(got, []string{"db1"}) {
		t.Errorf("with nobody in sight: %q", got)
	}
}

func TestWhatWasGivenUpStaysSoUntilAnSST(t *testing.T) {
	h := &History{Runs: []PastRun{{Action: StopService, GivenUp: []string{"db1", "db2"}, Ended: true}}}
	step := []PastStep{{Node: "db1"}}
	h.Runs = append(h.Runs, PastRun{Action: Start, Stage: "done", Steps: step}, PastRun{Action: ForceSST, Stage: "stopped", Steps: step})
	if got := h.GivenUp(); !slices.Equal(got, []string{"db1", "db2"}) {
		t.Errorf("%q", got)
	}
	h.Runs = append(h.Runs, PastRun{Action: ForceSST, Stage: "done", Steps: step})
	if got := h.GivenUp(); !slices.Equal(got, []string{"db2"}) {
		t.Errorf("%q", got)
	}
}
