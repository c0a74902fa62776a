package ui

import (
	"fmt"
	"testing"

	"github.com/galeratop/galeratop/model"
)

// BenchmarkConfiguration is what the open Configuration pane costs with each
// refresh.
func BenchmarkConfiguration(b *testing.B) {
	for _, nodes := range []int{3, 100} {
		b.Run(fmt.Sprintf("nodes=%d", nodes), func(b *testing.B) {
			w := configured(nodes, func(_ string, rows map[string]model.Assignment) {
				for i := range 700 {
					name := fmt.Sprintf("variable_%d", i)
					rows[name] = model.Assignment{Value: "ON", Default: "OFF", Origin: model.OriginFile, Path: "/etc/mysql/conf.d/galera.cnf"}
				}
			})
			s := still(b, w, Options{}, 3)
			p := newConfiguration(&s.env)
			b.ReportAllocs()
			for b.Loop() {
				p.refresh()
			}
		})
	}
}
