package cloud

// openFiles returns how many connections are accepted at most: Windows has
// millions of handles for a process, and memory runs out first.
func openFiles() int { return 1 << 16 }
