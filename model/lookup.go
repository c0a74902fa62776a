package model

import (
	"slices"
	"strings"
	"time"
)

// Setting is a global variable of a node, or an option of its provider (those
// have a dot in their name), as it is now; ok is false where it is not known.
func Setting(n *Node, name string) (value string, ok bool) {
	if n == nil {
		return "", false
	}
	return running(n, name)
}

// FoundsAlone reports whether a wsrep_cluster_address tells a server to found a
// cluster instead of joining one.
func FoundsAlone(address string) bool { return foundsAlone(address) }

// QueueLimit is the receive queue, in write-sets, at which a node that takes part
// in flow control asks the group to pause; unknown without its variables.
func QueueLimit(n *Node) Real { return queueLimit(n) }

// PluginVariable is the variable that a provider option is on a server with the
// provider plugin: wsrep_provider_gcs_fc_limit for gcs.fc_limit.
func PluginVariable(option string) string {
	return "wsrep_provider_" + strings.ReplaceAll(option, ".", "_")
}

// SplitSeen is when the node was last found to be on a side of a split brain, as
// far as the snapshot's events reach back; ok is false where it was not. Both
// sides keep one history, so that later nothing else tells.
func SplitSeen(s *Snapshot, node string) (at time.Time, ok bool) {
	for i := len(s.Events) - 1; i >= 0; i-- {
		e := &s.Events[i]
		if e.Kind == EventFinding && (strings.HasPrefix(e.Text, splitBrain) || strings.HasPrefix(e.Text, accidental)) && slices.Contains(e.Nodes, node) {
			return e.At, true
		}
	}
	return time.Time{}, false
}
