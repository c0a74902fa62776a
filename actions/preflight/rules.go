package preflight

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// rule is one thing that decides what a start does.
type rule struct {
	name string
	says func(*look) *Verdict // nil if the rule does not apply
}

// rules are asked in this order, which is that of the server's start: options,
// provider, founding, joining. The last one always has something to say.
var rules = []rule{
	{"the server does not take its options", badOptions},
	{"the options cannot be read", unreadOptions},
	{"Galera is switched off", switchedOff},
	{"the provider is missing", noProvider},
	{"the address is none", badAddress},
	{"it founds, and Galera's check forbids it", foundingRefused},
	{"it founds beside others who are alive", foundingBeside},
	{"it founds, and others cannot be asked", foundingBlind},
	{"it founds, and nobody else is alive", foundingAlone},
	{"the names of the clusters differ", otherName},
	{"the group is split", split},
	{"a Primary Component is there", joining},
	{"members are there without a Primary Component", noQuorum},
	{"somebody listens and says nothing", joiningBlind},
	{"nobody can be asked", nobodyKnown},
	{"nobody is alive, and the view waits for its members", stale},
	{"nobody is alive", nobodyAlive},
}

func badOptions(c *look) *Verdict {
	if !c.Options.Known() || len(c.Options.Value.Faults) == 0 {
		return nil
	}
	faults := c.Options.Value.Faults
	v := &Verdict{
		Kind: Fails, Text: "the server does not take its options: " + faults[0],
		Do: []string{"Correct the option file before the server is stopped: with this one it does not come up again."},
	}
	for _, fault := range faults {
		v.Evidence = append(v.Evidence, model.Evidence{Node: c.Name, Variable: "the server's own check", Value: fault})
	}
	if strings.Contains(faults[0], "unknown variable") || strings.Contains(faults[0], "unknown option") {
		v.Do = append(v.Do, "If a plugin that was installed with INSTALL SONAME brings this option, write loose_ before its name: only then is it safe without the plugin.")
	}
	return v
}

func unreadOptions(c *look) *Verdict {
	if c.Options.Known() {
		return nil
	}
	return &Verdict{
		Kind: Unknown, Text: "the server's options could not be read: " + c.Options.Unknown,
		Do: []string{"Run this on the database host, where the server's program is, as a user who may read its option files."},
	}
}

func switchedOff(c *look) *Verdict {
	on, _ := model.ParseBool(c.option("wsrep_on"))
	provider := c.option("wsrep_provider")
	_, mariadb := c.values["wsrep_on"]
	var why string
	switch {
	case provider == "" || strings.EqualFold(provider, "none"):
		why = "no wsrep_provider is set"
	case mariadb && !on:
		why = "wsrep_on is OFF"
	default:
		return nil
	}
	return &Verdict{
		Kind: WithoutGalera, Text: why + ": the server would serve alone, and what is written there reaches no other node",
		Do: []string{"Write wsrep_on=ON and wsrep_provider into the option files of " + c.Name + ", unless it is to leave the cluster for good."},
	}
}

func noProvider(c *look) *Verdict {
	if !c.Provider.Known() || c.Provider.Value {
		return nil
	}
	return &Verdict{
		Kind: Fails, Text: "the Galera library " + c.option("wsrep_provider") + " does not exist",
		Do: []string{"Install the galera package, or correct wsrep_provider."},
	}
}

func badAddress(c *look) *Verdict {
	switch text := c.address.Text; {
	case text == "":
		if why, byHand := c.founds(); why != "" && byHand {
			return nil
		}
		return &Verdict{
			Kind: Fails, Text: "wsrep_cluster_address is not set: there is nobody to join",
			Do: []string{"Write the full list of members into wsrep_cluster_address."},
		}
	case !strings.HasPrefix(text, scheme):
		return &Verdict{
			Kind: Fails, Text: "wsrep_cluster_address is " + text + ", which does not begin with gcomm://",
			Do: []string{"Write the full list of members into wsrep_cluster_address."},
		}
	}
	if why, _ := c.founds(); why == "" && c.onlyItself() {
		return &Verdict{
			Kind: Fails, Text: "wsrep_cluster_address names nobody but the node itself, and Galera then gives up: No address to connect",
			Do: []string{"Write the full list of members into wsrep_cluster_address."},
		}
	}
	return nil
}

