package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

// settingDemand is what changes of settings are planned with.
const settingDemand = actionDemand | model.SubjectSettings

// settingKeys change the chosen setting: in the Configuration pane and in its
// detail.
func (s *shell) settingKeys() []action {
	p, ok := s.pane().(*configuration)
	if !ok {
		return nil
	}
	return []action{
		do("change the setting on one node; shows its plan and asks first", func(s *shell) { s.changeOne(p.chosen(s)) }, "c").
			footed("change").unless(func() string { return s.unchangeable(p) }),
		do("change the setting on all nodes, one after the other", func(s *shell) { s.mode = newSettingAsk(s, p.chosen(s), "") }, "C").
			footed("on all").unless(func() string { return s.unchangeable(p) }),
		do("what changed since this console began", func(s *shell) { s.mode = &changesMode{under: s.mode} }, "t"),
	}
}

// chosen is the setting of the detail that is open, else the one under the cursor;
// nil: none is.
func (p *configuration) chosen(s *shell) *configRow {
	if m, ok := s.mode.(*configDetail); ok {
		return &m.row
	}
	return p.list.current()
}

// unchangeable is why the chosen setting cannot be changed; empty when it can.
func (s *shell) unchangeable(p *configuration) string {
	r := p.chosen(s)
	switch why := s.powerless(); {
	case why != "":
		return why
	case r == nil:
		return "no row is selected"
	}
	return actions.SettingForbidden(s.present().Nodes, r.Name)
}

// changeOne asks for the node, where there is a choice.
func (s *shell) changeOne(r *configRow) {
	if all := s.present().Nodes; len(all) == 1 {
		s.mode = newSettingAsk(s, r, all[0].ID)
		return
	}
	s.mode = &pickMode{under: s.mode, title: r.Name + ": on which node?", hint: "change it there", then: func(s *shell, node string) {
		s.mode = newSettingAsk(s, r, node)
	}}
}

// settingAsk is while the value of a setting is typed.
type settingAsk struct {
	input
	name  string
	node  string // ID; empty is all nodes
	under mode
	wrong string // why what was typed is no value
}

func newSettingAsk(s *shell, r *configRow, node string) *settingAsk {
	return &settingAsk{name: r.Name, node: node, under: s.mode}
}

func (m *settingAsk) below() mode { return m.under }

func (m *settingAsk) demand() model.Subject { return settingDemand }

func (m *settingAsk) order() actions.SettingOrder {
	return actions.SettingOrder{Name: m.name, Value: string(m.text), Node: m.node}
}

func (m *settingAsk) press(s *shell, k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "esc":
		s.mode = m.under
	case "enter":
		if err := actions.CheckSetting(s.present(), m.order()); err != nil {
			m.wrong = err.Error()
			return nil
		}
		c := &changing{node: m.node, session: s.session(), also: settingDemand}
		c.first = actions.PlanSetting(s.present(), c.session, m.order())
		s.propose(c)
	default:
		if m.input.press(k) {
			m.wrong = ""
		}
	}
	return nil
}

func (m *settingAsk) body(s *shell, width, height int) []string {
	e := &s.env
	where := "all nodes"
	if n := s.present().Node(m.node); n != nil {
		where = n.Name
	}
	lines := []string{rule(e, width, m.name+" on "+where, "", "", e.st.accent)}
	put := func(st style, text string) {
		for _, part := range prose(text, width-2) {
			lines = append(lines, newLine(e.g, width).to(1).put(st, part).String())
		}
	}
	class, why := model.ClassOf(m.name)
	put(e.st.text, strings.TrimSpace("The values "+classWords[class]+". "+why))
	lines = append(lines, newLine(e.g, width).String())
	room := max(1, height-len(lines)-6)
	for i, n := range s.present().Nodes {
		if i == room-1 && len(s.present().Nodes) > room {
			put(e.st.dim, plural(len(s.present().Nodes)-i, "more node", "more nodes"))
			break
		}
		lines = append(lines, m.now(s, n, width))
	}
	lines = append(lines, newLine(e.g, width).String())
	l := newLine(e.g, width).put(e.st.alert, " New value: ").put("", " ")
	lines = append(lines, l.put(e.st.text, string(m.text)).put(e.st.accent, e.g.cursor).String())
	put(e.st.dim, "Nothing is changed yet: Enter shows the plan, which is confirmed after that.")
	put(e.st.crit, m.wrong)
	return fit(e, lines, width, height)
}

// classWords are how values must relate, in a sentence.
var classWords = map[model.ConfigClass]string{
	model.ConfigFree: "of the nodes may differ", model.ConfigEqual: "must be equal on all nodes",
	model.ConfigOwn: "must differ from node to node", model.ConfigLocal: "are each node's own",
}

// now is the present value on a node.
func (m *settingAsk) now(s *shell, n *model.Node, width int) string {
	e := &s.env
	l, st := newLine(e.g, width).to(1), e.st.dim
	if m.node == "" || n.ID == m.node {
		st = e.st.text
	}
	l.field(e.st.accent, n.Name, menuName, false).fill("", " ", 1)
	a, _, ok := model.AssignmentOf(n, m.name)
	switch {
	case !ok:
		return l.put(e.st.dim, "not known").String()
	case a.Value == "":
		l.put(e.st.dim, "(empty)")
	default:
		l.put(st, a.Value)
	}
	if file := e.files[n.ID].Setting(m.name); file.Set {
		l.put(e.st.dim, "  option files say "+file.Value)
	}
	return l.String()
}

func (m *settingAsk) footer(s *shell, l *line) {
	l.to(1).put(s.st.key, "Enter").put(s.st.dim, " plan").put(s.st.key, "  Ctrl-U").put(s.st.dim, " clear")
	l.put(s.st.key, "  Esc").put(s.st.dim, " back")
}
