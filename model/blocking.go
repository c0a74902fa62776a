package model

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Tree is who holds up whom: a thread that waits for nobody, and all that wait
// for it, directly or behind others.
type Tree struct {
	Root   Branch
	Holds  int           // threads behind the root, of all nodes
	Oldest time.Duration // the longest wait among them
}

// Branch is one thread of a tree.
type Branch struct {
	Thread
	// Known is false when the thread is not among those that were read, so that
	// nothing but its number is known; with number 0 not even that.
	Known bool
	// Remote says that the thread waits for a thread of another node: its schema
	// change is finished only when that node's applier has run it.
	Remote bool
	// Deadlock marks the root of waits in a circle. Its own wait is set.
	Deadlock bool
	Behind   []Branch // the most held up first
	holds    int
	oldest   time.Duration
}

// Protected reports whether ending the root is no way out: it is not a client's.
func (t *Tree) Protected() bool { return t.Root.Known && t.Root.System() }

// Forest is all lock waits of a snapshot as trees, the root that holds up the
// most first. Every thread that waits is in exactly one tree, once.
func Forest(s *Snapshot) []Tree {
	f := forester{behind: make(map[ThreadKey][]ThreadKey), waits: make(map[ThreadKey]*LockWait), places: make(map[string]int)}
	for place, n := range s.Nodes {
		if n.Up() {
			f.places[n.ID] = place
			f.collect(n)
		}
	}
	if len(f.waits) == 0 {
		return nil
	}
	f.threads = make(map[ThreadKey]*Thread)
	for _, t := range Threads(s) {
		f.threads[t.Key()] = &t
	}
	f.nodes = s.Nodes
	f.link()
	trees := f.grow()
	slices.SortFunc(trees, func(a, b Tree) int {
		return cmp.Or(cmp.Compare(b.Holds, a.Holds), cmp.Compare(b.Oldest, a.Oldest), f.order(a.Root.Key(), b.Root.Key()))
	})
	return trees
}

// forester turns the waits of all nodes into trees.
type forester struct {
	nodes   []*Node
	places  map[string]int
	threads map[ThreadKey]*Thread
	waits   map[ThreadKey]*LockWait // by waiter
	parent  map[ThreadKey]ThreadKey
	behind  map[ThreadKey][]ThreadKey
	remote  map[ThreadKey]bool
	placed  map[ThreadKey]bool
}

// collect takes in the waits of one node.
func (f *forester) collect(n *Node) {
	for _, w := range Waits(n) {
		f.waits[ThreadKey{n.ID, w.Waiter}] = &w
	}
}

func (f *forester) order(a, b ThreadKey) int {
	return cmp.Or(cmp.Compare(f.places[a.Node], f.places[b.Node]), cmp.Compare(a.Thread, b.Thread))
}

// sorted are the keys of a map in the order of nodes and threads.
func sortedKeys[V any](f *forester, m map[ThreadKey]V) []ThreadKey {
	keys := make([]ThreadKey, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, f.order)
	return keys
}

// link says who is behind whom: by the nodes' waits, and over nodes by schema
// changes. A client's schema change that runs in an applier of another node,
// where it waits, is held up there.
func (f *forester) link() {
	f.parent, f.remote = make(map[ThreadKey]ThreadKey), make(map[ThreadKey]bool)
	for _, k := range sortedKeys(f, f.waits) {
		f.parent[k] = ThreadKey{k.Node, f.waits[k].Blocker}
	}
	var stuck []*Thread // appliers whose schema change waits
	for _, k := range sortedKeys(f, f.waits) {
		if t := f.threads[k]; t != nil && t.System() && begins(t.Query, ddlVerbs) {
			stuck = append(stuck, t)
		}
	}
	slices.SortStableFunc(stuck, func(a, b *Thread) int { return cmp.Compare(b.Time, a.Time) })
	for _, k := range sortedKeys(f, f.threads) {
		t := f.threads[k]
		if f.waits[k] != nil || !t.Active() || !begins(t.Query, ddlVerbs) {
			continue
		}
		for _, applier := range stuck {
			if applier.Node.ID != k.Node && sameStatement(applier.Query, t.Query) {
				f.parent[k], f.remote[k] = applier.Key(), true
				f.waits[k] = &LockWait{Waiter: k.Thread, Blocker: applier.ID, Kind: LockTOI, Object: first(objects(t.Process)), Age: t.Time, Inferred: true}
				break
			}
		}
	}
}

