package actions

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

// PlanKill works out what ending the chosen threads means.
func PlanKill(s *model.Snapshot, session Session, chosen []model.ThreadKey, kind KillKind) *Plan {
	subject := &killSubject{kind: kind}
	k := newKillPlanner(s, session, subject)
	for _, key := range chosen {
		if k.met[key] {
			continue
		}
		k.met[key] = true
		target := &killTarget{key: key, node: key.Node}
		subject.targets = append(subject.targets, target)
		n := s.Node(key.Node)
		if n == nil {
			k.exclude(len(subject.targets)-1, "there is no such node any more")
			continue
		}
		target.node = n.Name
		if n.Sample != nil {
			target.at = n.Sample.At
		}
		target.seen = k.rows(n)[key.Thread]
		k.add(len(subject.targets)-1, n)
	}
	return k.finish()
}

// replanKill works the rest of a kill out again.
func replanKill(s *model.Snapshot, session Session, p *Plan, from int) *Plan {
	subject := p.subject.(*killSubject)
	k := newKillPlanner(s, session, subject)
	for i := from; i < len(p.Steps); i++ {
		at := p.Steps[i].target
		if at < 0 {
			continue
		}
		if n := s.Node(subject.targets[at].key.Node); n != nil {
			k.add(at, n)
		} else {
			k.exclude(at, "there is no such node any more")
		}
	}
	return k.finish()
}

// killPlanner works one plan out.
type killPlanner struct {
	snapshot *model.Snapshot
	plan     *Plan
	subject  *killSubject
	met      map[model.ThreadKey]bool
	byID     map[*model.Node]map[uint64]*model.Process
	trx      map[*model.Node]map[uint64]*model.Transaction
	nodes    []*model.Node // on which something is killed, as they come
	count    int
	rollback int64 // rows to roll back, of all targets
	longest  time.Duration
	open     []string // transactions that stay open
	unsure   bool     // a transaction may stay open
	blind    bool     // no reading of a target's node knows its transactions
}

func newKillPlanner(s *model.Snapshot, session Session, subject *killSubject) *killPlanner {
	p := &Plan{Action: killWords[subject.kind].action, Cluster: s.Cluster, subject: subject, tick: s.Tick, session: session}
	if session.Cluster != "" {
		p.Cluster = session.Cluster
	}
	return &killPlanner{
		snapshot: s, plan: p, subject: subject, met: make(map[model.ThreadKey]bool),
		byID: make(map[*model.Node]map[uint64]*model.Process),
		trx:  make(map[*model.Node]map[uint64]*model.Transaction),
	}
}

// rows are the processes of a node, by thread.
func (k *killPlanner) rows(n *model.Node) map[uint64]*model.Process {
	if rows := k.byID[n]; rows != nil || n.Sample == nil {
		return rows
	}
	rows := make(map[uint64]*model.Process, len(n.Sample.Processes.Rows))
	for i := range n.Sample.Processes.Rows {
		p := &n.Sample.Processes.Rows[i]
		rows[p.ID] = p
	}
	k.byID[n] = rows
	return rows
}

// transaction is the open transaction of a thread; nil: none, or not known.
func (k *killPlanner) transaction(n *model.Node, thread uint64) *model.Transaction {
	t := n.Sample.Slow.Transactions
	if t == nil || t.Error != "" {
		k.blind = true
		return nil
	}
	all := k.trx[n]
	if all == nil {
		all = make(map[uint64]*model.Transaction, len(t.Rows))
		for i := range t.Rows {
			all[t.Rows[i].Thread] = &t.Rows[i]
		}
		k.trx[n] = all
	}
	return all[thread]
}

func (k *killPlanner) exclude(target int, reason string) {
	t := k.subject.targets[target]
	what := t.what()
	if t.seen != nil {
		what += " (" + client(t.seen) + ")"
	}
	k.plan.Excluded = append(k.plan.Excluded, Exclusion{What: what, Reason: reason, target: target})
}

// add takes a target in, or leaves it out with the reason.
func (k *killPlanner) add(target int, n *model.Node) {
	t := k.subject.targets[target]
	if reason := k.unfit(t, n); reason != "" {
		k.exclude(target, reason)
		return
	}
	k.prepare(n)
	k.count++
	k.cost(t, n)
	k.plan.Steps = append(k.plan.Steps, Step{
		Node: n.ID, Name: n.Name, Text: killText(k.subject.kind, n, t.seen), About: about(t.seen), target: target,
	})
}

