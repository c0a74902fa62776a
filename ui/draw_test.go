package ui

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/galeratop/galeratop/model"
	"github.com/galeratop/galeratop/themes"
)

// still makes a shell without a program, for tests of what it draws.
func still(t testing.TB, w *world, opt Options, ticks int) *shell {
	t.Helper()
	if opt.Theme == "" {
		opt.Theme = "dark"
	}
	s, err := newShell(t.Context(), newFakeFeed(), opt)
	if err != nil {
		t.Fatal(err)
	}
	s.profile = colorprofile.ANSI256
	s.dress()
	for range ticks {
		s.take(w.next())
	}
	return s
}

// exact expects lines to be exactly as wide as the screen, by either way in
// which terminals measure.
func exact(t testing.TB, lines []string, width, height int) {
	t.Helper()
	if len(lines) != height {
		t.Errorf("%d lines on a screen of %d", len(lines), height)
	}
	for i, l := range lines {
		if a, b := ansi.StringWidth(l), ansi.StringWidthWc(l); a != width || b != width {
			t.Errorf("line %d of %dx%d is %d or %d cells wide: %q", i, width, height, a, b, l)
		}
	}
}

func TestNoSizeOfScreenBreaksAnything(t *testing.T) {
	for scene, build := range scenes {
		for pane := range registry {
			for _, overlay := range []mode{nil, &helpMode{}, &paletteMode{}, newFilterMode(nil), newExplain(&splitFindings()[0], time.Time{})} {
				s := still(t, build(), Options{Production: true, Demo: "partition"}, 22)
				s.show(pane)
				s.mode = overlay
				for width := 1; width <= 200; width += 1 + width/5 {
					for height := 1; height <= 60; height += 1 + height/4 {
						s.width, s.height = width, height
						exact(t, s.lines(), width, height)
					}
				}
			}
		}
		t.Log(scene)
	}
}

func TestPanesSurviveSizesThatTheShellWouldNotGive(t *testing.T) {
	for _, scene := range scenes {
		s := still(t, scene(), Options{}, 22)
		for _, p := range s.panes {
			p.refresh()
			for width := 1; width < 40; width += 3 {
				for height := 1; height < 12; height++ {
					exact(t, p.View(width, height), width, height)
				}
			}
		}
	}
}

var hostile = []string{
	"\x1b[2J\x1b[31mred\x1b]0;title\a", "\u202egnp.exe\u2066", "\xff\xfe\x80broken\xc3", strings.Repeat("A long query ", 80_000),
	"漢字テーブル名前", "👩‍👩‍👧‍👦🇩🇪👍🏽❤️1️⃣", "e\u0301\u0301\u0301\u0301 z̷̗a̴l̵g̶o̷", "\u1112\u1161\u11ab한글", "กำ ลำ", "tab\tnl\ncr\r", "\u0600\u06dd\u070f", "ﷺ", "\u00ad\u200b\ufeff\u2028",
	strings.Repeat("字", 300), "a" + strings.Repeat("\u0300", 500), "कि क्षि", "\U000e0001\U000e0020tags", "…", "─│",
}

func TestHostileTextLeavesTheScreenInShape(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	text := func() string {
		var b strings.Builder
		for range 1 + rng.IntN(3) {
			b.WriteString(hostile[rng.IntN(len(hostile))])
		}
		return b.String()
	}
	for round := range 12 {
		w := cluster(3)
		w.with(func(_ uint64, n *model.Node) {
			n.Name = text()
			for i := range n.Sample.Processes.Rows {
				p := &n.Sample.Processes.Rows[i]
				p.User, p.Host, p.DB, p.State, p.Query = text(), text(), text(), text(), text()
				n.Sample.Status.FCRequested = model.On
				if round%2 == 0 {
					p.Query = model.Printable(p.Query, 4096)
				}
			}
			n.Sample.Server.Version, n.Sample.Server.Comment, n.Sample.Status.EVSDelayed = text(), text(), text()
		})
		w.tell = func(s *model.Snapshot) {
			f := model.Finding{Level: model.LevelWarning, Title: text(), Why: text(), Do: []string{text(), text()}}
			f.Evidence = []model.Evidence{{Node: text(), Variable: text(), Value: text()}}
			s.Findings, s.Headline = []model.Finding{f, f}, model.Headline{Level: f.Level, Text: f.Title + " (+1 more)"}
			s.Events = []model.Event{{Number: s.Tick, At: s.At, Kind: model.EventFlow, Text: text(), Nodes: []string{text()}}}
		}
		s := still(t, w, Options{Cluster: text(), Demo: text()}, 2)
		for _, size := range sizes {
			s.width, s.height = size[0], size[1]
			for i := range len(s.panes) + 1 {
				if s.show(i); i == len(s.panes) {
					s.explain()
				}
				exact(t, s.lines(), size[0], size[1])
				if all := ansi.Strip(strings.Join(s.lines(), "\n")); strings.ContainsAny(all, "\x1b\a\t\r\u202e\u2066\u200b") || !utf8.ValidString(all) {
					t.Error("something got through that moves or hides text")
				}
			}
			s.mode = nil
		}
		if t.Failed() {
			t.Fatalf("round %d", round)
		}
	}
}

