package model

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// How long is too long.
const (
	loneDonor   = 30 * time.Second // a donor without a joiner; garbd makes a donor for seconds
	loneJoiner  = time.Minute      // a joiner without a donor
	longTransit = 3 * time.Hour    // a transfer that goes on
	smallWindow = 10 * time.Minute
	tinyWindow  = 2 * time.Minute
)

var transferRules = []Rule{
	{
		ID: "donor-stuck", Level: LevelWarning, Confirm: 3, Clear: 2,
		Source: "PXC-3388; galera#133", Find: donorStuck,
	},
	{
		ID: "joiner-stuck", Level: LevelWarning, Confirm: 3, Clear: 2,
		Source: "PXC-3159", Find: joinerStuck,
	},
	{
		ID: "ist-impossible", Level: LevelWarning, Confirm: 3, Clear: 2,
		Source: "galera#364", Find: istImpossible,
	},
	{
		ID: "ist-window", Level: LevelNotice, Confirm: 30, Clear: 60,
		Source: "galera gcs_group.cpp: choice of a donor", Find: smallWindows,
	},
	{
		ID: "transfer", Level: LevelNotice, Confirm: 2, Clear: 2,
		Source: "documentation of state transfers", Find: transferring,
	},
}

// transferring tells of state transfers under way.
func transferring(v *View) []Finding {
	var out []Finding
	for _, t := range v.Transfers {
		if t.Donor == "" || t.Joiner == "" {
			continue
		}
		since, level := v.Past.Node(t.DonorID).StateFrom, LevelNotice
		lasted := v.At.Sub(since)
		if since.IsZero() {
			lasted = 0
		}
		if lasted > longTransit {
			level = LevelWarning
		}
		evidence := []Evidence{
			{t.Donor, "wsrep_local_state_comment", StateDonor.String() + " for " + Span(lasted)},
			{t.Donor, "wsrep_desync_count", numWord(v.Node(t.DonorID).Status().DesyncCount)},
			{"", "kind", cmp.Or(string(t.Kind), "not known") + because(t.Why)},
		}
		if t.Progress.Known {
			evidence = append(evidence, Evidence{t.Joiner, "wsrep_ist_receive_status", v.Node(t.JoinerID).Status().ISTStatus})
		}
		if t.Guessed {
			evidence = append(evidence, Evidence{"", "which donor serves which joiner", "several are busy at once, so this pair is a guess"})
		}
		out = append(out, Finding{
			About: t.Joiner, Level: level, Title: transferTitle(t, lasted), Evidence: evidence, Nodes: someIDs(t.DonorID, t.JoinerID),
			Why: "The joiner serves nobody until it is Synced, and the donor is desynced, so the cluster runs with fewer nodes than it seems to have. " +
				"An SST of much data takes hours.",
			Do: []string{
				"Let it run: restart neither side, for that begins it anew.",
				"Send no traffic to " + t.Joiner + " before it is Synced, and do not stop " + t.Donor + ".",
				"Follow it in the error logs of both hosts, where a failed SST script says why.",
			},
		})
	}
	return out
}

func transferTitle(t Transfer, lasted time.Duration) string {
	title := fmt.Sprintf("%s receives its data from %s", t.Joiner, t.Donor)
	if t.Kind != "" {
		title += " by " + string(t.Kind)
	}
	if t.Progress.Known {
		title += fmt.Sprintf(", %.0f %% done", t.Progress.V)
	}
	if lasted >= time.Second {
		title += ", for " + Span(lasted)
	}
	return title
}

func because(why string) string {
	if why == "" {
		return ""
	}
	return ": " + why
}

func someIDs(ids ...string) []string {
	var out []string
	for _, id := range ids {
		if id != "" {
			out = append(out, id)
		}
	}
	return out
}

