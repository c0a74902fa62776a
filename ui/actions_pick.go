package ui

import (
	"cmp"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/galeratop/galeratop/model"
)

// pickMode asks for the node, component by component, where none is chosen yet.
type pickMode struct {
	input
	under mode
	at    string // ID of the node under the cursor
	top   int
	// title, hint and then are for another question than that for actions.
	title, hint string
	then        func(s *shell, node string)
}

// openPick asks for the node; the cursor is on one from the start, and stays on it
// when nodes go to other components.
func (s *shell) openPick() {
	m := &pickMode{under: s.mode}
	if found := m.found(&s.env); len(found) > 0 {
		m.at = found[0].node.ID
	}
	s.mode = m
}

func (m *pickMode) below() mode { return m.under }

func (m *pickMode) demand() model.Subject { return actionDemand }

// picked is a node of the list and the head that it stands under.
type picked struct {
	node *model.Node
	head string
}

// found are the nodes whose name has what was typed, those of Primary Components
// first.
func (m *pickMode) found(e *env) []picked {
	var out []picked
	seen := make(map[string]bool)
	add := func(head string, ids []string) {
		for _, id := range ids {
			n := e.snap.Node(id)
			if n == nil || seen[id] {
				continue
			}
			seen[id] = true
			if strings.Contains(strings.ToLower(n.Name), strings.ToLower(string(m.text))) {
				out = append(out, picked{n, head})
			}
		}
	}
	for _, primary := range []bool{true, false} {
		for i := range e.snap.Components {
			if c := &e.snap.Components[i]; c.Primary == primary {
				add(e.boxTitle(c, details-1), slices.Concat(c.Nodes, c.Silent))
			}
		}
	}
	rest := make([]string, len(e.snap.Nodes))
	for i, n := range e.snap.Nodes {
		rest[i] = n.ID
	}
	add("In no component", rest)
	return out
}

func (m *pickMode) place(found []picked) int {
	return max(0, slices.IndexFunc(found, func(p picked) bool { return p.node.ID == m.at }))
}

func (m *pickMode) press(s *shell, k tea.KeyPressMsg) tea.Cmd {
	found := m.found(&s.env)
	switch k.String() {
	case "esc":
		s.mode = m.under
	case "up", "down", "pgup", "pgdown", "home", "end":
		if to := moved(k.String(), m.place(found), len(found)); to >= 0 {
			m.at = found[to].node.ID
		}
	case "enter":
		if len(found) == 0 {
			s.say("no node has this name")
			return nil
		}
		if id := found[m.place(found)].node.ID; m.then != nil {
			m.then(s, id)
		} else {
			s.openActions(id)
		}
	default:
		m.input.press(k)
	}
	return nil
}

func (m *pickMode) body(s *shell, width, height int) []string {
	e := &s.env
	found := m.found(e)
	var list []string
	at, head := 0, ""
	for i, p := range found {
		if p.head != head {
			head = p.head
			list = append(list, newLine(e.g, width).to(1).put(e.st.title, head).String())
		}
		l, c := newLine(e.g, width), e.condition(p.node)
		if i == m.place(found) {
			at, l.over = len(list), e.st.selection
		}
		l.fill("", " ", 3).field(e.st.accent, p.node.Name, menuName, false).fill("", " ", 1)
		list = append(list, l.put(c.st, c.String()).done(""))
	}
	if len(found) == 0 {
		list = append(list, newLine(e.g, width).to(3).put(e.st.dim, "no node has this name").String())
	}
	room := max(1, height-1)
	m.top = max(min(m.top, max(0, at-1)), at-room+1)
	visible := list[min(m.top, len(list)-1):]
	return fit(e, slices.Insert(visible, 0, rule(e, width, cmp.Or(m.title, "Actions: on which node?"), "", "", "")), width, height)
}

func (m *pickMode) footer(s *shell, l *line) {
	if s.said != "" {
		l.to(1).put(s.st.notice, s.said)
		return
	}
	l.to(1)
	if len(m.text) > 0 {
		l.put(s.st.text, string(m.text)).put(s.st.accent, s.g.cursor).put("", " ")
	}
	l.put(s.st.key, "Up Down").put(s.st.dim, " choose").put(s.st.key, "  Enter").put(s.st.dim, " "+cmp.Or(m.hint, "its actions"))
	l.put(s.st.key, "  letters").put(s.st.dim, " of the name").put(s.st.key, "  Esc").put(s.st.dim, " back")
}
