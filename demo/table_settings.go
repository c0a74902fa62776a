package demo

import "strings"

// Where the values of variables come from, as servers tell it.

func init() { tables = append(tables, settingTables...) }

var settingTables = []*table{
	{schema: "information_schema", name: "SYSTEM_VARIABLES", flavour: mariadb, rows: variableTableRows, columns: []column{
		settingColumn("VARIABLE_NAME", typeInfoName, func(_ *session, v *variable) value { return textValue(strings.ToUpper(v.name)) }),
		settingColumn("GLOBAL_VALUE", typeInfoText, func(s *session, v *variable) value { return textValue(v.value(s.node, nil)) }),
		settingColumn("GLOBAL_VALUE_ORIGIN", typeInfoName, func(s *session, v *variable) value { return textValue(mariadbOrigins[v.origin(s.node)]) }),
		settingColumn("DEFAULT_VALUE", typeInfoText, func(s *session, v *variable) value { return textOrNull(v.compiled(s.node)) }),
		settingColumn("READ_ONLY", typeInfoWord, func(_ *session, v *variable) value {
			if v.access == readOnly {
				return textValue("YES")
			}
			return textValue("NO")
		}),
		settingColumn("GLOBAL_VALUE_PATH", typeInfoText, func(s *session, v *variable) value { return textOrNull(v.path(s.node)) }),
	}},
	{schema: "performance_schema", name: "variables_info", flavour: pxc, rows: variableTableRows, columns: []column{
		settingColumn("VARIABLE_NAME", textType(253, 64*4, notNull), func(_ *session, v *variable) value { return textValue(v.name) }),
		settingColumn("VARIABLE_SOURCE", textType(254, 12*4, 0), func(s *session, v *variable) value { return textValue(mysqlSources[v.origin(s.node)]) }),
		settingColumn("VARIABLE_PATH", textType(253, 1024*4, 0), func(s *session, v *variable) value { return textValue(v.path(s.node)) }),
		settingColumn("SET_TIME", typeDatetime.nullable(), func(s *session, v *variable) value {
			if at, ok := s.node.assigned[v.name]; ok {
				return timeValue(at)
			}
			return null
		}),
		settingColumn("SET_USER", textType(254, 32*4, 0), func(s *session, v *variable) value {
			if v.origin(s.node) == setAtRuntime {
				return textValue("shop_admin")
			}
			return null
		}),
	}},
}

// The types of MariaDB's SYSTEM_VARIABLES.
var (
	typeInfoName = textType(253, 64*4, notNull)
	typeInfoText = textType(253, 2048*4, 0)
	typeInfoWord = textType(253, 3*4, notNull)
)

func settingColumn(name string, typ sqlType, get func(*session, *variable) value) column {
	return column{name, typ, func(s *session, of any) value { return get(s, of.(*variable)) }}
}

// origin is where the value of a variable comes from.
type origin int

const (
	compiledIn origin = iota
	fromFile
	setAtRuntime
)

var (
	mariadbOrigins = [...]string{"COMPILE-TIME", "CONFIG", "SQL"}
	mysqlSources   = [...]string{"COMPILED", "GLOBAL", "DYNAMIC"}
)

// optionFile is where simulated servers have their options.
const optionFile = "/etc/mysql/conf.d/galera.cnf"

// fileVariables are those that the option file sets, as it writes them.
var fileVariables = func() map[string]func(*node, *variable) string {
	asItIs := func(n *node, v *variable) string { return v.initial(n) }
	out := map[string]func(*node, *variable) string{
		"datadir":                 func(n *node, _ *variable) string { return n.dataDir() },
		"wsrep_node_name":         func(n *node, _ *variable) string { return n.name },
		"innodb_buffer_pool_size": func(*node, *variable) string { return "16G" },
		"wsrep_provider_options":  func(*node, *variable) string { return "gcache.size=384M" },
	}
	for _, name := range []string{
		"binlog_format", "default_storage_engine", "innodb_autoinc_lock_mode", "innodb_flush_log_at_trx_commit", "innodb_io_capacity",
		"innodb_log_file_size", "max_connections", "performance_schema", "server_id", "wsrep_on", "wsrep_provider", "wsrep_cluster_name",
		"wsrep_cluster_address", "wsrep_node_address", "wsrep_sst_method", "wsrep_slave_threads", "wsrep_applier_threads",
	} {
		out[name] = asItIs
	}
	return out
}()

func (v *variable) origin(n *node) origin {
	switch _, set := n.variables[v.name]; {
	case set:
		return setAtRuntime
	case fileVariables[v.name] != nil:
		return fromFile
	}
	return compiledIn
}

func (v *variable) path(n *node) string {
	if v.origin(n) == fromFile {
		return optionFile
	}
	return ""
}

// compiled is the default, which is known only of what the option file leaves
// alone.
func (v *variable) compiled(n *node) string {
	if fileVariables[v.name] != nil {
		return ""
	}
	return v.initial(n)
}
