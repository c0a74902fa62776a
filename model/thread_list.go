package model

import "slices"

// ThreadsOf are all threads of one node, with place 0; none while it does not
// answer.
func ThreadsOf(n *Node) []Thread { return appendThreads(nil, n, 0) }

// AppendThreads is Threads into memory that is there already.
func AppendThreads(out []Thread, s *Snapshot) []Thread {
	for place, n := range s.Nodes {
		out = appendThreads(out, n, place)
	}
	return out
}

func appendThreads(out []Thread, n *Node, place int) []Thread {
	if !n.Up() {
		return out
	}
	about := newThreadFacts(n)
	rows := n.Sample.Processes.Rows
	out = slices.Grow(out, len(rows))
	for i := range rows {
		t := Thread{Node: n, Place: place, Process: &rows[i]}
		about.complete(&t)
		out = append(out, t)
	}
	return out
}
