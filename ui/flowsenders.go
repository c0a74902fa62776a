package ui

import (
	"cmp"
	"slices"

	"github.com/galeratop/galeratop/model"
)

// sender is a node that paused the group within the time line.
type sender struct {
	name   string
	points []model.Real // the paused share of the ticks in which it asked for a pause
	sum    float64
}

// The room at the right of the time line, for the scale and the senders' names.
const (
	scaleLeast = 6
	scaleMost  = 16
)

// room is the width of the time line itself.
func (p *flowControl) room(width int) int { return max(width-p.scale-1, 1) }

// senders are the nodes that paused the group most within the time line, at most
// so many.
func (p *flowControl) senders(width, most int) []sender {
	p.scale = scaleLeast
	var all []sender
	for _, n := range p.e.snap.Nodes {
		x := sender{name: n.Name}
		for _, v := range p.e.history(n.ID, model.MetricBrake, width) {
			x.points = append(x.points, v)
			x.sum += v.V
		}
		if x.sum > 0 {
			all = append(all, x)
		}
	}
	slices.SortStableFunc(all, func(a, b sender) int { return cmp.Compare(b.sum, a.sum) })
	all = all[:min(len(all), most)]
	for i := range all {
		p.scale = min(max(p.scale, cells(all[i].name)+4), scaleMost)
	}
	return all
}

// senderLine draws when one node paused the group, below the same moments of the
// time line.
func (p *flowControl) senderLine(x *sender, width, room int) string {
	points := x.points[max(0, len(x.points)-room):]
	l := newLine(p.e.g, width).to(1 + room - len(points))
	p.strip(l, points, func(i int) string {
		if !points[i].Known || points[i].V <= 0 {
			return " "
		}
		return p.e.g.bar(points[i], 1, 0)
	})
	return l.to(2+room).put(p.e.st.accent, p.e.g.sends+" "+x.name).String()
}
