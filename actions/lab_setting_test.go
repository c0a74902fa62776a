package actions

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/galeratop/galeratop/internal/lab/cluster"
	"github.com/galeratop/galeratop/model"
)

// TestSettingsOfARealCluster walks one cluster of three through drift, danger and
// change of settings. Every part takes back what it did.
func TestSettingsOfARealCluster(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, 3, cluster.WithNodeOption("db3", "innodb_autoinc_lock_mode", "1"), cluster.WithNodeOption("db2", "max_connect_errors", "77"),
		cluster.WithNodeOption("db3", "max_connect_errors", "77"), cluster.WithNodeOption("db3", "wsrep_sst_auth", "sst:secret"))
	for _, part := range []struct {
		name string
		run  func(*testing.T, *cluster.Cluster)
	}{
		{"settings are changed on one node and on all, and taken back", changeSettings},
		{"what servers refuse stops the run", refusedSettings},
		{"what differs or is dangerous is found, whatever its class", differingSettings},
		{"what runs is told from what the option files say", driftingSettings},
	} {
		if !t.Run(part.name, func(t *testing.T) { part.run(t, c) }) {
			t.Fatal("the cluster may not be as it was any more")
		}
	}
}

// has wants the servers to have values of a setting, in the order of the nodes.
func has(t *testing.T, c *cluster.Cluster, name string, want ...string) {
	t.Helper()
	for i, value := range want {
		var got string
		if strings.Contains(name, ".") {
			got, _ = model.ProviderOption(scalar(t, c.Node(i+1), "SELECT @@wsrep_provider_options"), name)
		} else {
			got = scalar(t, c.Node(i+1), "SELECT @@GLOBAL."+name)
		}
		if got != value {
			t.Errorf("%s of db%d is %q, not %q", name, i+1, got, value)
		}
	}
}

func changeSettings(t *testing.T, c *cluster.Cluster) {
	console := labConsole(t, c, "ops", Session{Cluster: "shop"})
	console.settings()
	for _, a := range []struct {
		name, value, node string
		words             []string
		text              string
		then, before      [3]string
	}{
		{"max_connections", "300", "db2", nil, "max_connections is 300, it was 151", [3]string{"151", "300", "151"}, [3]string{"151", "151", "151"}},
		{"max_connections", "5", "db1", nil, "max_connections is 10, it was 151: the server rounded or limited the 5 that was asked for", [3]string{"10", "151", "151"}, [3]string{"151", "151", "151"}},
		{"wait_timeout", "600", "", nil, "3 done of 3", [3]string{"600", "600", "600"}, [3]string{"28800", "28800", "28800"}},
		{"wsrep_max_ws_size", "1G", "", nil, "3 done of 3", [3]string{"1073741824", "1073741824", "1073741824"}, [3]string{"2147483647", "2147483647", "2147483647"}},
		{"init_connect", "SET @a = 'it''s'", "db3", nil, "init_connect is SET @a = 'it''s'", [3]string{"", "", "SET @a = 'it''s'"}, [3]string{}},
		{"long_query_time", "2.5", "", nil, "3 done of 3", [3]string{"2.5", "2.5", "2.5"}, [3]string{"10", "10", "10"}},
		{"log_output", "NONE", "db1", nil, "log_output is NONE, it was FILE", [3]string{"NONE", "FILE", "FILE"}, [3]string{"FILE", "FILE", "FILE"}},
		{"wsrep_log_conflicts", "true", "", nil, "3 done of 3", [3]string{"1", "1", "1"}, [3]string{"0", "0", "0"}},
		{"gcs.fc_limit", "64", "", nil, "3 done of 3", [3]string{"64", "64", "64"}, [3]string{"16", "16", "16"}},
		{"gcs.fc_limit", "64", "db2", []string{"only db2"}, "gcs.fc_limit is 64, it was 16", [3]string{"16", "64", "16"}, [3]string{"16", "16", "16"}},
		{"evs.keepalive_period", "PT0.5S", "db1", nil, "evs.keepalive_period is PT0.5S, it was PT1S", [3]string{"PT0.5S", "PT1S", "PT1S"}, [3]string{"PT1S", "PT1S", "PT1S"}},
		{"pc.ignore_sb", "yes", "", []string{"pc.ignore_sb=yes"}, "3 done of 3", [3]string{"yes", "yes", "yes"}, [3]string{"false", "false", "false"}},
	} {
		p := console.setting(a.name, a.value, a.node)
		if a.words != nil {
			p = console.declares(p, a.words...)
		}
		console.sets(p, a.text)
		has(t, c, a.name, a.then[:]...)
		console.unsets(p)
		has(t, c, a.name, a.before[:]...)
	}
}

