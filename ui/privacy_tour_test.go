package ui

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

// gossiper is an Inspector whose every text is marked.
type gossiper struct{ *speaker }

func (r gossiper) Inspect(_ context.Context, _ string, _ *model.Server, p model.Process) (*model.Inspection, error) {
	if r.IntN(8) == 0 {
		return nil, fmt.Errorf("Access denied for user 'mon%s'@'10.%s'", r.marker(), r.marker())
	}
	denied := func() model.Part {
		return model.Part{Error: r.of("", "Access denied for user 'mon#'@'10.#'"), Note: "this server lists only locks that others wait for"}
	}
	i := &model.Inspection{At: noon, Thread: p.ID, Process: p}
	if p.Query != "" {
		text := p.Query + "\n" + r.statement()
		i.Text = model.StatementText{Text: text, Bytes: int64(len(text)), Cut: r.IntN(2) == 0}
	}
	i.Trx = model.InspectedTrx{Open: true, State: "LOCK WAIT", Age: time.Minute, Isolation: "REPEATABLE READ", Requested: r.marker()}
	i.Locks = model.InspectedLocks{Part: denied(), Rows: []model.InspectedLock{
		{Object: "shop.orders PRIMARY", Type: "RECORD", Mode: "X", Data: r.of("#", "#, 'red #'", "0x#, '#'")},
		{Object: "shop.stock PRIMARY", Type: "RECORD", Mode: "X", Data: r.of("'#'"), Waiting: true},
	}}
	i.Metadata = model.InspectedLocks{Part: denied(), Rows: []model.InspectedLock{{Object: r.of("GET_LOCK('#')"), Type: "User lock", Mode: "EXCLUSIVE"}}}
	i.Attributes = model.InspectedAttributes{Rows: []model.Attribute{
		{Name: "program_name", Value: "import-" + r.marker()},
		{Name: "_client_name", Value: "libmariadb"},
		{Name: "_pid", Value: r.marker()},
		{Name: "_server_host", Value: "db." + r.marker()},
		{Name: "customer", Value: r.marker()},
	}}
	i.History.Part = denied()
	for range 5 {
		i.History.Rows = append(i.History.Rows, model.InspectedStatement{Text: r.statement(), Errno: model.N(1062)})
	}
	i.Settle()
	return i, nil
}

func (r gossiper) Explain(_ context.Context, _ string, _ *model.Server, p model.Process, json bool) (*model.Explanation, error) {
	switch r.IntN(8) {
	case 0:
		return nil, fmt.Errorf("Access denied for user 'mon%s'@'10.%s'", r.marker(), r.marker())
	case 1:
		return &model.Explanation{Statement: p.Query, Refused: "the thread has ended; as for its text: " + serverSays + r.of("Unknown column '#' in 'WHERE'", "near '#' at line #")}, nil
	}
	x := &model.Explanation{At: noon, Statement: p.Query, Source: "of the running statement", Live: true}
	if json {
		condition := "o.a = " + r.literal() + " and o.b in (" + r.literal() + ",'" + r.marker() + "')"
		if r.IntN(2) == 0 { // MySQL escapes, MariaDB does not always
			condition = strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(condition)
		}
		x.JSON = "{\n  \"query_block\": {\n    \"cost_info\": {\n      \"query_cost\": \"55.10\"\n    },\n    \"table\": {\n      \"table_name\": \"o\",\n" +
			"      \"possible_keys\": [\"created\", \"PRIMARY\"],\n      \"key_length\": \"258\",\n      \"rows\": 4812331,\n      \"filtered\": 11.25,\n" +
			"      \"attached_condition\": \"" + condition + "\",\n" + r.of("      \"note\": \"a\n#\n'#'\"\n", "") + "    }\n  }\n}"
		return x, nil
	}
	x.Columns = []string{"id", "select_type", "table", "type", "possible_keys", "key", "key_len", "ref", "rows", "Extra"}
	x.Rows = [][]string{
		{"1", "PRIMARY", "o", "ALL", "created", "", "258", "", "4812331", "Using where with pushed condition (o.a = " + r.literal() + ")"},
		{"1", "PRIMARY", "c", "eq_ref", "PRIMARY", "PRIMARY", "8", "shop.o.id", "1", "Using index"},
	}
	return x, nil
}