// donorStuck finds donors that have long had nobody to serve.
func donorStuck(v *View) []Finding {
	if len(joining(v.Snapshot)) > 0 {
		return nil
	}
	var out []Finding
	for _, n := range donating(v.Snapshot, false) {
		past := v.Past.Node(n.ID)
		lasted := v.At.Sub(past.Desynced)
		if past.Desynced.IsZero() || lasted < loneDonor || !desyncedByItself(v, n) || hidden(v, n) {
			continue
		}
		out = append(out, Finding{
			About: n.ID, Nodes: []string{n.ID},
			Title: fmt.Sprintf("%s has been a donor for %s, but nobody joins", n.Name, Span(lasted)),
			Why: "The state transfer that it served has most likely died on the joiner's side without telling it. " +
				"Until it is over the node is desynced, can serve no other joiner, and lags without holding the group.",
			Do: []string{
				"Look on the host of " + n.Name + " for an SST script that still runs (wsrep_sst_...), and for a backup that desynced the node on purpose.",
				"If the script has nobody to talk to, end the script, not the server; the node then goes back to Synced by itself.",
				"If it stays a donor without any script, restart " + n.Name + " while the others keep quorum without it.",
			},
			Evidence: []Evidence{
				{n.Name, "wsrep_local_state_comment", n.Status().State().String() + " for " + Span(lasted)},
				{n.Name, "wsrep_desync_count", numWord(n.Status().DesyncCount)},
				{n.Name, "wsrep_desync", "OFF"},
				{"", "joiners", "no node is Joining, and every member answers"},
			},
		})
	}
	return out
}

// hidden reports whether the node's group may have a member that nobody asks: a
// joiner whose port is closed.
func hidden(v *View, n *Node) bool {
	for i := range v.Components {
		c := &v.Components[i]
		if slices.Contains(c.Nodes, n.ID) {
			return c.Size.Or(0) > int64(len(c.Nodes)+c.Arbitrators)
		}
	}
	return true
}

// joinerStuck finds nodes that wait for a donor that is not there.
func joinerStuck(v *View) []Finding {
	for _, n := range v.Nodes {
		// Whoever does not answer may be the donor.
		if n.Up() && n.Status().State() == StateDonor || !n.Up() && n.Listed {
			return nil
		}
	}
	var out []Finding
	for _, n := range v.Nodes {
		from := v.Past.Node(n.ID).StateFrom
		if !n.Up() || n.Status().State() != StateJoining || from.IsZero() || v.At.Sub(from) < loneJoiner || moves(v.Past.Node(n.ID).Queue) {
			continue
		}
		lasted := Span(v.At.Sub(from))
		out = append(out, Finding{
			About: n.ID, Nodes: []string{n.ID},
			Title: fmt.Sprintf("%s has been joining for %s, but no donor serves it", n.Name, lasted),
			Why:   "Its donor is gone or never began, and the joiner does not give up by itself: it will wait like this without end.",
			Do: []string{
				"Read the end of the error log on the host of " + n.Name + ": it names the donor that was chosen and the last error of the transfer.",
				"Check that some other node is Synced and can be reached from it on the ports 4444 and 4568.",
				"Restart " + n.Name + "; it asks for a donor again. Nothing is lost: it does not serve anybody yet.",
			},
			Evidence: []Evidence{
				{n.Name, "wsrep_local_state_comment", n.Status().State().String() + " for " + lasted},
				{n.Name, "wsrep_last_committed", numWord(n.Status().LastCommitted)},
				{"", "donors", "every other member answers, and none is Donor/Desynced"},
			},
		})
	}
	return out
}

// moves reports whether the seqno rose in what is remembered.
func moves(points []QueuePoint) bool {
	return len(points) > 1 && points[len(points)-1].Applied > points[0].Applied
}

