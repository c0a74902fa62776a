package cli

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/galeratop/galeratop/actions/recovery"
	"github.com/galeratop/galeratop/internal/lab/cluster"
)

// acknowledged are clients that note every write that a server confirmed to them.
type acknowledged struct {
	stop  context.CancelFunc
	group sync.WaitGroup
	mutex sync.Mutex
	rows  map[[2]int]string // client and number -> the node that confirmed it
}

// writeTo keeps clients writing to all nodes, two each.
func writeTo(t *testing.T, c *cluster.Cluster, round int) *acknowledged {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	a := &acknowledged{stop: stop, rows: map[[2]int]string{}}
	for i, n := range c.Nodes() {
		for k := range 2 {
			client := round*100 + i*10 + k
			a.group.Go(func() { a.write(ctx, n, client) })
		}
	}
	t.Cleanup(a.end)
	return a
}

func (a *acknowledged) write(ctx context.Context, n *cluster.Node, client int) {
	config := mysql.NewConfig()
	config.User, config.Passwd, config.Net, config.Addr, config.DBName = "lab", "lab", "tcp", n.Address, "acks"
	config.Timeout, config.Logger = time.Second, &mysql.NopLogger{} // broken connections are what this is about
	connector, err := mysql.NewConnector(config)
	if err != nil {
		panic(err) // the configuration is constant
	}
	db := sql.OpenDB(connector)
	defer func() { _ = db.Close() }()
	for i := 0; ctx.Err() == nil; i++ {
		if _, err := db.ExecContext(ctx, "INSERT INTO acks.writes VALUES (?, ?)", client, i); err != nil {
			select {
			case <-time.After(50 * time.Millisecond):
			case <-ctx.Done():
			}
			continue
		}
		a.mutex.Lock()
		a.rows[[2]int{client, i}] = n.Name
		a.mutex.Unlock()
	}
}

func (a *acknowledged) end() {
	a.stop()
	a.group.Wait()
}

