package collector

import (
	"bytes"
	"context"
	"database/sql/driver"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"

	"github.com/galeratop/galeratop/model"
)

// overheard is a connection that notes what is asked.
type overheard struct {
	driver.Conn
	asked []string
}

func (o *overheard) QueryContext(ctx context.Context, sql string, args []driver.NamedValue) (driver.Rows, error) {
	o.asked = append(o.asked, sql)
	return o.Conn.(driver.QueryerContext).QueryContext(ctx, sql, args)
}

// misled is a session with a simulated MariaDB 10.11 whose release is taken for
// 11.3, which promises SENT_ROWS.
func misled(t *testing.T) (*session, *overheard) {
	t.Helper()
	driver, address := simulated(t, model.FlavourMariaDB)
	cfg, err := driver(address)
	must(t, err)
	s, err := open(t.Context(), cfg)
	must(t, err)
	t.Cleanup(s.close)
	o := &overheard{Conn: s.conn}
	s.conn, s.server.Release = o, 110300
	return s, o
}

func TestAServerThatLacksAColumnIsAskedInTheNextForm(t *testing.T) {
	s, o := misled(t)
	for range 3 {
		var sample model.Sample
		must(t, s.ask(t.Context(), processes, &sample, 100))
		if len(sample.Processes.Rows) == 0 {
			t.Error("no threads")
		}
	}
	var sent []string
	for _, sql := range o.asked {
		sent = append(sent, map[bool]string{true: "without", false: "with"}[strings.Contains(sql, "NULL AS SENT_ROWS")])
	}
	if got := strings.Join(sent, " "); got != "with without without without" {
		t.Errorf("asked %s the column", got)
	}
}

func TestAFormThatIsRefusedForAnotherReasonIsNotReplaced(t *testing.T) {
	s, o := misled(t)
	st := &Statement{Name: "broken", Forms: []Form{{SQL: "SELECT FROM WHERE"}, {SQL: "SELECT 1"}}, Start: func(*model.Sample) {}}
	if err := s.ask(t.Context(), st, &model.Sample{}, 0); !serverError(err, 1064) || len(o.asked) != 1 {
		t.Errorf("%v after asking %q", err, o.asked)
	}
}

// A plugin's table may come later, so that nothing is remembered of a statement
// that no form answered.
func TestAStatementThatNoFormAnswersIsTriedAnew(t *testing.T) {
	s, o := misled(t)
	st := &Statement{
		Name: "absent", Forms: []Form{{SQL: "SELECT A FROM mysql.absent"}, {SQL: "SELECT B FROM mysql.absent"}},
		Start: func(*model.Sample) { t.Error("an answer") },
	}
	for range 2 {
		if err := s.ask(t.Context(), st, &model.Sample{}, 0); !serverError(err, notThere...) || broken(err) {
			t.Error(err)
		}
	}
	if want := []string{st.Forms[0].SQL, st.Forms[1].SQL, st.Forms[0].SQL, st.Forms[1].SQL}; !slices.Equal(o.asked, want) {
		t.Errorf("asked %q", o.asked)
	}
}

// boasting forwards connections to a simulated server and lets it say a newer
// release than it is.
func boasting(t *testing.T, to string) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	b := &balancer{Listener: l, change: func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("10.11."), []byte("11.11.")) }}
	b.to.Store(&to)
	b.start(t)
	return l.Addr().String()
}

func TestAMissingColumnCostsNoConnection(t *testing.T) {
	driver, address := simulated(t, model.FlavourMariaDB)
	proxy := boasting(t, address)
	w := watch(t, Options{Seeds: []string{proxy}, Driver: func(string) (*mysql.Config, error) {
		cfg, err := driver(address)
		if cfg != nil {
			cfg.Addr = proxy
		}
		return cfg, err
	}})
	w.Demand(model.SubjectProcesses)
	w.within(3, "all threads of a server that says to be 11.11", func(s *model.Snapshot) bool {
		n := s.Nodes[0]
		return n.Up() && n.Sample.Server.Release == 111114 && !n.Sample.Processes.Glance &&
			n.Sample.Processes.Error == "" && len(n.Sample.Processes.Rows) > 0
	})
	own := w.last.Nodes[0].Sample.Processes.Own
	for range 3 {
		n := w.next().Nodes[0]
		if !n.Up() || n.Sample.Processes.Error != "" || n.Sample.Processes.Own[0] != own[0] {
			t.Errorf("connected anew: %v, then %v, %q", own, n.Sample.Processes.Own, n.Sample.Processes.Error)
		}
	}
}
