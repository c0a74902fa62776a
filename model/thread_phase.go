package model

import "slices"

// Phase is where a thread is on a write-set's way from its client's statement
// into the data of a node.
type Phase uint8

// The phases, in the order of a write-set's way.
const (
	PhaseNone Phase = iota // nothing that has to do with replication, as far as the state tells
	PhaseIsolation
	PhaseTOI
	PhaseFlow
	PhaseReplicating
	PhaseCertifying
	PhaseCommitting
	PhaseReplaying
	PhaseRollingBack
	PhaseApplying
	PhaseApplied
	PhaseStandby
	PhaseLocked // an applier, by a client's lock
)

var phaseWords = [...]string{
	"", "waits for its turn in TOI", "waits for a TOI statement", "held by flow control", "sending write-set",
	"certifying", "committing", "replaying", "rolling back", "applying", "applied", "waits for work",
	"waits for a client's lock",
}

// String is the phase in words, "" for none.
func (p Phase) String() string { return phaseWords[p] }

// phases translate the states that servers show, MariaDB's first, then PXC's and
// MySQL's; the first whose text is in the state, case aside, is taken. Numbers
// of write-sets stand within or behind them. The source is the servers' stage
// names (PSI_stage_info) and what they set by hand around the provider's calls.
var phases = []struct {
	text   string
	phase  Phase
	system bool // only of the server's own threads
}{
	{text: "waiting for flow control", phase: PhaseFlow},
	{text: "wsrep: initiating replication for write set", phase: PhaseReplicating},
	{text: "waiting for toi", phase: PhaseTOI},
	{text: "waiting to execute in isolation", phase: PhaseIsolation},
	{text: "wsrep: initiating toi", phase: PhaseIsolation},
	{text: "wsrep: toi", phase: PhaseIsolation},
	{text: "waiting for certification", phase: PhaseCertifying},
	{text: "replicating and certifying write set", phase: PhaseCertifying},
	{text: "wsrep: in pre-commit stage", phase: PhaseCertifying},
	{text: "wsrep: initiating pre-commit", phase: PhaseReplicating},
	{text: "replicating commit", phase: PhaseReplicating},
	{text: "pre-commit/certification passed", phase: PhaseCommitting},
	{text: "wsrep: preparing for commit", phase: PhaseCommitting},
	{text: "waiting for handler commit", phase: PhaseCommitting},
	{text: "waiting for prior transaction to commit", phase: PhaseCommitting},
	{text: "replaying", phase: PhaseReplaying},
	{text: "wsrep: in rollback thread", phase: PhaseStandby, system: true},
	{text: "rollbacker idle", phase: PhaseStandby, system: true},
	{text: "aborter idle", phase: PhaseStandby, system: true},
	{text: "applier idle", phase: PhaseStandby, system: true},
	{text: "rolling back", phase: PhaseRollingBack},
	{text: "rollback", phase: PhaseRollingBack},
	{text: "applier committed", phase: PhaseApplied, system: true},
	{text: "committed write set", phase: PhaseApplied, system: true},
	{text: "applied write set", phase: PhaseApplied, system: true},
	{text: "applying write", phase: PhaseApplying, system: true},
	{text: "_rows_log_event::", phase: PhaseApplying, system: true},
	{text: "for write-set (", phase: PhaseApplying, system: true}, // PXC: updating row for write-set (12)
	{text: "wsrep: committing", phase: PhaseCommitting},
	{text: "committing", phase: PhaseCommitting},
}

// commits are states that are whole words elsewhere.
var commits = []string{"Commit", "commit", "Committing"}

// Phase is what the thread's state says about replication. No server has a state
// for flow control that can be relied on: held clients of MariaDB show "Waiting
// for certification", those of PXC that they send their write-set. On a node
// that is paused this is taken for flow control.
func (t *Thread) Phase() Phase {
	if appliesIsolated(t.Process) {
		return PhaseLocked
	}
	p := phaseOf(t.State, t.System())
	if (p == PhaseCertifying || p == PhaseReplicating) && t.Node.Status().FCActive == On {
		return PhaseFlow
	}
	return p
}

func phaseOf(state string, system bool) Phase {
	if state == "" {
		return PhaseNone
	}
	if slices.Contains(commits, state) {
		return PhaseCommitting
	}
	for i := range phases {
		if p := &phases[i]; (system || !p.system) && containsFold(state, p.text) {
			return p.phase
		}
	}
	return PhaseNone
}

// containsFold is strings.Contains without regard to the case of ASCII letters;
// part is in lower case.
func containsFold(text, part string) bool {
	first, last := part[0], len(text)-len(part)
	for i := 0; i <= last; i++ {
		if lower(text[i]) == first && sameFold(text[i:], part) {
			return true
		}
	}
	return false
}

func sameFold(text, part string) bool {
	for i := 1; i < len(part); i++ {
		if lower(text[i]) != part[i] {
			return false
		}
	}
	return true
}
