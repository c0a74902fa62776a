package cli

import (
	"path/filepath"
	"testing"

	"github.com/go-sql-driver/mysql"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/actions/host"
)

func TestTheConsoleRecoversAsTheCommandDoesAndRemembersNothingThatIsPractised(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	path, err := actions.AuditPath()
	if err != nil {
		t.Fatal(err)
	}
	s := screen{
		cluster: "shop", production: true, hosts: actions.Hosts{Way: host.Way{Prefix: []string{"ssh", "{host}"}}},
		driver: func(string) (*mysql.Config, error) { return mysql.NewConfig(), nil },
	}
	a, notice := s.assistant()
	if a == nil || notice != "" || a.Runner == nil || !a.Hosts.Known() || a.Session != (actions.Session{Cluster: "shop", Production: true}) {
		t.Fatalf("%+v %q", a, notice)
	}
	if want := filepath.Join(filepath.Dir(path), "recovery.json"); a.Memory != want {
		t.Errorf("it remembers in %q, the command in %q", a.Memory, want)
	}
	s.demo = "full-crash"
	if a, _ := s.assistant(); a == nil || a.Memory != "" {
		t.Errorf("what is practised is remembered: %+v", a)
	}
	if a, notice := (&screen{}).assistant(); a != nil || notice != "" {
		t.Errorf("a recording can be recovered: %+v %q", a, notice)
	}
}
