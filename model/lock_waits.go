package model

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// ShowsWaits reports whether a sample's status or process list shows a thread
// that waits for a lock: then it is worth asking who holds it.
func ShowsWaits(s *Sample) bool {
	if s.Status.RowLockWaits.V > 0 {
		return true
	}
	return slices.ContainsFunc(s.Processes.Rows, func(p Process) bool { return waitKind(&p) != "" })
}

// waitStates are the beginnings of the states in which a thread waits for
// something that another thread of its node holds, and what that is.
var waitStates = []struct {
	begin string
	kind  LockKind
}{
	{"Waiting for table metadata lock", LockMetadata},
	{"Waiting for backup lock", LockBackup},
	{"Waiting for backup", LockBackup},
	{"Waiting for global read lock", LockGlobal},
	{"Waiting for commit lock", LockGlobal},
	{"Waiting for table level lock", LockTable},
	{"Waiting for tables lock", LockTable},
	{"Waiting for table flush", LockTable},
	{"Waiting for TOI DDL", LockTOI},
	{isolated, LockTOI},
	{"Waiting for schema metadata lock", LockMetadata},
	{"Waiting for stored function metadata lock", LockMetadata},
	{"Waiting for stored procedure metadata lock", LockMetadata},
	{"Waiting for trigger metadata lock", LockMetadata},
	{"Waiting for event metadata lock", LockMetadata},
}

// waitKind is what a thread's state says it waits for; empty: nothing. An applier
// in isolation waits for a client's lock, see isolated.
func waitKind(p *Process) LockKind {
	if !strings.HasPrefix(p.State, "Waiting ") {
		return ""
	}
	if appliesIsolated(p) {
		return LockMetadata
	}
	for i := range waitStates {
		if strings.HasPrefix(p.State, waitStates[i].begin) {
			return waitStates[i].kind
		}
	}
	return ""
}

// The age up to which a reading of locks counts. One that takes long is read
// seldom.
const (
	locksAge  = 15 * time.Second
	locksCost = 40
)

// Fresh reports whether a reading of locks, which may be nil, is young enough to
// tell of a moment.
func (l *Locks) Fresh(at time.Time) bool {
	return l != nil && l.Error == "" && at.Sub(l.At) <= locksAge+locksCost*l.Took
}

// freshLocks is the newest reading of a node's locks, nil when it is too old to
// tell of the present.
func (s *Sample) freshLocks() *Locks {
	if l := s.Slow.Locks; l.Fresh(s.At) {
		return l
	}
	return nil
}

// Waits are the lock waits of a node, one a waiting thread, the longest first:
// what the server names, and what follows from the locks that it lists and from
// what the threads do.
func Waits(n *Node) []LockWait {
	if n.Sample == nil {
		return nil
	}
	f := waitFinder{n: n, locks: n.Sample.freshLocks()}
	if !ShowsWaits(n.Sample) && (f.locks == nil || len(f.locks.Waits)+len(f.locks.Known) == 0) {
		return nil
	}
	f.prepare()
	f.named()
	f.records()
	f.metadata()
	f.isolation()
	f.commits()
	f.transactions()
	slices.SortFunc(f.out, func(a, b LockWait) int {
		return cmp.Or(cmp.Compare(b.Age, a.Age), cmp.Compare(a.Waiter, b.Waiter))
	})
	return f.out
}

// waitFinder finds out who waits for whom on one node.
type waitFinder struct {
	n       *Node
	locks   *Locks // nil: none that count
	since   time.Duration
	known   []Lock    // of locks, by thread
	rows    []Process // by id
	threads map[uint64]*Process
	asks    []request // for metadata locks and the like, the longest first
	done    map[uint64]bool
	out     []LockWait
}

func (f *waitFinder) prepare() {
	s := f.n.Sample
	f.rows = slices.SortedFunc(slices.Values(s.Processes.Rows), func(a, b Process) int { return cmp.Compare(a.ID, b.ID) })
	f.threads = make(map[uint64]*Process, len(f.rows))
	for i := range f.rows {
		f.threads[f.rows[i].ID] = &f.rows[i]
	}
	f.done = make(map[uint64]bool)
	if f.locks == nil {
		f.locks = &Locks{Reading: Reading{At: s.At}}
	}
	f.since = max(s.At.Sub(f.locks.At), 0)
	f.known = slices.SortedFunc(slices.Values(f.locks.Known), func(a, b Lock) int {
		return cmp.Or(cmp.Compare(a.Thread, b.Thread), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Object, b.Object),
			cmp.Compare(a.Record, b.Record), cmp.Compare(a.Mode, b.Mode), falseFirst(a.Pending, b.Pending), cmp.Compare(a.Age, b.Age))
	})
}

func (f *waitFinder) add(w LockWait) {
	if w.Waiter == 0 || f.done[w.Waiter] {
		return
	}
	f.done[w.Waiter] = true
	if w.Blocker == w.Waiter {
		w.Blocker = 0
	}
	f.out = append(f.out, w)
}

// still reports whether a thread that waited when the locks were read may do so
// yet: it runs, and runs what it ran then. A thread that the bound on the list
// left out may.
func (f *waitFinder) still(thread uint64) bool {
	p := f.threads[thread]
	switch {
	case p == nil:
		return f.n.Sample.Processes.Left > 0 || f.n.Sample.Processes.OwnOnly
	case p.System():
		return true
	}
	return p.Active() && p.Time+2*time.Second >= f.since
}

// rowWaits is false when the node says, later than the locks were read, that no
// row lock is waited for.
func (f *waitFinder) rowWaits() bool {
	w := f.n.Status().RowLockWaits
	return !w.Known || w.V > 0 || f.since == 0
}

