package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/actions/recovery"
	"github.com/galeratop/galeratop/model"
)

// recoverWidth is the width of a terminal at night.
const recoverWidth = 80

// moveText is a move as it is printed.
func moveText(m *recovery.Move) string {
	var p page
	p.line("")
	p.part("SITUATION", m.Name())
	for _, r := range m.Found {
		label := r.Variable
		if r.Node != "" {
			label = r.Node + ", " + r.Variable
		}
		p.part("  found", label+": "+r.Value)
	}
	for i := range m.Sides {
		p.part("  side", sideText(&m.Sides[i]))
	}
	p.part("MEANS", m.Means)
	p.part(kindWords[m.Kind], m.Title)
	for _, text := range m.Will {
		p.part("  then", text)
	}
	for _, text := range m.Lost {
		p.part("  LOST", text)
	}
	for _, c := range m.ByHand {
		p.part("  by hand", "on "+c.Node+":")
		p.line("             " + model.Printable(c.Line, 500))
		p.part("", c.Why)
	}
	if m.Kind == recovery.Act {
		p.plan(m.Plan)
	}
	if m.Instead != nil {
		p.part("  instead", m.Instead.Title+": type i when nothing moves")
	}
	return p.text.String()
}

var kindWords = map[recovery.Kind]string{
	recovery.Ask: "ASKED", recovery.Act: "NEXT STEP", recovery.Watch: "WAITING", recovery.Done: "DONE", recovery.Refused: "REFUSED",
}

var verdictMarks = map[actions.Verdict]string{actions.Met: "ok", actions.Failed: "FAILED", actions.Unknown: "UNKNOWN", actions.Waived: "declared"}

// page is text for people, cut into lines.
type page struct{ text strings.Builder }

func (p *page) line(text string) { p.text.WriteString(text + "\n") }

// plan shows what is run, and what was checked for it.
func (p *page) plan(plan *actions.Plan) {
	p.part("PLAN", plan.Title)
	for _, c := range plan.Checks {
		p.part("  "+verdictMarks[c.Verdict], c.Text+": "+c.Evidence)
	}
	for i, s := range plan.Steps {
		p.part(fmt.Sprintf("  step %d", i+1), "on "+s.Name+": "+s.About)
		p.line("             " + model.Printable(s.Text, 2000))
	}
	for _, e := range plan.Effects {
		p.part("  effect", e)
	}
	for _, u := range plan.Unknowns {
		p.part("  unknown", u)
	}
	p.part("  seen by", plan.Verify)
	p.part("  undone by", plan.Undo)
}

// sideText is a side of a split brain in one line.
func sideText(s *recovery.Side) string {
	writes := "unknown"
	if s.Writes.Known {
		writes = fmt.Sprintf("%.1f a second", s.Writes.V)
	}
	return fmt.Sprintf("%s: seqno %s, write-sets %s, clients %s, history %s", s.Names, numText(s.Seqno), writes, numText(s.Clients), s.History)
}

func numText(n model.Num) string {
	if !n.Known {
		return "unknown"
	}
	return strconv.FormatInt(n.V, 10)
}

// labelWidth is the room for labels.
const labelWidth = 13

// part is a label and a text of several lines.
func (p *page) part(label, text string) {
	if text == "" {
		return
	}
	text = model.Printable(text, 2000)
	line := fmt.Sprintf("%-*s", labelWidth, label)
	used := len(line)
	for word := range strings.FieldsSeq(text) {
		if used > labelWidth && used+1+len(word) > recoverWidth {
			p.line(strings.TrimRight(line, " "))
			line, used = strings.Repeat(" ", labelWidth), labelWidth
		}
		if used > labelWidth {
			line, used = line+" ", used+1
		}
		line, used = line+word, used+len(word)
	}
	p.line(line)
}
