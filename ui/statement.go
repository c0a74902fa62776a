package ui

import "github.com/galeratop/galeratop/model"

// openBusy shows everything about the thread of a running statement.
func openBusy(s *shell, b *busyRow) { openThread(s, model.Thread{Node: b.node, Process: b.Process}) }
