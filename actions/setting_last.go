package actions

import (
	"slices"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// LastingLines are what makes a setting last on some nodes: those with the same
// lines together.
type LastingLines struct {
	Nodes []*model.Node
	Path  string // of the option file that sets it, where the server tells; ""
	model.Lasting
}

// Lasting are the lines that make a setting last with the values that the nodes
// run with: by node what its option files say, where they were read.
func Lasting(nodes []*model.Node, name string, files map[string]*Written) []LastingLines {
	return lasting(nodes, canonical(name), files, func(n *model.Node) (string, bool) {
		a, _, ok := model.AssignmentOf(n, canonical(name))
		return a.Value, ok
	})
}

// LastingOf are the lines that make last what a plan has set, as the servers have
// it; none for other plans, and of nodes that were not set.
func LastingOf(s *model.Snapshot, p *Plan, files map[string]*Written) []LastingLines {
	subject, ok := p.subject.(*settingSubject)
	if !ok {
		return nil
	}
	var nodes []*model.Node
	got := make(map[string]string)
	for i := range subject.targets {
		t := &subject.targets[i]
		if n := s.Node(t.node); n != nil && t.sent && t.known {
			nodes = append(nodes, n)
			got[n.ID] = t.got
		}
	}
	return lasting(nodes, subject.name, files, func(n *model.Node) (string, bool) { return got[n.ID], true })
}

func lasting(nodes []*model.Node, name string, files map[string]*Written, value func(*model.Node) (string, bool)) []LastingLines {
	var out []LastingLines
	for _, n := range nodes {
		v, ok := value(n)
		if !ok {
			continue
		}
		server := serverName(n, name)
		lines := LastingLines{Nodes: []*model.Node{n}, Path: wherePath(n, server)}
		if server == "wsrep_provider_options" {
			server = name
		}
		var written map[string]string
		if w := files[n.ID]; w != nil && w.Written.Known() {
			written = w.Written.Value.Values
		}
		lines.Lasting = model.LastingOf(server, v, written)
		if i := slices.IndexFunc(out, func(o LastingLines) bool { return o.same(&lines) }); i >= 0 {
			out[i].Nodes = append(out[i].Nodes, n)
			continue
		}
		out = append(out, lines)
	}
	return out
}

func wherePath(n *model.Node, server string) string {
	if s := n.Sample.Slow.Settings; s != nil {
		return s.Rows[server].Path
	}
	return ""
}

func (l *LastingLines) same(o *LastingLines) bool {
	return l.Path == o.Path && l.Partial == o.Partial && slices.Equal(l.OptionFile, o.OptionFile)
}

// Text is all of it as it can be pasted: comments say what is for what.
func (l *LastingLines) Text() string {
	var b strings.Builder
	head := "# " + names(l.Nodes)
	if l.Path != "" {
		head += ", " + l.Path
	}
	b.WriteString(head + "\n")
	if l.Partial {
		b.WriteString("# the option files were not read: add this to the wsrep_provider_options that they have, do not replace those\n")
	}
	for _, part := range []struct {
		about string
		lines []string
	}{
		{"option file", l.OptionFile},
		{"Hiera, for puppetlabs-mysql", l.Hiera},
		{"Ansible, in the variables of the role that writes the section", l.Ansible},
	} {
		b.WriteString("# " + part.about + "\n" + strings.Join(part.lines, "\n") + "\n")
	}
	return b.String()
}
