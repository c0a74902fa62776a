package model

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// told lists the events of a kind, as text.
func told(s *Snapshot, kind EventKind) []string {
	var out []string
	for _, e := range s.Events {
		if e.Kind == kind {
			out = append(out, e.Text)
		}
	}
	return out
}

func TestAnEpisodeOfFlowControlIsToldWhenItEnds(t *testing.T) {
	s := diagnosed(nil, 30, func(i int, a, b, c *Node) {
		if i >= 5 && i <= 15 && i != 9 { // a second without a pause does not end it
			brakes(0.8, 40, a, b, c)
		}
	})
	want := []string{"flow control ended after 10s: writers were held for 8s, at worst 80 % of the time, by db3"}
	if got := told(s, EventFlow); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	i := slices.IndexFunc(s.Events, func(e Event) bool { return e.Kind == EventFlow })
	if e := s.Events[i]; e.Lasted != 10*time.Second || e.Level != LevelWarning || !slices.Equal(e.Nodes, []string{"db3:3306"}) {
		t.Errorf("%+v", e)
	}
	if s.Flow.Nodes[0].Trend.Words() != "empty" {
		t.Errorf("the published flow control lacks its trend: %+v", s.Flow)
	}
}

func TestATransferIsToldWhenItEnds(t *testing.T) {
	s := diagnosed(nil, 30, func(i int, a, _, c *Node) {
		if i >= 5 && i < 15 {
			donate(a)
			c.Sample.Status.LocalState = N(int64(StateJoining))
		}
	})
	want := []string{"IST from db1 to db3 ended after 9s: db3 is Synced"}
	if got := told(s, EventTransfer); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	running := diagnosed(nil, 12, func(i int, a, _, c *Node) {
		if i >= 5 {
			donate(a)
			c.Sample.Status.LocalState = N(int64(StateJoining))
		}
	})
	if len(running.Transfers) != 1 || !running.Transfers[0].Since.Equal(midday.Add(5*time.Second)) {
		t.Errorf("%+v", running.Transfers)
	}
}

func TestChangedSettingsAreTold(t *testing.T) {
	s := diagnosed(nil, 10, func(i int, a, b, _ *Node) {
		set(a, "auto_increment_offset", string(rune('1'+i%3))) // follows the group
		if i >= 5 {
			set(b, "wsrep_sst_donor", "db1,")
			options, _ := variable(b, "wsrep_provider_options")
			set(b, "wsrep_provider_options", strings.Replace(options, "gcs.fc_limit = 16", "gcs.fc_limit = 64", 1))
		}
	})
	want := []string{"db2 changed gcs.fc_limit from 16 to 64, wsrep_sst_donor from '' to db1,"}
	if got := told(s, EventConfig); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
