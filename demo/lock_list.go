package demo

import (
	"regexp"
	"strings"
	"time"
)

// What a metadata lock is on.
const (
	lockOnTable  = "table"
	lockOnBackup = "backup"
	lockOnGlobal = "global"
)

// rowHolder is who holds the row that a thread waits for, and of which table;
// nil when it waits for none.
func (n *node) rowHolder(t *thread) (holder *thread, schema, table string) {
	switch {
	case t.role == roleMiddle:
		return n.role(roleEnd), "shop", "orders"
	case t.waitsForRow() && len(n.lockers) > 0:
		return n.lockers[0], "inventory", "stock"
	}
	return nil, "", ""
}

// role is the client with a role in an incident, nil when there is none.
func (n *node) role(role string) *thread {
	for _, t := range n.clients {
		if t.role == role {
			return t
		}
	}
	return nil
}

// rowLocks are the row locks that somebody waits for, and the requests.
func (n *node) rowLocks() []held {
	var out []held
	has := make(map[*thread]bool)
	for _, t := range n.clients {
		holder, schema, table := n.rowHolder(t)
		if holder == nil {
			continue
		}
		out = append(out, held{t: t, on: "row", schema: schema, table: table, since: t.since, asks: true, holder: holder})
		if !has[holder] {
			has[holder] = true
			out = append(out, held{t: holder, on: "row", schema: schema, table: table, since: holder.opened})
		}
	}
	return out
}

// metadataLocks are the metadata locks of the node's threads; requests as well
// where the list has them.
func (n *node) metadataLocks(requests bool) []held {
	var out []held
	for _, list := range [][]*thread{n.system, n.clients} {
		for _, t := range list {
			out = t.metadata(out, requests)
		}
	}
	return out
}

// metadata appends the metadata locks of one thread.
func (t *thread) metadata(out []held, requests bool) []held {
	add := func(on, schema, table, mode string, since time.Duration) {
		out = append(out, held{t: t, on: on, schema: schema, table: table, mode: mode, since: since})
	}
	switch t.role {
	case roleFreezer:
		if t.node.e.face.flavour == mariadb {
			add(lockOnBackup, "", "", "BACKUP_FTWRL2", t.since)
		} else {
			add(lockOnGlobal, "", "", "SHARED", t.since)
		}
	case roleTables:
		add(lockOnTable, "shop", "orders", "SHARED_READ_ONLY", t.since)
	case roleReader:
		add(lockOnTable, "shop", "orders", "SHARED_READ", t.opened)
	case roleLocker:
		add(lockOnTable, "inventory", "stock", "SHARED_WRITE", t.opened)
	case roleEnd:
		add(lockOnTable, "shop", "orders", "SHARED_WRITE", t.opened)
	}
	schema, table := t.table()
	switch {
	case !t.running || table == "":
	case t.state == stateMetadata:
		if t.alters() {
			add(lockOnTable, schema, table, "SHARED_UPGRADABLE", t.since)
		}
		if requests {
			out = append(out, held{t: t, on: lockOnTable, schema: schema, table: table, mode: t.wants(), since: t.since, asks: true})
		}
	default:
		add(lockOnTable, schema, table, t.wants(), t.since)
	}
	return out
}

func (t *thread) alters() bool { return strings.HasPrefix(t.text, "ALTER ") }

// wants is the metadata lock that a thread's statement asks for.
func (t *thread) wants() string {
	switch {
	case t.alters():
		return "EXCLUSIVE"
	case strings.HasPrefix(t.text, "SELECT"):
		return "SHARED_READ"
	}
	return "SHARED_WRITE"
}

var tableOf = regexp.MustCompile(`(?:FROM|INTO|UPDATE|TABLE) (?:(\w+)\.)?` + "`?" + `(\w+)`)

// table is the first table of the statement that runs.
func (t *thread) table() (schema, table string) {
	m := tableOf.FindStringSubmatch(t.text)
	switch {
	case m == nil:
		return "", ""
	case m[1] != "":
		return m[1], m[2]
	}
	return t.schema, m[2]
}
