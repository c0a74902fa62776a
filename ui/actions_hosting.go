package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

// reading says what is being read for a node.
func (*hostDesk) reading(now *model.Snapshot, node string, all bool) string {
	name := node
	if n := now.Node(node); n != nil {
		name = n.Name
	}
	if all {
		return "reads the hosts of all nodes, that of " + name + " first"
	}
	return "reads the host of " + name
}

// hosting is an operation on a node's host that waits to be confirmed.
type hosting struct {
	desk     *hostDesk
	hosts    *actions.Hosts
	node, id string
	all      bool // it is planned with the hosts of all nodes
	session  actions.Session
	news     *hostNews // what the plan was made with; nil: not read yet
	first    *actions.Plan
	last     *actions.Plan
	shown    []actions.Check // as they were when the plan was first made
	waits    string
}

// How long a plan goes on with what hosts told. A new one, and one that is refused
// and may be allowed by what they tell next, want it fresh; one that can be run is
// confirmed as it was shown, until it gets too old.
const (
	freshReadings   = 10 * time.Second
	plannedReadings = 90 * time.Second
)

func (h *hosting) oldest() time.Duration {
	if h.news == nil || h.last.Refuse() != "" {
		return freshReadings
	}
	return plannedReadings
}

// next has the hosts read.
func (h *hosting) next(s *shell) tea.Cmd { return s.desk.read(s, h.node, h.all, h.oldest()) }

func (h *hosting) demand() model.Subject { return actionDemand }

func (h *hosting) pending() string { return h.waits }

func (h *hosting) plan(now *model.Snapshot) (*actions.Plan, []string) {
	p := h.work(now)
	h.last = p
	return p, turned(h.shown, p.Checks)
}

// work works the plan out, anew when hosts told something newer that is wanted.
func (h *hosting) work(now *model.Snapshot) *actions.Plan {
	news := h.desk.of(h.node, h.all)
	node := now.Node(h.node)
	wanted := h.news == nil || h.last.Refuse() != "" || !h.desk.fresh(h.news, node, plannedReadings)
	if news == nil || h.news == nil && !h.desk.fresh(news, node, freshReadings) {
		news, wanted = h.news, false
	}
	if wanted && news != h.news {
		return h.anew(now, news)
	}
	if h.first != nil {
		p := actions.Replan(now, h.session, h.first)
		p.Title = h.first.Title
		return p
	}
	h.waits = ""
	if h.hosts.Known() {
		h.waits = h.desk.reading(now, h.node, h.all) + "; nothing is changed by that"
	}
	return actions.PlanHost(now, h.session, actions.HostOrder{ID: h.id, Node: h.node, Hosts: h.hosts})
}

// anew makes the plan with what hosts told now; what was declared stays declared
// where it is still asked for.
func (h *hosting) anew(now *model.Snapshot, news *hostNews) *actions.Plan {
	order := news.order
	order.ID = h.id
	p := actions.PlanHost(now, h.session, order)
	if h.first != nil && len(h.first.Declared) > 0 {
		if again, err := actions.Declare(now, h.session, p, h.first.Declared...); err == nil {
			p = again
		}
	}
	if news.err != nil {
		p.Refused = news.err.Error()
	}
	h.news, h.first, h.waits = news, p, ""
	if h.shown == nil {
		h.shown = p.Checks
	}
	return p
}

// declare takes words that were typed to override a precondition into the plan.
func (h *hosting) declare(now *model.Snapshot, words string) error {
	p, err := actions.Declare(now, h.session, h.last, words)
	if err == nil {
		h.first = p
	}
	return err
}

// run starts the plan; behind it is what the menu was opened from.
func (h *hosting) run(s *shell, p *actions.Plan) tea.Cmd {
	s.mode = surface(s.mode)
	s.desk.forget(h.node)
	cmd := s.start(p)
	s.runs[len(s.runs)-1].talks = true
	return cmd
}
