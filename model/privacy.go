package model

import (
	"maps"
	"slices"
	"strings"
)

// Redact is a copy of a snapshot that can be shown to strangers: see Redactor.
// A snapshot that is private already is returned as it is.
func Redact(s *Snapshot) *Snapshot { return NewRedactor().Snapshot(s) }

// Redactor takes out of snapshots what belongs to the users of a cluster: the
// literals of statements, who its clients are and where they come from. Names of
// nodes, schemas and tables stay, and so does everything that is counted: what
// is wrong and why can still be told.
//
// It remembers the names that it has met, so that it finds them in sentences as
// well, and what it has made of the newest snapshot. It is not safe for
// concurrent use.
type Redactor struct {
	key     string            // the cluster's name
	users   map[string]string // pseudonyms by name
	odd     []string          // users whose names are no words
	hosts   map[string]string
	issued  map[string]bool   // pseudonyms, which are no names to be hidden again
	topo    map[string]bool   // names and addresses of nodes, which stay
	texts   map[string]string // sentences, as redacted
	samples map[*Sample]*Sample
	// Statements as masked, in two generations: what was not asked for during a
	// whole one is forgotten.
	young, old map[string]string
}

// mostNames bounds what a Redactor remembers of each kind.
const mostNames = 20000

// NewRedactor makes a Redactor for one cluster.
func NewRedactor() *Redactor {
	return &Redactor{
		users: make(map[string]string), hosts: make(map[string]string), issued: make(map[string]bool),
		topo: make(map[string]bool), texts: make(map[string]string), young: make(map[string]string),
	}
}

// Snapshot is the private copy of a snapshot.
func (r *Redactor) Snapshot(s *Snapshot) *Snapshot {
	if s.Private {
		return s
	}
	r.Learn(s)
	out := *s
	out.Private = true
	samples := make(map[*Sample]*Sample, len(s.Nodes))
	out.Nodes = make([]*Node, len(s.Nodes))
	for i, n := range s.Nodes {
		out.Nodes[i] = r.node(n, samples)
	}
	r.samples = samples
	out.Findings = make([]Finding, len(s.Findings))
	for i := range s.Findings {
		out.Findings[i] = r.Finding(&s.Findings[i])
	}
	out.Headline.Text = r.headline(s, out.Findings)
	out.Events = make([]Event, len(s.Events))
	for i := range s.Events {
		out.Events[i] = r.Event(&s.Events[i])
	}
	return &out
}

// Learn takes in the names that are in a snapshot without making a copy of it.
// Sentences may name a thread that has just gone.
func (r *Redactor) Learn(s *Snapshot) {
	if key := clusterKey(s); key != r.key {
		r.key = key
		clear(r.users)
		clear(r.hosts)
		r.samples, r.odd = nil, nil
		clear(r.texts)
	}
	if len(r.texts) > mostNames || len(r.users) > mostNames || len(r.hosts) > mostNames {
		clear(r.texts)
		clear(r.users)
		clear(r.hosts)
		clear(r.issued)
		r.odd = nil
	}
	for _, n := range s.Nodes {
		for _, name := range append(n.addresses(), n.ID, n.Name, n.Address) {
			r.topo[name], r.topo[withoutPort(name)] = true, true
		}
		if n.Sample == nil {
			continue
		}
		r.topo[n.Sample.Server.Hostname], r.topo[n.Sample.Server.NodeName] = true, true
		for i := range n.Sample.Processes.Rows {
			p := &n.Sample.Processes.Rows[i]
			r.User(p.User)
			r.Host(p.Host)
		}
	}
}

// clusterKey is what the pseudonyms of a cluster have in common: its name as the
// servers know it, whatever a console calls it.
func clusterKey(s *Snapshot) string {
	key := ""
	for _, n := range s.Nodes {
		if n.Sample == nil || n.Sample.Server.ClusterName == "" {
			continue
		}
		if name := n.Sample.Server.ClusterName; key == "" || name < key {
			key = name
		}
	}
	if key == "" {
		key = s.Cluster
	}
	return key
}

func (r *Redactor) node(n *Node, samples map[*Sample]*Sample) *Node {
	out := *n
	if n.Failure != nil {
		f := *n.Failure
		f.Text = r.Error(f.Text)
		out.Failure = &f
	}
	if n.Sample == nil {
		return &out
	}
	// A node that is late shows the same sample again.
	copied := r.samples[n.Sample]
	if copied == nil {
		copied = r.sample(n.Sample)
	}
	samples[n.Sample] = copied
	out.Sample = copied
	return &out
}

func (r *Redactor) sample(s *Sample) *Sample {
	out := *s
	out.Processes.Error = r.Error(s.Processes.Error)
	out.Processes.Rows = slices.Clone(s.Processes.Rows)
	for i := range out.Processes.Rows {
		r.process(&out.Processes.Rows[i])
	}
	r.slow(&out.Slow)
	return &out
}

