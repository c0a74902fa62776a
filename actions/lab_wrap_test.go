package actions

import (
	"bufio"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/galeratop/galeratop/internal/lab/cluster"
)

// wrap moves the servers' counters of thread ids close to their end every two
// seconds, where that is possible.
func wrap(t *testing.T, ch *churn, c *cluster.Cluster) {
	t.Helper()
	counters := make([]*idCounter, 0, 3)
	for _, n := range c.Nodes() {
		one, err := findCounter(n.PID())
		if err != nil {
			t.Logf("thread ids are not made to wrap: %v", err)
			return
		}
		counters = append(counters, one)
	}
	ch.group.Go(func() {
		tick := time.NewTicker(2 * time.Second)
		defer tick.Stop()
		for {
			for _, one := range counters {
				if err := one.set(1<<32 - 1 - 40); err != nil {
					t.Errorf("the counter of thread ids: %v", err)
				}
			}
			select {
			case <-tick.C:
			case <-ch.ctx.Done():
				return
			}
		}
	})
}

// idCounter is the place of a server's counter in its memory.
type idCounter struct {
	memory string
	at     int64
}

func findCounter(pid int) (*idCounter, error) {
	program := fmt.Sprintf("/proc/%d/exe", pid)
	file, err := elf.Open(program)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	symbols, err := file.DynamicSymbols()
	if err != nil {
		return nil, err
	}
	base, err := loadedAt(pid)
	if err != nil {
		return nil, err
	}
	for _, s := range symbols {
		if s.Name == "global_thread_id" && s.Size == 8 {
			c := &idCounter{fmt.Sprintf("/proc/%d/mem", pid), int64(base + s.Value)}
			return c, c.check()
		}
	}
	return nil, fmt.Errorf("%s does not name its counter", program)
}

// loadedAt is where the program begins in the memory of its process.
func loadedAt(pid int) (base uint64, err error) {
	maps, err := os.Open(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return 0, err
	}
	defer func() { _ = maps.Close() }()
	program, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	if err != nil {
		return 0, err
	}
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		if strings.HasSuffix(lines.Text(), program) {
			_, err = fmt.Sscanf(lines.Text(), "%x-", &base)
			return base, err
		}
	}
	return 0, fmt.Errorf("%s is not in its own memory", program)
}

func (c *idCounter) check() error {
	f, err := os.OpenFile(c.memory, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	var word [8]byte
	if _, err := f.ReadAt(word[:], c.at); err != nil {
		return err
	}
	if v := binary.LittleEndian.Uint64(word[:]); v == 0 || v >= 1<<32 {
		return fmt.Errorf("the counter holds %d, which is no thread id", v)
	}
	return nil
}

func (c *idCounter) set(v uint64) error {
	f, err := os.OpenFile(c.memory, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	var word [8]byte
	binary.LittleEndian.PutUint64(word[:], v)
	_, err = f.WriteAt(word[:], c.at)
	return err
}
