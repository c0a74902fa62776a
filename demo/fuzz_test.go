package demo

import (
	"testing"
	"time"

	"github.com/galeratop/galeratop/model"
)

func FuzzAnyStatementIsAnsweredOrRefused(f *testing.F) {
	for _, flavour := range []model.Flavour{mariadb, pxc} {
		for _, sql := range statementsOf(flavour) {
			f.Add(sql)
		}
	}
	for _, sql := range personal {
		f.Add(sql)
	}
	f.Add("SET SESSION wsrep_sync_wait = 0, @@global.wsrep_provider_options = 'gcs.fc_limit=1'; -- x")
	f.Add("SELECT SUM(1) OVER (), -1, x'a', `a``b`, 1e5 FROM dual WHERE NOT a BETWEEN 1 AND 2 ORDER BY 1 LIMIT 0")
	f.Add("KILL HARD QUERY ID 1")
	o := Options{}
	_ = o.defaults()
	e := newEngine(o, time.Unix(1_790_000_000, 0), func(*node) string { return "10.0.0.1:3306" })
	f.Fuzz(func(t *testing.T, sql string) {
		s := &session{node: e.nodes[0], vars: map[string]string{}, thread: &thread{node: e.nodes[0], opened: noTransaction}}
		if result, err := s.query(sql); (result == nil) == (err == nil) {
			t.Errorf("%q: %v, %v", sql, result, err)
		}
	})
}
