package ui

import (
	"fmt"
	"strconv"
	"time"

	"github.com/galeratop/galeratop/model"
)

// reading says how old a slow part is, or why it is not there; ok is false when
// there is nothing to show.
func (e *env) reading(r *model.Reading) (note string, st style, ok bool) {
	switch {
	case r == nil:
		return "not read yet", e.st.dim, false
	case r.Grant != "":
		return "needs " + r.Grant, e.st.warn, false
	case r.Error != "":
		return "failed", e.st.warn, false
	}
	if age := e.snap.At.Sub(r.At); age >= 15*time.Second {
		return "read " + duration(age) + " ago", e.st.warn, true
	}
	return "", e.st.dim, true
}

// absent is the body of a section that has nothing to show: the reason.
func (e *env) absent(r *model.Reading) func(int) []string {
	text := "waiting for the node's answer"
	if r != nil {
		text = e.failed(r.Error)
		if r.Grant != "" {
			text = "The account lacks " + r.Grant + ". " + text
		}
	}
	return func(width int) []string {
		return []string{newLine(e.g, width).to(1).put(e.st.dim, text).String()}
	}
}

// listed is how many rows a list in the Nodes pane has at most.
const listed = 10

func transactionSection(e *env, n *nodeRow) section {
	t := n.Sample.Slow.Transactions
	s := section{title: "Open transactions", detail: "the oldest first"}
	if t == nil {
		s.note, s.noteStyle, _ = e.reading(nil)
		s.wide = e.absent(nil)
		return s
	}
	var ok bool
	if s.note, s.noteStyle, ok = e.reading(&t.Reading); !ok {
		s.wide = e.absent(&t.Reading)
		return s
	}
	s.detail = fmt.Sprintf("%d, the oldest first", len(t.Rows)+t.Left)
	queries := make(map[uint64]*model.Process)
	for i := range n.Sample.Processes.Rows {
		p := &n.Sample.Processes.Rows[i]
		queries[p.ID] = p
	}
	s.wide = func(width int) []string {
		lines := make([]string, 0, listed+2)
		lines = append(lines, newLine(e.g, width).to(1).put(e.st.title,
			fmt.Sprintf("%8s %7s %9s %9s  %-12s %s", "thread", "age", "changed", "locked", "state", "user and query")).String())
		for i := range min(len(t.Rows), listed) {
			r := &t.Rows[i]
			l := newLine(e.g, width).to(1)
			l.put(e.st.dim, fmt.Sprintf("%8d ", r.Thread)).put(e.patience(r.Age), fmt.Sprintf("%7s ", duration(r.Age)))
			l.put("", fmt.Sprintf("%9s %9s  ", countShort(model.N(r.Modified)), countShort(model.N(r.Locked))))
			l.field("", r.State, 12, false).put("", " ").put("", e.who(queries[r.Thread]))
			lines = append(lines, l.String())
		}
		return e.rest(lines, len(t.Rows)-listed+t.Left, width)
	}
	return s
}

// who is a thread in a few words; idle in a transaction is what to look for.
func (e *env) who(p *model.Process) string {
	switch {
	case p == nil:
		return "its thread is not in the process list"
	case p.Idle():
		return e.user(p.User) + ": idle in the transaction for " + duration(p.Time)
	case p.Query == "":
		return e.user(p.User) + ": " + p.Command
	}
	return e.user(p.User) + ": " + e.query(p.Query)
}

// rest says how many rows of a list are not shown.
func (e *env) rest(lines []string, n, width int) []string {
	switch {
	case n > 0:
		return append(lines, newLine(e.g, width).to(1).put(e.st.dim, fmt.Sprintf("and %d more", n)).String())
	case len(lines) == 1:
		return []string{newLine(e.g, width).to(1).put(e.st.dim, "none").String()}
	}
	return lines
}

