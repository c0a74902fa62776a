package model

import "strings"

// Drift is how a setting that runs relates to what the next start would make of
// it.
type Drift int

// The drifts.
const (
	DriftUnknown Drift = iota // the option files were not read, or the origin is not told
	DriftNone                 // the next start brings the same value
	DriftNext                 // the option files say something else, which takes effect at the next restart
	DriftLost                 // set at runtime, lost at the next restart
	DriftMaybe                // set at runtime; whether the option files say the same is not known
)

// Lost reports whether the next restart brings another value than runs now, as far
// as that is known, because it was set at runtime.
func (d Drift) Lost() bool { return d == DriftLost || d == DriftMaybe }

// FileSetting is what the option files say of one setting.
type FileSetting struct {
	Read  bool // the option files were read at all
	Set   bool // they set it
	Value string
}

// DriftOf compares a value that runs with the option files. A file that says
// nothing leaves the default, as far as the server tells it.
func DriftOf(name string, a *Assignment, file FileSetting) Drift {
	if !file.Read {
		return untold(name, a)
	}
	if file.Set {
		switch {
		case SameMeaning(name, a.Value, file.Value):
			return DriftNone
		case a.Origin == OriginRuntime:
			return DriftLost
		case a.Origin == OriginCommand || a.Origin == OriginPersisted:
			// Both overrule the files, at the next start too.
			return DriftNone
		}
		return DriftNext
	}
	switch a.Origin {
	case OriginRuntime:
		if a.Default != "" && SameMeaning(name, a.Value, a.Default) {
			return DriftNone
		}
		return DriftLost
	case OriginFile:
		if a.Default != "" && SameMeaning(name, a.Value, a.Default) {
			return DriftNone
		}
		return DriftNext
	case OriginUnknown:
		return unset(name, a)
	}
	return DriftNone
}

// unset is for what the server does not tell the origin of, such as options of the
// provider, when the files do not set it.
func unset(name string, a *Assignment) Drift {
	switch {
	case a.Default == "":
		return DriftUnknown
	case SameMeaning(name, a.Value, a.Default):
		return DriftNone
	}
	return DriftLost
}

// untold is what can be said without the option files.
func untold(name string, a *Assignment) Drift {
	switch a.Origin {
	case OriginRuntime:
		if a.Default != "" && SameMeaning(name, a.Value, a.Default) {
			return DriftUnknown
		}
		return DriftMaybe
	case OriginCompiled, OriginAuto, OriginCommand, OriginEnv, OriginPersisted, OriginFile, OriginUnknown:
	}
	return DriftUnknown
}

var driftWords = [...]string{
	"", "", "differs in file, takes effect at the next restart", "set at runtime, lost at the next restart",
	"set at runtime, lost at the next restart unless the option file says the same",
}

// String is the drift in words; "" for none and for what is not known.
func (d Drift) String() string { return driftWords[d] }

// FileSettingOf finds a setting, or an option of the provider, among what option
// files set, by name with underscores.
func FileSettingOf(written map[string]string, name string) FileSetting {
	out := FileSetting{Read: true}
	if !strings.Contains(name, ".") {
		for _, alias := range aliases(name) {
			if value, ok := written[alias]; ok {
				out.Set, out.Value = true, value
			}
		}
		return out
	}
	out.Value, out.Set = ProviderOption(strings.Trim(written["wsrep_provider_options"], `"'`), name)
	return out
}

// renamed are settings that option files may call by another name.
var renamed = map[string]string{
	"wsrep_slave_threads": "wsrep_applier_threads", "log_slave_updates": "log_replica_updates",
	"tx_isolation": "transaction_isolation", "storage_engine": "default_storage_engine",
}

// aliases are the names under which files may set a setting.
func aliases(name string) []string {
	out := []string{name}
	for a, b := range renamed {
		if a == name && b != name {
			out = append(out, b)
		} else if b == name && a != name {
			out = append(out, a)
		}
	}
	return out
}
