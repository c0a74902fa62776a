package ui

import (
	"cmp"
	"slices"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// header is three lines: who, how it is, where. A watch rule adds one.
func (s *shell) header() []string {
	lines := []string{s.identityLine(), s.verdictLine()}
	lines = append(lines, s.watchBar()...)
	return append(lines, s.tabs())
}

// identityLine names the cluster and how this console looks at it.
func (s *shell) identityLine() string {
	bar, strong, faint := s.st.bar, s.st.barStrong, s.st.barDim
	if s.opt.Production {
		bar, strong, faint = s.st.production, s.st.production, s.st.production
	}
	right := s.flags()
	room := s.width - cells(right) - 3
	l := newLine(s.g, s.width)
	l.put(bar, " ").clip(strong, cmp.Or(s.snap.Cluster, s.opt.Cluster, "galeratop"), room-l.at)
	if s.opt.Production && l.at+13 < room {
		l.put(bar, "  PRODUCTION")
	}
	if v := versions(s.snap); l.at+2+cells(v) <= room {
		l.put(faint, "  "+v)
	}
	l.fill(bar, " ", s.width-cells(right)-1-l.at)
	l.put(bar, right)
	return l.done(bar)
}

// flags are the console's own settings, what is out of the ordinary first.
func (s *shell) flags() string {
	var parts []string
	if s.opt.Demo != "" {
		parts = append(parts, "DEMO "+s.opt.Demo)
	}
	if s.opt.ReadOnly {
		parts = append(parts, "READ-ONLY")
	}
	if s.privacy || s.snap.Private {
		parts = append(parts, "PRIVACY")
	}
	parts = append(parts, "every "+interval(s.interval))
	if !s.snap.At.IsZero() {
		parts = append(parts, s.snap.At.Local().Format("15:04:05"))
	}
	return strings.Join(parts, "  ")
}

// versions are the servers' flavour and version and the provider's; when they
// differ, from the oldest to the newest.
func versions(snap *model.Snapshot) string {
	var servers []model.Server
	provider := ""
	for _, n := range snap.Nodes {
		if n.Sample != nil && n.Sample.Server.Version != "" {
			servers = append(servers, n.Sample.Server)
			provider = max(provider, n.Sample.Status.ProviderVersion)
		}
	}
	if len(servers) == 0 {
		return "galeratop"
	}
	slices.SortFunc(servers, func(a, b model.Server) int {
		return cmp.Or(cmp.Compare(a.Flavour, b.Flavour), cmp.Compare(a.Release, b.Release))
	})
	first, last := servers[0], servers[len(servers)-1]
	text := first.Flavour.Word() + " " + first.Release.String()
	if first.Release != last.Release || first.Flavour != last.Flavour {
		text += " to " + strings.TrimPrefix(last.Flavour.Word()+" ", first.Flavour.Word()+" ") + last.Release.String() + " (mixed)"
	}
	if provider, _, _ = strings.Cut(provider, "("); provider != "" {
		text += ", Galera " + provider
	}
	return text
}

var levelWords = [...]string{"OK", "NOTICE", "WARNING", "CRITICAL"}

// verdictLine says how the cluster is, in words. A critical verdict colours the
// whole line, to be seen from afar.
func (s *shell) verdictLine() string {
	h := s.snap.Headline
	level := min(int(h.Level), len(levelWords)-1)
	word := " " + s.g.level[level] + " " + levelWords[level] + " "
	l := newLine(s.g, s.width)
	age, room := s.ageText(), s.width
	if age != "" {
		room -= cells(age) + 1
	}
	back, text, faint := style(""), style(""), s.st.dim
	switch h.Level {
	case model.LevelCritical:
		back, text, faint = s.st.alarm, s.st.alarm, s.st.alarm
		l.put(back, word)
	case model.LevelWarning:
		text = s.st.warn
		l.put(s.st.alert, word)
	default:
		l.put(s.st.level(h.Level), word)
	}
	verdict, more, since := s.verdict()
	if l.at+1+cells(more)+cells(since) >= room/2 {
		since = ""
	}
	l.clip(text, " "+verdict, room-l.at-cells(more)-cells(since)).clip(text, more, room-l.at).clip(faint, since, room-l.at)
	if age != "" {
		l.fill(back, " ", s.width-cells(age)-l.at).put(s.st.alert, age)
	}
	return l.done(back)
}

// verdict is the headline in parts, of which only the first may be cut: the
// worst finding, how many there are beside it, and for how long it is there.
func (s *shell) verdict() (text, more, since string) {
	h := s.snap.Headline
	if len(s.snap.Findings) == 0 {
		return h.Text, "", ""
	}
	worst := &s.snap.Findings[0]
	text, more = h.Text, ""
	if rest, ok := strings.CutPrefix(h.Text, worst.Title); ok {
		text, more = worst.Title, rest
	}
	if ago := s.ago(worst.Since); ago != "" {
		since = "  for " + ago
	}
	return s.told(text), more, since
}

// ageText says that what is on the screen is not what is now.
func (s *shell) ageText() string {
	switch {
	case s.paused:
		return " PAUSED, " + duration(s.now().Sub(s.arrived)) + " old "
	case s.ended:
		return " END, nothing newer "
	case s.late() != "":
		return " no news for " + s.late() + " "
	}
	return ""
}

// tabs is the bar of panes; where there is no room for all names, the others
// than the current one are numbers.
func (s *shell) tabs() string {
	full := 4
	for i := range s.panes {
		full += cells(s.names[i]) + 6
	}
	filtered := ""
	if f := s.pane().filtered(); f != nil {
		filtered = " filter /" + s.typed(f) + "/ "
		full += cells(filtered)
	}
	l := newLine(s.g, s.width)
	border := s.st.border
	if s.opt.Production {
		border = s.st.crit
	}
	l.fill(border, s.g.rule, 2)
	for i := range s.panes {
		name := " " + registry[i].key + " " + s.names[i] + " "
		if i == s.current {
			l.put(s.st.selection, name)
		} else {
			if full > s.width {
				name = " " + registry[i].key + " "
			}
			l.put(s.st.dim, name)
		}
		l.fill(border, s.g.rule, 1)
	}
	l.put(s.st.warn, filtered)
	l.fill(border, s.g.rule, l.left())
	return l.String()
}

// footer is what a mode asks for, else the last message, else the keys that
// matter here.
func (s *shell) footer() string {
	l := newLine(s.g, s.width)
	if _, ok := s.mode.(chooser); s.mode != nil && (!ok || s.said == "") {
		s.mode.footer(s, l)
		return l.String()
	}
	if s.said != "" {
		return l.to(1).put(s.st.notice, s.said).String()
	}
	if text, st := s.background(); text != "" {
		return l.to(1).put(st, text).String()
	}
	l.hints(s, s.footKeys())
	return l.String()
}

// hint is one entry of a footer: keys and what they do, or why they are dead.
type hint struct {
	keys, word string
	dead       bool
	rank       int
}

func (h *hint) cells() int { return cells(h.keys) + cells(h.word) + 3 }

// footKeys are the keys that matter here: those that kill first, greyed with the
// reason where they are dead; of the others the dead ones are left out.
func (s *shell) footKeys() []hint {
	out := s.killHints()
	for _, a := range slices.Concat(s.recoverKeys(), s.pane().keys(), s.settingKeys(), s.nodeKeys(), s.shellKeys()) {
		if a.foot != "" && a.reason() == "" {
			out = append(out, hint{keys: a.binding.Help().Key, word: a.foot, rank: a.rank})
		}
	}
	return out
}

// hints puts as many entries on a line as fit, those of a lower rank first.
func (l *line) hints(s *shell, all []hint) {
	room := l.left()
	fits := make([]bool, len(all))
	for rank := rankFirst; rank <= rankSpare; rank++ {
		for i := range all {
			if all[i].rank == rank && all[i].cells() <= room {
				fits[i] = true
				room -= all[i].cells()
			}
		}
	}
	for i := range all {
		if !fits[i] {
			continue
		}
		st := s.st.key
		if all[i].dead {
			st = s.st.dim
		}
		l.to(l.at+1).put(st, all[i].keys).put(s.st.dim, " "+all[i].word).to(l.at + 1)
	}
}
