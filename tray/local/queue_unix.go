//go:build unix

package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// Find implements Queues by lpstat(1).
func (systemQueues) Find(ctx context.Context, addresses []string) (string, error) {
	out, err := runCUPS(ctx, "lpstat", "-v")
	if err != nil && strings.Contains(err.Error(), "No destinations added") {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return findQueue(out, addresses, divideLPStat), nil
}

// Make implements Queues by lpadmin(8).
func (systemQueues) Make(ctx context.Context, address string) error {
	_, err := runCUPS(ctx, "lpadmin", makeQueue(address)...)
	return err
}

// makeQueue returns what lpadmin is to be told. With that policy CUPS lets nobody
// print in another's name, without which the agent must not believe the queue
// (docs/identity.md, the setting QueueChecksUsers).
func makeQueue(address string) []string {
	return []string{"-p", queueName, "-E", "-v", address, "-m", "everywhere", "-o", "printer-op-policy=authenticated"}
}

// Command implements Queues.
func (systemQueues) Command(address string) string {
	return "sudo lpadmin " + strings.Join(makeQueue("'"+strings.ReplaceAll(address, "'", `'\''`)+"'"), " ")
}

// runCUPS runs a program of CUPS, which asks for no password: it has no
// terminal to do so at.
func runCUPS(ctx context.Context, name string, args ...string) ([]byte, error) {
	path, err := exec.LookPath(name)
	for _, dir := range []string{"/usr/sbin", "/usr/local/sbin", "/sbin"} {
		if err != nil {
			path, err = exec.LookPath(filepath.Join(dir, name))
		}
	}
	if err != nil {
		return nil, fmt.Errorf("finding %s: %w", name, err)
	}
	c := exec.CommandContext(ctx, path, args...)
	c.Env = append(os.Environ(), "LC_ALL=C")
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	out, err := c.Output()
	if ended, ok := errors.AsType[*exec.ExitError](err); ok {
		return nil, errors.New(name + ": " + shortError(ended.Stderr, err))
	}
	if err != nil {
		return nil, fmt.Errorf("running %s: %w", name, err)
	}
	return out, nil
}
