package ui

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/galeratop/galeratop/model"
)

// shopping is a cluster whose digests grow and whose db2 runs a bad query from
// the 70th second on.
func shopping(perf ...string) *world {
	w := cluster(3)
	w.threads = 3
	texts := []string{
		"SELECT `p` . `id` , `p` . `name` FROM `products` `p` JOIN `stock` `s` ON `s` . `product_id` = `p` . `id` WHERE `p` . `category_id` = ?",
		"UPDATE `stock` SET `quantity` = `quantity` - ? WHERE `product_id` = ?",
		"INSERT INTO `order_items` ( `order_id` , `product_id` ) VALUES (...)",
	}
	return w.with(func(tick uint64, n *model.Node) {
		on := false
		for _, name := range perf {
			on = on || name == n.Name
		}
		n.Sample.Server.PerfSchema, n.Sample.Slow.Digests = model.Off, nil
		n.Sample.Processes.Rows = n.Sample.Processes.Rows[1:]
		if n.Name == "db2" && tick >= 70 {
			n.Sample.Processes.Rows = append(n.Sample.Processes.Rows, model.Process{
				ID: 77, QueryID: model.N(4), User: "report", Host: "10.1.9.9:4711", DB: "shop", Command: "Query", State: "Sending data",
				Time: time.Duration(tick-69) * time.Second, Query: "SELECT a.* FROM orders a, orders b WHERE a.secret = 'Meier' AND a.id > b.id",
			})
		}
		if !on {
			return
		}
		n.Sample.Server.PerfSchema = model.On
		read := tick / 5 * 5
		d := &model.Digests{Reading: model.Reading{At: noon.Add(time.Duration(read) * time.Second)}}
		for i, text := range texts {
			calls := int64(read+1000) * int64(70-20*i)
			d.Rows = append(d.Rows, model.Digest{
				ID: strconv.Itoa(i), Schema: "shop", Text: text, Calls: calls, Total: time.Duration(calls) * time.Duration(3+i) * time.Millisecond,
				Max: 310 * time.Millisecond, Examined: calls * 37, Sent: calls * int64(12-6*i), Age: 300 * time.Hour,
			})
		}
		n.Sample.Slow.Digests = d
	})
}

func TestTheTopPaneSaysWhereItsNumbersComeFrom(t *testing.T) {
	for _, c := range []struct {
		name  string
		world func() *world
		says  []string
		lacks []string
	}{
		{"counted", func() *world { return shopping("db1", "db2", "db3") }, []string{"Counted by performance_schema on all 3 nodes"}, []string{"Sampled", "±"}},
		{"sampled", func() *world { return shopping() }, []string{"Sampled on all 3 nodes: performance_schema is off", "lower bound", "±"}, []string{"Counted"}},
		{"mixed", func() *world { return shopping("db1", "db3") }, []string{"Counted by performance_schema on db1, db3", "Sampled on db2", "≥"}, nil},
	} {
		for _, size := range sizes {
			name := fmt.Sprintf("%s-%dx%d", c.name, size[0], size[1])
			t.Run(name, func(t *testing.T) {
				watch(t, c.world(), Options{}, size[0], size[1], func(s *screen) {
					s.Press("5").Tick(95).Golden("top-"+name, false)
					if size[0] == 160 {
						s.Has(c.says...).Lacks(c.lacks...)
						s.Press("Down", "Enter").Golden("top-detail-"+c.name, false)
					}
				})
			})
		}
	}
}

func TestTheTopPaneWithoutColoursOrUnicode(t *testing.T) {
	watch(t, shopping("db1"), Options{NoColor: true, ASCII: true}, 80, 24, func(s *screen) {
		s.Press("5").Tick(95).Golden("top-ascii-80x24", false).uncoloured(true)
	})
}

func TestPreparedStatementsAreSampledWhereDigestsLeaveThemOut(t *testing.T) {
	change := func(tick uint64, n *model.Node) {
		for i := range n.Sample.Processes.Rows {
			if p := &n.Sample.Processes.Rows[i]; p.ID == 77 {
				p.Command, p.QueryID, p.Time = "Execute", model.N(int64(tick)), 300*time.Millisecond
			}
		}
	}
	for _, size := range [][2]int{{160, 50}, {80, 24}} {
		watch(t, shopping("db1", "db2", "db3").with(change), Options{}, size[0], size[1], func(s *screen) {
			s.Tick(95).Press("5").Tick(3).Has("Prepared statements are not in these", "Counted by performance_schema").Line("select a.* from orders").Has("±", "≥")
			s.Golden(fmt.Sprintf("top-prepared-%dx%d", size[0], size[1]), false)
			if size[0] > 100 {
				s.Press("Home", "Enter").Line("db2").Has("sampled: prepared statements are not counted")
			}
		})
	}
}

func TestABadQueryIsOnTopWhileItRuns(t *testing.T) {
	for _, perf := range [][]string{nil, {"db1", "db2", "db3"}} {
		watch(t, shopping(perf...), Options{}, 160, 50, func(s *screen) {
			s.Press("5").Tick(100)
			s.Line("  1 ").Has("from orders a", "db2 100%", "new ").Lacks("Meier")
			s.Press("Down", "Enter").Has("orders", "'Meier'", "Threads that run it now", "report@10.1.9.9:4711", "77")
			s.Press("Esc").Press("P", "Enter").Has("Threads that run it now").Lacks("Meier")
		})
	}
}

func TestTheTopPaneTurnsBetweenLiveAndTheStart(t *testing.T) {
	watch(t, shopping("db1", "db2", "db3"), Options{}, 120, 30, func(s *screen) {
		s.Press("5").Tick(1).Has("since the start; live follows with the second reading", "update stock")
		s.Tick(12).Has("live, over the last 30s")
		s.Press("t").Has("since the start (t: live)").Press("t").Has("live, over the last 30s")
		s.Press("/", "update", "Enter").Has("update stock").Lacks("insert into")
	})
}

func TestTheTopPaneNamesTheMissingPrivilege(t *testing.T) {
	w := shopping().on("db2", 0, func(n *model.Node) {
		n.Sample.Server.PerfSchema = model.On
		n.Sample.Slow.Digests = &model.Digests{Reading: model.Reading{
			Error: "the account lacks SELECT ON performance_schema.*", Grant: "SELECT ON performance_schema.*",
		}}
	}).on("db3", 0, func(n *model.Node) {
		n.Sample.Processes.OwnOnly, n.Sample.Processes.Grant = true, "PROCESS"
	})
	watch(t, w, Options{}, 160, 50, func(s *screen) {
		s.Press("5").Tick(5).Has("On db2 the account needs: GRANT SELECT ON performance_schema.* TO it", "On db3 the account needs: GRANT PROCESS ON *.* TO it")
	})
}
