package actions

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/model"
)

// settled is a group whose nodes have told all of their settings.
func settled() world {
	w := group(model.FlavourMariaDB)
	for _, n := range w.Nodes {
		rows := map[string]model.Assignment{
			"max_connections": {Value: "151", Default: "151", Origin: model.OriginCompiled}, "binlog_format": {Value: "ROW"},
			"sql_mode": {Value: "STRICT_TRANS_TABLES"}, "init_connect": {}, "log_output": {Value: "FILE"}, "read_only": {Value: "OFF"},
			"wsrep_node_name": {Value: n.Name}, "version": {Value: "10.11.19-MariaDB", Fixed: true}, "wsrep_max_ws_size": {Value: "2147483647"},
			"wsrep_node_incoming_address": {Value: "AUTO"}, "default_storage_engine": {Value: "InnoDB"},
			"wsrep_provider_options": {Value: "gcs.fc_limit = 16; gcs.fc_factor = 1.0; pc.weight = 1; pc.ignore_sb = false; evs.suspect_timeout = PT5S; gcache.size = 128M; pc.recovery = true; gmcast.segment = 0"},
		}
		n.Sample.Slow.Settings = &model.Settings{Reading: model.Reading{At: n.Sample.At}, Traced: true, Rows: rows}
	}
	return w
}

// assign changes a setting of a node.
func (w world) assign(node int, name string, a model.Assignment) {
	w.on(node).Slow.Settings.Rows[name] = a
}

func (w world) setting(name, value, node string) *Plan {
	w.Complete()
	return PlanSetting(w.Snapshot, Session{Cluster: "shop"}, SettingOrder{name, value, node})
}

func ran(p *Plan) string {
	var out []string
	for _, s := range p.Steps {
		out = append(out, s.Name+": "+s.Text)
	}
	return strings.Join(out, "; ")
}

