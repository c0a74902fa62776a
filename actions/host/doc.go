// Package host runs commands on the hosts of nodes: through the user's own ssh,
// through docker or kubectl, or right here. Nothing is ever spliced into a shell
// string; where a shell on the other side cannot be avoided, as with ssh, every
// argument is quoted for it.
//
// A Way is how a command gets there, a Service is what starts and stops the server
// there, and a State is what can be read there while the server is down: what it
// left in its data directory, whether a process runs, what its option files say.
//
// To look at a host changes nothing there. Files are changed by a Change only: it
// marks one grastate.dat, renames one, removes leftovers of transfers by their
// names, or copies the data. It is a plain command on absolute, checked paths, run
// after the server was proven stopped just before; nothing else here writes or
// removes a file.
package host
