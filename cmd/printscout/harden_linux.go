package main

import "golang.org/x/sys/unix"

// harden makes the process undumpable: no core file, no ptrace and no
// /proc/PID/mem for its own user (prctl(2), PR_SET_DUMPABLE).
func harden() {
	unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
	unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
}
