package ui

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/galeratop/galeratop/model"
	"github.com/galeratop/galeratop/themes"
)

// depth is how many ticks the console remembers for its graphs.
const depth = 600

// shell is the one Bubble Tea model. It owns what panes draw from, gives keys
// to whoever has them, and puts header, pane and footer together.
type shell struct {
	demanded model.Subject // as the feed was told
	env
	ctx  context.Context
	feed Feed
	opt  Options
	now  func() time.Time

	panes    []pane
	names    []string // of the panes
	current  int
	previous []int // panes to go back to
	mode     mode  // nil: keys go to the pane

	theme     *themes.Theme
	auto      bool // the terminal's background decides
	profile   colorprofile.Profile
	interval  time.Duration
	latest    *model.Snapshot
	arrived   time.Time // of snap, by the clock here: a recording has its own
	newest    time.Time // of latest
	paused    bool
	ended     bool
	said      string
	runner    runner     // nil: nothing can be changed
	runs      []*running // the newest last
	watch     *watching  // nil without a watch rule
	walk      *walk      // nil: nobody leads out of an incident
	desk      hostDesk
	snapshots <-chan *model.Snapshot
	clock     *time.Ticker

	width, height int
	content       string
	doing         string // what to name if it panics
	err           error
	stack         []byte
}

// newShell makes the shell; it does not start anything.
func newShell(ctx context.Context, feed Feed, opt Options) (*shell, error) {
	s := &shell{
		ctx: ctx, feed: feed, opt: opt, now: time.Now, profile: colorprofile.ANSI256, said: opt.Notice,
		interval: opt.Interval, snapshots: feed.Snapshots(), doing: "the console",
	}
	if s.interval <= 0 {
		s.interval = time.Second
	}
	s.runner = opt.runs()
	if g := opt.leads(); g != nil {
		s.walk = &walk{guide: g}
	}
	s.unread = noFiles(&opt)
	name := opt.Theme
	if s.auto = name == "" || name == "auto"; s.auto {
		name = "dark"
	}
	var err error
	if s.theme, err = themes.Load(name); err != nil {
		return nil, err
	}
	if s.g = unicodeGlyphs; opt.ASCII {
		s.g = asciiGlyphs
	}
	if opt.NoColor {
		s.profile = colorprofile.ASCII
	}
	s.privacy = opt.Privacy
	s.snap = &model.Snapshot{Cluster: opt.Cluster, Headline: model.Headline{Level: model.LevelNotice, Text: "connecting"}}
	s.hist = model.NewHistory(depth)
	s.log = &eventLog{}
	s.top = model.NewTop()
	s.st = &styles{}
	s.dress()
	for _, r := range registry {
		s.panes = append(s.panes, r.make(&s.env))
		s.names = append(s.names, r.name)
	}
	return s, nil
}

// dress makes the looks anew. The panes hold the env, whose styles change in
// place.
func (s *shell) dress() { *s.st = *newStyles(s.theme, s.profile) }

// Init starts to wait for the feed.
func (s *shell) Init() tea.Cmd {
	s.clock = time.NewTicker(time.Second)
	s.ask()
	cmds := []tea.Cmd{s.wait}
	if s.auto && s.profile > colorprofile.ASCII {
		cmds = append(cmds, tea.RequestBackgroundColor)
	}
	return tea.Batch(cmds...)
}

// The messages that wait makes.
type (
	snapshotMsg struct{ *model.Snapshot }
	endedMsg    struct{}
	secondMsg   struct{}
)

// wait blocks until the feed has news or a second is over.
func (s *shell) wait() tea.Msg {
	select {
	case snap, ok := <-s.snapshots:
		if !ok {
			return endedMsg{}
		}
		return snapshotMsg{snap}
	case <-s.clock.C:
		return secondMsg{}
	case <-s.ctx.Done():
		return nil
	}
}

// Update takes over one message and draws. Whatever panics in here, the
// terminal is restored and Run returns one line about it.
func (s *shell) Update(msg tea.Msg) (m tea.Model, cmd tea.Cmd) {
	defer func() {
		if r := recover(); r != nil {
			s.err = fmt.Errorf("internal error in %s: %v", s.doing, r)
			s.stack = debug.Stack()
			m, cmd = s, tea.Quit
		}
	}()
	if s.err != nil {
		return s, tea.Quit
	}
	cmd, changed := s.handle(msg)
	if m, ok := s.mode.(interface{ next(*shell) tea.Cmd }); ok {
		cmd = tea.Batch(cmd, m.next(s))
	}
	cmd = tea.Batch(cmd, s.walk.consider(s))
	s.ask()
	if changed {
		s.draw()
	}
	s.doing = "the console"
	return s, cmd
}