// unfit says why a target cannot be killed; "" when it can.
func (k *killPlanner) unfit(t *killTarget, n *model.Node) string {
	if !n.Up() {
		return n.Name + " does not answer: unreachable means unknown"
	}
	if n.Age > freshness(k.snapshot) {
		return fmt.Sprintf("what is known of %s is %s old", n.Name, n.Age.Round(time.Second))
	}
	now := k.rows(n)[t.key.Thread]
	if now == nil {
		// The list may be cut, and the row is read again before the statement.
		if p := &n.Sample.Processes; t.seen != nil && (p.Left > 0 || p.Error != "") {
			return ""
		}
		return "it is gone: its connection has ended"
	}
	if reason := model.Protected(now, n.Sample); reason != "" {
		return reason
	}
	switch {
	case now.Command == "Killed":
		return "it is being killed already"
	case k.subject.kind == KillQuery && !now.Active():
		return "it is idle, there is no query to kill: X ends the connection"
	}
	// A row of the same sample is what was seen.
	if n.Sample.At.Equal(t.at) {
		return ""
	}
	return t.unlike(k.subject.kind, now, n.Sample.At)
}

// prepare adds what a node needs before the first kill on it.
func (k *killPlanner) prepare(n *model.Node) {
	if slices.Contains(k.nodes, n) {
		return
	}
	k.nodes = append(k.nodes, n)
	k.plan.Checks = append(k.plan.Checks, Check{
		Text: n.Name + " answers", Verdict: Met,
		Evidence: fmt.Sprintf("its threads were read %s before this view was made", n.Age.Round(10*time.Millisecond)),
	})
	why := n.Name + " is not ready and would refuse KILL with error 1047; this lets the session act on it"
	if n.Status().Ready != model.Off {
		why = n.Name + " turns clients away (wsrep_reject_queries) and would refuse KILL with error 1047; this lets the session act on it"
	}
	if n.Status().Ready == model.Off || rejects(n) {
		k.plan.Steps = append(k.plan.Steps, Step{
			Node: n.ID, Name: n.Name, Text: dirtyReads, target: -1,
			About: why,
		})
	}
}

// dirtyReads lets a session act on a node outside a Primary Component; it needs
// no privilege.
const dirtyReads = "SET SESSION wsrep_dirty_reads = ON"

// killText is the statement. MariaDB names the query that is meant, so that a
// later one of the same session cannot be hit.
func killText(kind KillKind, n *model.Node, p *model.Process) string {
	switch maria := n.Sample.Server.Flavour == model.FlavourMariaDB; {
	case kind == KillConnection:
		return fmt.Sprintf("KILL CONNECTION %d", p.ID)
	case maria && p.QueryID.Known:
		return fmt.Sprintf("KILL QUERY ID %d", p.QueryID.V)
	case maria:
		return fmt.Sprintf("KILL QUERY ID <read from thread %d just before>", p.ID)
	}
	return fmt.Sprintf("KILL QUERY %d", p.ID)
}

// about is who a thread works for and what it does. The statement itself is left
// out: it may hold customers' data, and passwords.
func about(p *model.Process) string {
	if !p.Active() {
		return fmt.Sprintf("%s, idle for %s", client(p), span(p.Time))
	}
	return fmt.Sprintf("%s, %s for %s", client(p), verb(p), span(p.Time))
}

// verb is the first word of a thread's statement; everything else of it may be
// data.
func verb(p *model.Process) string {
	query := strings.TrimLeft(p.Query, " (")
	end := strings.IndexFunc(query, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') })
	if end >= 0 {
		query = query[:end]
	}
	if query == "" || len(query) > 16 {
		return p.Command
	}
	return strings.ToUpper(query)
}

// span is a duration as people say it.
func span(d time.Duration) string {
	switch {
	case d < time.Second:
		return d.Round(10 * time.Millisecond).String()
	case d < 10*time.Second:
		return d.Round(100 * time.Millisecond).String()
	case d < time.Hour:
		return d.Round(time.Second).String()
	}
	return strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
}
