package ui

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
)

// keyboard is what the program reads: keys, and the terminal's answers.
type keyboard struct {
	ch   chan []byte
	rest []byte
	once sync.Once
}

func newKeyboard() *keyboard { return &keyboard{ch: make(chan []byte, 1000)} }

func (k *keyboard) Read(p []byte) (int, error) {
	if len(k.rest) == 0 {
		more, ok := <-k.ch
		if !ok {
			return 0, io.EOF
		}
		k.rest = more
	}
	n := copy(p, k.rest)
	k.rest = k.rest[n:]
	return n, nil
}

func (k *keyboard) unplug() { k.once.Do(func() { close(k.ch) }) }

// tap counts what the program writes and keeps it.
type tap struct {
	mu    sync.Mutex
	to    io.Writer
	bytes []byte
}

func (t *tap) Write(p []byte) (int, error) {
	t.mu.Lock()
	t.bytes = append(t.bytes, p...)
	t.mu.Unlock()
	// What a terminal's line discipline does, and the program counts on.
	_, err := t.to.Write([]byte(strings.ReplaceAll(string(p), "\n", "\r\n")))
	return len(p), err
}

func (t *tap) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.bytes)
}

// screen is the console on an emulated terminal, inside of a synctest bubble.
type screen struct {
	t      *testing.T
	term   *vt.SafeEmulator
	keys   *keyboard
	out    *tap
	feed   *fakeFeed
	world  *world
	cancel context.CancelFunc
	ended  chan error
	err    error
	over   bool
}

// watch runs a test on a screen of the given size.
func watch(t *testing.T, w *world, opt Options, width, height int, test func(*screen)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := start(t, w, opt, width, height)
		test(s)
		s.Close()
	})
}

func start(t *testing.T, w *world, opt Options, width, height int) *screen {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s := &screen{
		t: t, term: vt.NewSafeEmulator(width, height), keys: newKeyboard(), feed: newFakeFeed(), world: w,
		cancel: cancel, ended: make(chan error, 1),
	}
	s.out = &tap{to: s.term}
	go s.answer()
	if opt.Theme == "" {
		opt.Theme = "dark"
	}
	options := []tea.ProgramOption{
		tea.WithInput(s.keys), tea.WithOutput(s.out), tea.WithWindowSize(width, height),
		tea.WithEnvironment([]string{"TERM=xterm-256color"}), tea.WithColorProfile(colorprofile.ANSI256),
	}
	go func() { s.ended <- run(ctx, s.feed, opt, options...) }()
	return s.settle()
}

// answer hands the terminal's answers to the program.
func (s *screen) answer() {
	buf := make([]byte, 4096)
	for {
		n, err := s.term.Read(buf)
		if err != nil {
			return
		}
		select {
		case s.keys.ch <- append([]byte(nil), buf[:n]...):
		default:
		}
	}
}

// settle waits until the program has drawn what it was told.
func (s *screen) settle() *screen {
	time.Sleep(150 * time.Millisecond)
	synctest.Wait()
	return s
}

// Tick delivers n snapshots, one a second.
func (s *screen) Tick(n int) *screen {
	for range n {
		s.feed.ch <- s.world.next()
		time.Sleep(time.Second)
	}
	return s.settle()
}

var keyBytes = map[string]string{
	"Enter": "\r", "Esc": "\x1b", "Tab": "\t", "Shift-Tab": "\x1b[Z", "Up": "\x1b[A", "Down": "\x1b[B", "Right": "\x1b[C",
	"Left": "\x1b[D", "PgUp": "\x1b[5~", "PgDn": "\x1b[6~", "Home": "\x1b[H", "End": "\x1b[F", "Backspace": "\x7f", "Ctrl-C": "\x03",
}

// Press presses keys, by name or as typed text.
func (s *screen) Press(keys ...string) *screen {
	for _, k := range keys {
		raw, ok := keyBytes[k]
		if !ok {
			raw = k
		}
		s.keys.ch <- []byte(raw)
		s.settle()
	}
	return s
}

// Text is what the screen shows, line by line.
func (s *screen) Text() []string {
	lines := strings.Split(s.term.Render(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(ansi.Strip(strings.TrimSuffix(lines[i], "\r")), " ")
	}
	return lines
}

// Has expects text anywhere on the screen.
func (s *screen) Has(texts ...string) *screen {
	s.t.Helper()
	all := strings.Join(s.Text(), "\n")
	for _, text := range texts {
		if !strings.Contains(all, text) {
			s.t.Errorf("the screen lacks %q:\n%s", text, all)
		}
	}
	return s
}

// Lacks expects text nowhere on the screen.
func (s *screen) Lacks(texts ...string) *screen {
	s.t.Helper()
	all := strings.Join(s.Text(), "\n")
	for _, text := range texts {
		if strings.Contains(all, text) {
			s.t.Errorf("the screen has %q:\n%s", text, all)
		}
	}
	return s
}

// row is one line of the screen.
type row struct {
	s    *screen
	text string
}

// Row is a line by its number, from 0; negative ones count from the bottom.
func (s *screen) Row(i int) row {
	lines := s.Text()
	if i < 0 {
		i += len(lines)
	}
	return row{s, lines[i]}
}

// Line is the first line that has the text.
func (s *screen) Line(text string) row {
	s.t.Helper()
	for _, l := range s.Text() {
		if strings.Contains(l, text) {
			return row{s, l}
		}
	}
	s.t.Errorf("no line has %q:\n%s", text, strings.Join(s.Text(), "\n"))
	return row{s, ""}
}

// Has expects texts in the line.
func (r row) Has(texts ...string) *screen {
	r.s.t.Helper()
	for _, text := range texts {
		if !strings.Contains(r.text, text) {
			r.s.t.Errorf("%q lacks %q", r.text, text)
		}
	}
	return r.s
}

// Lacks expects texts not to be in the line.
func (r row) Lacks(texts ...string) *screen {
	r.s.t.Helper()
	for _, text := range texts {
		if strings.Contains(r.text, text) {
			r.s.t.Errorf("%q has %q", r.text, text)
		}
	}
	return r.s
}

// Selected is the text of the line in reverse video; empty when there is none.
func (s *screen) Selected() string {
	for y := 3; y < s.term.Height(); y++ {
		c := s.term.CellAt(0, y)
		if c != nil && c.Style.Attrs&(1<<5) != 0 {
			return s.Row(y).text
		}
	}
	return ""
}

// Golden compares the screen with a file of what it looked like when somebody
// found it right; styled keeps the colours too.
func (s *screen) Golden(name string, styled bool) *screen {
	s.t.Helper()
	golden(s.t, name+".golden", strings.Join(s.Text(), "\n")+"\n")
	if styled {
		golden(s.t, name+".ansi.golden", strings.ReplaceAll(s.term.Render(), "\r\n", "\n")+"\n")
	}
	return s
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run the test with -update", err)
	}
	if string(want) != got {
		t.Errorf("%s differs:\n%s", name, firstDifference(string(want), got))
	}
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(w), len(g)) {
		var a, b string
		if i < len(w) {
			a = w[i]
		}
		if i < len(g) {
			b = g[i]
		}
		if a != b {
			return "want " + a + "\n got " + b
		}
	}
	return ""
}

// Wait waits for the console to end and gives what Run returned.
func (s *screen) Wait() error {
	if !s.over {
		s.over, s.err = true, <-s.ended
		s.keys.unplug()
		_ = s.term.Close()
	}
	return s.err
}

// Close ends the console.
func (s *screen) Close() {
	s.cancel()
	_ = s.Wait()
	synctest.Wait()
}
