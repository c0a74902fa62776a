package model

import (
	"slices"
	"strings"
	"testing"
)

func TestASettingLastsByALineInTheOptionFileHieraOrAnsible(t *testing.T) {
	for _, c := range []struct {
		name, value string
		written     map[string]string
		file, yaml  string
		partial     bool
	}{
		{"max_connections", "200", map[string]string{}, "max_connections = 200", "max_connections: 200", false},
		{"max_connections", "200", nil, "max_connections = 200", "max_connections: 200", false},
		{"log_output", "FILE", nil, "log_output = FILE", "log_output: 'FILE'", false},
		{"wsrep_log_conflicts", "ON", nil, "wsrep_log_conflicts = ON", "wsrep_log_conflicts: 'ON'", false},
		{"long_query_time", "1.50", nil, "long_query_time = 1.50", "long_query_time: '1.50'", false},
		{"sql_mode", "", nil, "sql_mode = ", "sql_mode: ''", false},
		{"init_connect", "SET @a = 'x' # y", nil, `init_connect = "SET @a = 'x' # y"`, `init_connect: '"SET @a = ''x'' # y"'`, false},
		{"wsrep_applier_threads", "8", map[string]string{"wsrep_slave_threads": "4"}, "wsrep_slave_threads = 8", "wsrep_slave_threads: 8", false},
		{
			"gcs.fc_limit", "100",
			map[string]string{"wsrep_provider_options": "gcache.size=1G;gcs.fc_limit = 16; pc.weight=2;"},
			"wsrep_provider_options = gcache.size=1G; gcs.fc_limit=100; pc.weight=2", "wsrep_provider_options: 'gcache.size=1G; gcs.fc_limit=100; pc.weight=2'", false,
		},
		{
			"gcs.fc_limit", "100",
			map[string]string{"wsrep_provider_options": `"gcache.size=1G"`},
			"wsrep_provider_options = gcache.size=1G; gcs.fc_limit=100", "wsrep_provider_options: 'gcache.size=1G; gcs.fc_limit=100'", false,
		},
		{"gcs.fc_limit", "100", map[string]string{}, "wsrep_provider_options = gcs.fc_limit=100", "wsrep_provider_options: 'gcs.fc_limit=100'", false},
		{"gcs.fc_limit", "100", nil, "wsrep_provider_options = gcs.fc_limit=100", "wsrep_provider_options: 'gcs.fc_limit=100'", true},
	} {
		got := LastingOf(c.name, c.value, c.written)
		want := Lasting{
			OptionFile: []string{"[mysqld]", c.file}, Hiera: []string{"mysql::server::override_options:", "  mysqld:", "    " + c.yaml},
			Ansible: []string{"mysqld:", "  " + c.yaml}, Partial: c.partial,
		}
		if !slices.Equal(got.OptionFile, want.OptionFile) || !slices.Equal(got.Hiera, want.Hiera) || !slices.Equal(got.Ansible, want.Ansible) || got.Partial != want.Partial {
			t.Errorf("%s=%s with %v:\n%+v\nwant\n%+v", c.name, c.value, c.written, got, want)
		}
	}
}

func TestAnOptionThatIsThereTwiceIsThereOnceAfterwards(t *testing.T) {
	got := MergeProviderOption("gcs.fc_limit=1; evs.version=1; gcs.fc_limit=2", "gcs.fc_limit", "3")
	if got != "gcs.fc_limit=3; evs.version=1" {
		t.Error(got)
	}
}

func TestYAMLKeepsWhatIsWritten(t *testing.T) {
	for value, want := range map[string]string{
		"0": "0", "-5": "-5", "-0": "'-0'", "010": "'010'", "1_000": "'1_000'", "yes": "'yes'", "1e3": "'1e3'", "12:30:45": "'12:30:45'",
		"a: b": "'a: b'", "it's": "'it''s'", "": "''", "a\nb": `"a\nb"`, "99999999999999999999": "'99999999999999999999'", "größe": "'größe'",
	} {
		if got := YAMLValue(value); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}

func FuzzMergedProviderOptions(f *testing.F) {
	f.Add("gcache.size=1G; pc.weight=2", "gcs.fc_limit", "100")
	f.Add(";;a=b=c; =x;a", "a", "")
	f.Fuzz(func(t *testing.T, whole, name, value string) {
		if name == "" || strings.ContainsAny(name+value, ";=") || strings.TrimSpace(name) != name || strings.TrimSpace(value) != value {
			return
		}
		before, after := ProviderOptions(whole), ProviderOptions(MergeProviderOption(whole, name, value))
		if after[name] != value {
			t.Errorf("%q with %s=%s has %q", whole, name, value, after[name])
		}
		for key, old := range before {
			if key != name && after[key] != old {
				t.Errorf("%q with %s=%s: %s was %q, is %q", whole, name, value, key, old, after[key])
			}
		}
	})
}
