package model

import (
	"slices"
	"strings"
	"time"
)

// Transfer is a state transfer under way: who gives, who receives, and by which
// way. Either side may be unknown.
type Transfer struct {
	Donor   string `json:"donor,omitempty"` // name; "" when no donor is visible
	DonorID string `json:"donor_id,omitempty"`
	// Joiner is the joiner's name, from the membership table where galeratop does
	// not know the node: while it receives an SST, MariaDB does not open its port.
	Joiner   string       `json:"joiner,omitempty"`
	JoinerID string       `json:"joiner_id,omitempty"`
	Kind     TransferKind `json:"kind,omitempty"`
	Why      string       `json:"why,omitempty"` // of the kind, or why it is not known, in words
	Progress Real         `json:"progress"`      // percent, where the flavour tells it
	// Guessed is set where several donors or joiners are busy at once: which
	// serves which is not visible over SQL.
	Guessed bool      `json:"guessed,omitempty"`
	Since   time.Time `json:"since"` // when it was first seen; filled in by Diagnosis
}

// TransferKind is IST, the missing write-sets only, or SST, everything.
type TransferKind string

// The kinds; "" is not known.
const (
	IST TransferKind = "IST"
	SST TransferKind = "SST"
)

// joiner is a member on its way in.
type joiner struct {
	node *Node // nil when galeratop knows no such node
	name string
}

// transfers pairs the donors of a snapshot with its joiners. A node that was
// desynced by hand is no donor, nor is one that a backup or FLUSH TABLES WITH
// READ LOCK desyncs while nobody joins.
func transfers(s *Snapshot) []Transfer {
	joiners := joining(s)
	donors := donating(s, len(joiners) > 0)
	var out []Transfer //nolint:prealloc // nil without a transfer, which JSON leaves out
	for i := range max(len(donors), len(joiners)) {
		t := Transfer{Guessed: len(donors) > 1 || len(joiners) > 1}
		var donor *Node
		if i < len(donors) {
			donor = donors[i]
			t.Donor, t.DonorID = donor.Name, donor.ID
		}
		if i < len(joiners) {
			j := joiners[i]
			t.Joiner = j.name
			if j.node != nil {
				t.JoinerID = j.node.ID
			}
			t.Kind, t.Why = kindOf(s, j, donor)
			t.Progress = istProgress(j.node)
		}
		t.Since = s.At
		out = append(out, t)
	}
	return out
}

// donating are the nodes that serve a state transfer, as far as visible.
func donating(s *Snapshot, joiners bool) []*Node {
	var out []*Node
	for _, n := range s.Nodes {
		st := n.Status()
		if !n.Up() || !st.InPrimary() || st.State() != StateDonor || st.DesyncCount.Or(0) < 1 {
			continue
		}
		manual, known := desyncedByHand(n)
		if manual && st.DesyncCount.V < 2 || !joiners && (!known || heldWhole(n)) {
			continue
		}
		out = append(out, n)
	}
	return out
}

// desyncedByHand reports whether wsrep_desync is ON; known is false until the
// node's variables were read.
func desyncedByHand(n *Node) (manual, known bool) {
	v, ok := variable(n, "wsrep_desync")
	if !ok {
		return false, false
	}
	return ParseBool(v)
}

// joining are the members that are on their way in: those that say so, and,
// while a donor is busy, listed members that do not answer.
func joining(s *Snapshot) []joiner {
	var out []joiner
	busy := false
	for _, n := range s.Nodes {
		if !n.Up() {
			continue
		}
		busy = busy || n.Status().InPrimary() && n.Status().State() == StateDonor
		if n.Status().State() == StateJoining {
			out = append(out, joiner{n, n.Name})
		}
	}
	if !busy {
		return out
	}
	for i := range s.Components {
		c := &s.Components[i]
		if !c.Primary {
			continue
		}
		for _, address := range c.Members {
			n := at(s, address)
			switch {
			case n == nil:
				out = append(out, joiner{nil, memberName(s, address)})
			case !n.Up() && n.Link != LinkConnecting:
				out = append(out, joiner{n, n.Name})
			}
		}
	}
	return out
}

// at is the node that the group knows under the address.
func at(s *Snapshot, address string) *Node {
	i := slices.IndexFunc(s.Nodes, func(n *Node) bool { return n.Has(address) })
	if i < 0 {
		return nil
	}
	return s.Nodes[i]
}

// memberName is the name that any membership table gives the address.
func memberName(s *Snapshot, address string) string {
	for _, n := range s.Nodes {
		if n.Sample == nil || n.Sample.Slow.Members == nil {
			continue
		}
		for _, m := range n.Sample.Slow.Members.Rows {
			if m.Address == address && m.Name != "" {
				return m.Name
			}
		}
	}
	return address
}

