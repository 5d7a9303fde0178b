package main

import "golang.org/x/sys/unix"

// harden forbids core files.
func harden() { unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}) }
