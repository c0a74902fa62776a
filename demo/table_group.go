package demo

import (
	"slices"
	"strings"

	"github.com/galeratop/galeratop/model"
)

func memberColumn(name string, typ sqlType, get func(*node, *memberRow) value) column {
	return column{name, typ, func(s *session, of any) value { return get(s.node, of.(*memberRow)) }}
}

func viewColumn(name string, typ sqlType, get func(*viewRow) value) column {
	return column{name, typ, func(_ *session, of any) value { return get(of.(*viewRow)) }}
}

// groupTables are what a node knows of its group.
var groupTables = []*table{
	{
		schema: "mysql", name: "wsrep_cluster_members", data: true,
		columns: []column{
			memberColumn("node_uuid", typeChar, func(_ *node, m *memberRow) value { return textValue(m.uuid) }),
			memberColumn("cluster_uuid", typeChar, func(n *node, _ *memberRow) value { return textValue(n.lastView.history) }),
			memberColumn("node_name", typeChar, func(_ *node, m *memberRow) value { return textValue(m.name) }),
			memberColumn("node_incoming_address", typeName, func(_ *node, m *memberRow) value { return textValue(m.address) }),
		},
		rows: func(s *session) []any {
			out := make([]any, len(s.node.members))
			for i := range s.node.members {
				out[i] = &s.node.members[i]
			}
			return out
		},
	},
	{
		schema: "mysql", name: "wsrep_cluster", data: true,
		columns: []column{
			viewColumn("cluster_uuid", typeChar, func(v *viewRow) value { return textValue(v.history) }),
			viewColumn("view_id", typeBigint, func(v *viewRow) value { return intValue(v.view) }),
			viewColumn("view_seqno", typeBigint, func(v *viewRow) value { return intValue(v.seqno) }),
			viewColumn("protocol_version", typeInt, func(*viewRow) value { return intValue(4) }),
			viewColumn("capabilities", typeInt, func(*viewRow) value { return intValue(184703) }),
		},
		rows: func(s *session) []any { return []any{&s.node.lastView} },
	},
	{
		schema: "performance_schema", name: "pxc_cluster_view", flavour: pxc,
		columns: []column{
			{"HOST_NAME", typeChar, func(_ *session, of any) value { return textValue(of.(*node).name) }},
			{"UUID", typeChar, func(_ *session, of any) value { return textValue(of.(*node).uuid) }},
			{"STATUS", typeChar, func(_ *session, of any) value { return textValue(peerStatus(of.(*node))) }},
			{"LOCAL_INDEX", typeUint, func(s *session, of any) value {
				return intValue(int64(slices.Index(s.node.view.members, of.(*node))))
			}},
			{"SEGMENT", typeUint, func(*session, any) value { return intValue(0) }},
		},
		rows: func(s *session) []any {
			if s.node.view == nil {
				return nil
			}
			out := make([]any, len(s.node.view.members))
			for i, m := range s.node.view.members {
				out[i] = m
			}
			return out
		},
	},
}

// peerStatus is what the group last heard of a member.
func peerStatus(n *node) string {
	if n.view == nil || n.state == model.StateInitialized {
		return "SYNCED"
	}
	if n.state == model.StateDonor {
		return "DONOR"
	}
	return strings.ToUpper(n.state.String())
}
