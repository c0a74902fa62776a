package preflight

import (
	"cmp"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/model"
)

// Verdict is what a start would do, and how that is known.
type Verdict struct {
	Kind Kind   `json:"verdict"`
	Code Code   `json:"exit_code"`
	Text string `json:"text"` // one sentence for people
	// Harm: the start could split the cluster, lose data or keep rows that differ. A
	// start that is only in vain could not, nor one that waits.
	Harm     bool             `json:"harm"`
	Do       []string         `json:"do"` // what to do, the first thing first
	Evidence []model.Evidence `json:"evidence"`
	Unasked  []string         `json:"not_asked"` // what could not be asked, one sentence each
}

// Decide says what a start would do.
func Decide(f *Facts) *Verdict {
	c := newCase(f)
	var v *Verdict
	for _, r := range rules {
		if v = r.says(c); v != nil {
			break
		}
	}
	v.Code = cmp.Or(v.Code, codeOf(v.Kind))
	if v.Code == CodeConsent && c.agreed(v.Kind) {
		v.Code = CodeSafe
	}
	if v.Kind == Join && f.AcceptSST {
		v.Code = CodeSafe
	}
	v.Harm = v.Code == CodeHarm || v.Kind == Unknown && !c.onlyJoins()
	if f.Guard && !v.Harm {
		v.Code = CodeSafe
	}
	v.Evidence = append(v.Evidence, c.evidence()...)
	v.Unasked = c.unasked()
	return v
}

// onlyJoins reports whether the start is known to found nothing: it joins whom it
// finds, or does not come up.
func (c *look) onlyJoins() bool {
	why, _ := c.founds()
	return why == "" && c.Options.Known() && c.State.Founds.Known() && len(c.primaries()) < 2
}

// agreed reports whether somebody has agreed to the price of a verdict.
func (c *look) agreed(kind Kind) bool { return kind == JoinSST && c.AcceptSST }

// look is the facts with what follows from them.
type look struct {
	*Facts
	address GroupAddress
	values  map[string]string // of the options; nil when not known
}

func newCase(f *Facts) *look {
	c := &look{Facts: f}
	if f.Options.Known() {
		c.values = f.Options.Value.Values
	}
	_, port, _ := net.SplitHostPort(c.listener())
	c.address = ParseGroupAddress(c.values["wsrep_cluster_address"], port)
	return c
}

func (c *look) option(name string) string { return c.values[name] }

func (c *look) provider(name string) string {
	value, _ := model.ProviderOption(c.values["wsrep_provider_options"], name)
	return value
}

// listener is where the node's own group port is.
func (c *look) listener() string { return Listener(c.values) }

// Listener is where a node with these options listens for the group.
func Listener(values map[string]string) string {
	options := values["wsrep_provider_options"]
	if text, ok := model.ProviderOption(options, "gmcast.listen_addr"); ok && text != "" {
		return withPort(text, groupPort)
	}
	port, _ := model.ProviderOption(options, "base_port")
	if _, p, err := net.SplitHostPort(values["wsrep_node_address"]); err == nil && port == "" {
		port = p
	}
	return net.JoinHostPort("0.0.0.0", cmp.Or(port, groupPort))
}

// members are the other nodes that answer over SQL from inside of a group.
func (c *look) members() []*model.Node {
	if c.Snapshot == nil {
		return nil
	}
	var out []*model.Node
	for _, n := range c.Snapshot.Nodes {
		if st := n.Status(); n.ID != c.Self && n.Up() && st.Galera() && !strings.EqualFold(st.ClusterStatus, model.Disconnected) && st.State() != model.StateInconsistent {
			out = append(out, n)
		}
	}
	return out
}

// self is the node itself as it answers over SQL, nil when it does not.
func (c *look) self() *model.Node {
	if c.Snapshot == nil {
		return nil
	}
	if n := c.Snapshot.Node(c.Self); n != nil && n.Up() {
		return n
	}
	return nil
}

// running reports whether the server runs; known is false where that cannot be
// told. One that answers over SQL runs.
func (c *look) running() (runs, known bool) {
	if c.self() != nil {
		return true, true
	}
	return c.State.Server.Value.Running, c.State.Server.Known()
}

// answered are the peers of one answer.
func (c *look) answered(answers ...Answer) []Peer {
	var out []Peer
	for _, p := range c.Peers {
		if slices.Contains(answers, p.Answer) {
			out = append(out, p)
		}
	}
	return out
}

func addresses(peers []Peer) string {
	names := make([]string, len(peers))
	for i, p := range peers {
		names[i] = p.Address
	}
	return strings.Join(names, ", ")
}

func names(nodes []*model.Node) string {
	out := make([]string, len(nodes))
	for i, n := range nodes {
		out[i] = n.Name
	}
	return strings.Join(out, ", ")
}

