package model

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Joiner is what is known of a node that is to start, or that is to stop and to
// start again.
type Joiner struct {
	Node  string // its ID in the snapshot, which leaves it out as a donor; "" if it is none of the nodes there
	UUID  string // the history that its data belongs to; "" when not known
	Seqno Num    // its position in that history; below 0 as unknown, it has to be recovered then
	// Blank is why it has no position at all, as without grastate.dat or with an
	// empty data directory; "" if it may have one.
	Blank   string
	Segment Num    // gmcast.segment
	Method  string // wsrep_sst_method; "" when not known
	Donors  string // wsrep_sst_donor
	Size    Num    // bytes that a full copy brings
	Pace    Real   // bytes a second at which full copies went lately
}

// JoinerOf is a node of the snapshot as a joiner that starts where it was last
// seen. Somebody who has read its disk knows better.
func JoinerOf(n *Node) Joiner {
	st := n.Status()
	j := Joiner{Node: n.ID, UUID: st.LocalStateUUID, Seqno: seqno(st.LastCommitted), Segment: st.Segment}
	if st.InPrimary() {
		j.UUID = cmp.Or(j.UUID, st.ClusterStateUUID)
	}
	j.Method, _ = variable(n, "wsrep_sst_method")
	j.Donors, _ = variable(n, "wsrep_sst_donor")
	return j
}

// Prospect is by which way a node would come into the group.
type Prospect string

// The prospects.
const (
	ProspectIST        Prospect = "IST"
	ProspectSST        Prospect = "SST"
	ProspectImpossible Prospect = "impossible" // as things are now; Why says what is in the way
	ProspectUnknown    Prospect = "unknown"
)

// JoinForecast is what Galera would do with a joiner now.
type JoinForecast struct {
	Kind  Prospect
	Why   string // in one sentence, without the full stop
	Donor string // ID of the node that would serve; "" when not known
	Lacks Num    // write-sets that it lacks at this moment
	// Passed is by how many write-sets the window has passed it, with SST for that
	// reason only.
	Passed Num
	// Left is how many write-sets more the group may write until IST is no longer
	// possible, and Span how long that takes at Rate.
	Left    Num
	Rate    Real // write-sets a second of the whole group
	Span    time.Duration
	Endless bool // nothing is written now, so no time runs
	// Last is the ID of the member that could serve the longest, which Left is about.
	// Full is set where its gcache has been filled once; before, the window still
	// grows and is longer than Span says.
	Last string
	Full bool
	// Size is what a full copy brings in bytes, Takes how long that took at the last
	// known pace; both unknown or 0 where nobody knows.
	Size  Num
	Takes time.Duration
	// Apart is why the data may differ from the group's although the positions fit:
	// IST then silently keeps rows that differ. "" where nothing says so.
	Apart    string
	Missing  []string // what could not be asked, and would be needed for a better answer
	Evidence []Evidence
}

// ForecastJoin says how a joiner would come into the group that the snapshot
// shows, at the given write rate of the group in write-sets a second (GroupRate).
// The rules are those of the choice of a donor in galera's gcs_group.cpp.
func ForecastJoin(s *Snapshot, j Joiner, rate Real) JoinForecast {
	g := groupFor(s, j.Node)
	f := JoinForecast{Rate: rate, Size: j.Size}
	if why := noGroup(s, &g, &j); why != "" {
		f.Kind, f.Why = ProspectUnknown, why
		if !silentAbout(s, &j) && len(g.members) == 0 {
			f.Kind = ProspectImpossible
		}
		f.Missing = append(f.Missing, unasked(s, j.Node)...)
		return f
	}
	history := g.members[0].Status().ClusterStateUUID
	f.Evidence = g.evidence(history)
	f.Apart = apart(s, &j)
	switch why := j.blank(history); {
	case why != "":
		f.copyFrom(s, &g, &j, why)
	case j.UUID == "" || !j.known():
		f.Kind, f.Why = ProspectUnknown, "its position is not known: it has to be recovered first"
		f.Missing = append(f.Missing, "the joiner's position")
	default:
		f.place(s, &g, &j)
	}
	return f
}

