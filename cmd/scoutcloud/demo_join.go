package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/control"
)

// scoutConfig is the configuration file of the demo's scout.
type scoutConfig struct {
	StateDir    string
	ControlPath string
	Port        int
	LogLevel    string
}

const configFile = "scout.json"

func (d *demo) startScout(_ context.Context, former demoPaths) error {
	d.VaultDir = filepath.Join(d.filePath("scout"), "vault")
	var err error
	if d.Control, err = d.controlPath(); err != nil {
		return err
	}
	if err := d.configureScout(freePort(former.IPPURL)); err != nil {
		return err
	}
	d.client = control.NewClient(d.Control)
	return d.runScout()
}

func (d *demo) configureScout(port int) error {
	b, err := json.MarshalIndent(scoutConfig{StateDir: d.filePath("scout"), ControlPath: d.Control, Port: port, LogLevel: "info"}, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the scout's configuration: %w", err)
	}
	if err := os.WriteFile(d.filePath(configFile), b, 0o600); err != nil {
		return fmt.Errorf("writing the scout's configuration: %w", err)
	}
	return nil
}

func (d *demo) runScout() (err error) {
	d.scout, err = startScoutProcess(d.filePath(configFile), d.logFile("scout.log"))
	if err == nil {
		d.ScoutPID = d.scout.cmd.Process.Pid
	}
	return err
}

// freePort returns the port of an address if it is free, else 0, which stands
// for any free one.
func freePort(address string) int {
	port := portOf(address)
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return 0
	}
	l.Close()
	return port
}

// portOf returns the port in an address, 0 if there is none.
func portOf(address string) int {
	u, err := url.Parse(address)
	if err != nil {
		return 0
	}
	port, _ := strconv.Atoi(u.Port())
	return port
}

// joinScout enrolls the scout with the server, unless an earlier start has,
// and waits until it is connected and has the directory that names the
// printer.
func (d *demo) joinScout(ctx context.Context, _ demoPaths) error {
	s, err := d.waitForStatus(ctx, func(control.Status) bool { return true })
	if err != nil {
		return err
	}
	d.IPPURL = s.PrinterURI
	// A scout that is started again must be where this one is.
	if err := d.configureScout(portOf(d.IPPURL)); err != nil {
		return err
	}
	if !s.Enrolled || s.Server != d.CloudURL {
		if err := d.enrollScout(ctx); err != nil {
			return err
		}
	}
	return d.waitForLink(ctx)
}

// enrollScout hands the scout a new bundle.
func (d *demo) enrollScout(ctx context.Context) error {
	bundle, err := d.server.Bundle(ctx, d.CloudURL, time.Hour)
	if err != nil {
		return fmt.Errorf("making a bundle for the scout: %w", err)
	}
	raw, err := json.Marshal(bundle)
	if err != nil {
		return fmt.Errorf("making a bundle for the scout: %w", err)
	}
	if _, err := d.client.Enroll(ctx, control.Enrollment{Name: "demo", Bundle: raw}); err != nil {
		return fmt.Errorf("enrolling the scout: %w", err)
	}
	return nil
}

// waitForLink waits until the scout could carry out an order.
func (d *demo) waitForLink(ctx context.Context) error {
	_, err := d.waitForStatus(ctx, func(s control.Status) bool {
		return s.Connected && s.DirectoryRevision >= d.revision
	})
	return err
}

// askEvery is how often a part that is starting is asked for its state.
const askEvery = 20 * time.Millisecond

// waitForStatus asks the scout for its status until it is as wanted.
func (d *demo) waitForStatus(ctx context.Context, wanted func(control.Status) bool) (control.Status, error) {
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for {
		s, err := d.client.Status(ctx)
		if err == nil && wanted(s) {
			return s, nil
		}
		if err != nil && !errors.Is(err, control.ErrUnreachable) && ctx.Err() == nil {
			return s, fmt.Errorf("asking the scout how it is: %w", err)
		}
		select {
		case <-tick.C:
		case <-d.scout.ended:
			return s, cli.WithHint(fmt.Errorf("the scout ended: %w", d.scout.err), "its log is "+d.filePath("scout.log"))
		case <-ctx.Done():
			return s, fmt.Errorf("waiting for the scout: %w (%s)", ctx.Err(), s.LastError)
		}
	}
}

// restartScout does what a service manager would do.
func (d *demo) restartScout(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	if err := d.runScout(); err != nil {
		return err
	}
	if err := d.waitForLink(ctx); err != nil {
		return err
	}
	return d.demoPaths.writeFile(d.dir)
}
