package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
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

// processorTime returns how long processes have computed, all together, in
// whole ticks of 10 ms (proc_pid_stat(5), fields 14 and 15).
func processorTime(pids []int) (all time.Duration, err error) {
	for _, pid := range pids {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			return 0, fmt.Errorf("reading the processor time of a process: %w", err)
		}
		fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
		if len(fields) < 13 {
			return 0, fmt.Errorf("reading the processor time of process %d: %d fields", pid, len(fields))
		}
		for _, f := range fields[11:13] {
			n, err := strconv.ParseInt(f, 10, 64)
			if err != nil {
				return 0, fmt.Errorf("reading the processor time of process %d: %w", pid, err)
			}
			all += time.Duration(n) * 10 * time.Millisecond
		}
	}
	return all, nil
}
