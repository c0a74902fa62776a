package collector

import (
	"regexp"
	"strings"
	"testing"

	"github.com/galeratop/galeratop/model"
)

func server(flavour model.Flavour, release model.Release, perfS model.Flag) *model.Server {
	return &model.Server{Flavour: flavour, Release: release, PerfSchema: perfS}
}

func TestEachServerIsAskedInAFormThatItUnderstands(t *testing.T) {
	for _, c := range []struct {
		server               *model.Server
		processes, members   string
		digests, hasNoMember bool
	}{
		{server: server(model.FlavourMariaDB, 100400, model.Off), processes: "TIME_MS, STATE, LEFT", members: "wsrep_cluster_members"},
		{server: server(model.FlavourMariaDB, 110800, model.On), processes: "EXAMINED_ROWS, MEMORY_USED", members: "wsrep_cluster_members", digests: true},
		{server: server(model.FlavourMariaDB, 100300, model.Off), processes: "information_schema.PROCESSLIST", hasNoMember: true},
		{server: server(model.FlavourPXC, 80042, model.On), processes: "performance_schema.processlist", members: "wsrep_cluster_members", digests: true},
		{server: server(model.FlavourPXC, 80042, model.Off), processes: "information_schema.PROCESSLIST", members: "wsrep_cluster_members"},
		{server: server(model.FlavourMySQL, 80020, model.On), processes: "information_schema.PROCESSLIST", members: "wsrep_cluster_members", digests: true},
		{server: server(model.FlavourPXC, 50744, model.Off), processes: "NULL AS QUERY_ID", hasNoMember: true},
		{server: server(model.FlavourPlain, 90100, model.On), processes: "performance_schema.processlist", hasNoMember: true, digests: true},
	} {
		p, ok := processes.Form(c.server)
		if !ok || !strings.Contains(p.SQL, c.processes) {
			t.Errorf("%+v: processes by %v", c.server, p)
		}
		if m, ok := members.Form(c.server); ok == c.hasNoMember || (ok && !strings.Contains(m.SQL, c.members)) {
			t.Errorf("%+v: members by %v", c.server, m)
		}
		if _, ok := digests.Form(c.server); ok != c.digests {
			t.Errorf("%+v: digests %v", c.server, ok)
		}
	}
}

func TestOnlyTheBoundIsFilledIn(t *testing.T) {
	for _, st := range Statements() {
		for i := range st.Forms {
			sql := st.Forms[i].Bounded(77)
			if strings.Contains(sql, "%!") || strings.Contains(sql, "%d") {
				t.Errorf("%s: %s", st.Name, sql)
			}
			if strings.Contains(st.Forms[i].SQL, "%d") && !strings.Contains(sql, "LIMIT 77") {
				t.Errorf("%s has no bound: %s", st.Name, sql)
			}
		}
	}
}

func TestRowsAndMillisecondsAreAskedOfServersThatCountThem(t *testing.T) {
	for _, c := range []struct {
		server *model.Server
		has    []string
	}{
		{server(model.FlavourMariaDB, 110300, model.Off), []string{"TIME_MS", "MEMORY_USED, SENT_ROWS"}},
		{server(model.FlavourMariaDB, 101100, model.Off), []string{"TIME_MS", "NULL AS SENT_ROWS"}},
		{server(model.FlavourPXC, 80042, model.On), []string{"performance_schema.processlist", "TIME_MS,", "ROWS_SENT AS", "ROWS_EXAMINED AS"}},
		{server(model.FlavourPXC, 50744, model.Off), []string{"information_schema.PROCESSLIST", "TIME_MS,", "ROWS_SENT AS"}},
		{server(model.FlavourMySQL, 80042, model.On), []string{"performance_schema.processlist", "TIME * 1000", "NULL AS SENT_ROWS"}},
		{server(model.FlavourPlain, 50744, model.Off), []string{"information_schema.PROCESSLIST", "TIME * 1000"}},
	} {
		form, _ := processes.Form(c.server)
		for _, text := range c.has {
			if !strings.Contains(form.SQL, text) {
				t.Errorf("%+v: no %q in %s", c.server, text, form.SQL)
			}
		}
	}
}

func TestTheProcessListIsLongWhileSomebodyLooksAndShortOtherwise(t *testing.T) {
	for _, c := range []struct {
		nodes      int
		looks      bool
		rows, most int
	}{{3, false, 200, 600}, {3, true, 6000, 18_000}, {100, false, 40, 4000}, {100, true, 300, 30_000}} {
		a := &assembler{c: New(Options{}), nodes: make([]*node, c.nodes)}
		if c.looks {
			a.c.Demand(model.SubjectProcesses | model.SubjectLocks)
		}
		if got := a.rows(); got != c.rows || got*c.nodes > c.most {
			t.Errorf("%+v: %d rows a node", c, got)
		}
	}
}

// Rule of the product: nothing that is sampled may write, lock or replicate.
func TestNoStatementChangesAServer(t *testing.T) {
	for _, st := range Statements() {
		for i := range st.Forms {
			sql := strings.ToUpper(st.Forms[i].SQL)
			if !strings.HasPrefix(sql, "SELECT ") && !strings.HasPrefix(sql, "SHOW ") {
				t.Errorf("%s: %s", st.Name, sql)
			}
			if word := changes.FindString(sql); word != "" {
				t.Errorf("%s says %s: %s", st.Name, word, sql)
			}
		}
	}
}

