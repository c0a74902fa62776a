package model

import "strings"

// Status is what one node answered to SHOW GLOBAL STATUS, the variables that
// are worth a look every second. JSON names are the server's names.
type Status struct {
	ClusterStatus    string `json:"wsrep_cluster_status"`
	ClusterStateUUID string `json:"wsrep_cluster_state_uuid"`
	LocalStateUUID   string `json:"wsrep_local_state_uuid"`
	ConfID           Num    `json:"wsrep_cluster_conf_id"` // -1 without a Primary Component
	ClusterSize      Num    `json:"wsrep_cluster_size"`    // members of this component, arbitrators included
	ClusterWeight    Num    `json:"wsrep_cluster_weight"`
	LocalIndex       Num    `json:"wsrep_local_index"`
	Connected        Flag   `json:"wsrep_connected"`
	Ready            Flag   `json:"wsrep_ready"`
	LocalState       Num    `json:"wsrep_local_state"`
	StateComment     string `json:"wsrep_local_state_comment"`
	IncomingAddrs    string `json:"wsrep_incoming_addresses"`
	GcommUUID        string `json:"wsrep_gcomm_uuid"` // new at each connect to the group
	Segment          Num    `json:"wsrep_gmcast_segment"`
	DesyncCount      Num    `json:"wsrep_desync_count"`
	EVSState         string `json:"wsrep_evs_state"`
	EVSDelayed       string `json:"wsrep_evs_delayed"`
	EVSEvictList     string `json:"wsrep_evs_evict_list"`   // instances (wsrep_gcomm_uuid) that are shut out
	EVSReplLatency   string `json:"wsrep_evs_repl_latency"` // min/avg/max/stddev/samples, seconds

	LastCommitted Num `json:"wsrep_last_committed"` // seqno
	CachedDownto  Num `json:"wsrep_local_cached_downto"`

	Replicated      Num `json:"wsrep_replicated"` // counters from here on, since the server's start
	ReplicatedBytes Num `json:"wsrep_replicated_bytes"`
	Received        Num `json:"wsrep_received"`
	ReceivedBytes   Num `json:"wsrep_received_bytes"`
	LocalCommits    Num `json:"wsrep_local_commits"`
	CertFailures    Num `json:"wsrep_local_cert_failures"`
	BFAborts        Num `json:"wsrep_local_bf_aborts"`
	Replays         Num `json:"wsrep_local_replays"`

	RecvQueue Num `json:"wsrep_local_recv_queue"` // write-sets waiting now
	SendQueue Num `json:"wsrep_local_send_queue"`

	PausedNS     Num    `json:"wsrep_flow_control_paused_ns"` // counter, FLUSH STATUS leaves it
	FCSent       Num    `json:"wsrep_flow_control_sent"`
	FCRecv       Num    `json:"wsrep_flow_control_recv"`
	FCActive     Flag   `json:"wsrep_flow_control_active"`
	FCRequested  Flag   `json:"wsrep_flow_control_requested"`
	FCStatus     Flag   `json:"wsrep_flow_control_status"`   // PXC, same meaning as requested
	FCInterval   string `json:"wsrep_flow_control_interval"` // PXC, "[ low, high ]"
	CertDepsDist Real   `json:"wsrep_cert_deps_distance"`

	OpenTransactions Num    `json:"wsrep_open_transactions"`
	ApplierThreads   Num    `json:"wsrep_applier_thread_count"` // MariaDB
	WsrepThreads     Num    `json:"wsrep_thread_count"`
	ProtocolVersion  Num    `json:"wsrep_protocol_version"`
	ProviderVersion  string `json:"wsrep_provider_version"`
	ISTStatus        string `json:"wsrep_ist_receive_status"` // PXC

	Uptime           Num `json:"Uptime"` // seconds
	ThreadsConnected Num `json:"Threads_connected"`
	ThreadsRunning   Num `json:"Threads_running"`
	Questions        Num `json:"Questions"`
	SlowQueries      Num `json:"Slow_queries"`
	RowLockWaits     Num `json:"Innodb_row_lock_current_waits"`
	HistoryLength    Num `json:"Innodb_history_list_length"` // MariaDB
}

