package ui

import (
	"slices"
	"time"

	"github.com/galeratop/galeratop/model"
)

// queries is the pane of all threads of all nodes.
type queries struct {
	e      *env
	lens   model.Lens
	list   *table[model.Thread]
	groups *table[group] // nil: not grouped
	by     int           // of groupings
	adding grouper
	// inside is the group whose threads the list shows; nil: all.
	inside *string
	// visited is what the pane showed before another one sent somebody here for
	// one digest; nil: nobody was sent.
	visited *queriesView

	showIdle, showSystem bool
	reads                threadReads
}

func newQueries(e *env) *queries {
	q := &queries{e: e, list: newThreadTable(e)}
	q.lens = model.Lens{User: e.user, Host: e.host, State: e.state, Query: e.query}
	q.list.hide = q.hides
	q.list.match = func(f *filter, t *model.Thread) bool { return e.passThread(f, t, &q.lens) }
	return q
}

func (q *queries) demand() model.Subject {
	return model.SubjectProcesses | model.SubjectTransactions | model.SubjectLocks
}

// readsTerms says that the filter is of threads.
func (q *queries) readsTerms() {}

func (q *queries) refresh() {
	old := len(q.list.all)
	q.list.all = model.AppendThreads(q.list.all[:0], q.e.snap)
	if n := len(q.list.all); n < old && old <= cap(q.list.all) {
		clear(q.list.all[n:old]) // it would keep an old snapshot alive
	}
	q.list.prune(q.away)
	q.arrange()
}

// away reports a node of whose threads nothing is known now.
func (q *queries) away(id string) bool {
	n := q.e.snap.Node(id)
	return n != nil && (!n.Up() || n.Sample.Processes.Error != "")
}

// arrange filters, groups and sorts anew.
func (q *queries) arrange() {
	q.list.arrange()
	q.reads = readsOf(q)
	if q.groups == nil {
		return
	}
	q.adding.begin()
	by := &groupings[q.by]
	for i := range q.list.all {
		t := &q.list.all[i]
		if serves(t) && !q.showSystem || by.wide && t.Query == "" || !q.e.passThread(q.list.filter, t, &q.lens) {
			continue
		}
		q.adding.add(q.groupOf(t), t)
	}
	q.groups.foot = &q.adding.all
	q.groups.set(q.adding.rows)
}

// serves reports a thread that works for the server, not for a client's
// statement: appliers, replication, dump threads.
func serves(t *model.Thread) bool { return !t.Active() && !t.Idle() }

// unfinished is how long a client may sleep inside of a transaction before it
// counts as one that forgot to end it.
const unfinished = 5 * time.Second

// rests reports a client asleep that does no harm. One that stays inside of a
// transaction holds locks and old row versions, and is never hidden.
func rests(t *model.Thread) bool {
	return t.Idle() && t.Blocks == 0 && (t.Trx == nil || t.Time < unfinished)
}

// hides says which threads the list leaves out.
func (q *queries) hides(t *model.Thread) bool {
	if q.inside != nil && q.groupOf(t) != *q.inside {
		return true
	}
	return q.quiet(t) && !q.list.tagged(t)
}

func (q *queries) quiet(t *model.Thread) bool {
	return !q.showIdle && rests(t) || !q.showSystem && serves(t)
}

// chosen are the threads that an action is about: the tagged ones, or else the
// selected one. Of groups none is chosen.
func (q *queries) chosen() []model.Thread {
	if q.grouped() {
		return nil
	}
	var out []model.Thread
	for i := range q.list.all {
		if t := &q.list.all[i]; q.list.tagged(t) {
			out = append(out, *t)
		}
	}
	if t := q.list.current(); len(out) == 0 && t != nil {
		out = append(out, *t)
	}
	return out
}

// matching are all threads that the list shows under its filter, those further
// down than the screen included. Of groups it is those of the selected one.
func (q *queries) matching() []model.Thread {
	g := (*group)(nil)
	if q.grouped() {
		if g = q.groups.current(); g == nil {
			return nil
		}
	}
	out := make([]model.Thread, 0, len(q.list.rows))
	for _, t := range q.list.rows {
		if g == nil || q.groupOf(t) == g.key {
			out = append(out, *t)
		}
	}
	return out
}

