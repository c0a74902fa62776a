package cluster

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// A Position is where a node stands in a history. Seqno is -1 when unknown.
type Position struct {
	UUID  string
	Seqno int64
}

func (p Position) String() string { return p.UUID + ":" + strconv.FormatInt(p.Seqno, 10) }

// Grastate is what grastate.dat says.
type Grastate struct {
	Position
	SafeToBootstrap bool
}

func (n *Node) grastateFile() string { return filepath.Join(n.DataDir, "grastate.dat") }

// Grastate reads grastate.dat.
func (n *Node) Grastate() (Grastate, error) {
	g := Grastate{Position: Position{Seqno: -1}}
	text, err := os.ReadFile(n.grastateFile())
	if err != nil {
		return g, err
	}
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch key {
		case "uuid":
			g.UUID = value
		case "seqno":
			if g.Seqno, err = strconv.ParseInt(value, 10, 64); err != nil {
				return g, fmt.Errorf("%s: %w", n.grastateFile(), err)
			}
		case "safe_to_bootstrap":
			g.SafeToBootstrap = value == "1"
		}
	}
	return g, nil
}

var safeLine = regexp.MustCompile(`(?m)^safe_to_bootstrap:.*$`)

// SetSafeToBootstrap edits grastate.dat of a stopped node, as an operator does.
func (n *Node) SetSafeToBootstrap(safe bool) error {
	if n.Running() {
		return fmt.Errorf("%s is running", n.Name)
	}
	text, err := os.ReadFile(n.grastateFile())
	if err != nil {
		return err
	}
	flag := "0"
	if safe {
		flag = "1"
	}
	// Rewritten in place: the file stays the server's.
	return os.WriteFile(n.grastateFile(), safeLine.ReplaceAll(text, []byte("safe_to_bootstrap: "+flag)), 0o600)
}

// crashed says whether grastate.dat has a history without a position.
func (n *Node) crashed() bool {
	g, err := n.Grastate()
	return err == nil && g.Seqno < 0
}

var recovered = regexp.MustCompile(`WSREP: Recovered position: ([0-9a-f-]{36}):(-?\d+)`)

// Position of a stopped node: grastate.dat's, or after a crash the one recovered from InnoDB (--wsrep-recover).
func (n *Node) Position(ctx context.Context) (Position, error) {
	if n.Running() {
		return Position{}, fmt.Errorf("%s is running", n.Name)
	}
	if g, err := n.Grastate(); err == nil && g.Seqno >= 0 {
		return g.Position, nil
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	log := n.dir + "/recover.log"
	if err := os.Remove(log); err != nil && !os.IsNotExist(err) {
		return Position{}, err
	}
	p, err := launch(n.cluster.Dir, n.dir+"/out", n.cluster.software.server,
		"--defaults-file="+n.DefaultsFile, "--wsrep-recover", "--log-error="+log)
	if err != nil {
		return Position{}, err
	}
	select {
	case <-p.done:
	case <-ctx.Done():
		_ = p.cmd.Process.Kill()
		<-p.done
	}
	text, _ := os.ReadFile(log)
	m := recovered.FindSubmatch(text)
	if m == nil {
		return Position{}, fmt.Errorf("%s: no recovered position (%w)\n%s", n.Name, exitReason(p), tail(string(text), 20))
	}
	seqno, err := strconv.ParseInt(string(m[2]), 10, 64)
	return Position{UUID: string(m[1]), Seqno: seqno}, err
}
