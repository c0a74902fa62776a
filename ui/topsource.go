package ui

import (
	"fmt"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

// said is one sentence and its look.
type said struct {
	text string
	st   style
}

// sources says in words where the numbers come from and how far they go.
func (p *top) sources() []said {
	var counted, nothing []string
	var out []said
	sampled, nodes, looks, prepared := make(map[string][]string), p.from, int64(0), int64(0)
	var whys []string
	for i := range nodes {
		n := &nodes[i]
		switch n.Source {
		case model.TopDigests:
			counted = append(counted, n.Name)
			prepared += n.Samples
		case model.TopSamples:
			if sampled[n.Why] == nil {
				whys = append(whys, n.Why)
			}
			sampled[n.Why] = append(sampled[n.Why], n.Name)
			looks += n.Samples
		default:
			nothing = append(nothing, n.Name+": "+p.e.failed(n.Why))
		}
	}
	if len(counted) > 0 {
		out = append(out, said{"Counted by performance_schema on " + nodeList(counted, len(nodes)) +
			"; what takes over 5s counts while it runs.", p.e.st.text})
	}
	if prepared > 0 {
		out = append(out, said{fmt.Sprintf("Prepared statements are not in these counts: they are sampled, one look every %s, %s is two standard errors (%d looks).",
			interval(p.e.snap.Interval), p.plusMinus(), prepared), p.e.st.text})
	}
	for _, why := range whys {
		out = append(out, said{fmt.Sprintf("Sampled on %s: %s.", nodeList(sampled[why], len(nodes)), p.e.failed(why)), p.e.st.text})
	}
	if len(whys) > 0 {
		every := interval(p.e.snap.Interval)
		out = append(out, said{fmt.Sprintf("One look every %s: shorter statements are mostly unseen; calls are a lower bound, means an upper one, "+
			"%s is two standard errors (%d looks).", every, p.plusMinus(), looks), p.e.st.dim})
	}
	out = append(out, p.spans(nodes)...)
	for _, n := range nothing {
		out = append(out, said{"Nothing from " + n + ".", p.e.st.warn})
	}
	return append(out, p.lacks(nodes)...)
}

// spans says for how long live numbers have been counted, where that is less
// than the window, and until when statements were read in part only.
func (p *top) spans(nodes []model.TopNode) []said {
	var out []said
	counted, glanced := model.TopWindow, time.Duration(0)
	for i := range nodes {
		switch n := &nodes[i]; {
		case n.Source == model.TopDigests && n.Live:
			counted = min(counted, n.Chain)
		case n.Source == model.TopSamples && n.Whole > 0 && (p.since || n.Whole < model.TopWindow):
			if glanced == 0 || n.Whole < glanced {
				glanced = n.Whole
			}
		}
	}
	if counted < model.TopWindow && !p.all() {
		out = append(out, said{"Counted numbers are of the last " + duration(counted) + ": digests are read while this pane is open.", p.e.st.dim})
	}
	switch {
	case glanced > time.Second:
		out = append(out, said{"Statements are read whole since " + duration(glanced) + " ago, before only their first 100 characters: " +
			"longer ones with the same start may be one digest.", p.e.st.dim})
	case glanced > 0:
		out = append(out, said{"Only the first 100 characters of statements have been read: longer ones with the same start may be one digest.", p.e.st.dim})
	}
	return out
}

// lacks says which privilege is missing, and what a digest table had no room for.
func (p *top) lacks(nodes []model.TopNode) []said {
	var out []said
	without := make(map[string][]string)
	var grants []string
	for i := range nodes {
		n := &nodes[i]
		if n.Grant != "" {
			if without[n.Grant] == nil {
				grants = append(grants, n.Grant)
			}
			without[n.Grant] = append(without[n.Grant], n.Name)
		}
		if n.Left.V >= 0.005 {
			out = append(out, said{fmt.Sprintf("%s of the time on %s went to statements that the table had no room for "+
				"(performance_schema_digests_size).", percent(n.Left), n.Name), p.e.st.warn})
		}
	}
	for _, g := range grants {
		out = append(out, said{fmt.Sprintf("On %s the account needs: GRANT %s TO it.", nodeList(without[g], len(nodes)), onAll(g)), p.e.st.warn})
	}
	return out
}

// onAll completes a privilege that is given on everything.
func onAll(grant string) string {
	if strings.Contains(grant, " ON ") {
		return grant
	}
	return grant + " ON *.*"
}

func nodeList(names []string, all int) string {
	if len(names) == all && all > 1 {
		return fmt.Sprintf("all %d nodes", all)
	}
	return strings.Join(names, ", ")
}

func (p *top) plusMinus() string {
	if p.e.g == asciiGlyphs {
		return "+-"
	}
	return "±"
}

// bound marks a number as a bound.
func (p *top) bound(lower, is bool, text string) string {
	switch {
	case !is || text == unknown:
		return text
	case p.e.g == asciiGlyphs && lower:
		return ">" + text
	case p.e.g == asciiGlyphs:
		return "<" + text
	case lower:
		return "≥" + text
	}
	return "≤" + text
}
