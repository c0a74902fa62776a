// Package host runs commands on the hosts of nodes: through the user's own ssh,
// through docker or kubectl, or right here. Nothing is ever spliced into a shell
// string; where a shell on the other side cannot be avoided, as with ssh, every
// argument is quoted for it.
package host
