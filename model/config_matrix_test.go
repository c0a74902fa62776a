package model

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func TestValuesAreComparedByWhatTheyMean(t *testing.T) {
	for _, c := range []struct {
		name, a, b string
		same       bool
	}{
		{"evs.suspect_timeout", "PT5S", "5", true},
		{"evs.suspect_timeout", "PT5S", "PT0.5S", false},
		{"evs.inactive_timeout", "PT1M30S", "PT90S", true},
		{"evs.keepalive_period", "P1DT1H", "PT25H", true},
		{"gcache.size", "64M", "67108864", true},
		{"gcache.size", "1G", "1024M", true},
		{"gcache.size", "128M", "128", false},
		{"wsrep_certify_nonpk", "ON", "1", true},
		{"pc.ignore_sb", "false", "no", true},
		{"pc.ignore_sb", "false", "true", false},
		{"gcs.fc_factor", "1.0", "1", true},
		{"wsrep_cluster_address", "gcomm://a,b,c", "gcomm://c, a,b", true},
		{"wsrep_cluster_address", "gcomm://a,b,c", "gcomm://", false},
		{"wsrep_cluster_address", "gcomm://a,b?pc.wait_prim=no", "gcomm://b,a", false},
		{"sql_mode", "STRICT_TRANS_TABLES,NO_ZERO_DATE", "NO_ZERO_DATE,STRICT_TRANS_TABLES", true},
		{"sql_mode", "", "NO_ZERO_DATE", false},
		{"binlog_format", "row", "ROW", true},
		{"wsrep_cluster_name", "Shop", "shop", false},
		{"innodb_data_file_path", "Infinity", "inf", false},
	} {
		if got := SameMeaning(c.name, c.a, c.b); got != c.same {
			t.Errorf("%s: %q and %q mean the same: %t", c.name, c.a, c.b, got)
		}
	}
}

func TestAPeriodWithoutAnyUnitIsNone(t *testing.T) {
	for _, text := range []string{"P", "PT", "", "5S", "PT5", "PTxS", "P5S"} {
		if d, ok := ParsePeriod(text); ok {
			t.Errorf("%q is read as %s", text, d)
		}
	}
}

// configured is a snapshot of Primary members with these settings.
func configured(columns ...map[string]string) *Snapshot {
	s := &Snapshot{At: time.Unix(1000, 0)}
	for i, values := range columns {
		rows := make(map[string]Assignment, len(values))
		for name, value := range values {
			rows[name] = Assignment{Value: value}
		}
		n := &Node{ID: fmt.Sprint("n", i+1), Name: fmt.Sprint("db", i+1), Link: LinkUp, Sample: &Sample{}}
		n.Sample.Status.ClusterStatus = "Primary"
		n.Sample.Slow.Settings = &Settings{Reading: Reading{At: s.At}, Rows: rows}
		s.Nodes = append(s.Nodes, n)
	}
	return s
}

func rowNamed(t *testing.T, m ConfigMatrix, name string) *ConfigRow {
	t.Helper()
	for i := range m.Rows {
		if m.Rows[i].Name == name {
			return &m.Rows[i]
		}
	}
	t.Fatalf("there is no row %s", name)
	return nil
}

