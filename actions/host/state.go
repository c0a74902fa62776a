package host

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// noHistory is the UUID of a node that has no history, or does not know its own.
const noHistory = "00000000-0000-0000-0000-000000000000"

// Position is where a node stands in a history; a seqno of -1 is not known.
type Position struct {
	UUID  string `json:"uuid"`
	Seqno int64  `json:"seqno"`
}

func (p Position) String() string { return p.UUID + ":" + strconv.FormatInt(p.Seqno, 10) }

// History reports whether the node belongs to a history at all. In the grastate.dat
// of a crashed node no UUID proves nothing: the provider also clears it while a
// schema change is applied (SavedState::mark_unsafe). The recovered position tells.
func (p Position) History() bool { return p.UUID != "" && p.UUID != noHistory }

// Exact reports whether both parts are known.
func (p Position) Exact() bool { return p.History() && p.Seqno >= 0 }

// Grastate is what grastate.dat says. The seqno is -1 while the server runs and
// after a crash; a missing file counts as safe to bootstrap for the server.
type Grastate struct {
	Position
	SafeToBootstrap bool `json:"safe_to_bootstrap"`
}

var uuidForm = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// ParseGrastate reads grastate.dat.
func ParseGrastate(text string) (Grastate, error) {
	g := Grastate{Position: Position{Seqno: -1}, SafeToBootstrap: true}
	if !strings.HasPrefix(strings.TrimSpace(text), "# GALERA saved state") {
		return g, fmt.Errorf("not a grastate.dat: it does not begin with %q", "# GALERA saved state")
	}
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		var err error
		switch strings.TrimSpace(key) {
		case "uuid":
			if g.UUID = value; !uuidForm.MatchString(value) {
				err = fmt.Errorf("uuid %q is not one", value)
			}
		case "seqno":
			g.Seqno, err = strconv.ParseInt(value, 10, 64)
		case "safe_to_bootstrap":
			g.SafeToBootstrap = value != "0"
		}
		if err != nil {
			return g, fmt.Errorf("grastate.dat: %w", err)
		}
	}
	if g.UUID == "" {
		return g, errors.New("grastate.dat has no uuid")
	}
	return g, nil
}

// Gvwstate is what gvwstate.dat says: the last Primary view of a node that did
// not stop gracefully. The node rebuilds it when all its members come back.
type Gvwstate struct {
	Me      string   `json:"me"`
	ViewID  string   `json:"view_id"`
	Members []string `json:"members"` // gcomm UUIDs
}

// ParseGvwstate reads gvwstate.dat.
func ParseGvwstate(text string) (Gvwstate, error) {
	var g Gvwstate
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(line, ":")
		fields := strings.Fields(value)
		switch key = strings.TrimSpace(key); {
		case key == "my_uuid" && len(fields) > 0:
			g.Me = fields[0]
		case key == "view_id":
			g.ViewID = strings.Join(fields, " ")
		case key == "member" && len(fields) > 0:
			g.Members = append(g.Members, fields[0])
		}
	}
	if g.Me == "" || len(g.Members) == 0 {
		return g, errors.New("gvwstate.dat has no my_uuid or no member")
	}
	return g, nil
}

// Alone reports whether the view had no other member: such a node makes itself
// Primary at its next start.
func (g *Gvwstate) Alone() bool { return len(g.Members) == 1 && g.Members[0] == g.Me }

var recoveredForm = regexp.MustCompile(`(?:Recovered position:?|--wsrep_start_position=)\s*([0-9a-f-]{36}):(-?\d+)`)

// ParseRecovered finds the position that the server or galera_recovery printed;
// the last one counts.
func ParseRecovered(text string) (Position, error) {
	all := recoveredForm.FindAllStringSubmatch(text, -1)
	if all == nil {
		return Position{Seqno: -1}, errors.New("the output names no recovered position")
	}
	last := all[len(all)-1]
	seqno, err := strconv.ParseInt(last[2], 10, 64)
	if err != nil || !uuidForm.MatchString(last[1]) {
		return Position{Seqno: -1}, fmt.Errorf("the recovered position %s:%s cannot be read", last[1], last[2])
	}
	return Position{last[1], seqno}, nil
}

// Disk is the space of the file system that holds a directory, in bytes.
type Disk struct {
	Size int64 `json:"size"`
	Free int64 `json:"free"` // for others than root
}

// ParseDF reads the output of df -Pk for one directory.
func ParseDF(text string) (Disk, error) {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	fields := strings.Fields(lines[len(lines)-1])
	// The name of a file system may contain blanks; the numbers are found from the
	// percentage.
	for i := 3; i < len(fields); i++ {
		if !strings.HasSuffix(fields[i], "%") {
			continue
		}
		size, errSize := strconv.ParseInt(fields[i-3], 10, 64)
		free, errFree := strconv.ParseInt(fields[i-1], 10, 64)
		if errSize == nil && errFree == nil && size >= 0 {
			return Disk{Size: size << 10, Free: max(free, 0) << 10}, nil
		}
	}
	return Disk{}, errors.New("df printed no line with sizes")
}
