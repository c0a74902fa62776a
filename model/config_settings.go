package model

import "time"

// Settings are all global variables of a server, by lower-case name, with where
// each value comes from as far as the server tells.
type Settings struct {
	Reading
	// Traced says that the server tells where values come from.
	Traced bool                  `json:"traced"`
	Rows   map[string]Assignment `json:"rows"`
}

// Assignment is one global variable of one server.
type Assignment struct {
	Value   string `json:"value"`
	Default string `json:"default,omitempty"` // what it was compiled with; "" where not told
	Origin  Origin `json:"origin,omitempty"`
	Path    string `json:"path,omitempty"` // of the option file, where the origin is one
	// Since and By are when and by whom it was set at runtime; zero where the server
	// does not tell, as on MariaDB.
	Since time.Time `json:"since,omitzero"`
	By    string    `json:"by,omitempty"`
	Fixed bool      `json:"fixed,omitempty"` // cannot be changed while the server runs
}

// Origin is where a value comes from.
type Origin string

// The origins. A value set at runtime is lost at the next restart; a persisted one
// is in mysqld-auto.cnf and overrules the option files.
const (
	OriginUnknown   Origin = ""
	OriginCompiled  Origin = "default"
	OriginFile      Origin = "file"
	OriginCommand   Origin = "command line"
	OriginEnv       Origin = "environment"
	OriginPersisted Origin = "persisted"
	OriginRuntime   Origin = "runtime"
	OriginAuto      Origin = "computed" // the server worked it out from others
)

// origins are the servers' own words: GLOBAL_VALUE_ORIGIN of MariaDB's
// information_schema.SYSTEM_VARIABLES, VARIABLE_SOURCE of MySQL's
// performance_schema.variables_info.
var origins = map[string]Origin{
	"COMPILE-TIME": OriginCompiled, "CONFIG": OriginFile, "COMMAND-LINE": OriginCommand, "AUTO": OriginAuto,
	"SQL": OriginRuntime, "ENVIRONMENT": OriginEnv,

	"COMPILED": OriginCompiled, "GLOBAL": OriginFile, "SERVER": OriginFile, "EXPLICIT": OriginFile, "EXTRA": OriginFile,
	"USER": OriginFile, "LOGIN": OriginFile, "COMMAND_LINE": OriginCommand, "PERSISTED": OriginPersisted, "DYNAMIC": OriginRuntime,
}

// ParseOrigin reads a server's word for where a value comes from.
func ParseOrigin(word string) Origin { return origins[word] }
