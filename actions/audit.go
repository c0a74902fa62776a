package actions

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"sync"
	"time"

	"github.com/galeratop/galeratop/model"
)

// AuditVersion is the version of a line of the audit log, described in
// docs/audit.md. It grows when a field changes its meaning or goes.
const AuditVersion = 1

// Audit is the log of everything that was done to a cluster: JSON lines, which
// several consoles may append to at once. It holds no credentials and no text of
// anybody's statement.
type Audit struct {
	Path string

	mutex   sync.Mutex
	console *auditConsole
}

// AuditPath is where the log is kept: under $XDG_STATE_HOME, or ~/.local/state.
func AuditPath() (string, error) {
	state := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(state) {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("no place for the audit log: %w", err)
		}
		state = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(state, "galeratop", "audit.jsonl"), nil
}

// auditLine is one line of the log.
type auditLine struct {
	Version int           `json:"v"`
	At      time.Time     `json:"time"`
	Event   string        `json:"event"` // "intent", "step", "verified", "end"; of a watch rule "armed", "disarmed"
	Run     string        `json:"run"`   // the same in all lines of a run
	Console *auditConsole `json:"console"`
	Cluster string        `json:"cluster"`
	Action  string        `json:"action"`
	Plan    *auditPlan    `json:"plan,omitempty"` // of an intent
	Step    *auditStep    `json:"step,omitempty"` // of step and verified
	Result  *auditResult  `json:"result,omitempty"`
	Watch   *auditWatch   `json:"watch,omitempty"` // of armed and disarmed

	Procedure *Procedure `json:"procedure,omitempty"`
}

// auditConsole is who did it and from where.
type auditConsole struct {
	ID   string `json:"id"` // of this console, random
	PID  int    `json:"pid"`
	Host string `json:"host"`
	User string `json:"user"` // of the operating system
	Sudo string `json:"sudo_user,omitempty"`
}

type auditPlan struct {
	Title      string           `json:"title"`
	Part       string           `json:"part,omitempty"` // of a procedure
	Level      int              `json:"level"`
	Word       string           `json:"word,omitempty"`
	Production bool             `json:"production"`
	Tick       uint64           `json:"tick"` // of the snapshot it was checked against last
	Checks     []auditCheck     `json:"checks"`
	Steps      []auditPlanned   `json:"steps"`
	Excluded   []auditExclusion `json:"excluded,omitempty"`
	Effects    []string         `json:"effects,omitempty"`
	Unknowns   []string         `json:"unknowns,omitempty"`
	Verify     string           `json:"verify"`
	Undo       string           `json:"undo,omitempty"`
	By         string           `json:"by,omitempty"` // the run of the watch rule that ordered it
	GivenUp    []string         `json:"given_up,omitempty"`
}

type auditCheck struct {
	Text     string `json:"text"`
	Evidence string `json:"evidence"`
	Verdict  string `json:"verdict"`
	// Waivers are the words that override it.
	Waivers []auditWaiver `json:"waivers,omitempty"`
}

type auditWaiver struct {
	Words string `json:"words"`
	Risk  string `json:"risk"`
	Typed bool   `json:"typed"`
}

type auditPlanned struct {
	Node  string `json:"node"`
	Text  string `json:"text"`
	About string `json:"about,omitempty"`
}

type auditExclusion struct {
	What   string `json:"what"`
	Reason string `json:"reason"`
}

type auditStep struct {
	Index int           `json:"index"` // in the plan's steps, from 0
	Node  string        `json:"node"`
	Ran   []string      `json:"ran,omitempty"`  // the statements that were sent, exactly
	Said  []string      `json:"said,omitempty"` // the end of what commands printed
	Stage string        `json:"stage"`
	Text  string        `json:"text,omitempty"`
	Took  time.Duration `json:"took_ns"`
}

type auditResult struct {
	Stage string        `json:"stage"`
	Text  string        `json:"text"`
	Took  time.Duration `json:"took_ns"`
}

var stageNames = [...]string{"waiting", "running", "verifying", "done", "not yet", "stopped", "wrong"}

// String is the stage in the words of the audit log.
func (s Stage) String() string { return stageNames[s] }

var verdictNames = [...]string{"unknown", "met", "failed", "waived"}

// String is the verdict in the words of the audit log.
func (v Verdict) String() string { return verdictNames[v] }