// place decides between IST and SST for a joiner whose position is known.
func (f *JoinForecast) place(s *Snapshot, g *group, j *Joiner) {
	at := j.Seqno.V
	f.Evidence = append(f.Evidence, Evidence{j.name(s), "position", numWord(j.Seqno)})
	first, ok := g.safe()
	if member := s.Node(j.Node); g.head >= 0 && at > g.head && (member == nil || !member.Synced()) {
		f.Kind = ProspectImpossible
		f.Why = fmt.Sprintf("it is ahead of the group by %s, and Galera ends a node that would reverse history", count(int(at-g.head), "write-set"))
		return
	}
	if !ok {
		f.Kind, f.Why = ProspectUnknown, "no member says what its gcache holds"
		f.Missing = append(f.Missing, "wsrep_local_cached_downto of the members")
		return
	}
	f.Lacks = N(max(g.head-at, 0))
	able := g.istDonors(at)
	if able == nil {
		f.missed(s, g, j, first)
		return
	}
	donor, last := j.preferred(able), lasting(able)
	held, _ := caches(last)
	f.Kind, f.Donor, f.Last, f.Full = ProspectIST, donor.ID, last.ID, gcacheFull(last)
	f.Left = N(min(at-first, at+1-held))
	f.Why = donor.Name + " still holds what it lacks"
	switch {
	case f.Rate.Known && f.Rate.V <= 0:
		f.Endless = true
	case f.Rate.Known:
		f.Span = time.Duration(min(float64(f.Left.V)/f.Rate.V, century.Seconds()) * float64(time.Second))
	}
	f.Evidence = append(f.Evidence,
		Evidence{donor.Name, "wsrep_local_cached_downto", numWord(donor.Status().CachedDownto)},
		Evidence{"", "lowest position from which IST is safe", numWord(N(first))})
}

// missed is for a joiner that nobody who answers can serve by IST.
func (f *JoinForecast) missed(s *Snapshot, g *group, j *Joiner, first int64) {
	at := j.Seqno.V
	f.Evidence = append(f.Evidence, Evidence{"", "lowest position from which IST is safe", numWord(N(first))})
	if rest := unasked(s, j.Node); rest != nil {
		f.Kind, f.Missing = ProspectUnknown, rest
		f.Why = "no member that answers can serve it by IST, but not all of them answer"
		return
	}
	passed := first - at
	if passed <= 0 {
		// The group as a whole would do, so what remains is that those who hold it are
		// not Synced.
		for _, n := range g.members {
			if c, ok := caches(n); ok && n.Synced() && (passed <= 0 || c-at-1 < passed) {
				passed = c - at - 1
			}
		}
	}
	why := "the members that hold what it lacks are not Synced"
	if passed > 0 {
		f.Passed = N(passed)
		why = "the group's gcache has moved past it by " + count(int(passed), "write-set")
	}
	f.copyFrom(s, g, j, why)
}

// copyFrom is the forecast of a full copy, if somebody could serve it.
func (f *JoinForecast) copyFrom(s *Snapshot, g *group, j *Joiner, why string) {
	donor, wait := g.sstDonor(j)
	switch {
	case strings.EqualFold(j.Method, "skip"):
		f.Kind = ProspectUnknown
		f.Why = "it needs a full copy (" + why + "), but wsrep_sst_method is skip: it would join with whatever data it has"
		f.Missing = append(f.Missing, "whether somebody has copied the data by hand")
	case donor != nil:
		f.Kind, f.Why, f.Donor = ProspectSST, why, donor.ID
		if j.Size.Known && j.Pace.Known && j.Pace.V > 0 {
			f.Takes = time.Duration(min(float64(j.Size.V)/j.Pace.V, century.Seconds()) * float64(time.Second))
		}
	case unasked(s, j.Node) != nil:
		f.Kind, f.Why, f.Missing = ProspectUnknown, why+", and "+wait, unasked(s, j.Node)
	default:
		f.Kind, f.Why = ProspectImpossible, why+", and "+wait
	}
}

// noGroup says why there is no one group to join, "" if there is.
func noGroup(s *Snapshot, g *group, j *Joiner) string {
	if len(g.members) == 0 {
		if silentAbout(s, j) {
			return "no member of a Primary Component answers"
		}
		return "no member is in a Primary Component: the node would wait for one"
	}
	primaries := 0
	for i := range s.Components {
		c := &s.Components[i]
		if c.Primary && slices.ContainsFunc(c.Nodes, func(id string) bool { return id != j.Node }) {
			primaries++
		}
	}
	if primaries > 1 {
		return fmt.Sprintf("there are %d Primary Components, and which one it would join cannot be told", primaries)
	}
	for _, n := range g.members[1:] {
		if n.Status().ClusterStateUUID != g.members[0].Status().ClusterStateUUID {
			return "the members belong to different histories, and which one it would join cannot be told"
		}
	}
	return ""
}

