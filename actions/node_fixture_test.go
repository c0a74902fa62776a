package actions

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/galeratop/galeratop/model"
)

// group is a world whose three nodes are Synced members of one component.
func group(flavour model.Flavour) world {
	w := newWorld()
	for i, n := range w.Nodes {
		n.Sample.Server.Flavour, n.Sample.Server.UUID = flavour, fmt.Sprint("server", i)
		for _, row := range [][2]string{
			{"wsrep_cluster_status", "Primary"},
			{"wsrep_cluster_state_uuid", "4a9c1f6e-0000-11f0-9b1e-8e0d5e3c1a77"},
			{"wsrep_cluster_conf_id", "7"},
			{"wsrep_cluster_size", "3"},
			{"wsrep_cluster_weight", "3"},
			{"wsrep_connected", "ON"},
			{"wsrep_local_state", "4"},
			{"wsrep_incoming_addresses", "db1:3306,db2:3306,db3:3306"},
			{"wsrep_gcomm_uuid", fmt.Sprintf("a1b2c3d4-000%d", i+1)},
			{"wsrep_desync_count", "0"},
			{"wsrep_evs_state", "OPERATIONAL"},
			{"wsrep_last_committed", "1000"},
			{"wsrep_local_cached_downto", "100"},
			{"wsrep_local_recv_queue", "0"},
			{"Threads_connected", "12"},
		} {
			n.Sample.Status.Set(row[0], row[1])
		}
		n.Sample.Slow.Variables = &model.Variables{Values: map[string]string{
			"wsrep_desync": "OFF", "wsrep_reject_queries": "NONE", "wsrep_slave_threads": "4",
			"wsrep_cluster_address":  "gcomm://db1,db2,db3",
			"wsrep_provider_options": "gcs.fc_limit = 16; gcs.fc_factor = 1.0; pc.weight = 1; gcs.fc_single_primary = no",
		}}
		if flavour == model.FlavourPXC {
			n.Sample.Slow.Variables.Values["pxc_maint_mode"] = "DISABLED"
		}
		n.Sample.Slow.Members = &model.Members{}
		for j, m := range w.Nodes {
			n.Sample.Slow.Members.Rows = append(n.Sample.Slow.Members.Rows, model.Member{UUID: fmt.Sprintf("a1b2c3d4-000%d", j+1), Name: m.Name, Address: m.Address})
		}
	}
	w.Complete()
	return w
}

// set changes settings of a node.
func (w world) set(node int, settings ...string) {
	values := maps.Clone(w.on(node).Slow.Variables.Values)
	for i := 0; i < len(settings); i += 2 {
		values[settings[i]] = settings[i+1]
	}
	w.on(node).Slow.Variables = &model.Variables{Values: values}
}

// status changes status variables of a node.
func (w world) status(node int, rows ...string) {
	for i := 0; i < len(rows); i += 2 {
		w.on(node).Status.Set(rows[i], rows[i+1])
	}
}

// silence makes a node stop to answer.
func (w world) silence(node int) { w.Nodes[node-1].Link = model.LinkDown }

// split takes the Primary Component away: every node sees itself alone.
func (w world) split() {
	for i := range w.Nodes {
		w.status(i+1, "wsrep_cluster_status", "non-Primary", "wsrep_cluster_conf_id", "18446744073709551615", "wsrep_cluster_size", "1",
			"wsrep_cluster_weight", "0", "wsrep_local_state", "0", "wsrep_ready", "OFF", "wsrep_incoming_addresses", w.Nodes[i].Address)
	}
}

// apart makes a split brain: db1 is Primary alone, db2 and db3 are together.
func (w world) apart() {
	w.status(1, "wsrep_cluster_size", "1", "wsrep_cluster_weight", "1", "wsrep_incoming_addresses", "db1:3306", "wsrep_cluster_conf_id", "9")
	for _, n := range []int{2, 3} {
		w.status(n, "wsrep_cluster_size", "2", "wsrep_cluster_weight", "2", "wsrep_incoming_addresses", "db2:3306,db3:3306", "wsrep_cluster_conf_id", "9")
	}
}