// StatusVariable is one row of SHOW GLOBAL STATUS that a Status holds.
type StatusVariable struct {
	Name string
	set  func(*Status, string)
}

// StatusVariables are the rows that the fast tick asks for, all flavours
// together: a server leaves out those it does not have.
var StatusVariables = []StatusVariable{
	{"wsrep_cluster_status", text(func(s *Status) *string { return &s.ClusterStatus })},
	{"wsrep_cluster_state_uuid", text(func(s *Status) *string { return &s.ClusterStateUUID })},
	{"wsrep_local_state_uuid", text(func(s *Status) *string { return &s.LocalStateUUID })},
	{"wsrep_cluster_conf_id", num(func(s *Status) *Num { return &s.ConfID })},
	{"wsrep_cluster_size", num(func(s *Status) *Num { return &s.ClusterSize })},
	{"wsrep_cluster_weight", num(func(s *Status) *Num { return &s.ClusterWeight })},
	{"wsrep_local_index", num(func(s *Status) *Num { return &s.LocalIndex })},
	{"wsrep_connected", flag(func(s *Status) *Flag { return &s.Connected })},
	{"wsrep_ready", flag(func(s *Status) *Flag { return &s.Ready })},
	{"wsrep_local_state", num(func(s *Status) *Num { return &s.LocalState })},
	{"wsrep_local_state_comment", text(func(s *Status) *string { return &s.StateComment })},
	{"wsrep_incoming_addresses", text(func(s *Status) *string { return &s.IncomingAddrs })},
	{"wsrep_gcomm_uuid", text(func(s *Status) *string { return &s.GcommUUID })},
	{"wsrep_gmcast_segment", num(func(s *Status) *Num { return &s.Segment })},
	{"wsrep_desync_count", num(func(s *Status) *Num { return &s.DesyncCount })},
	{"wsrep_evs_state", text(func(s *Status) *string { return &s.EVSState })},
	{"wsrep_evs_delayed", text(func(s *Status) *string { return &s.EVSDelayed })},
	{"wsrep_evs_evict_list", text(func(s *Status) *string { return &s.EVSEvictList })},
	{"wsrep_evs_repl_latency", text(func(s *Status) *string { return &s.EVSReplLatency })},
	{"wsrep_last_committed", num(func(s *Status) *Num { return &s.LastCommitted })},
	{"wsrep_local_cached_downto", num(func(s *Status) *Num { return &s.CachedDownto })},
	{"wsrep_replicated", num(func(s *Status) *Num { return &s.Replicated })},
	{"wsrep_replicated_bytes", num(func(s *Status) *Num { return &s.ReplicatedBytes })},
	{"wsrep_received", num(func(s *Status) *Num { return &s.Received })},
	{"wsrep_received_bytes", num(func(s *Status) *Num { return &s.ReceivedBytes })},
	{"wsrep_local_commits", num(func(s *Status) *Num { return &s.LocalCommits })},
	{"wsrep_local_cert_failures", num(func(s *Status) *Num { return &s.CertFailures })},
	{"wsrep_local_bf_aborts", num(func(s *Status) *Num { return &s.BFAborts })},
	{"wsrep_local_replays", num(func(s *Status) *Num { return &s.Replays })},
	{"wsrep_local_recv_queue", num(func(s *Status) *Num { return &s.RecvQueue })},
	{"wsrep_local_send_queue", num(func(s *Status) *Num { return &s.SendQueue })},
	{"wsrep_flow_control_paused_ns", num(func(s *Status) *Num { return &s.PausedNS })},
	{"wsrep_flow_control_sent", num(func(s *Status) *Num { return &s.FCSent })},
	{"wsrep_flow_control_recv", num(func(s *Status) *Num { return &s.FCRecv })},
	{"wsrep_flow_control_active", flag(func(s *Status) *Flag { return &s.FCActive })},
	{"wsrep_flow_control_requested", flag(func(s *Status) *Flag { return &s.FCRequested })},
	{"wsrep_flow_control_status", flag(func(s *Status) *Flag { return &s.FCStatus })},
	{"wsrep_flow_control_interval", text(func(s *Status) *string { return &s.FCInterval })},
	{"wsrep_cert_deps_distance", real64(func(s *Status) *Real { return &s.CertDepsDist })},
	{"wsrep_open_transactions", num(func(s *Status) *Num { return &s.OpenTransactions })},
	{"wsrep_applier_thread_count", num(func(s *Status) *Num { return &s.ApplierThreads })},
	{"wsrep_thread_count", num(func(s *Status) *Num { return &s.WsrepThreads })},
	{"wsrep_protocol_version", num(func(s *Status) *Num { return &s.ProtocolVersion })},
	{"wsrep_provider_version", text(func(s *Status) *string { return &s.ProviderVersion })},
	{"wsrep_ist_receive_status", text(func(s *Status) *string { return &s.ISTStatus })},
	{"Uptime", num(func(s *Status) *Num { return &s.Uptime })},
	{"Threads_connected", num(func(s *Status) *Num { return &s.ThreadsConnected })},
	{"Threads_running", num(func(s *Status) *Num { return &s.ThreadsRunning })},
	{"Questions", num(func(s *Status) *Num { return &s.Questions })},
	{"Slow_queries", num(func(s *Status) *Num { return &s.SlowQueries })},
	{"Innodb_row_lock_current_waits", num(func(s *Status) *Num { return &s.RowLockWaits })},
	{"Innodb_history_list_length", num(func(s *Status) *Num { return &s.HistoryLength })},
}