func refusedSettings(t *testing.T, c *cluster.Cluster) {
	console := labConsole(t, c, "ops", Session{Cluster: "shop"})
	console.settings()
	p := console.setting("gcs.fc_factor", "7", "")
	result, _ := console.carryOut(p)
	if result.Steps[0].Stage != Wrong || result.Steps[1].Stage != Stopped || !strings.Contains(result.Steps[0].Text, "error 1210") {
		t.Errorf("%+v", result)
	}
	has(t, c, "gcs.fc_factor", "1.0", "1.0", "1.0")
	// MariaDB has a guard of its own here.
	p = console.declares(console.setting("binlog_format", "STATEMENT", ""), "binlog_format=STATEMENT")
	if result, _ = console.carryOut(p); result.Steps[0].Stage != Wrong || !strings.Contains(result.Steps[0].Text, "error 1231") {
		t.Errorf("%+v", result)
	}
	p = console.setting("max_connections", "300", "")
	must(t, c.Node(2).Exec(t.Context(), "SET GLOBAL max_connections = 400"))
	result, _ = console.carryOut(p)
	if result.Steps[2].Stage != Stopped || !strings.Contains(result.Text, "max_connections on db2 is 400 now, it was 151 when this was chosen: somebody else has changed it") {
		t.Errorf("%+v", result)
	}
	has(t, c, "max_connections", map[Stage]string{Done: "300", Stopped: "151"}[result.Steps[0].Stage], "400", "151")
	for _, n := range c.Nodes() {
		must(t, n.Exec(t.Context(), "SET GLOBAL max_connections = 151"))
	}
	for name, want := range map[string]string{
		"innodb_autoinc_lock_mode": "takes effect only with a restart", "performance_schema": "takes effect only with a restart",
		"gcache.size": "takes effect only with a restart", "nothing_like_that": "its server has no such setting",
	} {
		if got := PlanSetting(console.Latest(), Session{}, SettingOrder{Name: name, Value: "1"}).Refuse(); !strings.Contains(got, want) {
			t.Errorf("%s is refused with %q", name, got)
		}
	}
	reader := labConsole(t, c, "mon", Session{})
	reader.settings()
	result, _ = reader.carryOut(reader.setting("max_connections", "300", "db1"))
	if result.Stage != Wrong || !strings.Contains(result.Text, "GRANT SUPER") {
		t.Errorf("%+v", result)
	}
}

// planted are settings that are set on one node alone, with what has to be found.
var planted = []struct {
	node        int
	name, value string
	wrong       bool   // it must be equal, or must differ
	rule        string // that finds it on one node
}{
	{2, "wsrep_max_ws_size", "1073741824", true, ""},
	{2, "wsrep_max_ws_rows", "1000", true, ""},
	{2, "wsrep_sst_method", "'mariabackup'", true, ""},
	{3, "sql_mode", "''", true, ""},
	{3, "character_set_server", "utf8mb4", true, ""},
	{3, "wsrep_osu_method", "'RSU'", true, ""},
	{2, "wsrep_mode", "'STRICT_REPLICATION'", true, ""},
	{2, "wsrep_certify_nonpk", "OFF", true, ""},
	{3, "wsrep_certification_rules", "'optimized'", true, ""},
	{2, "wsrep_ignore_apply_errors", "0", true, ""},
	{3, "innodb_strict_mode", "OFF", true, ""},
	{2, "innodb_default_row_format", "compact", true, ""},
	{3, "gcs.fc_limit", "100", true, ""},
	{2, "gcs.fc_factor", "0.5", true, ""},
	{1, "pc.ignore_quorum", "true", true, "ignores-quorum"},
	{1, "pc.ignore_sb", "true", true, ""}, // the rule tells of one of both
	{2, "default_storage_engine", "Aria", true, "storage-engine"},
	{1, "wsrep_auto_increment_control", "OFF", false, "autoinc-control"},
	{2, "log_output", "'TABLE'", false, "log-table"},
	{3, "wsrep_sst_donor", "'db1'", false, "donor-list"},
	{2, "read_only", "ON", false, "read-only"},
	{3, "wsrep_slave_threads", "3", false, ""},
	{1, "pc.weight", "2", false, ""},
	{3, "wsrep_node_address", "'127.0.0.1'", false, ""},
}

