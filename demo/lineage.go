package demo

import (
	"encoding/binary"
	"hash/fnv"
	"slices"
)

// branch is a run of write-sets that one Primary Component ordered. To bootstrap a
// component begins another one: from there on, equal seqnos are other writes.
type branch struct {
	id uint64
	to int64 // the last seqno of the run
}

// lineage is which write-sets a node's tables hold, the oldest run first. Two nodes
// at one seqno have the same rows if and only if their lineages are equal; nothing
// in a server's status tells.
type lineage []branch

// grow adds the writes of a branch up to a seqno.
func (l lineage) grow(id uint64, to int64) lineage {
	switch last := len(l) - 1; {
	case last >= 0 && l[last].to >= to:
	case last >= 0 && l[last].id == id:
		l[last].to = to
	default:
		l = append(l, branch{id, to})
	}
	return l
}

// graft is what an IST makes of a node's tables: its own rows up to where it
// stood, and the donor's writes behind that. What differed before stays so.
func (l lineage) graft(from int64, donor lineage, to int64) lineage {
	out := l.until(from)
	for _, b := range donor.until(to) {
		out = out.grow(b.id, b.to)
	}
	return out
}

// until cuts everything behind a seqno off.
func (l lineage) until(to int64) lineage {
	out := make(lineage, 0, len(l)+1)
	for _, b := range l {
		out = append(out, branch{b.id, min(b.to, to)})
		if b.to >= to {
			break
		}
	}
	return out
}

// newest is the branch of the last write.
func (l lineage) newest() uint64 {
	if len(l) == 0 {
		return 0
	}
	return l[len(l)-1].id
}

// renamed are the same rows where a new history begins to count at zero.
func (l lineage) renamed() lineage { return lineage{{l.sum("", -1), 0}} }

// sum is a checksum of one table's rows, as of a seqno; -1: as they are.
func (l lineage) sum(table string, at int64) uint64 {
	if at >= 0 {
		l = l.until(at)
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(table))
	for _, b := range l {
		_, _ = h.Write(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, b.id), uint64(b.to)))
	}
	return h.Sum64()
}

// same reports whether two nodes' rows agree as far as both have got.
func (n *node) same(m *node) bool {
	if len(n.rows) == 1 && len(m.rows) == 1 {
		return n.rows[0].id == m.rows[0].id
	}
	at := min(n.committed, m.committed)
	return slices.Equal(n.rows.until(at), m.rows.until(at))
}

// newBranch is one that nobody wrote to yet.
func (e *engine) newBranch() uint64 {
	e.branches++
	return e.branches
}
