package collector

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/galeratop/galeratop/demo"
	"github.com/galeratop/galeratop/model"
)

// simulated is a simulated cluster of one with the settings to connect to it.
func simulated(t *testing.T, flavour model.Flavour) (driver func(string) (*mysql.Config, error), address string) {
	t.Helper()
	c, err := demo.Start(t.Context(), demo.Options{Nodes: 1, Threads: 4, Flavour: flavour})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return func(string) (*mysql.Config, error) { return mysql.ParseDSN(c.DSN(0)) }, c.Addresses()[0]
}

func TestEverySessionKnowsAtOnceWhatKindOfServerAnswers(t *testing.T) {
	for _, flavour := range []model.Flavour{model.FlavourMariaDB, model.FlavourPXC} {
		driver, address := simulated(t, flavour)
		s, err := Dial(t.Context(), driver, address, model.Num{})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Server().Flavour; got != flavour {
			t.Errorf("an action's session takes %s for %s", flavour, got)
		}
		s.Close()
		err = NewInspector(driver).session(t.Context(), address, nil, func(_ context.Context, s *session) error {
			if s.server.Flavour != flavour {
				t.Errorf("an inspection takes %s for %s", flavour, s.server.Flavour)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func TestTheMembershipTableIsReadOnEveryFlavour(t *testing.T) {
	for _, flavour := range []model.Flavour{model.FlavourMariaDB, model.FlavourPXC} {
		driver, address := simulated(t, flavour)
		results := make(chan slowResult)
		p := &slowPoller{
			id: "db1", address: address, config: driver, demand: new(atomic.Uint32),
			wake: make(chan *model.Sample, 1), again: make(chan model.Subject), results: results,
		}
		p.demand.Store(uint32(model.SubjectMembers))
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		done := make(chan struct{})
		go func() { defer close(done); p.run(ctx) }()
		p.wake <- nil
		for read := false; !read; {
			select {
			case r := <-results:
				if read = r.subject == model.SubjectMembers; read && (r.sample.Slow.Members.Error != "" || len(r.sample.Slow.Members.Rows) != 1) {
					t.Errorf("%s: members %+v", flavour, r.sample.Slow.Members)
				}
			case <-ctx.Done():
				t.Fatal("no members were read")
			}
		}
		cancel()
		<-done
	}
}

func TestOutsideOfAPrimaryComponentTheMembersOfTheLastOneAreRead(t *testing.T) {
	c, err := demo.Start(t.Context(), demo.Options{Nodes: 3, Threads: 4, Speed: demo.Manual})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	for _, name := range []string{"db2", "db3"} {
		if err := c.Do(demo.Action{Do: demo.Crash, Node: name}); err != nil {
			t.Fatal(err)
		}
	}
	c.Advance(20 * time.Second)
	driver := func(string) (*mysql.Config, error) { return mysql.ParseDSN(c.DSN(0)) }
	s, err := Dial(t.Context(), driver, c.Addresses()[0], model.Num{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if rows, err := s.LastMembers(t.Context()); err != nil || len(rows) != 3 {
		t.Errorf("%v, %v", rows, err)
	}
	if err := s.Exec(t.Context(), "COMMIT"); err == nil {
		t.Error("the session allows dirty reads on")
	}
}

func TestTheFlavourFollowsFromWhatTheServerSaysOfItself(t *testing.T) {
	const lib = "/usr/lib/galera4/libgalera_smm.so"
	for _, c := range []struct {
		server model.Server
		want   model.Flavour
	}{
		{model.Server{Flavour: model.FlavourPlain, Provider: lib, Comment: "Percona XtraDB Cluster (GPL), Release rel33"}, model.FlavourPXC},
		{model.Server{Flavour: model.FlavourPlain, Provider: lib, Comment: "MySQL Community Server (GPL), wsrep_26.15"}, model.FlavourMySQL},
		{model.Server{Flavour: model.FlavourPlain, Provider: "none", Comment: "Percona XtraDB Cluster (GPL)"}, model.FlavourPlain},
		{model.Server{Flavour: model.FlavourPlain, Comment: "Percona Server (GPL), Release 34"}, model.FlavourPlain},
		{model.Server{Flavour: model.FlavourMariaDB, Provider: lib, Comment: "mariadb.org binary distribution"}, model.FlavourMariaDB},
	} {
		s := c.server
		if settleFlavour(&s, provided(&s)); s.Flavour != c.want {
			t.Errorf("%+v is taken for %s", c.server, s.Flavour)
		}
	}
}
