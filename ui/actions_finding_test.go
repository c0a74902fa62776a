package ui

import (
	"slices"
	"testing"

	"github.com/galeratop/galeratop/model"
)

// found is a world in which a finding is there until a tick.
func found(w *world, f model.Finding, until uint64) *world {
	f.Rule, f.Level, f.Title, f.Since = "some-rule", model.LevelWarning, "db2 is desynced by hand", noon
	f.Do = []string{"Ask whether somebody works on it."}
	w.tell = func(s *model.Snapshot) {
		if s.Tick < until {
			s.Findings = []model.Finding{f}
			s.Headline = model.Headline{Level: f.Level, Text: f.Title}
		}
	}
	return w
}

func TestTheExplanationOpensThePlanThatSetsItRight(t *testing.T) {
	for _, size := range actionSizes {
		w := found(desynced(0), model.Finding{Action: "resync", About: "db2", Nodes: []string{"db2"}}, 99)
		acting(t, w, Options{}, size[0], size[1], func(s *screen, r *fakeRunner) {
			s.Press("v").Has("a  resync db2: shows the plan and asks first").Row(-1).Has("a resync db2")
			s.Press("a").Has("Resync db2: back into flow control", "Run this?").Press("n").Has("What to do").Press("a", "y").Has("Running")
			if got := r.ran(); !slices.Equal(got, []string{"db2: SET GLOBAL wsrep_desync = OFF"}) {
				t.Errorf("ran %q", got)
			}
		})
	}
}

func TestTheActionOfAFindingIsAboutTheFirstOfItsNodesUnlessItIsAboutOne(t *testing.T) {
	acting(t, found(settledCluster(), model.Finding{Action: "desync", Nodes: []string{"db3", "db1"}}, 99), Options{}, 120, 40, func(s *screen, _ *fakeRunner) {
		s.Press("v").Has("desync db3: shows").Press("a").Has("Desync db3", "Type db3 and Enter")
	})
	acting(t, found(settledCluster(), model.Finding{Action: "appliers", Nodes: []string{"db3"}}, 99), Options{}, 120, 40, func(s *screen, _ *fakeRunner) {
		s.Press("v", "a").Has("wsrep_slave_threads on db3: a whole number from 1 to 512, now 8", "New value:").Press("Esc").Has("What to do")
	})
}

func TestAFindingMayEndTheThreadThatItNames(t *testing.T) {
	w := found(steady(), model.Finding{Action: "kill-connection", Thread: 1300, About: "db2", Nodes: []string{"db2"}}, 99)
	acting(t, w, Options{}, 120, 40, func(s *screen, r *fakeRunner) {
		s.Press("v").Has("a  kill the connection of thread 1300 on db2: shows").Press("a").Has("Kill the connection of thread 1300 on db2", "Run this?").Press("y")
		if got := r.ran(); !slices.Equal(got, []string{"db2: KILL CONNECTION 1300"}) {
			t.Errorf("ran %q", got)
		}
	})
	gone := found(steady(), model.Finding{Action: "kill-connection", Thread: 77777, About: "db2"}, 99)
	acting(t, gone, Options{}, 120, 40, func(s *screen, r *fakeRunner) {
		s.Press("v", "a").Row(-1).Has("thread 77777 on db2 has ended by itself")
		if len(r.plans) > 0 {
			t.Errorf("ran %v", r.ran())
		}
	})
}

func TestAFindingOffersNothingThatThisConsoleCannotDo(t *testing.T) {
	for name, f := range map[string]model.Finding{
		"no action":      {About: "db2"},
		"unknown":        {Action: "dance", About: "db2"},
		"no such node":   {Action: "resync", About: "db9", Nodes: []string{"db9"}},
		"no node at all": {Action: "resync"},
		"no thread":      {Action: "kill-connection", About: "db2"},
	} {
		t.Run(name, func(t *testing.T) {
			acting(t, found(settledCluster(), f, 99), Options{}, 120, 40, func(s *screen, _ *fakeRunner) {
				s.Press("v").Has("What to do").Lacks("shows the plan").Press("a").Has("What to do").Lacks("Confirm")
			})
		})
	}
}

func TestTheActionOfAFindingIsGreyInReadOnlyModeAndGoneWhenItIsOver(t *testing.T) {
	f := model.Finding{Action: "resync", About: "db2"}
	acting(t, found(desynced(0), f, 99), Options{ReadOnly: true}, 120, 40, func(s *screen, r *fakeRunner) {
		s.Press("v").Has("resync db2 (read-only mode)").Press("a").Row(-1).Has("resync db2: read-only mode")
		if len(r.plans) > 0 {
			t.Errorf("ran %v", r.ran())
		}
	})
	acting(t, found(desynced(0), f, 5), Options{}, 120, 40, func(s *screen, _ *fakeRunner) {
		s.Press("v").Has("shows the plan").Tick(4).Has("OVER").Lacks("shows the plan").Press("a").Lacks("Confirm")
	})
}
