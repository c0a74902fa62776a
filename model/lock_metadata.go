package model

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// request is a thread that waits for a metadata lock, for a table or for the
// whole node, and what it asks for as far as that is known.
type request struct {
	p       *Process
	kind    LockKind
	objects []string // schema.table that it may wait for; empty for the whole node
	mode    string
}

// whole says that the request is for a lock of the whole node.
func (r *request) whole() bool { return r.kind == LockBackup || r.kind == LockGlobal }

// strong reports whether the request holds up those that come after it before it
// is granted.
func (r *request) strong() bool {
	if r.whole() {
		return begins(r.p.Query, wholeVerbs)
	}
	return r.mode == "EXCLUSIVE" || r.mode == "SHARED_NO_READ_WRITE" || r.mode == "SHARED_NO_WRITE"
}

// wholeVerbs begin statements that ask for a lock on the whole node.
var wholeVerbs = []string{"FLUSH ", "BACKUP ", "LOCK INSTANCE"}

// metadata finds whom the threads wait for that say they wait for a metadata
// lock. No server names the holder: it is the thread that has a lock which is at
// odds with the request, or else a request before it.
func (f *waitFinder) metadata() {
	pending := make(map[uint64]*Lock)
	for i := range f.known {
		if l := &f.known[i]; l.Pending && l.Kind != LockRow {
			pending[l.Thread] = l
		}
	}
	for i := range f.rows {
		p := &f.rows[i]
		kind := waitKind(p)
		if kind == "" || kind == LockTOI || f.done[p.ID] {
			continue
		}
		r := request{p: p, kind: kind}
		if l := pending[p.ID]; l != nil {
			r.mode = l.Mode
			if l.Object != "" {
				r.objects = []string{l.Object}
			}
		}
		if !r.whole() && len(r.objects) == 0 {
			r.objects, r.mode = objects(p), cmp.Or(r.mode, modeOf(p.Query))
		}
		f.asks = append(f.asks, r)
	}
	slices.SortStableFunc(f.asks, func(a, b request) int { return cmp.Compare(b.p.Time, a.p.Time) })
	for i := range f.asks {
		f.add(f.answer(i))
	}
}

// answer is the wait of one request.
func (f *waitFinder) answer(i int) LockWait {
	r := &f.asks[i]
	w := LockWait{Waiter: r.p.ID, Kind: r.kind, Object: first(r.objects), Mode: r.mode, Age: r.p.Time, Inferred: true}
	if h := f.holder(r); h != nil {
		w.Blocker, w.Object, w.Inferred = h.Thread, cmp.Or(h.Object, w.Object), false
		w.Kind = f.kindOf(r, h)
		return w
	}
	for k := range f.asks[:i] {
		if before := &f.asks[k]; before.strong() && before.whole() == r.whole() && (r.whole() || slices.Contains(r.objects, first(before.objects))) {
			w.Blocker = before.p.ID
			if !r.whole() {
				w.Object = first(before.objects)
			}
			return w
		}
	}
	if f.locks.Metadata && len(f.locks.Known) > 0 {
		return w // the holder would be listed
	}
	sorted := *f.n
	sample := *f.n.Sample
	sample.Processes.Rows, sorted.Sample = f.rows, &sample
	if p := lockHolder(&sorted); p != nil && p.ID != r.p.ID {
		w.Blocker = p.ID
		for verb, kind := range map[string]LockKind{"FLUSH ": LockGlobal, "BACKUP ": LockBackup, "LOCK TABLE": LockTable} {
			if begins(p.Query, []string{verb}) {
				w.Kind = kind
			}
		}
	}
	return w
}

