package actions

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/galeratop/galeratop/collector"
	"github.com/galeratop/galeratop/model"
)

// console is what a screen is made of, without the screen: a collector that
// feeds a runner.
type console struct {
	t *testing.T
	*Runner
	options Options
	demand  func(model.Subject)
}

// openConsole watches the cluster of the seeds until the test ends.
func openConsole(t *testing.T, seeds []string, user, password string, session Session) *console {
	t.Helper()
	driver := func(address string) (*mysql.Config, error) {
		cfg := mysql.NewConfig()
		cfg.Net, cfg.Addr, cfg.User, cfg.Passwd = "tcp", address, user, password
		cfg.Logger = &mysql.NopLogger{}
		return cfg, nil
	}
	feed := collector.New(collector.Options{Seeds: seeds, Interval: 250 * time.Millisecond, Driver: driver})
	feed.Demand(model.SubjectProcesses | model.SubjectTransactions | model.SubjectVariables)
	c := &console{t: t, demand: feed.Demand, options: Options{Driver: driver, Session: session, Audit: auditIn(t)}}
	c.Runner = NewRunner(c.options)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go feed.Run(ctx)
	go func() {
		defer close(done)
		for s := range feed.Snapshots() {
			c.Observe(s)
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return c
}

// until waits for a snapshot of which the condition holds.
func (c *console) until(what string, ok func(*model.Snapshot) bool) *model.Snapshot {
	c.t.Helper()
	limit := time.After(40 * time.Second)
	for {
		s, news := c.observed()
		if s != nil && ok(s) {
			return s
		}
		select {
		case <-news:
		case <-limit:
			c.t.Fatalf("not seen in 40 s: %s\n%s", what, screen(s))
		}
	}
}

// screen is a snapshot as text, for the message of a test that failed.
func screen(s *model.Snapshot) string {
	var b strings.Builder
	fmt.Fprintln(&b, s.Headline.Text)
	for _, n := range s.Nodes {
		fmt.Fprintln(&b, n.Name, n.Link, n.Failure, n.Status().ClusterStatus, n.Status().State())
	}
	for _, t := range model.Threads(s) {
		fmt.Fprintln(&b, t.Node.Name, t.ID, t.User, t.Command, t.Time, t.State, t.Query)
	}
	return b.String()
}

// thread waits until a thread is on screen for which the condition holds.
func (c *console) thread(what string, ok func(*model.Thread) bool) model.Thread {
	c.t.Helper()
	var found model.Thread
	c.until(what, func(s *model.Snapshot) bool {
		for _, t := range model.Threads(s) {
			if ok(&t) {
				found = t
				return true
			}
		}
		return false
	})
	return found
}

// plan is a plan against the newest snapshot.
func (c *console) plan(kind KillKind, keys ...model.ThreadKey) *Plan {
	return PlanKill(c.Latest(), c.options.Session, keys, kind)
}

// carryOut runs a plan and returns its end and all its news.
func (c *console) carryOut(p *Plan) (Result, []Progress) {
	c.t.Helper()
	run := c.Start(context.Background(), p)
	var all []Progress
	for news := range run.Progress() {
		all = append(all, news)
	}
	return run.Result(), all
}

// log are the lines of the audit log.
func (c *console) log() []auditLine {
	c.t.Helper()
	return readLog(c.t, c.options.Audit.Path)
}

func readLog(t *testing.T, path string) []auditLine {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var out []auditLine
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if lines.Text() == "" {
			continue
		}
		var line auditLine
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatalf("%s: %q", err, lines.Text())
		}
		out = append(out, line)
	}
	return out
}
