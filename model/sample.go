package model

import "time"

// Sample is what one node said at one time.
type Sample struct {
	At        time.Time     `json:"at"`      // when the status arrived, by this machine's clock
	Took      time.Duration `json:"took_ns"` // both fast statements, network included
	Server    Server        `json:"server"`
	Status    Status        `json:"status"`
	Processes Processes     `json:"processes"`
	Slow      Slow          `json:"slow"`
}

// Server is who answered, read once for each connection.
type Server struct {
	Flavour     Flavour `json:"flavour"`
	Version     string  `json:"version"` // as the server prints it
	Release     Release `json:"release"`
	Comment     string  `json:"comment,omitempty"`
	Hostname    string  `json:"hostname"`
	Port        Num     `json:"port"`
	UUID        string  `json:"uuid"` // tells servers apart that answer at one address
	PerfSchema  Flag    `json:"performance_schema"`
	CanSeeAll   bool    `json:"can_see_all"` // has PROCESS
	NodeName    string  `json:"node_name,omitempty"`
	ClusterName string  `json:"cluster_name,omitempty"`
	Incoming    string  `json:"incoming_address,omitempty"` // how the group knows the node
	WsrepOn     Flag    `json:"wsrep_on"`                   // unknown on servers without wsrep
	Provider    string  `json:"provider,omitempty"`         // path of the provider library; "none" or empty without one
	SparePort   Num     `json:"spare_port"`                 // extra_port or admin_port; 0 when there is none
}

// Slow holds what is read seldom or on demand; every part has its own time and
// is nil until it was first read.
type Slow struct {
	Variables    *Variables    `json:"variables,omitempty"`
	Members      *Members      `json:"members,omitempty"`
	Transactions *Transactions `json:"transactions,omitempty"`
	Digests      *Digests      `json:"digests,omitempty"`
	Clock        *Clock        `json:"clock,omitempty"`
	Locks        *Locks        `json:"locks,omitempty"`
	Settings     *Settings     `json:"settings,omitempty"`
}

// Reading says when a slow subject was read and what went wrong.
type Reading struct {
	At    time.Time     `json:"at"`      // when the answer was complete
	Took  time.Duration `json:"took_ns"` // network and connecting included
	Error string        `json:"error,omitempty"`
	Grant string        `json:"grant,omitempty"` // the privilege that was missing
}

// Clock is a server's own time at some moment while it was asked for it.
type Clock struct {
	Reading
	Server time.Time `json:"server"`
}

// Ahead is how far the server's clock is ahead of this machine's, give or take
// the doubt.
func (c *Clock) Ahead() (ahead, doubt time.Duration) {
	doubt = c.Took / 2
	return c.Server.Sub(c.At.Add(-doubt)), doubt
}

// Variables are the global variables that a pane shows, by lower-case name.
type Variables struct {
	Reading
	Values map[string]string `json:"values"`
}

// Provider returns one option out of wsrep_provider_options, "" when absent.
func (v *Variables) Provider(option string) string {
	if v == nil {
		return ""
	}
	return ProviderOptions(v.Values["wsrep_provider_options"])[option]
}

// Members are the members of the group as a node's membership table lists them.
// The table is written on Primary views only, so outside of one it lists members
// that are long gone.
type Members struct {
	Reading
	Rows []Member `json:"rows"`
}

// Member is one row of the membership table.
type Member struct {
	UUID    string `json:"uuid"` // wsrep_gcomm_uuid of the member
	Name    string `json:"name"`
	Address string `json:"address"` // client address; empty for an arbitrator
}

// ArbitratorName is the node name under which garbd joins unless it is told
// another.
const ArbitratorName = "garb"

// Transactions are the open InnoDB transactions of a node, the oldest first.
type Transactions struct {
	Reading
	Rows []Transaction `json:"rows"`
	Left int           `json:"left_out"`
}

// Transaction is one open InnoDB transaction.
type Transaction struct {
	Thread   uint64        `json:"thread"`
	State    string        `json:"state"`
	Age      time.Duration `json:"age_ns"` // by the server's own clock
	Modified int64         `json:"rows_modified"`
	Locked   int64         `json:"rows_locked"`
}

// Subject names a part of Slow; panes say which they show.
type Subject uint16

// The slow subjects; a set of them is a bit mask.
const (
	SubjectVariables Subject = 1 << iota
	SubjectMembers
	SubjectTransactions
	SubjectDigests
	// SubjectProcesses asks for processes in full on every tick: whole statements,
	// milliseconds, rows and memory, where a glance does without.
	SubjectProcesses
	SubjectClock
	SubjectLocks
	SubjectSettings
)

// Reading is when and how well a subject was read; nil before it was.
func (s *Slow) Reading(subject Subject) *Reading {
	switch {
	case subject == SubjectVariables && s.Variables != nil:
		return &s.Variables.Reading
	case subject == SubjectMembers && s.Members != nil:
		return &s.Members.Reading
	case subject == SubjectTransactions && s.Transactions != nil:
		return &s.Transactions.Reading
	case subject == SubjectDigests && s.Digests != nil:
		return &s.Digests.Reading
	case subject == SubjectClock && s.Clock != nil:
		return &s.Clock.Reading
	case subject == SubjectLocks && s.Locks != nil:
		return &s.Locks.Reading
	case subject == SubjectSettings && s.Settings != nil:
		return &s.Settings.Reading
	}
	return nil
}

// Take copies one subject out of another reading.
func (s *Slow) Take(subject Subject, from *Slow) {
	switch subject {
	case SubjectVariables:
		s.Variables = from.Variables
	case SubjectMembers:
		s.Members = from.Members
	case SubjectTransactions:
		s.Transactions = from.Transactions
	case SubjectDigests:
		s.Digests = from.Digests
	case SubjectClock:
		s.Clock = from.Clock
	case SubjectLocks:
		s.Locks = from.Locks
	case SubjectSettings:
		s.Settings = from.Settings
	}
}
