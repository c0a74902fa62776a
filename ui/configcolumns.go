package ui

import (
	"strings"

	"github.com/galeratop/galeratop/model"
)

// searched is what the filter looks at.
func (r *configRow) searched() string {
	parts := make([]string, 0, 3+2*len(r.Cells))
	parts = append(parts, r.Name, r.Class.String(), r.Wrong)
	for i := range r.Cells {
		parts = append(parts, r.Cells[i].Value, string(r.Cells[i].Origin))
	}
	return strings.Join(parts, " ")
}

// head makes the columns anew when there are other nodes.
func (p *configuration) head() {
	names := make([]string, len(p.matrix.Nodes))
	for i, n := range p.matrix.Nodes {
		names[i] = n.Name
	}
	key := strings.Join(names, "\x00")
	if p.columns == key && p.list.columns != nil {
		return
	}
	p.columns = key
	p.list.columns = p.configColumns(names)
	p.list.widths = nil
}

// How wide a value is in the matrix; Enter shows all of it.
const (
	leastValue = 11
	mostValue  = 34
)

func (p *configuration) configColumns(names []string) []column[configRow] {
	e := p.e
	out := make([]column[configRow], 0, 3+len(names))
	out = append(
		out,
		column[configRow]{
			title: "", min: 1, max: 1,
			cell: func(r *configRow) (string, style) { return e.configSign(r) },
		},
		column[configRow]{
			title: "setting", about: "a variable, or with a dot in its name an option of wsrep_provider_options", min: 24, max: 32,
			cell: func(r *configRow) (string, style) { return r.Name, e.st.text },
		},
		column[configRow]{
			title: "verdict", about: "how the values should relate, or what is the matter with them", min: 14, max: 15,
			cell: func(r *configRow) (string, style) { return e.configVerdict(r) },
		},
	)
	for i, name := range names {
		out = append(out, column[configRow]{
			title: name, about: configCellAbout(i), min: leastValue, max: mostValue, priority: i + 1,
			cell: func(r *configRow) (string, style) { return e.configValue(r, i) },
		})
	}
	return out
}

// configCellAbout is said once, for the first of the nodes' columns.
func configCellAbout(i int) string {
	if i > 0 {
		return ""
	}
	return "the value that runs there; coloured: most nodes have another; * is set at runtime; ? was not read"
}

// configSign is how bad the row is.
func (e *env) configSign(r *configRow) (string, style) {
	switch level := r.Level(); {
	case level >= model.LevelCritical:
		return "!", e.st.crit
	case level == model.LevelWarning:
		return "!", e.st.warn
	case level == model.LevelNotice:
		return "!", e.st.notice
	}
	return " ", e.st.dim
}

// configVerdict is the short word for what is the matter.
func (e *env) configVerdict(r *configRow) (string, style) {
	_, st := e.configSign(r)
	switch {
	case r.Wrong != "" && r.Class == model.ConfigOwn:
		return "must differ", st
	case r.Wrong != "":
		return "must be equal", st
	case len(r.Findings) > 0:
		return "dangerous", st
	case len(r.ahead) > 0:
		return "danger in file", st
	case r.drift() > model.DriftNone:
		return configDrifts[r.drift()], e.st.notice
	case r.Differs && r.Class == model.ConfigFree:
		return "differs", e.st.text
	}
	return r.Class.String(), e.st.dim
}

var configDrifts = [...]string{"", "", "file differs", "lost at restart", "set at runtime"}

// drift is the row's clearest one.
func (r *configRow) drift() model.Drift {
	worst := model.DriftUnknown
	for _, d := range r.drifts {
		if d > model.DriftNone && (worst <= model.DriftNone || d < worst) {
			worst = d
		}
	}
	return worst
}

// configValue is a cell of the matrix.
func (e *env) configValue(r *configRow, i int) (string, style) {
	if i >= len(r.Cells) || !r.Cells[i].Known {
		return "?", e.st.dim
	}
	c := &r.Cells[i]
	text := c.Value
	if text == "" {
		text = "(empty)"
	}
	if r.drifts[i] > model.DriftNone {
		text += " *"
	}
	switch {
	case c.Odd && r.Class == model.ConfigEqual:
		return text, e.st.warn
	case c.Odd:
		return text, e.st.notice
	case c.Value == "":
		return text, e.st.dim
	}
	return text, e.st.text
}
