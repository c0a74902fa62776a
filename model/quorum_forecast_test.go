package model

import "testing"

func votes(weights ...int64) *Quorum {
	var out []Vote
	for i, w := range weights {
		name := string(rune('a' + i))
		out = append(out, Vote{Node: name, Name: name, Weight: w})
	}
	return newQuorum(out)
}

func TestAGracefulLeaveIsForecastWithSilentMembersTakenForCrashed(t *testing.T) {
	for _, c := range []struct {
		weights []int64
		leaves  string
		silent  []string
		keeps   bool
	}{
		{[]int64{1, 1, 1}, "a", nil, true},
		{[]int64{1, 1, 1}, "a", []string{"b"}, false},
		{[]int64{1, 1}, "a", nil, true},
		{[]int64{1}, "a", nil, false},
		{[]int64{3, 1, 1}, "b", []string{"c"}, true},
		{[]int64{1, 0, 0}, "a", nil, false},
		{[]int64{1, 1, 1, 1}, "a", []string{"b"}, true},
	} {
		if got := votes(c.weights...).AfterLeave(c.leaves, c.silent...); got != c.keeps {
			t.Errorf("%v without %s, silent %v: %v", c.weights, c.leaves, c.silent, got)
		}
	}
}

func TestAQuorumIsReckonedAnewForOtherMembersOrWeights(t *testing.T) {
	q := votes(1, 1, 1)
	if rest := q.Without("a"); rest.Total != 2 || rest.Crashes != 0 || rest.Vote("a") != nil {
		t.Errorf("%+v", rest)
	}
	heavy := q.Reweighed("b", 3)
	if v := heavy.Vote("b"); heavy.Total != 5 || v.CrashKeeps || !v.StopKeeps {
		t.Errorf("%+v", heavy)
	}
	if q.Total != 3 || q.Vote("b").Weight != 1 {
		t.Errorf("the first one changed: %+v", q)
	}
}
