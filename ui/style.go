package ui

import (
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/galeratop/galeratop/model"
	"github.com/galeratop/galeratop/themes"
)

// style is the escape sequence that begins a look; empty is plain text.
type style string

const reset = "\x1b[m"

// styles are the looks of all roles, made once for a theme and a terminal.
type styles struct {
	text, dim, accent, title, key style
	ok, notice, warn, crit        style
	border, graph                 style
	bar, barStrong, barDim        style
	production, alarm, alert      style
	selection                     style
	keyword, literal, comment     style
}

// newStyles turns a theme's roles into escape sequences that the terminal's
// colour profile knows. Without colours, what must stand out is bold or
// reversed: a symbol or a word carries the meaning anyway.
func newStyles(t *themes.Theme, profile colorprofile.Profile) *styles {
	of := func(r themes.Role) style { return sequence(t.Style(r), profile) }
	s := &styles{
		text: of(themes.Text), dim: of(themes.Dim), accent: of(themes.Accent), title: of(themes.Title),
		key: of(themes.Key), ok: of(themes.OK), notice: of(themes.Notice), warn: of(themes.Warn),
		crit: of(themes.Crit), border: of(themes.Border), graph: of(themes.Graph), bar: of(themes.Bar),
		barStrong: of(themes.BarStrong), barDim: of(themes.BarDim), production: of(themes.Production),
		alarm: of(themes.Alarm), alert: of(themes.Alert), selection: of(themes.Selection),
		keyword: of(themes.Keyword), literal: of(themes.Literal), comment: of(themes.Comment),
	}
	if profile <= colorprofile.ASCII {
		const bold, faint, reverse = "\x1b[1m", "\x1b[2m", "\x1b[7m"
		s.dim, s.border, s.comment, s.keyword = faint, faint, faint, bold
		s.alarm, s.alert, s.production, s.selection = bold+reverse, bold, reverse, reverse
	}
	return s
}

func sequence(s themes.Style, profile colorprofile.Profile) style {
	var a ansi.Style
	if s.Foreground != nil && profile > colorprofile.ASCII {
		a = a.ForegroundColor(profile.Convert(s.Foreground))
	}
	if s.Background != nil && profile > colorprofile.ASCII {
		a = a.BackgroundColor(profile.Convert(s.Background))
	}
	if s.Bold {
		a = a.Bold()
	}
	if s.Dim {
		a = a.Faint()
	}
	if s.Underline {
		a = a.Underline(true)
	}
	if s.Reverse {
		a = a.Reverse(true)
	}
	if len(a) == 0 {
		return ""
	}
	return style(a.String())
}

// level is the look of a verdict.
func (s *styles) level(l model.Level) style {
	return [...]style{s.ok, s.notice, s.warn, s.crit}[min(int(l), 3)]
}