// sameStatement compares statements of which either may be cut.
func sameStatement(a, b string) bool {
	a, b = strings.TrimSuffix(a, "…"), strings.TrimSuffix(b, "…")
	return a != "" && b != "" && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a))
}

// grow makes the trees: from those who wait for nobody, then from what is left,
// which waits in circles.
func (f *forester) grow() []Tree {
	f.placed = make(map[ThreadKey]bool)
	roots := make(map[ThreadKey]bool)
	waiters := sortedKeys(f, f.waits)
	for _, k := range waiters {
		p := f.parent[k]
		f.behind[p] = append(f.behind[p], k)
		if f.waits[p] == nil {
			roots[p] = true
		}
	}
	var trees []Tree
	for _, k := range sortedKeys(f, roots) {
		trees = append(trees, f.tree(k))
	}
	slices.SortStableFunc(waiters, func(a, b ThreadKey) int { return cmp.Compare(f.waits[b].Age, f.waits[a].Age) })
	for _, k := range waiters {
		if !f.placed[k] {
			t := f.tree(f.circle(k))
			t.Root.Deadlock = true
			trees = append(trees, t)
		}
	}
	return trees
}

// circle is a thread of the circle that a waiter is in or behind: the one whose
// wait is the longest, since it would be the first to go on.
func (f *forester) circle(k ThreadKey) ThreadKey {
	seen := make(map[ThreadKey]bool)
	for !seen[k] {
		seen[k] = true
		k = f.parent[k]
	}
	best := k
	for at := f.parent[k]; at != k; at = f.parent[at] {
		if cmp.Or(cmp.Compare(f.waits[best].Age, f.waits[at].Age), f.order(at, best)) < 0 {
			best = at
		}
	}
	return best
}

func (f *forester) tree(root ThreadKey) Tree {
	b := f.branch(root)
	return Tree{Root: b, Holds: b.holds, Oldest: b.oldest}
}

// branch is a thread with all that is behind it. What was placed before is left
// out, so that a circle ends where it began.
func (f *forester) branch(k ThreadKey) Branch {
	f.placed[k] = true
	b := Branch{Remote: f.remote[k]}
	if t := f.threads[k]; t != nil {
		b.Thread, b.Known = *t, true
	} else {
		b.Thread = f.unlisted(k)
	}
	b.Wait = f.waits[k]
	for _, next := range f.behind[k] {
		if f.placed[next] {
			continue
		}
		child := f.branch(next)
		b.holds += 1 + child.holds
		b.oldest = max(b.oldest, child.Wait.Age, child.oldest)
		b.Behind = append(b.Behind, child)
	}
	b.Blocks = b.holds
	slices.SortStableFunc(b.Behind, func(x, y Branch) int {
		return cmp.Or(cmp.Compare(y.holds, x.holds), cmp.Compare(y.Wait.Age, x.Wait.Age), f.order(x.Key(), y.Key()))
	})
	return b
}

// unlisted is a thread of which only the number is known.
func (f *forester) unlisted(k ThreadKey) Thread {
	place := f.places[k.Node]
	n := f.nodes[place]
	t := Thread{Node: n, Place: place, Process: &Process{ID: k.Thread}}
	if k.Thread != 0 {
		t.Trx = openTransaction(n, k.Thread)
	}
	return t
}
