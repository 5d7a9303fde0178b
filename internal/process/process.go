// Package process protects the memory of a process from others on its computer:
// the two binaries hold keys, tokens and passwords. It owns the calls to the
// operating system for this, and knows nothing of what is in memory.
package process

// Harden keeps the memory of this process from the other processes of its user
// and from core files, as far as the operating system can: on Linux it is
// undumpable (prctl(2), PR_SET_DUMPABLE) and has no core file, on macOS it has no
// core file, on Windows nothing is done. Children do not inherit this.
func Harden() { harden() }