// onlyItself reports whether the address names no other member.
func (c *look) onlyItself() bool {
	for _, p := range c.Peers {
		if p.From == FromAddress {
			return false
		}
	}
	return true
}

// FromAddress is how peers are known that wsrep_cluster_address names.
const FromAddress = "wsrep_cluster_address"

func otherName(c *look) *Verdict {
	own := c.option("wsrep_cluster_name")
	for _, n := range c.members() {
		name := n.Sample.Server.ClusterName
		if name == "" || own == "" || name == own {
			continue
		}
		return &Verdict{
			Kind: Refused, Text: fmt.Sprintf("its wsrep_cluster_name is %s, but %s belongs to %s: the members refuse it", own, n.Name, name),
			Do:       []string{"Correct wsrep_cluster_name, or wsrep_cluster_address if it leads to the wrong cluster."},
			Evidence: []model.Evidence{{Node: n.Name, Variable: "wsrep_cluster_name", Value: name}, {Node: c.Name, Variable: "wsrep_cluster_name in the option files", Value: own}},
		}
	}
	return nil
}

// primaries are the Primary Components besides one that is the node's alone.
func (c *look) primaries() []*model.Component {
	var out []*model.Component
	if c.Snapshot == nil {
		return nil
	}
	for i := range c.Snapshot.Components {
		p := &c.Snapshot.Components[i]
		if p.Primary && (len(p.Nodes) != 1 || p.Nodes[0] != c.Self) {
			out = append(out, p)
		}
	}
	return out
}

func split(c *look) *Verdict {
	n := len(c.primaries())
	if n < 2 {
		return nil
	}
	return &Verdict{
		Kind: Unknown, Text: fmt.Sprintf("the cluster is split into %d Primary Components, and which one the node would join cannot be told", n),
		Do: []string{"Heal the split first (galeratop shows both sides), and leave this node as it is until then."},
	}
}

func joining(c *look) *Verdict {
	if len(c.primaries()) == 0 {
		return nil
	}
	j, missing := c.joiner()
	f := model.ForecastJoin(c.Snapshot, j, model.GroupRate(c.Snapshot))
	v := &Verdict{Text: f.Words(c.Snapshot), Evidence: f.Evidence}
	switch f.Kind {
	case model.ProspectIST:
		v.Kind, v.Do = JoinIST, []string{"Start it."}
		if f.Apart != "" {
			v.Code, v.Do = CodeHarm, []string{"Do not let it come back by IST: stop it, keep a copy of its data, and remove grastate.dat so that it gets a full copy."}
		}
	case model.ProspectSST:
		c.copied(v)
	case model.ProspectImpossible:
		v.Kind, v.Do = Refused, []string{"Keep a copy of its data: it holds writes that the group does not have. Then let it come back by a full copy."}
		if !strings.Contains(f.Why, "ahead of the group") {
			v.Kind, v.Do = Waits, []string{"Wait until a donor is Synced, then ask again."}
		}
	default:
		v.Kind, v.Do = Join, []string{"Start it if a full copy (SST) is acceptable too; --accept-sst says so."}
		if missing != "" {
			v.Text = "it joins, by IST or by SST: " + missing
		}
	}
	return v
}

// copied is the verdict on a full copy: does it fit?
func (c *look) copied(v *Verdict) {
	v.Kind = JoinSST
	v.Do = []string{"Start it at an hour when a donor can be spared; all data on this node is replaced. --accept-sst agrees to that."}
	room, known := c.room()
	switch need, more := c.needs(); {
	case !c.Size.Known || !known:
		v.Text += "; whether the copy fits on its disk is not known"
	case need > room:
		v.Kind = Fails
		v.Text = fmt.Sprintf("it needs a full copy of %s and %s for %s, but its file system has room for %s: the transfer fails, and the node's own data is gone by then",
			model.ByteWords(c.Size.V), model.ByteWords(need-c.Size.V), more, model.ByteWords(room))
		v.Do = []string{"Make room on the file system of " + c.State.DataDir.Value.Path + " before it starts."}
	case float64(need) > 0.9*float64(room):
		v.Text += "; that fills more than nine tenths of the room of " + model.ByteWords(room)
	}
}