func TestTheMatrixTellsWhatMustBeEqualFromWhatMustDiffer(t *testing.T) {
	m := Matrix(configured(
		map[string]string{"wsrep_node_incoming_address": "AUTO", "wsrep_node_name": "a", "sql_mode": "X", "hostname": "h1", "max_connections": "100", "binlog_format": "ROW"},
		map[string]string{"wsrep_node_name": "b", "sql_mode": "Y", "hostname": "h2", "max_connections": "200", "binlog_format": "row"},
		map[string]string{"wsrep_node_incoming_address": "AUTO", "wsrep_node_name": "b", "sql_mode": "X", "hostname": "h3", "max_connections": "100", "binlog_format": "ROW"},
	))
	for _, c := range []struct {
		name           string
		differs, wrong bool
		notable        bool
		odd            string // a letter a node
	}{
		{"wsrep_node_incoming_address", false, false, false, "..."},
		{"wsrep_node_name", true, true, true, "..."},
		{"sql_mode", true, true, true, ".o."},
		{"hostname", true, false, false, "..."},
		{"max_connections", true, false, true, ".o."},
		{"binlog_format", false, false, false, "..."},
	} {
		r := rowNamed(t, m, c.name)
		odd := []byte("...")
		for i, cell := range r.Cells {
			if cell.Odd {
				odd[i] = 'o'
			}
		}
		if r.Differs != c.differs || (r.Wrong != "") != c.wrong || r.Notable() != c.notable || string(odd) != c.odd {
			t.Errorf("%s: differs %t, wrong %q, notable %t, odd %s", c.name, r.Differs, r.Wrong, r.Notable(), odd)
		}
	}
	if m.Rows[0].Wrong == "" {
		t.Errorf("%s comes first although nothing is wrong with it", m.Rows[0].Name)
	}
}

func TestProviderOptionsAreRowsOfTheirOwn(t *testing.T) {
	m := Matrix(configured(
		map[string]string{"wsrep_provider_options": "gcs.fc_limit = 16; evs.suspect_timeout = PT5S; base_host = 10.0.0.1"},
		map[string]string{"wsrep_provider_options": "gcs.fc_limit = 100; evs.suspect_timeout = 5; base_host = 10.0.0.2"},
	))
	if r := rowNamed(t, m, "gcs.fc_limit"); r.Wrong == "" || !r.Cells[0].Odd || !r.Cells[1].Odd {
		t.Errorf("gcs.fc_limit of 16 and 100 is %+v", r)
	}
	if r := rowNamed(t, m, "evs.suspect_timeout"); r.Differs {
		t.Error("PT5S and 5 differ")
	}
	if r := rowNamed(t, m, "base_host"); r.Notable() {
		t.Error("each node has its own base_host, and that is notable")
	}
}

func TestANodeOutsideOfThePrimaryComponentIsShownButNotCompared(t *testing.T) {
	s := configured(map[string]string{"sql_mode": "X"}, map[string]string{"sql_mode": "X"}, map[string]string{"sql_mode": "Y"})
	s.Nodes[2].Sample.Status.ClusterStatus = "non-Primary"
	r := rowNamed(t, Matrix(s), "sql_mode")
	if r.Wrong != "" || r.Differs || r.Cells[2].Value != "Y" {
		t.Errorf("%+v", r)
	}
}

func TestWhatWasReadBeforeARestartIsNotShownAsRunning(t *testing.T) {
	s := configured(map[string]string{"sql_mode": "X"}, map[string]string{"sql_mode": "Y"})
	s.Nodes[1].Restart = s.At.Add(time.Second)
	r := rowNamed(t, Matrix(s), "sql_mode")
	if r.Cells[1].Known || r.Differs {
		t.Errorf("%+v", r)
	}
}

func TestMeaningIsAnEquivalenceForAnyValues(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"ON", "off", "1", "0", "64M", "67108864", "PT5S", "5", "a,b", "b,a", "gcomm://", "", "true", "X", "1.0", "NaN"}
	names := []string{"sql_mode", "gcache.size", "datadir", "wsrep_cluster_address", "anything"}
	pick := func() string { return strings.TrimSpace(pieces[random.IntN(len(pieces))]) }
	for range 5000 {
		name, a, b, c := names[random.IntN(len(names))], pick(), pick(), pick()
		if !SameMeaning(name, a, a) || SameMeaning(name, a, b) != SameMeaning(name, b, a) {
			t.Fatalf("%s: %q and %q", name, a, b)
		}
		if SameMeaning(name, a, b) && SameMeaning(name, b, c) && !SameMeaning(name, a, c) {
			t.Fatalf("%s: %q, %q and %q", name, a, b, c)
		}
	}
}
