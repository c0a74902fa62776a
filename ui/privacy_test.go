package ui

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/galeratop/galeratop/model"
)

// speaker makes statements whose every literal is a marker of its own.
type speaker struct {
	*rand.Rand
	markers map[string]bool
}

func newSpeaker(seed uint64) *speaker {
	return &speaker{Rand: rand.New(rand.NewPCG(seed, 1)), markers: make(map[string]bool)}
}

func (r *speaker) marker() string {
	m := fmt.Sprintf("7%08d", r.IntN(1e8))
	r.markers[m] = true
	return m
}

func (r *speaker) of(forms ...string) string {
	out := forms[r.IntN(len(forms))]
	for strings.Contains(out, "#") {
		out = strings.Replace(out, "#", r.marker(), 1)
	}
	return out
}

func (r *speaker) literal() string {
	return r.of("#", "-#", "+ #.#", "#e5", "'#'", `"#"`, "'it''s #'", `'it\'s #'`, "0x#", "x'#'", "b'#'", "_utf8mb4'#'", "N'#'",
		"DATE '2024-01-01 #'", "'/* #'", "'-- #'", "'`#'", `"'#"`, `'\\#'`, "CONCAT('#', #)", "(SELECT #)", "/* # */ #", "/*! '#' */ #", "/*+ HINT(#) */ '#'",
		"'{\"card\": \"#\"}'", "'mysql://u:#@h/d'", "INTERVAL # DAY")
}

func (r *speaker) condition() string {
	column := r.of("id", "`name`", "o.customer_id", "größe", "@v")
	return column + r.of("=", " = ", ">", " <> ", " LIKE ", " IN (", "<=") + r.literal()
}

// statement may end anywhere, as cut ones do.
func (r *speaker) statement() string {
	sql := r.of("", "", "/* request # */ ", "/*# ") +
		[]func() string{
			func() string { return "SELECT a, " + r.literal() + " FROM shop.orders WHERE " + r.condition() },
			func() string { return "INSERT INTO t VALUES (" + r.literal() + "," + r.literal() + ")" },
			func() string { return "UPDATE t SET a=" + r.literal() + " WHERE " + r.condition() },
			func() string { return "DELETE FROM t WHERE " + r.condition() },
			func() string { return "CALL p(" + r.literal() + ")" },
			func() string { return "SET @a = " + r.literal() },
			func() string {
				return r.of("GRANT ALL ON d.* TO 'u#'@'h#'", "CREATE DEFINER=`u#`@`h#` VIEW v AS SELECT #", "GRANT ALL ON d.* TO u#@h#.shop")
			},
			func() string { return "ALTER TABLE t ADD c INT DEFAULT " + r.literal() },
			func() string { return "KILL " + r.marker() },
			func() string { return "HANDLER t READ a = (" + r.literal() + ")" },
		}[r.IntN(10)]()
	var more strings.Builder
	for range r.IntN(4) {
		more.WriteString(r.of(" AND ", " OR ", "OR ", "\tAND ", " XOR ") + r.condition())
	}
	sql += more.String() + r.of("", " LIMIT #", " LIMIT #,#", " -- #", " # #", "; SELECT #")
	if r.IntN(4) == 0 {
		sql = sql[:10+r.IntN(len(sql)-10)] + "…"
	}
	return model.Printable(model.HideSecrets(sql), 0)
}

// gossip is a cluster in which every text that a client may have sent is marked.
func gossip(r *speaker) *world { return gossipIn(r, splitBrain()) }

// gossipIn marks the texts of any cluster. A client keeps its name, and a
// statement with a number its text.
func gossipIn(r *speaker, w *world) *world {
	tell := w.tell
	if tell == nil {
		tell = func(*model.Snapshot) {}
	}
	known := make(map[string]string)
	once := func(key string, say func() string) string {
		if known[key] == "" {
			known[key] = say()
		}
		return known[key]
	}
	w.with(func(_ uint64, n *model.Node) {
		for i := range n.Sample.Processes.Rows {
			p := &n.Sample.Processes.Rows[i]
			key := fmt.Sprint(n.Name, p.ID)
			if !p.System() {
				p.User = once("user "+key, func() string { return "usr" + r.marker() })
				p.Host = once("host "+key, func() string { return r.of("10.9.8.7#:4000", "app#.shop:#", "2001:db8::#") })
				if !strings.HasPrefix(p.State, "Wait") {
					p.State = r.of(p.State, "import of '#' goes on", "row #")
				}
			}
			if p.Query != "" {
				p.Query = once(fmt.Sprint("query ", key, p.QueryID.V), r.statement)
			}
		}
		if t := n.Sample.Slow.Transactions; t != nil {
			t.Error = r.of("", "Access denied for user 'mon#'@'10.#'")
		}
		if d := n.Sample.Slow.Digests; d != nil {
			for i := range d.Rows {
				d.Rows[i].Text = r.statement()
			}
			d.Error = r.of("", "", "SELECT command denied to user 'mon#'@'10.#'")
		}
		if l := n.Sample.Slow.Locks; l != nil {
			own := *l
			own.Error = r.of("", "Access denied for user 'mon#'@'10.#'")
			own.Known = append(slices.Clone(l.Known), model.Lock{Thread: 1000, Kind: model.LockMetadata, Object: r.of("GET_LOCK('#')"), Mode: "EXCLUSIVE"})
			own.Waits = append(slices.Clone(l.Waits), model.LockWait{Waiter: 1001, Blocker: 1000, Kind: model.LockMetadata, Object: r.of("GET_LOCK('#')"), Mode: "X", Age: 3e9})
			n.Sample.Slow.Locks = &own
		}
	})
	w.tell = func(s *model.Snapshot) {
		tell(s)
		for i := range s.Findings {
			f := &s.Findings[i]
			p := &s.Nodes[0].Sample.Processes.Rows[0]
			f.Title = "db1 is held up by " + r.statement()
			f.Evidence = append(f.Evidence,
				model.Evidence{Node: "db1", Variable: "runs", Value: "thread 5 of " + p.User + ", Query 3s, Sending data: " + r.statement()},
				model.Evidence{Node: "db1", Variable: "written most now", Value: "shop.orders by " + p.User})
			f.Do = append(f.Do, "Find the program behind "+p.User+"@"+p.Host+" and have it commit.")
		}
		for i := range s.Events {
			s.Events[i].Text = "over after 3s: db1 is held up by " + r.statement()
		}
	}
	return w
}

