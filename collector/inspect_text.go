package collector

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

// Bounds on the text of a statement.
const (
	// textLimit is how much of a statement is kept, in bytes.
	textLimit = 1 << 20
	// listedText is where process lists in information_schema end a statement, in
	// bytes; only SHOW FULL PROCESSLIST gives all of it.
	listedText = 65535
)

var inspectedColumns = []string{"ID", "QUERY_ID", "USER", "HOST", "DB", "COMMAND", "TIME_MS", "STATE", "INFO"}

// inspectedForms read one thread out of the process list.
var inspectedForms = []Form{
	{
		Flavours: []model.Flavour{mariadbOnly},
		SQL: `SELECT ID, QUERY_ID, USER, HOST, DB, COMMAND, TIME_MS, STATE, INFO
 FROM information_schema.PROCESSLIST WHERE ID = %d`,
		Columns: inspectedColumns,
	},
	{
		Flavours: mysqlFamily, Since: 80022, PerfS: true,
		SQL: inspectedOf("performance_schema.processlist"), Columns: inspectedColumns,
	},
	{SQL: inspectedOf("information_schema.PROCESSLIST"), Columns: inspectedColumns},
}

func inspectedOf(table string) string {
	return `SELECT ID, NULL AS QUERY_ID, USER, HOST, DB, COMMAND, TIME * 1000 AS TIME_MS, STATE, INFO
 FROM ` + table + " WHERE ID = %d"
}

// identify reads the thread's row and compares it with what was meant. It gives
// the statement as the server has it; only model.StatementText may be shown.
func (i *Inspector) identify(ctx context.Context, s *session, address string, meant *model.Process, into *model.Inspection) (string, error) {
	raw, found := "", false
	err := errNoForm
	for k := range inspectedForms {
		if f := &inspectedForms[k]; f.serves(&s.server) {
			err = s.each(ctx, fmt.Sprintf(f.SQL, meant.ID), len(f.Columns), func(r Row) {
				found, raw = true, strings.Clone(r.raw(8))
				into.Process = inspected(r)
				into.Text = statementText(raw)
			})
			break
		}
	}
	now := &into.Process
	switch {
	case err != nil:
		return "", err
	case !found && !s.server.CanSeeAll:
		into.Gone = "the account lacks PROCESS, or the thread has ended"
	case !found:
		into.Gone = "the thread has ended"
	case now.User != meant.User || meant.Host != "" && now.Host != meant.Host:
		into.Gone = "its number belongs to another connection now"
	}
	if into.Gone != "" {
		return "", nil
	}
	into.Changed = !now.Continues(meant)
	if len(raw) >= listedText {
		return i.whole(ctx, s, address, raw, into)
	}
	return raw, nil
}

func inspected(r Row) model.Process {
	return model.Process{
		ID: uint64(max(r.Num(0).V, 0)), QueryID: r.Num(1), User: r.Text(2, 128), Host: r.Text(3, 256), DB: r.Text(4, 64),
		Command: r.Text(5, 32), Time: max(r.Duration(6, time.Millisecond), 0), State: r.Text(7, 128), Query: model.HideSecrets(r.Text(8, queryLimit)),
	}
}

func statementText(raw string) model.StatementText {
	return model.StatementText{
		Text: model.HideSecrets(model.PrintableLines(raw, textLimit)), Bytes: int64(len(raw)), Cut: len(raw) > textLimit,
	}
}

// whole reads a statement that the table cuts from SHOW FULL PROCESSLIST, which
// sends all statements of all threads: once for each such statement.
func (i *Inspector) whole(ctx context.Context, s *session, address, start string, into *model.Inspection) (string, error) {
	i.mu.Lock()
	known := i.long[address]
	i.mu.Unlock()
	now := &into.Process
	if known.thread == now.ID && known.queryID == now.QueryID && known.start == start {
		into.Text = known.text
		return known.raw, nil
	}
	raw := ""
	err := s.each(ctx, "SHOW FULL PROCESSLIST", 0, func(r Row) {
		if r.Num(0).V == int64(min(now.ID, 1<<62)) && len(r) > 7 {
			raw = strings.Clone(r.raw(7))
		}
	})
	if err != nil {
		return "", err
	}
	// Another statement by now, or the server refused to list all.
	if !strings.HasPrefix(raw, start[:len(start)-4]) {
		into.Text.Cut = true
		return start, nil
	}
	into.Text = statementText(raw)
	i.mu.Lock()
	i.long[address] = longText{thread: now.ID, queryID: now.QueryID, start: start, text: into.Text, raw: raw}
	i.mu.Unlock()
	return raw, nil
}
