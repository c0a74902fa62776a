package ui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/galeratop/galeratop/actions/recovery"
)

// duty is the one thing to do now.
type duty struct {
	prompt string
	quiet  bool // there is nothing to do but wait
	types  bool // something is typed behind the prompt
	hints  []hint
	keys   map[string]func(*walk, *shell) tea.Cmd // by the name of the key
}

// duty finds out what is to be done.
func (w *walk) duty(s *shell) duty {
	m := w.shown()
	switch {
	case w.busy != "":
		return duty{prompt: w.busy + ", for " + duration(s.now().Sub(w.began)), quiet: true}
	case w.runs():
		return duty{prompt: "A step is being run. Enter shows it", hints: []hint{{keys: "Enter", word: "show it"}}, keys: onKey("enter", (*walk).showRun)}
	case m == nil:
		return duty{prompt: "looking at the cluster", quiet: true}
	case w.changed != "":
		return duty{prompt: "Enter: go on with this step", hints: []hint{{keys: "Enter", word: "go on"}}, keys: onKey("enter", (*walk).accept)}
	}
	return duties[m.Kind](s, w, m)
}

func onKey(key string, does func(*walk, *shell) tea.Cmd) map[string]func(*walk, *shell) tea.Cmd {
	return map[string]func(*walk, *shell) tea.Cmd{key: does}
}

// duties are the things to do by the kind of a step.
var duties = map[recovery.Kind]func(*shell, *walk, *recovery.Move) duty{
	recovery.Ask:   asks,
	recovery.Act:   acts,
	recovery.Watch: watches,
	recovery.Done: func(*shell, *walk, *recovery.Move) duty {
		return duty{prompt: "Nothing is left to do. Esc goes back", quiet: true}
	},
	recovery.Refused: refuses,
}

func asks(s *shell, w *walk, m *recovery.Move) duty {
	q := m.Question
	if q.Need == recovery.NeedRead {
		return duty{prompt: "Enter: " + q.Text, hints: []hint{{keys: "Enter", word: "read"}}, keys: onKey("enter", func(w *walk, s *shell) tea.Cmd {
			return w.look(s, q, "reading hosts")
		})}
	}
	if s.opt.ReadOnly {
		return barred(w, m)
	}
	if q.Need == recovery.NeedPosition {
		return positions(q)
	}
	return typing(q)
}

// positions is the question whether servers are run to recover their positions: a
// key, or in production a word.
func positions(q *recovery.Question) duty {
	if slices.Contains(q.Answers, "y") {
		return duty{prompt: "y: " + q.Text, hints: []hint{{keys: "y", word: "recover"}}, keys: onKey("y", func(w *walk, s *shell) tea.Cmd {
			return w.look(s, q, "recovering positions")
		})}
	}
	return duty{
		prompt: "To " + q.Text + ", type " + strings.Join(q.Answers, " or ") + " and Enter:", types: true,
		hints: []hint{{keys: "Enter", word: "recover; with nothing typed: look again"}},
		keys: onKey("enter", func(w *walk, s *shell) tea.Cmd {
			text := strings.TrimSpace(string(w.typed.text))
			if w.typed.text = nil; text == "" {
				return w.lookAgain(s)
			}
			if !slices.Contains(q.Answers, text) {
				w.wrong = fmt.Sprintf("%q is not %q: nothing was run", text, strings.Join(q.Answers, " or "))
				return nil
			}
			return w.look(s, q, "recovering positions")
		}),
	}
}

// barred is a question that a console which changes nothing does not take an
// answer to.
func barred(*walk, *recovery.Move) duty {
	return duty{prompt: "Refused: read-only mode: nothing is decided or done from here. Enter looks again", hints: []hint{{keys: "Enter", word: "look again"}}, keys: onKey("enter", (*walk).lookAgain)}
}

// typing is a question whose answer is typed.
func typing(q *recovery.Question) duty {
	prompt := "Type " + q.Words + " and Enter:"
	if q.Words == "" {
		prompt = q.Text + ": " + strings.Join(q.Answers, " or ") + ", and Enter:"
		prompt = strings.ToUpper(prompt[:1]) + prompt[1:]
	}
	return duty{
		prompt: prompt, types: true,
		hints: []hint{{keys: "Enter", word: "answer; with nothing typed: look again"}}, keys: onKey("enter", (*walk).answer),
	}
}

