package model

import (
	"fmt"
	"strings"
	"time"
)

// When a transaction is worth a word.
const (
	idleAfter    = time.Minute      // asleep with locks, while nobody waits
	idleBlocking = 2 * time.Second  // asleep with locks, while somebody does
	longAfter    = 10 * time.Minute // at work
	hugeRows     = 100_000          // changed and not committed
	stallAfter   = 2 * time.Second  // a schema change that waits or is waited for
	hungAfter    = 8 * time.Second  // a seqno that stands still
)

// openTrx is a transaction with the client thread that it belongs to.
type openTrx struct {
	Transaction
	p *Process
}

// clientTransactions joins the transactions of a node with its clients. The list
// of transactions is older than that of threads: one whose thread has done
// something else since may be over.
func clientTransactions(n *Node) []openTrx {
	t := n.Sample.Slow.Transactions
	if t == nil || t.Error != "" {
		return nil
	}
	var out []openTrx
	for _, row := range t.Rows {
		p := thread(n, row.Thread)
		if p == nil || p.System() || n.Sample.At.Sub(t.At) > p.Time+time.Second {
			continue
		}
		out = append(out, openTrx{row, p})
	}
	return out
}

// oldestOf makes one finding a node of the transactions that qualify, about the
// oldest of them; the list is the oldest first.
func oldestOf(v *View, qualifies func(*Node, openTrx) bool, describe func(*Node, openTrx) Finding) []Finding {
	var out []Finding
	for _, n := range v.Nodes {
		if !n.Up() {
			continue
		}
		var first *Finding
		more := 0
		for _, t := range clientTransactions(n) {
			switch {
			case !qualifies(n, t):
			case first == nil:
				f := describe(n, t)
				f.About, f.Nodes = n.ID, []string{n.ID}
				f.Evidence = append([]Evidence{
					{n.Name, "thread", threadWords(t.p)},
					{n.Name, "transaction", fmt.Sprintf("open for %s, %d rows changed, %d locked", Span(t.Age), t.Modified, t.Locked)},
				}, f.Evidence...)
				first = &f
			default:
				more++
			}
		}
		if first == nil {
			continue
		}
		if more > 0 {
			first.Evidence = append(first.Evidence, Evidence{n.Name, "more transactions like it", numWord(N(int64(more)))})
		}
		out = append(out, *first)
	}
	return out
}

func idleTransactions(v *View) []Finding {
	return oldestOf(
		v, func(n *Node, t openTrx) bool {
			if !t.p.Idle() || t.Locked+t.Modified == 0 {
				return false
			}
			return t.Age >= idleAfter || n.Status().RowLockWaits.Or(0) > 0 && t.Age >= idleBlocking && t.p.Time >= idleBlocking
		},
		func(n *Node, t openTrx) Finding {
			f := Finding{
				Action: "kill-connection", Thread: t.p.ID,
				Title: fmt.Sprintf("Thread %d on %s has slept for %s inside a transaction and keeps its locks", t.p.ID, n.Name, Span(t.p.Time)),
				Why: "Its client forgot to commit or is stuck. Others that want the same rows on this node wait for it, old row versions pile up, " +
					"and a schema change of its tables cannot begin.",
				Do: []string{
					fmt.Sprintf("Find the program behind %s@%s and have it commit or roll back.", t.p.User, t.p.Host),
					fmt.Sprintf("If nobody answers, kill connection %d; its %d changed rows are rolled back.", t.p.ID, t.Modified),
				},
			}
			if w := n.Status().RowLockWaits; w.V > 0 {
				f.Evidence = []Evidence{{n.Name, "Innodb_row_lock_current_waits", numWord(w)}}
			}
			return f
		})
}

func hugeTransactions(v *View) []Finding {
	return oldestOf(
		v, func(_ *Node, t openTrx) bool {
			return t.Modified >= hugeRows && !strings.HasPrefix(t.State, "ROLLING")
		},
		func(n *Node, t openTrx) Finding {
			return Finding{
				Title: fmt.Sprintf("Thread %d on %s has changed %d rows and has not committed", t.p.ID, n.Name, t.Modified),
				Why: "At its commit all of it goes out as one write-set: the other nodes apply it with one thread, flow control then holds all writers, " +
					"and if it is larger than wsrep_max_ws_size it fails after all its work.",
				Do: []string{
					"Ask whether the job can be stopped now: killing it later costs more, since its changes are rolled back row by row.",
					"If it has to run, let it run when nobody writes, and have the receive queues in sight when it commits.",
					"Have the job commit every few thousand rows, or turn on streaming replication for its session.",
				},
			}
		})
}