func TestASettingIsChangedOnOneNodeOrOnAll(t *testing.T) {
	plugin := func(w world) {
		for i := range w.Nodes {
			w.assign(i+1, "wsrep_provider_pc_bootstrap", model.Assignment{Value: "OFF"})
			w.assign(i+1, "wsrep_provider_gcs_fc_limit", model.Assignment{Value: "16"})
			w.assign(i+1, "wsrep_provider_cert_log_conflicts", model.Assignment{Value: "OFF"})
		}
	}
	for _, c := range []struct {
		name, value, node string
		change            func(world)
		runs              string
		level             Level
		undo              string
	}{
		{"max_connections", "200", "db1", nil, "db1: SET GLOBAL max_connections = 200", LevelNode, "db1: SET GLOBAL max_connections = 151"},
		{"MAX_CONNECTIONS", " 200 ", "db1", nil, "db1: SET GLOBAL max_connections = 200", LevelNode, "= 151"},
		{"max_connections", "200", "", nil, "db1: SET GLOBAL max_connections = 200; db2: SET GLOBAL max_connections = 200; db3: SET GLOBAL max_connections = 200", LevelCluster, "db3: SET GLOBAL max_connections = 151"},
		{"max_connections", "200", "", func(w world) { w.assign(2, "max_connections", model.Assignment{Value: "200"}) }, "db1: SET GLOBAL max_connections = 200; db3: SET GLOBAL max_connections = 200", LevelCluster, "151"},
		{"wsrep_max_ws_size", "1G", "", nil, "db1: SET GLOBAL wsrep_max_ws_size = 1073741824; db2: SET GLOBAL wsrep_max_ws_size = 1073741824; db3: SET GLOBAL wsrep_max_ws_size = 1073741824", LevelCluster, "= 2147483647"},
		{"read_only", "1", "db1", nil, "db1: SET GLOBAL read_only = ON", LevelNode, "= OFF"},
		{"init_connect", "SET @a = 'x'", "db1", nil, "db1: SET GLOBAL init_connect = 'SET @a = ''x'''", LevelNode, "init_connect = ''"},
		{"sql_mode", "", "", nil, "db1: SET GLOBAL sql_mode = ''; db2: SET GLOBAL sql_mode = ''; db3: SET GLOBAL sql_mode = ''", LevelCluster, "'STRICT_TRANS_TABLES'"},
		{"wsrep_node_name", "7", "db1", nil, "db1: SET GLOBAL wsrep_node_name = '7'", LevelNode, "'db1'"},
		{"evs.suspect_timeout", "PT9S", "db1", nil, "db1: SET GLOBAL wsrep_provider_options = 'evs.suspect_timeout=PT9S'", LevelNode, "'evs.suspect_timeout=PT5S'"},
		{"gcs.fc_limit", "64", "", nil, "db1: SET GLOBAL wsrep_provider_options = 'gcs.fc_limit=64'; db2: SET GLOBAL wsrep_provider_options = 'gcs.fc_limit=64'; db3: SET GLOBAL wsrep_provider_options = 'gcs.fc_limit=64'", LevelCluster, "gcs.fc_limit=16"},
		{"gcs.fc_limit", "64", "", plugin, "db1: SET GLOBAL wsrep_provider_gcs_fc_limit = 64; db2: SET GLOBAL wsrep_provider_gcs_fc_limit = 64; db3: SET GLOBAL wsrep_provider_gcs_fc_limit = 64", LevelCluster, "wsrep_provider_gcs_fc_limit = 16"},
		{"wsrep_provider_cert_log_conflicts", "yes", "db1", plugin, "db1: SET GLOBAL wsrep_provider_cert_log_conflicts = ON", LevelNode, "= OFF"},
		// What brings nodes together needs no word.
		{"gcs.fc_limit", "64", "db1", func(w world) {
			w.assign(2, "wsrep_provider_options", model.Assignment{Value: "gcs.fc_limit = 64"})
		}, "db1: SET GLOBAL wsrep_provider_options = 'gcs.fc_limit=64'", LevelNode, "gcs.fc_limit=16"},
		// A rule warns: the cluster's name is asked for.
		{"default_storage_engine", "Aria", "", nil, "db1: SET GLOBAL default_storage_engine = 'Aria'; db2: SET GLOBAL default_storage_engine = 'Aria'; db3: SET GLOBAL default_storage_engine = 'Aria'", LevelCluster, "'InnoDB'"},
	} {
		w := settled()
		if c.change != nil {
			c.change(w)
		}
		p := w.setting(c.name, c.value, c.node)
		word := map[Level]string{LevelNode: "db1", LevelCluster: "shop"}[c.level]
		if p.Refuse() != "" || ran(p) != c.runs || p.Level != c.level || p.Word != word || !strings.Contains(p.Undo, c.undo) {
			t.Errorf("%s=%s on %q: %s\nundo %q", c.name, c.value, c.node, say(p), p.Undo)
		}
	}
}

