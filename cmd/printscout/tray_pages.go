package main

import (
	"cmp"
	"fmt"
	"log/slog"
	"os"
	"os/exec"

	"github.com/printscout/printscout/tray"
)

// pageCommands opens pages by this program's own commands, each a process of
// its own.
type pageCommands struct {
	*agentOptions
	log *slog.Logger
}

// Open starts the command that serves a page; what it says goes to the log.
func (p *pageCommands) Open(page string) error {
	own, err := os.Executable()
	if err != nil {
		return fmt.Errorf("opening a page: %w", err)
	}
	cmd := exec.Command(own, p.args(page)...)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("opening a page: %w", err)
	}
	go func() {
		if err := cmd.Wait(); err != nil {
			p.log.Warn("a page could not be opened", "page", page, "error", err)
		}
	}()
	return nil
}

func (p *pageCommands) args(page string) []string {
	args := []string{"open", page}
	if page == tray.PageSetup {
		args = []string{"setup"}
	}
	if path := cmp.Or(p.control, os.Getenv("PRINTSCOUT_CONTROL")); path != "" {
		args = append(args, "--control", path)
	}
	if p.config != "" {
		args = append(args, "--config", p.config)
	}
	return args
}
