package model

import (
	"testing"
	"time"
)

func TestProviderOptionsAreReadFromVariablesOfTheirOwnWhereThePluginServesThem(t *testing.T) {
	values := map[string]string{"wsrep_provider_options": "gcs.fc_limit = 16; pc.weight = 1"}
	n := &Node{Link: LinkUp, Sample: &Sample{Slow: Slow{Variables: &Variables{Values: values}}}}
	if v, ok := Setting(n, "gcs.fc_limit"); !ok || v != "16" {
		t.Errorf("%q, %v", v, ok)
	}
	if w, ok := weightOf(n); !ok || w != 1 {
		t.Errorf("%d, %v", w, ok)
	}
	values["wsrep_provider_pc_bootstrap"], values["wsrep_provider_gcs_fc_limit"], values["wsrep_provider_pc_weight"] = "OFF", "64", "3"
	if v, ok := Setting(n, "gcs.fc_limit"); !ok || v != "64" {
		t.Errorf("with the plugin %q, %v", v, ok)
	}
	if w, ok := weightOf(n); !ok || w != 3 {
		t.Errorf("with the plugin %d, %v", w, ok)
	}
}

func TestASideOfASplitBrainIsRemembered(t *testing.T) {
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	s := &Snapshot{Events: []Event{
		{At: at, Kind: EventFinding, Text: splitBrain + "db1 and db2, and db3", Nodes: []string{"db1", "db2", "db3"}},
		{At: at.Add(time.Minute), Kind: EventFinding, Text: accidental + "db3 started alone", Nodes: []string{"db3"}},
		{At: at.Add(time.Hour), Kind: EventCleared, Text: splitBrain + "db4", Nodes: []string{"db4"}},
	}}
	for node, want := range map[string]time.Time{"db1": at, "db3": at.Add(time.Minute), "db4": {}} {
		if got, seen := SplitSeen(s, node); !got.Equal(want) || seen == want.IsZero() {
			t.Errorf("%s: %s, %v", node, got, seen)
		}
	}
}
