package collector

import (
	"time"

	"github.com/galeratop/galeratop/model"
)

// queryLimit bounds the text of a statement in the process list, in bytes.
const queryLimit = 1024

var processColumns = []string{
	"ID", "QUERY_ID", "USER", "HOST", "DB", "COMMAND", "TIME_MS", "STATE", "INFO", "PROGRESS",
	"EXAMINED_ROWS", "MEMORY_USED", "SENT_ROWS",
}

// processOrder puts what runs for clients first, then the server's own threads,
// then the sleepers; in each, the longest first.
const processOrder = ` WHERE ID <> CONNECTION_ID()
 ORDER BY ` + processRank + `WHEN USER = 'system user' OR COMMAND IN ('Daemon', 'Binlog Dump', 'Binlog Dump GTID') THEN 1
 WHEN COMMAND = 'Sleep' THEN 2 ELSE 0 END, `

// processRank begins the expression whose value orders the list.
const processRank = "CASE "

// processes is the second round trip of a tick. It does without window functions
// to count all threads, which would cost the server a third more.
var processes = &Statement{
	Name:  "processes",
	Grant: "PROCESS",
	Forms: []Form{
		{Flavours: []model.Flavour{model.FlavourMariaDB}, Since: 110300, SQL: mariadbProcesses("SENT_ROWS"), Columns: processColumns},
		{Flavours: []model.Flavour{model.FlavourMariaDB}, SQL: mariadbProcesses("NULL AS SENT_ROWS"), Columns: processColumns},
		{ // Percona's servers count milliseconds and rows
			Flavours: []model.Flavour{model.FlavourPXC}, Since: 80022, PerfS: true,
			SQL:     processesOf("performance_schema.processlist", perconaFigures, "TIME_MS"),
			Columns: processColumns,
		},
		{ // performance_schema.processlist takes no global mutex (8.0.22)
			Flavours: mysqlFamily, Since: 80022, PerfS: true,
			SQL:     processesOf("performance_schema.processlist", plainFigures, "TIME"),
			Columns: processColumns,
		},
		{
			Flavours: []model.Flavour{model.FlavourPXC}, Since: 50710,
			SQL:     processesOf("information_schema.PROCESSLIST", perconaFigures, "TIME_MS"),
			Columns: processColumns,
		},
		{
			SQL:     processesOf("information_schema.PROCESSLIST", plainFigures, "TIME"),
			Columns: processColumns,
		},
	},
	Start: startProcesses,
	Row:   readProcess,
}

// SHOW PROCESSLIST cuts statements at glanceText. Of a glance at least glanceRows
// are kept: they are read anyway.
const (
	glanceText = 100
	glanceRows = 100
)

// glanceLimit is up to how many connections a glance is worth its bytes, some 45
// for each: it takes no bound. A bounded list costs the server several times its
// processor time, because it is made of the whole one; large clusters, whose
// lists have few rows, get the fewer bytes.
func glanceLimit(rows int) int { return max(glanceRows, rows*5/2) }

// glance is the process list where nobody looks closer. information_schema
// writes a temporary table to disk for each reading, because statements may be
// long; SHOW needs a tenth of the server's time.
var glance = &Statement{
	Name:  "glance",
	Grant: "PROCESS",
	Forms: []Form{{
		Flavours: []model.Flavour{model.FlavourMariaDB},
		SQL:      "SHOW PROCESSLIST",
		Columns:  []string{"Id", "User", "Host", "db", "Command", "Time", "State", "Info", "Progress"},
	}},
	Start: func(s *model.Sample) {
		startProcesses(s)
		s.Processes.Glance = true
	},
	Row: func(s *model.Sample, r Row) {
		p := model.Process{
			ID:      uint64(max(r.Num(0).V, 0)),
			User:    r.Text(1, 128),
			Host:    r.Text(2, 256),
			DB:      r.Text(3, 64),
			Command: r.Text(4, 32),
			Time:    max(r.Duration(5, time.Second), 0),
			State:   r.Text(6, 128),
			Query:   model.HideSecrets(r.Text(7, queryLimit)),
		}
		if len(r.raw(7)) >= glanceText {
			p.Query += "…"
		}
		if progress := r.Real(8); progress.V > 0 {
			p.Progress = progress
		}
		s.Processes.Rows = append(s.Processes.Rows, p)
	},
}

func startProcesses(s *model.Sample) {
	s.Processes = model.Processes{OwnOnly: !s.Server.CanSeeAll}
	if s.Processes.OwnOnly {
		s.Processes.Grant = "PROCESS"
	}
}

// mariadbProcesses is MariaDB's list; it counts the rows that a statement sent
// from 11.3 on.
func mariadbProcesses(sent string) string {
	return `SELECT ID, QUERY_ID, USER, HOST, DB, COMMAND, TIME_MS, STATE, LEFT(INFO, 1024) AS INFO,
 IF(MAX_STAGE > 0, (STAGE - 1 + PROGRESS / 100) / MAX_STAGE * 100, NULL) AS PROGRESS, EXAMINED_ROWS, MEMORY_USED, ` + sent + `
 FROM information_schema.PROCESSLIST` + processOrder + "TIME_MS DESC LIMIT %d"
}

// The figures of a thread: time, rows examined, rows sent.
var (
	perconaFigures = [3]string{"TIME_MS", "ROWS_EXAMINED AS EXAMINED_ROWS", "ROWS_SENT AS SENT_ROWS"}
	plainFigures   = [3]string{"TIME * 1000 AS TIME_MS", "NULL AS EXAMINED_ROWS", "NULL AS SENT_ROWS"}
)

// processesOf is the list of MySQL and of servers made from it.
func processesOf(table string, figures [3]string, order string) string {
	return `SELECT ID, NULL AS QUERY_ID, USER, HOST, DB, COMMAND, ` + figures[0] + `, STATE,
 LEFT(INFO, 1024) AS INFO, NULL AS PROGRESS, ` + figures[1] + `, NULL AS MEMORY_USED, ` + figures[2] + `
 FROM ` + table + processOrder + order + " DESC LIMIT %d"
}

func readProcess(s *model.Sample, r Row) {
	s.Processes.Rows = append(s.Processes.Rows, model.Process{
		ID:       uint64(max(r.Num(0).V, 0)),
		QueryID:  r.Num(1),
		User:     r.Text(2, 128),
		Host:     r.Text(3, 256),
		DB:       r.Text(4, 64),
		Command:  r.Text(5, 32),
		Time:     max(r.Duration(6, time.Millisecond), 0),
		State:    r.Text(7, 128),
		Query:    model.HideSecrets(r.Text(8, queryLimit)),
		Progress: r.Real(9),
		Examined: r.Num(10),
		Memory:   r.Num(11),
		Sent:     r.Num(12),
	})
}
