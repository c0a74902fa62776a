package model

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

var loadRules = []Rule{
	{ID: "certification-hung", Level: LevelCritical, Confirm: 5, Clear: 3, Source: "galera#476", Find: certificationHung},
	{ID: "zombie", Level: LevelCritical, Confirm: 5, Clear: 3, Source: "resource-agents#770", Find: zombies},
	{ID: "ddl-stall", Level: LevelWarning, Confirm: 3, Clear: 2, Source: "PXC-3418", Find: ddlStall},
	{ID: "idle-transaction", Level: LevelWarning, Confirm: 2, Clear: 2, Source: "documentation of INNODB_TRX", Find: idleTransactions},
	{ID: "huge-transaction", Level: LevelWarning, Confirm: 2, Clear: 2, Source: "icingadb#941", Find: hugeTransactions},
	{ID: "conflicts", Level: LevelNotice, Confirm: 5, Clear: 10, Source: "galera#391; mysql-wsrep#140", Find: conflicts},
	{ID: "connections", Level: LevelWarning, Confirm: 3, Clear: 5, Source: "max_connections, Threads_connected", Find: perNode(connections)},
	{ID: "send-queue", Level: LevelNotice, Confirm: 5, Clear: 5, Source: "documentation of wsrep_local_send_queue", Find: perNode(sendQueue)},
	{ID: "latency", Level: LevelNotice, Confirm: 5, Clear: 10, Source: "documentation of wsrep_evs_repl_latency", Find: latency},
	{ID: "long-transaction", Level: LevelNotice, Confirm: 2, Clear: 2, Source: "documentation of INNODB_TRX", Find: longTransactions},
	{ID: "history-list", Level: LevelNotice, Confirm: 5, Clear: 5, Source: "Innodb_history_list_length", Find: perNode(historyList)},
	{ID: "slow-answer", Level: LevelNotice, Confirm: 5, Clear: 5, Source: "measured here", Find: perNode(slowAnswer)},
	{ID: "clock-skew", Level: LevelNotice, Confirm: 2, Clear: 2, Source: "documentation of NOW()", Find: clockSkew},
}

// perNode makes a rule of a look at one node that answers.
func perNode(look func(*Node) *Finding) func(*View) []Finding {
	return func(v *View) []Finding {
		var out []Finding
		for _, n := range v.Nodes {
			if !n.Up() {
				continue
			}
			if f := look(n); f != nil {
				f.About, f.Nodes = n.ID, []string{n.ID}
				out = append(out, *f)
			}
		}
		return out
	}
}

// Above these a node's own figures are worth a word.
const (
	fullNotice, fullWarning     = 0.85, 0.95 // of max_connections
	sendNotice, sendWarning     = 10, 100    // write-sets in the send queue
	delayNotice, delayWarning   = 0.3, 1.0   // seconds, mean of evs_repl_latency
	purgeNotice, purgeWarning   = 1e6, 1e7   // history list length
	answerNotice, answerWarning = time.Second, 3 * time.Second
)

func connections(n *Node) *Finding {
	value, ok := running(n, "max_connections")
	limit, open := ParseNum(value), n.Status().ThreadsConnected
	if !ok || limit.V <= 0 || !open.Known || float64(open.V) < fullNotice*float64(limit.V) {
		return nil
	}
	level := LevelNotice
	if float64(open.V) >= fullWarning*float64(limit.V) {
		level = LevelWarning
	}
	return &Finding{
		Level: level, Title: fmt.Sprintf("%s has %d of %d connections in use", n.Name, open.V, limit.V),
		Why: "When all are in use, new clients are turned away, and health checks with them, so that a load balancer may take the node out.",
		Do: []string{
			"See in the query list what most connections do: if they wait, the cause is what they wait for, not their number.",
			"If they sleep, reduce the pools of the applications; if all is well, raise max_connections on " + n.Name + " as far as its memory allows.",
		},
		Evidence: []Evidence{
			{n.Name, "Threads_connected", numWord(open)},
			{n.Name, "max_connections", value},
			{n.Name, "Threads_running", numWord(n.Status().ThreadsRunning)},
		},
	}
}