func acts(*shell, *walk, *recovery.Move) duty {
	return duty{prompt: "Enter: show the plan. It asks before anything is run", hints: []hint{{keys: "Enter", word: "plan"}}, keys: onKey("enter", (*walk).confirm)}
}

func watches(s *shell, w *walk, m *recovery.Move) duty {
	t := duty{prompt: "Watching, for " + duration(s.now().Sub(w.since)) + ". The next step follows by itself", quiet: true}
	t.keys = map[string]func(*walk, *shell) tea.Cmd{}
	if len(m.ByHand) > 0 {
		c := m.ByHand[w.marked%len(m.ByHand)]
		t.prompt, t.quiet = "y: copy the command for "+c.Node+". What comes of it is watched for", false
		t.hints = append(t.hints, hint{keys: "y", word: "copy"})
		t.keys["y"] = (*walk).copy
		if len(m.ByHand) > 1 {
			t.hints = append(t.hints, hint{keys: "Tab", word: "next command"})
			t.keys["tab"], t.keys["shift+tab"] = (*walk).nextCommand, (*walk).lastCommand
		}
	}
	if m.Instead != nil {
		t.prompt += ". If nothing moves, i: " + m.Instead.Title
		t.hints = append(t.hints, hint{keys: "i", word: "instead"})
		t.keys["i"] = (*walk).other
	}
	return t
}

// refuses is a step that cannot be made, or only after words were typed.
func refuses(s *shell, w *walk, m *recovery.Move) duty {
	switch {
	case m.Question != nil && s.opt.ReadOnly:
		return barred(w, m)
	case m.Question != nil:
		return typing(m.Question)
	}
	return duty{prompt: "Nothing can be done from here now. Enter looks again", hints: []hint{{keys: "Enter", word: "look again"}}, keys: onKey("enter", (*walk).lookAgain)}
}

func (w *walk) accept(*shell) tea.Cmd {
	w.changed = ""
	return nil
}

func (w *walk) other(s *shell) tea.Cmd {
	w.instead, w.since, w.top = true, s.now(), 0
	return nil
}

func (w *walk) showRun(s *shell) tea.Cmd {
	s.mode = &runMode{of: w.run, under: w}
	return nil
}

// copy puts the marked command into the terminal's clipboard.
func (w *walk) copy(s *shell) tea.Cmd {
	all := w.shown().ByHand
	c := all[w.marked%len(all)]
	s.say("copied the command for " + c.Node)
	return tea.SetClipboard(c.Line)
}

func (w *walk) nextCommand(*shell) tea.Cmd { return w.mark(1) }

func (w *walk) lastCommand(*shell) tea.Cmd { return w.mark(-1) }

func (w *walk) mark(by int) tea.Cmd {
	n := len(w.shown().ByHand)
	w.marked = (w.marked + by + n) % n
	w.reach = true
	return nil
}

func (w *walk) press(s *shell, k tea.KeyPressMsg) tea.Cmd {
	name := k.String()
	if slices.Contains([]string{"up", "down", "pgup", "pgdown", "home", "end"}, name) {
		w.scroller.press(s, k)
		return nil
	}
	if name == "esc" {
		return w.leave(s)
	}
	t := w.duty(s)
	if does := t.keys[name]; does != nil {
		return does(w, s)
	}
	switch {
	case t.types:
		w.wrong = ""
		w.typed.press(k)
	case name == "P":
		s.hide()
	}
	return nil
}

// leave goes back; what was begun goes on.
func (w *walk) leave(s *shell) tea.Cmd {
	if w.instead && w.busy == "" && !w.runs() {
		w.instead, w.changed = false, ""
		w.typed.text = nil
		return nil
	}
	s.mode, w.open = nil, false
	w.typed.text, w.wrong = nil, ""
	switch {
	case w.runs():
		s.say("the step that was begun goes on; R takes the recovery up again")
	case w.busy != "":
		s.say(w.busy + " goes on; R takes the recovery up again")
	default:
		s.say("nothing was changed by leaving; R takes the recovery up again")
	}
	return nil
}
