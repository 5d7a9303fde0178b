package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"github.com/printscout/printscout/internal/cli"
)

// scoutProcess is printscout as a child: the agent, or the local page. It ends
// when its standard input does, so it cannot outlive the demo, however that
// ends.
type scoutProcess struct {
	cmd   *exec.Cmd
	stdin io.Closer
	ended chan struct{}
	err   error // once ended is closed
}

// stopTime bounds how long the scout may take to stop in order.
const stopTime = 20 * time.Second

func startScoutProcess(config string, log io.Writer) (*scoutProcess, error) {
	return startProcess(nil, log, log, "--config", config, "service", "--stop-on-eof")
}

// startProcess starts printscout with more in its environment than this process
// has.
func startProcess(env []string, out, log io.Writer, args ...string) (*scoutProcess, error) {
	binary, err := scoutBinary()
	if err != nil {
		return nil, err
	}
	p := &scoutProcess{cmd: exec.Command(binary, args...), ended: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = out, log
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("starting the scout: %w", err)
	}
	ownGroup(p.cmd)
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the scout: %w", err)
	}
	go func() {
		defer close(p.ended)
		p.err = p.cmd.Wait()
	}()
	return p, nil
}

// scoutBinary returns the printscout beside this program, else the one in
// PATH.
func scoutBinary() (string, error) {
	name := "printscout"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), name)
		if _, err := os.Stat(beside); err == nil {
			return beside, nil
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", cli.WithHint(fmt.Errorf("finding the scout's program: %w", err), "make build puts printscout beside scoutcloud")
	}
	return path, nil
}

func (p *scoutProcess) stop() error {
	p.stdin.Close()
	select {
	case <-p.ended:
		return nil
	case <-time.After(stopTime):
	}
	p.cmd.Process.Kill()
	<-p.ended
	return errors.New("the scout did not stop in order and was killed")
}