// plant sets what is planted, or what was there before.
func plant(t *testing.T, c *cluster.Cluster, value func(i int) string) {
	t.Helper()
	for i := range planted {
		p := &planted[i]
		sql := "SET GLOBAL " + p.name + " = " + value(i)
		if strings.Contains(p.name, ".") {
			sql = fmt.Sprintf("SET GLOBAL wsrep_provider_options = '%s=%s'", p.name, value(i))
		}
		must(t, c.Node(p.node).Exec(t.Context(), sql))
	}
}

func differingSettings(t *testing.T, c *cluster.Cluster) {
	before := make([]string, len(planted))
	for i := range planted {
		if n := c.Node(planted[i].node); strings.Contains(planted[i].name, ".") {
			before[i], _ = model.ProviderOption(scalar(t, n, "SELECT @@wsrep_provider_options"), planted[i].name)
		} else if before[i] = scalar(t, n, "SELECT @@GLOBAL."+planted[i].name); !numeralForm.MatchString(before[i]) {
			before[i] = quoted(before[i])
		}
	}
	plant(t, c, func(i int) string { return planted[i].value })
	defer plant(t, c, func(i int) string { return before[i] })
	console := labConsole(t, c, "ops", Session{})
	console.settings()
	// Rules want to see a thing several times before they tell of it.
	s := console.until("the findings", func(s *model.Snapshot) bool {
		return slices.ContainsFunc(s.Findings, func(f model.Finding) bool { return f.Rule == "settings-differ" }) &&
			slices.ContainsFunc(s.Findings, func(f model.Finding) bool { return f.Rule == "log-table" })
	})
	m := model.Matrix(s)
	row := func(name string) *model.ConfigRow {
		i := slices.IndexFunc(m.Rows, func(r model.ConfigRow) bool { return r.Name == name })
		if i < 0 {
			t.Fatalf("there is no %s", name)
		}
		return &m.Rows[i]
	}
	at := func(node int) int {
		return slices.IndexFunc(m.Nodes, func(n *model.Node) bool { return n.Name == c.Node(node).Name })
	}
	for i := range planted {
		p := &planted[i]
		r := row(p.name)
		if (r.Wrong != "") != p.wrong || !r.Differs || p.wrong && !r.Cells[at(p.node)].Odd || !r.Notable() && r.Class != model.ConfigOwn && r.Class != model.ConfigLocal {
			t.Errorf("%s on db%d: %s, wrong %q, differs %v, %+v", p.name, p.node, r.Class, r.Wrong, r.Differs, r.Cells[at(p.node)])
		}
		if p.rule != "" && !slices.ContainsFunc(r.Findings, func(f *model.Finding) bool { return f.Rule == p.rule }) {
			t.Errorf("%s on db%d: no finding of %s", p.name, p.node, p.rule)
		}
	}
	// What only a start sets, with what must differ and does.
	if r := row("innodb_autoinc_lock_mode"); r.Wrong == "" || !slices.ContainsFunc(r.Findings, func(f *model.Finding) bool { return f.Rule == "autoinc-lock" }) {
		t.Errorf("%+v", r)
	}
	if r := row("wsrep_sst_auth"); r.Cells[at(3)].Value != "********" || !slices.ContainsFunc(r.Findings, func(f *model.Finding) bool { return f.Rule == "sst-password" }) {
		t.Errorf("%+v", r)
	}
	for _, name := range []string{"wsrep_node_name", "wsrep_node_incoming_address", "auto_increment_offset"} {
		if r := row(name); r.Class != model.ConfigOwn || r.Wrong != "" {
			t.Errorf("%s: %s, %q", name, r.Class, r.Wrong)
		}
	}
	for _, name := range []string{"datadir", "gmcast.listen_addr", "evs.suspect_timeout", "gcache.size", "max_allowed_packet"} {
		if r := row(name); r.Notable() {
			t.Errorf("%s is notable: %+v", name, r)
		}
	}
}

