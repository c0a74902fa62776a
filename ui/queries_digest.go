package ui

import (
	"slices"

	"github.com/galeratop/galeratop/model"
)

// queriesView is what the Queries pane shows of its threads.
type queriesView struct {
	by     int
	groups *table[group]
	inside *string
	filter *filter
}

// groupOf is the group that a thread belongs to. A statement that was read in
// part belongs to the digest of the whole one, as in the pane of digests.
func (q *queries) groupOf(t *model.Thread) string {
	switch by := &groupings[q.by]; {
	case by.of != nil:
		return by.of(t)
	case t.Query == "":
		return ""
	}
	return q.e.top.Form(t.Query)
}

// byDigest is the grouping by digest.
var byDigest = slices.IndexFunc(groupings, func(g grouping) bool { return g.of == nil })

// showDigest shows only the threads that run one digest's statement, whatever
// was shown before: going back brings that again.
func (q *queries) showDigest(form string) {
	if q.visited == nil {
		q.visited = &queriesView{q.by, q.groups, q.inside, q.list.filter}
	}
	q.by, q.groups, q.inside, q.list.filter = byDigest, nil, &form, nil
	q.list.unselect()
	q.arrange()
}

// leave goes back to what the pane showed before somebody was sent here; false
// when nobody was.
func (q *queries) leave() bool {
	v := q.visited
	if v == nil {
		return false
	}
	q.visited, q.by, q.groups, q.inside, q.list.filter = nil, v.by, v.groups, v.inside, v.filter
	q.list.unselect()
	q.arrange()
	return true
}
