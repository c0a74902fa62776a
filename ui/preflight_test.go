package ui

import (
	"context"
	"testing"

	"github.com/galeratop/galeratop/actions/preflight"
	"github.com/galeratop/galeratop/model"
)

// founding says of every node that its start would found a second cluster.
func founding(_ context.Context, _ *model.Snapshot, n *model.Node) *preflight.Verdict {
	return &preflight.Verdict{
		Kind: preflight.SecondCluster, Code: preflight.CodeHarm, Harm: true,
		Text:     "wsrep_cluster_address is an empty gcomm://, while others are alive (db1, db3)",
		Do:       []string{"Do not start or restart this node.", "Write the full list of members into wsrep_cluster_address of " + n.Name + "."},
		Unasked:  []string{"10.0.0.9:4567: no answer"},
		Evidence: []model.Evidence{{Node: n.Name, Variable: "wsrep_cluster_address", Value: "gcomm://"}, {Node: n.Name, Variable: "server", Value: "runs"}},
	}
}

func TestTheConsoleTellsWhatAStartOfTheChosenNodeWouldDo(t *testing.T) {
	for _, size := range [][2]int{{160, 50}, {80, 24}} {
		watch(t, cluster(3), Options{Preflight: founding, NoColor: true}, size[0], size[1], func(s *screen) {
			s.Tick(2).Press("2", "Down", "p").Has("BOOTSTRAP A SECOND CLUSTER", "do not start it", "10.0.0.9:4567: no answer")
			s.Golden(map[int]string{160: "preflight-160x50", 80: "preflight-80x24"}[size[0]], false)
			s.Press("Esc").Lacks("BOOTSTRAP A SECOND CLUSTER")
		})
	}
}

func TestPreflightSaysWhatItNeeds(t *testing.T) {
	watch(t, cluster(3), Options{Demo: "calm"}, 120, 30, func(s *screen) {
		s.Tick(2).Press("2", "p").Row(-1).Has("set host_command for the cluster in config.toml")
	})
	watch(t, cluster(3), Options{Preflight: founding}, 120, 30, func(s *screen) {
		s.Tick(2).Press("p").Row(-1).Has("no node is chosen")
	})
}