func sendQueue(n *Node) *Finding {
	queue := n.Status().SendQueue
	if !queue.Known || queue.V < sendNotice {
		return nil
	}
	level := LevelNotice
	if queue.V >= sendWarning {
		level = LevelWarning
	}
	return &Finding{
		Level: level, Title: fmt.Sprintf("%s cannot send fast enough: %d write-sets wait to go out", n.Name, queue.V),
		Why: "Its own writers wait until their write-sets are out. The network between the nodes is too slow or loses packets, or this node writes in bursts that fill it.",
		Do: []string{
			"Look at the network of " + n.Name + ": errors, retransmissions, a full link, a backup that shares it.",
			"Compare with the other nodes: if only this one has a send queue, its interface or its path is the cause.",
		},
		Evidence: []Evidence{
			{n.Name, "wsrep_local_send_queue", numWord(queue)},
			{n.Name, "sent", realWord(n.Rates.ReplicatedBps, "bytes a second")},
			{n.Name, "wsrep_evs_repl_latency", n.Status().EVSReplLatency},
		},
	}
}

func realWord(r Real, unit string) string {
	if !r.Known {
		return "unknown"
	}
	return fmt.Sprintf("%.0f %s", r.V, unit)
}

// Latency is wsrep_evs_repl_latency in seconds: how long messages of this node
// take to reach the whole group. Nodes that write nothing have no samples.
type Latency struct {
	Min, Avg, Max, StdDev float64
	Samples               float64
}

// ParseLatency reads "min/avg/max/stddev/samples"; ok is false for any other text.
func ParseLatency(text string) (l Latency, ok bool) {
	parts := strings.Split(text, "/")
	fields := []*float64{&l.Min, &l.Avg, &l.Max, &l.StdDev, &l.Samples}
	if len(parts) != len(fields) {
		return Latency{}, false
	}
	for i, p := range parts {
		r := ParseReal(p)
		if !r.Known {
			return Latency{}, false
		}
		*fields[i] = r.V
	}
	return l, true
}

// latency finds a slow network; it is one finding for the group, since the
// slowest path is part of every node's commits.
func latency(v *View) []Finding {
	const enough = 5 // samples
	ms := func(seconds float64) string { return fmt.Sprintf("%.0f ms", seconds*1000) }
	f := Finding{
		Level: LevelNotice,
		Why:   "A write-set is ordered only when all nodes have it, so the slowest path between any two of them is part of every commit.",
		Do: []string{
			"Compare the nodes, to see which path is slow, and look at that network: errors, retransmissions, a full link.",
			"If a node is far away on purpose, write on one side only and give the sites their own segments (gmcast.segment).",
		},
	}
	worst := 0.0
	for _, n := range v.Nodes {
		l, ok := ParseLatency(n.Status().EVSReplLatency)
		if !n.Up() || !ok || l.Samples < enough || l.Avg < delayNotice {
			continue
		}
		worst = max(worst, l.Avg)
		f.Nodes = append(f.Nodes, n.ID)
		f.Evidence = append(f.Evidence, Evidence{n.Name, "wsrep_evs_repl_latency", "mean " + ms(l.Avg) + ", longest " + ms(l.Max)})
	}
	if f.Nodes == nil {
		return nil
	}
	if worst >= delayWarning {
		f.Level = LevelWarning
	}
	where := "Every commit"
	if len(f.Nodes) == 1 {
		where += " on " + v.Names(f.Nodes)[0]
	}
	f.Title = where + " waits " + ms(worst) + " for the network"
	return []Finding{f}
}

func historyList(n *Node) *Finding {
	length := n.Status().HistoryLength
	if !length.Known || length.V < purgeNotice {
		return nil
	}
	level := LevelNotice
	if length.V >= purgeWarning {
		level = LevelWarning
	}
	return &Finding{
		Level: level, Title: fmt.Sprintf("%s keeps %.1f million old row versions that it cannot purge", n.Name, float64(length.V)/1e6),
		Why: "Some transaction still may read them. Reads and applying get slower, and the undo space grows, until it ends and purge has caught up.",
		Do: []string{
			"Find the oldest transaction on " + n.Name + ", also one that only reads and sleeps, and end it.",
			"If there is none, purge is behind: look at disk and at innodb_purge_threads.",
		},
		Evidence: []Evidence{{n.Name, "Innodb_history_list_length", numWord(length)}},
	}
}