func TestASettingIsRefusedWithTheReason(t *testing.T) {
	for _, c := range []struct {
		name, value, node string
		change            func(world)
		want              string
	}{
		{"max_connections; DROP TABLE t", "1", "db1", nil, "the name of a setting is of letters, digits, underscores and dots"},
		{"max_connections`", "1", "db1", nil, "the name of a setting is"},
		{"", "1", "db1", nil, "the name of a setting is"},
		{"wsrep_desync", "ON", "db1", nil, "there is an action for wsrep_desync that checks what it leads to: desync or resync, under a"},
		{"wsrep_reject_queries", "ALL", "db1", nil, "drain or undrain"},
		{"pxc_maint_mode", "MAINTENANCE", "db1", nil, "drain or undrain"},
		{"pc.bootstrap", "1", "db1", nil, "make-primary"},
		{"wsrep_provider_pc_bootstrap", "ON", "db1", nil, "make-primary"},
		{"evs.evict", "x", "db1", nil, "evict or unevict"},
		{"wsrep_cluster_address", "gcomm://", "db1", nil, "reconnect"},
		{"pc.weight", "0", "db1", nil, "weight"},
		{"wsrep_on", "OFF", "", nil, "clients write on this node alone"},
		{"wsrep_provider", "none", "", nil, "loaded when the server starts"},
		{"wsrep_provider_options", "pc.ignore_sb=true", "", nil, "set its options one by one"},
		{"gmcast.isolate", "1", "db1", nil, "cuts the node off"},
		{"wsrep_sst_auth", "sst:secret", "db1", nil, "would stand in the audit log"},
		{"auto_increment_offset", "2", "db1", nil, "Galera sets it itself"},
		{"no_such_thing", "1", "db1", nil, "the present no_such_thing is known: db1: its server has no such setting"},
		{"version", "11", "db1", nil, "it takes effect only with a restart"},
		{"gcache.size", "1G", "db1", nil, "it takes effect only with a restart"},
		{"pc.recovery", "false", "", nil, "it takes effect only with a restart"},
		{"gmcast.segment", "1", "db1", nil, "it takes effect only with a restart"},
		{"gcs.fc_limit", "64;pc.ignore_sb=true", "db1", nil, "may have no ; no = and no quotes"},
		{"gcs.fc_limit", "many", "", nil, `gcs.fc_limit is a number, 16 now; "many" is none`},
		{"pc.ignore_sb", "perhaps", "", nil, "is a switch, false now"},
		{"evs.suspect_timeout", "soon", "", nil, "is a duration, PT5S now"},
		{"gcs.fc_limit", "", "", nil, "no value was given"},
		{"max_connections", "many", "", nil, `max_connections is a number, 151 now; "many" is none`},
		{"max_connections", "", "db1", nil, "max_connections is a number"},
		{"max_connections", "9999999999G", "db1", nil, "is too much"},
		{"init_connect", `SET @a = "\"`, "db1", nil, "printable characters and have no backslash"},
		{"init_connect", "a\nb", "db1", nil, "printable characters"},
		{"init_connect", "a\xff", "db1", nil, "printable characters"},
		{"init_connect", strings.Repeat("a", 5000), "db1", nil, "longer than"},
		{"max_connections", "151", "", nil, "max_connections on db1, db2 and db3 is 151 already"},
		{"max_connections", "200", "db9", nil, "there is no such node any more"},
		{"max_connections", "200", "db1", func(w world) { w.silence(1) }, "the node answers: db1: it does not: unreachable means unknown"},
		{"max_connections", "200", "db1", func(w world) { w.Nodes[0].Age = time.Minute }, "what is known of it is 1m0s old"},
		{"max_connections", "200", "", func(w world) { w.Nodes[2].Link = model.LinkStale }, "db3 is in it and does not answer: unreachable means unknown"},
		{"max_connections", "200", "", world.apart, "SPLIT BRAIN"},
		{"max_connections", "200", "", world.split, "no node that answers is in a Primary Component"},
		{"max_connections", "200", "db1", func(w world) {
			w.on(1).Slow.Settings = nil
		}, "its settings have not been read yet"},
		{"wsrep_node_name", "db2", "db1", nil, "wsrep_node_name differs from node to node: db2 has db2 already. Donors are chosen by name"},
		{"wsrep_node_name", "x", "", nil, "all nodes would get the same"},
		// These can be overridden by words; see below.
		{"pc.ignore_sb", "true", "", nil, "the value is not dangerous: then: db1 would go on without quorum"},
		{"binlog_format", "STATEMENT", "", nil, "writes STATEMENT instead of ROW"},
		{"gcs.fc_limit", "64", "db1", nil, "gcs.fc_limit is the same on all nodes then: db2 has 16 and db3 has 16; change it on all nodes"},
	} {
		w := settled()
		if c.change != nil {
			c.change(w)
		}
		p := w.setting(c.name, c.value, c.node)
		if !strings.Contains(p.Refuse(), c.want) {
			t.Errorf("%s=%s on %q: refused with %q, not %q", c.name, c.value, c.node, p.Refuse(), c.want)
		}
	}
	w := settled()
	if p := PlanSetting(w.Snapshot, Session{ReadOnly: true}, SettingOrder{"max_connections", "200", "db1"}); p.Refuse() != readOnly {
		t.Error(p.Refuse())
	}
}

func TestAWordThatNamesTheRiskOverridesADangerAndADifference(t *testing.T) {
	for _, c := range []struct {
		name, value, node string
		words             []string
		runs, effect      string
	}{
		{"pc.ignore_sb", "true", "db1", []string{"pc.ignore_sb=true", "only db1"}, "db1: SET GLOBAL wsrep_provider_options = 'pc.ignore_sb=true'", "WARNING, critical"},
		{"gcs.fc_limit", "64", "db1", []string{"only db1"}, "db1: SET GLOBAL wsrep_provider_options = 'gcs.fc_limit=64'", "lost at the next restart"},
	} {
		w := settled()
		p := w.setting(c.name, c.value, c.node)
		var asked []string
		for _, a := range p.Waivers() {
			asked = append(asked, a.Words)
		}
		if !slices.Equal(asked, c.words) {
			t.Errorf("%s: asks for %q", c.name, asked)
		}
		p, err := Declare(w.Snapshot, Session{Cluster: "shop"}, p, c.words...)
		if err != nil || p.Refuse() != "" || ran(p) != c.runs || !strings.Contains(strings.Join(p.Effects, "\n"), c.effect) {
			t.Errorf("%s: %v, %s", c.name, err, say(p))
		}
	}
}

