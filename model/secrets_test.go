package model

import (
	"strings"
	"testing"
)

func TestSecretsAreCutOffAtTheirKeyword(t *testing.T) {
	for sql, want := range map[string]string{
		"CREATE USER 'bob'@'%' IDENTIFIED BY 'hunter2' REQUIRE SSL":                         "CREATE USER 'bob'@'%' IDENTIFIED BY ********",
		"alter user bob identified /* x */ with mysql_native_password by 'h'":               "alter user bob identified /* x */ with ********",
		"GRANT ALL ON *.* TO bob IDENTIFIED BY PASSWORD '*ABC'":                             "GRANT ALL ON *.* TO bob IDENTIFIED BY ********",
		"SET PASSWORD FOR 'bob'@'%' = PASSWORD('hunter2')":                                  "SET PASSWORD ********",
		"set password = 'hunter2'":                                                          "set password ********",
		"CHANGE MASTER TO MASTER_HOST='db9', MASTER_PASSWORD='hunter2', MASTER_PORT=3306":   "CHANGE MASTER TO MASTER_HOST='db9', MASTER_PASSWORD= ********",
		"CHANGE REPLICATION SOURCE TO SOURCE_PASSWORD = 'hunter2'":                          "CHANGE REPLICATION SOURCE TO SOURCE_PASSWORD = ********",
		"START SLAVE USER='repl' PASSWORD='hunter2'":                                        "START SLAVE USER='repl' PASSWORD= ********",
		"CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (USER 'u', PASSWORD 'hunter2')": "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (USER 'u', PASSWORD ********",
		"SET GLOBAL wsrep_sst_auth = 'sst:hunter2'":                                         "SET GLOBAL wsrep_sst_auth = ********",
		"UPDATE users SET `password`='hunter2' WHERE id = 5":                                "UPDATE users SET `password`= ********",
		"SELECT id FROM users WHERE passwd /* */ LIKE 'hunter%'":                            "SELECT id FROM users WHERE passwd /* */ LIKE ********",
		"SELECT id FROM users WHERE password IN ('hunter2')":                                "SELECT id FROM users WHERE password IN ********",
		`INSERT INTO log VALUES ('{"password": "hunter2"}')`:                                `INSERT INTO log VALUES ('{"password": ********`,
		"SELECT AES_DECRYPT(card, 'hunter2') FROM cards":                                    "SELECT AES_DECRYPT( ********",
		"CREATE TABLE f (a INT) ENGINE=FEDERATED CONNECTION='mysql://u:hunter2@h/d/t'":      "CREATE TABLE f (a INT) ENGINE=FEDERATED CONNECTION= ********",
		"SELECT 'https://bob:hunter2@example.org/'":                                         "SELECT 'https://bob: ********",
		"UPDATE k SET api_key = 0xHUNTER2":                                                  "UPDATE k SET api_key = ********",
		"SET PASSWORD":                                                                      "SET PASSWORD",
		"CREATE USER bob IDENTIFIED BY":                                                     "CREATE USER bob IDENTIFIED BY",
		"SELECT id, password FROM users WHERE id=5":                                         "SELECT id, password FROM users WHERE id=5",
		"SELECT * FROM users WHERE password = ?":                                            "SELECT * FROM users WHERE password = ?",
		"SELECT * FROM t WHERE a_key = 5":                                                   "SELECT * FROM t WHERE a_key = 5",
		"SELECT * FROM connections WHERE a = 'x'":                                           "SELECT * FROM connections WHERE a = 'x'",
		"ALTER USER bob PASSWORD EXPIRE":                                                    "ALTER USER bob PASSWORD EXPIRE",
		"SELECT * FROM u WHERE password=? AND secret='hunter2'":                             "SELECT * FROM u WHERE password=? AND secret= ********",
	} {
		got := HideSecrets(sql)
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", sql, got, want)
		}
		if again := HideSecrets(got); again != got {
			t.Errorf("hidden twice %q is %q", got, again)
		}
	}
}

func FuzzSecretsStayHidden(f *testing.F) {
	f.Add("SET PASSWORD = 'a' password: x://a:b IDENTIFIED /* */ BY")
	f.Fuzz(func(t *testing.T, sql string) {
		once := HideSecrets(sql)
		if len(once) > len(sql)+len(blotted)+1 {
			t.Errorf("%q grew to %q", sql, once)
		}
		rest, cut := strings.CutSuffix(once, blotted)
		if rest = strings.TrimRight(rest, " "); cut && !strings.HasPrefix(sql, rest) {
			t.Errorf("%q became %q", sql, once)
		}
	})
}

func BenchmarkHideSecretsInAnOrdinaryStatement(b *testing.B) {
	sql := strings.Repeat("SELECT o.id, c.name FROM orders o JOIN customers c USING (id) WHERE o.state = 'x' AND ", 4)
	b.SetBytes(int64(len(sql)))
	for b.Loop() {
		HideSecrets(sql)
	}
}
