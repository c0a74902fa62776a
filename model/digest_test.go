package model

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestStatementsThatDifferInLiteralsHaveOneDigest(t *testing.T) {
	for _, c := range []struct {
		form  string
		texts []string
	}{
		{"select * from customers where id = ?", []string{
			"SELECT * FROM customers WHERE id = 7", "select  *\nfrom customers where id=12345678;", "SELECT * FROM `customers` WHERE `id` = 'x'",
			"/* app:shop */ SELECT * FROM customers WHERE id = -1 -- why", "SELECT * FROM customers WHERE id = \"it's\"",
			"SELECT * FROM `customers` WHERE `id` = ?", "SELECT * FROM customers WHERE id=?", "SELECT * FROM customers WHERE id = NULL",
			"SELECT * FROM customers WHERE id = x'4D'", "SELECT * FROM customers WHERE id = _utf8'a'", "SELECT * FROM customers WHERE id = 0x4D",
			"SELECT * FROM customers WHERE id = 0b01", "SELECT * FROM customers WHERE id = 1.5e-3", "SELECT * FROM customers WHERE id = 'a\\'b''c'",
			"-- name: GetCustomer :one SELECT * FROM customers WHERE id = 5", "SELECT * FROM customers WHERE id = - ?",
		}},
		{"select a from t where id in (?) and b = ?", []string{
			"SELECT a FROM t WHERE id IN (1,2,3) AND b='x'", "SELECT a FROM t WHERE id IN(1) AND b = 2",
			"SELECT `a` FROM `t` WHERE `id` IN (...) AND `b` = ?",
		}},
		{"insert into shop.orders(a, b) values (?)", []string{
			"INSERT INTO shop.orders (a, b) VALUES (1, 'x')", "INSERT INTO `shop` . `orders` ( `a` , `b` ) VALUES (...) /* , ... */",
			"insert into shop.orders(a,b) values (1,2),(3,4), (5, NULL)", "INSERT INTO shop.orders (a, b) VALUES (1, 'x'), (2, 'trunc…",
			"INSERT INTO shop.orders (a, b) VALUES (1, 'x'), (2, …", "INSERT INTO shop.orders (a, b) VALUES (1, …",
		}},
		{"insert into t(a, b) values (?, now())", []string{
			"INSERT INTO t (a, b) VALUES (1, NOW())", "INSERT INTO t (a, b) VALUES (1, NOW()), (2, NOW()),(3, NOW())", "INSERT INTO t (a, b) VALUES (1, NOW()), (2, NO…",
		}},
		{"select count(*), sum(a.b) from a where a.c - ? > ? / ?", []string{
			"SELECT COUNT(*), SUM(a.b) FROM a WHERE a.c - 1 > 2/3", "select count( * ) , sum( `a` . `b` ) from `a` where `a` . `c` -1 > ? / ?",
		}},
		{"select name from t where name like ?", []string{"SELECT name FROM t WHERE name LIKE\"bob smith\"", "SELECT name FROM t WHERE name LIKE 'x'"}},
		{"select salary / ? from staff", []string{"SELECT salary/12 FROM staff", "SELECT salary / 4711 FROM staff"}},
		{"select a.* from t a", []string{"SELECT a.* FROM t a", "SELECT `a` . * FROM `t` `a`"}},
		{"commit", []string{"COMMIT", "commit /* 12 */", " Commit ;"}},
		{"call pay(?)", []string{"CALL pay(1, 'x', NULL)", "CALL `pay` (...)"}},
	} {
		for _, text := range c.texts {
			if got := Normalise(text); got != c.form {
				t.Errorf("%s\n got %s\nwant %s", text, got, c.form)
			}
			if DigestID(text) != DigestID(c.form) {
				t.Errorf("%s: its form has another digest", text)
			}
		}
	}
}

func TestStatementsThatDifferHaveTwoDigests(t *testing.T) {
	for _, pair := range [][2]string{
		{"SELECT a FROM t", "SELECT b FROM t"},
		{"SELECT a FROM t WHERE b > 1", "SELECT a FROM t WHERE b < 1"},
		{"SELECT a FROM t WHERE b IN (1, 2)", "SELECT a FROM t WHERE b IN (SELECT 1)"},
		{"INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE a = 1"},
		{"SELECT a, (1) FROM t", "SELECT a FROM t"},
	} {
		if DigestID(pair[0]) == DigestID(pair[1]) {
			t.Errorf("%q and %q are both %q", pair[0], pair[1], Normalise(pair[0]))
		}
	}
}