func TestASettingThatSomebodyElseChangedIsLeftAlone(t *testing.T) {
	w := settled()
	p := w.setting("max_connections", "200", "")
	w.assign(2, "max_connections", model.Assignment{Value: "300"})
	if got := Replan(w.Snapshot, Session{}, p).Refuse(); got != "max_connections on db2 is 300 now, it was 151 when this was chosen: somebody else has changed it" {
		t.Error(got)
	}
	w = settled()
	p = w.setting("max_connections", "200", "")
	w.silence(3)
	w.Complete()
	if got := Replan(w.Snapshot, Session{}, p).Refuse(); !strings.Contains(got, "unreachable means unknown") {
		t.Error(got)
	}
}

func TestWhatWasSetIsToldAsLinesForTheFilesOfEachNode(t *testing.T) {
	w := settled()
	for i := range w.Nodes {
		w.assign(i+1, "wsrep_provider_options", model.Assignment{Value: "gcs.fc_limit = 64", Path: "/etc/mysql/galera.cnf"})
	}
	files := map[string]*Written{}
	for node, provider := range map[string]string{"db1": "pc.weight=2; gcs.fc_limit=16", "db2": "pc.weight=2; gcs.fc_limit=16"} {
		files[node] = &Written{Node: node, Written: host.Part[host.Written]{Value: host.Written{Values: map[string]string{"wsrep_provider_options": provider}}}}
	}
	got := Lasting(w.Nodes, "gcs.fc_limit", files)
	if len(got) != 2 {
		t.Fatalf("%+v", got)
	}
	for i, want := range []string{
		"# db1 and db2, /etc/mysql/galera.cnf\n# option file\n[mysqld]\nwsrep_provider_options = pc.weight=2; gcs.fc_limit=64\n",
		"# db3, /etc/mysql/galera.cnf\n# the option files were not read: add this to the wsrep_provider_options that they have, do not replace those\n",
	} {
		if text := got[i].Text(); !strings.HasPrefix(text, want) {
			t.Errorf("%s", text)
		}
	}
}

// FuzzSettingStatement holds that whatever is typed stays one literal of one SET.
func FuzzSettingStatement(f *testing.F) {
	for _, seed := range [][3]string{
		{"init_connect", "'; DROP TABLE t; --", ""},
		{"init_connect", `\'; DROP TABLE t; --`, "x"},
		{"gcs.fc_limit", "1;pc.bootstrap=1", "16"},
		{"max_connections", "1, GLOBAL read_only = 1", "151"},
		{"a b", "1", "1"},
		{"sql_mode", "\u2019 OR 1", "A"},
		{"read_only", "on", "OFF"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, name, value, now string) {
		name = canonical(name)
		if forbidden(name) != "" {
			return
		}
		to, err := shaped(name, value, now)
		if err != nil {
			return
		}
		n := group(model.FlavourMariaDB).Nodes[0]
		sql := assignment(n, name, to, now)
		variable, rest, _ := strings.Cut(strings.TrimPrefix(sql, "SET GLOBAL "), " = ")
		if strings.Trim(variable, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
			t.Fatalf("the variable of %q", sql)
		}
		if inner, ok := strings.CutPrefix(rest, "'"); ok {
			inner, ok = strings.CutSuffix(inner, "'")
			if !ok || strings.Contains(strings.ReplaceAll(inner, "''", ""), "'") || strings.ContainsAny(inner, "\\\n\x00") {
				t.Fatalf("the literal of %q", sql)
			}
			if strings.Contains(name, ".") && strings.ContainsAny(inner, ";") {
				t.Fatalf("two options in %q", sql)
			}
			return
		}
		if !numeralForm.MatchString(rest) && rest != "ON" && rest != "OFF" {
			t.Fatalf("what is bare in %q", sql)
		}
	})
}
