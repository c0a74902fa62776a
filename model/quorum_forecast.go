package model

import "slices"

// AfterLeave reports whether the rest stays Primary when a node leaves
// gracefully while the silent ones, which nobody heard of lately, turn out to
// have crashed.
func (q *Quorum) AfterLeave(node string, silent ...string) bool {
	present, left := q.Total, int64(0)
	for i := range q.Votes {
		v := &q.Votes[i]
		switch {
		case v.Node == "":
		case v.Node == node:
			present, left = present-v.Weight, v.Weight
		case slices.Contains(silent, v.Node):
			present -= v.Weight
		}
	}
	return Keeps(q.Total, present, left)
}

// Without is the quorum of the rest after some members have gone.
func (q *Quorum) Without(nodes ...string) *Quorum {
	votes := slices.DeleteFunc(slices.Clone(q.Votes), func(v Vote) bool { return v.Node != "" && slices.Contains(nodes, v.Node) })
	out := newQuorum(votes)
	out.Assumed = q.Assumed
	return out
}

// Reweighed is the quorum of the same members with another weight for one.
func (q *Quorum) Reweighed(node string, weight int64) *Quorum {
	votes := slices.Clone(q.Votes)
	for i := range votes {
		if votes[i].Node == node && node != "" {
			votes[i].Weight = weight
		}
	}
	out := newQuorum(votes)
	out.Assumed = q.Assumed
	return out
}

// Vote is a node's vote; nil where it has none here.
func (q *Quorum) Vote(node string) *Vote {
	for i := range q.Votes {
		if v := &q.Votes[i]; v.Node == node && node != "" {
			return v
		}
	}
	return nil
}