// silentAbout reports whether somebody who could be a member was not heard, or
// there is nobody to hear at all.
func silentAbout(s *Snapshot, j *Joiner) bool {
	others := slices.ContainsFunc(s.Nodes, func(n *Node) bool { return n.ID != j.Node })
	return !others || unasked(s, j.Node) != nil
}

// unasked names the nodes that do not answer, and members that nobody knows.
func unasked(s *Snapshot, without string) []string {
	var out []string
	for _, n := range s.Nodes {
		if n.ID != without && !n.Up() {
			out = append(out, n.Name+" does not answer")
		}
	}
	for i := range s.Components {
		c := &s.Components[i]
		if extra := c.Size.Or(0) - int64(len(c.Nodes)+len(c.Silent)+c.Arbitrators); c.Primary && extra > 0 {
			out = append(out, count(int(extra), "member")+" of the group that nobody here knows")
		}
	}
	return out
}

// apart says why IST could keep rows that differ: the node serves on its own.
func apart(s *Snapshot, j *Joiner) string {
	n := s.Node(j.Node)
	if n == nil || !n.Up() || !n.Status().InPrimary() {
		return ""
	}
	for i := range s.Components {
		c := &s.Components[i]
		if c.Primary && slices.Contains(c.Nodes, n.ID) && len(c.Nodes) == 1 && len(s.Components) > 1 && (i > 0 || s.Components[1].Primary) {
			return n.Name + " is in a Primary Component of its own: what was written there would silently stay beside what the group wrote"
		}
	}
	return ""
}

// blank says why the joiner cannot continue in the history, "" if it may.
func (j *Joiner) blank(history string) string {
	switch {
	case j.Blank != "":
		return j.Blank
	case j.UUID != "" && strings.Trim(j.UUID, "0-") == "":
		return "its data belongs to no history"
	case j.UUID != "" && history != "" && j.UUID != history:
		return "its data belongs to another history"
	}
	return ""
}

func (j *Joiner) known() bool { return j.Seqno.Known && j.Seqno.V >= 0 }

func (j *Joiner) name(s *Snapshot) string {
	if n := s.Node(j.Node); n != nil {
		return n.Name
	}
	return ""
}

func (g *group) evidence(history string) []Evidence {
	return []Evidence{
		{"", "history of the group", cmp.Or(history, "unknown")},
		{"", "last committed in the group", numWord(N(g.head))},
	}
}

// Words says the forecast in one line for people.
func (f *JoinForecast) Words(s *Snapshot) string {
	from := ""
	if n := s.Node(f.Donor); n != nil {
		from = " from " + n.Name
	}
	switch f.Kind {
	case ProspectIST:
		text := "IST" + from + ": it lacks " + count(int(f.Lacks.V), "write-set") + ", " + f.margin()
		if f.Apart != "" {
			text += "; but " + f.Apart
		}
		return text
	case ProspectSST:
		text := "SST" + from + ": " + f.Why
		if f.Size.Known {
			text += ", " + ByteWords(f.Size.V) + " to copy"
		}
		if f.Takes > 0 {
			text += ", about " + roughly(f.Takes) + " at the pace of the last copy"
		}
		return text
	case ProspectImpossible:
		return "cannot join now: " + f.Why
	}
	text := "not known: " + f.Why
	if f.Missing != nil {
		text += " (" + strings.Join(f.Missing, ", ") + ")"
	}
	return text
}

// margin says how long IST stays possible.
func (f *JoinForecast) margin() string {
	least := ""
	if !f.Full {
		least = "at least "
	}
	switch {
	case f.Endless:
		return "and nothing is written now, so that stays possible"
	case f.Rate.Known:
		return "and that stays possible for " + least + roughly(f.Span) + " at the present write rate"
	}
	return "and that stays possible for " + least + count(int(f.Left.V), "write-set")
}

// GroupRate is how many write-sets a second the whole group commits, as the
// member sees it that sees most; unknown while no rate is known.
func GroupRate(s *Snapshot) Real {
	var rate Real
	for _, n := range s.Nodes {
		if r := n.Rates.Committed; n.Up() && r.Known && r.V >= rate.V {
			rate = r
		}
	}
	return rate
}
