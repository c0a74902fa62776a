// Package actions is everything that changes a cluster: a plan is made against a
// snapshot, its preconditions are checked with the evidence, a person confirms
// it, every step is checked again and run, the effect is verified from new
// samples, and all of it is written to the audit log.
package actions
