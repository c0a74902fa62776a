package ui

import "github.com/galeratop/galeratop/model"

// chosen is the thread that is looked at, while it is there.
func (d *detail) chosen() []model.Thread {
	if d.gone != "" {
		return nil
	}
	now := d.process
	return []model.Thread{{Node: d.node, Process: &now, Trx: d.trx, Wait: d.wait, Blocks: d.blocks}}
}
