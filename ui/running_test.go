package ui

import (
	"testing"

	"github.com/galeratop/galeratop/actions"
)

func TestARunIsShownStepByStepUntilItsSummaryWasSeen(t *testing.T) {
	proposing(t, Options{}, 120, 30, manyPlan, func(s *screen, r *fakeRunner) {
		s.Press("!", "31 threads", "Enter").Has("Running", "31 waiting")
		news := r.jobs[0].news
		news <- actions.Progress{Step: 0, Stage: actions.Running}
		news <- actions.Progress{Step: 1, Stage: actions.Verifying, Text: "the server said OK"}
		news <- actions.Progress{Step: 2, Stage: actions.Done, Text: "gone after 0.4 s"}
		s.settle().Has("1 done, 1 verifying, 1 running, 28 waiting", "gone after 0.4 s").Golden("run-many-120x30", true)
		for i := range 31 {
			news <- actions.Progress{Step: i, Stage: actions.Done, Text: "gone"}
		}
		news <- actions.Progress{Step: 3, Stage: actions.Wrong, Text: "needs GRANT CONNECTION ADMIN ON *.*"}
		news <- actions.Progress{Step: 4, Stage: actions.NotYet, Text: "rolls back, about 20 s left"}
		news <- actions.Progress{Step: -1, Stage: actions.Wrong, Text: "29 of 31 threads are gone"}
		close(news)
		s.settle().Tick(2).Has("Finished", "1 FAILED, 1 not yet, 29 done", "needs GRANT CONNECTION ADMIN ON *.*", "29 of 31 threads are gone")
		s.Row(-1).Has("Any key").Golden("run-over-120x30", true)
		s.Press("y").Has("Busiest queries").Row(-1).Lacks("finished")
		s.Press("J").Has("Finished", "29 of 31 threads are gone").Press("Esc").Has("Busiest queries")
	})
}

func TestARunGoesOnInTheBackgroundWithALineInTheFooter(t *testing.T) {
	proposing(t, Options{}, 160, 24, onePlan, func(s *screen, r *fakeRunner) {
		s.Press("J").Row(-1).Has("nothing was run yet")
		s.Press("!", "y", "Esc").Has("Busiest queries").Row(-1).Has("running: Kill the query of thread 1000 on db1: 1 waiting", "J shows it")
		r.jobs[0].news <- actions.Progress{Step: 0, Stage: actions.Verifying}
		s.settle().Row(-1).Has("1 verifying")
		s.Press("J").Has("Running").Press("Esc", "2").Row(-1).Has("running:")
		r.jobs[0].news <- actions.Progress{Step: 0, Stage: actions.Done, Text: "gone after 0.4 s"}
		close(r.jobs[0].news)
		s.settle().Row(-1).Has("finished: Kill the query of thread 1000 on db1: done, gone after 0.4 s")
		s.Press("1").Row(-1).Lacks("finished")
	})
}

func TestARunCanBeCancelledOnce(t *testing.T) {
	proposing(t, Options{}, 80, 24, manyPlan, func(s *screen, r *fakeRunner) {
		s.Press("!", "31 threads", "Enter", "c").Has("Cancelled: what has not begun is left out").Row(-1).Lacks("cancel")
		if !r.jobs[0].cancelled {
			t.Error("nobody told the run")
		}
		r.jobs[0].news <- actions.Progress{Step: 0, Stage: actions.Stopped, Text: "cancelled"}
		close(r.jobs[0].news)
		s.settle().Has("Finished", "1 not run")
	})
}