func longTransactions(v *View) []Finding {
	return oldestOf(
		v, func(_ *Node, t openTrx) bool {
			return t.Age >= longAfter && !t.p.Idle()
		},
		func(n *Node, t openTrx) Finding {
			return Finding{
				Title: fmt.Sprintf("A transaction of thread %d on %s has been at work for %s", t.p.ID, n.Name, Span(t.Age)),
				Why: "The longer it runs the more likely it is to be aborted by a write-set from another node, and while it runs " +
					"no old row version that it may read can be purged.",
				Do: []string{
					fmt.Sprintf("See what thread %d does and whether it gets on; explain its statement.", t.p.ID),
					"If it is a report, move it to a node that no one waits for.",
				},
			}
		})
}

// ddlStall finds schema changes that wait for a lock, and clients that wait for a
// schema change: in total order isolation nothing commits on any node meanwhile.
func ddlStall(v *View) []Finding {
	var f Finding
	var blocked *Process // the change where it waits
	var place *Node
	waiting, nodes := 0, 0
	for _, n := range v.Nodes {
		if !n.Up() {
			continue
		}
		here := 0
		for i := range n.Sample.Processes.Rows {
			p := &n.Sample.Processes.Rows[i]
			ddl := begins(p.Query, ddlVerbs)
			switch {
			case ddl && waitsForLock(p) && (p.User == SystemUser || p.Time >= stallAfter):
				blocked, place = p, n
			case !waitsForTOI(p) || p.Time < stallAfter:
				continue
			}
			here++
		}
		if here > 0 {
			nodes++
			waiting += here
			f.Nodes = append(f.Nodes, n.ID)
			f.Evidence = append(f.Evidence, Evidence{n.Name, "threads in a schema change or waiting for it", numWord(N(int64(here)))})
		}
	}
	if waiting == 0 {
		return nil
	}
	f.Why = "A schema change runs on all nodes at the same place in the order of write-sets, and until it is done no node commits what comes after it."
	if blocked == nil {
		return []Finding{ddlRuns(v, f, waiting, nodes)}
	}
	f.Title = "A schema change waits for a lock on " + place.Name
	f.Evidence = append([]Evidence{{place.Name, "the schema change", threadWords(blocked)}}, f.Evidence...)
	f.Do = []string{"Find on " + place.Name + " who holds the table: LOCK TABLES, FLUSH TABLES WITH READ LOCK, a backup or a long transaction."}
	if h := lockHolder(place); h != nil {
		f.Title += fmt.Sprintf(" that thread %d probably holds", h.ID)
		f.Evidence = append(f.Evidence, Evidence{place.Name, "probably holds the lock", threadWords(h)})
		f.Do[0] = fmt.Sprintf("Look at thread %d on %s, which most likely holds the table, and have it let go, or kill that connection.", h.ID, place.Name)
	}
	f.Do = append(f.Do, "Do not kill the schema change itself: done on one node and not on another, it makes them differ.")
	return []Finding{f}
}

// ddlRuns completes the finding about a schema change that runs rather than waits.
func ddlRuns(v *View, f Finding, waiting, nodes int) Finding {
	f.Title = fmt.Sprintf("A schema change holds up %s on %s", count(waiting, "thread"), count(nodes, "node"))
	for _, n := range v.Nodes {
		if !n.Up() {
			continue
		}
		if p := runningDDL(n); p != nil {
			f.Title = fmt.Sprintf("The schema change of thread %d on %s holds up %s on %s", p.ID, n.Name, count(waiting, "thread"), count(nodes, "node"))
			f.Evidence = append([]Evidence{{n.Name, "the schema change", threadWords(p)}}, f.Evidence...)
			break
		}
	}
	f.Do = []string{
		"Let it finish: killing it may make the nodes differ, and where it is refused nothing is won.",
		"Tell those who wait how large the table is; the change takes as long as copying it.",
		"Run the next one with an online tool or node by node, at a quiet hour.",
	}
	return f
}

// stands reports for how long a node's seqno has not moved, by what is remembered.
func stands(points []QueuePoint) time.Duration {
	if len(points) == 0 {
		return 0
	}
	last := points[len(points)-1]
	var d time.Duration
	for i := len(points) - 2; i >= 0 && points[i].Applied == last.Applied; i-- {
		d = last.At.Sub(points[i].At)
	}
	return d
}