// talker runs plans and quotes accounts and statements in what it tells of them.
type talker struct{ *speaker }

func (talker) Observe(*model.Snapshot) {}

func (talker) Hosts() *actions.Hosts { return &actions.Hosts{} }

func (talker) Order(context.Context, string, bool) (actions.HostOrder, error) {
	return actions.HostOrder{}, nil
}

func (talker) Watch(*actions.Plan, *actions.Watch) watchLog { return fakeWatchLog{&fakeRunner{}} }

func (r talker) Start(_ context.Context, p *actions.Plan) job {
	j := &fakeJob{news: make(chan actions.Progress, len(p.Steps)+1)}
	for i := range p.Steps {
		j.news <- actions.Progress{Step: i, Stage: actions.Wrong, Text: r.of("Access denied for user 'mon#'@'10.#'") + ": " + p.Steps[i].About}
	}
	j.news <- actions.Progress{Step: -1, Stage: actions.Wrong, Text: r.of("1 failed: Access denied for user 'mon#'@'10.#'")}
	close(j.news)
	return j
}

// tourist goes through the console with privacy on and reads every frame.
type tourist struct {
	t      *testing.T
	r      *speaker
	w      *world
	s      *shell
	been   []string
	frames strings.Builder
	copied string
}

func visit(t *testing.T, r *speaker, w *world, opt Options, pane string, width, height int) *tourist {
	t.Helper()
	opt.Inspector, opt.runner = gossiper{r}, talker{r}
	v := &tourist{t: t, r: r, w: w, s: still(t, w, opt, 20), been: []string{pane}}
	v.s.Update(tea.WindowSizeMsg{Width: width, Height: height})
	for i, name := range v.s.names {
		if name == pane {
			v.s.show(i)
		}
	}
	v.s.draw()
	v.look()
	return v
}

// look expects no marker on the frame.
func (v *tourist) look() {
	v.t.Helper()
	if v.s.err != nil {
		v.t.Fatalf("%v: %v\n%s", v.been, v.s.err, v.s.stack)
	}
	v.frames.WriteString(ansi.Strip(v.s.content))
	if m := reveals(v.s.content, v.r.markers); m != "" && v.s.privacy {
		v.t.Fatalf("%v shows %s:\n%s", v.been, m, ansi.Strip(v.s.content))
	}
}

// press presses keys by name; other words are typed.
func (v *tourist) press(keys ...string) *tourist {
	v.t.Helper()
	for _, k := range keys {
		v.been = append(v.been, k)
		if _, named := tourKeys[k]; named {
			v.tell(tourKey(k))
			continue
		}
		for _, c := range k {
			v.tell(tourKey(string(c)))
		}
	}
	return v
}

func (v *tourist) tell(msg tea.Msg) {
	v.t.Helper()
	_, cmd := v.s.Update(msg)
	v.look()
	v.do(cmd)
}

// do lets commands run to their end.
func (v *tourist) do(cmd tea.Cmd) {
	v.t.Helper()
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case tea.BatchMsg:
		for _, c := range msg {
			v.do(c)
		}
	case nil:
	case inspectedMsg, explainedMsg, progressMsg, watchMsg:
		v.tell(msg)
	default:
		v.copied += fmt.Sprint(msg)
	}
}

// tick lets a second go by.
func (v *tourist) tick(n int) *tourist {
	v.t.Helper()
	for range n {
		v.been = append(v.been, "tick")
		v.do(v.s.take(v.w.next()))
		v.s.draw()
		v.look()
	}
	return v
}

