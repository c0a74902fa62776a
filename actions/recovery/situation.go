package recovery

// Situation is one kind of trouble, and how to get out of it.
type Situation struct {
	ID   string
	Name string // in words
	// next is the step out of it; nil when the world is not in this situation.
	next func(*world) *Move
}

// Situations are all that are recognised. The first that fits counts: what is
// about the whole cluster comes before what is about one node.
var Situations = []Situation{
	{"memory", "What was chosen before cannot be read", func(*world) *Move { return nil }}, // Assistant.Next tells it
	{"blind", "Nothing is known that could be decided on", blind},
	{"locked-out", "Servers run that do not let this console in", lockedOut},
	{"two-clusters", "These nodes are not one cluster", twoClusters},
	{"founded-alone", "A node was started as a cluster of its own", foundedAlone},
	{"split-brain", "Split brain: several Primary Components", splitBrain},
	{"full-crash", "Full crash: no node is in a group", fullCrash},
	{"no-primary", "No Primary Component: nodes run and refuse queries", noPrimary},
	{"joining", "A node is on its way in", joining},
	{"stuck-donor", "A donor serves nobody", stuckDonor},
	{"unread", "A node does not answer", unreadHosts},
	{"leftovers", "A state transfer left files behind", leftovers},
	{"apart", "A node's data is not the group's: it comes back by SST only", apart},
	{"cut-off", "A node runs outside of the Primary Component", cutOff},
	{"stopped", "A node is stopped", stopped},
	{"silent", "A node does not answer, and its host does not tell why", silent},
	{"well", "The cluster is whole", well},
}

// Next is the one next step, as the world is now. It is never nil.
func Next(e *Evidence) *Move {
	w := newWorld(e)
	for i := range Situations {
		if m := Situations[i].next(w); m != nil {
			m.Situation = Situations[i].ID
			if m.Instead != nil {
				m.Instead.Situation = m.Situation
			}
			return m
		}
	}
	return &Move{Situation: "blind", Kind: Refused, Title: "This state of the cluster is not one that the assistant knows", Found: w.rows(w.nodes)}
}

// Name is what the move's situation is called.
func (m *Move) Name() string {
	for i := range Situations {
		if Situations[i].ID == m.Situation {
			return Situations[i].Name
		}
	}
	return m.Situation
}
