package demo

import (
	"fmt"
	"strings"
	"time"
)

// logLine is one line of an error log; both formats are made of it when it is read.
type logLine struct {
	at    time.Time
	level string
	text  string
}

// keptLines bounds an error log.
const keptLines = 400

// note, warn and fail add to the node's error log what the provider writes there.
func (n *node) note(format string, args ...any) { n.log("Note", format, args...) }

func (n *node) warn(format string, args ...any) { n.log("Warning", format, args...) }

func (n *node) fail(format string, args ...any) { n.log("ERROR", format, args...) }

func (n *node) log(level, format string, args ...any) {
	d := n.disk
	if d.log = append(d.log, logLine{n.e.clock(), level, fmt.Sprintf(format, args...)}); len(d.log) > keptLines {
		d.log = append(d.log[:0], d.log[len(d.log)-keptLines/2:]...)
	}
}

// errorLogText is the error log as it is on disk.
func (n *node) errorLogText() string {
	var b strings.Builder
	for _, l := range n.disk.log {
		b.WriteString(n.e.face.logLine(l))
	}
	return b.String()
}

func (f *face) logLine(l logLine) string {
	at := l.at.UTC()
	if f.flavour == pxc {
		part, text, wsrep := "Server", l.text, strings.HasPrefix(l.text, "WSREP: ")
		if wsrep {
			part, text = "WSREP", strings.TrimPrefix(l.text, "WSREP: ")
		}
		return fmt.Sprintf("%s 0 [%s] [MY-000000] [%s] %s\n", at.Format("2006-01-02T15:04:05.000000Z"), l.level, part, text)
	}
	return fmt.Sprintf("%s %2d:%02d:%02d 0 [%s] %s\n", at.Format("2006-01-02"), at.Hour(), at.Minute(), at.Second(), l.level, l.text)
}

// shortUUID is a UUID as the group's messages abbreviate it.
func shortUUID(uuid string) string {
	if groups := strings.Split(uuid, "-"); len(groups) == 5 {
		return groups[0] + "-" + groups[3]
	}
	return uuid
}

// logView is what a member writes of a new view.
func (n *node) logView(v *view) {
	kind := "NON_PRIM"
	if v.primary {
		kind = "PRIM"
	}
	var b strings.Builder
	for _, m := range v.members {
		b.WriteString("\t" + shortUUID(m.uuid) + ",0\n")
	}
	n.note("WSREP: view(view_id(%s,%s,%d) memb {\n%s} joined {\n} left {\n} partitioned {\n})", kind, shortUUID(v.members[0].uuid), v.conf, b.String())
	if !v.primary {
		n.note("WSREP: New COMPONENT: primary = no, bootstrap = no, my_idx = %d, memb_num = %d", n.index1, len(v.members))
		n.note("WSREP: Received NON-PRIMARY.")
		return
	}
	n.note("WSREP: save pc into disk")
	n.note("WSREP: New COMPONENT: primary = yes, bootstrap = no, my_idx = %d, memb_num = %d", n.index1, len(v.members))
}

func (n *node) logStart() {
	n.note("Starting %s as process %d", n.e.face.banner, n.pid())
	n.note("WSREP: Loading provider %s initial position: %s", n.e.face.variable("wsrep_provider").initial(n), n.position())
	n.note("WSREP: wsrep_load(): Galera %s by Codership Oy <info@codership.com> loaded successfully.", n.e.face.provider)
}

// logLeave is what a server writes when it ends by itself.
func (n *node) logLeave(aborted bool) {
	if aborted {
		n.note("WSREP: %s: Terminated.", n.e.face.program)
		return
	}
	n.note("%s (initiated by: unknown): Normal shutdown", n.e.face.program)
	n.note("WSREP: Shutdown replication")
	n.note("WSREP: Shifting OPEN -> CLOSED (TO: %d)", n.committed)
	n.note("%s: Shutdown complete", n.e.face.program)
}

// position is what a recovery finds in the tables.
func (n *node) position() string {
	if n.history == "" {
		return nilUUID + ":-1"
	}
	return fmt.Sprintf("%s:%d", n.history, n.committed)
}
