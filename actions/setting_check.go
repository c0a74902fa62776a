package actions

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// settingCase is a setting in a snapshot.
type settingCase struct {
	*model.Snapshot
	subject *settingSubject
	nodes   []*model.Node // that are to have the value
}

// every goes through the nodes: what is found at the first that does not pass, or
// at all, those with the same together.
func (c *settingCase) every(text string, find func(*model.Node) (evidence string, verdict Verdict)) Check {
	var order []string
	found := make(map[string][]*model.Node)
	for _, n := range c.nodes {
		evidence, verdict := find(n)
		if verdict != Met {
			return Check{Text: text, Evidence: n.Name + ": " + evidence, Verdict: verdict}
		}
		if found[evidence] == nil {
			order = append(order, evidence)
		}
		found[evidence] = append(found[evidence], n)
	}
	all := make([]string, len(order))
	for i, evidence := range order {
		if all[i] = names(found[evidence]); evidence != "" {
			all[i] += ": " + evidence
		}
	}
	return judged(len(all) > 0, text, strings.Join(all, "; "))
}

// answering wants every node that is to be set there, and seen just now.
func (c *settingCase) answering() Check {
	return c.every(agree(len(c.nodes), "the node answers", "all of the nodes answer"), func(n *model.Node) (string, Verdict) {
		found := answers(&nodeCase{Snapshot: c.Snapshot, node: n})
		if found.Verdict == Met {
			return "", Met
		}
		return found.Evidence, found.Verdict
	})
}

// whole wants the one Primary Component, and all of its nodes within reach.
func (c *settingCase) whole() Check {
	const text = "all nodes of the one Primary Component can be reached"
	all := (&nodeCase{Snapshot: c.Snapshot}).primaries()
	if len(all) != 1 {
		found := onePrimary(&nodeCase{Snapshot: c.Snapshot})
		return judged(false, text, found.Evidence)
	}
	if silent := all[0].Silent; len(silent) > 0 {
		return unknown(text, (&nodeCase{Snapshot: c.Snapshot}).named(silent)+" "+agree(len(silent), "is", "are")+" in it and does not answer: unreachable means unknown")
	}
	return judged(true, text, names(c.nodes)+" "+agree(len(c.nodes), "is", "are")+" in it")
}

// known wants the present value.
func (c *settingCase) known() Check {
	return c.every("the present "+c.subject.name+" is known", func(n *model.Node) (string, Verdict) {
		a, ok := c.subject.present(n)
		if ok {
			return valueWord(a.Value), Met
		}
		if s := n.Sample.Slow.Settings; s != nil && len(s.Rows) > 0 {
			return "its server has no such setting", Failed
		}
		return "its settings have not been read yet", Unknown
	})
}

func valueWord(value string) string { return cmp.Or(model.Printable(value, 80), "(empty)") }

// dynamic wants a setting that can be changed while the server runs.
func (c *settingCase) dynamic() Check {
	return c.every("it can be changed while the server runs", func(n *model.Node) (string, Verdict) {
		if a, _ := c.subject.present(n); needsRestart(c.subject.name, &a) {
			return "it takes effect only with a restart: write it into the option file and restart the node", Failed
		}
		return "", Met
	})
}

// formed wants a value of the right kind.
func (c *settingCase) formed() Check {
	return c.every("the value is one of its kind", func(n *model.Node) (string, Verdict) {
		a, _ := c.subject.present(n)
		to, err := shaped(c.subject.name, c.subject.wanted(n.ID), a.Value)
		if err != nil {
			return err.Error(), Failed
		}
		return valueWord(to), Met
	})
}

// wanted is what was typed, or of an undo what the node had before.
func (t *settingSubject) wanted(node string) string {
	if target := t.target(node); t.undo && target != nil {
		return target.to
	}
	return t.value
}

// then is the value that a node will have.
func (c *settingCase) then(n *model.Node) (value string, ok bool) {
	a, ok := c.subject.present(n)
	for _, to := range c.nodes {
		if ok && to.ID == n.ID {
			if value, err := shaped(c.subject.name, c.subject.wanted(n.ID), a.Value); err == nil {
				return value, true
			}
		}
	}
	return a.Value, ok
}

// dangers are the findings that the new value would lead to, one of each rule.
func (c *settingCase) dangers() []model.Finding {
	var out []model.Finding
	seen := make(map[string]bool)
	for _, n := range c.nodes {
		value, _ := c.then(n)
		for _, f := range model.Dangers(n, c.subject.name, value) {
			if !seen[f.Rule] {
				seen[f.Rule] = true
				out = append(out, f)
			}
		}
	}
	return out
}

// harmless wants no value of which a rule says that it is critical.
func (c *settingCase) harmless(found []model.Finding) Check {
	const text = "the value is not dangerous"
	for _, f := range found {
		if f.Level >= model.LevelCritical {
			check := judged(false, text, "then: "+f.Title)
			check.Waivers = []Waiver{{Risk: f.Why, Words: c.subject.name + "=" + c.subject.value, Meant: true}}
			return check
		}
	}
	if len(found) > 0 {
		return judged(true, text, "not at once, but see below")
	}
	return judged(true, text, "no rule speaks against it")
}

// alike wants that a setting that must be equal does not come to differ.
func (c *settingCase) alike(why string) Check {
	text := c.subject.name + " is the same on all nodes then"
	mine, _ := c.then(c.nodes[0])
	var with, apart []*model.Node
	for _, n := range c.rest() {
		if value, ok := c.then(n); ok && model.SameMeaning(c.subject.name, value, mine) {
			with = append(with, n)
		} else if ok {
			apart = append(apart, n)
		}
	}
	switch {
	case len(apart) == 0:
		return judged(true, text, "no other node that answers has another value")
	case len(with) > 0 || c.shared():
		return judged(true, text, "it becomes that of more nodes; "+c.values(apart)+" still "+agree(len(apart), "differs", "differ"))
	}
	check := judged(false, text, c.values(apart)+"; change it on all nodes")
	check.Waivers = []Waiver{{Risk: why, Words: "only " + c.nodes[0].Name, Meant: true}}
	return check
}

// shared reports whether all nodes of the component are set.
func (c *settingCase) shared() bool { return c.subject.node == "" }

// rest are the nodes in Primary Components that answer and are not the first that
// is to be set.
func (c *settingCase) rest() []*model.Node {
	return (&nodeCase{Snapshot: c.Snapshot, node: c.nodes[0]}).others(func(n *model.Node) bool {
		return n.Up() && n.Status().InPrimary()
	})
}

// values says who has which value now: "db2 has 16 and db3 has 200".
func (c *settingCase) values(nodes []*model.Node) string {
	out := make([]string, len(nodes))
	for i, n := range nodes {
		value, _ := c.then(n)
		out[i] = fmt.Sprintf("%s has %s", n.Name, valueWord(value))
	}
	return listed(out)
}

// distinct wants that a setting that must differ still does.
func (c *settingCase) distinct(why string) Check {
	text := c.subject.name + " differs from node to node"
	mine, _ := c.then(c.nodes[0])
	if len(c.nodes) > 1 {
		return judged(false, text, "all nodes would get the same. "+why)
	}
	for _, n := range c.rest() {
		if value, ok := c.then(n); ok && mine != "" && !strings.EqualFold(mine, "AUTO") && model.SameMeaning(c.subject.name, value, mine) {
			return judged(false, text, n.Name+" has "+valueWord(value)+" already. "+why)
		}
	}
	return judged(true, text, "no other node that answers has "+valueWord(mine))
}