// planned works an action on db1 out, after the change.
func (w world) planned(session Session, id, value string) *Plan {
	w.Complete()
	return PlanNode(w.Snapshot, session, "db1", id, value)
}

func TestActionsOnANodeSayWhatTheyRun(t *testing.T) {
	maria, percona, mysql := model.FlavourMariaDB, model.FlavourPXC, model.FlavourMySQL
	for _, c := range []struct {
		id, value string
		flavour   model.Flavour
		change    func(w world)
		level     Level
		runs      string
		effect    string
		undo      string
	}{
		{"desync", "", maria, nil, LevelNode, "db1: SET GLOBAL wsrep_desync = ON", "fall behind without limit", "Resync: SET GLOBAL wsrep_desync = OFF"},
		{"resync", "", maria, func(w world) { w.set(1, "wsrep_desync", "ON") }, LevelYes, "db1: SET GLOBAL wsrep_desync = OFF", "becomes Synced", "Desync: SET GLOBAL wsrep_desync = ON"},
		{"drain", "", maria, nil, LevelNode, "db1: SET GLOBAL wsrep_reject_queries = ALL", "12 connections now, get error 1047", "Undrain: SET GLOBAL wsrep_reject_queries = NONE"},
		{"drain", "", mysql, nil, LevelNode, "db1: SET GLOBAL wsrep_reject_queries = ALL", "error 1047", "Undrain"},
		{"drain", "", percona, nil, LevelNode, "db1: SET GLOBAL pxc_maint_mode = MAINTENANCE", "sends it nobody new", "Undrain: SET GLOBAL pxc_maint_mode = DISABLED"},
		{"drain-kill", "", percona, nil, LevelNode, "db1: SET GLOBAL wsrep_reject_queries = ALL_KILL", "rolled back", "Undrain"},
		{"undrain", "", maria, func(w world) { w.set(1, "wsrep_reject_queries", "ALL") }, LevelYes, "db1: SET GLOBAL wsrep_reject_queries = NONE", "answers clients again", "Drain"},
		{
			"undrain", "", percona, func(w world) { w.set(1, "wsrep_reject_queries", "ALL", "pxc_maint_mode", "MAINTENANCE") }, LevelYes,
			"db1: SET GLOBAL wsrep_reject_queries = NONE; db1: SET GLOBAL pxc_maint_mode = DISABLED", "answers", "Drain",
		},
		{"fc-limit", "64", maria, nil, LevelNode, "db1: SET GLOBAL wsrep_provider_options = 'gcs.fc_limit=64'", "differs from db2 and db3 (16 there)", "gcs.fc_limit=16"},
		{
			"fc-limit", "64", maria, func(w world) { w.set(1, "wsrep_provider_pc_bootstrap", "OFF", "wsrep_provider_gcs_fc_limit", "16") }, LevelNode,
			"db1: SET GLOBAL wsrep_provider_gcs_fc_limit = 64", "", "wsrep_provider_gcs_fc_limit = 16",
		},
		{"fc-factor", "0.5", maria, nil, LevelNode, "db1: SET GLOBAL wsrep_provider_options = 'gcs.fc_factor=0.5'", "share of its limit", "gcs.fc_factor=1.0"},
		{"appliers", "16", maria, nil, LevelNode, "db1: SET GLOBAL wsrep_slave_threads = 16", "new appliers", "wsrep_slave_threads = 4"},
		{"appliers", "16", percona, func(w world) { w.set(1, "wsrep_applier_threads", "4") }, LevelNode, "db1: SET GLOBAL wsrep_applier_threads = 16", "", "wsrep_applier_threads = 4"},
		{
			"weight", "3", maria, nil, LevelNode, "db1: SET GLOBAL wsrep_provider_options = 'pc.weight=3'",
			"then: weight 5 in all, no crash is survived whoever it hits; without db1 (weight 3) the rest stops", "pc.weight=1",
		},
		{"reconnect", "", maria, nil, LevelNode, "db1: " + reconnect, "its clients are disconnected", ""},
		{"evict", "", maria, func(w world) { w.silence(1) }, LevelNode, "db2: SET GLOBAL wsrep_provider_options = 'evs.evict=a1b2c3d4-0001'", "does not take its server back", "Forget evictions"},
		{"evict", "", maria, func(w world) { w.silence(1); w.set(2, "wsrep_provider_pc_bootstrap", "OFF") }, LevelNode, "db2: SET GLOBAL wsrep_provider_evs_evict = 'a1b2c3d4-0001'", "", ""},
		{
			"unevict", "", maria, func(w world) {
				w.status(2, "wsrep_evs_evict_list", "a1b2c3d4-0001")
				w.status(3, "wsrep_evs_evict_list", "a1b2c3d4-0001,ffff-0009")
			}, LevelNode,
			"db2: SET GLOBAL wsrep_provider_options = 'evs.evict='; db3: SET GLOBAL wsrep_provider_options = 'evs.evict='",
			"lets in again: db1 (a1b2c3d4-0001), ffff-0009", "Evict",
		},
		{
			"resync", "", maria, func(w world) {
				w.set(1, "wsrep_desync", "ON")
				w.status(1, "wsrep_local_state", "2", "wsrep_local_recv_queue", "5000")
			}, LevelYes, "db1: SET GLOBAL wsrep_desync = OFF", "WARNING: 5000 write-sets wait there, from 28 on it holds up ALL WRITERS", "Desync",
		},
		{"resync", "", maria, func(w world) { w.set(1, "wsrep_desync", "ON"); w.status(1, "wsrep_local_recv_queue", "7") }, LevelYes, "db1: SET GLOBAL wsrep_desync = OFF", "7 write-sets wait there, fewer than the 28", "Desync"},
		{"resync", "", maria, func(w world) { w.set(1, "wsrep_desync", "ON"); w.on(1).Status.RecvQueue = model.Num{} }, LevelYes, "db1: SET GLOBAL wsrep_desync = OFF", "is not known", "Desync"},
		{"drain", "", maria, func(w world) { w.transaction(1, model.Transaction{Thread: 7}) }, LevelNode, "db1: SET GLOBAL wsrep_reject_queries = ALL", "open transactions, 1 now, cannot COMMIT any more", ""},
		{"reconnect", "", maria, func(w world) {
			w.status(1, "wsrep_cluster_status", "Disconnected", "wsrep_connected", "OFF", "wsrep_local_state", "0", "wsrep_incoming_addresses", "db1:3306",
				"wsrep_cluster_state_uuid", "00000000-0000-0000-0000-000000000000", "wsrep_local_state_uuid", "4a9c1f6e-0000-11f0-9b1e-8e0d5e3c1a77", "wsrep_last_committed", "990")
		}, LevelNode, "db1: " + reconnect, "its clients are disconnected", ""},
		{"stop", "", maria, nil, LevelNode, "db1: SHUTDOWN", "the rest stays Primary: weight 2 in all, no crash is survived", "start the service"},
		{"stop", "", maria, func(w world) { w.set(1, "wsrep_reject_queries", "ALL") }, LevelNode, "db1: " + dirtyReads + "; db1: SHUTDOWN", "the rest stays", "start"},
		{"make-primary", "", maria, world.split, LevelCluster, "db1: SET GLOBAL wsrep_provider_options = 'pc.bootstrap=1'", "becomes Primary", ""},
		{"make-primary", "", maria, func(w world) { w.split(); w.set(1, "wsrep_provider_pc_bootstrap", "OFF") }, LevelCluster, "db1: SET GLOBAL wsrep_provider_pc_bootstrap = ON", "", ""},
	} {
		w := group(c.flavour)
		if c.change != nil {
			c.change(w)
		}
		p := w.planned(Session{Cluster: "shop"}, c.id, c.value)
		var runs []string
		for _, s := range p.Steps {
			runs = append(runs, s.Name+": "+s.Text)
		}
		word := map[Level]string{LevelYes: "db1", LevelNode: "db1", LevelCluster: "shop"}[c.level]
		if p.Refuse() != "" || strings.Join(runs, "; ") != c.runs || p.Level != c.level || p.Word != word ||
			!strings.Contains(strings.Join(p.Effects, "; "), c.effect) || !strings.Contains(p.Undo, c.undo) {
			t.Errorf("%s on %s: %s\nundo %q", c.id, c.flavour, say(p), p.Undo)
		}
	}
}