// holder is the lock that a request waits for: of those at odds with it the one
// whose thread does not itself wait for such a lock, the oldest.
func (f *waitFinder) holder(r *request) *Lock {
	var best *Lock
	waits := func(l *Lock) bool { p := f.threads[l.Thread]; return p != nil && waitKind(p) == r.kind }
	for i := range f.known {
		l := &f.known[i]
		if l.Pending || l.Thread == r.p.ID || !r.against(l) {
			continue
		}
		if best == nil || cmp.Or(falseFirst(waits(l), waits(best)), cmp.Compare(b2i(firmer(best, l)), b2i(firmer(l, best)))) < 0 {
			best = l
		}
	}
	return best
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// against reports whether a granted lock is at odds with the request.
func (r *request) against(l *Lock) bool {
	switch {
	case l.Kind == LockRow:
		return false
	case r.whole():
		if l.Kind != LockBackup && l.Kind != LockGlobal {
			return false
		}
		return strings.Contains(wholeLocks, " "+l.Mode+" ") != r.strong()
	}
	return l.Kind == LockMetadata && slices.Contains(r.objects, l.Object) && metadataConflict(r.mode, l.Mode)
}

// wholeLocks are the modes of locks on the whole node that hold up statements:
// MariaDB's backup lock (sql/mdl.h), and the global lock of other servers.
// Requests for them wait for the locks of statements.
const wholeLocks = " BACKUP_FTWRL1 BACKUP_FTWRL2 BACKUP_FLUSH BACKUP_WAIT_FLUSH BACKUP_WAIT_DDL BACKUP_WAIT_COMMIT" +
	" BACKUP_BLOCK_DDL SHARED EXCLUSIVE "

func wholeKind(mode string) LockKind {
	if strings.HasPrefix(mode, "BACKUP_") && !strings.HasPrefix(mode, "BACKUP_FTWRL") {
		return LockBackup
	}
	return LockGlobal
}

// kindOf says by what the holder has what kind of lock it really is.
func (f *waitFinder) kindOf(r *request, h *Lock) LockKind {
	if r.whole() {
		if strings.Contains(wholeLocks, " "+h.Mode+" ") {
			return wholeKind(h.Mode)
		}
		return r.kind
	}
	p := f.threads[h.Thread]
	if lockTablesModes[h.Mode] && (p == nil || !begins(p.Query, ddlVerbs)) {
		return LockTable
	}
	return r.kind
}

// lockTablesModes are those that LOCK TABLES takes, and ALTER TABLE in passing.
var lockTablesModes = map[string]bool{"SHARED_READ_ONLY": true, "SHARED_NO_READ_WRITE": true}

// metadataConflicts are the granted modes that a request for a table has to wait
// for (sql/mdl.cc: the matrix of granted object locks); other requests wait for
// all.
var metadataConflicts = map[string]string{
	"SHARED":           " EXCLUSIVE ",
	"SHARED_HIGH_PRIO": " EXCLUSIVE ",
	"SHARED_READ":      " SHARED_NO_READ_WRITE EXCLUSIVE ",
	"SHARED_WRITE":     " SHARED_READ_ONLY SHARED_NO_WRITE SHARED_NO_READ_WRITE EXCLUSIVE ",
	"SHARED_READ_ONLY": " SHARED_WRITE SHARED_WRITE_LOW_PRIO SHARED_NO_READ_WRITE EXCLUSIVE ",
}

func metadataConflict(asked, has string) bool {
	against, known := metadataConflicts[asked]
	return !known || strings.Contains(against, " "+has+" ")
}

// modeOf is the metadata lock that a statement asks for.
func modeOf(query string) string {
	switch {
	case begins(query, ddlVerbs):
		return "EXCLUSIVE"
	case begins(query, []string{"LOCK TABLE"}) && strings.Contains(strings.ToUpper(query), " WRITE"):
		return "SHARED_NO_READ_WRITE"
	case begins(query, []string{"LOCK TABLE"}):
		return "SHARED_READ_ONLY"
	case begins(query, []string{"SELECT", "("}) && !strings.Contains(strings.ToUpper(query), "FOR UPDATE"):
		return "SHARED_READ"
	}
	return "SHARED_WRITE"
}

// named finds the tables that a statement names: what follows the words that
// tables follow.
var tableNames = regexp.MustCompile("(?i)\\b(?:from|join|update|into|tables?)\\s+(?:(?:if|not|exists|ignore|low_priority|quick)\\s+)*" +
	"(`[^`]+`|[\\w$]+)(?:\\s*\\.\\s*(`[^`]+`|[\\w$]+))?")

// objects are the tables that a thread's statement names, as schema.table, in
// order. What the cut of a long statement hides is not among them.
func objects(p *Process) []string {
	var out []string
	for _, m := range tableNames.FindAllStringSubmatch(p.Query, 8) {
		name := strings.Trim(m[1], "`")
		if m[2] != "" {
			name += "." + strings.Trim(m[2], "`")
		} else if p.DB != "" {
			name = p.DB + "." + name
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}
