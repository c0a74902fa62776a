package model

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// session is a thread with something in every column.
func session() *Thread {
	n := &Node{ID: "a", Name: "db2", Sample: &Sample{}}
	n.Sample.Slow.Transactions = &Transactions{}
	n.Sample.Slow.Locks = &Locks{}
	return &Thread{
		Node: n,
		Process: &Process{
			ID: 42, User: "shop_app", Host: "10.0.3.7:51234", DB: "shop", Command: "Query", Time: 90 * time.Second,
			State: "Sending data", Query: "SELECT * FROM Orders WHERE name = 'two words'", Examined: N(1_000_001), Memory: N(64 << 20),
		},
		Trx:    &Transaction{Age: 31 * time.Second, Modified: 1000, Locked: 7},
		Wait:   &LockWait{Blocker: 17},
		Blocks: 2,
	}
}

func TestAFilterSelectsByEveryColumn(t *testing.T) {
	thread := session()
	for text, want := range map[string]bool{
		"": true, "  ": true, "orders": true, "Orders": true, "ORDERS": false, "!orders": false, "!nothing": true,
		"user:app": true, "user:APP": false, "user:^app": false, "user=shop_app": true, "user=app": false, "user!=app": true,
		"!user=app": true, "db:shop": true, "host:10.0": true, "node:db2": true, "node:db[13]": false, "state:data": true,
		"command:sleep": false, "query:orders": true, "USER:app": true, `query:\Sorders`: false, `query:\sorders`: true,
		"time>5": true, "time>=1m30s": true, "time>1m30s": false, "time<2m": true, "time<=90": true, "time=1.5m": true, "time<1d": true,
		"trx>30": true, "trx>31": false, "rows>999": true, "rows>1k": false, "rows>=1e3": true, "locked=7": true, "locked:7": true,
		"examined>1e6": true, "examined>1M": true, "examined>2M": false, "memory>=64M": true, "memory>64M": false, "memory>=64MB": true,
		"blocks>0": true, "blocker=17": true, "id=42": true, "id!=42": false, "!id=42": false,
		"user:app time>5 node:db2": true, "user:app time>5 node:db1": false,
		`"two words"`: true, `"words two"`: false, `query:"two words"`: true, `query:"name = 'two"`: true, `!query:"two words"`: false,
		"db2.*sending": true, `"user:app"`: false, `db=""`: false, `wsrep=""`: true,
		// What is not known is neither.
		"sent>0": false, "!sent>0": false, "sent<=0": false,
	} {
		f, err := ParseTerms(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := f.Match(thread); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func TestAThreadWithoutATransactionChangedNoRowsOnlyWhenThatIsKnown(t *testing.T) {
	thread := session()
	thread.Trx = nil
	young, err := ParseTerms("!trx>30 rows<1")
	if err != nil {
		t.Fatal(err)
	}
	if !young.Match(thread) {
		t.Error("the complete list has no transaction of it")
	}
	thread.Node.Sample.Slow.Transactions.Left = 1
	if young.Match(thread) {
		t.Error("the list left some out")
	}
	thread.Node.Sample.Slow.Transactions = nil
	if young.Match(thread) {
		t.Error("there is no list")
	}
}

func TestALensHidesWhatAFilterCouldGuess(t *testing.T) {
	lens := &Lens{Query: func(string) string { return "SELECT ?" }, User: func(string) string { return "user-1" }}
	for text, want := range map[string]bool{"two": false, `query:two`: false, "shop_app": false, "user=user-1": true, "select": true} {
		f, err := ParseTerms(text)
		if err != nil {
			t.Fatal(err)
		}
		if f.MatchSeen(session(), lens) != want {
			t.Errorf("%s: not %v", text, want)
		}
	}
}

func TestAFilterThatIsWrongSaysWhatAndWhere(t *testing.T) {
	for text, want := range map[string]string{
		"user:shop time>abc": `column 16: time wants a duration such as 5, 90s or 2m; got "abc"`,
		"time>":              "column 6: time wants a duration such as 5, 90s or 2m",
		"rows>-1":            `column 6: rows wants a number such as 5, 2k or 1e6; got "-1"`,
		"rows>nan":           `column 6: rows wants a number such as 5, 2k or 1e6; got "nan"`,
		"memory>1X":          `column 8: memory wants a size such as 4096, 64K or 1.5G; got "1X"`,
		"größe usr:x":        `column 7: there is no column "usr"; did you mean user?; put the word in double quotes to search for it`,
		"user>a":             "column 5: user is text and cannot be compared by >; use : for a part of it, = for all of it",
		"a(":                 "column 1: not a regular expression: missing closing )",
		"user:a db:[":        "column 11: not a regular expression: missing closing ]",
		`user:"a`:            "column 6: the quote is not closed",
		`user:"a"b`:          `column 9: a blank belongs behind the closing quote; a quote in the text is written ""`,
		"user:":              "column 6: user wants a regular expression, such as user:app",
		"user=":              `column 6: user wants a text, such as user=app, or "" for none`,
		"user:a !":           "column 8: ! inverts the condition behind it; there is none",
	} {
		_, err := ParseTerms(text)
		if err == nil || err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", text, err, want)
		}
		if bad := (*TermError)(nil); err != nil && !errors.As(err, &bad) {
			t.Errorf("%s: %T", text, err)
		}
	}
	if _, err := ParseTerms("customer_number=4"); err == nil || !strings.Contains(err.Error(), "valid here: node, id, user") {
		t.Errorf("got %v", err)
	}
}

func TestPlainWordsFindWhatExpressionsFind(t *testing.T) {
	texts := []string{"", "Orders", "xORDERSx", "order", "ORDER s", "a_b-c=d@e 12", "aab", "größe", "\xff\x00ORDERS"}
	for _, word := range []string{"orders", "order s", "b-c=d@e 12", "ab", "e", "12"} {
		c := term{text: word}
		if err := (&termReader{text: word}).expression(&c, 0); err != nil || c.plain == "" {
			t.Fatalf("%s: %+v, %v", word, c, err)
		}
		for _, text := range texts {
			if c.finds(text) != c.re.MatchString(text) {
				t.Errorf("%q in %q: %v", word, text, c.finds(text))
			}
		}
	}
}

func FuzzAFilterIsReadBackAsItWasWritten(f *testing.F) {
	for _, text := range []string{
		"user:app time>5", `!query:"a ""b"" c" x`, "!!x", `"!x"`, `"user:x"`, `user=""`, `""`, "rows>=1e6 !memory<64M", `a"b`, "id:7", "user!=x",
	} {
		f.Add(text)
	}
	thread := session()
	f.Fuzz(func(t *testing.T, text string) {
		a, err := ParseTerms(text)
		if err != nil {
			return
		}
		b, err := ParseTerms(a.String())
		if err != nil {
			t.Fatalf("%q became %q: %v", text, a, err)
		}
		if a.String() != b.String() || len(a.terms) != len(b.terms) {
			t.Fatalf("%q became %q, then %q", text, a, b)
		}
		for i := range a.terms {
			x, y := &a.terms[i], &b.terms[i]
			if x.invert != y.invert || x.column != y.column || x.op != y.op || x.text != y.text || x.value != y.value {
				t.Fatalf("%q: condition %d became %+v, then %+v", text, i, x, y)
			}
		}
		if a.Match(thread) != b.Match(thread) {
			t.Fatalf("%q and %q select differently", a, b)
		}
	})
}

func TestStatesOfServersAreToldInWords(t *testing.T) {
	for _, c := range []struct {
		state  string
		user   string
		paused bool
		want   string
	}{
		{state: "Waiting for certification", user: "app", want: "certifying"},
		{state: "Waiting for certification", user: "app", paused: true, want: "held by flow control"},
		{state: "Waiting for TOI DDL", user: "app", want: "waits for a TOI statement"},
		{state: "Waiting to execute in isolation", user: "app", want: "waits for its turn in TOI"},
		{state: "Waiting to execute in isolation", user: SystemUser, want: "waits for a client's lock"},
		{state: "Commit", user: "app", want: "committing"},
		{state: "Commit slow", user: "app"},
		{state: "wsrep: replicating and certifying write set(-1)", user: "app", want: "certifying"},
		{state: "wsrep: initiating replication for write set (-1)", user: "app", want: "sending write-set"},
		{state: "wsrep: initiating replication for write set (-1)", user: "app", paused: true, want: "held by flow control"},
		{state: "waiting for handler commit", user: "app", want: "committing"},
		{state: "wsrep applier committed", user: SystemUser, want: "applied"},
		{state: "wsrep applier idle", user: SystemUser, want: "waits for work"},
		{state: "wsrep aborter idle", user: SystemUser, want: "waits for work"},
		{state: "wsrep: committed write set (12)", user: SystemUser, want: "applied"},
		{state: "wsrep: applying write-set (12)", user: SystemUser, want: "applying"},
		{state: "Update_rows_log_event::ha_update_row(12)", user: SystemUser, want: "applying"},
		{state: "Update_rows_log_event::ha_update_row(12)", user: "app"},
		{state: "Sending data", user: "app"},
		{state: "", user: "app"},
	} {
		n := &Node{Sample: &Sample{}}
		if c.paused {
			n.Sample.Status.FCActive = On
		}
		thread := Thread{Node: n, Process: &Process{User: c.user, Host: "h", State: c.state}}
		if got := thread.Phase().String(); got != c.want {
			t.Errorf("%q of %s: %q, not %q", c.state, c.user, got, c.want)
		}
	}
}
