package ui

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/galeratop/galeratop/model"
)

// fakeInspector answers from what a test gives it, and counts what is under way.
type fakeInspector struct {
	mu       sync.Mutex
	asked    []model.Process
	running  int
	most     int
	slow     time.Duration
	err      error
	explains []bool
	gone     bool
	refused  *model.Explanation // in place of a plan
}

func (f *fakeInspector) begin(p model.Process) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, p)
	f.running++
	f.most = max(f.most, f.running)
}

func (f *fakeInspector) end() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.running--
}

const longQuestion = "SELECT o.customer_id, SUM(o.total) /* cart 4711 */ FROM orders o LEFT JOIN customers c ON c.id = o.customer_id\n" +
	"WHERE o.created_at > '2026-01-01' AND o.total BETWEEN 100 AND 500 AND c.id IN (SELECT customer_id FROM blocked WHERE reason = 'fraud')\n" +
	"GROUP BY o.customer_id ORDER BY 2 DESC LIMIT 20"

func (f *fakeInspector) Inspect(_ context.Context, _ string, _ *model.Server, p model.Process) (*model.Inspection, error) {
	f.begin(p)
	defer f.end()
	time.Sleep(f.slow)
	if f.err != nil {
		return nil, f.err
	}
	i := &model.Inspection{At: noon.Add(30 * time.Second), Took: time.Millisecond, Thread: p.ID, Process: p}
	if f.gone {
		i.Gone = "the thread has ended"
		return i, nil
	}
	if p.Query != "" {
		i.Text = model.StatementText{Text: longQuestion, Bytes: int64(len(longQuestion))}
	}
	i.Trx = model.InspectedTrx{
		Open: true, ID: model.N(4211), State: "RUNNING", Age: 312 * time.Second, Isolation: "REPEATABLE READ", RowsLocked: model.N(12),
		RowsModified: model.N(3), TablesInUse: model.N(1), TablesLocked: model.N(1), Instrumented: model.N(7),
	}
	i.Locks = model.InspectedLocks{Part: model.Part{Note: "this server lists only locks that others wait for"}, Rows: []model.InspectedLock{
		{Object: "shop.orders PRIMARY", Type: "RECORD", Mode: "X", Data: "4711"},
		{Object: "shop.stock PRIMARY", Type: "RECORD", Mode: "X", Data: "815, 'red'", Waiting: true},
	}}
	i.Metadata.Rows = []model.InspectedLock{{Object: "shop.orders", Type: "TABLE", Mode: "SHARED_WRITE"}}
	i.Attributes.Rows = []model.Attribute{{Name: "program_name", Value: "nightly-report"}, {Name: "_client_name", Value: "libmariadb"}}
	update := model.InspectedStatement{Event: model.N(12), Text: "UPDATE orders SET state = 'paid' WHERE id = 4711", Took: 3 * time.Millisecond, Affected: model.N(1)}
	update.Within(model.N(7))
	i.History.Rows = []model.InspectedStatement{update, {Event: model.N(9), Text: "SELECT 1", Took: 90 * time.Microsecond}}
	i.Settle()
	return i, nil
}

func (f *fakeInspector) Explain(_ context.Context, _ string, _ *model.Server, p model.Process, json bool) (*model.Explanation, error) {
	f.begin(p)
	defer f.end()
	f.mu.Lock()
	f.explains = append(f.explains, json)
	f.mu.Unlock()
	time.Sleep(f.slow)
	if f.err != nil {
		return nil, f.err
	}
	if f.refused != nil {
		return f.refused, nil
	}
	x := &model.Explanation{At: noon.Add(31 * time.Second), Statement: p.Query, Source: "of the running statement", Live: true}
	if json {
		x.JSON = "{\n  \"query_block\": {\n    \"select_id\": 1,\n    \"table\": {\n      \"table_name\": \"o\",\n      \"access_type\": \"ALL\",\n" +
			"      \"rows\": 4812331,\n      \"attached_condition\": \"o.created_at > '2026-01-01' and o.total between 100 and 500 and c.note <> \\\"secret\\\"\"\n    }\n  }\n}"
		return x, nil
	}
	x.Columns = []string{"id", "select_type", "table", "type", "possible_keys", "key", "key_len", "ref", "rows", "Extra"}
	x.Rows = [][]string{
		{"1", "PRIMARY", "o", "ALL", "created", "", "", "", "4812331", "Using where; Using temporary; Using filesort"},
		{"1", "PRIMARY", "c", "eq_ref", "PRIMARY", "PRIMARY", "8", "shop.o.customer_id", "1", "Using index"},
		{"2", "MATERIALIZED", "blocked", "ref", "reason", "reason", "258", "const", "12", "Using index condition"},
	}
	return x, nil
}

