package ui

import "github.com/galeratop/galeratop/model"

// pane is one screen of the console: a plain struct that draws the env it was
// made with. It does no I/O and starts nothing.
type pane interface {
	// demand is the slow subjects that the pane shows.
	demand() model.Subject
	// keys is what the pane does on top of the shell's own keys.
	keys() []action
	// refresh takes over a new snapshot or changed settings.
	refresh()
	// View draws the pane in exactly height lines of exactly width cells.
	View(width, height int) []string
	// setFilter narrows the pane's main list and says how much is left of it.
	setFilter(*filter) (shown, all int)
	filtered() *filter
	// back undoes one step inside of the pane; false when there is none.
	back() bool
}

// entry is a pane in the registry. Panes appear in the tab bar under their key.
type entry struct {
	key, name string
	about     string
	make      func(*env) pane
}

// registry is all panes, in the order of the tab bar.
var registry = []entry{
	{"1", "Overview", "the cluster, its nodes, its busiest queries", func(e *env) pane { return newOverview(e) }},
	{"2", "Nodes", "everything about one node", func(e *env) pane { return newNodes(e) }},
	{"3", "Flow control", "who holds writers, why, for how long", func(e *env) pane { return newFlowControl(e) }},
	{"4", "Queries", "what all threads of all nodes do, who waits for whom", func(e *env) pane { return newQueries(e) }},
	{"5", "Top queries", "what statements cost, by digest, over the cluster", func(e *env) pane { return newTop(e) }},
	{"6", "Locks", "who holds up whom: locks, schema changes, backups", func(e *env) pane { return newLocks(e) }},
	{"7", "Configuration", "what differs, what must not, what is dangerous", func(e *env) pane { return newConfiguration(e) }},
	{"8", "Events", "what happened to the cluster, when", func(e *env) pane { return newEvents(e) }},
}