var changes = regexp.MustCompile(`\b(FLUSH|FOR UPDATE|LOCK IN|INTO|SLEEP\(|GET_LOCK|KILL|SET)\b`)

func TestAServersFlavourFollowsFromWhatItSays(t *testing.T) {
	for name, c := range map[string]struct {
		version, comment string
		wsrep            bool
		want             model.Flavour
	}{
		"MariaDB":           {"10.11.19-MariaDB-0+deb12u1", "Debian 12", true, model.FlavourMariaDB},
		"MariaDB alone":     {"11.8.3-MariaDB", "Source", false, model.FlavourMariaDB},
		"PXC":               {"8.0.42-33.1", "Percona XtraDB Cluster (GPL), Release rel33", true, model.FlavourPXC},
		"Percona Server":    {"8.0.42-33", "Percona Server (GPL)", false, model.FlavourPlain},
		"MySQL-wsrep":       {"8.0.40", "MySQL Community Server - (GPL), wsrep", true, model.FlavourMySQL},
		"MySQL without all": {"9.1.0", "MySQL Community Server - GPL", false, model.FlavourPlain},
	} {
		var s model.Sample
		identity.Start(&s)
		identity.Row(&s, Row{[]byte("version"), []byte(c.version)})
		identity.Row(&s, Row{[]byte("version_comment"), []byte(c.comment)})
		if c.wsrep {
			s.Status.ClusterStatus = model.Primary
		}
		if settle(&s); s.Server.Flavour != c.want {
			t.Errorf("%s is taken for %s", name, s.Server.Flavour)
		}
	}
}

func TestANodeIsKnownByItsOwnEntryInTheView(t *testing.T) {
	for _, c := range []struct {
		list, variable string
		size           int64
		index          model.Num
		want           string
	}{
		{"a:1,b:2,c:3", "AUTO", 3, model.N(1), "b:2"},
		{"a:1,b:2,c:3", "b", 3, model.N(0), "b:2"},
		{"a:1,b:2,[2001:db8::1]:3306", "2001:db8::1", 3, model.N(0), "[2001:db8::1]:3306"},
		{"a:1,a:2,c:3", "a", 3, model.N(1), "a:2"},
		{"a:1,,c:3", "b", 3, model.N(1), "b"},
		{"a:1", "x", 1, model.N(-1), "x"},
		{"", "x", 0, model.N(0), "x"},
		{"a:1", "x", 1, model.Num{}, "x"},
		// It leaves: its index is that in a view of its own already.
		{"a:1,b:2,c:3", "c:3", 1, model.N(0), "c:3"},
		{"a:1,b:2,c:3", "c:3", 3, model.N(0), "c:3"},
		{"a:1,b:2,c:3", "AUTO", 1, model.N(0), "AUTO"},
	} {
		var s model.Sample
		s.Server.Incoming = c.variable
		s.Status.ClusterStatus, s.Status.ClusterSize = model.Primary, model.N(c.size)
		s.Status.IncomingAddrs, s.Status.LocalIndex = c.list, c.index
		if settle(&s); s.Server.Incoming != c.want {
			t.Errorf("%+v: known as %q", c, s.Server.Incoming)
		}
	}
}

func TestANodeThatIsAloneForAMomentKeepsItsEntry(t *testing.T) {
	var s model.Sample
	s.Server.Incoming = "AUTO"
	s.Status.ClusterStatus, s.Status.ClusterSize = model.Primary, model.N(3)
	s.Status.IncomingAddrs, s.Status.LocalIndex = "a:1,b:2,c:3", model.N(2)
	settle(&s)
	s.Status.ClusterStatus, s.Status.ClusterSize, s.Status.LocalIndex = model.NonPrimary, model.N(1), model.N(0)
	if settle(&s); s.Server.Incoming != "c:3" {
		t.Errorf("known as %q", s.Server.Incoming)
	}
}

func TestRowsAreReadWhateverTheDriverMakesOfThem(t *testing.T) {
	r := Row{[]byte("12.5"), int64(7), nil, []byte("a\x1b[0m"), float64(2.5), "text", uint64(1 << 63), float32(0.5)}
	if r.Real(0) != model.R(12.5) || r.Num(1) != model.N(7) || r.Num(2).Known || r.Real(2).Known || r.Text(2, 0) != "" {
		t.Error("numbers and NULL")
	}
	if r.Text(3, 0) != "a [0m" || r.Real(4) != model.R(2.5) || r.Text(5, 2) != "te…" || r.Real(7) != model.R(0.5) {
		t.Error("texts and fractions")
	}
	if r.Num(6).V != 1<<63-1 {
		t.Errorf("an unsigned number too large is %d", r.Num(6).V)
	}
	buffer := []byte("kept")
	kept := Row{buffer}.Text(0, 0)
	copy(buffer, "gone")
	if kept != "kept" {
		t.Error("the driver's buffer was kept")
	}
}

func TestCredentialsInVariablesAreHidden(t *testing.T) {
	if got := secretless("wsrep_sst_auth", "root:secret"); got != "********" {
		t.Errorf("shown as %q", got)
	}
	if got := secretless("wsrep_sst_auth", ""); got != "" {
		t.Errorf("empty is shown as %q", got)
	}
	if got := secretless("wsrep_node_name", "db1"); got != "db1" {
		t.Errorf("shown as %q", got)
	}
}
