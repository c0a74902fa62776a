package ui

import (
	"cmp"

	"github.com/galeratop/galeratop/model"
)

// transferTo is the state transfer that a node receives, nil when there is none.
func (e *env) transferTo(id string) *model.Transfer {
	return e.transfer(func(t *model.Transfer) bool { return t.JoinerID == id })
}

// transferFrom is the state transfer that a node gives.
func (e *env) transferFrom(id string) *model.Transfer {
	return e.transfer(func(t *model.Transfer) bool { return t.DonorID == id })
}

func (e *env) transfer(is func(*model.Transfer) bool) *model.Transfer {
	for i := range e.snap.Transfers {
		if t := &e.snap.Transfers[i]; is(t) {
			return t
		}
	}
	return nil
}

// transferWord is a donor's or joiner's state with the kind of the transfer.
func transferWord(word string, t *model.Transfer) string {
	if t == nil || t.Kind == "" {
		return word
	}
	return word + " " + string(t.Kind)
}

// mostTransfers is how many transfers the topology shows.
const mostTransfers = 3

// transferLines draws who gives its state to whom.
func (e *env) transferLines(width int) []string {
	shown := e.snap.Transfers[:min(len(e.snap.Transfers), mostTransfers)]
	lines := make([]string, 0, len(shown))
	for i := range shown {
		t := &shown[i]
		kind := string(t.Kind)
		if kind == "" {
			kind = "state transfer"
		}
		l := newLine(e.g, width).to(2).put(e.st.warn, e.g.state[model.StateDonor]).fill("", " ", 1)
		l.put(e.st.accent, cmp.Or(t.Donor, "a donor that is not seen")).fill("", " ", 1)
		l.fill(e.st.notice, e.g.rule, 2).put(e.st.notice, " "+kind+" ").fill(e.st.notice, e.g.rule, 2).put(e.st.notice, e.g.to+" ")
		l.put(e.st.notice, e.g.state[model.StateJoining]).fill("", " ", 1).put(e.st.accent, cmp.Or(t.Joiner, "a joiner that is not seen"))
		if t.Progress.Known {
			l.put(e.st.text, "  "+percent(model.R(t.Progress.V/100)))
		}
		if ago := e.ago(t.Since); ago != "" && !t.Since.IsZero() {
			l.put(e.st.text, "  for "+ago)
		}
		if t.Guessed {
			l.put(e.st.dim, "  the pairs are a guess")
		}
		if t.Why != "" {
			l.put(e.st.dim, "  "+t.Why)
		}
		lines = append(lines, l.String())
	}
	return lines
}
