package cluster

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
)

// reaperScript waits for the end of its input, then kills every session named in $dir/sessions and removes $dir.
//
// It looks for sessions rather than for processes or groups because state transfer scripts and their rsync daemons
// outlive a killed server, and /proc/PID/stat because it is readable whatever user the servers run as. It repeats
// until nothing is found: a script may be forking meanwhile. Zombies are not counted; someone else reaps them.
const reaperScript = `
trap '' HUP INT TERM
dir=$1
while read -r line; do :; done
pass=0
while [ $pass -lt 200 ]; do
	pass=$((pass + 1))
	found=
	for file in "$dir"/sessions/*; do
		[ -e "$file" ] || continue
		sid=${file##*/}
		kill -s KILL -- "-$sid" 2>/dev/null
		for stat in /proc/[0-9]*/stat; do
			{ read -r line <"$stat"; } 2>/dev/null || continue
			set -- ${line##*) }
			[ "$4" = "$sid" ] && [ "$1" != Z ] || continue
			found=1
			pid=${stat#/proc/}
			kill -s KILL "${pid%/stat}" 2>/dev/null
		done
	done
	[ -n "$found" ] || break
	sleep 0.05
done
rm -rf "$dir"
`

// A reaper removes a cluster when its owner ends.
type reaper struct {
	cmd  *exec.Cmd
	pipe io.WriteCloser
	once sync.Once
	err  error
}

// startReaper starts it for dir, handing it the marker that holds the addresses.
func startReaper(dir string, marker *os.File) (*reaper, error) {
	if err := os.Mkdir(filepath.Join(dir, "sessions"), 0o755); err != nil {
		return nil, err
	}
	//nolint:noctx // it must outlive every context of its owner
	cmd := exec.Command("/bin/sh", "-c", reaperScript, "galera-lab-reaper", dir)
	cmd.Dir = "/"
	cmd.ExtraFiles = []*os.File{marker}
	// Its own session: Ctrl-C in the owner's terminal must not reach it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start the reaper: %w", err), pipe.Close())
	}
	return &reaper{cmd: cmd, pipe: pipe}, nil
}

// reap kills and removes everything, and waits until it is done.
func (r *reaper) reap() error {
	r.once.Do(func() {
		r.err = errors.Join(r.pipe.Close(), r.cmd.Wait())
	})
	return r.err
}
