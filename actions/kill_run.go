package actions

import (
	"context"
	"fmt"
	"time"

	"github.com/galeratop/galeratop/collector"
	"github.com/galeratop/galeratop/model"
)

// Errors with which servers answer KILL.
const (
	errNoThread    = 1094 // ER_NO_SUCH_THREAD
	errKillDenied  = 1095 // ER_KILL_DENIED_ERROR
	errInterrupted = 1317 // ER_QUERY_INTERRUPTED
	errNoQuery     = 1957 // ER_NO_SUCH_QUERY, MariaDB
	errQueryDenied = 1979 // ER_KILL_QUERY_DENIED_ERROR, MariaDB: 1095 for KILL QUERY ID
	errNotReady    = 1047 // ER_UNKNOWN_COM_ERROR: "WSREP has not yet prepared node for application use"
)

// attempts is how often a statement's query id is looked up and killed anew: a
// stored procedure goes from one to the next in the meantime.
const attempts = 20

// executeKill runs one step of a kill.
func executeKill(ctx context.Context, r *Run, step int) outcome {
	st := &r.plan.Steps[step]
	subject := r.plan.subject.(*killSubject)
	n := r.runner.Latest().Node(st.Node)
	if n == nil || n.Sample == nil {
		return outcome{stage: Stopped, text: st.Name + " is not known any more"}
	}
	l, err := r.links.to(ctx, n)
	if err != nil {
		return outcome{stage: Wrong, text: "not killed: " + err.Error()}
	}
	if st.target < 0 {
		return l.ready(ctx, st.Text)
	}
	k := &killer{run: r, link: l, node: n, kind: subject.kind, target: subject.targets[st.target]}
	return k.kill(ctx)
}

// ready runs a statement that prepares the session.
func (l *link) ready(ctx context.Context, sql string) outcome {
	if err := l.exec(ctx, sql); err != nil {
		return outcome{stage: Wrong, text: model.Printable(err.Error(), 300), ran: []string{sql}}
	}
	l.setup = append(l.setup, sql)
	return outcome{stage: Done, ran: []string{sql}}
}

// killer ends one thread.
type killer struct {
	run    *Run
	link   *link
	node   *model.Node
	kind   KillKind
	target *killTarget
	ran    []string
}

// kill reads the row, and if it still shows what was chosen, kills it. Both go
// over the same connection, so that it is the same server.
func (k *killer) kill(ctx context.Context) outcome {
	for attempt := range attempts {
		if o, ok := k.look(ctx); !ok {
			return o
		}
		sql := killText(k.kind, k.node, &k.target.killed)
		if attempt == attempts-1 && k.kind == KillQuery {
			// It has been the same statement all the time, with query ids that do not
			// last: inside a stored procedure. The thread's id is all that is left.
			sql = fmt.Sprintf("KILL QUERY %d", k.target.killed.ID)
		}
		k.ran = append(k.ran, sql)
		k.target.asked = k.run.runner.options.Clock()
		err := k.link.exec(ctx, sql)
		code, text, answered := collector.ServerError(err)
		switch {
		case err == nil:
			return k.out(Verifying, "the server has taken the order")
		case !answered:
			return k.out(Verifying, "the connection broke before the server answered; whether it took the order is looked up")
		case code == errNoQuery:
			continue
		}
		return k.refused(code, text)
	}
	return k.out(Wrong, "not killed")
}

func (k *killer) out(stage Stage, text string) outcome {
	return outcome{stage: stage, text: text, ran: k.sent()}
}

// sent are the statements, of many only the last ones.
func (k *killer) sent() []string {
	return k.ran[max(0, len(k.ran)-3):]
}

// look reads the thread's row again; ok is false when it is not to be killed.
func (k *killer) look(ctx context.Context) (outcome, bool) {
	found, err := k.link.threads(ctx, k.target.key.Thread)
	if err != nil {
		return k.out(Wrong, "not killed: its row could not be read again: "+model.Printable(err.Error(), 300)), false
	}
	if len(found) == 0 {
		return k.gone(), false
	}
	now := &found[0]
	if reason := k.target.unlike(k.kind, now, k.run.runner.options.Clock()); reason != "" {
		if len(k.ran) > 0 && k.kind == KillQuery {
			return k.out(Done, "its statement ended by itself"), false
		}
		return k.out(Stopped, "not killed: "+reason), false
	}
	// What this console's own connections are is known now, not at the last sample.
	sample := *k.node.Sample
	sample.Processes.Own = k.link.session.Own()
	if reason := model.Protected(now, &sample); reason != "" {
		return k.out(Stopped, "not killed: "+reason), false
	}
	k.target.killed = *now
	return outcome{}, true
}

// gone is the outcome for a thread that is not there. An account that sees only
// its own threads cannot know.
func (k *killer) gone() outcome {
	if server := k.link.session.Server(); !server.CanSeeAll {
		return k.out(Stopped, "not killed: the thread is not to be seen; the account lacks PROCESS on "+k.node.Name)
	}
	return k.out(Done, "gone already: its connection had ended before")
}

// refused is the outcome of a KILL that the server did not take.
func (k *killer) refused(code uint16, text string) outcome {
	switch code {
	case errNoThread:
		return k.gone()
	case errKillDenied, errQueryDenied:
		return k.out(Wrong, denied(&k.node.Sample.Server, code, text))
	case errInterrupted:
		return k.out(Wrong, "not killed: somebody killed this console's own statement (error 1317)")
	case errNotReady:
		return k.out(Wrong, fmt.Sprintf("not killed: %s is not ready and refuses KILL (error 1047); look again, then try again", k.node.Name))
	}
	return k.out(Wrong, fmt.Sprintf("not killed: error %d: %s", code, text))
}

// give is how long the verifier waits between two looks, at first and at most.
const (
	firstLook = 20 * time.Millisecond
	lastLook  = 500 * time.Millisecond
)
