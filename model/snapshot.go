package model

import (
	"encoding/json"
	"fmt"
	"time"
)

// SnapshotVersion is the version of a snapshot's JSON form. It grows when a
// field changes its meaning or goes; added fields leave it alone.
const SnapshotVersion = 1

// Snapshot is the whole cluster at one tick. It is never changed after it was
// published: whoever holds one may keep it.
type Snapshot struct {
	Version     int           `json:"version"`
	Tick        uint64        `json:"tick"`
	At          time.Time     `json:"at"`
	Interval    time.Duration `json:"interval_ns"` // between ticks, as asked for
	Cluster     string        `json:"cluster"`     // configured or wsrep_cluster_name
	Nodes       []*Node       `json:"nodes"`       // in a stable order, by name
	Components  []Component   `json:"components"`
	Arbitrators int           `json:"arbitrators"` // garbd members of the components, together
	Flow        *Flow         `json:"flow,omitempty"`
	Transfers   []Transfer    `json:"transfers,omitempty"`
	Headline    Headline      `json:"headline"` // the verdict
	Findings    []Finding     `json:"findings"` // confirmed, the worst first
	Events      []Event       `json:"-"`        // the newest, the oldest of them first
	// Private says that literals of statements and names of clients were taken out.
	Private bool `json:"private,omitempty"`
}

// ReadSnapshot reads the JSON form of a snapshot, of this version only.
func ReadSnapshot(data []byte) (*Snapshot, error) {
	var s Snapshot
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("not a snapshot: %w", err)
	}
	if s.Version != SnapshotVersion {
		return nil, fmt.Errorf("snapshot of version %d, this galeratop reads version %d", s.Version, SnapshotVersion)
	}
	return &s, nil
}

// Node finds a node by its ID; nil when there is none.
func (s *Snapshot) Node(id string) *Node {
	for _, n := range s.Nodes {
		if n.ID == id {
			return n
		}
	}
	return nil
}

// Complete derives everything in the snapshot that follows from its nodes. The
// assembler calls it once, before it publishes.
func (s *Snapshot) Complete() {
	s.Version = SnapshotVersion
	s.Components = Components(s.Nodes)
	s.Arbitrators = 0
	for i := range s.Components {
		s.Arbitrators += s.Components[i].Arbitrators
		s.Components[i].Quorum = quorumOf(&s.Components[i], s.Nodes)
	}
	s.Flow = newFlow(s)
	s.Transfers = transfers(s)
	s.Headline = headline(s)
}
