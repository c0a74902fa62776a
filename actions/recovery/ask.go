package recovery

import (
	"slices"

	"github.com/galeratop/galeratop/actions"
)

// askRead wants hosts read.
func (w *world) askRead(nodes []*node, means string) *Move {
	return &Move{
		Kind: Ask, Title: "Read the " + agree(len(nodes), "host", "hosts") + " of " + names(nodes), Found: w.rows(nodes), Means: means,
		Will:     []string{"nothing is changed there: what the servers left on their disks, their processes and their option files are looked at"},
		Question: &Question{Need: NeedRead, Nodes: ids(nodes), Text: "read the " + agree(len(nodes), "host", "hosts") + " of " + names(nodes)},
	}
}

// askPosition wants positions recovered. It is confirmed like any plan that changes
// nothing that lasts.
func (w *world) askPosition(nodes []*node, means string) *Move {
	title := "Recover the " + agree(len(nodes), "position", "positions") + " of " + names(nodes)
	if w.Session.ReadOnly {
		return w.refuse("Refused: "+title, "this console is read-only: it runs no server, not even for a moment", nodes)
	}
	word := "y"
	if w.Session.Production {
		word = w.Session.Cluster
	}
	return &Move{
		Kind: Ask, Title: title, Found: w.rows(nodes), Means: means,
		Will: []string{
			"each server is run for a moment in a mode in which it recovers InnoDB, prints its position and ends; it joins no group and takes no clients",
			"on a large server this takes as long as a start after a crash",
		},
		Question: &Question{
			Need: NeedPosition, Nodes: ids(nodes), Answers: []string{word},
			Text: "recover the " + agree(len(nodes), "position", "positions") + " of " + names(nodes),
		},
	}
}

// askDead wants a person to declare a node lost.
func (w *world) askDead(n *node, found []*node, means, risk string) *Move {
	words := n.words
	return &Move{
		Kind: Ask, Node: n.ID, Title: "Is " + n.Name + " lost for good?", Found: w.rows(found), Means: means,
		Will: []string{
			"make its host readable, or start it, and it is found out here; nothing need be typed then",
			"or, if you know that its server is stopped and stays so, say it by typing: " + words,
		},
		Lost:     []string{risk},
		Question: &Question{Need: NeedWords, Nodes: []string{n.ID}, Words: words, Risk: risk, Text: "declare " + n.Name + " lost"},
	}
}

// refuse is a move that cannot be made.
func (w *world) refuse(title, means string, found []*node, do ...string) *Move {
	return &Move{Kind: Refused, Title: title, Means: means, Found: w.rows(found), Will: do}
}

// act is an order worked out. One that is refused becomes a refusal; one that
// waits for words becomes the question for them.
func (w *world) act(o Order, m Move) *Move {
	if n := w.find(o.Node); n.reading == nil && w.reaches() && !slices.Contains(overSQL, o.Action) {
		return w.askRead([]*node{n}, m.Means)
	}
	m.Kind, m.Order, m.Node = Act, &o, o.Node
	m.Plan = w.plan(o)
	reason := m.Plan.Refuse()
	if reason == "" {
		return &m
	}
	if asked := m.Plan.Waivers(); len(asked) > 0 {
		return w.askWaiver(asked[0], &m)
	}
	m.Kind, m.Means = Refused, reason
	m.Title = "Refused: " + m.Title
	return &m
}

// askWaiver wants the words that a plan waits for.
func (w *world) askWaiver(asked actions.Waiver, m *Move) *Move {
	return &Move{
		Kind: Ask, Node: m.Node, Title: "Before: " + m.Title, Found: m.Found, Means: m.Plan.Refuse(),
		Will:     []string{"if it is true, type: " + asked.Words},
		Lost:     []string{asked.Risk},
		Question: &Question{Need: NeedWords, Words: asked.Words, Risk: asked.Risk, Text: "declare it"},
	}
}

// byHand watches for what a person does, where no command reaches the hosts.
func (w *world) byHand(title, means string, found []*node, commands []HandCommand) *Move {
	return &Move{
		Kind: Watch, Title: title, Found: w.rows(found), Means: means, ByHand: commands,
		Will: []string{"this is watched for, and the next step follows when it is seen; with host_command for the cluster in config.toml it is done from here"},
	}
}
