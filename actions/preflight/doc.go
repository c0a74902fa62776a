// Package preflight says what a start of a node would do, before it is started:
// join the group by IST or by SST, found a cluster, be refused, wait, or fail.
//
// Decide is a pure function from Facts to a Verdict; package gather collects the
// facts. The verdict is the first that a row of the table of rules has to say. What
// could not be asked is never taken for what is not there: it makes the verdict
// unknown wherever it could change it.
package preflight
