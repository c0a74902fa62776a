package ui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

// never is the time beyond which a queue counts as one that does not empty.
const never = 7 * 24 * time.Hour

// mostCulprits is how many nodes are explained; the others are named.
const mostCulprits = 2

// culprits says who holds the group up and what it is doing.
func (p *flowControl) culprits(width, height int) []string {
	e := p.e
	if len(p.brakes) > 0 {
		note := e.g.sends + " " + strings.Join(rowNames(p.brakes), ", ")
		return append([]string{rule(e, width, "Who holds the group up", "", note, e.st.crit)}, e.explained(p.brakes, width, height)...)
	}
	lines := p.nobody(width)
	if len(p.behind) == 0 {
		return lines
	}
	note := strings.Join(rowNames(p.behind), ", ")
	lines = append(lines, rule(e, width, "Who falls behind", "without slowing the others", note, e.st.warn))
	return append(lines, e.explained(p.behind, width, height)...)
}

func rowNames(rows []flowRow) []string {
	names := make([]string, len(rows))
	for i := range rows {
		names[i] = rows[i].Name
	}
	return names
}

// explained explains the first nodes of a list.
func (e *env) explained(rows []flowRow, width, height int) []string {
	var lines []string
	for i := range rows[:min(len(rows), mostCulprits)] {
		if i > 0 && height >= roomy {
			lines = append(lines, newLine(e.g, width).String())
		}
		lines = append(lines, e.culprit(&rows[i], width)...)
	}
	return lines
}

// nobody is what is said when no node is known to be the brake.
func (p *flowControl) nobody(width int) []string {
	e, share := p.e, p.paused()
	text, st := "Nobody: no node asks the group to pause, and writers were not held in the last "+duration(e.snap.Interval)+".", e.st.ok
	switch {
	case !share.Known:
		text, st = "Unknown: no node that answers says whether writers are held.", e.st.warn
	case share.V >= pausedWarn:
		text, st = "Writers are held, and no node that answers is seen to ask for it.", e.st.crit
		if silent := e.silentMembers(); len(silent) > 0 {
			text += " " + strings.Join(silent, ", ") + " is a member and does not answer: look there first."
		} else {
			text += " A member that is not seen from here may ask, or one that asked is stuck."
		}
	case share.V > 0:
		text, st = "Nobody now: writers were held for "+percent(share)+" of the last interval, too little to look for a reason.", e.st.text
	}
	parts := prose(text, width-2)
	lines := make([]string, 0, len(parts)+1)
	lines = append(lines, rule(e, width, "Who holds the group up", "", "", ""))
	for _, part := range parts {
		lines = append(lines, newLine(e.g, width).to(1).put(st, part).String())
	}
	return lines
}

// silentMembers are the nodes that the group lists and that do not answer.
func (e *env) silentMembers() []string {
	var names []string
	for _, n := range e.snap.Nodes {
		if n.Listed && !n.Up() {
			names = append(names, n.Name)
		}
	}
	return names
}

// culprit says in words how a node holds the group up and why, and shows the
// statements that matter.
func (e *env) culprit(n *flowRow, width int) []string {
	var lines []string
	name := min(cells(n.Name), width/3)
	for i, part := range prose(e.accuse(n), width-name-5) {
		l := newLine(e.g, width).to(1)
		if i == 0 {
			symbol, st := e.g.sends, e.st.crit
			if n.flow.Brake == "" {
				symbol, st = n.cond.symbol, n.cond.st
			}
			l.put(st, symbol).fill("", " ", 1).clip(e.st.accent, n.Name, name)
		}
		lines = append(lines, l.to(name+4).put(e.st.text, part).String())
	}
	lines = append(lines, e.threadLines("likely holder:", n, n.flow.Holder, width)...)
	runs := n.flow.Runs
	if p := n.thread(runs); p == nil || waitsForGroup(p) {
		// What waits for the group is its victim, not its brake.
		runs = 0
		if p = longest(n.Node); p != nil {
			runs = p.ID
		}
	}
	if runs != n.flow.Holder {
		lines = append(lines, e.threadLines("runs:", n, runs, width)...)
	}
	return lines
}

// thread is a thread of the node, nil when there is none of the number.
func (n *flowRow) thread(id uint64) *model.Process {
	if n.Sample == nil || id == 0 {
		return nil
	}
	for i := range n.Sample.Processes.Rows {
		if p := &n.Sample.Processes.Rows[i]; p.ID == id {
			return p
		}
	}
	return nil
}