// missing are the confirmed writes that a node does not have.
func (a *acknowledged) missing(t *testing.T, n *cluster.Node) []string {
	t.Helper()
	rows, err := n.DB().QueryContext(t.Context(), "SELECT client, number FROM acks.writes")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	has := map[[2]int]bool{}
	for rows.Next() {
		var key [2]int
		if err := rows.Scan(&key[0], &key[1]); err != nil {
			t.Fatal(err)
		}
		has[key] = true
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	var out []string
	for key, node := range a.rows {
		if !has[key] {
			out = append(out, fmt.Sprintf("%v confirmed by %s", key, node))
		}
	}
	return out
}

func mustExec(t *testing.T, n *cluster.Node, statements ...string) {
	t.Helper()
	if err := n.Exec(t.Context(), statements...); err != nil {
		t.Fatal(err)
	}
}

// checksums fails unless the table is the same on all nodes.
func checksums(t *testing.T, c *cluster.Cluster, table string) {
	t.Helper()
	sums := map[string][]string{}
	for _, n := range c.Nodes() {
		var name, sum string
		if err := n.DB().QueryRowContext(t.Context(), "CHECKSUM TABLE "+table).Scan(&name, &sum); err != nil {
			t.Fatal(err)
		}
		sums[sum] = append(sums[sum], n.Name)
	}
	if len(sums) != 1 {
		t.Errorf("CHECKSUM TABLE %s differs: %v", table, sums)
	}
}

func allSynced(t *testing.T, c *cluster.Cluster) {
	t.Helper()
	for _, n := range c.Nodes() {
		if err := n.WaitStatus(t.Context(), "wsrep_local_state_comment", "Synced", "wsrep_cluster_status", "Primary", "wsrep_cluster_size", strconv.Itoa(len(c.Nodes()))); err != nil {
			t.Fatal(err)
		}
	}
}

// holdBack keeps a node from applying for a while, as a backup does, so that it is
// behind the others when it goes down.
func holdBack(t *testing.T, n *cluster.Node, d time.Duration) {
	t.Helper()
	conn, err := n.DB().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := conn.ExecContext(t.Context(), "FLUSH TABLES WITH READ LOCK"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(d)
}

// crashAll takes all nodes down in a random order, by a crash mostly, now at once
// and now after the others have noticed.
func crashAll(t *testing.T, c *cluster.Cluster, r *rand.Rand, graceful bool) string {
	t.Helper()
	var story []string
	for i, k := range r.Perm(len(c.Nodes())) {
		n := c.Nodes()[k]
		if i > 0 {
			pause := time.Duration(r.IntN(300)) * time.Millisecond
			if r.IntN(3) == 0 {
				pause = time.Duration(4000+r.IntN(4000)) * time.Millisecond
			}
			time.Sleep(pause)
			story = append(story, pause.String())
		}
		if graceful && i < 2 && r.IntN(4) == 0 {
			story = append(story, n.Name+" stopped")
			if err := n.Stop(t.Context()); err != nil {
				t.Fatal(err)
			}
			continue
		}
		story = append(story, n.Name+" killed")
		n.Crash()
	}
	return strings.Join(story, ", ")
}

// TestFullCrashesAreRecoveredFromTheMostAdvancedNode takes all of a cluster down
// under load, again and again.
func TestFullCrashesAreRecoveredFromTheMostAdvancedNode(t *testing.T) {
	t.Parallel()
	rounds, lifetime := 2, 20*time.Minute
	if os.Getenv("GALERATOP_LAB") == "long" {
		rounds, lifetime = 20, 2*time.Hour
	}
	// What a server confirmed is in the hands of its operating system, and outlives
	// the process.
	c := cluster.Start(t, 3, cluster.WithOption("innodb_flush_log_at_trx_commit", "2"), cluster.WithLifetime(lifetime))
	mustExec(t, c.Node(1), "CREATE DATABASE acks", "CREATE TABLE acks.writes (client INT, number INT, PRIMARY KEY (client, number))")
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // an order of kills, no secret
	t.Logf("seed %d", seed)
	different := 0
	for round := range rounds {
		for _, n := range c.Nodes() {
			// A crash before a schema change is through would cost the node its history.
			mustExec(t, n, "SET SESSION wsrep_sync_wait = 15", "SELECT COUNT(*) FROM acks.writes")
		}
		writes := writeTo(t, c, round)
		time.Sleep(time.Duration(500+r.IntN(1000)) * time.Millisecond)
		story := ""
		if r.IntN(2) == 0 {
			n := c.Nodes()[r.IntN(3)]
			holdBack(t, n, time.Duration(r.IntN(800))*time.Millisecond)
			story = n.Name + " held back, "
		}
		// Whoever is held back would not stop.
		story += crashAll(t, c, r, story == "")
		writes.end()
		at := map[string]int64{}
		var most int64
		var spread []int64
		for _, n := range c.Nodes() {
			p, err := n.Position(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			at[n.Name] = p.Seqno
			most = max(most, p.Seqno)
			spread = append(spread, p.Seqno)
		}
		if slices.Min(spread) < most {
			different++
		}
		begin := time.Now()
		p := &person{again: 30}
		if err := p.recovers(t, c, recoverOptions{}); err != nil {
			t.Fatalf("round %d (%s, %v): %v\n%s", round, story, at, err, p.text())
		}
		chosen := ""
		for _, step := range p.steps {
			// The command began when all were down, and knows them by their addresses.
			for _, n := range c.Nodes() {
				if step == "Bootstrap the cluster from "+n.Name || step == "Bootstrap the cluster from "+n.Address {
					chosen = n.Name
				}
			}
		}
		if chosen == "" || at[chosen] != most || len(p.declared) > 0 {
			t.Fatalf("round %d (%s): chose %q of %v, declared %q\n%s", round, story, chosen, at, p.declared, p.text())
		}
		allSynced(t, c)
		for _, n := range c.Nodes() {
			if lost := writes.missing(t, n); len(lost) > 0 {
				t.Errorf("round %d (%s, %v, from %s): %s lacks %d confirmed writes: %.500s", round, story, at, chosen, n.Name, len(lost), lost)
			}
		}
		checksums(t, c, "acks.writes")
		t.Logf("round %d: %s; positions %v; %s first; %d confirmed writes, none lost; whole again after %v, %d confirmed steps",
			round, story, at, chosen, len(writes.rows), time.Since(begin).Round(time.Second), len(p.steps))
		if t.Failed() {
			t.FailNow()
		}
	}
	t.Logf("%d rounds, different positions in %d", rounds, different)
}

func TestASplitBrainIsHealedBySST(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, 3, cluster.WithPartitions())
	one, two, three := c.Node(1), c.Node(2), c.Node(3)
	mustExec(t, one, "CREATE DATABASE split", "CREATE TABLE split.t (i INT PRIMARY KEY, v VARCHAR(20))", "INSERT INTO split.t VALUES (1, 'both')")
	if err := c.Partition(t.Context(), []*cluster.Node{one, two}, []*cluster.Node{three}); err != nil {
		t.Fatal(err)
	}
	for _, n := range []*cluster.Node{one, two} {
		if err := n.WaitStatus(t.Context(), "wsrep_cluster_size", "2", "wsrep_cluster_status", "Primary"); err != nil {
			t.Fatal(err)
		}
	}
	if err := three.WaitStatus(t.Context(), "wsrep_cluster_status", "non-Primary"); err != nil {
		t.Fatal(err)
	}
	mustExec(t, three, "SET GLOBAL wsrep_provider_options='pc.bootstrap=1'")
	if err := three.WaitSynced(t.Context()); err != nil {
		t.Fatal(err)
	}
	// The same number of writes on both sides: no figure tells them apart.
	mustExec(t, one, "UPDATE split.t SET v = 'kept' WHERE i = 1", "INSERT INTO split.t VALUES (2, 'kept')")
	mustExec(t, three, "UPDATE split.t SET v = 'given up' WHERE i = 1", "INSERT INTO split.t VALUES (3, 'given up')")
	if err := c.Heal(t.Context()); err != nil {
		t.Fatal(err)
	}
	p := &person{side: "db2", copy: "yes", again: 30}
	if err := p.recovers(t, c, recoverOptions{}); err != nil {
		t.Fatalf("%v\n%s", err, p.text())
	}
	allSynced(t, c)
	checksums(t, c, "split.t")
	var rows string
	if err := three.DB().QueryRowContext(t.Context(), "SELECT GROUP_CONCAT(i, v ORDER BY i) FROM split.t").Scan(&rows); err != nil || rows != "1kept,2kept" {
		t.Errorf("%q, %v", rows, err)
	}
	if got := three.Transfer(); got != "SST" {
		t.Errorf("db3 came back by %q", got)
	}
	kept, err := filepath.Glob(three.DataDir + "*/split/t.ibd")
	if err != nil || len(kept) != 2 {
		t.Errorf("the copy of its data: %v, %v", kept, err)
	}
	t.Logf("confirmed steps: %q", p.steps)
}

func TestALostQuorumIsEndedByHand(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, 3, cluster.WithOption("innodb_flush_log_at_trx_commit", "2"))
	mustExec(t, c.Node(1), "CREATE DATABASE quorum", "CREATE TABLE quorum.t (i INT PRIMARY KEY)", "INSERT INTO quorum.t VALUES (1)")
	for _, n := range c.Nodes() {
		// A crash before a schema change is through costs the node its history.
		mustExec(t, n, "SET SESSION wsrep_sync_wait = 15", "SELECT COUNT(*) FROM quorum.t")
	}
	c.Node(2).Crash()
	c.Node(3).Crash()
	if err := c.Node(1).WaitStatus(t.Context(), "wsrep_cluster_status", "non-Primary"); err != nil {
		t.Fatal(err)
	}
	// A dry run reads, runs nothing, and says so by its exit code.
	dry := &person{}
	err := dry.recovers(t, c, recoverOptions{dry: true, json: true})
	var m moveJSON
	if json.Unmarshal([]byte(dry.text()), &m) != nil || m.Situation != "no-primary" || m.Question == nil || m.Question.Need != recovery.NeedPosition {
		t.Errorf("%v\n%s", err, dry.text())
	}
	if e, ok := errors.AsType[*exitError](err); !ok || e.code != exitAsk {
		t.Errorf("the dry run ended with %v", err)
	}
	p := &person{words: []string{"db2 is dead", "db3 is dead"}, again: 30}
	if err := p.recovers(t, c, recoverOptions{}); err != nil {
		t.Fatalf("%v\n%s", err, p.text())
	}
	allSynced(t, c)
	checksums(t, c, "quorum.t")
	if !slices.Equal(p.declared, p.words) || len(p.steps) != 3 || !strings.HasPrefix(p.steps[0], "Make db1") {
		t.Errorf("declared %q, confirmed %q\n%s", p.declared, p.steps, p.text())
	}
	for _, n := range c.Nodes()[1:] {
		if n.Transfer() != "IST" {
			t.Errorf("%s came back by %q", n.Name, n.Transfer())
		}
	}
}

func TestANodeThatWasVotedOutComesBackBySST(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, 3)
	one, three := c.Node(1), c.Node(3)
	mustExec(t, one, "CREATE DATABASE votes", "CREATE TABLE votes.t (i INT PRIMARY KEY, v INT)", "INSERT INTO votes.t VALUES (1, 1), (2, 2)")
	mustExec(t, three, "SET SESSION wsrep_sync_wait = 15", "SELECT COUNT(*) FROM votes.t", "SET SESSION wsrep_on = OFF", "DELETE FROM votes.t WHERE i = 2")
	mustExec(t, one, "UPDATE votes.t SET v = 3 WHERE i = 2")
	if err := three.WaitStatus(t.Context(), "wsrep_local_state", "5"); err != nil {
		t.Fatal(err)
	}
	p := &person{copy: "no", again: 30}
	if err := p.recovers(t, c, recoverOptions{}); err != nil {
		t.Fatalf("%v\n%s", err, p.text())
	}
	allSynced(t, c)
	checksums(t, c, "votes.t")
	whole := &person{}
	if err := whole.recovers(t, c, recoverOptions{dry: true}); err != nil || !strings.Contains(whole.text(), "DONE         The cluster is whole: db1, db2 and db3") {
		t.Errorf("%v\n%s", err, whole.text())
	}
	if got := three.Transfer(); got != "SST" {
		t.Errorf("db3 came back by %q", got)
	}
	t.Logf("confirmed steps: %q", p.steps)
}

