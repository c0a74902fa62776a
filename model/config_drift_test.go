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
		{"an option at its default, the file says nothing", Assignment{Value: "16", Default: "16"}, silent, DriftNone},
		{"an option that is not in the file and not at its default", Assignment{Value: "100", Default: "16"}, silent, DriftLost},
		{"an origin that is not told, the file says something else", Assignment{Value: "100"}, read("200"), DriftNext},
		{"nothing was read", Assignment{Value: "100", Origin: OriginFile}, FileSetting{}, DriftUnknown},
	} {
		if got := DriftOf("max_connections", &c.a, c.file); got != c.want {
			t.Errorf("%s: %d, want %d", c.about, got, c.want)
		}
	}
}

func TestOptionFilesAreSearchedUnderEveryNameOfASetting(t *testing.T) {
	written := map[string]string{
		"wsrep_slave_threads": "8", "max_connections": "100", "wsrep_provider_options": `"gcs.fc_limit = 100; pc.weight=2"`,
	}
	for name, want := range map[string]FileSetting{
		"wsrep_applier_threads": {true, true, "8"}, "wsrep_slave_threads": {true, true, "8"}, "max_connections": {true, true, "100"},
		"gcs.fc_limit": {true, true, "100"}, "pc.weight": {true, true, "2"}, "gcs.fc_factor": {Read: true}, "sql_mode": {Read: true},
	} {
		if got := FileSettingOf(written, name); got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}
