package actions

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/model"
)

// fileRows change files of a stopped server, or read its position from them.
var fileRows = []*hostRow{
	{
		id: RecoverPosition, name: "Recover position", title: "Recover the position of {node}",
		about: "asks InnoDB where the node stands: starts the server for a moment in a mode that only prints it", level: LevelYes,
		checks:  []hostCheck{serverStopped, noTransferRuns},
		tasks:   []task{recoverTask},
		effects: func(*hostCase) []string { return []string{"InnoDB replays its log; no data is changed"} },
		verify:  "the position is printed",
	},
	{
		id: MarkSafe, name: "Mark safe to bootstrap", title: "Set safe_to_bootstrap of {node} to 1",
		about: "allows the next bootstrap to begin from this node", level: LevelCluster, everywhere: true,
		checks: slices.Concat(firstChecks, []hostCheck{dataKnown, notMarkedYet}),
		tasks:  []task{changing(markSafe, isMarked, "")},
		effects: func(c *hostCase) []string {
			return []string{"a bootstrap from " + c.node.Name + " is no longer refused"}
		},
		verify: "grastate.dat is read again",
		undo:   "set it back to 0 by hand",
	},
	{
		id: CopyData, name: "Keep a copy of the data", title: "Copy the data of {node}",
		about: "copies the data directory beside it, before an SST replaces what is in it", level: LevelNode,
		checks: copyChecks, tasks: []task{copyTask}, effects: copyEffects,
		verify: "owner, mode and size of the copy are compared with the original",
		undo:   "remove the copy by hand; nothing here does",
	},
	{
		id: ForceSST, name: "Force an SST", title: "Let {node} come back by SST",
		about: "sets grastate.dat aside and starts the server, so that a donor replaces all of its data", level: LevelCluster, everywhere: true,
		checks: forgetChecks, tasks: []task{forgetTask, startBlank}, effects: forgetEffects,
		verify: "grastate.dat is gone; then new samples are watched until the node is Synced in the Primary Component",
		undo:   "before the server is started: give grastate.dat its name back by hand",
	},
	{
		id: ForceSSTWithCopy, name: "Force an SST, keep a copy", title: "Copy the data of {node} and let it come back by SST",
		about: "copies the data directory, sets grastate.dat aside and starts the server", level: LevelCluster, everywhere: true,
		checks: slices.Concat(forgetChecks, copyChecks[len(stoppedChecks):]), tasks: []task{copyTask, forgetTask, startBlank},
		effects: func(c *hostCase) []string { return append(copyEffects(c), forgetEffects(c)...) },
		verify:  "the copy is compared with the original; then new samples are watched until the node is Synced in the Primary Component",
		undo:    "stop the server and put the copy back by hand",
	},
	{
		id: ClearLeftovers, name: "Clear leftovers", title: "Remove what a dead state transfer left on {node}",
		about: "removes files such as sst_in_progress, which make the next transfer fail", level: LevelNode,
		checks: slices.Concat(stoppedChecks, []hostCheck{leftSomething, nobodyServesIt}),
		tasks:  []task{changing(clearLeftovers, isClear, "")},
		effects: func(c *hostCase) []string {
			if slices.Contains(c.state().Leftovers.Value, "sst_in_progress") {
				return []string{"its data is still what an SST left half way: the next start has to bring a whole one"}
			}
			return []string{"its data is not touched"}
		},
		verify: "the data directory is listed again",
	},
}

// stoppedChecks are what every change of files wants.
var stoppedChecks = []hostCheck{serverStopped, noTransferRuns, dataKnown}

var (
	copyChecks   = slices.Concat(stoppedChecks, []hostCheck{nothingOutside, roomForCopy})
	blankChecks  = []hostCheck{serverStopped, noTransferRuns, foundsNothing, noLeftovers, somebodyToJoin, donorFree, roomForSST}
	forgetChecks = slices.Concat(stoppedChecks, []hostCheck{hasState, foundsNothing, noLeftovers, somebodyToJoin, donorFree, roomForSST})
)

// changing is a task that makes one change of files. It is short, and is not
// abandoned half way.
func changing(of func(*hostCase) host.Change, seen func(*hostCase) (Stage, string), about string) task {
	return task{
		about: about,
		lines: func(c *hostCase) ([]string, error) {
			if data := &c.state().Data; !data.Known() {
				return nil, &host.Error{Host: c.state().Host, Kind: host.BadName, Text: data.Unknown}
			}
			change := of(c)
			if len(change.Argv) == 0 {
				return nil, errNothing
			}
			return []string{change.Line()}, nil
		},
		run: func(ctx context.Context, w *hostWork) error {
			change := of(w.hostCase)
			w.ran = []string{change.Line()}
			return change.Apply(ctx, w.hosts.Way, w.host, w.facts, w.say)
		},
		seen: seen,
	}
}

// errNothing says that no file has to be changed.
var errNothing = errors.New("there is nothing to change on its host")

func markSafe(c *hostCase) host.Change { return c.state().Data.Value.MarkSafe() }

func clearLeftovers(c *hostCase) host.Change {
	return c.state().Data.Value.Clear(c.state().Leftovers.Value)
}

