package main

// harden has nothing to do: Windows keeps other users out of a service's
// memory by the process's own access list.
func harden() {}