// reveals is the first marker that a frame shows, wrapped or not.
func reveals(frame string, markers map[string]bool) string {
	text := ansi.Strip(frame)
	text += "\n" + strings.Join(strings.Fields(text), "")
	for i := range len(text) - 8 {
		if text[i] == '7' && markers[text[i:i+9]] {
			return text[i : i+9]
		}
	}
	return ""
}

var tourKeys = map[string]tea.KeyPressMsg{
	"Enter": {Code: tea.KeyEnter}, "Esc": {Code: tea.KeyEscape}, "Down": {Code: tea.KeyDown}, "Up": {Code: tea.KeyUp}, "End": {Code: tea.KeyEnd},
	"Home": {Code: tea.KeyHome}, "PgDn": {Code: tea.KeyPgDown}, "Right": {Code: tea.KeyRight}, "Tab": {Code: tea.KeyTab},
	"Space": {Code: tea.KeySpace, Text: " "}, "Ctrl-X": {Code: 'x', Mod: tea.ModCtrl},
}

func tourKey(name string) tea.KeyPressMsg {
	if k, ok := tourKeys[name]; ok {
		return k
	}
	return tea.KeyPressMsg{Code: rune(name[0]), Text: name}
}

// tours go through what a pane shows: rows, details, groups, all threads, the
// explanation, help and commands.
var tours = [][]string{
	{"Down", "Down", "Down", "Enter", "Down", "Esc", "Esc"},
	{"Down", "Enter", "Esc", "Up", "Enter", "e", "Esc", "End", "Enter", "Esc"},
	{"i", "g", "g", "Enter", "Esc", "g", "s", "S", "a", "Esc", "y", "Esc", "x", "Esc", "X", "Esc", "Esc"},
	{"v", "Down", "Down", "Esc", "?", "Esc", ":", "Esc", "/", "7", "Esc", "z", "P", "P"},
}

func TestWithPrivacyNoLiteralAndNoClientIsOnAnyScreen(t *testing.T) {
	for seed := range uint64(2) {
		r := newSpeaker(seed)
		shown := false
		for i := range registry {
			for n, tour := range tours {
				s := still(t, gossip(r), Options{Privacy: true}, 20)
				s.Update(tea.WindowSizeMsg{Width: 160, Height: 50})
				s.show(i)
				s.draw()
				for step, k := range append([]string{""}, tour...) {
					if k != "" {
						s.Update(tourKey(k))
					}
					if s.err != nil {
						t.Fatalf("%s: %v\n%s", s.names[i], s.err, s.stack)
					}
					m := reveals(s.content, r.markers)
					if !s.privacy {
						shown = shown || m != ""
						continue
					}
					if m != "" {
						t.Fatalf("seed %d, pane %s, tour %d, step %d (%s) shows %s:\n%s", seed, s.names[i], n, step, k, m, ansi.Strip(s.content))
					}
				}
			}
		}
		if !shown {
			t.Error("without privacy no marker is on any screen: nothing was tested")
		}
	}
}

func TestPrivacyIsInTheHeaderHoweverSmallAndFull(t *testing.T) {
	opt := Options{ReadOnly: true, Production: true, Privacy: true, Demo: "split-brain"}
	watch(t, cluster(3), opt, 80, 24, func(s *screen) {
		s.Tick(1).Row(0).Has("PRIVACY", "READ-ONLY", "12:00:01")
		s.Press("P").Row(0).Lacks("PRIVACY")
	})
}

func TestThePrivacyKeyWorksAtOnceOnAFrozenFrameAndInsideOfAnExplanation(t *testing.T) {
	watch(t, splitBrain(), Options{}, 160, 50, func(s *screen) {
		s.Tick(30).Press("z").Has("shop_web").Press("P").Lacks("shop_web").Has("user-").Row(0).Has("PRIVACY")
		s.Press("P").Has("shop_web").Press("v", "Down", "Down").Has("4111").Press("P").Lacks("4111").Has("number = ?")
	})
}

func TestARecordingMadeInPrivateIsShownAsSuch(t *testing.T) {
	w := splitBrain()
	tell := w.tell
	r := model.NewRedactor()
	w.tell = func(s *model.Snapshot) {
		tell(s)
		*s = *r.Snapshot(s)
	}
	watch(t, w, Options{}, 160, 50, func(s *screen) {
		s.Tick(30).Has("user-").Lacks("shop_web").Row(0).Has("PRIVACY")
		s.Press("P").Row(-1).Has("nothing to reveal").Has("user-")
	})
}

func BenchmarkPrivateFrameOf5000Threads(b *testing.B) {
	for _, private := range []bool{false, true} {
		b.Run(fmt.Sprintf("privacy=%t", private), func(b *testing.B) {
			w := cluster(5)
			w.threads = 1000
			s := still(b, w, Options{Privacy: private}, 2)
			s.Update(tea.WindowSizeMsg{Width: 160, Height: 50})
			for b.Loop() {
				b.StopTimer()
				snap := w.next()
				b.StartTimer()
				s.take(snap)
				s.draw()
			}
		})
	}
}
