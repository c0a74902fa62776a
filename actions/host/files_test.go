package host

import "testing"

func TestAllOptionsOfTheFilesAreReadButNoSecret(t *testing.T) {
	got := ParseWritten("--max-connections=100\n--max-connections=200\n--skip-name-resolve\n--loose-innodb_io_capacity=1\n--wsrep_sst_auth=sst:hunter2\n" +
		"--report-password=hunter2\n--wsrep_provider_options=gcs.fc_limit=16;pc.weight=2\nnoise\n--sql_mode=\n")
	want := map[string]string{
		"max_connections": "200", "name_resolve": "0", "innodb_io_capacity": "1", "wsrep_provider_options": "gcs.fc_limit=16;pc.weight=2", "sql_mode": "",
	}
	for name, value := range want {
		if now, ok := got[name]; !ok || now != value {
			t.Errorf("%s is %q (%t), want %q", name, now, ok, value)
		}
	}
	if len(got) != len(want) {
		t.Errorf("read %v", got)
	}
}
