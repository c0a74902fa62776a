package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

// hostDesk keeps what operations on hosts are planned with: what hosts and the
// audit log told when they were read last, by node.
type hostDesk struct {
	news   map[string]*hostNews
	asking map[string]bool
	now    time.Time // of the shell, at the last look
}

// hostNews is what was read for operations on one node's host.
type hostNews struct {
	order actions.HostOrder
	err   error
	all   bool // with the hosts of all nodes
	at    time.Time
	place place
}

// place is where a node stood: once that changes, its host tells something else.
type place struct {
	link   model.Link
	state  model.State
	status string
}

func placeOf(n *model.Node) place {
	if n == nil {
		return place{}
	}
	return place{n.Link, n.Status().State(), n.Status().ClusterStatus}
}

// hostMsg is what was read for a node.
type hostMsg struct {
	node string
	hostNews
}

// of is what was read for a node; nil: nothing, or with all not everything.
func (d *hostDesk) of(node string, all bool) *hostNews {
	if n := d.news[node]; n != nil && (n.all || !all) {
		return n
	}
	return nil
}

// fresh reports whether what was read is no older than that, and the node still
// stands where it stood.
func (d *hostDesk) fresh(n *hostNews, node *model.Node, oldest time.Duration) bool {
	return d.now.Sub(n.at) < oldest && n.place == placeOf(node)
}

// read has a node's host read when what is known is older than the given age, and
// nobody reads it now.
func (d *hostDesk) read(s *shell, node string, all bool, oldest time.Duration) tea.Cmd {
	d.now = s.now()
	known := d.of(node, all)
	now := s.present().Node(node)
	if s.runner == nil || !s.runner.Hosts().Known() || d.asking[node] || known != nil && d.fresh(known, now, oldest) {
		return nil
	}
	if d.asking == nil {
		d.news, d.asking = map[string]*hostNews{}, map[string]bool{}
	}
	d.asking[node] = true
	all = all || d.news[node] != nil && d.news[node].all
	r, ctx, at := s.runner, s.ctx, placeOf(now)
	return func() tea.Msg {
		order, err := r.Order(ctx, node, all)
		return hostMsg{node, hostNews{order: order, err: err, all: all, place: at}}
	}
}

// reach takes over what was read.
func (msg hostMsg) reach(s *shell) bool {
	s.desk.now = s.now()
	news := msg.hostNews
	news.at = s.desk.now
	s.desk.news[msg.node] = &news
	delete(s.desk.asking, msg.node)
	if m, ok := s.mode.(taker); ok {
		m.take(s)
	}
	return true
}

// forget drops what was read for a node: a command on its host has changed it.
func (d *hostDesk) forget(node string) { delete(d.news, node) }

// hostChoices are the operations on a node's host, as far as it was read.
func (s *shell) hostChoices(node string) []actions.NodeChoice {
	if s.runner == nil {
		return nil
	}
	news := s.desk.of(node, false)
	order := actions.HostOrder{Node: node, Hosts: s.runner.Hosts()}
	if news != nil {
		order = news.order
	}
	all := actions.HostChoices(s.present(), s.session(), order)
	for i := range all {
		switch c := &all[i]; {
		case !s.runner.Hosts().Known() || s.opt.ReadOnly:
		case news == nil:
			c.Refused = s.desk.reading(s.present(), node, false)
		case news.err != nil:
			c.Refused = news.err.Error()
		case c.Everywhere && !news.all:
			c.Refused = "" // what the other hosts tell decides; the plan reads them
		}
	}
	return all
}
