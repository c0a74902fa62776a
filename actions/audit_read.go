package actions

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/galeratop/galeratop/model"
)

// PastRun is one run as the audit log tells it.
type PastRun struct {
	ID      string // random
	Cluster string
	Action  string
	Title   string
	GivenUp []string // names of nodes whose side of a split brain it gave up
	Part    string   // the procedure that it was a part of; "" if none
	User    string   // who began it, and on which machine
	Host    string
	PID     int
	Console string    // random; "" when not known
	Began   time.Time // by the clock of the console's machine
	Last    time.Time // when something was last written about it
	Steps   []PastStep
	Ended   bool
	Stage   string // how it ended, in the log's words; "" before
	Text    string
}

// PastStep is what is known of one step of a past run.
type PastStep struct {
	Node  string // name
	Text  string // what was to be run
	Stage string // in the log's words; "waiting" for one that was not begun
	Words string
}

// Procedure is something that is made of several runs, such as a rolling restart.
// Its lines in the log tell how far it is, for a console that comes after.
type Procedure struct {
	ID      string          `json:"id"`   // random; Plan.Part of its runs
	Kind    string          `json:"kind"` // "rolling-restart"
	State   string          `json:"state"`
	Details json.RawMessage `json:"details,omitempty"`

	At   time.Time `json:"-"` // of the newest line
	User string    `json:"-"`
}

// History is what the audit log tells of a cluster, the oldest first.
type History struct {
	Runs       []PastRun
	Procedures []Procedure // the newest line of each
}