// named takes over the pairs that the server names. Of several blockers the one
// counts that does not wait itself.
func (f *waitFinder) named() {
	waits := slices.Clone(f.locks.Waits)
	waiting := make(map[uint64]bool, len(waits))
	for i := range waits {
		waiting[waits[i].Waiter] = true
	}
	slices.SortFunc(waits, func(a, b LockWait) int {
		return cmp.Or(cmp.Compare(a.Waiter, b.Waiter), falseFirst(waiting[a.Blocker], waiting[b.Blocker]), cmp.Compare(a.Blocker, b.Blocker), cmp.Compare(b.Age, a.Age))
	})
	for _, w := range waits {
		if f.still(w.Waiter) && (w.Kind != LockRow || f.rowWaits()) {
			w.Age += f.since
			f.add(w)
		}
	}
}

func falseFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// rowConflicts are the modes of granted row and table locks of InnoDB that a
// request has to wait for.
var rowConflicts = map[string]string{
	"S": " X IX AUTO_INC ", "X": " S X IS IX AUTO_INC ", "IS": " X ", "IX": " S X ", "AUTO_INC": " S X AUTO_INC ",
}

func rowConflict(asked, has string) bool {
	asked, _, _ = strings.Cut(asked, ",")
	has, _, _ = strings.Cut(has, ",")
	against, known := rowConflicts[asked]
	return !known || strings.Contains(against, " "+has+" ")
}

// records pairs requests for rows with those who have them. Servers list each
// pair of a queue, which is the square of its length: who has the record, and
// the request at the head of the queue, say as much.
func (f *waitFinder) records() {
	if !f.rowWaits() {
		return
	}
	byRecord := make(map[[2]string][]*Lock)
	var pending []*Lock
	for i := range f.known {
		if l := &f.known[i]; l.Kind == LockRow {
			key := [2]string{l.Object, l.Record}
			byRecord[key] = append(byRecord[key], l)
			if l.Pending && f.still(l.Thread) {
				pending = append(pending, l)
			}
		}
	}
	for _, l := range pending {
		w := LockWait{Waiter: l.Thread, Kind: LockRow, Object: l.Object, Mode: l.Mode, Age: l.Age + f.since}
		var best *Lock
		for _, h := range byRecord[[2]string{l.Object, l.Record}] {
			ahead := !h.Pending || cmp.Or(cmp.Compare(l.Age, h.Age), cmp.Compare(h.Thread, l.Thread)) < 0
			if h.Thread != l.Thread && ahead && rowConflict(l.Mode, h.Mode) && (best == nil || firmer(h, best)) {
				best = h
			}
		}
		if best != nil {
			w.Blocker = best.Thread
		}
		f.add(w)
	}
}

// firmer orders locks that hold somebody up: granted before asked for, exclusive
// before shared, then the older.
func firmer(a, b *Lock) bool {
	exclusive := func(l *Lock) bool { return strings.HasPrefix(l.Mode, "X") }
	return cmp.Or(falseFirst(a.Pending, b.Pending), falseFirst(exclusive(b), exclusive(a)),
		cmp.Compare(b.Age, a.Age), cmp.Compare(a.Thread, b.Thread)) < 0
}

// isolation finds who waits for a statement in total order isolation: the schema
// change that runs, for a client or in an applier.
func (f *waitFinder) isolation() {
	var running *Process
	for i := range f.rows {
		p := &f.rows[i]
		if begins(p.Query, ddlVerbs) && waitKind(p) != LockTOI && !p.Idle() {
			running = longer(running, p)
		}
	}
	for i := range f.rows {
		p := &f.rows[i]
		if waitKind(p) != LockTOI {
			continue
		}
		w := LockWait{Waiter: p.ID, Kind: LockTOI, Age: p.Time, Inferred: true}
		if running != nil {
			w.Blocker = running.ID
			w.Object = first(objects(running))
		}
		f.add(w)
	}
}

// commits finds commits that a lock on the whole node stops: they say that they
// wait for their certification.
func (f *waitFinder) commits() {
	var holder *Lock
	for i := range f.known {
		if l := &f.known[i]; !l.Pending && strings.Contains(commitStoppers, " "+l.Mode+" ") && (holder == nil || firmer(l, holder)) {
			holder = l
		}
	}
	if holder == nil {
		return
	}
	for i := range f.rows {
		if p := &f.rows[i]; p.Active() && strings.HasPrefix(p.State, "Waiting for certification") {
			f.add(LockWait{Waiter: p.ID, Blocker: holder.Thread, Kind: wholeKind(holder.Mode), Age: p.Time, Inferred: true})
		}
	}
}

// commitStoppers are the modes of MariaDB's backup lock that stop commits.
const commitStoppers = " BACKUP_FTWRL2 BACKUP_WAIT_COMMIT "

// transactions adds transactions that wait for a row of nobody knows whom: the
// bound on the list left them out, or the server has none.
func (f *waitFinder) transactions() {
	t := f.n.Sample.Slow.Transactions
	if t == nil || !f.rowWaits() || f.complete(t) {
		return
	}
	since := f.n.Sample.At.Sub(t.At)
	for i := range t.Rows {
		if r := &t.Rows[i]; r.State == "LOCK WAIT" && f.threads[r.Thread] != nil && f.still(r.Thread) {
			p := f.threads[r.Thread]
			if p.Time+time.Second < since {
				continue // it runs another statement by now
			}
			f.add(LockWait{Waiter: r.Thread, Kind: LockRow, Object: first(objects(p)), Age: p.Time, Inferred: true})
		}
	}
}

// complete reports whether the row locks were read in full, and not before the
// transactions.
func (f *waitFinder) complete(t *Transactions) bool {
	l := f.n.Sample.freshLocks()
	return l != nil && l.Left == 0 && !l.At.Before(t.At)
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}
