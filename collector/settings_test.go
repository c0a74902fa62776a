package collector

import "testing"

func TestOnlyCredentialsAmongVariablesAreHidden(t *testing.T) {
	for name, hidden := range map[string]bool{
		"wsrep_sst_auth": true, "WSREP_SST_AUTH": true, "report_password": true, "master_password": true,
		"old_passwords": false, "disconnect_on_expired_password": false, "strict_password_validation": false, "default_password_lifetime": false,
		"socket.ssl_password_file": false, "sql_mode": false,
	} {
		if got := secretless(name, "hunter2"); (got != "hunter2") != hidden {
			t.Errorf("%s shows %q", name, got)
		}
	}
	if got := secretless("report_password", ""); got != "" {
		t.Errorf("an empty password shows as %q", got)
	}
}
