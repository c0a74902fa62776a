package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/config"
	"github.com/galeratop/galeratop/internal/lab/cluster"
	"github.com/galeratop/galeratop/internal/lab/service"
)

// person sits at the terminal of a walk: reads what is printed, and types what the
// test lets a person type.
type person struct {
	t     *testing.T
	types *io.PipeWriter
	words []string // what may be declared
	side  string   // to keep
	copy  string   // "yes" or "no"
	again int      // how often a refusal may be looked at again

	mutex    sync.Mutex
	seen     bytes.Buffer
	answers  chan string
	declared []string
	steps    []string // titles of the plans that were confirmed
}

// Write takes what is printed; a prompt is one whole write.
func (p *person) Write(text []byte) (int, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.seen.Write(text)
	if strings.HasSuffix(string(text), ": ") {
		p.answers <- p.answer(string(text))
	}
	return len(text), nil
}

// answer is what the person types at a prompt.
func (p *person) answer(prompt string) string {
	printed := p.seen.String()
	if word, ok := strings.CutPrefix(prompt, "To do this, type "); ok {
		word, _, _ = strings.Cut(word, ";")
		p.steps = append(p.steps, lastLineAfter(printed, "NEXT STEP"))
		return word
	}
	if strings.HasPrefix(prompt, "To recover the position") {
		return "y"
	}
	asked, _, _ := strings.Cut(strings.TrimPrefix(prompt, "Type "), ";")
	switch {
	case slices.Contains(p.words, asked):
		p.declared = append(p.declared, asked)
		return asked
	case asked == "yes or no" && p.copy != "":
		return p.copy
	case p.side != "" && strings.Contains(" or "+asked+" or ", " or "+p.side+" or "):
		return p.side
	case p.again > 0:
		p.again--
		return ""
	}
	return "q"
}

func lastLineAfter(text, label string) string {
	i := strings.LastIndex(text, "\n"+label)
	if i < 0 {
		return ""
	}
	line, _, _ := strings.Cut(text[i+1:], "\n")
	return strings.TrimSpace(strings.TrimPrefix(line, label))
}

func (p *person) text() string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.seen.String()
}

// recovers has the person walk through the recovery of a lab cluster, through the
// command's own code, and gives back how it ended.
func (p *person) recovers(t *testing.T, c *cluster.Cluster, o recoverOptions) error {
	t.Helper()
	p.t, p.answers = t, make(chan string, 100)
	in, types := io.Pipe()
	p.types = types
	done := make(chan struct{})
	go func() {
		defer close(done)
		for line := range p.answers {
			if _, err := fmt.Fprintln(types, line); err != nil {
				return
			}
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	a := &app{streams: streams{in: in, out: p, err: io.Discard}}
	err := a.recoverTarget(ctx, labTarget(t, a, c), labHosts(c), o, &actions.Audit{Path: filepath.Join(c.Dir, "state", "audit.jsonl")})
	_ = in.Close()
	_ = types.Close()
	close(p.answers)
	<-done
	return err
}

// labTarget is a configured cluster, as in a configuration file.
func labTarget(t *testing.T, a *app, c *cluster.Cluster) *config.Target {
	t.Helper()
	quoted := `"` + strings.Join(c.Addresses(), `", "`) + `"`
	path := file(t, "config.toml", "[clusters.shop]\nseeds = ["+quoted+"]\nnodes = ["+quoted+"]\nuser = \"ops\"\npassword = \"ops\"\n")
	target, err := a.target(t.Context(), config.Flags{ConfigFile: path, Args: []string{"shop"}, NoDefaults: true})
	if err != nil {
		t.Fatal(err)
	}
	target.Refresh = 500 * time.Millisecond
	return target
}

func labHosts(c *cluster.Cluster) actions.Hosts {
	h := service.Of(c)
	return actions.Hosts{Way: h.Way, Own: h.Own, DefaultsFile: h.DefaultsFile}
}