// privately runs a tour on a big and on a small screen, with what several
// speakers say. It expects texts on some of the frames: the tours went where they
// were to go, and what is no secret stays readable.
func privately(t *testing.T, build func() *world, pane string, tour func(*tourist), shows ...string) {
	t.Helper()
	var frames strings.Builder
	for seed := range uint64(4) {
		for _, size := range [][2]int{{160, 50}, {80, 24}} {
			r := newSpeaker(100 + seed)
			v := visit(t, r, gossipIn(r, build()), Options{Privacy: true}, pane, size[0], size[1])
			tour(v)
			frames.WriteString(v.frames.String())
		}
	}
	for _, text := range shows {
		if !strings.Contains(frames.String(), text) {
			t.Errorf("no frame shows %s", text)
		}
	}
}

func five() *world { return cluster(3) }

func TestPrivacyHoldsInTheQueriesPaneGroupedFilteredAndScrolled(t *testing.T) {
	privately(t, five, "Queries", func(v *tourist) {
		for range groupings {
			v.press("b", "Down", "Enter", "Down")
		}
		v.press("b", "Esc", "Esc", "Esc")
		v.press("i", "t", "s", "S", "Right", "Right", "Right", "Right", "Right", "Right", "Right", "Right")
		v.press("/", "node:db1", "Enter", "Down", "b", "?", "Esc", ":", "Down", "Esc", "Esc", "Esc", "Esc", "Esc")
	}, "by user", "by host", "by digest", "kill ?", "Commands")
}

func TestPrivacyHoldsInTheTopQueriesAndTheirDetail(t *testing.T) {
	for _, build := range []func() *world{five, func() *world { return shopping("db1") }} {
		privately(t, build, "Top queries", func(v *tourist) {
			v.tick(8)
			for range 6 {
				v.press("Down", "Enter", "PgDn", "PgDn", "t", "Home", "Esc")
			}
			v.press("s", "/", "db1", "Enter", "Esc", "Esc")
		}, "Example", "Threads that run it now", "Sampled on")
	}
}

func TestPrivacyHoldsInTheLocksPane(t *testing.T) {
	for _, build := range lockScenes {
		privately(t, build, "Locks", func(v *tourist) {
			v.press("Down", "Down", "Down", "Enter", "PgDn", "PgDn", "Esc", "r", "s", "/", "node:db1", "Enter", "Esc", "Esc")
		}, "GET_LOCK(?)", "locks not visible: Access denied for user ?@?")
	}
}

func TestPrivacyHoldsInTheDetailOfAThreadAndItsPlans(t *testing.T) {
	privately(t, five, "Queries", func(v *tourist) {
		v.press("Down", "Enter", "PgDn", "PgDn", "PgDn", "Home")
		for range 3 {
			v.press("e", "PgDn", "PgDn", "PgDn", "Home")
		}
		v.tick(2).press("?", "Esc", "Esc", "Esc")
	},
		// What the server reckons is no literal of a client.
		"4812331", " 258 ", `"key_length": "258"`, `"query_cost": "55.10"`, `"filtered": 11.25`, `"created", "PRIMARY"`,
		"pushed condition (o.a =", `"attached_condition": "o.a = `, "key ?", "waits for", "hidden", "libmariadb", "the server says: ",
	)
}

func TestACopiedStatementIsAsPrivateAsTheScreen(t *testing.T) {
	open := 0
	for seed := range uint64(20) {
		r := newSpeaker(seed)
		v := visit(t, r, gossipIn(r, five()), Options{Privacy: true}, "Queries", 160, 50).press("Down", "Enter", "y")
		if m := reveals(v.copied, r.markers); m != "" || v.copied == "" {
			t.Errorf("seed %d: copied %q with %s", seed, v.copied, m)
		}
		v.copied = ""
		if v.press("P", "y"); reveals(v.copied, r.markers) != "" {
			open++
		}
	}
	if open == 0 {
		t.Error("without privacy no marker is copied either: nothing was tested")
	}
}

