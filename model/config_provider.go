package model

// providerDefaults are the defaults of the provider's options that are the same in
// all of Galera 4, as a server prints them that sets none; it does not tell which
// were set. Those that depend on the host, on the release or on the vendor are not
// among them.
var providerDefaults = map[string]string{
	"cert.log_conflicts": "no", "cert.optimistic_pa": "yes", "debug": "no",

	"evs.auto_evict": "0", "evs.causal_keepalive_period": "PT1S", "evs.debug_log_mask": "0x1", "evs.delay_margin": "PT1S",
	"evs.delayed_keep_period": "PT30S", "evs.inactive_check_period": "PT0.5S", "evs.inactive_timeout": "PT15S",
	"evs.info_log_mask": "0", "evs.install_timeout": "PT7.5S", "evs.join_retrans_period": "PT1S", "evs.keepalive_period": "PT1S",
	"evs.max_install_timeouts": "3", "evs.stats_report_period": "PT1M", "evs.suspect_timeout": "PT5S", "evs.use_aggregate": "true",
	"evs.version": "1", "evs.view_forget_timeout": "P1D",

	"gcache.keep_pages_size": "0", "gcache.mem_size": "0", "gcache.name": "galera.cache", "gcache.page_size": "128M",
	"gcache.recover": "yes", "gcache.size": "128M", "gcomm.thread_prio": "",

	"gcs.fc_debug": "0", "gcs.fc_factor": "1.0", "gcs.fc_master_slave": "no", "gcs.fc_single_primary": "no",
	"gcs.max_packet_size": "64500", "gcs.max_throttle": "0.25", "gcs.recv_q_hard_limit": "9223372036854775807",
	"gcs.recv_q_soft_limit": "0.25", "gcs.sync_donor": "no",

	"gmcast.mcast_addr": "", "gmcast.mcast_ttl": "1", "gmcast.peer_timeout": "PT3S", "gmcast.segment": "0", "gmcast.time_wait": "PT5S",
	"gmcast.version": "0",

	"pc.announce_timeout": "PT3S", "pc.checksum": "false", "pc.ignore_quorum": "false", "pc.ignore_sb": "false", "pc.linger": "PT20S",
	"pc.npvo": "false", "pc.recovery": "true", "pc.version": "0", "pc.wait_prim": "true", "pc.wait_prim_timeout": "PT30S", "pc.weight": "1",

	"protonet.backend": "asio", "protonet.version": "0", "repl.causal_read_timeout": "PT30S", "repl.commit_order": "3",
	"repl.key_format": "FLAT8", "repl.max_ws_size": "2147483647", "socket.checksum": "2", "socket.recv_buf_size": "auto",
	"socket.send_buf_size": "auto",
}
