package cluster

import (
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if os.Getenv(ownerVariable) != "" {
		beOwner()
	}
	goleak.VerifyTestMain(m)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestLife takes one cluster through everything that can be done to it; a start per subject would cost minutes.
func TestLife(t *testing.T) {
	t.Parallel() // most of the time is spent waiting for timeouts of the group
	start := time.Now()
	c := Start(t, 3)
	t.Logf("3 nodes up in %v", time.Since(start).Round(10*time.Millisecond))
	ctx := t.Context()
	one, two, three := c.Node(1), c.Node(2), c.Node(3)

	t.Run("load", func(t *testing.T) {
		load, err := c.Load(ctx, LoadOptions{Pause: 10 * time.Millisecond, Items: 5})
		must(t, err)
		t.Cleanup(func() {
			if counts := load.Stop(); counts.Orders == 0 || counts.Reads == 0 {
				t.Errorf("the load did nothing: %+v", counts)
			} else {
				t.Logf("%+v", counts)
			}
		})
		t.Run("crash", func(t *testing.T) {
			must(t, one.WaitStatus(ctx, "wsrep_cluster_size", "3"))
			two.Crash()
			must(t, one.WaitStatus(ctx, "wsrep_cluster_size", "2"))
			begin := time.Now()
			must(t, two.Start(ctx))
			t.Logf("restart after a crash, by %s: %v", two.Transfer(), time.Since(begin).Round(10*time.Millisecond))
			if two.Transfer() != "IST" {
				t.Errorf("transfer %q, want IST", two.Transfer())
			}
		})
		t.Run("hang", func(t *testing.T) {
			must(t, three.Hang())
			must(t, one.WaitStatus(ctx, "wsrep_cluster_size", "2"))
			must(t, three.Resume())
			must(t, three.WaitSynced(ctx))
			must(t, one.WaitStatus(ctx, "wsrep_cluster_size", "3"))
		})
		t.Run("isolate", func(t *testing.T) {
			must(t, three.Isolate(ctx))
			must(t, three.WaitStatus(ctx, "wsrep_cluster_status", "non-Primary"))
			must(t, one.WaitStatus(ctx, "wsrep_cluster_size", "2", "wsrep_cluster_status", "Primary"))
			must(t, three.Heal(ctx))
			must(t, three.WaitSynced(ctx))
			must(t, one.WaitStatus(ctx, "wsrep_cluster_size", "3"))
		})
	})
	t.Run("stop", func(t *testing.T) {
		must(t, two.Stop(ctx))
		must(t, one.WaitStatus(ctx, "wsrep_cluster_size", "2"))
		begin := time.Now()
		must(t, two.Start(ctx))
		t.Logf("restart by %s: %v", two.Transfer(), time.Since(begin).Round(10*time.Millisecond))
		if two.Transfer() != "IST" {
			t.Errorf("transfer %q, want IST", two.Transfer())
		}
	})
	t.Run("wipe", func(t *testing.T) {
		if err := two.Wipe(ctx); err == nil {
			t.Error("a running node's data was wiped")
		}
		must(t, two.Stop(ctx))
		must(t, two.Wipe(ctx))
		begin := time.Now()
		must(t, two.Start(ctx))
		t.Logf("restart by %s: %v", two.Transfer(), time.Since(begin).Round(10*time.Millisecond))
		if two.Transfer() != "SST" {
			t.Errorf("transfer %q, want SST", two.Transfer())
		}
	})
	t.Run("garbd", func(t *testing.T) {
		g, err := c.Garbd(ctx)
		must(t, err)
		must(t, one.WaitStatus(ctx, "wsrep_cluster_size", "4"))
		must(t, g.Stop(ctx))
		must(t, one.WaitStatus(ctx, "wsrep_cluster_size", "3"))
	})
	t.Run("add", func(t *testing.T) {
		n, err := c.Add(ctx)
		must(t, err)
		must(t, one.WaitStatus(ctx, "wsrep_cluster_size", "4"))
		must(t, n.Stop(ctx))
		must(t, one.WaitStatus(ctx, "wsrep_cluster_size", "3"))
	})
	t.Run("full crash", func(t *testing.T) {
		before, err := one.Status(ctx, "wsrep_cluster_state_uuid")
		must(t, err)
		for _, n := range c.Nodes() {
			n.Crash()
		}
		must(t, c.Bootstrap(ctx))
		must(t, one.WaitStatus(ctx, "wsrep_cluster_size", "4", "wsrep_cluster_state_uuid", before["wsrep_cluster_state_uuid"]))
	})
}

// TestTwoClusters runs two at once, one of them with TLS.
func TestTwoClusters(t *testing.T) {
	t.Parallel() // most of the time is spent waiting for timeouts of the group
	plain := Start(t, 1, WithOption("wsrep_slave_threads", "3"), WithProvider("gcs.fc_limit=7"), WithPerformanceSchema())
	secure := Start(t, 2, WithTLS(), WithNodeOption("db1", "wsrep_slave_threads", "2"))
	if plain.Name == secure.Name || plain.Node(1).Address == secure.Node(1).Address {
		t.Fatalf("the clusters clash: %s %v, %s %v", plain.Name, plain.Addresses(), secure.Name, secure.Addresses())
	}
	must(t, plain.Node(1).WaitStatus(t.Context(), "wsrep_cluster_size", "1"))
	must(t, secure.Node(1).WaitStatus(t.Context(), "wsrep_cluster_size", "2"))
	for c, want := range map[*Cluster]string{plain: "3", secure: "2"} {
		var threads, provider string
		must(t, c.Node(1).DB().QueryRowContext(t.Context(), "SELECT @@wsrep_slave_threads, @@wsrep_provider_options").Scan(&threads, &provider))
		if threads != want {
			t.Errorf("wsrep_slave_threads %s, want %s", threads, want)
		}
		if got := strings.Contains(provider, "gcs.fc_limit = 7"); got != (c == plain) {
			t.Errorf("gcs.fc_limit is set: %v", got)
		}
	}
	pem, err := os.ReadFile(secure.CA())
	must(t, err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	var name, cipher string
	for _, user := range []string{"lab", "monitor", "mon", "ops", "shop"} {
		db := connect(t, secure.Node(1), user, &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12})
		must(t, db.QueryRowContext(t.Context(), "SHOW STATUS LIKE 'Ssl_cipher'").Scan(&name, &cipher))
		if cipher == "" {
			t.Errorf("%s is connected without TLS", user)
		}
	}
	var rows int
	must(t, connect(t, plain.Node(1), "mon", nil).QueryRowContext(t.Context(), "SELECT COUNT(*) FROM mysql.wsrep_cluster_members").Scan(&rows))
	if err := connect(t, plain.Node(1), "monitor", nil).QueryRowContext(t.Context(), "SELECT COUNT(*) FROM mysql.wsrep_cluster_members").Scan(&rows); err == nil {
		t.Error("monitor reads more than it should")
	}
}

func connect(t *testing.T, n *Node, user string, config *tls.Config) *sql.DB {
	t.Helper()
	cfg := mysql.NewConfig()
	cfg.User, cfg.Passwd, cfg.Net, cfg.Addr, cfg.TLS = user, user, "tcp", n.Address, config
	if config != nil {
		host, _, _ := strings.Cut(n.Address, ":")
		config.ServerName = host
	}
	connector, err := mysql.NewConnector(cfg)
	must(t, err)
	db := sql.OpenDB(connector)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// TestFailedStart shows that a server that cannot start says why, early.
func TestFailedStart(t *testing.T) {
	t.Parallel() // most of the time is spent waiting for timeouts of the group
	c := Start(t, 1)
	n := c.Node(1)
	must(t, n.Stop(t.Context()))
	n.SetOption("no_such_option", "1")
	err := n.Bootstrap(t.Context())
	if err == nil || !strings.Contains(err.Error(), "no_such_option") {
		t.Errorf("the error does not name the cause: %v", err)
	}
	must(t, c.Close())
	if _, err := os.Stat(c.Dir); !os.IsNotExist(err) {
		t.Errorf("%s is left: %v", filepath.Base(c.Dir), err)
	}
}
