package ui

import (
	"context"
	"fmt"
	"testing"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/model"
)

// agreed are settings of a node whose group agrees.
func agreed(n *model.Node) map[string]model.Assignment {
	file := func(value string) model.Assignment {
		return model.Assignment{Value: value, Origin: model.OriginFile, Path: "/etc/mysql/conf.d/galera.cnf"}
	}
	return map[string]model.Assignment{
		"binlog_format": file("ROW"), "wsrep_node_name": file(n.Name), "datadir": file("/var/lib/mysql/"),
		"sql_mode":               {Value: "STRICT_TRANS_TABLES", Default: "STRICT_TRANS_TABLES", Origin: model.OriginCompiled},
		"max_connections":        file("2000"),
		"wait_timeout":           {Value: "28800", Default: "28800", Origin: model.OriginCompiled},
		"wsrep_provider_options": file("gcs.fc_limit = 16; evs.suspect_timeout = PT5S; pc.weight = 1"),
	}
}

// configured is a cluster of n nodes whose settings are changed.
func configured(n int, change func(name string, rows map[string]model.Assignment)) *world {
	return cluster(n).with(func(_ uint64, n *model.Node) {
		rows := agreed(n)
		change(n.Name, rows)
		n.Sample.Slow.Settings = &model.Settings{Reading: model.Reading{At: n.Sample.At}, Traced: true, Rows: rows}
	})
}

func drifted(n int) *world {
	return configured(n, func(name string, rows map[string]model.Assignment) {
		switch name {
		case "db2":
			rows["sql_mode"] = model.Assignment{Value: "NO_ENGINE_SUBSTITUTION", Default: "STRICT_TRANS_TABLES", Origin: model.OriginRuntime}
		case "db3":
			rows["max_connections"] = model.Assignment{Value: "3000", Default: "151", Origin: model.OriginRuntime}
			rows["wsrep_node_name"] = model.Assignment{Value: "db2", Origin: model.OriginFile}
			rows["wsrep_provider_options"] = model.Assignment{Value: "gcs.fc_limit = 200; evs.suspect_timeout = 5; pc.weight = 1"}
		}
	})
}

var configScenes = map[string]func() *world{
	"calm":  func() *world { return configured(3, func(string, map[string]model.Assignment) {}) },
	"drift": func() *world { return drifted(3) },
	"nine":  func() *world { return drifted(9) },
}

func TestTheConfigurationPaneLooksAsItDid(t *testing.T) {
	for scene, build := range configScenes {
		for _, size := range sizes {
			name := fmt.Sprintf("configuration-%s-%dx%d", scene, size[0], size[1])
			t.Run(name, func(t *testing.T) {
				watch(t, build(), Options{NoColor: true}, size[0], size[1], func(s *screen) {
					s.Tick(3).Press("7").Tick(1).Press("Down", "Down").Golden(name, false)
				})
			})
		}
	}
}

func TestOnlyWhatDiffersDriftsOrIsDangerousIsShownAtFirst(t *testing.T) {
	watch(t, drifted(3), Options{}, 120, 30, func(s *screen) {
		s.Tick(3).Press("7").Tick(1)
		s.Line("sql_mode").Has("must be equal", "NO_ENGINE_SUBSTITUTION *")
		s.Line("max_connections").Has("set at runtime", "3000 *")
		s.Line("wsrep_node_name").Has("must differ")
		s.Line("gcs.fc_limit").Has("200")
		s.Lacks("datadir", "evs.suspect_timeout", "wait_timeout")
		s.Press("d").Has("no defaults", "datadir").Lacks("wait_timeout", "evs.suspect_timeout")
		s.Press("d").Has("everything", "wait_timeout", "evs.suspect_timeout")
	})
}

func TestTheFilterSearchesAllSettings(t *testing.T) {
	watch(t, drifted(3), Options{}, 120, 30, func(s *screen) {
		s.Tick(3).Press("7").Tick(1).Press("/", "w", "a", "i", "t", "_", "Enter").Has("wait_timeout").Lacks("sql_mode")
	})
}

func TestASettingsDetailTellsWhereEachValueComesFrom(t *testing.T) {
	watch(t, drifted(3), Options{}, 120, 40, func(s *screen) {
		s.Tick(3).Press("7").Tick(1).Press("/", "s", "q", "l", "_", "Enter", "Down", "Enter")
		s.Has("db1", "default", "db2", "set at runtime", "lost at the next restart unless the option file says the same", "by default")
		s.Press("Esc").Has("sql_mode")
	})
}