func slowAnswer(n *Node) *Finding {
	if n.Sample.Took < answerNotice {
		return nil
	}
	level := LevelNotice
	if n.Sample.Took >= answerWarning {
		level = LevelWarning
	}
	return &Finding{
		Level: level, Title: fmt.Sprintf("%s takes %s to answer a simple question", n.Name, n.Sample.Took.Round(100*time.Millisecond)),
		Why: "Its host is overloaded, swaps, or the path to it is bad. Members that are too slow to answer each other are thrown out of the group.",
		Do: []string{
			"Look at the host of " + n.Name + ": processor, memory and swap, disk.",
			"If the host is idle, look at the network between it and here.",
		},
		Evidence: []Evidence{{n.Name, "time for two statements", n.Sample.Took.String()}, {n.Name, "Threads_running", numWord(n.Status().ThreadsRunning)}},
	}
}

// conflicts finds storms of certification failures and brute-force aborts.
func conflicts(v *View) []Finding {
	const (
		notice, warning = 1.0, 10.0 // lost transactions per second
		share           = 0.02      // of all local transactions
	)
	var failed, aborted, commits float64
	f := Finding{Level: LevelNotice}
	where := make(map[string]int)
	for _, n := range v.Nodes {
		lost := n.Rates.CertFailures.V + n.Rates.BFAborts.V
		if !n.Up() || !n.Status().InPrimary() {
			continue
		}
		commits += n.Rates.LocalCommits.V
		if lost == 0 {
			continue
		}
		failed, aborted = failed+n.Rates.CertFailures.V, aborted+n.Rates.BFAborts.V
		f.Nodes = append(f.Nodes, n.ID)
		f.Evidence = append(f.Evidence, Evidence{
			n.Name, "lost to conflicts",
			fmt.Sprintf("%.1f certification failures, %.1f brute-force aborts, %.1f commits a second", n.Rates.CertFailures.V, n.Rates.BFAborts.V, n.Rates.LocalCommits.V),
		})
		writers(n, where)
	}
	lost := failed + aborted
	part := lost / (lost + commits)
	if lost < notice || part < share {
		return nil
	}
	if lost >= warning && part >= 5*share {
		f.Level = LevelWarning
	}
	f.Title = fmt.Sprintf("%.0f transactions a second (%s) fail because nodes write the same rows", lost, percent(part))
	f.Why = "Two nodes change the same rows at the same time; one of the two transactions is thrown away and its client gets a deadlock error. " +
		"Programs that do not try again lose data."
	f.Do = []string{"Send the writes of the hot tables to one node only; the conflicts end at once."}
	if hot := frequent(where); hot != "" {
		f.Evidence = append(f.Evidence, Evidence{"", "written most now", hot})
		f.Do[0] = "Send the writes of the hot tables to one node only (written most now: " + hot + "); the conflicts end at once."
	}
	f.Do = append(f.Do,
		"Make the transactions short, and have counters and queues that everybody updates spread over rows.",
		"To see the rows, turn on cert.log_conflicts for a minute and read the error log.")
	return []Finding{f}
}

// writers counts who writes which table on a node now.
func writers(n *Node, where map[string]int) {
	for i := range n.Sample.Processes.Rows {
		p := &n.Sample.Processes.Rows[i]
		if table := written(p.Query); p.Active() && table != "" {
			where[table+" by "+p.User]++
		}
	}
}

// frequent names the most frequent, at most three.
func frequent(where map[string]int) string {
	keys := slices.SortedFunc(maps.Keys(where), func(a, b string) int { return cmp.Or(where[b]-where[a], strings.Compare(a, b)) })
	return strings.Join(keys[:min(len(keys), 3)], ", ")
}

// written is the table that a statement changes, "" when it is not plain to see.
func written(query string) string {
	words := strings.Fields(query)
	skip := map[string]bool{"IGNORE": true, "LOW_PRIORITY": true, "INTO": true, "FROM": true, "QUICK": true, "DELAYED": true, "HIGH_PRIORITY": true}
	if len(words) < 2 || !begins(query, []string{"UPDATE ", "INSERT ", "REPLACE ", "DELETE "}) || strings.HasPrefix(query, "/*") {
		return ""
	}
	for _, w := range words[1:] {
		if skip[strings.ToUpper(w)] {
			continue
		}
		name, _, _ := strings.Cut(strings.Trim(w, "`;,"), "(")
		return strings.ReplaceAll(name, "`", "")
	}
	return ""
}