func TestACutStatementKeepsItsWholeClauses(t *testing.T) {
	want := "select id, name from customers where region = ?" + cutMark
	for _, text := range []string{
		"SELECT id, name FROM customers WHERE region = 'eu' AND nam…",
		"SELECT id, name FROM customers WHERE region = 'europe' AND name = 'M…",
		"SELECT id, name FROM customers WHERE region = 1 AND…",
		"SELECT `id` , `name` FROM `customers` WHERE `region` = ? AND ...",
	} {
		if got := Normalise(text); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
	if !IsCut(want) || IsCut("commit") {
		t.Error("a cut form is known by its end")
	}
}

func TestAStatementSeenInFullHasTheDigestOfItsBeginning(t *testing.T) {
	in := "SELECT a FROM t WHERE id IN (" + strings.Repeat("4711,", 400_000) + "1) ORDER BY a"
	if full, cut := Normalise(in), Normalise(in[:digestLimit]+"…"); full != cut {
		t.Errorf("in full %s, cut %s", full, cut)
	}
	rows := "INSERT INTO t (a, b) VALUES " + strings.Repeat("(1, 'some text'),", 100_000) + "(1, 'x')"
	if got, want := Normalise(rows), "insert into t(a, b) values (?)"; got != want {
		t.Errorf("a long INSERT is %s, want %s", got, want)
	}
}

func TestTablesOfAStatement(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT * FROM products p JOIN inventory.stock s ON s.id = p.id": "inventory.stock products",
		"SELECT `a` FROM `shop` . `orders` WHERE `b` = ?":                "shop.orders",
		"UPDATE stock SET a = 1":                                         "stock",
		"INSERT INTO cart_items (a) VALUES (1)":                          "cart_items",
		"DELETE FROM t WHERE a IN (SELECT b FROM u)":                     "t u",
		"WITH w AS (SELECT 1 FROM x) SELECT * FROM w":                    "x",
		"COMMIT": "",
	} {
		if got := strings.Join(StatementTables(text), " "); got != want {
			t.Errorf("%s: tables %q, want %q", text, got, want)
		}
	}
}

func FuzzNormalise(f *testing.F) {
	for _, text := range []string{
		"SELECT 'a", "INSERT INTO t VALUES (1),(", "))((", "\x00\xff'\"`", "select `a", "/* ", "-- ", "$$ a $$", "$1 @a @@b", "a.b. . c", "x'", "…",
		"INSERT INTO t VALUES (f(1), 2), (f(…", "0x 0b 1e+ .5 -.", "\U0001F600`\xe2\x80", "= ? => ??", "a..b ... ....",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		form := normalForm(text)
		if form == "unreadable statement" {
			t.Fatalf("%q makes the lexer panic", text)
		}
		if len(form) > 4*digestLimit || (utf8.ValidString(text) && !utf8.ValidString(form)) {
			t.Errorf("%q becomes %q", text, form)
		}
		if again := normalForm(text); again != form {
			t.Errorf("%q is %q, then %q", text, form, again)
		}
		StatementTables(text)
	})
}

func BenchmarkNormalise(b *testing.B) {
	text := "SELECT p.id, p.name, p.price, s.quantity FROM products p JOIN stock s ON s.product_id = p.id WHERE p.category_id = 4711 ORDER BY p.rank LIMIT 50"
	b.Run("new", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			normalForm(text)
		}
	})
	b.Run("seen", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Normalise(text)
		}
	})
	long := strings.Repeat(text+" UNION ALL ", 10_000)
	b.Run("megabyte", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			normalForm(long)
		}
	})
}

// The digest texts are those of MariaDB 10.11 for the statements beside them.
func TestADigestTextIsTheStatementWhateverTheServerMakesOfItsWords(t *testing.T) {
	for statement, digest := range map[string]string{
		"SELECT DISTINCT c FROM sbtest1 WHERE id <> 1 AND id != 2": "SELECT DISTINCTROW `c` FROM `sbtest1` WHERE ID != ? AND ID != ?",
		"SELECT c FROM t WHERE id REGEXP 'a' OR c RLIKE 'b'":       "SELECT `c` FROM `t` WHERE ID RLIKE ? OR `c` RLIKE ?",
		"SELECT current_timestamp(), now(), user(), std(k) FROM t": "SELECT NOW ( ) , NOW ( ) , SYSTEM_USER ( ) , STDDEV_POP ( `k` ) FROM `t`",
		"SELECT substr(c, 1), mid(c, 1, 2), mid FROM t":            "SELECT SUBSTRING ( `c` , ? ) , SUBSTRING ( `c` , ?, ... ) , `mid` FROM `t`",
		"SELECT CAST(k AS CHAR), CAST(k AS INT) FROM t":            "SELECT CAST ( `k` AS CHARACTER ) , CAST ( `k` AS INTEGER ) FROM `t`",
		"SELECT c FROM t WHERE id = ANY (SELECT 1)":                "SELECT `c` FROM `t` WHERE ID = SOME ( SELECT ? )",
		"SHOW DATABASES":                                               "SHOW SCHEMAS",
		"SELECT 1 UNION DISTINCT SELECT 2":                             "SELECT ? UNION DISTINCTROW SELECT ?",
		"SELECT DISTINCT c FROM sbtest1 WHERE id BETWEEN ? AND ?":      "SELECT DISTINCTROW `c` FROM `sbtest1` WHERE ID BETWEEN ? AND ?",
		"UPDATE t SET `schema` = 1, `integer` = 2 WHERE `rlike` = 'x'": "UPDATE `t` SET `schema` = ? , `integer` = ? WHERE `rlike` = ?",
	} {
		if a, b := Normalise(statement), Normalise(digest); a != b {
			t.Errorf("%s\nas a statement: %s\nas a digest:    %s", statement, a, b)
		}
	}
	if got := Normalise("SELECT mid, user FROM t"); got != "select mid, user from t" {
		t.Errorf("names are not functions: %s", got)
	}
}
