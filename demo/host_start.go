package demo

import (
	"time"

	"github.com/galeratop/galeratop/model"
)

// load is what a starting provider does before it connects: it reads its saved
// state, and marks it unsafe. It reports whether the server goes on.
func (n *node) load() bool {
	if n.loaded || n.arbitrator {
		return true
	}
	n.loaded = true
	g := n.readGrastate()
	if !n.has(grastateFile) {
		n.warn("WSREP: Could not open state file for reading: '%s'", n.inData("/"+grastateFile))
	}
	n.note("WSREP: Found saved state: %s:%d, safe_to_bootstrap: %d", orNil(g.uuid).s, g.seqno, map[bool]int{true: 1}[g.safe])
	// A position that was recovered counts only for the same history.
	n.blank = g.uuid == "" || g.uuid != n.history
	first := n.first || n.peers() == emptyAddress
	n.note("WSREP: Connecting with bootstrap option: %d", map[bool]int{true: 1}[first])
	if first && !g.safe {
		n.fail("WSREP: It may not be safe to bootstrap the cluster from this node. It was not the last one to leave the cluster " +
			"and may not contain all the updates. To force cluster bootstrap with this node, edit the grastate.dat file manually and " +
			"set safe_to_bootstrap to 1 .")
		n.giveUp()
		return false
	}
	if n.has(gvwstateFile) {
		n.note("WSREP: restore pc from disk successfully")
	} else {
		n.note("WSREP: restore pc from disk failed")
	}
	if first {
		n.note("WSREP: gcomm: bootstrapping new group '%s'", clusterName)
		n.establish()
		n.variables["wsrep_cluster_address"] = n.peers()
		return false
	}
	n.note("WSREP: gcomm: connecting to group '%s', peer '%s'", clusterName, n.peers())
	return true
}

// giveUp ends a server that cannot connect, with its last words. Its saved view
// stays: it has none to put in its place.
func (n *node) giveUp() {
	n.fail("WSREP: wsrep::connect(%s) failed: 7", n.peers())
	n.fail("Aborting")
	n.failed = true
	view, saved := n.disk.files[n.inData(gvwstateFile)]
	n.quit(true)
	if saved {
		n.disk.files[n.inData(gvwstateFile)] = view
	}
}

// establish makes a starting server a Primary Component of one. A saved state
// without a history gets a new one, whatever the tables hold: to all other members
// it is then a stranger.
func (n *node) establish() {
	if n.blank {
		n.history, n.committed, n.donatesFrom, n.rows = n.e.rng.uuid(), 0, 1, n.rows.renamed()
		n.blank = false
	}
	n.life, n.revives = lifeRunning, 0
	n.e.lead(n)
	n.note("WSREP: Synchronized with group, ready for connections")
	n.note("%s: ready for connections.", n.e.face.program)
}

// waitFor is what a server does that finds no Primary Component: with a saved view
// it waits for the members of that, its port shut; without one it gives up.
func (n *node) waitFor() {
	e := n.e
	if n.life == lifeRunning { // it was told to reconnect, which it tries for so long
		if n.wakes = 0; e.now < n.gaveUp {
			n.wakes = e.now + second
		}
		return
	}
	if conf, last := n.savedView(); last != nil && !n.arbitrator {
		n.uuid, n.wakes = n.named(bumped(n.uuid)), 0
		v := &view{conf: conf, seqno: n.committed, last: last, branch: n.rows.newest(), members: []*node{n}}
		v.primary = len(last) == 1 && last[0].node == n
		e.install(v)
		if v.primary {
			n.resume(v.seqno - 1)
		}
		return
	}
	if e.now-n.started >= waitPrimary && !n.arbitrator {
		n.fail("WSREP: failed to open gcomm backend connection: 110: failed to reach primary view\n\t at ./gcomm/src/pc.cpp:connect():160")
		n.fail("WSREP: ./gcs/src/gcs.cpp:gcs_open():1701: Failed to open channel '%s' at '%s': -110 (Connection timed out)", clusterName, n.peers())
		n.fail("WSREP: gcs connect failed: Operation timed out")
		n.giveUp()
		return
	}
	n.wakes = e.now + second
}

// open lets clients in.
func (n *node) open() {
	if n.life == lifeRunning {
		return
	}
	n.life = lifeRunning
	n.fillThreads()
	n.note("%s: ready for connections.", n.e.face.program)
}

// ahead reports whether a node holds write-sets of the group's history that the
// group does not: it must not join.
func (n *node) ahead(history string, group int64) bool {
	return n.life == lifeStarting && !n.blank && n.history == history && n.committed > group
}

// reverse ends a server that is ahead of its group.
func (n *node) reverse(group int64) {
	n.e.say(n.name + ": is ahead of the group (reversing history) and aborts")
	n.fail("WSREP: Reversing history: %d -> %d, this member has applied %d more events than the primary component."+
		"Data loss is possible. Must abort.", n.committed, group, n.committed-group)
	n.failed = true
	n.quit(true)
}

// votedOut is what the log says, and the disk keeps, of a member that the others
// found inconsistent.
func (n *node) votedOut(seqno int64) {
	n.fail("Slave SQL: Could not execute Update_rows_v1 event on table inventory.stock; Can't find record in 'stock', Error_code: 1032; " +
		"handler error HA_ERR_KEY_NOT_FOUND; the event's master log FIRST, end_log_pos 231, Internal MariaDB error code: 1032")
	n.fail("WSREP: Inconsistency detected: Inconsistent by consensus on %s:%d\n\t at ./galera/src/replicator_smm.cpp:process_apply_error():1471", n.history, seqno)
	n.beneath = n.keep()
	g := n.readGrastate()
	n.writeGrastate(grastate{"", -1, g.safe})
}

// named remembers who has a gcomm UUID.
func (n *node) named(uuid string) string {
	n.e.known[uuid] = n
	return uuid
}

// audit votes a member out whose rows differ, once one of the writes has met a row
// that is missing. The smaller part loses.
func (e *engine) audit() {
	for _, v := range e.views {
		if !v.primary || v.frozen || v.trouble > 0 {
			continue
		}
		for _, n := range v.members {
			if n.arbitrator || n.state != model.StateSynced || e.agreeing(v, n)*2 >= e.data(v) {
				n.parted = 0
				continue
			}
			if n.parted == 0 {
				n.parted = e.now
			}
			if e.now-n.parted >= partedFor && e.pace > 0 {
				n.parted = 0
				e.voteOut(n)
				return
			}
		}
	}
}

// partedFor is how long a diverged node lives in a group without a failure: most
// writes touch rows that are equal everywhere.
const partedFor = 5 * time.Minute

func (e *engine) data(v *view) (count int) {
	for _, m := range v.members {
		if !m.arbitrator {
			count++
		}
	}
	return count
}

func (e *engine) agreeing(v *view, n *node) (count int) {
	for _, m := range v.members {
		if !m.arbitrator && n.same(m) {
			count++
		}
	}
	return count
}