// auditRun writes the lines of one run.
type auditRun struct {
	audit *Audit
	run   *Run
	id    string
}

// begin writes what a run is going to do.
func (a *Audit) begin(r *Run) (*auditRun, error) {
	out := &auditRun{audit: a, run: r, id: token()}
	line := out.line("intent")
	line.Plan = planned(r.plan, r.rest.tick)
	return out, a.write(line)
}

func (a *auditRun) line(event string) *auditLine {
	return &auditLine{
		Version: AuditVersion, At: a.run.runner.options.Clock(), Event: event, Run: a.id,
		Cluster: a.run.plan.Cluster, Action: a.run.plan.Action,
	}
}

func (a *auditRun) step(i int, o outcome, took time.Duration) error {
	line := a.line("step")
	line.Step = &auditStep{i, a.run.plan.Steps[i].Name, o.ran, o.said, o.stage.String(), o.text, took}
	return a.audit.write(line)
}

func (a *auditRun) verified(i int, stage Stage, text string, took time.Duration) error {
	line := a.line("verified")
	line.Step = &auditStep{i, a.run.plan.Steps[i].Name, nil, nil, stage.String(), text, took}
	return a.audit.write(line)
}

func (a *auditRun) end(result Result, took time.Duration) error {
	line := a.line("end")
	line.Result = &auditResult{result.Stage.String(), result.Text, took}
	return a.audit.write(line)
}

func planned(p *Plan, tick uint64) *auditPlan {
	out := &auditPlan{
		Title: p.Title, Part: p.Part, Level: int(p.Level), Word: p.Word, Production: p.session.Production, Tick: tick,
		Effects: p.Effects, Unknowns: p.Unknowns, Verify: p.Verify, Undo: p.Undo, By: p.By, GivenUp: p.GivenUp, Checks: []auditCheck{},
	}
	for _, c := range p.Checks {
		check := auditCheck{Text: c.Text, Evidence: c.Evidence, Verdict: c.Verdict.String()}
		for _, w := range c.Waivers {
			check.Waivers = append(check.Waivers, auditWaiver{w.Words, w.Risk, p.declared(w.Words)})
		}
		out.Checks = append(out.Checks, check)
	}
	for _, s := range p.Steps {
		out.Steps = append(out.Steps, auditPlanned{s.Name, s.Text, s.About})
	}
	for _, e := range p.Excluded {
		out.Excluded = append(out.Excluded, auditExclusion{e.What, e.Reason})
	}
	return out
}

// write appends one line by one write and waits until it is on the disk.
func (a *Audit) write(line *auditLine) error {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.console == nil {
		a.console = thisConsole()
	}
	line.Console = a.console
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	f, err := a.open()
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	text = append(text, '\n')
	if torn(f) {
		text = append([]byte{'\n'}, text...)
	}
	if _, err := f.Write(text); err != nil {
		return err
	}
	return f.Sync()
}

// open opens the log anew for every line, so that it may be rotated.
func (a *Audit) open() (*os.File, error) {
	if a.Path == "" {
		return nil, errors.New("it has no path")
	}
	if err := os.MkdirAll(filepath.Dir(a.Path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(a.Path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	switch info, err := f.Stat(); {
	case err != nil:
		_ = f.Close()
		return nil, err
	case !info.Mode().IsRegular():
		_ = f.Close()
		return nil, fmt.Errorf("%s is not a regular file", a.Path)
	case info.Mode().Perm()&0o077 != 0:
		if err := f.Chmod(0o600); err != nil {
			_ = f.Close()
			return nil, err
		}
	}
	return f, nil
}

// torn reports whether the last line is not complete: a disk was full, or a
// console died in the middle. Where another console is just writing, an empty
// line comes of it, which readers skip.
func torn(f *os.File) bool {
	var last [1]byte
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil || end == 0 {
		return false
	}
	_, err = f.ReadAt(last[:], end-1)
	return err == nil && last[0] != '\n'
}

func thisConsole() *auditConsole {
	c := &auditConsole{ID: token(), PID: os.Getpid(), Sudo: model.Printable(os.Getenv("SUDO_USER"), 64)}
	c.Host, _ = os.Hostname()
	if u, err := user.Current(); err == nil {
		c.User = u.Username
	}
	return c
}

// token is a random name.
func token() string {
	var b [8]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}
