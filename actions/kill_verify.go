package actions

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

// batch bounds how many threads one look asks for.
const batch = 200

// verifyKill looks at the killed threads until each is what it should be, the
// patience ends, or somebody cancels.
func verifyKill(ctx context.Context, r *Run, steps []int) {
	deadline := time.NewTimer(r.runner.options.Patience)
	defer deadline.Stop()
	pause := firstLook
	for {
		steps = lookAtKilled(ctx, r, steps)
		if len(steps) == 0 {
			return
		}
		tick := time.NewTimer(pause)
		select {
		case <-tick.C:
		case <-r.cancel:
			tick.Stop()
			return
		case <-deadline.C:
			tick.Stop()
			return
		}
		pause = min(pause*2, lastLook)
	}
}

// lookAtKilled looks at all steps' threads once and returns the steps that are
// still open.
func lookAtKilled(ctx context.Context, r *Run, steps []int) []int {
	byNode := make(map[string][]int)
	var order []string
	for _, i := range steps {
		id := r.plan.Steps[i].Node
		if byNode[id] == nil {
			order = append(order, id)
		}
		byNode[id] = append(byNode[id], i)
	}
	var open []int
	for _, id := range order {
		for all := byNode[id]; len(all) > 0; {
			some := all[:min(len(all), batch)]
			all = all[len(some):]
			open = append(open, lookOnNode(ctx, r, id, some)...)
		}
	}
	return open
}

// killedRows is what a server says of killed threads.
type killedRows struct {
	read    time.Time
	threads map[uint64]*model.Process
	trx     map[uint64]*model.Transaction
	blind   bool // transactions cannot be read
	partial bool // the account sees only its own threads
}

func lookOnNode(ctx context.Context, r *Run, node string, steps []int) (open []int) {
	subject := r.plan.subject.(*killSubject)
	n := r.runner.Latest().Node(node)
	if n == nil || n.Sample == nil {
		return steps
	}
	ids := make([]uint64, len(steps))
	for i, s := range steps {
		ids[i] = subject.targets[r.plan.Steps[s].target].key.Thread
	}
	seen, err := readKilled(ctx, r, n, ids)
	if err != nil {
		for _, s := range steps {
			r.tell(Progress{s, Verifying, "cannot be looked up: " + model.Printable(err.Error(), 200)})
		}
		return steps
	}
	for _, s := range steps {
		t := subject.targets[r.plan.Steps[s].target]
		stage, text := t.judge(subject.kind, seen, r.runner.options.Clock())
		if stage != Verifying {
			r.settle(s, stage, text)
			continue
		}
		r.tell(Progress{s, stage, text})
		open = append(open, s)
		if t.overtaken(subject.kind, seen.threads[t.key.Thread], r.runner.options.Clock()) {
			askAgain(ctx, r, n, s)
		}
	}
	return open
}

// How often and after what time an order to end a statement is given again.
const (
	mostAgain  = 3
	againAfter = time.Second
)

// overtaken reports whether a stored procedure went on to its next statement after
// the server had taken the order to end it. MariaDB forgets an order that comes in
// the moment in which a statement of a procedure ends.
func (t *killTarget) overtaken(kind KillKind, p *model.Process, now time.Time) bool {
	return kind == KillQuery && p != nil && t.again < mostAgain && now.Sub(t.asked) >= againAfter &&
		p.QueryID.Known && p.QueryID != t.killed.QueryID && !committing(strings.ToLower(p.State))
}

// askAgain gives the order once more, after the same look at the thread as before
// the first time. What becomes of it shows at the next look.
func askAgain(ctx context.Context, r *Run, n *model.Node, step int) {
	subject := r.plan.subject.(*killSubject)
	t := subject.targets[r.plan.Steps[step].target]
	l, err := r.links.to(ctx, n)
	if err != nil {
		return
	}
	t.again++
	begin := time.Now()
	k := &killer{run: r, link: l, node: n, kind: subject.kind, target: t}
	o := k.kill(ctx)
	o.stage, o.text = Verifying, "the procedure went on; told once more: "+o.text
	_ = r.record(step, o, time.Since(begin))
}

