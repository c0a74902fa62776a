package actions

import (
	"strings"
	"testing"
	"time"

	"github.com/galeratop/galeratop/model"
)

func TestAKilledThreadIsJudgedByWhatTheServerShows(t *testing.T) {
	killed := model.Process{ID: 7, QueryID: model.N(9), User: "app", Host: "h:1", Command: "Query", Query: "UPDATE t", Time: 5 * time.Second}
	row := func(change func(*model.Process)) *model.Process {
		p := killed
		p.Time += time.Second
		change(&p)
		return &p
	}
	for name, c := range map[string]struct {
		kind  KillKind
		row   *model.Process
		trx   *model.Transaction
		stage Stage
		text  string
	}{
		"no row":                      {KillConnection, nil, nil, Done, "gone after 1s"},
		"no row, but its transaction": {KillConnection, nil, &model.Transaction{Thread: 7, Modified: 40}, Verifying, "rolls back, 40 rows left"},
		"the connection is being closed": {
			KillConnection, row(func(p *model.Process) { p.Command, p.State = "Killed", "Rollback" }),
			&model.Transaction{Thread: 7, Modified: 40}, Verifying, "rolls back, 40 rows left",
		},
		"it is killed inside a procedure of another account": {
			KillConnection, row(func(p *model.Process) { p.Command, p.User, p.Host = "Killed", "root", "localhost" }), nil, Verifying, "the server has the order",
		},
		"another client has the id": {
			KillConnection, row(func(p *model.Process) { p.Host, p.Time, p.QueryID = "h:2", 0, model.N(50) }), nil, Done, "gone after 1s",
		},
		"the statement goes on":  {KillQuery, row(func(p *model.Process) { p.State = "Sending data" }), nil, Verifying, "has not ended yet (Sending data)"},
		"it is certified":        {KillQuery, row(func(p *model.Process) { p.State = "Waiting for certification" }), nil, Verifying, "the commit stands"},
		"it waits to be written": {KillConnection, row(func(p *model.Process) { p.Command, p.State = "Killed", "Waiting for flow control" }), nil, Verifying, "being certified or committed"},
		"the session is idle":    {KillQuery, row(func(p *model.Process) { p.Command, p.Time = "Sleep", 0 }), nil, Done, "its statement ended after 1s; the connection stays"},
		"the next statement runs": {
			KillQuery, row(func(p *model.Process) { p.QueryID, p.Time = model.N(50), 0 }), nil, Done, "its statement ended after 1s",
		},
		"its transaction stays": {
			KillQuery, row(func(p *model.Process) { p.Command, p.Time = "Sleep", 0 }), &model.Transaction{Thread: 7, Modified: 40}, Done,
			"still open with 40 rows changed and keeps its locks: X ends it",
		},
		"its transaction changed nothing": {
			KillQuery, row(func(p *model.Process) { p.Command, p.Time = "Sleep", 0 }), &model.Transaction{Thread: 7}, Done, "has changed nothing",
		},
	} {
		target := &killTarget{key: model.ThreadKey{Node: "db1", Thread: 7}, killed: killed, asked: noon}
		now := noon.Add(time.Second)
		seen := &killedRows{read: now, threads: map[uint64]*model.Process{}, trx: map[uint64]*model.Transaction{}}
		if c.row != nil {
			seen.threads[7] = c.row
		}
		if c.trx != nil {
			seen.trx[7] = c.trx
		}
		if stage, text := target.judge(c.kind, seen, now); stage != c.stage || !strings.Contains(text, c.text) {
			t.Errorf("%s: %s %q, want %s %q", name, stage, text, c.stage, c.text)
		}
	}
}

func TestARollbackTellsHowLongItStillTakes(t *testing.T) {
	target := &killTarget{}
	var got string
	for i, left := range []int64{1000, 750, 500} {
		got = target.rollingBack(&model.Transaction{Modified: left}, noon.Add(time.Duration(i)*time.Second))
	}
	if got != "rolls back, 500 rows left, about 2s" {
		t.Error(got)
	}
}

func TestARefusedKillNamesTheGrantOrTheProtection(t *testing.T) {
	for name, c := range map[string]struct {
		server model.Server
		text   string
		want   string
	}{
		"MariaDB":        {model.Server{Flavour: model.FlavourMariaDB, Release: 101100}, "You are not owner of thread 7", "GRANT CONNECTION ADMIN ON"},
		"an old MariaDB": {model.Server{Flavour: model.FlavourMariaDB, Release: 100400}, "You are not owner of query 7", "GRANT SUPER ON"},
		"PXC 8":          {model.Server{Flavour: model.FlavourPXC, Release: 80042}, "You are not owner of thread 7", "GRANT CONNECTION_ADMIN ON"},
		"PXC 5.7":        {model.Server{Flavour: model.FlavourPXC, Release: 50744}, "You are not owner of thread 7", "GRANT SUPER ON"},
		"a protected one": {
			model.Server{Flavour: model.FlavourMariaDB, Release: 101100},
			"This is a high priority thread/query and cannot be killed",
			"the server protects this thread: This is a high priority",
		},
	} {
		if got := denied(&c.server, errKillDenied, c.text); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestAProcedureThatOutlivesItsOrderIsToldAgain(t *testing.T) {
	asked := time.Unix(1000, 0)
	killed := model.Process{ID: 7, QueryID: model.N(9), Command: "Query"}
	at := func(after time.Duration, query int64, state string) (*model.Process, time.Time) {
		return &model.Process{ID: 7, QueryID: model.N(query), Command: "Query", State: state}, asked.Add(after)
	}
	for name, c := range map[string]struct {
		kind  KillKind
		after time.Duration
		query int64
		state string
		again int
		want  bool
	}{
		"it runs another statement of it":     {KillQuery, 2 * time.Second, 12, "", 0, true},
		"it is the statement that was killed": {KillQuery, 2 * time.Second, 9, "", 0, false},
		"it was told only just now":           {KillQuery, 100 * time.Millisecond, 12, "", 0, false},
		"it commits":                          {KillQuery, 2 * time.Second, 12, "Waiting for certification", 0, false},
		"it was told often enough":            {KillQuery, 2 * time.Second, 12, "", mostAgain, false},
		"its connection is to be ended":       {KillConnection, 2 * time.Second, 12, "", 0, false},
	} {
		target := &killTarget{killed: killed, asked: asked, again: c.again}
		p, now := at(c.after, c.query, c.state)
		if got := target.overtaken(c.kind, p, now); got != c.want {
			t.Errorf("%s: told again: %t", name, got)
		}
	}
	if (&killTarget{killed: killed, asked: asked}).overtaken(KillQuery, nil, asked.Add(time.Minute)) {
		t.Error("a thread that is gone is told again")
	}
}
