package model

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