func readKilled(ctx context.Context, r *Run, n *model.Node, ids []uint64) (*killedRows, error) {
	l, err := r.links.to(ctx, n)
	if err != nil {
		return nil, err
	}
	out := &killedRows{threads: make(map[uint64]*model.Process), trx: make(map[uint64]*model.Transaction)}
	server := l.session.Server()
	out.partial = !server.CanSeeAll
	// Transactions first: a thread that is gone afterwards has none any more.
	found, err := l.transactions(ctx, ids...)
	if l.session == nil {
		return nil, err
	}
	out.blind = err != nil
	for i := range found {
		out.trx[found[i].Thread] = &found[i]
	}
	rows, err := l.threads(ctx, ids...)
	if err != nil {
		return nil, err
	}
	out.read = r.runner.options.Clock()
	for i := range rows {
		out.threads[rows[i].ID] = &rows[i]
	}
	return out, nil
}

// judge says how a killed thread is now.
func (t *killTarget) judge(kind KillKind, seen *killedRows, now time.Time) (Stage, string) {
	after := span(now.Sub(t.asked))
	p, trx := seen.threads[t.key.Thread], seen.trx[t.key.Thread]
	switch {
	case p == nil && trx == nil:
		return Done, "gone after " + after
	case p == nil:
		return Verifying, t.rollingBack(trx, now)
	case kind == KillConnection && p.Command != "Killed" && !sameConnection(p, &t.killed, seen.read, t.asked):
		return Done, "gone after " + after
	case kind == KillQuery && !sameStatement(p, &t.killed, seen.read, t.asked):
		return Done, "its statement ended after " + after + stillOpen(trx)
	}
	return Verifying, t.pending(p, trx, now)
}

// stillOpen tells of the transaction that a killed statement leaves behind.
func stillOpen(trx *model.Transaction) string {
	if trx == nil {
		return "; the connection stays"
	}
	if trx.Modified == 0 {
		return "; the connection stays, and with it a transaction that has changed nothing"
	}
	return fmt.Sprintf("; the connection stays, and its transaction is still open with %s changed and keeps its locks: X ends it", rows(trx.Modified))
}

// pending says why a thread that the server was told to kill is still there.
func (t *killTarget) pending(p *model.Process, trx *model.Transaction, now time.Time) string {
	state := strings.ToLower(p.State)
	switch {
	case trx != nil && (strings.Contains(strings.ToLower(trx.State), "rolling") || strings.Contains(state, "rollback") || t.falls(trx)):
		return t.rollingBack(trx, now)
	case committing(state):
		return "waits: it is being certified or committed (" + p.State + "); the server ends it as soon as that is through, and the commit stands"
	case p.State != "":
		return "the server has the order, the thread has not ended yet (" + p.State + ")"
	}
	return "the server has the order, the thread has not ended yet"
}

// committing reports whether the state is one in which a kill is put off until
// the write-set is certified and committed.
func committing(state string) bool {
	for _, part := range []string{"certif", "commit", "flow control", "replicat"} {
		if strings.Contains(state, part) {
			return true
		}
	}
	return false
}

// falls reports whether the transaction has fewer changed rows than before.
func (t *killTarget) falls(trx *model.Transaction) bool {
	t.most = max(t.most, trx.Modified)
	return trx.Modified < t.most
}

// rollingBack is the progress of a rollback with an estimate of its end.
func (t *killTarget) rollingBack(trx *model.Transaction, now time.Time) string {
	if t.since.IsZero() || trx.Modified > t.left {
		t.since, t.most, t.left = now, max(t.most, trx.Modified), trx.Modified
	}
	done := t.most - trx.Modified
	took := now.Sub(t.since)
	t.left = trx.Modified
	text := "rolls back, " + rows(trx.Modified) + " left"
	if done > 0 && took >= 100*time.Millisecond {
		left := time.Duration(float64(took) * float64(trx.Modified) / float64(done))
		text += ", about " + span(left)
	}
	return text
}