// kindOf says how the joiner is served, from what it shows and from the IST test
// on what was last known of it.
func kindOf(s *Snapshot, j joiner, donor *Node) (kind TransferKind, why string) {
	if j.node == nil {
		return SST, "a new member whose port is closed receives a full copy"
	}
	if j.node.Up() {
		if j.node.Status().ISTStatus != "" {
			return IST, "the joiner reports what it receives: " + j.node.Status().ISTStatus
		}
		if j.node.Sample.Server.Flavour == FlavourMariaDB {
			return IST, "its port is open, which MariaDB keeps closed during an SST"
		}
		return "", ""
	}
	if donor == nil || j.node.Sample == nil {
		return "", ""
	}
	last := JoinerOf(j.node)
	if last.blank(donor.Status().ClusterStateUUID) != "" {
		return SST, "its data was last known to belong to another history"
	}
	g := groupFor(s, j.node.ID)
	first, ok := g.safe()
	if !last.known() || !ok {
		return "", ""
	}
	if last.Seqno.V < first {
		return SST, "it lacks write-sets that no gcache holds any more"
	}
	return "", "the others still hold what it was last known to lack, so IST would do if its data is intact"
}

// istProgress reads PXC's "N% complete, received seqno X of A-B".
func istProgress(n *Node) Real {
	if n == nil || !n.Up() {
		return Real{}
	}
	percent, _, ok := strings.Cut(n.Status().ISTStatus, "%")
	if !ok {
		return Real{}
	}
	return ParseReal(percent)
}

// Window is how long a node may be away and still come back by IST.
type Window struct {
	Node      string // ID
	Donor     string // ID of the node that could serve the longest
	Writesets int64  // how many write-sets the node may miss
	Rate      Real   // write-sets per second of the whole group
	Span      time.Duration
	Endless   bool // nothing is written now, so no time runs
	// Full is set where the gcache that bounds the window has been filled once: only
	// then is the window as long as it will ever be. Before, it still grows.
	Full bool
}

// Words says it for people.
func (w Window) Words() string {
	switch {
	case w.Endless:
		return "nothing is written now: a stop of any length still gets IST"
	case w.Rate.Known:
		return "a stop of up to " + roughly(w.Span) + " still gets IST"
	}
	return "a stop of up to " + count(int(w.Writesets), "write-set") + " still gets IST"
}

// roughly writes a span without the seconds that nobody can promise.
func roughly(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return Span(d)
	case d < 2*time.Hour:
		return count(int(d.Minutes()), "minute")
	case d < 48*time.Hour:
		return count(int(d.Hours()), "hour")
	}
	return count(int(d.Hours()/24), "day")
}

// Windows are the IST windows of all Synced nodes, at the given write rate of the
// group in write-sets per second. Nodes without anybody to serve them have none.
func Windows(s *Snapshot, rate Real) []Window {
	var out []Window
	for _, n := range s.Nodes {
		if !n.Synced() {
			continue
		}
		f := ForecastJoin(s, JoinerOf(n), rate)
		if f.Kind != ProspectIST {
			continue
		}
		out = append(out, Window{
			Node: n.ID, Donor: f.Last, Writesets: f.Left.V, Rate: rate, Span: f.Span, Endless: f.Endless, Full: f.Full,
		})
	}
	return out
}

const century = 100 * 365 * 24 * time.Hour

// gcacheFull reports whether what the node caches comes near its gcache.size,
// reckoned with the mean size of the write-sets that it has seen.
func gcacheFull(n *Node) bool {
	st := n.Status()
	size, ok := gcacheSize(n)
	written, bytes := st.Replicated.Or(0)+st.Received.Or(0), st.ReplicatedBytes.Or(0)+st.ReceivedBytes.Or(0)
	if !ok || written == 0 || st.CachedDownto.Or(0) <= 1 {
		return false
	}
	held := float64(st.LastCommitted.Or(0)-st.CachedDownto.V+1) * float64(bytes) / float64(written)
	return held >= float64(size)/2
}

func gcacheSize(n *Node) (bytes int64, ok bool) {
	text, _ := providerOption(n, "gcache.size")
	size := ParseSize(text)
	return size.V, size.Known
}

// ParseSize reads a number of bytes as Galera prints it: 16777216, 128M, 1G.
func ParseSize(text string) Num {
	text = strings.TrimSpace(text)
	if text == "" {
		return Num{}
	}
	shift := strings.Index("KMGT", strings.ToUpper(text[len(text)-1:])) + 1
	if shift > 0 {
		text = text[:len(text)-1]
	}
	n := ParseNum(text)
	if !n.Known || n.V < 0 || n.V > 1<<62>>(10*shift) {
		return Num{}
	}
	return N(n.V << (10 * shift))
}
