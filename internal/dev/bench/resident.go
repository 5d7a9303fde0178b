package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// residentMemory returns the resident memory of a process, now and at its peak, in
// bytes. It needs Linux's /proc (proc_pid_status(5)).
func residentMemory(pid int) (now, peak int64, err error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0, fmt.Errorf("reading the memory of a process: %w", err)
	}
	if now, err = readKilobytes(string(b), "VmRSS:"); err != nil {
		return 0, 0, err
	}
	peak, err = readKilobytes(string(b), "VmHWM:")
	return now, peak, err
}

func readKilobytes(status, name string) (int64, error) {
	for line := range strings.Lines(status) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == name && f[2] == "kB" {
			n, err := strconv.ParseInt(f[1], 10, 64)
			return n << 10, err
		}
	}
	return 0, fmt.Errorf("reading the memory of a process: no %s", name)
}
