package ui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// action is a key with what it does. The footer, the help and the palette are
// made from actions; there is no other list of keys.
type action struct {
	binding key.Binding
	run     func(*shell) tea.Cmd
	// dead says why the key does nothing now; empty when it works.
	dead func() string
	foot string // its word in the footer; empty: no place there
	rank int    // of that place: the higher ones have what room the lower leave
}

// act makes an action. keys[0] is how help names it.
func act(desc string, run func(*shell) tea.Cmd, keys ...string) action {
	return action{binding: key.NewBinding(key.WithKeys(keys...), key.WithHelp(keyName(keys[0]), desc)), run: run}
}

// do makes an action of something that needs no command.
func do(desc string, run func(*shell), keys ...string) action {
	return act(desc, func(s *shell) tea.Cmd { run(s); return nil }, keys...)
}

// The ranks of entries of the footer.
const (
	rankFirst = iota
	rankUsual
	rankSpare
)

// footed puts the action into the footer, under one word.
func (a action) footed(word string) action { a.foot, a.rank = word, rankUsual; return a }

// spare puts the action into the footer where there is room to spare.
func (a action) spare(word string) action { a.foot, a.rank = word, rankSpare; return a }

// always puts the action into the footer before all others.
func (a action) always(word string) action { a.foot = word; return a }

// unless gives the action a reason not to work.
func (a action) unless(dead func() string) action { a.dead = dead; return a }

// reason is why the key is dead now, empty when it works.
func (a *action) reason() string {
	if a.dead == nil {
		return ""
	}
	return a.dead()
}

var keyNames = map[string]string{
	"enter": "Enter", "esc": "Esc", "tab": "Tab", "shift+tab": "Shift-Tab", "up": "Up", "down": "Down",
	"left": "Left", "right": "Right", "pgup": "PgUp", "pgdown": "PgDn", "home": "Home", "end": "End",
	"ctrl+z": "Ctrl-Z", "space": "Space", "ctrl+c": "Ctrl-C", "ctrl+k": "Ctrl-K", "ctrl+x": "Ctrl-X",
}

func keyName(k string) string {
	if n, ok := keyNames[k]; ok {
		return n
	}
	return k
}

// mover is a list with a cursor.
type mover interface {
	move(by int)
	page(by int)
	end(last bool)
}

// moves are the keys of a list.
func moves(m mover) []action {
	return []action{
		do("one row down", func(*shell) { m.move(1) }, "down", "j"),
		do("one row up", func(*shell) { m.move(-1) }, "up", "k"),
		do("one page down", func(*shell) { m.page(1) }, "pgdown", "ctrl+f"),
		do("one page up", func(*shell) { m.page(-1) }, "pgup", "ctrl+b"),
		do("first row", func(*shell) { m.end(false) }, "home", "g"),
		do("last row", func(*shell) { m.end(true) }, "end", "G"),
	}
}
