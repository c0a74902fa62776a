package ui

import "github.com/galeratop/galeratop/model"

// chosen is the busy query under the cursor.
func (o *overview) chosen() []model.Thread {
	b := o.queries.current()
	if b == nil {
		return nil
	}
	return []model.Thread{threadOf(b)}
}

// matching is what the filter of the busy queries leaves.
func (o *overview) matching() []model.Thread {
	out := make([]model.Thread, 0, len(o.queries.rows))
	for _, b := range o.queries.rows {
		out = append(out, threadOf(b))
	}
	return out
}

func threadOf(b *busyRow) model.Thread {
	return model.Thread{Node: b.node, Place: b.place, Process: b.Process}
}