func (r *Redactor) process(p *Process) {
	p.User, p.Host = r.User(p.User), r.Host(p.Host)
	p.Query = r.Query(p.Query)
	// "User lock" and the like are the server's words; procedures can set others.
	p.State = r.Query(p.State)
}

// masksKept is how many statements one generation has.
const masksKept = 8192

// Query is MaskLiterals with a memory: process lists repeat themselves.
func (r *Redactor) Query(sql string) string {
	const longest = 4096 // bytes; what is longer is not kept
	if sql == "" || len(sql) > longest {
		return MaskLiterals(sql)
	}
	if out, ok := r.young[sql]; ok {
		return out
	}
	out, ok := r.old[sql]
	if !ok {
		out = MaskLiterals(sql)
	}
	if len(r.young) >= masksKept {
		r.young, r.old = make(map[string]string, masksKept), r.young
	}
	r.young[sql] = out
	return out
}

// slow redacts the parts of a copy that have texts of clients.
func (r *Redactor) slow(s *Slow) {
	s.Variables = redacted(r, s.Variables, func(v *Variables) *Reading {
		v.Values = maps.Clone(v.Values)
		return &v.Reading
	})
	s.Settings = redacted(r, s.Settings, func(v *Settings) *Reading {
		v.Rows = maps.Clone(v.Rows)
		for name, a := range v.Rows {
			a.By = r.User(a.By)
			a.Value, a.Default = MaskSetting(name, a.Value), MaskSetting(name, a.Default)
			v.Rows[name] = a
		}
		return &v.Reading
	})
	s.Members = redacted(r, s.Members, func(m *Members) *Reading { return &m.Reading })
	s.Clock = redacted(r, s.Clock, func(c *Clock) *Reading { return &c.Reading })
	s.Transactions = redacted(r, s.Transactions, func(t *Transactions) *Reading { return &t.Reading })
	s.Digests = redacted(r, s.Digests, func(d *Digests) *Reading {
		d.Rows = slices.Clone(d.Rows)
		for i := range d.Rows {
			d.Rows[i].Text, d.Rows[i].Sample = MaskLiterals(d.Rows[i].Text), MaskLiterals(d.Rows[i].Sample)
		}
		return &d.Reading
	})
	s.Locks = redacted(r, s.Locks, func(l *Locks) *Reading {
		l.Waits, l.Known = slices.Clone(l.Waits), slices.Clone(l.Known)
		for i := range l.Waits {
			l.Waits[i].Object = MaskLiterals(l.Waits[i].Object)
		}
		for i := range l.Known {
			k := &l.Known[i]
			// Records are keys of rows. The same one keeps the same name, since that
			// is how waits are found.
			k.Object, k.Record = MaskLiterals(k.Object), r.pseudonym("record", k.Record)
		}
		return &l.Reading
	})
}

// PrivateSetting reports whether a setting's value is a statement, as that of
// init_connect is. init_file is the name of a file, which masking leaves alone.
func PrivateSetting(name string) bool { return strings.HasPrefix(name, "init_") }

// MaskSetting is the private form of a setting's value.
func MaskSetting(name, value string) string {
	if PrivateSetting(name) {
		return MaskLiterals(value)
	}
	return value
}

// redacted copies a part that is read seldom, nil for none.
func redacted[T any](r *Redactor, part *T, change func(*T) *Reading) *T {
	if part == nil {
		return nil
	}
	out := *part
	reading := change(&out)
	reading.Error = r.Error(reading.Error)
	return &out
}

// Finding is the private copy of a finding.
func (r *Redactor) Finding(f *Finding) Finding {
	out := *f
	out.Title, out.Why = r.Sentence(f.Title), r.statementIn(f.Why)
	out.Evidence, out.Do = slices.Clone(f.Evidence), slices.Clone(f.Do)
	for i := range out.Evidence {
		out.Evidence[i].Value = r.Sentence(out.Evidence[i].Value)
	}
	for i := range out.Do {
		out.Do[i] = r.Sentence(out.Do[i])
	}
	return out
}

// Event is the private copy of an event.
func (r *Redactor) Event(e *Event) Event {
	out := *e
	out.Text = r.Sentence(e.Text)
	return out
}

// headline keeps the worst finding's title at the start of the verdict.
func (r *Redactor) headline(s *Snapshot, findings []Finding) string {
	text := s.Headline.Text
	if len(findings) > 0 && len(text) >= len(s.Findings[0].Title) && text[:len(s.Findings[0].Title)] == s.Findings[0].Title {
		return findings[0].Title + text[len(s.Findings[0].Title):]
	}
	return r.Sentence(text)
}