func TestANewcomerThatFoundedAClusterComesBackBySST(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, 3)
	one, three := c.Node(1), c.Node(3)
	mustExec(t, one, "CREATE DATABASE founded", "CREATE TABLE founded.t (i INT PRIMARY KEY)", "INSERT INTO founded.t VALUES (1)")
	if err := three.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := three.SetSafeToBootstrap(true); err != nil {
		t.Fatal(err)
	}
	if err := three.Bootstrap(t.Context()); err != nil {
		t.Fatal(err)
	}
	mustExec(t, three, "INSERT INTO founded.t VALUES (2)")
	mustExec(t, one, "INSERT INTO founded.t VALUES (3)")
	p := &person{side: "db1", copy: "no", again: 30}
	if err := p.recovers(t, c, recoverOptions{}); err != nil {
		t.Fatalf("%v\n%s", err, p.text())
	}
	allSynced(t, c)
	checksums(t, c, "founded.t")
	if got := three.Transfer(); got != "SST" || !strings.HasPrefix(p.steps[0], "Stop the server of db3") {
		t.Errorf("db3 came back by %q after %q\n%s", got, p.steps, p.text())
	}
	t.Logf("confirmed steps: %q", p.steps)
}

func TestAnArbitratorThatIsLeftAloneIsFoundBeforeABootstrap(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, 1)
	g, err := c.Garbd(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Node(1).Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	dry := &person{}
	err = dry.recovers(t, c, recoverOptions{dry: true})
	if e, ok := errors.AsType[*exitError](err); !ok || e.code != exitWatch || !strings.Contains(dry.text(), "Stop the arbitrator on the host of") ||
		!strings.Contains(dry.text(), "systemctl stop garb") {
		t.Errorf("%v\n%s", err, dry.text())
	}
	if err := g.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	p := &person{words: []string{everybody}, again: 30}
	if err := p.recovers(t, c, recoverOptions{}); err != nil {
		t.Fatalf("%v\n%s", err, p.text())
	}
	allSynced(t, c)
	t.Logf("confirmed steps: %q, declared %q", p.steps, p.declared)
}

// everybody are the words for members that cannot be looked at.
const everybody = "all members are stopped"
