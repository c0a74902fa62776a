package recovery

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// memory is the file's form: the nodes of sides that were given up, by cluster.
type memory struct {
	Version int                 `json:"v"`
	Losers  map[string][]string `json:"losers"` // addresses, which are IDs in every console
}

const memoryVersion = 1

// load takes what earlier walks left in, once.
func (a *Assistant) load() error {
	if a.loaded || a.Memory == "" {
		return nil
	}
	m, err := readMemory(a.Memory)
	if err != nil {
		return err
	}
	a.loaded = true
	for _, id := range m.Losers[a.Session.Cluster] {
		if !slices.Contains(a.choices.Losers, id) {
			a.choices.Losers = append(a.choices.Losers, id)
		}
	}
	return nil
}

// save writes the losers down, in the place of those before.
func (a *Assistant) save(losers []string) error {
	if a.Memory == "" {
		return nil
	}
	m, err := readMemory(a.Memory)
	if err != nil {
		return err
	}
	if m.Losers[a.Session.Cluster] = losers; len(losers) == 0 {
		delete(m.Losers, a.Session.Cluster)
	}
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(a.Memory), 0o700); err != nil {
		return err
	}
	next := a.Memory + ".new"
	if err := os.WriteFile(next, append(text, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(next, a.Memory)
}

func readMemory(path string) (*memory, error) {
	m := &memory{Version: memoryVersion, Losers: map[string][]string{}}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, m); err != nil || m.Version != memoryVersion || m.Losers == nil {
		return nil, fmt.Errorf("%s is not what this galeratop writes there", path)
	}
	return m, nil
}