func digestSection(e *env, n *nodeRow) section {
	d := n.Sample.Slow.Digests
	s := section{title: "Top statements", detail: "since the server's start, by total time"}
	if n.Sample.Server.PerfSchema == model.Off {
		s.wide = e.absent(&model.Reading{Error: "performance_schema is off on this node, so that there are no statement digests"})
		return s
	}
	if d == nil {
		s.note, s.noteStyle, _ = e.reading(nil)
		s.wide = e.absent(nil)
		return s
	}
	var ok bool
	if s.note, s.noteStyle, ok = e.reading(&d.Reading); !ok {
		s.wide = e.absent(&d.Reading)
		return s
	}
	s.wide = func(width int) []string {
		lines := make([]string, 0, listed+2)
		lines = append(lines, newLine(e.g, width).to(1).put(e.st.title,
			fmt.Sprintf("%7s %7s %7s %7s %9s  %s", "calls", "total", "mean", "max", "rows read", "statement")).String())
		for i := range min(len(d.Rows), listed) {
			r := &d.Rows[i]
			mean := r.Total / time.Duration(max(r.Calls, 1))
			lines = append(lines, newLine(e.g, width).to(1).put("", fmt.Sprintf("%7s %7s %7s %7s %9s  ",
				countShort(model.N(r.Calls)), roughly(r.Total), roughly(mean), roughly(r.Max), countShort(model.N(r.Examined)))).
				put("", e.query(r.Text)).String())
		}
		return e.rest(lines, len(d.Rows)-listed, width)
	}
	return s
}

// chosenVariables are worth a look in an incident, of those that are read.
var chosenVariables = []string{
	"wsrep_on", "wsrep_cluster_address", "wsrep_node_address", "wsrep_sst_method", "wsrep_sst_donor",
	"wsrep_slave_threads", "wsrep_applier_threads", "wsrep_sync_wait", "wsrep_desync", "wsrep_reject_queries",
	"wsrep_osu_method", "wsrep_trx_fragment_size", "wsrep_max_ws_size", "wsrep_retry_autocommit", "pxc_strict_mode",
	"read_only", "innodb_flush_log_at_trx_commit", "innodb_buffer_pool_size", "innodb_autoinc_lock_mode",
	"binlog_format", "max_connections", "auto_increment_increment", "auto_increment_offset", "long_query_time",
}

// chosenOptions are the same for wsrep_provider_options.
var chosenOptions = []string{
	"gcs.fc_limit", "gcs.fc_factor", "gcs.fc_master_slave", "gcs.fc_single_primary", "gcache.size", "gcache.recover",
	"pc.weight", "evs.suspect_timeout", "evs.inactive_timeout",
}

func variableSection(e *env, n *nodeRow) section {
	v := n.Sample.Slow.Variables
	s := section{title: "Variables", detail: "those that matter most"}
	if v == nil {
		s.note, s.noteStyle, _ = e.reading(nil)
		return s
	}
	var ok bool
	if s.note, s.noteStyle, ok = e.reading(&v.Reading); !ok {
		s.facts = []fact{{"", e.failed(v.Error), e.st.dim}}
		return s
	}
	for _, name := range chosenVariables {
		if value, ok := v.Values[name]; ok {
			s.facts = append(s.facts, e.plain(name, value))
		}
	}
	options := model.ProviderOptions(v.Values["wsrep_provider_options"])
	for _, name := range chosenOptions {
		if value, ok := options[name]; ok {
			s.facts = append(s.facts, e.plain(name, value))
		}
	}
	return s
}

// memberSection is the group's membership as the node has it.
func memberSection(e *env, n *nodeRow) section {
	s := section{title: "Members", detail: "as the node lists them"}
	if m := n.Sample.Slow.Members; m != nil && m.Error == "" {
		if !n.Status().InPrimary() {
			s.note, s.noteStyle = "old: written in a Primary Component only", e.st.warn
		}
		for _, r := range m.Rows {
			address := r.Address
			if address == "" {
				address = "no address: an arbitrator"
			}
			s.facts = append(s.facts, e.plain(r.Name, address+"  "+r.UUID))
		}
		return s
	}
	addresses, empty := n.Status().Members()
	for i, a := range addresses {
		s.facts = append(s.facts, e.plain(fmt.Sprintf("member %d", i+1), a))
	}
	if empty > 0 {
		s.facts = append(s.facts, e.plain("without an address", strconv.Itoa(empty)))
	}
	if m := n.Sample.Slow.Members; m != nil {
		s.note, s.noteStyle, _ = e.reading(&m.Reading)
	}
	return s
}
