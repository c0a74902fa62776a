package actions

import (
	"slices"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// elsewhere are settings that an action of their own changes, which knows what
// they lead to.
var elsewhere = map[string]string{
	"wsrep_desync": "desync or resync", "wsrep_reject_queries": "drain or undrain", "pxc_maint_mode": "drain or undrain",
	"pc.bootstrap": "make-primary", "evs.evict": "evict or unevict", "wsrep_cluster_address": "reconnect", "pc.weight": "weight",
}

// never are settings that are not changed here, and why.
var never = map[string]string{
	"wsrep_on":               "with wsrep_on OFF clients write on this node alone, and the data of the nodes comes to differ; ON needs no hand",
	"wsrep_provider":         "the library is loaded when the server starts: write it into the option file and restart the node",
	"wsrep_provider_options": "set its options one by one, under their own names: gcs.fc_limit",
	"wsrep_start_position":   "the position is the server's own; by hand it loses or repeats write-sets",
	"wsrep_cluster_name":     "a group is named when it is founded; a node with another name is refused when it joins again",
	"gmcast.isolate":         "it cuts the node off from its group",
	"gcs.check_appl_proto":   "it decides whether a member of another release is let in",
	"auto_increment_offset":  "Galera sets it itself at every change of the membership",
}

// restarted are settings that take effect only with a restart, by name or by the
// beginning of it, whatever the server says about them: options of the provider
// are told by no server.
var restarted = []string{
	"gcache.*", "gmcast.segment", "gmcast.listen_addr", "gmcast.group", "gmcast.mcast_*", "gmcast.version", "gcs.fc_single_primary",
	"gcs.fc_master_slave", "gcs.sync_donor", "pc.recovery", "pc.version", "pc.npvo", "evs.version", "protonet.*", "ist.recv_*", "base_*",
	"socket.ssl*", "repl.commit_order", "repl.proto_max", "wsrep_node_address", "wsrep_status_file", "innodb_autoinc_lock_mode",
	"wsrep_data_home_dir",
}

// needsRestart reports whether a setting cannot be changed while the server runs.
func needsRestart(name string, a *model.Assignment) bool {
	return a.Fixed || slices.ContainsFunc(restarted, func(pattern string) bool {
		begin, some := strings.CutSuffix(pattern, "*")
		return pattern == name || some && strings.HasPrefix(name, begin)
	})
}

// secret reports whether the value of a setting is a credential: it would stand in
// the audit log.
func secret(name string) bool {
	return name == "wsrep_sst_auth" || strings.HasSuffix(name, "password") || strings.Contains(name, "keyring")
}

// forbidden is why a setting is not changed here whatever the value; "" when it
// may be.
func forbidden(name string) string {
	switch {
	case !settingName.MatchString(name):
		return "the name of a setting is of letters, digits, underscores and dots: " + model.Printable(name, 60) + " is none"
	case elsewhere[name] != "":
		return "there is an action for " + name + " that checks what it leads to: " + elsewhere[name] + ", under a"
	case never[name] != "":
		return name + " is not set here: " + never[name]
	case secret(name):
		return name + " is not set here: its value is a credential and would stand in the audit log"
	}
	return ""
}

// SettingForbidden is why a setting cannot be changed on any of the nodes while
// they run, whatever the value; "" when it can, as far as that is known.
func SettingForbidden(nodes []*model.Node, name string) string {
	name = canonical(name)
	if why := forbidden(name); why != "" {
		return why
	}
	for _, n := range nodes {
		if a, _, ok := model.AssignmentOf(n, name); ok && needsRestart(name, &a) {
			return name + " takes effect only with a restart: write it into the option files"
		}
	}
	return ""
}