// groupWaits are the states of clients that wait until the group goes on.
var groupWaits = []string{"Waiting for flow control", "Waiting for certification", "Waiting for TOI DDL"}

func waitsForGroup(p *model.Process) bool {
	return slices.ContainsFunc(groupWaits, func(state string) bool { return strings.HasPrefix(p.State, state) })
}

// longest is the client's statement that runs for the longest time and does not
// wait for the group.
func longest(n *model.Node) *model.Process {
	if n.Sample == nil {
		return nil
	}
	var found *model.Process
	for i := range n.Sample.Processes.Rows {
		if p := &n.Sample.Processes.Rows[i]; p.Active() && !waitsForGroup(p) && (found == nil || p.Time > found.Time) {
			found = p
		}
	}
	return found
}

// accuse is the sentences about a brake: how it is known, why, until when.
func (e *env) accuse(n *flowRow) string {
	f := &n.flow
	text := string(f.Brake)
	switch f.Brake {
	case model.BrakeQueue:
		text = "has its " + text
	case "":
		text = "does not ask for a pause"
	}
	text += ": " + count(f.Queue) + " write-sets wait there"
	if f.Limit.Known {
		text += ", its limit is " + short(f.Limit.V)
	}
	text += ". "
	if why := e.reason(n); why != "" {
		text += why + ". "
	}
	switch t := f.Trend; {
	case f.Queue.V == 0:
	case t.Empty.Known && t.Empty.V < never.Seconds():
		text += "The queue will be empty in " + duration(seconds(t.Empty.V)) + " at these rates."
	case t.Growth.Known && t.Growth.V >= 0.05:
		text += "The queue grows by " + short(t.Growth.V) + "/s: at these rates it never empties."
	case t.Growth.Known:
		text += "The queue neither grows nor shrinks."
	}
	return text
}

// reason says why a node applies more slowly than the group writes.
func (e *env) reason(n *flowRow) string {
	f := &n.flow
	switch f.Reason {
	case model.BecauseLock:
		text := "Its appliers wait for a lock that a client holds on this node"
		if f.Holder != 0 {
			text += ", most likely thread " + strconv.FormatUint(f.Holder, 10)
		}
		return text
	case model.BecauseDDL:
		return "A schema change runs there, and every write-set behind it waits"
	case model.BecauseHuge:
		return "Nothing was applied for " + duration(f.Trend.Frozen) + ": one huge write-set is the likely reason"
	case model.BecauseAppliers:
		return fmt.Sprintf("It applies with %s thread, where %s could work side by side", count(f.Appliers), short(f.Parallel.V))
	case model.BecauseSlow:
		text := "It applies more slowly than the group writes"
		if a := n.applied(); a.Known {
			text += ", " + short(a.V) + " write-sets/s"
		}
		return text
	}
	return ""
}

// statementLines is how many lines a culprit's statement may take.
const statementLines = 3

// threadLines shows a thread of a node: who it is, for how long, its statement.
func (e *env) threadLines(role string, n *flowRow, id uint64, width int) []string {
	p := n.thread(id)
	if p == nil {
		return nil
	}
	indent := min(cells(n.Name), width/3) + 4
	l := newLine(e.g, width).to(indent).put(e.st.dim, role+" ").put(e.st.text, "thread "+strconv.FormatUint(id, 10))
	l.put(e.st.dim, ", ").put(e.patience(p.Time), duration(p.Time)).put(e.st.dim, ", ").put(e.st.text, e.client(p))
	if state := stage(e, &busyRow{node: n.Node, Process: p}); state != "" {
		l.put(e.st.dim, ", "+state)
	}
	lines := []string{l.String()}
	if p.Query != "" {
		for _, part := range wrap(strings.TrimSpace(e.query(p.Query)), width-indent-2, statementLines) {
			lines = append(lines, newLine(e.g, width).to(indent+2).put(e.st.accent, part).String())
		}
	}
	return lines
}

// client is who a thread works for.
func (e *env) client(p *model.Process) string {
	switch {
	case p.System():
		return "an applier or another thread of the server"
	case p.Host == "":
		return e.user(p.User)
	case p.Idle():
		return "asleep, " + e.user(p.User) + " from " + e.host(p.Host)
	}
	return e.user(p.User) + " from " + e.host(p.Host)
}