func (q *queries) setFilter(f *filter) (shown, all int) {
	q.list.filter = f
	q.arrange()
	return len(q.list.rows), q.reads.candidates
}

func (q *queries) filtered() *filter { return q.list.filter }

// grouped reports whether the screen shows groups.
func (q *queries) grouped() bool { return q.groups != nil && q.inside == nil }

// enter opens a thread, or the threads of a group.
func (q *queries) enter(s *shell) {
	if !q.grouped() {
		openThread(s, *q.list.current())
		return
	}
	key := q.groups.current().key
	q.inside = &key
	q.list.unselect()
	q.arrange()
}

func (q *queries) back() bool {
	switch {
	case q.rows().chosenRow():
		q.rows().unselect()
	case q.visited != nil && q.list.filter != nil:
		q.list.filter = nil
		q.arrange()
	case q.visited != nil:
		return false // the shell goes on with leave
	case q.inside != nil:
		q.inside = nil
		q.arrange()
	case q.groups != nil:
		q.groups = nil
		q.arrange()
	default:
		return false
	}
	return true
}

// group goes on to the next way to put threads together.
func (q *queries) group(s *shell) {
	q.leave()
	switch {
	case q.groups == nil:
		q.by = 0
	case q.by == len(groupings)-1:
		q.groups, q.inside = nil, nil
		q.arrange()
		s.say("no groups")
		return
	default:
		q.by++
	}
	q.inside = nil
	q.groups = newGroupTable(q.e, &groupings[q.by])
	q.arrange()
	s.say("grouped by " + groupings[q.by].name)
}

// toggle shows or hides a class of threads.
func (q *queries) toggle(what *bool, name string) func(*shell) {
	return func(s *shell) {
		*what = !*what
		q.arrange()
		if *what {
			s.say(name + " shown")
		} else {
			s.say(name + " hidden")
		}
	}
}

func (q *queries) keys() []action {
	unselected := func() string {
		if !q.rows().chosenRow() {
			return "no row is selected"
		}
		return ""
	}
	return slices.Concat([]action{
		do("open the thread or the group", q.enter, "enter").footed("open").unless(unselected),
		do("tag or untag the row, for kills of many", q.tag, "space").footed("tag").unless(func() string {
			if q.grouped() {
				return "groups cannot be tagged: Enter shows their threads"
			}
			return unselected()
		}),
		do("take all tags away", func(*shell) { clear(q.list.tags) }, "U").unless(func() string {
			if len(q.list.tags) == 0 {
				return "nothing is tagged"
			}
			return ""
		}),
		do("group by user, host, database, digest, node, not at all", q.group, "b").spare("group"),
		do("show or hide idle clients", q.toggle(&q.showIdle, "idle clients"), "i").spare("idle"),
		do("show or hide the servers' own threads", q.toggle(&q.showSystem, "system threads"), "t").spare("system"),
		do("sort by the next column", func(s *shell) { s.say(q.rows().nextSort()) }, "s").footed("sort"),
		do("reverse the order", func(s *shell) { s.say(q.rows().reverse()) }, "S"),
		do("columns to the right", func(s *shell) { q.scroll(s, 1) }, "right", "l", ">"),
		do("columns to the left", func(s *shell) { q.scroll(s, -1) }, "left", "h", "<"),
	}, moves(q))
}

func (q *queries) tag(*shell) {
	q.list.tag()
	q.list.move(1)
}

func (q *queries) scroll(s *shell, by int) {
	switch {
	case q.rows().scroll(by):
	case by > 0:
		s.say("there are no more columns to the right")
	default:
		s.say("the first columns are there already")
	}
}

// lister is a table of any rows.
type lister interface {
	move(by int) bool
	pick(i int)
	unselect()
	scroll(by int) bool
	nextSort() string
	reverse() string
	extent() (rows, height int)
	chosenRow() bool
}

// rows is the table on the screen.
func (q *queries) rows() lister {
	if q.grouped() {
		return q.groups
	}
	return q.list
}

func (q *queries) move(by int) { q.rows().move(by) }

func (q *queries) page(by int) {
	_, height := q.rows().extent()
	q.move(by * max(1, height-1))
}

func (q *queries) end(last bool) {
	n, _ := q.rows().extent()
	if !last {
		n = 1
	}
	q.rows().pick(n - 1)
}