// idleTrx lets the first client of db1 end its statement and sleep in its
// transaction.
func idleTrx(w *world) *world {
	return w.on("db1", 3, func(n *model.Node) {
		p := &n.Sample.Processes.Rows[0]
		p.Command, p.Query, p.State, p.Time = "Sleep", "", "", 118*time.Second
		n.Sample.Processes.Rows[1].Time = 3 * time.Second
	})
}

// openFirst opens the detail of thread 1000 on db1.
func (s *screen) openFirst() *screen { return s.Press("j", "j", "j", "j", "Enter") }

func TestTheDetailOfAThreadLooksAsItDid(t *testing.T) {
	for _, size := range sizes {
		for name, play := range map[string]func(*screen){
			"running": func(*screen) {},
			"plan":    func(s *screen) { s.Press("e").Has("of the running statement", "filesort") },
			"json":    func(s *screen) { s.Press("e", "e").Has("attached_condition") },
			"private": func(s *screen) {
				s.Press("e", "e", "P").Lacks("2026-01-01", "4711", "fraud", "secret", "'red'", "nightly-report", "500")
				s.Press("PgDn").Lacks("2026-01-01", "4711", "fraud", "secret", "'red'", "nightly-report", "paid").Press("Home")
			},
			"ended": func(s *screen) { s.Tick(4).Has("the thread has ended; below is what was last known") },
		} {
			t.Run(fmt.Sprintf("%s-%dx%d", name, size[0], size[1]), func(t *testing.T) {
				w := cluster(3)
				if name == "ended" {
					w.on("db1", 4, func(n *model.Node) { n.Sample.Processes.Rows = n.Sample.Processes.Rows[1:] })
				}
				watch(t, w, Options{Inspector: &fakeInspector{}}, size[0], size[1], func(s *screen) {
					s.Tick(1).openFirst()
					play(s)
					s.Golden(fmt.Sprintf("detail-%s-%dx%d", name, size[0], size[1]), size[0] == 120)
				})
			})
		}
	}
}

func TestTheDetailOfAnIdleTransactionLooksAsItDid(t *testing.T) {
	for _, size := range sizes {
		watch(t, idleTrx(cluster(3)), Options{Inspector: &fakeInspector{}}, size[0], size[1], func(s *screen) {
			s.Tick(1).openFirst()
			s.Tick(5).Has("idle for 1m58s with an open transaction").Golden(fmt.Sprintf("detail-idle-%dx%d", size[0], size[1]), false)
		})
	}
}

