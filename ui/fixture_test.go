package ui

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

// noon is when the fixtures' first tick was.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// world builds snapshots of a cluster that behaves the same in every run.
type world struct {
	nodes   []*model.Node
	at      time.Time
	tick    uint64
	load    float64 // 1 is a busy shop
	threads int     // running statements a node
	change  []func(tick uint64, n *model.Node)
	garbd   int
	tell    func(s *model.Snapshot) // what a diagnosis adds
}

// cluster is n healthy nodes that are idle.
func cluster(n int) *world {
	w := &world{at: noon, load: 1, threads: 5}
	for i := range n {
		name := fmt.Sprintf("db%d", i+1)
		w.nodes = append(w.nodes, &model.Node{
			ID: name, Name: name, Address: fmt.Sprintf("10.0.0.%d:3306", i+11), Expected: true, Listed: true,
		})
	}
	return w
}

func (w *world) with(change func(tick uint64, n *model.Node)) *world {
	w.change = append(w.change, change)
	return w
}

// on changes one node from a tick on.
func (w *world) on(name string, from uint64, change func(n *model.Node)) *world {
	return w.with(func(tick uint64, n *model.Node) {
		if n.Name == name && tick >= from {
			change(n)
		}
	})
}

// wave is a smooth deterministic number between 0 and 1.
func wave(tick uint64, seed int) float64 {
	x := float64(tick)*0.7 + float64(seed)*1.9
	return (2 + math.Sin(x) + math.Sin(x*0.37+1)) / 4
}

// next is the snapshot of the next tick.
func (w *world) next() *model.Snapshot {
	w.tick++
	s := &model.Snapshot{Tick: w.tick, At: w.at.Add(time.Duration(w.tick) * time.Second), Interval: time.Second, Cluster: "shop-prod"}
	addresses := make([]string, 0, len(w.nodes))
	for _, n := range w.nodes {
		addresses = append(addresses, n.Address)
	}
	addresses = append(addresses, make([]string, w.garbd)...)
	for i, proto := range w.nodes {
		n := *proto
		n.Link, n.Since, n.Age = model.LinkUp, w.at.Add(-time.Hour), 200*time.Millisecond
		n.Sample = w.sample(i, s.At, strings.Join(addresses, ","))
		n.Rates = w.rates(i)
		for _, change := range w.change {
			change(w.tick, &n)
		}
		s.Nodes = append(s.Nodes, &n)
	}
	s.Complete()
	if w.tell != nil {
		w.tell(s)
	}
	return s
}

func (w *world) rates(i int) model.Rates {
	v := func(seed int, scale float64) model.Real {
		return model.R(math.Floor(w.load * scale * wave(w.tick, i*7+seed)))
	}
	return model.Rates{
		Interval: time.Second, Replicated: v(1, 420), Received: v(2, 830), ReplicatedBps: v(1, 420*1800),
		ReceivedBps: v(2, 830*1800), Committed: v(3, 1260), LocalCommits: v(1, 419), CertFailures: model.R(0),
		BFAborts: model.R(0), Questions: v(4, 3100), SlowQueries: model.R(0), FCSent: model.R(0), Paused: model.R(0),
	}
}

func (w *world) sample(i int, at time.Time, members string) *model.Sample {
	name := w.nodes[i].Name
	seqno := int64(48_210_000) + int64(w.tick)*int64(1260*w.load) - int64(i%2)
	s := &model.Sample{At: at.Add(-200 * time.Millisecond), Took: 1800 * time.Microsecond}
	s.Server = model.Server{
		Flavour: model.FlavourMariaDB, Version: "10.11.19-MariaDB-log", Release: 101119, Comment: "Debian 12",
		Hostname: name + ".shop.example", Port: model.N(3306), UUID: "6b1f" + name, PerfSchema: model.On, CanSeeAll: true,
		NodeName: name, ClusterName: "shop-prod", Incoming: w.nodes[i].Address, WsrepOn: model.On,
		Provider: "/usr/lib/galera/libgalera_smm.so",
	}
	for _, row := range [][2]string{
		{"wsrep_cluster_status", "Primary"},
		{"wsrep_cluster_state_uuid", "4a9c1f6e-0000-11f0-9b1e-8e0d5e3c1a77"},
		{"wsrep_local_state_uuid", "4a9c1f6e-0000-11f0-9b1e-8e0d5e3c1a77"},
		{"wsrep_cluster_conf_id", "117"},
		{"wsrep_cluster_size", strconv.Itoa(len(w.nodes) + w.garbd)},
		{"wsrep_cluster_weight", strconv.Itoa(len(w.nodes) + w.garbd)},
		{"wsrep_local_index", strconv.Itoa(i)},
		{"wsrep_connected", "ON"},
		{"wsrep_ready", "ON"},
		{"wsrep_local_state", "4"},
		{"wsrep_local_state_comment", "Synced"},
		{"wsrep_incoming_addresses", members},
		{"wsrep_gcomm_uuid", "a1b2c3d4-" + name},
		{"wsrep_gmcast_segment", "0"},
		{"wsrep_desync_count", "0"},
		{"wsrep_evs_state", "OPERATIONAL"},
		{"wsrep_evs_delayed", ""},
		{"wsrep_evs_repl_latency", "0.00021/0.00043/0.0021/0.0001/830"},
		{"wsrep_last_committed", strconv.FormatInt(seqno, 10)},
		{"wsrep_local_cached_downto", strconv.FormatInt(seqno-210_331, 10)},
		{"wsrep_local_recv_queue", "0"},
		{"wsrep_local_send_queue", "0"},
		{"wsrep_flow_control_active", "false"},
		{"wsrep_flow_control_requested", "false"},
		{"wsrep_cert_deps_distance", "41.7"},
		{"wsrep_open_transactions", "3"},
		{"wsrep_applier_thread_count", "8"},
		{"wsrep_thread_count", "9"},
		{"wsrep_protocol_version", "11"},
		{"wsrep_provider_version", "26.4.23(rcc3f1c)"},
		{"Uptime", "1892345"},
		{"Threads_connected", "64"},
		{"Threads_running", strconv.Itoa(5 + int(6*wave(w.tick, i)))},
		{"Innodb_row_lock_current_waits", "0"},
		{"Innodb_history_list_length", "812"},
	} {
		s.Status.Set(row[0], row[1])
	}
	s.Processes = w.processes(i)
	w.slow(i, s)
	return s
}

