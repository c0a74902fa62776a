package cluster

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// stopLimit is how long a process may take to stop, once it was told to.
const stopLimit = 10 * time.Second

// freeze stops the process and waits until all its threads have stopped. The signal alone returns before they have:
// on a busy machine they run on for a tenth of a second, in which a member still answers its group.
func (p *process) freeze() error {
	if err := p.signal(syscall.SIGSTOP); err != nil {
		return err
	}
	for limit := time.Now().Add(stopLimit); time.Now().Before(limit); time.Sleep(time.Millisecond) {
		if stopped, err := threadsStopped(p.cmd.Process.Pid); stopped || err != nil {
			return err
		}
	}
	return errors.New("it was told to stop and still runs")
}

// threadsStopped reads the states of a process' threads from /proc/PID/task/TID/stat, see proc(5).
func threadsStopped(pid int) (bool, error) {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/[0-9]*/stat", pid))
	if err != nil || len(files) == 0 {
		return false, fmt.Errorf("the threads of process %d cannot be read from /proc", pid)
	}
	for _, name := range files {
		stat, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		// "tid (name) state ...": the name may hold spaces and brackets.
		f := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
		if len(f) > 0 && string(f[0]) != "T" {
			return false, nil
		}
	}
	return true, nil
}
