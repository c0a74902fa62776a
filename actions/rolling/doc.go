// Package rolling restarts the servers of a cluster one after the other, with an
// upgrade in between where one is configured. What to do next follows from what is
// seen now and from what the audit log tells of the moves before: nothing is kept in
// memory, so that any console can go on where another one ended.
package rolling
