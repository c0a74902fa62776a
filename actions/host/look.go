package host

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/galeratop/galeratop/model"
)

// Facts are what is known of a node before its host is asked, from the last time
// when its server answered. Empty fields are not known.
type Facts struct {
	Flavour      model.Flavour
	DataDir      string // @@datadir
	LogError     string // @@log_error; as the server says it, relative to DataDir
	DefaultsFile string // where the server reads its options instead of the usual files
	User         string // the operating system's user who runs the server; mysql if ""
}

// State is what can be seen of a node on its host, whether its server runs or not.
type State struct {
	Host    string        `json:"host"`
	Took    time.Duration `json:"took_ns"`
	Options Part[Options] `json:"options"`
	DataDir Part[DataDir] `json:"data_dir"`

	Server      Part[Server]       `json:"server"`      // the one on this data directory
	Arbitrators Part[[]Arbitrator] `json:"arbitrators"` // garbd processes on this host, of whichever cluster

	Grastate  Part[*Grastate] `json:"grastate"`  // nil: there is no such file, which counts as safe to bootstrap
	Gvwstate  Part[*Gvwstate] `json:"gvwstate"`  // nil: there is no such file, as after a graceful stop
	Leftovers Part[[]string]  `json:"leftovers"` // what a state transfer leaves behind if it dies

	Disk Part[Disk] `json:"disk"` // of the data
	Data Part[Data] `json:"data"` // as something to copy or to change
	Log  Part[Log]  `json:"log"`
	// Founds is why the next ordinary start would found a cluster of its own; "" if
	// nothing says so.
	Founds Part[string] `json:"founds"`
}

// DataDir is the server's data directory.
type DataDir struct {
	Path string `json:"path"`
	From string `json:"from"` // how it is known
}

// Log is the end of the error log.
type Log struct {
	Source string   `json:"source"` // a path, or the journal of a unit
	Lines  []string `json:"lines"`  // printable, the newest last
}

// Look reads everything on a node's host. It changes nothing there, and touches
// neither the server's data nor its locks. What cannot be read is unknown for the
// reason it gives; the error is for a host that cannot be asked at all, all parts
// being unknown then.
func Look(ctx context.Context, w Way, name string, facts Facts) (*State, error) {
	begin := time.Now()
	r := reader{ctx: ctx, way: w, host: name, facts: facts}
	s := &State{Host: name, Options: r.options()}
	s.DataDir = r.dataDir(s.Options)
	// Side by side, since most of the time goes into logging in; few enough for
	// sshd, which turns away more than ten that log in at once.
	var all sync.WaitGroup
	for _, part := range []func(){
		func() { s.Server, s.Arbitrators = r.processes(s.DataDir) },
		func() { r.files(s) },
		func() { s.Disk, s.Data = r.disk(s.DataDir), r.data(s.DataDir) },
		func() { s.Log = r.log(s.Options, s.DataDir) },
		func() { s.Founds = r.founds(s.Options) },
	} {
		all.Go(part)
	}
	all.Wait()
	s.Took = time.Since(begin)
	return s, r.gone()
}

// reader asks one host.
type reader struct {
	ctx   context.Context //nolint:containedctx // it lives as long as one Look
	way   Way
	host  string
	facts Facts

	mutex sync.Mutex
	dead  error // why the host is not asked any more
}

func (r *reader) gone() error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.dead
}

func (r *reader) give(up error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.dead = cmp.Or(r.dead, up)
}

// run gives a command's output as text. Once the host cannot be reached, nothing
// more is tried.
func (r *reader) run(argv ...string) (string, error) {
	if err := r.gone(); err != nil {
		return "", err
	}
	out, err := r.way.Run(r.ctx, r.host, Command{Argv: argv})
	switch kind := kindOf(err); {
	case err == nil && out.Cut:
		return "", &Error{Host: r.host, Kind: Failed, Command: Line(argv), Text: "it printed too much"}
	case err == nil:
		return string(out.Stdout), nil
	case kind == NoWay, kind == Reach, kind == Asleep, kind == "", kind == BadName && !r.way.Names(), kind == BadName && badName(r.host) != "",
		kind == Missing && r.noPrefix(err):
		r.give(err)
	}
	return "", err
}

// noPrefix reports whether it is the way's own program that does not exist.
func (r *reader) noPrefix(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && len(r.way.Prefix) > 0 && e.Command == r.way.Prefix[0]
}

// options reads the option files through the first reader that exists.
func (r *reader) options() Part[Options] {
	readers := optionReaders[r.facts.Flavour]
	if readers == nil {
		return unknown[Options]("which server it is, is not known")
	}
	var last error
	for _, argv := range readers {
		argv = withDefaults(argv, r.facts.DefaultsFile)
		text, err := r.run(argv...)
		if err == nil {
			return known(Options{Values: ParseOptions(text), Source: Line(argv)})
		}
		if last = err; kindOf(err) != Missing {
			break
		}
	}
	return because[Options](last)
}

// usualDir is where all packages have the data unless an option says otherwise.
const usualDir = "/var/lib/mysql"

// dataDir believes the server and the option files if they agree, or the one that
// is known.
func (r *reader) dataDir(options Part[Options]) Part[DataDir] {
	said, written := cleanPath(r.facts.DataDir), cleanPath(options.Value.Values["datadir"])
	switch {
	case said != "" && written != "" && said != written:
		return unknown[DataDir]("the server last said " + said + ", its option files say " + written)
	case said != "":
		return known(DataDir{said, "the server said so"})
	case written != "":
		return known(DataDir{written, "option files"})
	case options.Known():
		return known(DataDir{usualDir, "no option says otherwise"})
	}
	return unknown[DataDir]("the server never said where, and its option files cannot be read: " + options.Unknown)
}

// disk asks for the space of the file system under the data.
func (r *reader) disk(dir Part[DataDir]) Part[Disk] {
	if !dir.Known() {
		return unknown[Disk](dir.Unknown)
	}
	text, err := r.run("df", "-Pk", dir.Value.Path)
	if err != nil {
		return because[Disk](err)
	}
	d, err := ParseDF(text)
	if err != nil {
		return because[Disk](err)
	}
	return known(d)
}