func FuzzALineIsNeverWiderThanItsRoom(f *testing.F) {
	for _, text := range hostile {
		f.Add(text[:min(len(text), 200)], uint8(20))
	}
	f.Fuzz(func(t *testing.T, text string, width uint8) {
		l := newLine(unicodeGlyphs, int(width)).put("", text)
		exact(t, []string{l.String()}, int(width), 1)
		for _, part := range wrap(text, int(width), 0) {
			if cells(part) > max(int(width), 2) {
				t.Errorf("a wrapped line of %d cells in %d", cells(part), width)
			}
		}
	})
}

func TestColumnsStayAlignedBesideWideCharacters(t *testing.T) {
	w := cluster(2)
	w.with(func(_ uint64, n *model.Node) {
		n.Sample.Processes.Rows[0].User = "注文システム"
		n.Sample.Processes.Rows[1].User = "e\u0301tienne"
	})
	s := still(t, w, Options{}, 1)
	s.width, s.height = 120, 30
	at := -1
	for _, l := range s.lines() {
		plain := ansi.Strip(l)
		if before, _, found := strings.Cut(plain, " shop "); found && strings.Contains(plain, "51") {
			if at < 0 {
				at = cells(before)
			}
			if got := cells(before); got != at {
				t.Errorf("the database is in column %d, not %d: %s", got, at, plain)
			}
		}
	}
	if at < 0 {
		t.Fatal("no row found")
	}
}

func benchmark(b *testing.B, nodes, threads, width, height int) {
	w := cluster(nodes)
	w.threads = threads
	s := still(b, w, Options{}, 60)
	s.width, s.height = width, height
	b.ReportAllocs()
	for b.Loop() {
		s.draw()
	}
	b.ReportMetric(float64(len(s.content)), "B/frame")
}

func BenchmarkOverview3(b *testing.B) { benchmark(b, 3, 20, 160, 50) }

func BenchmarkOverview100(b *testing.B) { benchmark(b, 100, 200, 160, 50) }

func BenchmarkNodes3(b *testing.B) {
	s := still(b, cluster(3), Options{}, 60)
	s.width, s.height = 160, 50
	s.show(1)
	b.ReportAllocs()
	for b.Loop() {
		s.draw()
	}
}

func BenchmarkFlowControl3(b *testing.B) {
	s := still(b, stall(), Options{}, 200)
	s.width, s.height = 160, 50
	s.show(2)
	b.ReportAllocs()
	for b.Loop() {
		s.draw()
	}
}

func BenchmarkEvents(b *testing.B) {
	s := still(b, busyLog(eventsKept), Options{}, 1)
	s.width, s.height = 160, 50
	s.show(3)
	b.ReportAllocs()
	for b.Loop() {
		s.refresh()
		s.draw()
	}
}

// BenchmarkSnapshot100 is what a snapshot costs beside drawing it: filter and
// sort of 20,000 threads.
func BenchmarkSnapshot100(b *testing.B) {
	w := cluster(100)
	w.threads = 200
	s := still(b, w, Options{}, 10)
	snap := w.next()
	b.ReportAllocs()
	for b.Loop() {
		s.take(snap)
	}
}

// TestBytesToTheTerminal measures a busy minute; the figure is in the log.
func TestBytesToTheTerminal(t *testing.T) {
	for _, pane := range []string{"1", "2", "3", "8"} {
		w := cluster(3)
		w.threads = 10
		watch(t, w, Options{}, 160, 50, func(s *screen) {
			s.Tick(30).Press(pane)
			before := s.out.count()
			s.Tick(30)
			rate := (s.out.count() - before) / 30
			t.Logf("pane %s: %d bytes a second", pane, rate)
			if rate > 6000 {
				t.Errorf("pane %s writes %d bytes a second", pane, rate)
			}
		})
	}
}

func TestWarningAndDangerDifferWithSixteenColours(t *testing.T) {
	for _, name := range themes.Names() {
		theme, err := themes.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range []colorprofile.Profile{colorprofile.ANSI, colorprofile.ANSI256, colorprofile.TrueColor} {
			s := newStyles(theme, p)
			for i, a := range []style{s.ok, s.warn, s.crit} {
				for j, b := range []style{s.ok, s.warn, s.crit} {
					if i != j && a == b {
						t.Errorf("%s, %s: levels %d and %d look the same", name, p, i, j)
					}
				}
			}
			if s.alert == s.alarm {
				t.Errorf("%s, %s: both verdict bars look the same", name, p)
			}
		}
	}
}
