// Package collector asks the servers. One poller a node samples it at the pace
// of the refresh, an assembler puts the newest samples together into one
// snapshot a tick. Costs are bounded by design: two round trips a node and tick,
// at most one poll in flight, a deadline on everything.
package collector