func driftingSettings(t *testing.T, c *cluster.Cluster) {
	// db1: set at runtime, not in the file. db2: a line was changed after the start,
	// and two were added. db3: a line was taken out.
	for _, sql := range []string{"SET GLOBAL max_connections = 300", "SET GLOBAL wsrep_provider_options = 'gcs.fc_factor=0.5'", "SET GLOBAL wait_timeout = 700"} {
		must(t, c.Node(1).Exec(t.Context(), sql))
	}
	appendTo(t, c.Node(1).DefaultsFile, "[mariadbd]\nwait_timeout = 700\n")
	appendTo(t, c.Node(2).DefaultsFile, "[mariadbd]\nmax_prepared_stmt_count = 400\nmax-connect-errors=78\nwsrep_cluster_address=gcomm://\n")
	text, err := os.ReadFile(c.Node(3).DefaultsFile)
	must(t, err)
	if !strings.Contains(string(text), "max_connect_errors=77\n") {
		t.Fatalf("%s", text)
	}
	must(t, os.WriteFile(c.Node(3).DefaultsFile, []byte(strings.Replace(string(text), "max_connect_errors=77\n", "", 1)), 0o644))
	console := labConsole(t, c, "ops", Session{})
	console.settings()
	s := console.Latest()
	files := make(map[string]*Written)
	hosts := labHosts(c)
	for _, w := range hosts.Files(t.Context(), s.Nodes) {
		if !w.Written.Known() {
			t.Fatalf("%+v", w)
		}
		files[w.Node] = &w
	}
	for _, a := range []struct {
		node int
		name string
		want model.Drift
	}{
		{1, "max_connections", model.DriftLost},
		{1, "gcs.fc_factor", model.DriftLost},
		{1, "wait_timeout", model.DriftNone},
		{1, "binlog_format", model.DriftNone},
		{1, "gcache.size", model.DriftNone},
		{1, "innodb_buffer_pool_size", model.DriftNone},
		{2, "max_prepared_stmt_count", model.DriftNext},
		{2, "max_connect_errors", model.DriftNext},
		{2, "wsrep_cluster_address", model.DriftNext},
		{2, "gcs.fc_factor", model.DriftNone},
		{3, "max_connect_errors", model.DriftNext},
		{3, "max_connections", model.DriftNone},
		{3, "innodb_autoinc_lock_mode", model.DriftNone},
		{3, "evs.suspect_timeout", model.DriftNone},
	} {
		n := s.Node(console.nodeID(fmt.Sprintf("db%d", a.node)))
		is, _, ok := model.AssignmentOf(n, a.name)
		if got := model.DriftOf(a.name, &is, files[n.ID].Setting(a.name)); !ok || got != a.want {
			t.Errorf("%s on db%d: %q, not %q; %+v, %+v", a.name, a.node, got, a.want, is, files[n.ID].Setting(a.name))
		}
	}
	// What makes the option last keeps those that are in the file.
	one := s.Node(console.nodeID("db1"))
	lines := Lasting([]*model.Node{one}, "gcs.fc_factor", files)
	if len(lines) != 1 || lines[0].Partial || !strings.Contains(lines[0].OptionFile[1], "gcache.size=16M; gmcast.listen_addr=") || !strings.HasSuffix(lines[0].OptionFile[1], "; gcs.fc_factor=0.5") {
		t.Errorf("%+v", lines)
	}
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = f.WriteString(text)
	must(t, err)
	must(t, f.Close())
}
