package demo

import (
	"slices"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

const (
	istRate  = 600              // write-sets a second
	sstTime  = 20 * time.Second // of a full state transfer
	istSetup = 2 * time.Second  // before the first write-set comes
)

// join is a state transfer in progress.
type join struct {
	sst      bool
	donor    *node
	from, to int64 // seqnos that IST brings
	at       float64
	began    time.Duration
	said     time.Duration // when the log last told of progress
	stalled  bool          // nothing comes any more
}

// istServes reports whether a donor can bring a joiner at position s up to date
// from its gcache: it still holds s+1, and s is far enough above the lowest
// write-set that anyone holds (galera gcs_group.cpp, group_find_ist_donor).
func istServes(position, cachedDownto, group, lowest int64) bool {
	margin := min((group-lowest)/128, 1<<20)
	return cachedDownto <= position+1 && position >= lowest+margin
}

// connect brings a starting node to the group. Without a Primary Component in
// reach it keeps waiting with its SQL port closed.
func (n *node) connect() {
	if !n.load() {
		return
	}
	e := n.e
	i := slices.IndexFunc(e.views, func(v *view) bool {
		return v.primary && !v.frozen && v.trouble == 0 && slices.ContainsFunc(v.members, n.reaches)
	})
	if i < 0 {
		n.waitFor()
		return
	}
	v := e.views[i]
	if v.onlyArbitrators() && !n.arbitrator {
		e.say(n.name + ": aborts (Group requested repl_proto_ver: 127): its peer is an arbitrator alone")
		n.fail("WSREP: Group requested repl_proto_ver: 127, while max supported: 11. Upgrade the node before joining this group. Need to abort.")
		n.failed = true
		n.quit(true)
		return
	}
	n.uuid, n.outcast = n.named(e.rng.uuid()), false
	was := v.seqno
	n.state, n.wakes = model.StateJoining, 0
	e.install(&view{
		primary: true, conf: v.conf + 1, seqno: v.seqno, last: v.last, branch: v.branch,
		members: append(slices.Clone(v.members), n),
	})
	if n.arbitrator {
		n.life, n.state = lifeRunning, model.StateSynced
		n.token()
		return
	}
	if n.ahead(v.history, was) {
		n.reverse(was)
		return
	}
	n.request(was)
}

// resume is what a node does that finds itself in a Primary Component again
// while its process ran on.
func (n *node) resume(group int64) {
	switch {
	case n.arbitrator:
		n.state = model.StateSynced
	case n.ahead(n.view.history, group):
		n.reverse(group)
	case n.committed+n.queue >= group && !n.blank && n.history == n.view.history:
		n.open()
		n.state = model.StateJoined
		if n.desynced {
			n.state = model.StateDonor
		}
	default:
		n.state = model.StateJoining
		n.request(group)
	}
}

// request picks a donor and the kind of transfer.
func (n *node) request(group int64) {
	position := n.committed + n.queue
	if n.life == lifeRunning {
		n.drain()
	}
	n.note("WSREP: State transfer required:\n\tGroup state: %s:%d\n\tLocal state: %s", n.view.history, group, n.claim())
	n.join = &join{from: position, to: group, at: float64(position), began: n.e.now}
	n.choose()
}

// choose finds a donor among the Synced members; without one the request is
// repeated.
func (n *node) choose() {
	j, v := n.join, n.view
	var donors []*node
	lowest := v.seqno
	for _, m := range v.members {
		if m != n && !m.arbitrator {
			lowest = min(lowest, m.donatesFrom)
			if m.state == model.StateSynced {
				donors = append(donors, m)
			}
		}
	}
	if len(donors) == 0 {
		return
	}
	i := slices.IndexFunc(donors, func(d *node) bool {
		return !n.blank && n.history == d.history && istServes(j.from, d.donatesFrom, v.seqno, lowest)
	})
	j.sst = i < 0
	if j.sst {
		// A running server cannot take a physical copy: it ends.
		if n.life == lifeRunning {
			n.e.say(n.name + ": needs a full state transfer and aborts, it must be restarted")
			n.fail("WSREP: Need state transfer by SST, which a running server cannot take. Will abort.")
			n.failed = true
			n.quit(true)
			return
		}
		i = n.preferred(donors)
	}
	j.donor, j.began = donors[i], n.e.now
	j.donor.donating++
	j.donor.state, j.donor.requested = model.StateDonor, false
	n.began(j)
	if n.life == lifeStarting && !j.sst {
		n.e.say(n.name + ": receives missing write-sets (IST) from " + j.donor.name)
	} else if j.sst {
		n.e.say(n.name + ": receives a full copy (SST) from " + j.donor.name)
	}
}

// transfer advances a state transfer and the way from Joined to Synced.
func (n *node) transfer() {
	if !n.alive() || n.view == nil || !n.view.primary {
		return
	}
	if n.state == model.StateJoined && n.queue <= 2 && n.view.trouble == 0 {
		n.state = model.StateSynced
		n.note("WSREP: Shifting JOINED -> SYNCED (TO: %d)", n.view.seqno)
		n.note("WSREP: Synchronized with group, ready for connections")
	}
	switch j := n.join; {
	case j == nil, j.stalled:
	case n.arbitrator:
		n.takeToken(j)
	case j.donor == nil:
		n.choose()
	case !j.donor.reaches(n) || j.donor.view != n.view:
		n.lostDonor()
	default:
		n.receive(j)
	}
}

// receive takes what the donor sends: a full copy, or write-sets.
func (n *node) receive(j *join) {
	since := n.e.now - j.began
	switch {
	case j.sst && since >= n.e.sst:
		n.history, n.donatesFrom = j.donor.history, j.to+1
		n.rows = j.donor.rows.until(j.to)
		n.installed(j)
		n.joined()
	case !j.sst && since >= istSetup:
		n.open() // the port opens while write-sets still come
		was := n.committed
		j.at = min(j.at+istRate*stepTime.Seconds(), float64(j.to))
		n.committed = int64(j.at)
		n.rows = n.rows.graft(was, j.donor.rows, n.committed)
		n.progress(j)
		if n.committed == j.to {
			n.joined()
		}
	case j.sst:
		n.progress(j)
	}
}

// lostDonor repeats a request; a half copied SST ends the joiner.
func (n *node) lostDonor() {
	j := n.join
	if j.donor.donating > 0 {
		j.donor.release()
	}
	j.donor = nil
	if j.sst {
		n.e.say(n.name + ": lost its donor and aborts")
		n.fail("WSREP: SST failed: 2 (No such file or directory)")
		n.failed = true
		n.quit(true)
	}
}

func (n *node) joined() {
	j := n.join
	n.join, n.committed, n.state = nil, j.to, model.StateJoined
	n.open()
	n.writeGrastate(grastate{n.history, -1, false})
	n.note("WSREP: Shifting JOINER -> JOINED (TO: %d)", n.view.seqno)
	j.donor.release()
}

// release ends one reason to be a donor.
func (n *node) release() {
	n.donating = max(n.donating-1, 0)
	if n.state == model.StateDonor && n.desyncCount() == 0 {
		n.state = model.StateJoined
	}
}

// quit ends the process, with a goodbye to the group or (crashed) an abort,
// which the group is told of as well.
func (n *node) quit(crashed bool) {
	n.settleAccounts()
	n.leaveOnDisk(!crashed)
	n.logLeave(crashed)
	n.e.leave(n)
	n.end(crashed)
}

// settleAccounts makes what was ordered but not yet applied the position that
// a recovery would find, and frees the donor.
func (n *node) settleAccounts() {
	if n.join != nil && n.join.donor != nil {
		n.join.donor.release()
	}
	if n.join != nil && n.join.sst {
		n.interrupted()
	}
	n.queue = 0
}

// preferred is the index of the donor that wsrep_sst_donor names, or else any.
func (n *node) preferred(donors []*node) int {
	for name := range strings.SplitSeq(n.variables["wsrep_sst_donor"], ",") {
		if i := slices.IndexFunc(donors, func(d *node) bool { return d.name == name }); i >= 0 {
			return i
		}
	}
	return n.index % len(donors)
}

// token makes a member a donor for a moment: an arbitrator that joins asks for a
// state transfer like everyone, but needs no data.
func (n *node) token() {
	i := slices.IndexFunc(n.view.members, func(m *node) bool { return m.state == model.StateSynced && !m.arbitrator })
	if i < 0 {
		return
	}
	d := n.view.members[i]
	d.donating++
	d.state, d.requested = model.StateDonor, false
	n.join = &join{donor: d, began: n.e.now}
}

func (n *node) takeToken(j *join) {
	if n.e.now-j.began >= time.Second {
		n.join = nil
		j.donor.release()
	}
}