// needs is what the node's file system has to hold after a full copy: the data, and
// what the node itself keeps there.
func (c *look) needs() (bytes int64, more string) {
	redo := model.ParseSize(c.option("innodb_log_file_size")).Or(0)
	more = "the redo log"
	if c.provider("gcache.dir") == "" && c.provider("gcache.name") == "" {
		redo += model.ParseSize(cmp.Or(c.provider("gcache.size"), usualGcache)).Or(0)
		more = "the gcache and the redo log"
	}
	return c.Size.V + redo, more
}

// usualGcache is gcache.size where no option sets it.
const usualGcache = "128M"

// room is how much a full copy may take: what is free, and what the node's own data
// takes now, which goes.
func (c *look) room() (int64, bool) {
	if !c.State.Disk.Known() || !c.OwnSize.Known() {
		return 0, false
	}
	return c.State.Disk.Value.Free + c.OwnSize.Value, true
}

func noQuorum(c *look) *Verdict {
	m := c.members()
	if m == nil {
		return nil
	}
	return &Verdict{
		Kind: Waits, Text: "no member that answers is in a Primary Component (" + names(m) + "): the node would wait with them",
		Do: []string{"Bring the group back first: galeratop shows why it has no Primary Component, and how to make one."},
	}
}

func joiningBlind(c *look) *Verdict {
	p := c.answered(Listens)
	if p == nil {
		return nil
	}
	text := addresses(p) + " listens, so the node finds a member to join"
	_, blank, missing := c.position()
	if runs, _ := c.running(); !runs && blank != "" {
		v := &Verdict{Text: text + ", and gets a full copy (SST): " + blank}
		c.copied(v)
		return v
	}
	if missing == "" {
		missing = "whether a member still holds what it lacks could not be asked over SQL"
	}
	return &Verdict{
		Kind: Join, Text: text + "; by IST or by SST: " + missing,
		Do: []string{"Give an account that may log in to the members (-u, -p or an option file) for a better answer, or start it if a full copy (SST) is acceptable too; --accept-sst says so."},
	}
}

func nobodyKnown(c *look) *Verdict {
	p := c.doubtful()
	if p == nil && len(c.Peers) > 0 {
		return nil
	}
	if p == nil {
		return &Verdict{Kind: Unknown, Text: "no other member is known", Do: []string{"Name the other members on the command line."}}
	}
	return &Verdict{
		Kind: Unknown, Text: addresses(p) + " could not be asked, and nobody else is alive: unreachable does not mean down",
		Do: []string{"Look at the network and the firewall between this host and those, port 4567 first: the node itself needs it too."},
	}
}

// restores reports whether the node will try to rebuild its last view. A server that
// runs removes the file when it stops.
func (c *look) restores() bool {
	if runs, _ := c.running(); runs {
		return false
	}
	on, known := model.ParseBool(c.provider("pc.recovery"))
	return c.State.Gvwstate.Known() && c.State.Gvwstate.Value != nil && (on || !known)
}

func stale(c *look) *Verdict {
	if !c.restores() {
		return nil
	}
	view := c.State.Gvwstate.Value
	if view.Alone() {
		v := foundedAgain(c, "its gvwstate.dat lists nobody but itself, so it becomes Primary by itself", true)
		return v
	}
	return &Verdict{
		Kind: Waits,
		Text: fmt.Sprintf("nobody else is alive, and its gvwstate.dat makes it wait, with its SQL port closed, until all %d members of its last view are back", len(view.Members)),
		Do: []string{
			"Start the other members as well: once all of them are back, the group rebuilds itself.",
			"If one of them is lost for good, find the most advanced node and make it the first one: galeratop recover leads through it.",
		},
		Evidence: []model.Evidence{{Node: c.Name, Variable: "gvwstate.dat", Value: strings.Join(view.Members, ", ")}},
	}
}

func nobodyAlive(*look) *Verdict {
	return &Verdict{
		Kind: Fails, Text: "nobody else is alive, so there is no group to join: the server gives up after pc.wait_prim_timeout, 30 s unless changed",
		Do: []string{"Find the most advanced node and start that one as the first: galeratop recover leads through it. With --bootstrap this says whether it may be this one."},
	}
}
