package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// server is a scoutcloud process. Each start has another port.
type server struct {
	binary, site, data string
	log                io.Writer

	mu      sync.Mutex
	address string
	process *exec.Cmd
	ended   chan struct{}
}

const startTime = time.Minute

var servingAt = regexp.MustCompile(`serving at (\S+) as`)

// startProcess starts the server and waits until it logs its address.
func (s *server) startProcess(ctx context.Context) error {
	c := exec.Command(s.binary, "serve", "--data", s.data, "--site", s.site, "--url", "https://localhost:8443", "--listen", "127.0.0.1:0")
	errors, err := c.StderrPipe()
	if err != nil {
		return fmt.Errorf("starting the server: %w", err)
	}
	if err := c.Start(); err != nil {
		return fmt.Errorf("starting the server: %w", err)
	}
	told, ended := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(ended)
		s.followLog(errors, told)
		c.Wait()
	}()
	s.mu.Lock()
	s.process, s.ended = c, ended
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	select {
	case address := <-told:
		s.mu.Lock()
		s.address = address
		s.mu.Unlock()
		return nil
	case <-ended:
		return fmt.Errorf("starting the server: it ended with %v", c.ProcessState)
	case <-ctx.Done():
		return fmt.Errorf("starting the server: %w", ctx.Err())
	}
}

// followLog copies the server's log, without level INFO, and sends its address.
func (s *server) followLog(from io.Reader, told chan<- string) {
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		if m := servingAt.FindStringSubmatch(lines.Text()); m != nil {
			told <- m[1]
		}
		if !strings.Contains(lines.Text(), "level=INFO") {
			fmt.Fprintln(s.log, lines.Text())
		}
	}
	io.Copy(io.Discard, from)
}

func (s *server) dialAddress() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.address
}

// hasCrashed reports whether the process has ended by itself.
func (s *server) hasCrashed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return false
	}
	select {
	case <-s.ended:
		return true
	default:
		return false
	}
}

// endProcess sends a signal and waits until the process has ended.
func (s *server) endProcess(sig os.Signal) error {
	s.mu.Lock()
	c, ended := s.process, s.ended
	s.process = nil
	s.mu.Unlock()
	if c == nil {
		return nil
	}
	if err := c.Process.Signal(sig); err != nil {
		return fmt.Errorf("ending the server: %w", err)
	}
	<-ended
	return nil
}

func (s *server) killProcess() { s.endProcess(syscall.SIGKILL) }

// readCA returns the certificate that the server makes at its first start.
func (s *server) readCA() ([]byte, bool) {
	data, err := os.ReadFile(filepath.Join(s.data, "tls", "ca.crt"))
	return data, err == nil
}

// memoryMB returns a field of /proc/PID/status in megabytes; 0 if there is none.
func (s *server) memoryMB(field string) float64 {
	for line := range bytes.Lines(s.readProc("status")) {
		if f := strings.Fields(string(line)); len(f) > 1 && f[0] == field+":" {
			kb, _ := strconv.ParseFloat(f[1], 64)
			return kb / 1024
		}
	}
	return 0
}

// usedCPU returns the CPU time of the server; 0 if that is not known.
func (s *server) usedCPU() time.Duration { return cpuTime(s.readProc("stat")) }

// ownTime returns the CPU time of this process.
func ownTime() time.Duration {
	stat, _ := os.ReadFile("/proc/self/stat")
	return cpuTime(stat)
}

// cpuTime reads the CPU time from proc_pid_stat(5), which has ticks of 10 ms.
func cpuTime(stat []byte) time.Duration {
	_, after, _ := strings.Cut(string(stat), ") ")
	f := strings.Fields(after)
	if len(f) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

func (s *server) readProc(name string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return nil
	}
	data, _ := os.ReadFile(fmt.Sprintf("/proc/%d/%s", s.process.Process.Pid, name))
	return data
}