// History reads the log. Lines that are torn are skipped; no log is an empty one.
func (a *Audit) History(cluster string) (*History, error) {
	f, err := os.Open(a.Path)
	if errors.Is(err, os.ErrNotExist) {
		return &History{}, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	h := &History{}
	at := map[string]int{}
	lines := bufio.NewReader(f)
	for {
		text, err := lines.ReadBytes('\n')
		var line auditLine
		if json.Unmarshal(bytes.TrimSpace(text), &line) == nil && line.Cluster == cluster && line.Version == AuditVersion {
			h.add(&line, at)
		}
		if errors.Is(err, io.EOF) {
			return h, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

func (h *History) add(line *auditLine, at map[string]int) {
	if p := line.Procedure; p != nil {
		p.At = line.At
		if line.Console != nil {
			p.User = line.Console.User
		}
		h.Procedures = append(slices.DeleteFunc(h.Procedures, func(o Procedure) bool { return o.ID == p.ID }), *p)
		return
	}
	if line.Event == "intent" && line.Plan != nil {
		r := PastRun{ID: line.Run, Cluster: line.Cluster, Action: line.Action, Title: line.Plan.Title, Part: line.Plan.Part, GivenUp: line.Plan.GivenUp, Began: line.At, Last: line.At}
		if c := line.Console; c != nil {
			r.User, r.Host, r.PID, r.Console = c.User, c.Host, c.PID, c.ID
		}
		for _, s := range line.Plan.Steps {
			r.Steps = append(r.Steps, PastStep{Node: s.Node, Text: s.Text, Stage: Waiting.String()})
		}
		at[line.Run] = len(h.Runs)
		h.Runs = append(h.Runs, r)
		return
	}
	i, known := at[line.Run]
	if !known {
		return
	}
	r := &h.Runs[i]
	r.Last = line.At
	switch s := line.Step; {
	case s != nil && s.Index >= 0 && s.Index < len(r.Steps):
		r.Steps[s.Index].Stage, r.Steps[s.Index].Words = s.Stage, s.Text
	case line.Result != nil:
		r.Ended, r.Stage, r.Text = true, line.Result.Stage, line.Result.Text
	}
}

// Open are the runs without an end: their consoles are at work on them, or died.
func (h *History) Open() []PastRun {
	return slices.DeleteFunc(slices.Clone(h.Runs), func(r PastRun) bool { return r.Ended })
}

// silence is how long nothing may be written about a run of a console on another
// machine, which cannot be looked at from here, before it counts as dead.
const silence = 10 * time.Minute

// Alive reports whether the console that began the run may still be at work.
func (r *PastRun) Alive(now time.Time) bool {
	if name, err := os.Hostname(); err != nil || name != r.Host {
		return now.Sub(r.Last) < silence
	}
	return processAlive(r.PID)
}

// processAlive reports whether a process exists that may be a console.
func processAlive(pid int) bool {
	if pid <= 0 || errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return false
	}
	// A number that was given to another program since is no console. Where there is
	// no /proc that cannot be told.
	theirs, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "comm"))
	ours, errOurs := os.ReadFile("/proc/self/comm")
	return err != nil || errOurs != nil || bytes.Equal(theirs, ours)
}

// Words say a run that has no end for people.
func (r *PastRun) Words(now time.Time) string {
	last := ""
	for _, s := range r.Steps {
		if s.Stage != Waiting.String() {
			last = fmt.Sprintf("; %s: %s", s.Text, strings.TrimSpace(s.Stage+" "+s.Words))
		}
	}
	return model.Printable(fmt.Sprintf("%q, begun by %s on %s (process %d) %s ago%s", r.Title, orUnknownUser(r.User), r.Host, r.PID,
		model.Span(max(now.Sub(r.Began), 0)), last), 500)
}

func orUnknownUser(name string) string { return orWord(name, "somebody") }

// busy says which other run keeps one from beginning: one that was begun before it,
// by a console that lives, and that is not just a kill. "" if none does. Of two that
// begin at once, the log's order decides.
func (a *Audit) busy(cluster, id string) string {
	h, err := a.History(cluster)
	if err != nil {
		return "whether another console is at work cannot be read from the audit log: " + err.Error()
	}
	now := time.Now()
	for i := range h.Runs {
		r := &h.Runs[i]
		if r.ID == id {
			return ""
		}
		if kind := actionOf(r.Action); !r.Ended && (kind == nil || !kind.independent) && r.Alive(now) {
			return "another run is on its way in this cluster: " + r.Words(now)
		}
	}
	return ""
}

// CutOff are the runs whose console died before their end, the newest last: what
// they left half done has to be looked at. Those after which something else was
// done on the same node count no more.
func (h *History) CutOff(now time.Time) []PastRun {
	var out []PastRun
	for i := range h.Runs {
		r := &h.Runs[i]
		later := slices.ContainsFunc(h.Runs[i+1:], func(o PastRun) bool { return o.Ended && sameNode(r, &o) })
		if !r.Ended && !later && !r.Alive(now) {
			out = append(out, *r)
		}
	}
	return out
}

func sameNode(a, b *PastRun) bool {
	return slices.ContainsFunc(a.Steps, func(s PastStep) bool {
		return slices.ContainsFunc(b.Steps, func(o PastStep) bool { return o.Node == s.Node })
	})
}

// Others is what other consoles do to a cluster, or did not bring to an end, each in
// one line for people.
type Others struct {
	Busy   []string // at work now
	CutOff []string // died in the middle
}

// Others reads from the log what other runs there are.
func (a *Audit) Others(cluster string, now time.Time) (Others, error) {
	h, err := a.History(cluster)
	if err != nil {
		return Others{}, err
	}
	var o Others
	for _, r := range h.Open() {
		if kind := actionOf(r.Action); (kind == nil || !kind.independent) && r.Alive(now) {
			o.Busy = append(o.Busy, r.Words(now))
		}
	}
	for _, r := range h.CutOff(now) {
		o.CutOff = append(o.CutOff, r.Words(now))
	}
	return o, nil
}

// Tell writes a line about a procedure.
func (a *Audit) Tell(cluster string, p Procedure, now time.Time) error {
	return a.write(&auditLine{Version: AuditVersion, At: now, Event: "procedure", Run: p.ID, Cluster: cluster, Action: p.Kind, Procedure: &p})
}

// NewProcedure is a procedure with a name of its own.
func NewProcedure(kind string) Procedure { return Procedure{ID: token(), Kind: kind} }
