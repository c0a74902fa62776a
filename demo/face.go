package demo

import (
	"strings"

	"github.com/galeratop/galeratop/model"
)

const (
	mariadb = model.FlavourMariaDB
	pxc     = model.FlavourPXC
)

// face is what differs between the servers that the simulator can look like.
type face struct {
	flavour  model.Flavour
	version  string // SELECT VERSION()
	greeting string // in the handshake
	comment  string
	provider string // wsrep_provider_version
	banner   string // how the error log names a server that starts
	program  string
	fcLimit  float64
	appliers int
	states   map[string]string // of client threads, by what they wait for
	// applierState prints what an applier does with a seqno; busy or not.
	applierBusy, applierIdle string
}

// The keys of face.states.
const (
	waitFlow    = "flow control"
	waitCertify = "certification"
	waitRow     = "row lock"
	waitCommit  = "commit"
	waitTOI     = "DDL in total order isolation"
	waitLock    = "global read lock"
)

var faces = map[model.Flavour]*face{
	// performance_schema is ON here, unlike MariaDB's default, so that the demo
	// has digests to show.
	mariadb: {
		flavour: mariadb, version: "10.11.14-MariaDB-log", greeting: "5.5.5-10.11.14-MariaDB-log",
		comment: "mariadb.org binary distribution",
		banner:  "MariaDB 10.11.14-MariaDB-log source revision 053f9bcb5b147bf00edb99e1310bae9125b7f125", program: "/usr/sbin/mariadbd",
		provider: "26.4.23(r9d3a2e1)", fcLimit: 16, appliers: 4,
		// Under flow control a MariaDB client shows the state of certification, which
		// it enters before the provider holds it back.
		states: map[string]string{
			waitFlow: "Waiting for certification", waitCertify: "Waiting for certification",
			waitRow: "Updating", waitCommit: "Commit",
			waitTOI: "Waiting for TOI DDL", waitLock: "Waiting for backup lock",
		},
		applierBusy: "Update_rows_log_event::ha_update_row(%d)", applierIdle: "wsrep applier committed",
	},
	pxc: {
		flavour: pxc, version: "8.0.42-33.1", greeting: "8.0.42-33.1",
		comment: "Percona XtraDB Cluster (GPL), Release rel33, Revision 6673f8e, WSREP version 26.1.4.3",
		banner:  "/usr/sbin/mysqld (mysqld 8.0.42-33.1)", program: "/usr/sbin/mysqld",
		provider: "4.22(e5dd7cd)", fcLimit: 100, appliers: 4,
		states: map[string]string{
			waitFlow: "wsrep: initiating replication for write set (-1)", waitCertify: "wsrep: replicating and certifying write set(-1)",
			waitRow: "updating", waitCommit: "waiting for handler commit",
			waitTOI: "Waiting for table metadata lock", waitLock: "Waiting for global read lock",
		},
		applierBusy: "wsrep: applying write-set (%d)", applierIdle: "wsrep: committed write set (%d)",
	},
}

// is reports whether a row that is meant for some face belongs to this one; ""
// is for all.
func (f *face) is(flavour model.Flavour) bool { return flavour == "" || f.flavour == flavour }

// lookup finds a virtual table.
func (f *face) lookup(schema, name string) (*table, error) {
	for _, t := range tables {
		if strings.EqualFold(t.schema, schema) && strings.EqualFold(t.name, name) && f.is(t.flavour) {
			return t, nil
		}
	}
	if schema == "" {
		return nil, sqlError(errNoSchema, "No database selected")
	}
	return nil, sqlError(errNoTable, "Table '%s.%s' doesn't exist", schema, name)
}
