package model

// State is wsrep_local_state, a node's place in the life of a group member.
type State int8

// The states of the provider (galera/src/replicator.hpp); Inconsistent is what
// a node says of itself after the group voted it out.
const (
	StateUnknown      State = -1
	StateInitialized  State = 0
	StateJoining      State = 1
	StateDonor        State = 2
	StateJoined       State = 3
	StateSynced       State = 4
	StateInconsistent State = 5
)

var stateWords = map[State]string{
	StateUnknown:      "unknown",
	StateInitialized:  "Initialized",
	StateJoining:      "Joining",
	StateDonor:        "Donor/Desynced",
	StateJoined:       "Joined",
	StateSynced:       "Synced",
	StateInconsistent: "Inconsistent",
}

// String is the word that SHOW STATUS prints for the state.
func (s State) String() string {
	if w, ok := stateWords[s]; ok {
		return w
	}
	return stateWords[StateUnknown]
}

// The values of wsrep_cluster_status.
const (
	Primary      = "Primary"
	NonPrimary   = "non-Primary"
	Disconnected = "Disconnected"
)

// Flavour is the family of a server; it decides the forms of statements.
type Flavour string

// The flavours that are told apart.
const (
	FlavourMariaDB Flavour = "mariadb"
	FlavourPXC     Flavour = "pxc"
	FlavourMySQL   Flavour = "mysql-wsrep"
	FlavourPlain   Flavour = "mysql" // MySQL or Percona Server without wsrep
)

// Word is the flavour's name as people write it.
func (f Flavour) Word() string {
	switch f {
	case FlavourMariaDB:
		return "MariaDB"
	case FlavourPXC:
		return "PXC"
	case FlavourMySQL:
		return "MySQL-wsrep"
	case FlavourPlain:
		return "MySQL"
	}
	return "unknown"
}

// Level orders how bad a thing is.
type Level uint8

// From calm to broken.
const (
	LevelOK Level = iota
	LevelNotice
	LevelWarning
	LevelCritical
)

// String is the level in one word.
func (l Level) String() string {
	return [...]string{"ok", "notice", "warning", "critical"}[l]
}