var statements = []string{
	"SELECT p.id, p.name, p.price, s.quantity FROM products p JOIN stock s ON s.product_id = p.id WHERE p.category_id = %d ORDER BY p.rank LIMIT 50",
	"UPDATE stock SET quantity = quantity - 1 WHERE product_id = %d AND quantity > 0",
	"INSERT INTO order_items (order_id, product_id, quantity, price) VALUES (%d, 4711, 2, 19.90)",
	"SELECT * FROM sessions WHERE token = 'b7c1%d' FOR UPDATE",
	"COMMIT /* %d */",
}

func (w *world) processes(i int) model.Processes {
	p := model.Processes{Total: 64, Idle: 64 - w.threads - 9}
	for k := range w.threads {
		id := uint64(1000 + i*300 + k)
		row := model.Process{
			ID: id, QueryID: model.N(int64(w.tick)*100 + int64(k)), User: "shop_web", Host: fmt.Sprintf("10.1.2.%d:5%04d", k+20, int(id)),
			DB: "shop", Command: "Query", Time: time.Duration(float64(900*time.Millisecond) * wave(w.tick, k)), State: "Sending data",
			Query:    fmt.Sprintf(statements[(k+int(w.tick)/3+i)%len(statements)], 1000+int(w.tick)*7+k),
			Examined: model.N(int64(w.tick) * int64(k*13)), Sent: model.N(int64(k)), Memory: model.N(81920),
		}
		if k == 0 {
			row.QueryID = model.N(int64(7 + i))
			row.User, row.State, row.Time = "report", "Creating sort index", time.Duration(w.tick+6)*time.Second
			row.Query = "SELECT customer_id, SUM(total) FROM orders WHERE created_at > '2026-01-01' GROUP BY customer_id ORDER BY 2 DESC"
			row.Examined = model.N(int64(w.tick) * 311_000)
		}
		p.Rows = append(p.Rows, row)
	}
	for k := range 9 {
		p.Rows = append(p.Rows, model.Process{ID: uint64(k + 1), User: model.SystemUser, Command: "Sleep", State: "wsrep applier idle"})
	}
	return p
}

func (w *world) slow(i int, s *model.Sample) {
	read := model.Reading{At: s.At.Add(-3 * time.Second)}
	s.Slow.Variables = &model.Variables{Reading: read, Values: map[string]string{
		"wsrep_on": "ON", "wsrep_cluster_address": "gcomm://10.0.0.11,10.0.0.12,10.0.0.13", "wsrep_sst_method": "mariabackup",
		"wsrep_slave_threads": "8", "wsrep_sync_wait": "0", "innodb_flush_log_at_trx_commit": "2", "read_only": "OFF",
		"innodb_buffer_pool_size": "34359738368", "max_connections": "500",
		"wsrep_provider_options": "gcache.size = 2G; gcs.fc_limit = 64; gcs.fc_factor = 0.8; evs.suspect_timeout = PT5S; pc.weight = 1",
	}}
	s.Slow.Transactions = &model.Transactions{Reading: read, Rows: []model.Transaction{
		{Thread: uint64(1000 + i*300), State: "RUNNING", Age: 312 * time.Second, Modified: 0, Locked: 12},
		{Thread: uint64(1001 + i*300), State: "LOCK WAIT", Age: 4 * time.Second, Modified: 3, Locked: 4},
	}}
	s.Slow.Digests = &model.Digests{Reading: read, Rows: []model.Digest{
		{ID: "a1", Schema: "shop", Text: "SELECT `p` . `id` , `p` . `name` FROM `products` `p` JOIN `stock` `s` ON ...", Calls: 18_231_002, Total: 5*time.Hour + 12*time.Minute, Max: 4100 * time.Millisecond, Examined: 912_000_331},
		{ID: "b2", Schema: "shop", Text: "UPDATE `stock` SET `quantity` = `quantity` - ? WHERE `product_id` = ?", Calls: 2_310_771, Total: 49 * time.Minute, Max: 900 * time.Millisecond, Examined: 2_310_771},
	}}
	m := &model.Members{Reading: read}
	for _, n := range w.nodes {
		m.Rows = append(m.Rows, model.Member{UUID: "a1b2c3d4-" + n.Name, Name: n.Name, Address: n.Address})
	}
	for range w.garbd {
		m.Rows = append(m.Rows, model.Member{UUID: "a1b2c3d4-garb", Name: model.ArbitratorName})
	}
	s.Slow.Members = m
}