// clipboard is what the terminal was told to copy (OSC 52).
func clipboard(t *testing.T, sent []byte) string {
	t.Helper()
	_, rest, found := strings.Cut(string(sent), "\x1b]52;c;")
	end := strings.IndexAny(rest, "\x07\x1b")
	if !found || end < 0 {
		t.Fatalf("nothing was copied: %q", sent)
	}
	text, err := base64.StdEncoding.DecodeString(rest[:end])
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAThreadIsLookedAtAgainAndAgainOneAtATime(t *testing.T) {
	f := &fakeInspector{slow: 5 * time.Second}
	watch(t, cluster(3), Options{Inspector: f}, 120, 30, func(s *screen) {
		s.Tick(1).openFirst().Has("asking db1")
		s.Tick(30).Press("Esc").Tick(20)
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.most != 1 || len(f.asked) < 3 || len(f.asked) > 10 {
			t.Errorf("asked %d times, %d at once", len(f.asked), f.most)
		}
	})
}

func TestAThreadThatCannotBeLookedAtSaysWhy(t *testing.T) {
	f := &fakeInspector{err: errors.New("10.0.0.11:3306: no answer in time")}
	watch(t, cluster(3), Options{Inspector: f}, 120, 30, func(s *screen) {
		s.Tick(1).openFirst().Has("no answer in time", "Creating sort index", "GROUP BY customer_id")
		s.Press("e").Has("EXPLAIN", "no answer in time")
	})
}

func TestWhatCannotBeExplainedSaysWhyAndNamesTheMissingGrant(t *testing.T) {
	for _, x := range []*model.Explanation{
		{Refused: "CALL has no plan"},
		{Refused: "SELECT command denied to user", Grant: "SELECT ON shop.orders"},
	} {
		watch(t, cluster(3), Options{Inspector: &fakeInspector{refused: x}}, 120, 40, func(s *screen) {
			s.Tick(1).openFirst().Press("e").Has("no plan", x.Refused)
			if x.Grant != "" {
				s.Has("GRANT " + x.Grant)
			}
		})
	}
}

func TestARecordingHasNoServerToAsk(t *testing.T) {
	watch(t, cluster(3), Options{}, 120, 30, func(s *screen) {
		s.Tick(1).openFirst().Press("e").Row(-1).Has("e: there is no server to ask: this is a recording")
	})
}

func TestAStatementIsCopiedAsItMayBeShown(t *testing.T) {
	for _, private := range []bool{false, true} {
		watch(t, cluster(3), Options{Inspector: &fakeInspector{}, Privacy: private}, 120, 30, func(s *screen) {
			s.Tick(1).openFirst()
			before := s.out.count()
			s.Press("y").Row(-1).Has("copied")
			sent := clipboard(t, s.out.bytes[before:])
			if strings.Contains(sent, "fraud") == private || !strings.Contains(sent, "LEFT JOIN customers") {
				t.Errorf("private %v: copied %q", private, sent)
			}
		})
	}
}

func TestWhatAThreadRanIsKept(t *testing.T) {
	w := cluster(3)
	w.on("db1", 3, func(n *model.Node) {
		n.Sample.Processes.Rows[0].QueryID, n.Sample.Processes.Rows[0].Query = model.N(99), "DELETE FROM orders WHERE id = 3"
	})
	watch(t, w, Options{}, 120, 50, func(s *screen) {
		s.Tick(1).openFirst().Tick(4).Has("Seen here", "2 statements", "SELECT customer_id").Line("DELETE").Has("DELETE FROM orders")
	})
}

func TestStatementsAreLaidOutByTheirClauses(t *testing.T) {
	var got []string
	for _, l := range layoutSQL(longQuestion) {
		parts := []string{strings.Repeat(" ", l.indent)}
		for _, span := range l.spans {
			parts = append(parts, span.text)
		}
		got = append(got, strings.Join(parts, ""))
	}
	want := `SELECT o.customer_id, SUM(o.total) /* cart 4711 */
FROM orders o
  LEFT JOIN customers c ON c.id = o.customer_id
WHERE o.created_at > '2026-01-01'
  AND o.total BETWEEN 100 AND 500
  AND c.id IN (
      SELECT customer_id
      FROM blocked
      WHERE reason = 'fraud'
  )
GROUP BY o.customer_id
ORDER BY 2 DESC
LIMIT 20`
	if strings.Join(got, "\n") != want {
		t.Errorf("laid out as\n%s", strings.Join(got, "\n"))
	}
}

// Whatever the text, nothing of it is lost or added besides white space.
func FuzzLayoutLosesNothing(f *testing.F) {
	f.Add(longQuestion)
	f.Add("insert into t values (1,'abc")
	f.Add("a \x00 b ) ) ( SELECT -- x")
	f.Fuzz(func(t *testing.T, text string) {
		text = model.PrintableLines(text, 0)
		var b strings.Builder
		for _, l := range layoutSQL(text) {
			for _, span := range l.spans {
				b.WriteString(span.text)
			}
		}
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if squeeze(b.String()) != squeeze(text) {
			t.Errorf("%q is laid out as %q", text, b.String())
		}
	})
}

func TestLiteralsInAPlanAreHiddenAndItsFiguresStay(t *testing.T) {
	e := &env{privacy: true, snap: &model.Snapshot{}}
	for line, want := range map[string]string{
		`"attached_condition": "a.c = 'x' and b = \"quoted\" and n > 12",`: `"attached_condition": "a.c = ? and b = ? and n > ?",`,
		`"attached_condition": "a.c = 'it"s 12' and n > 12"`:               `"attached_condition": a.c = ? and n > ?`,
		`"attached_condition": "a.c = \u00274111\u0027"`:                   `"attached_condition": "a.c = ?"`,
		`4111,`:                          ` ?`,
		`"of 4111": 12`:                  `?: ?`,
		`"rows": 4812331,`:               `"rows": 4812331,`,
		`"key_length": "258",`:           `"key_length": "258",`,
		`"data_read_per_join": "12M",`:   `"data_read_per_join": "12M",`,
		`"read_cost": "12.50",`:          `"read_cost": "12.50",`,
		`"message": "12",`:               `"message": "?",`,
		`"key": ["created", "PRIMARY"],`: `"key": ["created", "PRIMARY"],`,
		`"table": {`:                     `"table": {`,
		`"dependent": false,`:            `"dependent": false,`,
		`"created",`:                     `"created",`,
		`}],`:                            `}],`,
	} {
		key, value := e.jsonShown(jsonMember(line))
		if key+value != want {
			t.Errorf("%s is shown as %s", line, key+value)
		}
	}
}
