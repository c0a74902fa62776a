package preflight

import (
	"cmp"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// evidence is what every verdict rests on.
func (c *look) evidence() []model.Evidence {
	own := func(variable, value string) model.Evidence {
		return model.Evidence{Node: c.Name, Variable: variable, Value: value}
	}
	var out []model.Evidence
	if c.Options.Known() {
		out = append(out, own("wsrep_cluster_address", cmp.Or(c.option("wsrep_cluster_address"), "not set")))
	}
	out = append(out, own("server", c.processWords()), own("grastate.dat", c.grastateWords()))
	if g := c.State.Gvwstate; g.Known() && g.Value != nil {
		out = append(out, own("gvwstate.dat", "a view of "+strings.Join(g.Value.Members, ", ")))
	}
	if c.Recovered != nil {
		out = append(out, own("recovered position", c.Recovered.String()))
	}
	if l := c.State.Leftovers; l.Known() && len(l.Value) > 0 {
		out = append(out, own("left behind by a state transfer", strings.Join(l.Value, ", ")))
	}
	if room, ok := c.room(); ok {
		out = append(out, own("room for data", model.ByteWords(room)))
	}
	for _, p := range c.Peers {
		out = append(out, model.Evidence{Node: p.Address, Variable: "group port", Value: answerWords[p.Answer]})
	}
	for _, n := range c.members() {
		st := n.Status()
		out = append(out, model.Evidence{Node: n.Name, Variable: "over SQL", Value: st.ClusterStatus + ", " + st.State().String()})
	}
	return out
}

func (c *look) processWords() string {
	runs, known := c.running()
	switch {
	case !known:
		return "not known whether it runs: " + c.State.Server.Unknown
	case runs:
		return "runs"
	}
	return "does not run"
}

func (c *look) grastateWords() string {
	switch g := c.State.Grastate; {
	case !g.Known():
		return "not known: " + g.Unknown
	case g.Value == nil:
		return "there is none"
	default:
		return g.Value.String() + ", safe_to_bootstrap: " + map[bool]string{true: "1", false: "0"}[g.Value.SafeToBootstrap]
	}
}

// unasked are what could not be asked.
func (c *look) unasked() []string {
	var out []string
	add := func(what, why string) {
		if why != "" {
			out = append(out, what+": "+why)
		}
	}
	add("the members over SQL", c.Unasked)
	if c.Snapshot != nil {
		for _, n := range c.Snapshot.Nodes {
			if n.ID != c.Self && !n.Up() && n.Failure != nil {
				add(n.Name+" over SQL", n.Failure.Text)
			}
		}
	}
	for _, p := range c.doubtful() {
		add(p.Address, answerWords[p.Answer])
	}
	add("whether the server runs", c.State.Server.Unknown)
	add("grastate.dat", c.State.Grastate.Unknown)
	add("gvwstate.dat", c.State.Gvwstate.Unknown)
	add("the room on its disk", cmp.Or(c.State.Disk.Unknown, c.OwnSize.Unknown))
	add("whether something else makes this start found a cluster", c.State.Founds.Unknown)
	add("its position", c.NotRecovered)
	return out
}