var copyTask = func() task {
	t := changing(func(c *hostCase) host.Change { return c.state().Data.Value.Copy(c.subject.stamp) }, isCopied, "keeps what an SST would replace")
	t.yields = true
	return t
}()

var forgetTask = func() task {
	t := changing(func(c *hostCase) host.Change { return c.state().Data.Value.ForgetState(c.subject.stamp) }, isForgotten,
		"without grastate.dat the server has no position and asks for an SST")
	t.checks = forgetChecks
	return t
}()

// startBlank starts a server that has no position any more.
var startBlank = func() task {
	t := startTask
	t.seen = joinedBlank
	t.checks, t.about = slices.Concat(blankChecks, []hostCheck{stateForgotten}), "receives all data from a donor"
	return t
}()

var recoverTask = task{
	lines: func(c *hostCase) ([]string, error) {
		lines := host.RecoverLines(c.facts())
		if len(lines) == 0 {
			return nil, &host.Error{Kind: host.NoWay, Text: "how to recover the position is not known for this server"}
		}
		return []string{strings.Join(lines, "; or where that does not exist: ")}, nil
	},
	run: func(ctx context.Context, w *hostWork) error {
		w.ran = host.RecoverLines(w.facts)[:1]
		p, err := host.Recover(ctx, w.hosts.Way, w.host, w.facts, w.say)
		if err != nil {
			return err
		}
		r := w.hosts.Look(ctx, w.node, w.run.runner.options.Clock)
		r.Recovered = &p
		w.subject.take(r)
		return nil
	},
	seen: func(c *hostCase) (Stage, string) {
		if why := c.unfinished(); why != "" {
			return Wrong, "its position is not known: " + why
		}
		p := c.mine().Recovered
		if p == nil {
			return Wrong, "its server was started meanwhile: the position counts no more"
		}
		return Done, "it stands at " + p.String()
	},
	yields: true,
}

// facts are what is known of the node's server, for its host.
func (c *hostCase) facts() host.Facts {
	_, facts := c.hosts.Of(c.node)
	facts.Flavour = c.mine().Flavour
	return facts
}

func dataKnown(c *hostCase) Check {
	const text = "its data directory is known, and files may be changed in it"
	data := &c.state().Data
	if !data.Known() {
		return unknown(text, data.Unknown)
	}
	return judged(true, text, data.Value.Dir+", "+data.Value.Owner)
}

func nothingOutside(c *hostCase) Check {
	const text = "all data is inside of the data directory"
	out := c.state().Data.Value.Outside
	if len(out) > 0 {
		return judged(false, text, out[0]+" leads out of it"+more(len(out)-1)+": a copy would lack that; copy it by hand")
	}
	for _, name := range []string{"innodb_data_home_dir", "innodb_log_group_home_dir", "innodb_undo_directory"} {
		if dir := c.state().Options.Value.Values[name]; dir != "" && path.IsAbs(dir) && path.Clean(dir) != c.state().DataDir.Value.Path {
			return judged(false, text, name+" is "+dir+": a copy would lack that; copy it by hand")
		}
	}
	return judged(true, text, "no link leads out of it")
}

// extent is what a node's data takes at most, as its host tells.
func extent(r *Reading) (bytes int64, known bool) {
	switch {
	case r == nil || r.State == nil:
		return 0, false
	case r.State.Data.Known() && r.State.Data.Value.Size >= 0:
		return r.State.Data.Value.Size, true
	case r.State.Disk.Known():
		return r.State.Disk.Value.Size - r.State.Disk.Value.Free, true
	}
	return 0, false
}

// spare is what is kept free on a disk besides what is written to it: a twentieth,
// and 64 MiB.
func spare(bytes int64) int64 { return bytes + bytes/20 + 64<<20 }

func roomForCopy(c *hostCase) Check {
	const text = "the disk has room for a copy"
	bytes, known := extent(c.mine())
	data := &c.state().Data
	if !known || !data.Known() {
		return unknown(text, "how much the data takes is not known: "+data.Unknown)
	}
	free := data.Value.Beside.Free
	return judged(free >= spare(bytes), text, fmt.Sprintf("%s are free in %s, the data takes %s", model.ByteWords(free), data.Value.Parent(), model.ByteWords(bytes)))
}

func copyEffects(c *hostCase) []string {
	bytes, _ := extent(c.mine())
	return []string{fmt.Sprintf("%s are copied to %s, which stays until somebody removes it", model.ByteWords(bytes), c.state().Data.Value.CopyTo(c.subject.stamp))}
}

func isCopied(c *hostCase) (Stage, string) {
	to := c.state().Data.Value.CopyTo(c.subject.stamp)
	if why := c.unfinished(); why != "" {
		return Wrong, why + "; a part of a copy may be in " + to + ": remove it by hand"
	}
	return Done, "copied to " + to
}

