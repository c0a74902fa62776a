// Package demo is a simulated Galera cluster that speaks the MySQL protocol on
// loopback. An engine steps the group in fixed quanta of simulated time:
// membership, quorum, state transfers, flow control, a shop's workload and its
// client threads. Scenarios are tables of incidents. Every node answers what
// galeratop asks, and what a person with the mysql client asks, from the
// engine's state. Every node has a host as well, whose shell knows the commands by
// which a server is looked at, started and recovered, and whose disk has the
// server's state files and error log. The rules of the group follow Galera's; where the simulator
// is simpler than a server its comments say so.
package demo
