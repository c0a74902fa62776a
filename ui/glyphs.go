package ui

import "github.com/galeratop/galeratop/model"

// glyphs are the characters beyond letters that the screen draws with, all one
// cell wide.
type glyphs struct {
	ellipsis, dot, rule, cut    string
	box                         [6]string // corners ╭ ╮ ╰ ╯, then ─ and │
	spark                       []string  // from empty to full
	gap                         string    // an unknown point of a sparkline
	state                       map[model.State]string
	down, stale, connecting     string
	arbitrator, sends, to       string
	level                       [4]string
	ascending, descending, more string
	cursor, top, tee            string
}

var unicodeGlyphs = &glyphs{
	ellipsis: "…", dot: "·", rule: "─", cut: "╱",
	box:   [6]string{"╭", "╮", "╰", "╯", "─", "│"},
	spark: []string{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"},
	gap:   " ",
	state: map[model.State]string{
		model.StateUnknown: "?", model.StateInitialized: "○", model.StateJoining: "◔", model.StateDonor: "◆",
		model.StateJoined: "◑", model.StateSynced: "●", model.StateInconsistent: "✗",
	},
	down: "✗", stale: "◌", connecting: "◌", arbitrator: "◇", sends: "◀", to: "▶",
	level:     [4]string{"●", "■", "▲", "✗"},
	ascending: "▲", descending: "▼", more: "▼", cursor: "▏", top: "╴", tee: "├",
}

// asciiGlyphs are for terminals and fonts that have nothing else.
var asciiGlyphs = &glyphs{
	ellipsis: "~", dot: "-", rule: "-", cut: "/",
	box:   [6]string{"+", "+", "+", "+", "-", "|"},
	spark: []string{"_", ".", ":", "-", "=", "+", "*", "#"},
	gap:   " ",
	state: map[model.State]string{
		model.StateUnknown: "?", model.StateInitialized: "o", model.StateJoining: ">", model.StateDonor: "D",
		model.StateJoined: "J", model.StateSynced: "*", model.StateInconsistent: "X",
	},
	down: "X", stale: "?", connecting: ".", arbitrator: "g", sends: "<", to: ">",
	level:     [4]string{"*", "i", "!", "X"},
	ascending: "^", descending: "v", more: "v", cursor: "_", top: "^", tee: "|",
}
