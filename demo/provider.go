package demo

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// providerDefaults is wsrep_provider_options of a fresh node, as the library
// prints it; what a node does differently is put over it.
const providerDefaults = "base_dir = /var/lib/mysql/; base_host = 127.0.0.1; base_port = 4567; cert.log_conflicts = no; " +
	"cert.optimistic_pa = yes; debug = no; evs.auto_evict = 0; evs.causal_keepalive_period = PT1S; evs.debug_log_mask = 0x1; " +
	"evs.delay_margin = PT1S; evs.delayed_keep_period = PT30S; evs.inactive_check_period = PT0.5S; evs.inactive_timeout = PT15S; " +
	"evs.info_log_mask = 0; evs.install_timeout = PT7.5S; evs.join_retrans_period = PT1S; evs.keepalive_period = PT1S; " +
	"evs.max_install_timeouts = 3; evs.send_window = 4; evs.stats_report_period = PT1M; evs.suspect_timeout = PT5S; " +
	"evs.use_aggregate = true; evs.user_send_window = 2; evs.version = 1; evs.view_forget_timeout = P1D; " +
	"gcache.dir = /var/lib/mysql/; gcache.keep_pages_size = 0; gcache.mem_size = 0; gcache.name = galera.cache; " +
	"gcache.page_size = 128M; gcache.recover = yes; gcache.size = 384M; gcomm.thread_prio = ; gcs.fc_debug = 0; " +
	"gcs.fc_factor = 1.0; gcs.fc_limit = 16; gcs.fc_master_slave = no; gcs.fc_single_primary = no; gcs.max_packet_size = 64500; " +
	"gcs.max_throttle = 0.25; gcs.recv_q_hard_limit = 9223372036854775807; gcs.recv_q_soft_limit = 0.25; gcs.sync_donor = no; " +
	"gmcast.listen_addr = tcp://0.0.0.0:4567; gmcast.mcast_addr = ; gmcast.mcast_ttl = 1; gmcast.peer_timeout = PT3S; " +
	"gmcast.segment = 0; gmcast.time_wait = PT5S; gmcast.version = 0; ist.recv_addr = 127.0.0.1:4568; " +
	"pc.announce_timeout = PT3S; pc.checksum = false; pc.ignore_quorum = false; pc.ignore_sb = false; pc.linger = PT20S; " +
	"pc.npvo = false; pc.recovery = true; pc.version = 0; pc.wait_prim = true; pc.wait_prim_timeout = PT30S; pc.weight = 1; " +
	"protonet.backend = asio; protonet.version = 0; repl.causal_read_timeout = PT30S; repl.commit_order = 3; " +
	"repl.key_format = FLAT8; repl.max_ws_size = 2147483647; repl.proto_max = 11; socket.checksum = 2; " +
	"socket.recv_buf_size = auto; socket.send_buf_size = auto; "

// providerOption is a row of the table of options that have an effect here.
type providerOption struct {
	least, most float64 // of a number; 0 and 0: it is none
	command     bool    // not kept: an order, not a setting
	set         func(n *node, value string) error
}

// providerOptions are filled by init, since what they set in motion reads them.
var providerOptions map[string]providerOption

func init() {
	providerOptions = map[string]providerOption{
		"gcs.fc_limit":  {least: 1, most: math.MaxInt32},
		"gcs.fc_factor": {least: 0, most: 1},
		"pc.weight": {least: 0, most: 255, set: func(n *node, value string) error {
			// Weights change by a message to the Primary Component only.
			if n.view == nil || !n.view.primary || n.view.trouble > 0 {
				return badOption()
			}
			n.weight = int64(leadingNumber(value))
			for i := range n.view.last {
				if n.view.last[i].node == n {
					n.view.last[i].weight = n.weight
				}
			}
			return nil
		}},
		"pc.bootstrap": {command: true, set: func(n *node, value string) error {
			switch {
			case n.view == nil:
				return badOption()
			case !n.view.primary && isTrue(value):
				n.e.bootstrap(n.view)
			}
			return nil // ignored without a word in a Primary Component
		}},
		"gmcast.isolate": {command: true, set: func(n *node, value string) error {
			n.isolated = leadingNumber(value) > 0
			return nil
		}},
		"evs.evict": {command: true, set: (*node).evict},
	}
}

// takes reports whether the provider takes the value.
func (o *providerOption) takes(value string) bool {
	if o.least == 0 && o.most == 0 {
		return true
	}
	v, err := strconv.ParseFloat(value, 64)
	return err == nil && v >= o.least && v <= o.most
}

var instance = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// evict shuts an instance out at once, however well it is, and all members
// remember it; it sees itself disconnected and keeps its port open. Without an
// instance this node, and only this one, forgets all that were shut out.
func (n *node) evict(value string) error {
	switch {
	case value == "":
		n.shutOut = nil
		return nil
	case !instance.MatchString(value):
		return badOption()
	case n.view == nil:
		return nil
	}
	members := slices.Clone(n.view.members)
	for _, m := range n.e.nodes {
		switch {
		case m == n || m.uuid != value:
			if slices.Contains(members, m) {
				m.shutOut = append(m.shutOut, value)
			}
			continue
		case !m.hung && !slices.Contains(members, m):
			continue // out of reach: it learns of it when it is back
		}
		m.settleAccounts()
		n.e.leave(m)
		m.state, m.join, m.requested, m.donating, m.outcast = model.StateInitialized, nil, false, 0, true
		n.e.say(m.name + ": is evicted by " + n.name)
	}
	return nil
}

func isTrue(value string) bool {
	on, _ := model.ParseBool(value)
	return on
}

func badOption() error { return sqlError(errBadArguments, "Incorrect arguments to SET") }

// setProviderOptions takes one or more "name=value" and puts the whole list
// back together as the library does.
func setProviderOptions(n *node, _ *session, text string) error {
	known := model.ProviderOptions(providerDefaults)
	delete(n.variables, "wsrep_provider_options")
	for name, value := range model.ProviderOptions(text) {
		option, special := providerOptions[name]
		if _, ok := known[name]; !ok && !special {
			return badOption()
		}
		if !option.takes(value) {
			return badOption()
		}
		if option.set != nil {
			if err := option.set(n, value); err != nil {
				return err
			}
		}
		if !option.command {
			n.options[name] = value
		}
	}
	return nil
}

// providerOptions is the whole list with the node's own values.
func (n *node) providerOptions() string {
	list := providerDefaults
	put := func(name, value string) {
		start := strings.Index(list, name+" = ")
		if start < 0 {
			return
		}
		start += len(name) + len(" = ")
		end := start + strings.IndexByte(list[start:], ';')
		list = list[:start] + value + list[end:]
	}
	put("gcs.fc_limit", strconv.Itoa(int(n.e.face.fcLimit)))
	put("base_host", hostOf(n))
	names := make([]string, 0, len(n.options))
	for name := range n.options {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		put(name, n.options[name])
	}
	return list
}
