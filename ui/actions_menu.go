package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

// menuMode lists the actions on one node. What is typed narrows it; the cursor
// stays with its action.
type menuMode struct {
	input
	node    string // ID
	under   mode
	choices []actions.NodeChoice
	at      string // ID of the action under the cursor
	top     int
}

// openActions shows the actions on a node.
func (s *shell) openActions(node string) {
	m := &menuMode{node: node, under: s.mode}
	m.take(s)
	s.mode = m
}

func (m *menuMode) below() mode { return m.under }

// next has the node's host read, and read again now and then.
func (m *menuMode) next(s *shell) tea.Cmd {
	if s.powerless() != "" {
		return nil
	}
	return s.desk.read(s, m.node, false, menuReadings)
}

func (m *menuMode) demand() model.Subject { return actionDemand }

// take looks anew at what can be done.
func (m *menuMode) take(s *shell) {
	m.choices = append(actions.NodeChoices(s.present(), s.session(), m.node), s.hostChoices(m.node)...)
	if why := s.powerless(); why != "" {
		for i := range m.choices {
			m.choices[i].Refused = why
		}
	}
	m.keep()
}

// keep has an action under the cursor as long as there is one.
func (m *menuMode) keep() {
	if found := m.found(); m.place(found) < 0 && len(found) > 0 {
		m.at = found[0].ID
	}
}

// found are the actions that have all typed words.
func (m *menuMode) found() []actions.NodeChoice {
	words := strings.Fields(strings.ToLower(string(m.text)))
	var out []actions.NodeChoice
	for i := range m.choices {
		c := &m.choices[i]
		if hasAll(c.ID+" "+c.Name+" "+c.About, words) {
			out = append(out, *c)
		}
	}
	return out
}

func (m *menuMode) place(found []actions.NodeChoice) int {
	return slices.IndexFunc(found, func(c actions.NodeChoice) bool { return c.ID == m.at })
}

func (m *menuMode) press(s *shell, k tea.KeyPressMsg) tea.Cmd {
	found := m.found()
	at := m.place(found)
	switch k.String() {
	case "esc":
		if len(m.text) > 0 {
			m.text = nil
			m.keep()
			return nil
		}
		s.mode = m.under
	case "up", "down", "pgup", "pgdown", "home", "end":
		if to := moved(k.String(), at, len(found)); to >= 0 {
			m.at = found[to].ID
		}
	case "enter":
		if at < 0 {
			s.say("no action is chosen")
			return nil
		}
		s.begin(m.node, &found[at])
	default:
		if m.input.press(k) {
			m.keep()
		}
	}
	return nil
}

// menuReadings is how often the host of the node of a menu is read.
const menuReadings = 15 * time.Second

// menuPage is how far PgUp and PgDn go in a menu.
const menuPage = 5

// moved is the place to which a key leads from another one in a list of n; -1 in
// an empty one.
func moved(k string, at, n int) int {
	by := map[string]int{"up": -1, "down": 1, "pgup": -menuPage, "pgdown": menuPage, "home": -n, "end": n}[k]
	return min(max(at+by, 0), n-1)
}

// chosenAction is the action under the cursor; nil when nothing matches.
func (m *menuMode) chosenAction() *actions.NodeChoice {
	found := m.found()
	if at := m.place(found); at >= 0 {
		return &found[at]
	}
	return nil
}

// confirmation says how an action is confirmed.
func confirmation(level actions.Level, node, cluster string) string {
	switch level {
	case actions.LevelCluster:
		return fmt.Sprintf("confirmed by typing %s, the cluster's name", cluster)
	case actions.LevelNode:
		return fmt.Sprintf("confirmed by typing %s, the node's name", node)
	}
	return "confirmed by y"
}
