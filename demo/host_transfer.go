package demo

// claim is the position that a node asks the group to continue from.
func (n *node) claim() string {
	if n.blank {
		return nilUUID + ":-1"
	}
	return n.position()
}

// drain applies at once what was ordered and still waits.
func (n *node) drain() {
	n.committed += n.queue
	n.queue = 0
	n.rows = n.rows.grow(n.rows.newest(), n.committed)
}

// sstScript is the program that copies the data.
func (n *node) sstScript() string {
	return "wsrep_sst_" + n.e.face.variable("wsrep_sst_method").initial(n)
}

// began tells of a transfer that has found its donor, and marks the data that an
// SST is about to replace.
func (n *node) began(j *join) {
	for _, m := range n.view.members {
		if !m.arbitrator {
			m.note("WSREP: Member %d.0 (%s) requested state transfer from '*any*'. Selected %d.0 (%s)(SYNCED) as donor.",
				n.index1, n.name, j.donor.index1, j.donor.name)
		}
	}
	n.note("WSREP: Shifting PRIMARY -> JOINER (TO: %d)", n.view.seqno)
	if !j.sst {
		n.note("WSREP: Receiving IST: %d writesets, seqnos %d-%d", j.to-j.from, j.from+1, j.to)
		return
	}
	n.note("WSREP: Running: '%s --role 'joiner' --datadir '%s/''", n.sstScript(), n.dataDir())
	n.note("WSREP_SST: [INFO] Waiting for SST streaming to complete!")
	j.donor.note("WSREP: Running: '%s --role 'donor' --address '%s:4444/xtrabackup_sst//1''", n.sstScript(), n.name)
	for name := range n.disk.files {
		if f := n.disk.files[name]; name == n.inData(tablesFile) {
			f.size = 0
			n.disk.files[name] = f
		}
	}
	n.write(sstMark, "")
	n.disk.files[n.inData(sstDir)] = file{dir: true}
	n.writeGrastate(grastate{})
}

// progressEvery is how often a transfer tells how far it is.
const progressEvery = 2 * second

// progress tells the log how far a transfer is.
func (n *node) progress(j *join) {
	if n.e.now-j.said < progressEvery {
		return
	}
	j.said = n.e.now
	if j.sst {
		share := min(float64(n.e.now-j.began)/float64(n.e.sst), 1)
		n.note("WSREP_SST: [INFO] Streaming to %s/: %.1f GiB of %d GiB", n.inData(sstDir), share*(dataSize>>30), int64(dataSize>>30))
		return
	}
	done, all := int64(j.at)-j.from, j.to-j.from
	n.note("WSREP: Receiving IST... %.1f%% (%d/%d events) complete.", 100*float64(done)/float64(max(all, 1)), done, all)
}

// installed is the end of a full copy that came whole.
func (n *node) installed(j *join) {
	n.fillData()
	n.remove(sstMark)
	n.remove(sstDir)
	n.blank = false
	n.note("WSREP_SST: [INFO] Total time on joiner: %d seconds", int((n.e.now-j.began)/second))
	n.note("WSREP: SST received: %s:%d", n.history, j.to)
}

// interrupted is the end of a full copy that did not: what was written so far is
// worth nothing, and lies about.
func (n *node) interrupted() {
	n.forget()
	n.disk.broken = n.has(sstMark)
	n.writeGrastate(grastate{})
}
