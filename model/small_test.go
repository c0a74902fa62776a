package model

import (
	"slices"
	"testing"
	"time"
)

func TestAReleaseIsTheLeadingNumbersOfTheVersion(t *testing.T) {
	for version, want := range map[string]Release{
		"10.11.19-MariaDB-0+deb12u1":   101119,
		"5.5.5-10.6.1-MariaDB":         100601,
		"8.0.42-33.1":                  80042,
		"9.1.0":                        90100,
		"11.8-MariaDB":                 110800,
		"":                             0,
		"MariaDB":                      0,
		"5.7.44-48-57-log":             50744,
		"8.4.4-4.1":                    80404,
		"99999999999999999999.1.1-bad": 0,
	} {
		if got := ParseRelease(version); got != want {
			t.Errorf("%q is %d, not %d", version, got, want)
		}
	}
	if s := Release(101119).String(); s != "10.11.19" {
		t.Errorf("written as %s", s)
	}
}

func TestNamesAreOrderedAsPeopleCount(t *testing.T) {
	names := []string{"db10", "db2", "db1", "web", "db1-b", "db01", "127.0.0.12:3306", "127.0.0.2:3306", ""}
	slices.SortStableFunc(names, CompareNatural)
	want := []string{"", "127.0.0.2:3306", "127.0.0.12:3306", "db1", "db01", "db1-b", "db2", "db10", "web"}
	if !slices.Equal(names, want) {
		t.Errorf("ordered as %q", names)
	}
}

func TestProviderOptionsAreSplitAtTheFirstEquals(t *testing.T) {
	text := "base_dir = /var/lib/mysql/; gcs.fc_limit = 16; socket.ssl_cipher = a=b; pc.weight=2;; broken ;"
	got := ProviderOptions(text)
	for name, want := range got {
		if value, ok := ProviderOption(text, name); !ok || value != want {
			t.Errorf("%s alone is %q, %t, of all %q", name, value, ok, want)
		}
	}
	if value, ok := ProviderOption(text, "broken"); ok || value != "" {
		t.Errorf("an option without a value is %q", value)
	}
	for option, want := range map[string]string{"base_dir": "/var/lib/mysql/", "gcs.fc_limit": "16", "socket.ssl_cipher": "a=b", "pc.weight": "2", "absent": ""} {
		if got[option] != want {
			t.Errorf("%s is %q, not %q", option, got[option], want)
		}
	}
	if len(got) != 4 {
		t.Errorf("%d options: %v", len(got), got)
	}
	if (*Variables)(nil).Provider("pc.weight") != "" {
		t.Error("without variables there is no option")
	}
}

func TestThreadsOfTheServerAreNotClients(t *testing.T) {
	for name, c := range map[string]struct {
		p                    Process
		system, idle, active bool
	}{
		"applier":         {Process{User: "system user", Command: "Sleep"}, true, false, false},
		"event scheduler": {Process{User: "event_scheduler", Host: "localhost", Command: "Daemon"}, true, false, false},
		"binlog dump":     {Process{User: "repl", Host: "x:1", Command: "Binlog Dump"}, false, false, false},
		"sleeper":         {Process{User: "app", Host: "x:1", Command: "Sleep"}, false, true, false},
		"query":           {Process{User: "app", Host: "x:1", Command: "Query"}, false, false, true},
		"prepared":        {Process{User: "app", Host: "x:1", Command: "Execute"}, false, false, true},
	} {
		if c.p.System() != c.system || c.p.Idle() != c.idle || c.p.Active() != c.active {
			t.Errorf("%s: system %v, idle %v, active %v", name, c.p.System(), c.p.Idle(), c.p.Active())
		}
	}
}

func TestEverySlowSubjectHasItsReading(t *testing.T) {
	from := Slow{Variables: &Variables{}, Members: &Members{}, Transactions: &Transactions{}, Digests: &Digests{}, Clock: &Clock{}}
	var to Slow
	for _, s := range []Subject{SubjectVariables, SubjectMembers, SubjectTransactions, SubjectDigests, SubjectClock} {
		if to.Reading(s) != nil {
			t.Errorf("%d: read before it was", s)
		}
		to.Take(s, &from)
		if to.Reading(s) == nil || to.Reading(s) != from.Reading(s) {
			t.Errorf("%d: not taken", s)
		}
	}
	if to != from {
		t.Errorf("not all taken: %+v", to)
	}
}

