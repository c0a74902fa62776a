package actions

// Level is how strictly a person has to confirm.
type Level int

// The levels of confirmation.
const (
	LevelNone    Level = iota // changes nothing
	LevelYes                  // y; no is the default
	LevelNode                 // the node's name, typed
	LevelCluster              // the cluster's name, typed, with every precondition on screen
)

// Verdict is how a precondition turned out.
type Verdict int

// The verdicts. Unknown refuses like Failed: unreachable is not dead.
const (
	Unknown Verdict = iota
	Met
	Failed
	Waived // not met, and overridden by words that a person typed
)

// Check is one precondition with what was found.
type Check struct {
	Text     string // what must be: "no Primary Component exists anywhere"
	Evidence string // what was found: "db1, db2 and db3 answer non-Primary"
	Verdict  Verdict
	// Waivers override the precondition when the words of all of them are typed;
	// nil: nothing does.
	Waivers []Waiver
}

// Step is one statement or command on one node.
type Step struct {
	Node  string // ID
	Name  string // of the node, for people
	Text  string // exactly what is run, secrets left out
	About string // what it is for, in words; "" when Text says it all

	target int // index in the plan's subject; -1: prepares the node for the steps behind it
}

// Exclusion is something that was chosen and is left out.
type Exclusion struct {
	What   string // "thread 7 on db1 (system user)"
	Reason string

	target int // index in the plan's subject
}

// Plan is one action, worked out against one snapshot. The same plan is printed
// by a dry run, shown in the dialog and written to the audit log. It is plain
// data: what runs it is found by its Action.
type Plan struct {
	Action   string // names the action in the audit log: "kill-query"
	Title    string // "Kill the query of thread 42 on db1"
	Part     string // the procedure that it is a part of, by its ID; "" if none
	Cluster  string
	Level    Level  // production taken into account
	Word     string // what has to be typed at LevelNode and LevelCluster
	Checks   []Check
	Steps    []Step
	Excluded []Exclusion
	Effects  []string // what is predicted
	Unknowns []string // what cannot be known
	Verify   string   // how the effect is verified
	Undo     string   // how it is undone; "" when it cannot be
	// Declared are the words that were typed to override preconditions.
	Declared []string
	// By names the watch rule that ordered it, as WatchLog.Name does; "" when a
	// person did.
	By string
	// GivenUp are the names of nodes whose side of a split brain this plan gives up.
	GivenUp []string
	// Refused says why the plan may not be run; "" when it may.
	Refused string

	subject any // what the action works on; its own type
	tick    uint64
	session Session
}

// Refuse is the reason for which a plan may not be run: what it says itself, or
// the first precondition that is neither met nor overridden.
func (p *Plan) Refuse() string {
	if p.Refused != "" {
		return p.Refused
	}
	for _, c := range p.Checks {
		if c.Verdict != Met && c.Verdict != Waived {
			return c.Text + ": " + c.Evidence
		}
	}
	return ""
}

// Stage is how far one step, or the whole run, is.
type Stage int

// The stages of a step. The last four are ends.
const (
	Waiting Stage = iota
	Running
	Verifying // the server said OK, which proves nothing
	Done      // seen in new samples
	NotYet    // not seen in time; it may still come
	Stopped   // not run: the world changed, or somebody cancelled
	Wrong     // the server refused, or the effect is another one
)

// Progress is news of a run.
type Progress struct {
	Step  int // index in the plan; -1 for the whole run
	Stage Stage
	Text  string // in words: "gone after 0.4 s", "rolls back, about 20 s left"
}

// Session is what a run needs to know of the console it was started from.
type Session struct {
	Cluster    string
	Production bool // every confirmation one level stricter
	ReadOnly   bool // all actions are refused
}

// raise makes a level stricter for production.
func (s *Session) raise(l Level) Level {
	if s.Production && l > LevelNone && l < LevelCluster {
		return l + 1
	}
	return l
}
