package ui

import (
	"strconv"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// aboutNode is everything about a node, what matters in an incident first.
func aboutNode(e *env, n *nodeRow) []section {
	if n.Sample == nil {
		return []section{linkSection(e, n)}
	}
	return []section{
		linkSection(e, n), flowSection(e, n), groupSection(e, n), workSection(e, n), windowSection(e, n),
		historySection(e, n),
		transactionSection(e, n), digestSection(e, n),
		identitySection(e, n), variableSection(e, n), memberSection(e, n),
	}
}

// plain makes a fact of a text; nothing is "-".
func (e *env) plain(name, value string) fact {
	if value == "" {
		return fact{name, unknown, e.st.dim}
	}
	return fact{name, value, e.st.text}
}

// linkSection is how the console stands with the node.
func linkSection(e *env, n *nodeRow) section {
	s := section{title: n.Name, detail: n.Address}
	s.facts = append(s.facts, fact{"now", n.cond.String(), n.cond.st})
	link := string(n.Link)
	if ago := e.ago(n.Since); ago != "" {
		link += " for " + ago
	}
	s.facts = append(s.facts, e.plain("link", link))
	if n.Failure != nil {
		s.facts = append(s.facts, fact{"failure", string(n.Failure.Kind) + ": " + e.failed(n.Failure.Text), e.st.crit})
	}
	if !n.Up() {
		listed := "no"
		if n.Listed {
			listed = "yes, the group still lists it: it may be hung, cut off from here, or receiving an SST"
		}
		s.facts = append(s.facts, e.plain("in the group's view", listed))
	}
	if n.Sample == nil {
		s.facts = append(s.facts, e.plain("last seen", "never answered"))
		return s
	}
	if !n.Up() {
		s.facts = append(s.facts, fact{"all below is old by", duration(n.Age), e.st.warn})
	} else {
		s.facts = append(s.facts, e.plain("answered in", roughly(n.Sample.Took)))
	}
	if !n.Restart.IsZero() {
		s.facts = append(s.facts, fact{"counters began anew", e.ago(n.Restart) + " ago", e.st.warn})
	}
	if n.Elsewhere > 0 {
		s.facts = append(s.facts, fact{"another server", "answered here " + strconv.Itoa(n.Elsewhere) + " times: a load balancer?", e.st.warn})
	}
	return s
}

// identitySection is who answers.
func identitySection(e *env, n *nodeRow) section {
	v := &n.Sample.Server
	host := v.Hostname
	if v.Port.Known {
		host += ":" + count(v.Port)
	}
	s := section{title: "Identity", facts: []fact{
		e.plain("server", v.Flavour.Word()+" "+v.Version),
		e.plain("", v.Comment),
		e.plain("provider", strings.TrimSpace(n.Status().ProviderVersion+"  "+v.Provider)),
		e.plain("hostname", host),
		e.plain("known to the group as", v.Incoming),
		e.plain("server uuid", v.UUID),
		e.plain("gcomm uuid", n.Status().GcommUUID),
		e.plain("cluster name", v.ClusterName),
		e.plain("up for", uptime(n.Status().Uptime)),
	}}
	if v.Comment == "" {
		s.facts = append(s.facts[:1], s.facts[2:]...)
	}
	if !v.CanSeeAll {
		s.facts = append(s.facts, fact{"sees", "its own threads only, PROCESS is missing", e.st.warn})
	}
	if len(n.Aliases) > 0 {
		s.facts = append(s.facts, e.plain("also reached at", strings.Join(n.Aliases, ", ")))
	}
	return s
}

// groupSection is the node's place in the group, as it reports it.
func groupSection(e *env, n *nodeRow) section {
	s := n.Status()
	st := e.st.text
	if !s.InPrimary() {
		st = e.st.crit
	}
	evs := e.st.text
	if s.EVSState != "" && !strings.EqualFold(s.EVSState, "OPERATIONAL") {
		evs = e.st.warn
	}
	history := fact{"history", s.LocalStateUUID, e.st.text}
	if s.ClusterStateUUID != s.LocalStateUUID {
		history = fact{"history", "node " + s.LocalStateUUID + ", group " + s.ClusterStateUUID, e.st.crit}
	}
	facts := []fact{
		{"component", orUnknown(s.ClusterStatus), st},
		{"state", n.cond.symbol + " " + s.State().String() + ", ready " + s.Ready.String(), n.cond.st},
		e.plain("members", count(s.ClusterSize)+", weight "+count(s.ClusterWeight)),
		e.plain("view", "conf_id "+seqno(s.ConfID)+", index "+seqno(s.LocalIndex)+", segment "+count(s.Segment)),
		{"evs state", orUnknown(s.EVSState), evs},
		history,
	}
	if s.EVSDelayed != "" {
		facts = append(facts, fact{"delayed members", s.EVSDelayed, e.st.warn})
	}
	if s.DesyncCount.V > 0 {
		facts = append(facts, fact{"desync count", count(s.DesyncCount), e.st.warn})
	}
	if s.ISTStatus != "" {
		facts = append(facts, fact{"IST", s.ISTStatus, e.st.notice})
	}
	return section{title: "Group", detail: "as the node sees it", facts: facts}
}

func orUnknown(text string) string {
	if text == "" {
		return unknown
	}
	return text
}

// quantity makes a fact of a number that is bad from some values on.
func (e *env) quantity(name, text string, v model.Real, warn, crit float64) fact {
	value, st := e.number(text, v, warn, crit)
	if v.Known && st == e.st.dim {
		st = e.st.text
	}
	return fact{name, value, st}
}

// flowSection is flow control and the queues.
func flowSection(e *env, n *nodeRow) section {
	s, r := n.Status(), &n.Rates
	facts := []fact{
		e.quantity("writers paused", percent(r.Paused)+" of the last "+duration(r.Interval), r.Paused, 0.05, 0.3),
		e.quantity("pauses sent", rate(r.FCSent)+"/s", r.FCSent, 0.01, 0),
		e.quantity("receive queue", count(s.RecvQueue)+" write-sets", real64(s.RecvQueue), 16, 100),
		e.quantity("send queue", count(s.SendQueue)+" write-sets", real64(s.SendQueue), 16, 100),
		e.plain("appliers", count(s.ApplierThreads)+" of "+count(s.WsrepThreads)+" wsrep threads"),
	}
	if s.Pausing() {
		facts = append([]fact{{"this node", e.g.sends + " PAUSES THE GROUP NOW", e.st.crit}}, facts...)
	} else if s.FCActive == model.On {
		facts = append([]fact{{"the group", "is paused now, by another node", e.st.warn}}, facts...)
	}
	if s.FCInterval != "" {
		facts = append(facts, e.plain("queue limits", s.FCInterval))
	}
	if s.CertDepsDist.Known {
		facts = append(facts, e.plain("parallelism", "up to "+short(s.CertDepsDist.V)+" appliers pay, mean since the start"))
	}
	return section{title: "Flow control", facts: facts}
}

// workSection is what the node does now.
func workSection(e *env, n *nodeRow) section {
	s, r := n.Status(), &n.Rates
	return section{title: "Work", detail: "per second", facts: []fact{
		e.plain("write-sets out", rate(r.Replicated)+", "+bytesPerSecond(r.ReplicatedBps)),
		e.plain("write-sets in", rate(r.Received)+", "+bytesPerSecond(r.ReceivedBps)),
		e.plain("local commits", rate(r.LocalCommits)),
		e.quantity("certification fails", rate(r.CertFailures), r.CertFailures, 1, 0),
		e.quantity("brute-force aborts", rate(r.BFAborts), r.BFAborts, 1, 0),
		e.plain("queries", rate(r.Questions)+", slow "+rate(r.SlowQueries)),
		e.plain("threads", count(s.ThreadsRunning)+" running of "+count(s.ThreadsConnected)+" connected"),
		e.quantity("row lock waits", count(s.RowLockWaits)+" now", real64(s.RowLockWaits), 1, 0),
		e.quantity("history list", countShort(s.HistoryLength)+" undo logs to purge", real64(s.HistoryLength), 1e5, 1e6),
		e.plain("open transactions", count(s.OpenTransactions)+" with writes in the provider"),
	}}
}

// windowSection is the node's position and what it could donate.
func windowSection(e *env, n *nodeRow) section {
	s := n.Status()
	from := seqno(s.CachedDownto)
	window := "empty or unknown: a joiner would need an SST"
	if w := istWindow(s); w.Known {
		window = countShort(w) + " write-sets"
		if per := n.Rates.Committed; per.Known && per.V > 0.1 {
			window += ", " + duration(seconds(float64(w.V)/per.V)) + " at this rate"
		}
	}
	return section{title: "Position", facts: []fact{
		e.plain("last committed", seqno(s.LastCommitted)),
		e.plain("lag", countShort(n.lag)+" write-sets behind the most advanced"),
		e.plain("gcache from", from),
		e.plain("IST window", window),
		e.plain("if stopped", e.afterStop(n)),
		e.plain("replication latency", latency(s.EVSReplLatency)),
		e.plain("protocol", count(s.ProtocolVersion)),
	}}
}

// afterStop says how long the node may be away and still come back by IST.
func (e *env) afterStop(n *nodeRow) string {
	if !n.Synced() || len(e.snap.Nodes) < 2 {
		return ""
	}
	for _, w := range model.Windows(e.snap, model.GroupRate(e.snap)) {
		if w.Node == n.ID {
			return w.Words() + ", from " + e.snap.Node(w.Donor).Name
		}
	}
	return "no other node could bring it back by IST: it would need an SST"
}

// latency reads wsrep_evs_repl_latency: min/avg/max/stddev/samples in seconds,
// all 0 on a node that did not write in the last minute.
func latency(text string) string {
	parts := strings.Split(text, "/")
	if len(parts) < 5 {
		return text
	}
	var v [3]float64
	for i := range v {
		f, err := strconv.ParseFloat(strings.TrimSpace(parts[i]), 64)
		if err != nil {
			return text
		}
		v[i] = f
	}
	if v[2] == 0 {
		return "no writes here in the last minute"
	}
	return roughly(seconds(v[1])) + " mean, " + roughly(seconds(v[0])) + " to " + roughly(seconds(v[2]))
}
