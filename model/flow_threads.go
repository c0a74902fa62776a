package model

import (
	"slices"
	"strings"
	"time"
)

// lockStates are the beginnings of the states in which a thread waits for a lock
// that a client holds on this node. Row locks are not among them: an applier
// aborts their holders by brute force.
var lockStates = []string{
	"Waiting for global read lock", "Waiting for backup lock", "Waiting for commit lock",
	"Waiting for table metadata lock", "Waiting for schema metadata lock", "Waiting for table level lock",
	"Waiting for stored function metadata lock", "Waiting for stored procedure metadata lock",
	"Waiting for trigger metadata lock", "Waiting for event metadata lock", "Waiting for table flush",
	"Waiting for backup", "Waiting for tables lock",
}

// globalStates are those of lockStates that a backup or FLUSH TABLES WITH READ
// LOCK causes, which holds the whole node.
var globalStates = []string{
	"Waiting for global read lock", "Waiting for backup lock", "Waiting for commit lock", "Waiting for backup",
}

// isolated is the state in which a client waits for its turn in total order
// isolation. An applier has its turn already: MariaDB shows it for one that waits
// for a client's metadata lock (wsrep_handle_mdl_conflict; seen with LOCK TABLES).
const isolated = "Waiting to execute in isolation"

// appliesIsolated reports an applier that shows that state.
func appliesIsolated(p *Process) bool {
	return p.User == SystemUser && strings.HasPrefix(p.State, isolated)
}

// waitsForLock reports whether a thread waits for a lock that a client holds.
func waitsForLock(p *Process) bool { return inState(p, lockStates) || appliesIsolated(p) }

// waitsForTOI reports whether a client waits for a schema change elsewhere or for
// its own to begin.
func waitsForTOI(p *Process) bool { return inState(p, toiStates) && !waitsForLock(p) }

func inState(p *Process, states []string) bool {
	return slices.ContainsFunc(states, func(s string) bool { return strings.HasPrefix(p.State, s) })
}

// held reports whether a lock on this node keeps its appliers waiting, or a lock
// on the whole node its clients.
func held(n *Node) bool {
	if n.Sample == nil {
		return false
	}
	return slices.ContainsFunc(n.Sample.Processes.Rows, func(p Process) bool {
		return (p.System() && waitsForLock(&p)) || inState(&p, globalStates)
	})
}

// heldWhole reports whether clients or appliers wait for a lock on the whole
// node, as a backup or FLUSH TABLES WITH READ LOCK takes it.
func heldWhole(n *Node) bool {
	return n.Sample != nil && slices.ContainsFunc(n.Sample.Processes.Rows, func(p Process) bool { return inState(&p, globalStates) })
}

// lockVerbs begin statements that take locks which appliers cannot break.
var lockVerbs = []string{"FLUSH ", "LOCK TABLE", "BACKUP ", "LOCK INSTANCE"}

// lockHolder is the client thread that most likely holds what others wait for:
// one that runs a locking statement and does not wait itself, else a client that
// sleeps inside a transaction, else the sleeper that fell asleep last before the
// waiting began. Nil when no thread qualifies, or so many that naming one would
// be a guess. This console's own connections hold nothing. Which lock a thread holds is not visible in a process list, so this
// is a likelihood, never a proof.
func lockHolder(n *Node) *Process {
	rows := n.Sample.Processes.Rows
	waited := longestWait(rows)
	var locking, inside, asleep *Process
	asleeps := 0
	for i := range rows {
		p := &rows[i]
		switch {
		case p.System() || waitsForLock(p) || ownThread(p, n.Sample):
		case p.Active() && begins(p.Query, lockVerbs):
			locking = longer(locking, p)
		case !p.Idle() || p.Time+time.Second < waited:
		case openTransaction(n, p.ID) != nil:
			inside = longer(inside, p)
		default:
			if asleeps++; asleep == nil || p.Time < asleep.Time {
				asleep = p
			}
		}
	}
	switch {
	case locking != nil:
		return locking
	case inside != nil:
		return inside
	case asleeps > fewSleepers:
		return nil
	}
	return asleep
}

// fewSleepers is up to how many sleeping clients one of them may be suspected.
const fewSleepers = 3

// longestWait is for how long a statement has waited for a lock.
func longestWait(rows []Process) time.Duration {
	var waited time.Duration
	for i := range rows {
		if waitsForLock(&rows[i]) && rows[i].Query != "" {
			waited = max(waited, rows[i].Time)
		}
	}
	return waited
}

func longer(a, b *Process) *Process {
	if a == nil || b.Time > a.Time {
		return b
	}
	return a
}

// openTransaction is the open transaction of a thread, where the list was read.
func openTransaction(n *Node, thread uint64) *Transaction {
	t := n.Sample.Slow.Transactions
	if t == nil {
		return nil
	}
	i := slices.IndexFunc(t.Rows, func(t Transaction) bool { return t.Thread == thread })
	if i < 0 {
		return nil
	}
	return &t.Rows[i]
}

// ddlVerbs begin statements that Galera runs in total order isolation.
var ddlVerbs = []string{"ALTER ", "CREATE ", "DROP ", "TRUNCATE", "RENAME ", "OPTIMIZE ", "REPAIR ", "ANALYZE TABLE"}

// toiStates are those in which a client waits for a schema change elsewhere or
// for its own turn.
var toiStates = []string{"Waiting for TOI DDL", isolated}

// runningDDL is the schema change that runs on the node for the longest time,
// for a client or as an applier; nil when none runs longer than a moment.
func runningDDL(n *Node) *Process {
	var found *Process
	if n.Sample == nil {
		return nil
	}
	for i := range n.Sample.Processes.Rows {
		p := &n.Sample.Processes.Rows[i]
		if begins(p.Query, ddlVerbs) && p.Command != "Sleep" && p.Time >= time.Second && !inState(p, toiStates) {
			found = longer(found, p)
		}
	}
	return found
}

// begins reports whether a statement begins with one of the words, comments left
// out.
func begins(query string, words []string) bool {
	q := strings.TrimSpace(query)
	for strings.HasPrefix(q, "/*") && !strings.HasPrefix(q, "/*!") {
		_, rest, ok := strings.Cut(q, "*/")
		if !ok {
			return false
		}
		q = strings.TrimSpace(rest)
	}
	return slices.ContainsFunc(words, func(w string) bool { return len(q) >= len(w) && strings.EqualFold(q[:len(w)], w) })
}

// busiest is the thread with the most relevant statement: the longest that runs
// for a client or in an applier, one that only waits when nothing else does. Idle
// appliers show no statement.
func busiest(n *Node) *Process {
	var working, waiting *Process
	if n.Sample == nil {
		return nil
	}
	for i := range n.Sample.Processes.Rows {
		p := &n.Sample.Processes.Rows[i]
		switch {
		case p.Query == "" || !p.Active() && p.User != SystemUser || waitsForTOI(p):
		case strings.HasPrefix(p.State, "Waiting for "):
			waiting = longer(waiting, p)
		default:
			working = longer(working, p)
		}
	}
	if working == nil {
		return waiting
	}
	return working
}

// thread finds a thread of a node; nil when it is gone.
func thread(n *Node, id uint64) *Process {
	if n == nil || n.Sample == nil || id == 0 {
		return nil
	}
	i := slices.IndexFunc(n.Sample.Processes.Rows, func(p Process) bool { return p.ID == id })
	if i < 0 {
		return nil
	}
	return &n.Sample.Processes.Rows[i]
}
