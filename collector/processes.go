package collector

import (
	"time"

	"github.com/galeratop/galeratop/model"
)

// queryLimit bounds the text of a statement in the process list, in bytes.
const queryLimit = 1024

var processColumns = []string{
	"ID", "QUERY_ID", "USER", "HOST", "DB", "COMMAND", "TIME_MS", "STATE", "INFO", "PROGRESS",
	"EXAMINED_ROWS", "MEMORY_USED", "TOTAL", "IDLE",
}

// processes is the second round trip of a tick: the busiest threads first, then
// the server's own, then the sleepers, the oldest first in each; the window
// counts say how many there are in all.
var processes = &Statement{
	Name:  "processes",
	Grant: "PROCESS",
	Forms: []Form{
		{
			Flavours: []model.Flavour{model.FlavourMariaDB},
			SQL: `SELECT ID, QUERY_ID, USER, HOST, DB, COMMAND, TIME_MS, STATE, LEFT(INFO, 1024) AS INFO,
 IF(MAX_STAGE > 0, (STAGE - 1 + PROGRESS / 100) / MAX_STAGE * 100, NULL) AS PROGRESS,
 EXAMINED_ROWS, MEMORY_USED, COUNT(*) OVER () AS TOTAL,
 SUM(COMMAND = 'Sleep' AND USER <> 'system user') OVER () AS IDLE
 FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID()
 ORDER BY CASE WHEN USER = 'system user' OR COMMAND IN ('Daemon', 'Binlog Dump') THEN 1
 WHEN COMMAND = 'Sleep' THEN 2 ELSE 0 END, TIME_MS DESC LIMIT %d`,
			Columns: processColumns,
		},
		{ // performance_schema.processlist takes no global mutex (8.0.22)
			Flavours: mysqlFamily, Since: 80022, PerfS: true,
			SQL:     processesOf("performance_schema.processlist"),
			Columns: processColumns,
		},
		{
			Flavours: mysqlFamily, Since: 80000,
			SQL:     processesOf("information_schema.PROCESSLIST"),
			Columns: processColumns,
		},
		{ // before window functions
			SQL: `SELECT ID, NULL AS QUERY_ID, USER, HOST, DB, COMMAND, TIME * 1000 AS TIME_MS, STATE,
 LEFT(INFO, 1024) AS INFO, NULL AS PROGRESS, NULL AS EXAMINED_ROWS, NULL AS MEMORY_USED, NULL AS TOTAL, NULL AS IDLE
 FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID()
 ORDER BY CASE WHEN USER = 'system user' OR COMMAND IN ('Daemon', 'Binlog Dump') THEN 1
 WHEN COMMAND = 'Sleep' THEN 2 ELSE 0 END, TIME DESC LIMIT %d`,
			Columns: processColumns,
		},
	},
	Start: func(s *model.Sample) {
		s.Processes = model.Processes{Rows: s.Processes.Rows[:0], OwnOnly: !s.Server.CanSeeAll}
		if s.Processes.OwnOnly {
			s.Processes.Grant = "PROCESS"
		}
	},
	Row: readProcess,
}

func processesOf(table string) string {
	return `SELECT ID, NULL AS QUERY_ID, USER, HOST, DB, COMMAND, TIME * 1000 AS TIME_MS, STATE,
 LEFT(INFO, 1024) AS INFO, NULL AS PROGRESS, NULL AS EXAMINED_ROWS, NULL AS MEMORY_USED, COUNT(*) OVER () AS TOTAL,
 SUM(COMMAND = 'Sleep' AND USER <> 'system user') OVER () AS IDLE
 FROM ` + table + ` WHERE ID <> CONNECTION_ID()
 ORDER BY CASE WHEN USER = 'system user' OR COMMAND IN ('Daemon', 'Binlog Dump', 'Binlog Dump GTID') THEN 1
 WHEN COMMAND = 'Sleep' THEN 2 ELSE 0 END, TIME DESC LIMIT %d`
}

func readProcess(s *model.Sample, r Row) {
	p := model.Process{
		ID:       uint64(max(r.Num(0).V, 0)),
		QueryID:  r.Num(1),
		User:     r.Text(2, 128),
		Host:     r.Text(3, 256),
		DB:       r.Text(4, 64),
		Command:  r.Text(5, 32),
		Time:     max(r.Duration(6, time.Millisecond), 0),
		State:    r.Text(7, 128),
		Query:    r.Text(8, queryLimit),
		Progress: r.Real(9),
		Examined: r.Num(10),
		Memory:   r.Num(11),
	}
	list := &s.Processes
	list.Rows = append(list.Rows, p)
	// Without window functions only the rows themselves can be counted.
	if total := r.Num(12); total.Known {
		list.Total, list.Idle = int(total.V), int(r.Num(13).V)
	} else {
		list.Total = len(list.Rows)
		if p.Idle() {
			list.Idle++
		}
	}
	list.Left = list.Total - len(list.Rows)
}
