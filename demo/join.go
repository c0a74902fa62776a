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
	e := n.e
	i := slices.IndexFunc(e.views, func(v *view) bool {
		return v.primary && !v.frozen && v.trouble == 0 && slices.ContainsFunc(v.members, n.reaches)
	})
	if i < 0 {
		n.wakes = e.now + time.Second
		return
	}
	v := e.views[i]
	if v.onlyArbitrators() && !n.arbitrator {
		e.say(n.name + ": aborts (Group requested repl_proto_ver: 127): its peer is an arbitrator alone")
		n.quit(true)
		return
	}
	n.uuid = e.rng.uuid()
	was := v.seqno
	n.state = model.StateJoining
	e.install(&view{
		primary: true, conf: v.conf + 1, seqno: v.seqno, last: v.last,
		members: append(slices.Clone(v.members), n),
	})
	if n.arbitrator {
		n.life, n.state = lifeRunning, model.StateSynced
		n.token()
		return
	}
	if n.history == v.history && n.committed > was {
		n.e.say(n.name + ": is ahead of the group (reversing history) and aborts")
		n.quit(true)
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
	case n.committed+n.queue >= group:
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
		n.queue, n.committed = 0, position // what was ordered before is applied first
	}
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
		return n.history == d.history && istServes(j.from, d.donatesFrom, v.seqno, lowest)
	})
	j.sst = i < 0
	if j.sst {
		// A running server cannot take a physical copy: it ends.
		if n.life == lifeRunning {
			n.e.say(n.name + ": needs a full state transfer and aborts, it must be restarted")
			n.quit(true)
			return
		}
		i = n.preferred(donors)
	}
	j.donor, j.began = donors[i], n.e.now
	j.donor.donating++
	j.donor.state, j.donor.requested = model.StateDonor, false
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
	}
	switch j := n.join; {
	case j == nil:
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
		n.joined()
	case !j.sst && since >= istSetup:
		n.life = lifeRunning // the port opens while write-sets still come
		n.fillThreads()
		j.at = min(j.at+istRate*stepTime.Seconds(), float64(j.to))
		if n.committed = int64(j.at); n.committed == j.to {
			n.joined()
		}
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
		n.quit(true)
	}
}

func (n *node) joined() {
	j := n.join
	n.join, n.committed, n.state, n.life = nil, j.to, model.StateJoined, lifeRunning
	n.fillThreads()
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
		n.history, n.committed = "", -1 // a half written copy is worth nothing
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
