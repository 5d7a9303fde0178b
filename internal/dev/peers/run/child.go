// Package run starts and stops what the project's tools that compare and measure
// need: the scout in a demo of its own, ippeveprinter with the D-Bus it requires,
// ipptool's suites. It is for programs what internal/dev/peers is for tests, and
// does not know what is compared.
package run

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// ErrMissing means that an external program is not on this machine.
var ErrMissing = errors.New("not on this machine")

// endTime is how long a program may take to end before it is killed; startTime is
// how long it may take until it is ready.
const (
	endTime   = 15 * time.Second
	startTime = 60 * time.Second
)

// Child is a program that runs in the background until Stop.
type Child struct {
	PID   int
	cmd   *exec.Cmd
	first chan string // the first line of its output
	ended chan struct{}
	said  outputTail
}

// Start runs a program. It keeps only the first line of its output and the end of
// its errors.
func Start(cmd *exec.Cmd) (*Child, error) {
	c := &Child{cmd: cmd, first: make(chan string, 1), ended: make(chan struct{})}
	cmd.Stderr = &c.said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", filepath.Base(cmd.Path), err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", filepath.Base(cmd.Path), err)
	}
	c.PID = cmd.Process.Pid
	go c.followOutput(out)
	return c, nil
}

func (c *Child) followOutput(out io.Reader) {
	defer close(c.ended)
	r := bufio.NewReader(out)
	if line, err := r.ReadString('\n'); err == nil {
		c.first <- line
	}
	io.Copy(io.Discard, r)
	c.cmd.Wait()
}

// FirstLine waits for the first line of the program's output.
func (c *Child) FirstLine(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	select {
	case line := <-c.first:
		return line, nil
	case <-c.ended:
		return "", c.endedError()
	case <-ctx.Done():
		return "", fmt.Errorf("waiting for %s: %w", filepath.Base(c.cmd.Path), ctx.Err())
	}
}

// Until calls yes until it returns true or the program ends.
func (c *Child) Until(ctx context.Context, every time.Duration, yes func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for !yes() {
		select {
		case <-tick.C:
		case <-c.ended:
			return c.endedError()
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w", filepath.Base(c.cmd.Path), ctx.Err())
		}
	}
	return nil
}

func (c *Child) endedError() error {
	return fmt.Errorf("%s ended: %s", filepath.Base(c.cmd.Path), bytes.TrimSpace(c.said.bytes()))
}

// Stop ends the program and waits until it has ended.
func (c *Child) Stop() {
	if c.cmd.Process.Signal(syscall.SIGTERM) != nil {
		c.cmd.Process.Kill()
	}
	late := time.NewTimer(endTime)
	defer late.Stop()
	select {
	case <-c.ended:
	case <-late.C:
		c.cmd.Process.Kill()
		<-c.ended
	}
}

// outputTail keeps the end of what is written to it.
type outputTail struct {
	mu   sync.Mutex
	last []byte
}

const tailSize = 2000

func (t *outputTail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = append(t.last, b...)
	t.last = t.last[max(0, len(t.last)-tailSize):]
	return len(b), nil
}

func (t *outputTail) bytes() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return bytes.Clone(t.last)
}
