package ui

import (
	"fmt"
	"strings"

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
	sampled, nodes, looks := make(map[string][]string), p.sum.Sources(), int64(0)
	var whys []string
	for i := range nodes {
		n := &nodes[i]
		switch n.Source {
		case model.TopDigests:
			counted = append(counted, n.Name)
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
	for _, why := range whys {
		out = append(out, said{fmt.Sprintf("Sampled on %s: %s.", nodeList(sampled[why], len(nodes)), p.e.failed(why)), p.e.st.text})
	}
	if len(whys) > 0 {
		every := interval(p.e.snap.Interval)
		out = append(out, said{fmt.Sprintf("One look every %s: shorter statements are mostly unseen; calls are a lower bound, means an upper one, "+
			"%s is two standard errors (%d looks).", every, p.plusMinus(), looks), p.e.st.dim})
	}
	for _, n := range nothing {
		out = append(out, said{"Nothing from " + n + ".", p.e.st.warn})
	}
	return append(out, p.lacks(nodes)...)
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
