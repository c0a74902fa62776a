package collector

import (
	"cmp"
	"net"
	"slices"
	"strings"

	"github.com/galeratop/galeratop/model"
)

var identityVariables = []string{
	"version", "version_comment", "hostname", "port", "server_uuid", "server_uid", "pid_file", "datadir",
	"performance_schema", "wsrep_on", "wsrep_node_name", "wsrep_cluster_name", "wsrep_node_incoming_address",
	"wsrep_node_address", "wsrep_provider", "extra_port", "admin_port",
}

// identity is read first on every connection: it decides all later forms.
var identity = &Statement{
	Name: "identity",
	Forms: []Form{{
		SQL:     "SHOW GLOBAL VARIABLES WHERE Variable_name IN " + in(identityVariables),
		Columns: []string{"Variable_name", "Value"},
	}},
	Start: func(s *model.Sample) { s.Server = model.Server{Flavour: model.FlavourPlain} },
	Row: func(s *model.Sample, r Row) {
		if set, ok := identityOf[strings.ToLower(r.raw(0))]; ok {
			set(&s.Server, r.Text(1, 512))
		}
	},
}

var identityOf = map[string]func(*model.Server, string){
	"version": func(s *model.Server, v string) {
		s.Version, s.Release = v, model.ParseRelease(v)
		if strings.Contains(strings.ToLower(v), "mariadb") {
			s.Flavour = model.FlavourMariaDB
		}
	},
	"version_comment":             func(s *model.Server, v string) { s.Comment = v },
	"hostname":                    func(s *model.Server, v string) { s.Hostname = v; tell(s, v) },
	"port":                        func(s *model.Server, v string) { s.Port = model.ParseNum(v); tell(s, v) },
	"server_uuid":                 tell,
	"server_uid":                  tell,
	"pid_file":                    tell,
	"datadir":                     tell,
	"performance_schema":          func(s *model.Server, v string) { s.PerfSchema = model.ParseFlag(v) },
	"wsrep_node_name":             func(s *model.Server, v string) { s.NodeName = v; tell(s, v) },
	"wsrep_cluster_name":          func(s *model.Server, v string) { s.ClusterName = v },
	"wsrep_node_incoming_address": func(s *model.Server, v string) { s.Incoming = v; tell(s, v) },
	"wsrep_node_address":          tell,
	"wsrep_on":                    func(s *model.Server, v string) { s.WsrepOn = model.ParseFlag(v) },
	"wsrep_provider":              func(s *model.Server, v string) { s.Provider = v },
	"extra_port":                  func(s *model.Server, v string) { s.SparePort = model.ParseNum(v) },
	"admin_port":                  func(s *model.Server, v string) { s.SparePort = model.ParseNum(v) },
}

// tell adds to what tells this server from others. No single variable does:
// server_uid is made of the machine and the port, server_uuid is cloned with
// disk images, host names are alike in containers.
func tell(s *model.Server, v string) { s.UUID += v + "\x1f" }

// provided reports whether the server's variables name a wsrep provider; only
// servers that are made for Galera have such a variable.
func provided(s *model.Server) bool {
	return s.Provider != "" && !strings.EqualFold(s.Provider, "none")
}

// settleFlavour tells MySQL and what is made from it apart; galera says that the
// server is made for Galera and has a provider.
func settleFlavour(s *model.Server, galera bool) {
	if s.Flavour == model.FlavourMariaDB || !galera {
		return
	}
	s.Flavour = model.FlavourMySQL
	if c := strings.ToLower(s.Comment); strings.Contains(c, "percona") || strings.Contains(c, "pxc") {
		s.Flavour = model.FlavourPXC
	}
}

// settle decides what follows from several variables and the first status: the
// flavour and the address under which the group knows the node.
func settle(s *model.Sample) {
	server := &s.Server
	settleFlavour(server, s.Status.Galera())
	server.Incoming = cmp.Or(ownEntry(server.Incoming, &s.Status), server.Incoming)
}

// ownEntry is the node's own entry in the view, which is what others call it; ""
// when the view has none. The variable may say AUTO or leave the port out. The
// index tells as well, but a node that leaves the group, or comes into it, shows
// for a moment the index in one view and the list of another.
func ownEntry(variable string, s *model.Status) string {
	entries, _ := s.Members()
	if slices.Contains(entries, variable) {
		return variable
	}
	at := slices.DeleteFunc(slices.Clone(entries), func(e string) bool {
		host, _, err := net.SplitHostPort(e)
		return err != nil || host != strings.Trim(variable, "[]")
	})
	if len(at) == 1 {
		return at[0]
	}
	places := strings.Split(s.IncomingAddrs, ",")
	i := s.LocalIndex
	if !s.InPrimary() || s.ClusterSize.V != int64(len(places)) || !i.Known || i.V < 0 || i.V >= int64(len(places)) {
		return ""
	}
	return strings.TrimSpace(places[i.V])
}

// self is which thread of the server this connection is; sampling leaves it out
// of what it shows.
var self = &Statement{
	Name:  "self",
	Forms: []Form{{SQL: "SELECT CONNECTION_ID() AS ID", Columns: []string{"ID"}}},
	Start: func(s *model.Sample) { s.Processes = model.Processes{} },
	Row: func(s *model.Sample, r Row) {
		s.Processes.Rows = append(s.Processes.Rows, model.Process{ID: uint64(max(r.Num(0).V, 0))})
	},
}

// access asks a table that servers refuse to accounts without PROCESS; grants
// that come through roles count, which a look at the list of grants would miss.
var access = &Statement{
	Name:  "access",
	Grant: "PROCESS",
	Forms: []Form{{
		SQL:     "SELECT trx_mysql_thread_id FROM information_schema.INNODB_TRX LIMIT 1",
		Columns: []string{"trx_mysql_thread_id"},
	}},
	Start: func(s *model.Sample) { s.Server.CanSeeAll = true },
	Row:   func(*model.Sample, Row) {},
}