// undisturbed reports whether the group of a node is complete and calm: during a
// view change and while a member is lost everything stands still for seconds.
func undisturbed(v *View, n *Node) bool {
	evs := n.Status().EVSState
	if evs != "" && !strings.EqualFold(evs, "OPERATIONAL") {
		return false
	}
	for _, o := range v.Nodes {
		if o.Listed && !o.Up() {
			return false
		}
	}
	return v.Settled(5)
}

// certificationHung finds nodes whose clients all wait for certification while
// the seqno stands still, without flow control or a schema change to explain it.
func certificationHung(v *View) []Finding {
	const crowd = 3
	var out []Finding
	for _, n := range v.Nodes {
		if !n.Synced() || n.Rates.Paused.V >= pausedMatters || !undisturbed(v, n) || stands(v.Past.Node(n.ID).Queue) < hungAfter {
			continue
		}
		var longest *Process
		waiting, toi := 0, runningDDL(n) != nil || held(n)
		for i := range n.Sample.Processes.Rows {
			p := &n.Sample.Processes.Rows[i]
			toi = toi || waitsForTOI(p)
			if strings.HasPrefix(p.State, "Waiting for certification") && p.Time >= 5*time.Second {
				waiting++
				longest = longer(longest, p)
			}
		}
		if toi || waiting < crowd {
			continue
		}
		out = append(out, Finding{
			About: n.ID, Nodes: []string{n.ID}, Action: "drain",
			Title: fmt.Sprintf("%s hangs: %s wait for certification and its seqno stands still", n.Name, count(waiting, "writer")),
			Why:   "The node neither certifies nor applies, though it says that it is Synced. It will not recover by itself, and its clients wait without an error.",
			Do: []string{
				"Take " + n.Name + " out of the load balancer, so that no more clients hang.",
				"If you can, take a stack dump of the server process first: without one the cause stays unknown.",
				"Restart only this node, and only while the others keep quorum without it.",
			},
			Evidence: []Evidence{
				{n.Name, "wsrep_last_committed", numWord(n.Status().LastCommitted) + " for " + Span(stands(v.Past.Node(n.ID).Queue))},
				{n.Name, "waits longest", threadWords(longest)},
			},
		})
	}
	return out
}

// zombies finds nodes that say Synced, with nothing in their queue, but do not
// follow the group: others apply write-sets that never reach them.
func zombies(v *View) []Finding {
	const behind = 20 // write-sets, more than sampling skew explains beside a seqno that stands still
	var head *Node
	for _, n := range v.Nodes {
		if n.Synced() && (head == nil || n.Status().LastCommitted.V > head.Status().LastCommitted.V) {
			head = n
		}
	}
	var out []Finding
	for _, n := range v.Nodes {
		st := n.Status()
		past := v.Past.Node(n.ID).Queue
		if !n.Synced() || n == head || !sameGroup(v, head, n) || !undisturbed(v, n) || st.RecvQueue.Or(1) > 0 || !st.LastCommitted.Known {
			continue
		}
		missed := head.Status().LastCommitted.V - st.LastCommitted.V
		if missed < behind || stands(past) < hungAfter || !moves(v.Past.Node(head.ID).Queue) || head.Status().LastCommitted.V-past[len(past)-1].Applied < behind {
			continue
		}
		out = append(out, Finding{
			About: n.ID, Nodes: []string{n.ID, head.ID}, Action: "drain",
			Title: fmt.Sprintf("%s says Synced but has not followed the group for %s: it lacks %d write-sets", n.Name, Span(stands(past)), missed),
			Why:   "Its readers see old data and its writers fail, while load balancers take it for healthy.",
			Do: []string{
				"Take " + n.Name + " out of the load balancer.",
				"Read its error log, then restart only this node while the others keep quorum without it.",
			},
			Evidence: []Evidence{
				{n.Name, "wsrep_last_committed", numWord(st.LastCommitted) + " for " + Span(stands(past))},
				{head.Name, "wsrep_last_committed", numWord(head.Status().LastCommitted)},
				{n.Name, "wsrep_local_recv_queue", numWord(st.RecvQueue)},
			},
		})
	}
	return out
}

// sameGroup reports whether two nodes are in one component.
func sameGroup(v *View, a, b *Node) bool {
	for i := range v.Components {
		in := 0
		for _, id := range v.Components[i].Nodes {
			if id == a.ID || id == b.ID {
				in++
			}
		}
		if in == 2 {
			return true
		}
	}
	return false
}
