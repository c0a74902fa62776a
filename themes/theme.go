// Package themes reads the colours of the console: one TOML file a theme, which
// gives each role on the screen a look.
package themes

import "image/color"

// Role is what a piece of the screen means, never what it looks like.
type Role uint8

// The roles.
const (
	Text       Role = iota
	Dim             // less important, or out of date
	Accent          // names and numbers to find first
	Title           // section titles and column headings
	Key             // keys in the footer and in help
	OK              // as it should be
	Notice          // worth knowing
	Warn            // wrong, service goes on
	Crit            // wrong, service is in danger
	Border          // boxes and rules
	Graph           // sparklines and graphs
	Bar             // the header line
	BarStrong       // the cluster's name in it
	BarDim          // what is least important in it
	Production      // the header line over a production cluster
	Alarm           // the verdict when critical
	Alert           // the verdict when a warning
	Selection       // the row under the cursor
	Keyword         // of SQL: SELECT, FROM
	Literal         // of SQL: texts and numbers
	Comment         // of SQL
	roles
)

var roleNames = [roles]string{
	Text: "text", Dim: "dim", Accent: "accent", Title: "title", Key: "key", OK: "ok", Notice: "notice",
	Warn: "warn", Crit: "crit", Border: "border", Graph: "graph", Bar: "bar", BarStrong: "bar_strong",
	BarDim: "bar_dim", Production: "production", Alarm: "alarm", Alert: "alert", Selection: "selection",
	Keyword: "keyword", Literal: "literal", Comment: "comment",
}

// String is the role's key in a theme file.
func (r Role) String() string { return roleNames[r] }

// Style is the look of a role. A nil colour is the terminal's own.
type Style struct {
	Foreground, Background        color.Color
	Bold, Dim, Underline, Reverse bool
}

// Theme is the look of all roles.
type Theme struct {
	Name string
	// Light is true when the theme is made for a light background.
	Light  bool
	styles [roles]Style
}

// Style returns the look of a role.
func (t *Theme) Style(r Role) Style { return t.styles[r] }