// incident is five nodes in trouble: db1 and db2 are Primary and db1 pauses
// them, db3 is cut off, db4 hangs, db5 is down.
func incident() *world {
	w := cluster(5)
	const from = 20
	w.on("db3", from, func(n *model.Node) {
		s := &n.Sample.Status
		s.ClusterStatus, s.LocalState, s.Ready = model.NonPrimary, model.N(0), model.Off
		s.ConfID, s.ClusterSize, s.ClusterWeight = model.N(-1), model.N(1), model.N(0)
		s.IncomingAddrs, s.StateComment, s.EVSState = n.Address, "Initialized", "GATHER"
		n.Rates = model.Rates{}
		s.LastCommitted.V -= 1260 * int64(w.tick-from)
		n.Sample.Processes.Rows = nil
		n.Listed = false
	})
	for _, name := range []string{"db1", "db2"} {
		w.on(name, from, func(n *model.Node) {
			s := &n.Sample.Status
			s.ConfID, s.ClusterSize, s.ClusterWeight = model.N(118), model.N(3), model.N(3)
			s.IncomingAddrs = "10.0.0.11:3306,10.0.0.12:3306,10.0.0.14:3306"
			s.FCActive = model.On
			n.Rates.Paused = model.R(0.41 + 0.3*wave(w.tick, 1))
			n.Sample.Slow.Members.Rows = n.Sample.Slow.Members.Rows[:2]
		})
	}
	w.on("db1", from, func(n *model.Node) {
		n.Sample.Status.FCRequested = model.On
		n.Sample.Status.RecvQueue = model.N(int64(150 + 90*wave(w.tick, 2)))
		n.Sample.Status.LastCommitted.V -= 212
		n.Rates.FCSent = model.R(12)
		n.Rates.BFAborts = model.R(3)
		n.Sample.Processes.Rows[0].Query = "ALTER TABLE orders ADD INDEX customer_created (customer_id, created_at), ALGORITHM=COPY"
		n.Sample.Processes.Rows[0].State, n.Sample.Processes.Rows[0].Progress = "copy to tmp table", model.R(34)
	})
	w.on("db2", from, func(n *model.Node) { n.Rates.CertFailures = model.R(2.4) })
	since := func(tick uint64) time.Time { return w.at.Add(time.Duration(tick) * time.Second) }
	w.on("db4", from, func(n *model.Node) {
		age := time.Duration(w.tick-from+3) * time.Second
		n.Link, n.Age, n.Since, n.Rates = model.LinkStale, age, since(from), model.Rates{}
		n.Sample.Status.LastCommitted.V -= 1260 * int64(age/time.Second)
	})
	w.on("db5", 3, func(n *model.Node) {
		n.Link, n.Since, n.Listed, n.Rates = model.LinkDown, since(3), false, model.Rates{}
		n.Sample.Status.LastCommitted = model.N(48_213_780)
		n.Failure = &model.Failure{Kind: model.FailRefused, Text: "dial tcp 10.0.0.15:3306: connect: connection refused", Since: since(3)}
	})
	return w
}

// fakeFeed hands out what it is given and remembers what it was asked.
type fakeFeed struct {
	ch       chan *model.Snapshot
	demands  chan model.Subject
	interval chan time.Duration
}

func newFakeFeed() *fakeFeed {
	return &fakeFeed{
		ch: make(chan *model.Snapshot, 1), demands: make(chan model.Subject, 100), interval: make(chan time.Duration, 100),
	}
}

func (f *fakeFeed) Snapshots() <-chan *model.Snapshot { return f.ch }

func (f *fakeFeed) Demand(s model.Subject) { f.demands <- s }

func (f *fakeFeed) SetInterval(d time.Duration) { f.interval <- d }
