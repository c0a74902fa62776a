package actions

import (
	"fmt"
	"slices"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// Waiver is the way past a precondition that nobody can prove: a person who
// knows declares it, by typing the words. It is for what no machine can find
// out from here, such as whether a silent member is dead; a precondition that is
// seen to be wrong has none, but for a value of a setting that somebody means as
// it is.
type Waiver struct {
	Risk  string // what comes of it when the words are not true
	Words string // exactly what has to be typed: "db3 is dead"
	// Meant says that the precondition is seen to be wrong; Risk then comes of it in
	// any case.
	Meant bool
}

// Waivers are the words that would still have to be typed before a refused plan
// may be run, in the order of its checks. There are none when it may be run
// anyway, and none when something refuses it that no words override.
func (p *Plan) Waivers() []Waiver {
	if p.Refused != "" {
		return nil
	}
	var out []Waiver
	for _, c := range p.Checks {
		if c.Verdict == Met || c.Verdict == Waived {
			continue
		}
		if len(c.Waivers) == 0 {
			return nil
		}
		for _, w := range c.Waivers {
			if !p.declared(w.Words) && !slices.ContainsFunc(out, func(o Waiver) bool { return o.Words == w.Words }) {
				out = append(out, w)
			}
		}
	}
	return out
}

// Declare is the plan, worked out against a newer snapshot, with words that a
// person typed to override preconditions. Blanks around them do not count,
// everything else does. Words that the plan does not ask for are an error. The
// words stay with the plan: a run refuses when a declaration turns out to be
// wrong, and the audit log has them.
func Declare(s *model.Snapshot, session Session, p *Plan, words ...string) (*Plan, error) {
	next := *p
	next.Declared = slices.Clone(p.Declared)
	asked := p.Waivers()
	for _, text := range words {
		text = strings.TrimSpace(text)
		if !slices.ContainsFunc(asked, func(w Waiver) bool { return w.Words == text }) {
			return nil, fmt.Errorf("%q is not what has to be typed here", model.Printable(text, 80))
		}
		next.Declared = append(next.Declared, text)
	}
	return Replan(s, session, &next), nil
}

// declared reports whether the words were typed.
func (p *Plan) declared(words string) bool { return slices.Contains(p.Declared, words) }

// add takes a precondition in; one whose words have all been typed is waived.
func (p *Plan) add(c Check) {
	missing := func(w Waiver) bool { return !p.declared(w.Words) }
	if c.Verdict != Met && len(c.Waivers) > 0 && !slices.ContainsFunc(c.Waivers, missing) {
		c.Verdict = Waived
	}
	p.Checks = append(p.Checks, c)
}