// roomForSST wants that the data of a donor fits in the place of the node's own.
func roomForSST(c *hostCase) Check {
	const text = "the disk has room for the data of a donor"
	disk := &c.state().Disk
	if !disk.Known() {
		return unknown(text, disk.Unknown)
	}
	own, _ := extent(c.mine())
	room := disk.Value.Free + own
	for _, n := range c.others((*model.Node).Synced) {
		if bytes, known := extent(c.subject.reading(n.ID)); known {
			return judged(room >= spare(bytes), text, fmt.Sprintf("%s can be used, the data of %s takes %s at most", model.ByteWords(room), n.Name, model.ByteWords(bytes)))
		}
	}
	out := unknown(text, model.ByteWords(room)+" can be used; how much the data of a donor takes is not known")
	out.Waivers = []Waiver{{Risk: "if it is not, the SST breaks off and leaves the node without any data", Words: "the disk is large enough"}}
	return out
}

func hasState(c *hostCase) Check {
	const text = "it has a grastate.dat"
	state := &c.state().Grastate
	switch {
	case !state.Known():
		return unknown(text, state.Unknown)
	case state.Value == nil:
		return judged(false, text, "it has none: an ordinary start gets an SST")
	}
	return judged(true, text, grastateWords(c.state()))
}

func stateForgotten(c *hostCase) Check {
	state := &c.state().Grastate
	return judged(state.Known() && state.Value == nil, "its grastate.dat is gone", orNone(grastateWords(c.state())))
}

func isForgotten(c *hostCase) (Stage, string) {
	switch state := &c.state().Grastate; {
	case !state.Known():
		return Verifying, "grastate.dat cannot be looked up: " + state.Unknown
	case state.Value != nil:
		return Wrong, "grastate.dat is still there: " + orWord(c.unfinished(), "it was not renamed")
	}
	return Done, "grastate.dat is set aside"
}

// forgetEffects say which data is lost.
func forgetEffects(c *hostCase) []string {
	out := []string{"ALL data of " + c.node.Name + " is replaced by a copy of a donor's"}
	head, at := c.head(), c.mine().Position()
	switch {
	case wasApart(c) || c.given() || c.wasBeside():
		out = append(out, "whatever was written on its side of the split brain is lost, unless a copy is kept")
	case head == nil:
	case !at.History():
		out = append(out, "its position is not known: what only it has is lost, unless a copy is kept")
	case at.UUID != head.Status().ClusterStateUUID:
		out = append(out, "its data is of another history, "+at.UUID+": all of it is lost, unless a copy is kept")
	case !at.Exact():
		out = append(out, "its position is not known before it is recovered: what only it has is lost, unless a copy is kept")
	case at.Seqno > head.Status().LastCommitted.V:
		out = append(out, fmt.Sprintf("it is ahead by %d write-sets: those are lost, unless a copy is kept", at.Seqno-head.Status().LastCommitted.V))
	default:
		out = append(out, "by its position it has nothing that the group lacks; rows that differ at the same position are lost")
	}
	return append(out, "a donor serves it meanwhile, and falls behind or takes no writes, by the SST method")
}

// clearable are the leftovers that are removed: all but the directory that the next
// transfer removes by itself.
func clearable(c *hostCase) []string {
	change := clearLeftovers(c)
	return change.Files()
}

func leftSomething(c *hostCase) Check {
	const text = "something is left over from a state transfer"
	left := &c.state().Leftovers
	if !left.Known() {
		return unknown(text, left.Unknown)
	}
	names := clearable(c)
	return judged(len(names) > 0, text, orWord(listed(names), "there is nothing to remove"))
}

// nobodyServesIt wants that no donor takes the node for a joiner.
func nobodyServesIt(c *hostCase) Check {
	text := "no donor serves " + c.node.Name + " now"
	for i := range c.Transfers {
		if t := &c.Transfers[i]; t.JoinerID == c.node.ID && t.DonorID != "" {
			return judged(false, text, t.Donor+" does")
		}
	}
	return judged(true, text, "no node that answers does")
}

func isClear(c *hostCase) (Stage, string) {
	left := &c.state().Leftovers
	switch names := clearable(c); {
	case !left.Known():
		return Verifying, "the data directory cannot be listed: " + left.Unknown
	case len(names) > 0:
		return Wrong, listed(names) + " " + agree(len(names), "is", "are") + " still there: " + orWord(c.unfinished(), "the command said nothing")
	}
	return Done, "nothing is left over any more"
}

func notMarkedYet(c *hostCase) Check {
	g := c.state().Grastate.Value
	return judged(g != nil && !g.SafeToBootstrap, "its safe_to_bootstrap is 0", orWord(grastateWords(c.state()), "it has no grastate.dat"))
}

func isMarked(c *hostCase) (Stage, string) {
	was, now := c.subject.chosen.State.Grastate.Value, &c.state().Grastate
	switch {
	case !now.Known():
		return Verifying, "grastate.dat cannot be read: " + now.Unknown
	case now.Value == nil || was == nil || now.Value.Position != was.Position:
		return Wrong, "grastate.dat is not what it was: " + orNone(grastateWords(c.state()))
	case !now.Value.SafeToBootstrap:
		return Wrong, "safe_to_bootstrap is still 0: " + orWord(c.unfinished(), "the command said nothing")
	}
	return Done, "safe_to_bootstrap is 1"
}
