package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"slices"
	"sync"

	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/systemd"
	"github.com/printscout/printscout/scout"
	"github.com/printscout/printscout/spooler"
)

// printerSocket is FileDescriptorName= in printscout.socket.
const printerSocket = "ipp"

// supervision is what systemd gave the agent, and how the agent tells systemd of
// itself. Without systemd it is empty.
type supervision struct {
	listeners []net.Listener
	notifier  *systemd.Notifier
	warnings  []string // status shows them

	watching sync.WaitGroup
}

// takeSupervision reads what systemd gave this process. It comes before anything
// that starts a child.
func takeSupervision() (*supervision, error) {
	notifier := systemd.NewNotifier()
	files, err := systemd.Sockets()
	if err != nil {
		return nil, fmt.Errorf("taking the sockets of systemd: %w", err)
	}
	return newSupervision(notifier, files)
}

func newSupervision(notifier *systemd.Notifier, files []*os.File) (s *supervision, err error) {
	s = &supervision{notifier: notifier}
	var printer []*os.File
	for _, f := range files {
		if f.Name() == printerSocket {
			printer = append(printer, f)
			continue
		}
		s.warnings = append(s.warnings, fmt.Sprintf("The agent has no use for the socket %q of systemd. FileDescriptorName= should be %s.", f.Name(), printerSocket))
		f.Close()
	}
	if s.listeners, err = spooler.Inherit(printer); err != nil {
		return nil, cli.WithHint(fmt.Errorf("taking the printer's port from systemd: %w", err),
			"see systemctl cat printscout.socket: a drop-in for another port begins with an empty ListenStream= (docs/service.md)")
	}
	if s.notifier.IsAsked() && len(s.listeners) == 0 {
		s.warnings = append(s.warnings, "systemd does not hold the printer's port, so another program could take it whenever the agent restarts. Run: systemctl restart printscout.service; if this stays, see systemctl status printscout.socket.")
	}
	return s, nil
}

// supervise adds to an agent's configuration what systemd gave it. The agent tells
// systemd when it is ready, that it works, and when it stops, until end is called.
func (s *supervision) supervise(ctx context.Context, cfg *scout.Config) (end func()) {
	for _, warning := range s.warnings {
		cfg.Log.Warn("the service is not set up as it should be", "warning", warning)
	}
	untold := func(err error) {
		if err != nil {
			cfg.Log.Error("systemd could not be told of the agent", "error", err)
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	cfg.Listeners = s.listeners
	cfg.Warnings = slices.Concat(cfg.Warnings, s.warnings)
	cfg.Ready = func(alive func()) {
		untold(s.notifier.Ready())
		s.watching.Go(func() { s.notifier.Watch(ctx, alive, untold) })
	}
	cfg.Stopping = func() { untold(s.notifier.Stopping()) }
	return func() {
		cancel()
		s.watching.Wait()
	}
}
