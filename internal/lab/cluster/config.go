package cluster

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// writeConfig writes the node's my.cnf. It is written anew at every start, so that its list of members is that of now.
func (n *Node) writeConfig() error {
	c := n.cluster
	provider := append([]string{
		"gcache.size=16M",
		fmt.Sprintf("gmcast.listen_addr=tcp://%s:%d", n.ip, groupPort),
		fmt.Sprintf("ist.recv_addr=%s:%d", n.ip, istPort),
		// The shortest that Galera takes; a lost node is noticed in 3 to 6 seconds rather than 5 to 15.
		"evs.suspect_timeout=PT3S", "evs.inactive_timeout=PT6S",
	}, c.settings.provider...)
	if c.trust != nil {
		provider = append(provider, trustOptions(n.groupPrefix()))
	}

	lines := []setting{
		{"datadir", n.DataDir},
		{"tmpdir", n.tmpDir()},
		{"socket", n.Socket},
		{"pid-file", n.dir + "/pid"},
		{"log-error", n.ErrorLog},
		{"port", strconv.Itoa(sqlPort)},
		{"bind-address", n.ip},
		{"skip-name-resolve", "ON"},
		{"innodb_buffer_pool_size", "32M"},
		{"innodb_flush_log_at_trx_commit", "0"},
		{"binlog_format", "ROW"},
		{"innodb_autoinc_lock_mode", "2"},
		{"wsrep_on", "ON"},
		{"wsrep_provider", c.software.provider},
		{"wsrep_cluster_name", c.Name},
		{"wsrep_cluster_address", c.GroupAddress()},
		{"wsrep_node_name", n.Name},
		{"wsrep_node_address", n.ip},
		{"wsrep_node_incoming_address", n.Address},
		{"wsrep_sst_method", "rsync"},
		{"wsrep_sst_receive_address", fmt.Sprintf("%s:%d", n.ip, sstPort)},
	}
	for _, o := range engineOptions {
		key, value, _ := strings.Cut(o, "=")
		lines = append(lines, setting{key, value})
	}
	if c.software.user != "" {
		lines = append(lines, setting{"user", c.software.user})
	}
	if c.authority != nil {
		lines = append(lines, setting{"ssl_ca", c.CA()}, setting{"ssl_cert", n.dir + "/cert.pem"}, setting{"ssl_key", n.dir + "/key.pem"})
	}
	lines = append(lines, c.settings.server...)
	lines = append(lines, c.settings.node[n.Name]...)
	for _, s := range n.options {
		if s.key == "wsrep_provider_options" {
			provider = append(provider, s.value)
			continue
		}
		lines = append(lines, s)
	}
	lines = append(lines, setting{"wsrep_provider_options", `"` + strings.Join(provider, ";") + `"`})

	var b strings.Builder
	b.WriteString("[mariadbd]\n")
	for _, s := range lines {
		fmt.Fprintf(&b, "%s=%s\n", s.key, s.value)
	}
	// With certificates configured the transfer script insists on stunnel; what the lab tests is the client's TLS.
	b.WriteString("[sst]\nssl-mode=DISABLED\n")
	return os.WriteFile(n.DefaultsFile, []byte(b.String()), 0o644)
}
