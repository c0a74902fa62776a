package recovery

import (
	"github.com/galeratop/galeratop/model"
)

// blind is for a view on which nothing may be decided.
func blind(w *world) *Move {
	switch {
	case w.Evidence.Snapshot == nil || len(w.nodes) == 0:
		return &Move{Kind: Refused, Title: "Nothing is known of the cluster yet", Means: "no node has been asked"}
	case w.Stale != "":
		return &Move{Kind: Refused, Title: "What is known is too old", Means: w.Stale}
	}
	var yet []*node
	for _, n := range w.nodes {
		if n.Link == model.LinkConnecting {
			yet = append(yet, n)
		}
	}
	if len(yet) > 0 {
		return &Move{Kind: Watch, Title: "Waiting for the first answer of " + names(yet), Means: "whether they answer is not known yet"}
	}
	return nil
}

// lockedOut is for servers that run and say nothing: while no Primary Component is
// seen, one may be hidden behind them.
func lockedOut(w *world) *Move {
	shut := w.at(barred)
	if len(shut) == 0 || len(w.primaries) > 0 {
		return nil
	}
	return w.refuse(
		names(shut)+" "+agree(len(shut), "runs", "run")+" and cannot be judged",
		"A server runs there and does not let this console in. It may be Primary; nothing is done before that is known.", shut,
		"mend the account, the certificate or the limit that the error names; this goes on by itself then")
}

// twoClusters is for nodes that never were one cluster.
func twoClusters(w *world) *Move {
	f := w.finding("two-clusters", "")
	if f == nil || len(w.primaries) < 2 {
		return nil
	}
	return &Move{Kind: Refused, Title: f.Title, Means: f.Why, Found: f.Evidence, Will: f.Do}
}

// well is the end.
func well(w *world) *Move {
	if len(w.primaries) != 1 {
		return nil
	}
	members := w.at(inPrimary)
	m := &Move{Kind: Done, Title: "The cluster is whole: " + names(members) + " " + agree(len(members), "is", "are") + " Synced in one Primary Component", Found: w.rows(w.nodes)}
	var out []*node
	for _, n := range w.nodes {
		if n.dead {
			out = append(out, n)
		}
	}
	if len(out) > 0 {
		m.Title = "The cluster serves: " + names(members) + " " + agree(len(members), "is", "are") + " in one Primary Component, without " + names(out)
		m.Means = names(out) + " " + agree(len(out), "was", "were") + " declared lost and left out. Should its server start again, look at it before it takes clients."
	}
	return m
}