func TestPrivacyHoldsInTheDialogsAndRunsOfKills(t *testing.T) {
	privately(t, five, "Queries", func(v *tourist) {
		v.press("Down", "x", "Tab", "PgDn", "y", "PgDn", "Down", "Esc", "J", "Esc")
		v.press("Down", "X", "PgDn", "PgDn", "Esc", "Down", "X", "PgDn", "Esc")
		v.press("Space", "Space", "Space", "x", "Tab", "PgDn", "PgDn", "Esc", "X", "y", "PgDn", "Esc", "U")
		v.press("/", "node:db1", "Enter", "t", "Ctrl-X", "Tab", "PgDn", "y", "PgDn", "Esc", "Esc")
	}, "Run this?", "KILL QUERY ID 7", "KILL CONNECTION 1", " connections on db1", "INSERT for ", "Finished", "Access denied for user ?@?")
}

func TestPrivacyHoldsForStrangersWhoTakeOverTheIdsOfTheChosen(t *testing.T) {
	privately(t, five, "Queries", func(v *tourist) {
		v.w.with(func(tick uint64, n *model.Node) {
			if p := &n.Sample.Processes.Rows[1]; tick > 20 {
				p.User, p.Host, p.QueryID, p.Time = "usr"+v.r.marker(), v.r.of("app#.shop:4000"), model.N(99), time.Millisecond
			}
		})
		v.press("z") // the frame knows only who was there before
		v.s.kill(model.Threads(v.s.snap), actions.KillConnection)
		v.tick(1).press("Tab", "PgDn", "PgDn", "PgDn", "PgDn", "Esc", "z")
	}, "belongs to another session now: user-")
}

func TestPrivacyHoldsInTheScreensOfAWatchRule(t *testing.T) {
	privately(t, five, "Overview", func(v *tourist) {
		v.press("W", "Esc")
		r, err := actions.ParseWatchRule("kill query after 1 s where !user:" + v.r.marker())
		if err != nil {
			t.Fatal(err)
		}
		v.s.watch = &watching{Watch: actions.NewWatch(r)}
		v.tick(12).press("W", "PgDn", "a", "PgDn", "arm", "Enter").tick(3).press("PgDn", "Esc").tick(1).press("W", "d").tick(1)
	},
		actions.WatchExample, "WATCH preview", "it would have killed", "Arm the watch rule: kill query after 1 s where ...", "WATCH armed", "What it did",
		"Access denied for user ?@?")
}

func TestAFilterTypedBeforePrivacyIsNotShownWithIt(t *testing.T) {
	for _, pane := range []string{"Overview", "Queries", "Top queries", "Locks", "Events"} {
		r := newSpeaker(7)
		v := visit(t, r, gossipIn(r, lockChain()), Options{}, pane, 160, 50)
		m := r.marker()
		if v.press("/", m, "Enter"); reveals(v.s.content, r.markers) == "" {
			t.Errorf("%s shows no filter", pane)
		}
		if v.press("P"); !v.s.privacy {
			t.Fatal("privacy is not on")
		}
	}
}

func TestClientsWhoLeftBeforePrivacyWasOnAreKnownAllTheSame(t *testing.T) {
	r := newSpeaker(8)
	v := visit(t, r, gossipIn(r, five()), Options{}, "Queries", 160, 50)
	v.press("Down", "X", "y", "Esc")
	v.w.with(func(_ uint64, n *model.Node) { n.Sample.Processes.Rows = nil })
	v.tick(3).press("J")
	if reveals(v.s.content, r.markers) == "" {
		t.Fatalf("the run names no client:\n%s", ansi.Strip(v.s.content))
	}
	v.press("Esc", "P", "J").press("Esc")
}
