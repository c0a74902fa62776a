package actions

import (
	"errors"
	"time"
)

// WatchLog is what the audit log is told of one watch rule: that it was armed,
// with what its preview found, and why it was disarmed.
type WatchLog struct {
	audit  *Audit
	clock  func() time.Time
	refuse string
	line   auditLine
}

// auditWatch is a watch rule in the audit log.
type auditWatch struct {
	Rule    string        `json:"rule"` // as typed by whoever armed it
	Watched time.Duration `json:"watched_ns"`
	Looks   int           `json:"looks"`
	// Total is what it would have killed in its preview, Would the newest of them;
	// once it is disarmed Total is what it ordered to be killed.
	Total int        `json:"total"`
	Would []auditHit `json:"would_have_killed,omitempty"`
	Why   string     `json:"why,omitempty"` // it was disarmed
}

// auditHit is a thread to which a rule applied.
type auditHit struct {
	At     time.Time     `json:"time"` // of the snapshot that showed it
	Node   string        `json:"node"`
	Thread uint64        `json:"thread"`
	About  string        `json:"about"`
	Time   time.Duration `json:"in_statement_ns"`
}

// hitsLogged is how many threads of a preview the audit log names.
const hitsLogged = 50

// LogWatch prepares the lines about a rule that is to be armed by a plan. It
// takes what it needs of the rule now and writes nothing.
func (r *Runner) LogWatch(p *Plan, w *Watch) *WatchLog {
	out := &WatchLog{audit: r.options.Audit, clock: r.options.Clock, refuse: p.Refuse()}
	if r.options.Session.ReadOnly {
		out.refuse = readOnly
	}
	out.line = auditLine{Version: AuditVersion, Run: token(), Cluster: p.Cluster, Action: p.Action, Plan: planned(p, p.tick)}
	out.line.Watch = &auditWatch{Rule: w.Rule.Text, Watched: w.Watched(), Looks: w.Looks, Total: w.Total}
	for i := max(0, len(w.Hits)-hitsLogged); i < len(w.Hits); i++ {
		h := &w.Hits[i]
		out.line.Watch.Would = append(out.line.Watch.Would, auditHit{
			At: h.At, Node: h.Thread.Node.Name, Thread: h.Thread.ID, About: about(h.Thread.Process), Time: h.Thread.Time,
		})
	}
	return out
}

// Name is the same in all lines about the rule, and in the plans of its kills.
func (l *WatchLog) Name() string { return l.line.Run }

// Armed writes that the rule is armed, and what it would have killed so far. With
// an error it must not be armed.
func (l *WatchLog) Armed() error {
	switch {
	case l.refuse != "":
		return errors.New(l.refuse)
	case l.audit == nil:
		return errors.New("there is no audit log, and nothing is done without one")
	}
	line := l.line
	line.At, line.Event = l.clock(), "armed"
	return l.audit.write(&line)
}

// Disarmed writes that the rule kills no more, why, and how many kills it
// ordered.
func (l *WatchLog) Disarmed(why string, ordered int) error {
	line := l.line
	line.At, line.Event, line.Plan = l.clock(), "disarmed", nil
	line.Watch = &auditWatch{Rule: l.line.Watch.Rule, Watched: l.line.Watch.Watched, Looks: l.line.Watch.Looks, Total: ordered, Why: why}
	return l.audit.write(&line)
}
