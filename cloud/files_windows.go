package cloud

// openFiles returns how many connections are taken at most: Windows has
// millions of handles for a process, and memory ends first.
func openFiles() int { return 1 << 16 }