func TestThreadsBeyondTheBoundAreCountedByTheServer(t *testing.T) {
	rows := []Process{{User: SystemUser, Command: "Sleep"}, {User: "app", Host: "h", Command: "Query"}, {User: "app", Host: "h", Command: "Sleep"}}
	status := Status{ThreadsConnected: N(1000), ThreadsRunning: N(40)}
	for name, c := range map[string]struct {
		list              Processes
		bound             int
		status            Status
		total, idle, left int
	}{
		"all read":              {Processes{Rows: rows}, 200, status, 3, 1, 0},
		"cut":                   {Processes{Rows: rows}, 3, status, 1001, 960, 998},
		"cut, counts unknown":   {Processes{Rows: rows}, 3, Status{}, 3, 1, 0},
		"cut, own threads only": {Processes{Rows: rows, OwnOnly: true}, 3, status, 3, 1, 0},
		"none":                  {Processes{}, 200, status, 0, 0, 0},
	} {
		p := c.list
		if p.Count(c.bound, nil, &c.status); p.Total != c.total || p.Idle != c.idle || p.Left != c.left {
			t.Errorf("%s: %d threads, %d idle, %d left out", name, p.Total, p.Idle, p.Left)
		}
	}
}

func TestAStatementIsFollowedThroughGlancesAndCloserLooks(t *testing.T) {
	glance := Process{ID: 7, User: "app", Query: "SELECT a FROM…", Time: 2 * time.Second}
	full := Process{ID: 7, User: "app", Query: "SELECT a FROM t", Time: 2500 * time.Millisecond, QueryID: N(9)}
	for name, c := range map[string]struct {
		older, newer Process
		want         bool
	}{
		"a closer look":           {glance, full, true},
		"a glance again":          {full, glance, true},
		"the same in full":        {full, full, true},
		"another query id":        {full, Process{ID: 7, User: "app", Query: "SELECT a FROM t", QueryID: N(10)}, false},
		"another thread":          {full, Process{ID: 8, User: "app", Query: "SELECT a FROM t", QueryID: N(9)}, false},
		"the id of another user":  {glance, Process{ID: 7, User: "else", Query: "SELECT a FROM…", Time: 3 * time.Second}, false},
		"another statement":       {glance, Process{ID: 7, User: "app", Query: "DELETE FROM t", Time: 3 * time.Second}, false},
		"the same text, run anew": {Process{ID: 7, User: "app", Query: "SELECT 1", Time: 9 * time.Second}, Process{ID: 7, User: "app", Query: "SELECT 1"}, false},
		"asleep since":            {glance, Process{ID: 7, User: "app", Time: 3 * time.Second}, false},
	} {
		if got := c.newer.Continues(&c.older); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestProcessesAreArrangedAsTheServerWould(t *testing.T) {
	p := Processes{Rows: []Process{
		{ID: 1, User: "app", Host: "h", Command: "Sleep", Time: 9},
		{ID: 2, User: SystemUser, Command: "Sleep", Time: 99},
		{ID: 3, User: "app", Host: "h", Command: "Query", Time: 1},
		{ID: 4, User: "app", Host: "h", Command: "Query", Time: 5},
		{ID: 5, User: "me", Host: "h", Command: "Query"},
		{ID: 6, User: "app", Host: "h", Command: "Sleep", Time: 20},
	}}
	p.Arrange(5)
	var ids []uint64
	for _, r := range p.Rows {
		ids = append(ids, r.ID)
	}
	if !slices.Equal(ids, []uint64{4, 3, 2, 6, 1}) {
		t.Errorf("arranged as %v", ids)
	}
}

func TestAGlanceIsCutButForThoseWhoComeFirst(t *testing.T) {
	p := Processes{Glance: true}
	for id := range uint64(10) {
		p.Rows = append(p.Rows, Process{ID: id, User: "app", Host: "web1", Command: "Sleep"})
	}
	first := []uint64{8, 99, 1}
	p.Count(6, first, &Status{ThreadsConnected: N(40)})
	var ids []uint64
	for _, r := range p.Rows {
		ids = append(ids, r.ID)
	}
	if !slices.Equal(ids, []uint64{0, 1, 2, 8}) || p.Total != 10 || p.Idle != 10 || p.Left != 6 {
		t.Errorf("kept %v of %d threads, %d idle, %d left out", ids, p.Total, p.Idle, p.Left)
	}
	if p.Count(50, first, &Status{}); len(p.Rows) != 4 || p.Left != 0 {
		t.Errorf("a list within its bound was cut: %+v", p)
	}
}