func TestANodeThatToldNothingHasUnknownSettings(t *testing.T) {
	w := drifted(3)
	w.with(func(tick uint64, n *model.Node) {
		if n.Name == "db3" && tick > 4 {
			n.Sample.Slow.Settings = &model.Settings{}
			n.Sample.Slow.Variables = nil
		}
	})
	watch(t, w, Options{}, 120, 30, func(s *screen) {
		s.Tick(4).Press("7").Tick(1).Press("d").Line("max_connections").Has("2000", "?")
	})
}

// fakeFiles are option files in which somebody has raised max_connections; db3's
// cannot be read.
type fakeFiles struct{}

func (fakeFiles) Files(_ context.Context, nodes []*model.Node) []actions.Written {
	out := make([]actions.Written, len(nodes))
	for i, n := range nodes {
		out[i] = actions.Written{Node: n.ID, Written: host.Part[host.Written]{Value: host.Written{Values: map[string]string{
			"max_connections": "4000", "binlog_format": "ROW", "wsrep_node_name": n.Name, "datadir": "/var/lib/mysql",
			"wsrep_provider_options": "gcs.fc_limit=16",
		}}}}
		if n.Name == "db3" {
			out[i].Written = host.Part[host.Written]{Unknown: "db3 cannot be reached to run my_print_defaults"}
		}
	}
	return out
}

func TestOptionFilesAreComparedWithWhatRuns(t *testing.T) {
	watch(t, drifted(3), Options{Files: fakeFiles{}}, 120, 40, func(s *screen) {
		s.Tick(3).Press("7").Tick(1).Press("f").Row(-1).Has("2 nodes", "not read", "db3 cannot be reached")
		s.Line("max_connections").Has("file differs", "2000 *")
		s.Line("sql_mode").Has("NO_ENGINE_SUBSTITUTION *")
		s.Lacks("datadir", "binlog_format")
		s.Press("/", "m", "a", "x", "_", "c", "Enter", "Down", "Enter")
		s.Has("option files say", "4000", "takes effect at the next restart", "set at runtime, lost at the next restart unless")
	})
}

// pushed are option files into which somebody has brought a danger that does not
// run yet.
type pushed struct{}

func (pushed) Files(_ context.Context, nodes []*model.Node) []actions.Written {
	out := make([]actions.Written, len(nodes))
	for i, n := range nodes {
		values := map[string]string{"wsrep_cluster_address": "gcomm://db1,db2,db3", "init_connect": "SET @shop = 'secret'"}
		if n.Name == "db2" {
			values["wsrep_cluster_address"] = "gcomm://"
		}
		out[i] = actions.Written{Node: n.ID, Written: host.Part[host.Written]{Value: host.Written{Values: values}}}
	}
	return out
}

func pushedTo(t *testing.T, watched func(*screen)) {
	t.Helper()
	w := configured(3, func(_ string, rows map[string]model.Assignment) {
		rows["wsrep_cluster_address"] = model.Assignment{Value: "gcomm://db1,db2,db3", Origin: model.OriginFile}
		rows["init_connect"] = model.Assignment{Value: "SET @shop = 'secret'", Origin: model.OriginFile}
	})
	watch(t, w, Options{Files: pushed{}}, 120, 40, func(s *screen) {
		s.Tick(3).Press("7").Tick(1).Lacks("wsrep_cluster_address").Press("f")
		watched(s)
	})
}

func TestADangerThatOnlyTheOptionFileHoldsIsAsBadAsOneThatRuns(t *testing.T) {
	pushedTo(t, func(s *screen) {
		s.Line("wsrep_cluster_address").Has("!", "danger in file", "gcomm://db1,db2,db3 *")
		s.Press("Down").Has("The option files of db2 say gcomm://; its next start reads them. Then: The next restart of db2 may found a second")
		s.Press("Enter").Has("Then: The next restart of db2 may found a second")
	})
}

func TestOptionFilesAreMaskedAsWhatRuns(t *testing.T) {
	pushedTo(t, func(s *screen) {
		s.Press("/", "i", "n", "i", "t", "_", "Enter", "Down", "Enter").Has("option files say", "secret").Lacks("drift")
		s.Press("Esc", "P", "Enter").Has("option files say", "SET @shop = ?").Lacks("secret", "drift")
	})
}

func TestWithoutAWayToTheHostsTheFilesKeySaysWhatToConfigure(t *testing.T) {
	watch(t, drifted(3), Options{Demo: "calm"}, 120, 40, func(s *screen) {
		s.Tick(3).Press("7").Tick(1).Press("f").Row(-1).Has("set host_command for the cluster in config.toml")
	})
}
