package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/printscout/printscout/internal/dev/peers/run"
	"github.com/printscout/printscout/internal/ipp"
)

// measureDesktop measures what a person's session has to bear: an agent whose
// server and printers are gone, and a tray, while nothing happens.
func (m *measurement) measureDesktop(ctx context.Context) error {
	dir := filepath.Join(m.dir, "desktop")
	s, demo, err := scoutSide(ctx, m.bin, dir)
	if err != nil {
		return err
	}
	s.stop()
	scout, err := m.bin.StartScout(demo)
	if err != nil {
		return err
	}
	defer scout.Stop()
	if err := scout.Until(ctx, 10*time.Millisecond, func() bool { return s.client.isAccepting(ctx) }); err != nil {
		return err
	}
	if err := m.measureAsking(ctx, s.client); err != nil {
		return err
	}
	return m.measureIdle(ctx, scout, demo)
}

// measureAsking measures how long an app's print dialog waits for the printer.
func (m *measurement) measureAsking(ctx context.Context, c client) error {
	const getPrinterAttributes = 0x000b
	took := make([]float64, m.asked)
	for i := range took {
		begin := time.Now()
		if _, err := c.Do(ctx, ipp.NewRequest(ipp.Version20, getPrinterAttributes, c.URI), nil); err != nil {
			return fmt.Errorf("asking for the printer's attributes: %w", err)
		}
		took[i] = inMS(spent{time: time.Since(begin)})
	}
	slices.Sort(took)
	m.logDone("asking while everything else is gone")
	m.report.addFigure("Get-Printer-Attributes, server and printers gone, p99", took[len(took)*99/100], "ms", 20)
	return nil
}

// measureIdle measures a tray and its agent while nothing happens. Where the
// system has no D-Bus or no /proc, it says so.
func (m *measurement) measureIdle(ctx context.Context, scout *run.Child, demo *run.Demo) error {
	bus, address, err := run.StartBus(ctx)
	if errors.Is(err, run.ErrMissing) {
		m.report.addNote("dbus-daemon is not on this machine: the tray was not measured.")
		return nil
	}
	if err != nil {
		return err
	}
	defer bus.Stop()
	cmd := exec.Command(m.bin.Printscout, "tray", "--control", demo.Control)
	cmd.Env = append(os.Environ(), "DBUS_SESSION_BUS_ADDRESS="+address, "XDG_RUNTIME_DIR="+m.dir, "DISPLAY=", "WAYLAND_DISPLAY=")
	tray, err := run.Start(cmd)
	if err != nil {
		return err
	}
	defer tray.Stop()
	if err := pauseFor(ctx, m.settled); err != nil {
		return err
	}
	pids := []int{scout.PID, tray.PID}
	before, err := processorTime(pids)
	if errors.Is(err, os.ErrNotExist) {
		m.report.addNote("Processor time cannot be read on this system.")
		return nil
	}
	begin := time.Now()
	if err := errors.Join(err, pauseFor(ctx, m.idle)); err != nil {
		return err
	}
	after, err := processorTime(pids)
	if err != nil {
		return err
	}
	memory, _, err := residentMemory(tray.PID)
	if err != nil {
		return err
	}
	m.logDone("a tray while nothing happens")
	m.report.addFigure("tray's resident memory, idle", float64(memory)/mB, "MB", 30)
	m.report.addFigure("agent and tray, idle, of a core", 100*float64(after-before)/float64(time.Since(begin)), "%", 0.1)
	return nil
}

func pauseFor(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