// istImpossible finds nodes that are away and have missed more than any gcache
// holds: they come back by SST only.
func istImpossible(v *View) []Finding {
	var out []Finding
	for _, n := range v.Nodes {
		st := n.Status()
		last := seqno(st.LastCommitted)
		away := !n.Up() || !st.InPrimary() && st.State() == StateInitialized
		if n.Sample == nil || !away || n.Link == LinkConnecting || n.Link == LinkStale || !last.Known || last.V <= 0 || strings.Trim(st.LocalStateUUID, "0-") == "" {
			continue
		}
		g := groupFor(v.Snapshot, n.ID)
		first, known := g.safe()
		if !known || g.istDonors(last.V) != nil || !oneHistory(v, st.LocalStateUUID) {
			continue
		}
		out = append(out, Finding{
			About: n.ID, Nodes: []string{n.ID},
			Title: n.Name + " has been away too long for IST: it will come back by a full SST",
			Why: "The others have dropped write-sets that it lacks. An SST copies all data, takes the donor out of service for as long, " +
				"and may not fit into a busy hour.",
			Do: []string{
				"Choose the hour and the donor (wsrep_sst_donor) before you start " + n.Name + ".",
				"Check that there is room for the data on its disk and that the SST method works between the two hosts.",
				"Afterwards raise gcache.size, so that the next absence of that length gets IST.",
			},
			Evidence: []Evidence{
				{n.Name, "wsrep_last_committed when last seen", numWord(last)},
				{"", "lowest seqno from which IST is safe", numWord(N(first))},
			},
		})
	}
	return out
}

// oneHistory reports whether all Primary nodes are of the history.
func oneHistory(v *View, uuid string) bool {
	for _, n := range v.Nodes {
		if n.Up() && n.Status().InPrimary() && n.Status().ClusterStateUUID != uuid {
			return false
		}
	}
	return true
}

// smallWindows finds a group whose gcache would not last through a short stop.
// It waits until the gcache has been filled: before, the window still grows.
func smallWindows(v *View) []Finding {
	windows := Windows(v.Snapshot, steadyRate(v))
	var worst *Window
	for i := range windows {
		w := &windows[i]
		if w.Full && !w.Endless && w.Rate.Known && w.Span < smallWindow && (worst == nil || w.Span < worst.Span) {
			worst = w
		}
	}
	if worst == nil {
		return nil
	}
	n, donor := v.Node(worst.Node), v.Node(worst.Donor)
	level := LevelNotice
	if worst.Span < tinyWindow {
		level = LevelWarning
	}
	size, _ := variable(donor, "wsrep_provider_options")
	return []Finding{{
		Level: level, Nodes: []string{n.ID},
		Title: fmt.Sprintf("A node that stops for more than %s will need a full SST", roughly(worst.Span)),
		Why: "The gcache holds so few write-sets that at the present write rate a restart or a short network failure outlasts it. " +
			"Then the node comes back by SST, which copies all data and takes a donor out of service.",
		Do: []string{
			"Put off restarts of nodes until the write rate is lower, or be ready for an SST.",
			"Raise gcache.size in the configuration of every node, to what the group writes in some hours; it takes effect at each node's next restart.",
			"Look for a job that writes more than it must.",
		},
		Evidence: []Evidence{
			{n.Name, "write-sets that it may miss", numWord(N(worst.Writesets))},
			{"", "write rate of the group", fmt.Sprintf("%.0f write-sets a second", worst.Rate.V)},
			{donor.Name, "wsrep_local_cached_downto", numWord(donor.Status().CachedDownto)},
			{donor.Name, "gcache.size", ProviderOptions(size)["gcache.size"]},
		},
	}}
}

// steadyRate is the group's write rate over all that is remembered, which says
// more about the next minutes than the last second does.
func steadyRate(v *View) Real {
	var rate Real
	for _, n := range v.Nodes {
		if !n.Synced() {
			continue
		}
		points := v.Past.Node(n.ID).Queue
		if len(points) < 5 || points[len(points)-1].At.Sub(points[0].At) < 4*time.Second {
			continue
		}
		if r := trendOf(points).Applied; r.Known && (!rate.Known || r.V > rate.V) {
			rate = r
		}
	}
	return rate
}
