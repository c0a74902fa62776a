package ui

import (
	"fmt"
	"testing"
	"time"

	"github.com/galeratop/galeratop/model"
)

// crowd is a cluster whose nodes have some threads each, half of them busy.
func crowd(nodes, threads int) *model.Snapshot {
	w := cluster(nodes)
	s := w.next()
	for i, n := range s.Nodes {
		p := &n.Sample.Processes
		p.Rows = make([]model.Process, threads)
		for k := range p.Rows {
			p.Rows[k] = model.Process{
				ID: uint64(1000 + k), QueryID: model.N(int64(k)), User: fmt.Sprintf("app%d", k%7), Host: fmt.Sprintf("10.1.%d.%d:4%04d", i, k%250, k),
				DB: "shop", Command: "Query", Time: time.Duration((k*7919)%60_000) * time.Millisecond, State: "Sending data",
				Query: fmt.Sprintf(statements[k%len(statements)], k), Examined: model.N(int64(k * 13)), Memory: model.N(81920),
			}
			if k%2 == 1 {
				p.Rows[k].Command, p.Rows[k].Query = "Sleep", ""
			}
		}
	}
	return s
}

var crowds = []struct{ nodes, threads int }{{5, 1000}, {10, 5000}}

// BenchmarkQueries builds the pane from a new snapshot, and draws it.
func BenchmarkQueries(b *testing.B) {
	for _, c := range crowds {
		snap := crowd(c.nodes, c.threads)
		for _, way := range []struct {
			name, filter string
			all, grouped bool
		}{
			{name: "running"},
			{name: "all", all: true},
			{name: "word", filter: "stock"},
			{name: "terms", filter: "user:app3 time>5 db:shop"},
			{name: "expression", filter: "stock.*quantity"},
			{name: "grouped", grouped: true},
		} {
			s := still(b, cluster(3), Options{}, 1)
			s.snap = snap
			q := newQueries(&s.env)
			q.showIdle, q.showSystem = way.all, way.all
			if way.grouped {
				q.groups = newGroupTable(&s.env, &groupings[0])
			}
			if f, err := newTermFilter(way.filter); err == nil {
				q.list.filter = f
			}
			b.Run(fmt.Sprintf("build/%s/%d", way.name, c.nodes*c.threads), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					q.refresh()
				}
			})
			b.Run(fmt.Sprintf("draw/%s/%d", way.name, c.nodes*c.threads), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					q.View(160, 46)
				}
			})
		}
	}
}
