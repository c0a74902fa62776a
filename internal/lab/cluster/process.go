package cluster

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// A process is a server in a session of its own.
type process struct {
	cmd     *exec.Cmd
	session string        // the file that tells the reaper about the session
	done    chan struct{} // closed when the process has ended and its session is empty
	err     error         // how it ended; read after done
}

// launchScript names the session to the reaper before it becomes the server, so that there is no moment at which a
// killed owner leaves a server that the reaper does not know.
const launchScript = `echo >"$1/sessions/$$" || exit 1; shift; exec "$@"`

// launch starts a program; its output goes to the file out.
func launch(dir, out string, argv ...string) (*process, error) {
	f, err := os.OpenFile(out, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	//nolint:noctx // a server outlives the context that it was started in
	cmd := exec.Command("/bin/sh", append([]string{"-c", launchScript, "sh", dir}, argv...)...)
	cmd.Dir = dir
	cmd.Stdout, cmd.Stderr = f, f
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", argv[0], err)
	}
	p := &process{cmd: cmd, done: make(chan struct{})}
	p.session = filepath.Join(dir, "sessions", strconv.Itoa(cmd.Process.Pid))
	go p.wait()
	return p, nil
}

func (p *process) wait() {
	p.err = p.cmd.Wait()
	killSession(p.cmd.Process.Pid)
	_ = os.Remove(p.session)
	close(p.done)
}

func (p *process) running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

func (p *process) signal(s syscall.Signal) error {
	if !p.running() {
		return errors.New("not running")
	}
	return p.cmd.Process.Signal(s)
}

// killSession ends what a server left behind: state transfer scripts and the daemons that they started.
func killSession(sid int) {
	for range 200 {
		_ = syscall.Kill(-sid, syscall.SIGKILL)
		pids := sessionMembers(sid)
		if len(pids) == 0 {
			return
		}
		for _, pid := range pids {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		// A killed process is gone soon; there is nothing to wait on for a child that is not ours.
		time.Sleep(5 * time.Millisecond)
	}
}

// sessionMembers lists the processes of a session from /proc/PID/stat, see proc(5), without zombies.
func sessionMembers(sid int) []int {
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	var pids []int
	for _, name := range files {
		stat, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		// "pid (command) state ppid pgrp session ...": the command may hold spaces and brackets.
		f := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
		if len(f) < 4 || string(f[0]) == "Z" || string(f[3]) != strconv.Itoa(sid) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name))); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}
