package model

import "testing"

func TestDriftTellsWhatTheNextRestartWouldChange(t *testing.T) {
	read := func(value string) FileSetting { return FileSetting{Read: true, Set: true, Value: value} }
	silent := FileSetting{Read: true}
	for _, c := range []struct {
		about string
		a     Assignment
		file  FileSetting
		want  Drift
	}{
		{"the file says the same in other words", Assignment{Value: "134217728", Origin: OriginFile}, read("128M"), DriftNone},
		{"the file was changed after the start", Assignment{Value: "100", Origin: OriginFile}, read("200"), DriftNext},
		{"the line was taken out of the file", Assignment{Value: "100", Origin: OriginFile, Default: "151"}, silent, DriftNext},
		{"the line said the default and was taken out", Assignment{Value: "151", Origin: OriginFile, Default: "151"}, silent, DriftNone},
		{"a line was added to the file", Assignment{Value: "151", Origin: OriginCompiled, Default: "151"}, read("200"), DriftNext},
		{"set at runtime, the file says another value", Assignment{Value: "100", Origin: OriginRuntime}, read("200"), DriftLost},
		{"set at runtime, the file says nothing", Assignment{Value: "100", Origin: OriginRuntime, Default: "151"}, silent, DriftLost},
		{"set at runtime back to the default", Assignment{Value: "151", Origin: OriginRuntime, Default: "151"}, silent, DriftNone},
		{"set at runtime and in the file too", Assignment{Value: "200", Origin: OriginRuntime, Default: "151"}, read("200"), DriftNone},
		{"set at runtime, the file was not read", Assignment{Value: "100", Origin: OriginRuntime, Default: "151"}, FileSetting{}, DriftMaybe},
		{"the command line overrules the file", Assignment{Value: "100", Origin: OriginCommand}, read("200"), DriftNone},
		{"persisted values overrule the file", Assignment{Value: "100", Origin: OriginPersisted}, read("200"), DriftNone},
		{"an origin that is not told, the file says nothing", Assignment{Value: "100"}, silent, DriftUnknown},
		{"an origin that is not told, the file says something else", Assignment{Value: "100"}, read("200"), DriftNext},
		{"nothing was read", Assignment{Value: "100", Origin: OriginFile}, FileSetting{}, DriftUnknown},
	} {
		if got := DriftOf("max_connections", &c.a, c.file); got != c.want {
			t.Errorf("%s: %d, want %d", c.about, got, c.want)
		}
	}
}
