package actions

import (
	"os"
	"strings"
	"testing"
	"time"
)

// begun writes the intent of a run of an action into the log.
func begun(t *testing.T, a *Audit, id string) *auditRun {
	t.Helper()
	p := somePlan()
	p.Action, p.Part = id, "part"
	run, err := a.begin(loggedRun(p))
	must(t, err)
	return run
}

func TestTheLogTellsWhatWasBegunAndHowItEnded(t *testing.T) {
	a := auditIn(t)
	if h, err := a.History("shop"); err != nil || h.Runs != nil {
		t.Fatalf("without a log: %+v, %v", h, err)
	}
	first := begun(t, a, Restart)
	must(t, first.step(0, outcome{stage: Verifying, text: "the command has ended", said: []string{"hello"}}, time.Second))
	must(t, first.verified(0, Done, "Synced", time.Second))
	must(t, first.end(Result{Stage: Done, Text: "Synced"}, time.Second))
	f, err := os.OpenFile(a.Path, os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = f.WriteString(`{"v":1,"torn`)
	must(t, err)
	must(t, f.Close())
	begun(t, a, Start)
	h, err := a.History("shop")
	must(t, err)
	if len(h.Runs) != 2 || !h.Runs[0].Ended || h.Runs[0].Stage != "done" || h.Runs[0].Steps[0].Words != "Synced" || h.Runs[0].Part != "part" ||
		h.Runs[1].Ended || h.Runs[1].Steps[0].Stage != "waiting" || h.Runs[1].PID != os.Getpid() {
		t.Errorf("%+v", h.Runs)
	}
	if other, err := a.History("another"); err != nil || other.Runs != nil {
		t.Errorf("%+v, %v", other, err)
	}
}

func TestOfTwoThatBeginAtOnceTheFirstInTheLogGoesOn(t *testing.T) {
	a := auditIn(t)
	first, second := begun(t, a, Restart), begun(t, a, StopService)
	if got := a.busy("shop", first.id); got != "" {
		t.Errorf("the first is kept back: %s", got)
	}
	if got := a.busy("shop", second.id); !strings.Contains(got, "another run is on its way in this cluster: ") {
		t.Errorf("the second is not: %q", got)
	}
	must(t, first.end(Result{Stage: Done}, 0))
	if got := a.busy("shop", second.id); got != "" {
		t.Errorf("after the end of the first: %s", got)
	}
	begun(t, a, "kill-query")
	if got := a.busy("shop", begun(t, a, Start).id); !strings.Contains(got, "another run") {
		t.Errorf("the stop is still on its way: %q", got)
	}
}

func TestAKillKeepsNobodyBack(t *testing.T) {
	a := auditIn(t)
	begun(t, a, "kill-query")
	if got := a.busy("shop", begun(t, a, Start).id); got != "" {
		t.Error(got)
	}
}

func TestAConsoleThatDiedIsToldApartFromOneAtWork(t *testing.T) {
	a := auditIn(t)
	begun(t, a, Restart)
	h, err := a.History("shop")
	must(t, err)
	r := h.Runs[0]
	now := r.Last.Add(time.Minute)
	if !r.Alive(now) {
		t.Error("this process is dead")
	}
	r.PID = 1 << 30
	if r.Alive(now) {
		t.Error("no process has that number")
	}
	r.Host = "elsewhere"
	if !r.Alive(now) || r.Alive(now.Add(silence)) {
		t.Error("on another machine, silence tells")
	}
	h.Runs[0].PID = 1 << 30
	if got := h.CutOff(now); len(got) != 1 {
		t.Errorf("%+v", got)
	}
	done := h.Runs[0]
	done.Ended = true
	h.Runs = append(h.Runs, done)
	if got := h.CutOff(now); got != nil {
		t.Errorf("something was done on the node since: %+v", got)
	}
	o, err := a.Others("shop", now)
	must(t, err)
	if len(o.Busy) != 1 || o.CutOff != nil || !strings.Contains(o.Busy[0], "begun by ") {
		t.Errorf("%+v", o)
	}
}

func TestAProcedureIsReadAsItWasToldLast(t *testing.T) {
	a := auditIn(t)
	p := NewProcedure("rolling-restart")
	for _, state := range []string{"begun", "paused"} {
		p.State = state
		must(t, a.Tell("shop", p, noon))
	}
	h, err := a.History("shop")
	must(t, err)
	if len(h.Procedures) != 1 || h.Procedures[0].State != "paused" || h.Procedures[0].ID != p.ID || !h.Procedures[0].At.Equal(noon) {
		t.Errorf("%+v", h.Procedures)
	}
}
