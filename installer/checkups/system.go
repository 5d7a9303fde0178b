package checkups

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"time"
)

func thisSystem() *System {
	home, err := os.UserHomeDir()
	if err != nil {
		home = ""
	}
	return &System{Home: home, UID: os.Geteuid(), Now: time.Now, Env: os.Getenv, Run: runProgram}
}

// maxOutput bounds what a program may say.
const maxOutput = 1 << 20

// sbin lists folders of programs that are often not in the PATH of ordinary
// users.
var sbin = []string{"/usr/sbin", "/usr/local/sbin", "/sbin"}

// runProgram runs a program of the system, which asks for no password, and
// returns what it printed. The error has what it complained of, and is
// fs.ErrPermission if the rights were missing.
func runProgram(ctx context.Context, name string, args ...string) ([]byte, error) {
	path, err := exec.LookPath(name)
	for _, dir := range sbin {
		if err != nil {
			path, err = exec.LookPath(dir + "/" + name)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("finding %s: %w", name, err)
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.WaitDelay = time.Second
	withoutTerminal(cmd)
	out, err := cmd.Output()
	if len(out) > maxOutput {
		out = out[:maxOutput]
	}
	if ended, ok := errors.AsType[*exec.ExitError](err); ok {
		return out, complaint(name, string(ended.Stderr), err)
	}
	if err != nil {
		return nil, fmt.Errorf("running %s: %w", name, err)
	}
	return out, nil
}

// denied are the words of programs that had too few rights.
var denied = []string{"forbidden", "unauthorized", "not authorized", "permission denied", "password for"}

// complaint returns the error of a program that failed.
func complaint(name, said string, err error) error {
	text := strings.Join(strings.Fields(strings.ToValidUTF8(said, "")), " ")
	if text == "" {
		return fmt.Errorf("%s: %w", name, err)
	}
	if len(text) > 300 {
		text = strings.ToValidUTF8(text[:300], "")
	}
	text = strings.TrimPrefix(text, name+": ")
	for _, word := range denied {
		if strings.Contains(strings.ToLower(text), word) {
			return fmt.Errorf("%s: %s (%w)", name, text, fs.ErrPermission)
		}
	}
	return fmt.Errorf("%s: %s", name, text)
}