// alive says who is alive, "" if nobody is known to be.
func (c *look) alive() string {
	if m := c.members(); m != nil {
		return names(m)
	}
	if p := c.answered(Listens); p != nil {
		return addresses(p)
	}
	return ""
}

// doubtful are the peers of which it is not known whether they are alive.
func (c *look) doubtful() []Peer { return c.answered(Silent, Nowhere, NoName) }

// nobody reports whether it is proven that no other member is alive: there are
// others, and each of them refuses the connection.
func (c *look) nobody() bool {
	return len(c.Peers) > 0 && len(c.answered(Closed)) == len(c.Peers) && c.members() == nil
}

// founds says why this start founds a cluster, "" if it does not. byHand is set
// when that was asked for and is not left behind in a file.
func (c *look) founds() (why string, byHand bool) {
	yes, _ := model.ParseBool(c.option("wsrep_new_cluster"))
	switch {
	case c.address.Founds() && c.address.Checked():
		return "wsrep_cluster_address is an empty gcomm://", false
	case c.address.Founds():
		return "wsrep_cluster_address is " + c.address.Text + ", which names nobody to join and even skips Galera's look at safe_to_bootstrap", false
	case yes:
		return "wsrep_new_cluster is in the option files", false
	case c.Founding:
		return "it is to be started as the first node", true
	case c.State.Founds.Known() && c.State.Founds.Value != "":
		// What galera_new_cluster sets for one start looks the same as what it left
		// behind when it was interrupted.
		return c.State.Founds.Value, true
	}
	return "", false
}

// checked reports whether Galera looks at safe_to_bootstrap before it founds.
func (c *look) checked() bool {
	return !c.address.Founds() || c.address.Checked()
}

// safe is what grastate.dat will say of safe_to_bootstrap when the node starts. A
// server that runs writes it when it stops: 1 if it is the last.
func (c *look) safe() (safe, known bool, evidence string) {
	if runs, _ := c.running(); runs {
		n := c.self()
		if n == nil || !n.Status().ClusterSize.Known {
			return false, false, "the server runs, and writes safe_to_bootstrap when it stops"
		}
		size := n.Status().ClusterSize.V
		return size <= 1, true, "the server runs in a group of " + strconv.FormatInt(size, 10) + ", and writes safe_to_bootstrap accordingly when it stops"
	}
	switch g := c.State.Grastate; {
	case !g.Known():
		return false, false, g.Unknown
	case g.Value == nil:
		return true, true, "there is no grastate.dat, which counts as safe_to_bootstrap: 1"
	default:
		return g.Value.SafeToBootstrap, true, "grastate.dat has safe_to_bootstrap: " + map[bool]string{true: "1", false: "0"}[g.Value.SafeToBootstrap]
	}
}

// position is where the node will stand when it starts. blank says why it has no
// position at all, missing why that is not known.
func (c *look) position() (at host.Position, blank, missing string) {
	none := host.Position{Seqno: -1}
	switch {
	case c.Empty.Known() && c.Empty.Value:
		return none, "its data directory is empty", ""
	case !c.State.Grastate.Known():
		return none, "", c.State.Grastate.Unknown
	case c.State.Leftovers.Known() && slices.Contains(c.State.Leftovers.Value, "sst_in_progress"):
		return none, "a state transfer to it broke off (sst_in_progress)", ""
	case c.State.Grastate.Value == nil:
		return none, "it has no grastate.dat", ""
	}
	g := c.State.Grastate.Value.Position
	switch {
	case !g.History():
		return none, "its grastate.dat names no history", ""
	case g.Exact():
		return g, "", ""
	case c.Recovered != nil && c.Recovered.UUID == g.UUID && c.Recovered.Exact():
		return *c.Recovered, "", ""
	case c.Recovered != nil:
		// Galera takes a recovered position only for the history of grastate.dat.
		return none, "what InnoDB recovered (" + c.Recovered.String() + ") is no position in the history of its grastate.dat", ""
	}
	return g, "", cmp.Or(c.NotRecovered, "it crashed, and its position has to be recovered from InnoDB: --recover-position does that")
}

// joiner is the node as the forecast wants it.
func (c *look) joiner() (j model.Joiner, missing string) {
	if n := c.self(); n != nil {
		j = model.JoinerOf(n)
	} else if runs, _ := c.running(); runs {
		missing = "the server runs, and where it stands could not be asked"
	} else {
		at, blank, why := c.position()
		j, missing = model.Joiner{UUID: at.UUID, Seqno: model.N(at.Seqno), Blank: blank}, why
	}
	j.Node, j.Method, j.Donors, j.Size = c.Self, c.option("wsrep_sst_method"), c.option("wsrep_sst_donor"), c.Size
	j.Segment = model.N(model.ParseNum(cmp.Or(c.provider("gmcast.segment"), "0")).Or(0))
	return j, missing
}
