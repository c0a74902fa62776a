// Package demo is a simulated Galera cluster that speaks the MySQL protocol on
// loopback. An engine steps the group in fixed quanta of simulated time:
// membership, quorum, state transfers, flow control, a shop's workload and its
// client threads. Scenarios are tables of incidents. Every node answers what
// galeratop asks, and what a person with the mysql client asks, from the
// engine's state. The rules of the group follow Galera's; where the simulator
// is simpler than a server its comments say so.
package demo
