package model

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
		return DriftUnknown
	}
	return DriftNone
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
