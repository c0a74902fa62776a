package recovery

// crashByHand is what to do where no command reaches the hosts.
func (w *world) crashByHand() *Move {
	list := make([]HandCommand, 0, 3*len(w.nodes)+3)
	for _, n := range w.nodes {
		list = append(list, HandCommand{n.Name, "systemctl is-active mariadb; pgrep -a 'mariadbd|mysqld|garbd'", "it must be stopped, an arbitrator too: a lone garbd stays Primary"})
	}
	for _, n := range w.nodes {
		list = append(list, HandCommand{n.Name, "cat /var/lib/mysql/grastate.dat", "note uuid, seqno and safe_to_bootstrap"},
			HandCommand{n.Name, "galera_recovery", "only where seqno is -1: it prints the position as uuid:seqno"})
	}
	list = append(list,
		HandCommand{"the node with the highest seqno", "sed -i 's/^safe_to_bootstrap:.*/safe_to_bootstrap: 1/' /var/lib/mysql/grastate.dat", "all uuids must be the same; if they are not, stop here"},
		HandCommand{"the node with the highest seqno", "galera_new_cluster", "PXC: systemctl start mysql@bootstrap. On this node only, and only once"},
		HandCommand{"each other node, one at a time", "systemctl start mariadb", "when it is Synced, the next one"})
	m := w.byHand("Bring the cluster back by hand: no command reaches the hosts", crashMeans, w.nodes, list)
	m.Lost = []string{"every write beyond the seqno of the node that you bootstrap: look at all nodes before"}
	return m
}
