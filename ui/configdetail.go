package ui

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/galeratop/galeratop/model"
)

// configDetail is everything about one setting.
type configDetail struct {
	scroller
	p   *configuration
	row configRow
}

func newConfigDetail(p *configuration, r *configRow) *configDetail {
	return &configDetail{p: p, row: *r}
}

func (m *configDetail) demand() model.Subject { return m.p.demand() }

func (m *configDetail) press(s *shell, k tea.KeyPressMsg) tea.Cmd {
	if k.String() == "y" {
		return s.copyLasting(m.lasting(&s.env))
	}
	if cmd, found := s.pressAction(k, s.settingKeys()); found {
		return cmd
	}
	m.scroller.press(s, k)
	return nil
}

func (m *configDetail) footer(s *shell, l *line) {
	if s.said != "" {
		l.to(1).put(s.st.notice, s.said)
		return
	}
	all := []hint{{keys: "Esc", word: "back"}}
	if why := s.unchangeable(m.p); why != "" {
		all = append(all, hint{keys: "c C", word: "change: " + model.Printable(why, 60), dead: true})
	} else {
		for _, a := range s.settingKeys() {
			if a.foot != "" {
				all = append(all, hint{keys: a.binding.Help().Key, word: a.foot, rank: a.rank})
			}
		}
	}
	if len(m.lasting(&s.env)) > 0 {
		all = append(all, hint{keys: "y", word: "copy the lines", rank: rankUsual})
	}
	if m.lines > m.height {
		all = append(all, hint{keys: "PgUp PgDn", word: "scroll", rank: rankSpare})
	}
	l.hints(s, all)
}

func (m *configDetail) body(s *shell, width, height int) []string {
	for i := range m.p.list.all {
		if r := &m.p.list.all[i]; r.Name == m.row.Name {
			m.row = *r
		}
	}
	e, r := &s.env, &m.row
	lines := []string{rule(e, width, r.Name, r.Class.String(), "", "")}
	say := func(st style, text string) {
		for _, part := range wrap(text, width-2, 0) {
			lines = append(lines, newLine(e.g, width).to(1).put(st, part).String())
		}
	}
	if r.Wrong != "" && len(r.Findings) == 0 {
		_, st := e.configSign(r)
		say(st, "The values "+r.Class.String()+" here. "+r.Wrong)
	}
	for _, f := range r.Findings {
		say(e.st.text, f.Title)
		say(e.st.dim, f.Why)
		for i, step := range f.Do {
			say(e.st.text, fmt.Sprintf("%d. %s", i+1, step))
		}
	}
	for i := range r.ahead {
		_, st := e.configSign(r)
		say(st, r.ahead[i].String())
	}
	for i, n := range m.p.matrix.Nodes {
		if i < len(r.Cells) {
			lines = append(lines, m.node(e, n, i, width)...)
		}
	}
	return m.window(append(lines, e.lastingLines(m.lasting(e), width)...), height)
}

// node is the setting on one node.
func (m *configDetail) node(e *env, n *model.Node, i, width int) []string {
	c := &m.row.Cells[i]
	sec := section{title: n.Name}
	add := func(name, value string, st style) {
		if value != "" {
			sec.facts = append(sec.facts, fact{name, value, st})
		}
	}
	if !c.Known {
		add("value", "not known: the node did not tell its settings since it started", e.st.dim)
		return sec.lines(e, width)
	}
	value, st := e.configValue(&configRow{ConfigRow: m.row.ConfigRow, drifts: make([]model.Drift, len(m.row.Cells))}, i)
	add("value", value, st)
	add("comes from", origin(&c.Assignment), e.st.text)
	if c.Default != "" && !model.SameMeaning(m.row.Name, c.Default, c.Value) {
		add("by default", c.Default, e.st.dim)
	}
	if file := e.files[n.ID].Setting(m.row.Name); file.Set {
		add("option files say", e.setting(m.row.Name, file.Value), e.st.text)
	} else if file.Read {
		add("option files say", "nothing", e.st.dim)
	}
	add("drift", m.row.drifts[i].String(), e.st.notice)
	if c.Fixed {
		add("to change it", "only with a restart", e.st.dim)
	}
	return sec.lines(e, width)
}

// origin is where a value comes from, in words.
func origin(a *model.Assignment) string {
	var b strings.Builder
	switch a.Origin {
	case model.OriginUnknown:
		return "not told by the server"
	case model.OriginRuntime:
		b.WriteString("set at runtime")
	case model.OriginFile:
		b.WriteString("option file")
	default:
		b.WriteString(string(a.Origin))
	}
	if a.Path != "" {
		b.WriteString(" " + a.Path)
	}
	if !a.Since.IsZero() {
		b.WriteString(", at " + a.Since.Format(time.DateTime))
	}
	if a.By != "" {
		b.WriteString(" by " + a.By)
	}
	return b.String()
}

// about is what is the matter with the selected setting, below the list.
func (p *configuration) about(width, height int) []string {
	r := p.list.current()
	if r == nil || height < 14 {
		return nil
	}
	var text []string
	if r.Differs {
		text = append(text, r.Summary(p.matrix.Nodes)+".")
	}
	switch {
	case len(r.Findings) > 0:
		text = append(text, r.Findings[0].Title+". "+r.Findings[0].Why)
	case r.Wrong != "":
		text = append(text, r.Wrong)
	case len(r.ahead) > 0:
		text = append(text, r.ahead[0].String())
	case r.drift() > model.DriftNone:
		text = append(text, "Drift: "+r.drift().String()+".")
	}
	if len(text) == 0 {
		return nil
	}
	lines := []string{rule(p.e, width, r.Name, r.Class.String(), "", "")}
	for _, part := range wrap(strings.Join(text, " "), width-3, 4) {
		lines = append(lines, newLine(p.e.g, width).to(2).put(p.e.st.text, part).String())
	}
	return lines
}
