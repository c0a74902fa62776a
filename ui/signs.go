package ui

import "github.com/galeratop/galeratop/model"

// signs explains the symbols.
func (s *shell) signs(width int) []string {
	sign := func(st style, symbol, text string) string {
		return newLine(s.g, width).to(2).field(st, symbol, 16, false).put("", text).String()
	}
	state := func(st style, w model.State, text string) string {
		return sign(st, s.g.state[w], w.String()+": "+text)
	}
	return []string{
		state(s.st.ok, model.StateSynced, "serves as a full member"),
		state(s.st.notice, model.StateJoined, "has its data, catches up with the group"),
		state(s.st.notice, model.StateJoining, "receives its data from a donor"),
		state(s.st.warn, model.StateDonor, "gives data to a joiner, or was desynced by hand or by a backup"),
		state(s.st.crit, model.StateInitialized, "in no Primary Component"),
		state(s.st.crit, model.StateInconsistent, "voted out: its data differ"),
		sign(s.st.crit, s.g.down, "no answer, or refuses to work; it says why"),
		sign(s.st.warn, s.g.stale, "stale: connected but silent, the values are old by the time given"),
		sign(s.st.warn, "?", "in a box: a member that the group lists and that does not answer here"),
		sign(s.st.notice, s.g.arbitrator, "an arbitrator, garbd: votes, holds no data"),
		sign(s.st.crit, s.g.sends, "asks the group to pause its writers: flow control"),
		sign(s.st.dim, unknown, "unknown: no server said it. Never zero"),
	}
}
