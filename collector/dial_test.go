package collector

import (
	"strings"
	"testing"
)

func TestARowIsReadAgainByItsThreadInEveryForm(t *testing.T) {
	for _, st := range []*Statement{threadsOf([]uint64{7, 8}), transactionsOf([]uint64{7, 8})} {
		for _, f := range st.Forms {
			if !strings.Contains(f.SQL, " IN (7,8) ") || strings.Contains(f.SQL, "<>") {
				t.Errorf("%s: %s", st.Name, f.SQL)
			}
		}
	}
	if strings.Contains(processes.Forms[0].SQL, "IN (7,8)") {
		t.Error("the statement of the pollers was changed")
	}
}

func TestAProcessKnowsItsOwnConnections(t *testing.T) {
	o := ownThreads{of: make(map[string][]uint64)}
	o.add("a", 1)
	o.add("a", 2)
	o.add("b", 1)
	o.remove("a", 1)
	o.remove("a", 9)
	o.remove("b", 1)
	if got := o.list("a"); len(got) != 1 || got[0] != 2 || len(o.of) != 1 {
		t.Errorf("%v", o.of)
	}
}
