package ui

import (
	"cmp"
	"strconv"
	"time"

	"github.com/galeratop/galeratop/model"
)

// share writes a digest's share with its doubt: 31% ±4.
func (p *top) share(n *model.TopNumbers) string {
	text := percent(n.Share)
	if n.Share.Known && n.Doubt.V >= 0.005 {
		text += " " + p.plusMinus() + strconv.Itoa(int(n.Doubt.V*100+0.5))
	}
	return text
}

// mean writes a mean that was reckoned in seconds.
func (p *top) mean(n *model.TopNumbers) string {
	if !n.Mean.Known {
		return unknown
	}
	return p.bound(false, n.AtMost, roughly(seconds(n.Mean.V)))
}

func (p *top) calls(n *model.TopNumbers) string { return p.bound(true, n.AtLeast, rate(n.Rate)) }

// took writes a time that may not be known.
func took(d time.Duration) string {
	if d <= 0 {
		return unknown
	}
	return roughly(d)
}

// numeric is a column of numbers.
func (p *top) numeric(title, about string, width, priority int, text func(*topRow) string, of func(*topRow) float64) column[topRow] {
	return column[topRow]{
		title: title, about: about, min: width, max: width, right: true, priority: priority, falling: true,
		cell: func(r *topRow) (string, style) {
			t := text(r)
			if t == unknown || t == "" {
				return t, p.e.st.dim
			}
			return t, p.e.st.text
		},
		compare: func(a, b *topRow) int { return cmp.Compare(of(a), of(b)) },
	}
}

// real is a column of what may not be known; the unknown is the least.
func (p *top) real(title, about string, width, priority int, of func(*topRow) model.Real) column[topRow] {
	return p.numeric(title, about, width, priority,
		func(r *topRow) string { return rate(of(r)) }, func(r *topRow) float64 { return of(r).Or(-1) })
}

func (p *top) columns() []column[topRow] {
	return []column[topRow]{
		{
			title: "#", about: "its place by the time it takes", min: 3, max: 3, right: true, priority: 6,
			cell: func(r *topRow) (string, style) { return strconv.Itoa(r.rank), p.e.st.dim },
		},
		{
			title: "share", about: "of the time of all statements of the cluster; with its doubt where it is sampled", min: 8, max: 8, right: true, falling: true,
			cell:    func(r *topRow) (string, style) { return p.share(&r.All), p.weight(r) },
			compare: func(a, b *topRow) int { return cmp.Compare(a.All.Load, b.All.Load) },
		},
		{
			title: "bar", about: "the share as a bar", min: 8, max: 12, priority: 10,
			draw: func(l *line, r *topRow, width int) {
				full := min(int(r.All.Share.V*float64(width)+0.5), width)
				l.fill(p.e.st.graph, p.e.g.spark[len(p.e.g.spark)-1], full).fill("", " ", width-full)
			},
		},
		p.numeric("busy", "threads that are busy with it on average", 5, 7,
			func(r *topRow) string { return short(r.All.Load) }, func(r *topRow) float64 { return r.All.Load }),
		p.numeric("calls/s", "how often it runs", 7, 0, func(r *topRow) string { return p.calls(&r.All) },
			func(r *topRow) float64 { return r.All.Rate.Or(-1) }),
		p.numeric("mean", "how long one takes", 6, 0, func(r *topRow) string { return p.mean(&r.All) },
			func(r *topRow) float64 { return r.All.Mean.Or(-1) }),
		p.numeric("p95", "how long 95 of 100 take at most, since the server's start; MySQL 8 knows it", 6, 9,
			func(r *topRow) string { return took(r.All.P95) }, func(r *topRow) float64 { return float64(r.All.P95) }),
		p.numeric("max", "the longest since the server's start; where it is sampled, the longest that was seen", 6, 8, func(r *topRow) string { return took(r.All.Max) },
			func(r *topRow) float64 { return float64(r.All.Max) }),
		p.real("exam/s", "rows examined a second", 6, 3, func(r *topRow) model.Real { return r.All.Examined }),
		p.real("ex/sent", "rows examined for each row sent: large where an index is missing", 7, 2,
			func(r *topRow) model.Real { return r.All.PerSent }),
		p.real("sent/s", "rows sent a second", 6, 11, func(r *topRow) model.Real { return r.All.Sent }),
		p.real("chg/s", "rows changed a second", 5, 12, func(r *topRow) model.Real { return r.All.Affected }),
		{
			title: "note", about: "new: first seen less than ten minutes ago; rising, falling: against the minutes before; " +
				"slower: above its own mean and two standard deviations; waits: for locks or the group, more than it works", min: 7, max: 15, priority: 1,
			cell: func(r *topRow) (string, style) {
				st := p.e.st.notice
				if r.New > 0 || r.All.Outlier || r.Trend == model.TopRising {
					st = p.e.st.warn
				}
				return p.note(r), st
			},
			compare: func(a, b *topRow) int { return cmp.Compare(p.remarkable(a), p.remarkable(b)) }, falling: true,
		},
		{
			title: "nodes", about: "where it runs, and which part of it", min: 8, max: 20, priority: 5,
			cell: func(r *topRow) (string, style) { return p.where(r), p.e.st.accent },
		},
		{
			title: "statement", about: "without its literals; Enter shows an example", min: 30,
			cell: func(r *topRow) (string, style) {
				if r.Kind != model.TopStatement {
					return p.title(r), p.e.st.dim
				}
				return p.title(r), p.e.st.text
			},
		},
	}
}

// remarkable orders the notes.
func (p *top) remarkable(r *topRow) int {
	switch {
	case r.New > 0:
		return 4
	case r.All.Outlier:
		return 3
	case r.Trend == model.TopRising:
		return 2
	case r.Trend == model.TopFalling:
		return 1
	}
	return 0
}

// weight colours what takes most of the time.
func (p *top) weight(r *topRow) style {
	if r.All.Share.V >= 0.5 && r.All.Load >= 1 {
		return p.e.st.warn
	}
	return p.e.st.text
}
