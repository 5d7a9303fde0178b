// Package process closes a process to others on its computer: the two binaries
// hold keys, tokens and passwords in memory. It owns what the operating system
// can be asked for to that end, and knows nothing of what is in there.
package process

// Harden keeps the memory of this process from the other processes of its user
// and from core files, as far as the operating system can: on Linux it is
// undumpable (prctl(2), PR_SET_DUMPABLE) and has no core file, on macOS it has
// no core file, on Windows nothing is done. It does not pass to children.
func Harden() { harden() }