var statusByName = func() map[string]StatusVariable {
	m := make(map[string]StatusVariable, len(StatusVariables))
	for _, v := range StatusVariables {
		m[v.Name], m[strings.ToLower(v.Name)] = v, v
	}
	return m
}()

// Set stores one row of SHOW GLOBAL STATUS; names that a Status has no place
// for are ignored. The value must be printable already.
func (s *Status) Set(name, value string) {
	v, ok := statusByName[name]
	if !ok {
		if v, ok = statusByName[strings.ToLower(name)]; !ok {
			return
		}
	}
	v.set(s, value)
}

// State is wsrep_local_state, or StateUnknown where wsrep does not run.
func (s *Status) State() State {
	if !s.LocalState.Known || s.LocalState.V < 0 || s.LocalState.V > int64(StateInconsistent) {
		return StateUnknown
	}
	return State(s.LocalState.V)
}

// InPrimary reports whether the node says it is in a Primary Component.
func (s *Status) InPrimary() bool { return strings.EqualFold(s.ClusterStatus, Primary) }

// Galera reports whether a wsrep provider answered at all.
func (s *Status) Galera() bool { return s.ClusterStatus != "" }

// Pausing reports whether this node is the one that asks the group to pause.
func (s *Status) Pausing() bool { return s.FCRequested == On || s.FCStatus == On }

// Members are the client addresses in wsrep_incoming_addresses that can be
// dialled, in the group's order; empty is how many members have none there
// (arbitrators, and members that did not announce an address).
func (s *Status) Members() (addresses []string, empty int) {
	if s.IncomingAddrs == "" {
		return nil, 0
	}
	for a := range strings.SplitSeq(s.IncomingAddrs, ",") {
		a = strings.TrimSpace(a)
		if a == "" || strings.EqualFold(a, "unspecified") || strings.EqualFold(a, "AUTO") {
			empty++
			continue
		}
		addresses = append(addresses, a)
	}
	return addresses, empty
}

func text(field func(*Status) *string) func(*Status, string) {
	return func(s *Status, v string) { *field(s) = v }
}

func num(field func(*Status) *Num) func(*Status, string) {
	return func(s *Status, v string) { *field(s) = ParseNum(v) }
}

func real64(field func(*Status) *Real) func(*Status, string) {
	return func(s *Status, v string) { *field(s) = ParseReal(v) }
}

func flag(field func(*Status) *Flag) func(*Status, string) {
	return func(s *Status, v string) { *field(s) = ParseFlag(v) }
}