// handle reports whether the screen has to be drawn anew.
func (s *shell) handle(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case snapshotMsg:
		return tea.Batch(s.wait, s.take(msg.Snapshot)), true
	case secondMsg:
		return s.wait, s.paused || s.late() != ""
	case endedMsg:
		s.ended, s.snapshots = true, nil
		return s.wait, true
	case tea.WindowSizeMsg:
		s.width, s.height = msg.Width, msg.Height
		return nil, true
	case tea.ColorProfileMsg:
		if !s.opt.NoColor {
			s.profile = msg.Profile
			s.dress()
		}
		return nil, true
	case tea.BackgroundColorMsg:
		if s.auto && !msg.IsDark() {
			s.wear("light")
		}
		return nil, true
	case tea.KeyPressMsg:
		return s.press(msg), true
	}
	return s.hear(msg)
}

// hear takes over what comes of work that goes on behind the screen.
func (s *shell) hear(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case progressMsg:
		return s.progressed(msg), true
	case watchMsg:
		return s.logged(msg), true
	case movedMsg, answeredMsg, readMsg, lineMsg, startedMsg, closedMsg:
		return s.walk.hear(s, msg), true
	case reply:
		return nil, msg.reach(s)
	}
	return nil, false
}

// reply is the answer to what somebody asked for outside of Update: it knows where
// it belongs, and whether the screen has to be drawn anew.
type reply interface {
	reach(s *shell) bool
}

// take takes over a snapshot. While the frame is frozen it only goes into the
// past.
func (s *shell) take(snap *model.Snapshot) tea.Cmd {
	s.hist.Add(snap)
	s.log.add(snap.Events)
	s.top.Add(snap)
	s.latest, s.newest = snap, s.now()
	s.meet(snap)
	cmd := s.act(snap)
	if s.paused {
		s.behind++
		return cmd
	}
	s.thaw()
	return cmd
}

// act lets everything know of a snapshot that has to do with changing the
// cluster, frozen frame or not.
func (s *shell) act(snap *model.Snapshot) tea.Cmd {
	if s.runner != nil {
		s.runner.Observe(snap)
	}
	if m, ok := s.mode.(taker); ok {
		m.take(s)
	}
	return s.patrol(snap)
}

// taker is a mode that follows the newest snapshot also while the frame is
// frozen.
type taker interface{ take(*shell) }

// thaw shows the newest snapshot.
func (s *shell) thaw() {
	s.behind = 0
	if s.latest != nil {
		s.snap, s.arrived = s.latest, s.newest
	}
	s.refresh()
}

// refresh lets the visible pane take over what changed.
func (s *shell) refresh() {
	s.doing = "pane " + strings.ToLower(s.names[s.current])
	s.pane().refresh()
}

func (s *shell) pane() pane { return s.panes[s.current] }

// show makes a pane visible.
func (s *shell) show(i int) {
	if i < 0 || i >= len(s.panes) {
		return
	}
	s.current = i
	s.refresh()
}

// ask tells the feed what is on screen, when that changed.
func (s *shell) ask() {
	demand := s.pane().demand()
	if m, ok := s.mode.(interface{ demand() model.Subject }); ok {
		demand |= m.demand()
	}
	if s.watch != nil {
		demand |= watchDemand
	}
	if demand != s.demanded {
		s.demanded = demand
		s.feed.Demand(demand)
	}
}

// openNode goes to the Nodes pane for one node; Esc comes back.
func (s *shell) openNode(id string) {
	for i, p := range s.panes {
		if n, ok := p.(*nodes); ok {
			s.previous = append(s.previous, s.current)
			s.show(i)
			n.choose(id)
		}
	}
}

// say shows a line in the footer until the next key.
func (s *shell) say(text string) { s.said = text }

// late says that the feed is silent for longer than it should be; empty when it
// is not.
func (s *shell) late() string {
	if s.paused {
		return ""
	}
	return s.silence()
}

// silence is for how long the feed is silent, when that is longer than it should
// be, frozen frame or not.
func (s *shell) silence() string {
	if s.newest.IsZero() {
		return ""
	}
	if age := s.now().Sub(s.newest); s.ended || age > 2*s.interval+time.Second {
		return duration(age)
	}
	return ""
}

// wear changes the theme.
func (s *shell) wear(name string) {
	t, err := themes.Load(name)
	if err != nil {
		s.say(err.Error())
		return
	}
	s.theme = t
	s.dress()
}

// View gives the screen that Update drew.
func (s *shell) View() tea.View {
	v := tea.NewView(s.content)
	v.AltScreen = true
	return v
}
