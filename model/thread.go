package model

// Thread is one thread of one node with everything that is known of it together.
type Thread struct {
	Node  *Node
	Place int // of the node in the snapshot
	*Process
	Trx    *Transaction // its open transaction; nil: none, or not known
	Wait   *LockWait    // what it waits for first; nil: nothing that is known
	Blocks int          // threads of its node that wait for it, directly or behind others
}

// ThreadKey tells one thread of the cluster from all others.
type ThreadKey struct {
	Node   string // ID
	Thread uint64
}

// Key is which thread this is.
func (t *Thread) Key() ThreadKey { return ThreadKey{t.Node.ID, t.ID} }

// Threads are all threads of all nodes that answer, in the order of the nodes
// and of their process lists.
func Threads(s *Snapshot) []Thread { return AppendThreads(nil, s) }

// threadFacts are a node's slow readings, by thread.
type threadFacts struct {
	trx    map[uint64]*Transaction
	wait   map[uint64]*LockWait
	blocks map[uint64]int
}

func newThreadFacts(n *Node) *threadFacts {
	f := &threadFacts{trx: make(map[uint64]*Transaction), wait: make(map[uint64]*LockWait), blocks: make(map[uint64]int)}
	if t := n.Sample.Slow.Transactions; t != nil {
		for i := range t.Rows {
			f.trx[t.Rows[i].Thread] = &t.Rows[i]
		}
	}
	waits := Waits(n)
	for i := range waits {
		w := &waits[i]
		if f.wait[w.Waiter] == nil {
			f.wait[w.Waiter] = w
		}
	}
	for waiter := range f.wait {
		seen := map[uint64]bool{waiter: true}
		for w := f.wait[waiter]; w != nil && !seen[w.Blocker] && w.Blocker != 0; w = f.wait[w.Blocker] {
			seen[w.Blocker] = true
			f.blocks[w.Blocker]++
		}
	}
	return f
}

func (f *threadFacts) complete(t *Thread) {
	t.Trx, t.Wait, t.Blocks = f.trx[t.ID], f.wait[t.ID], f.blocks[t.ID]
}
