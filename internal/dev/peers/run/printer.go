package run

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/ipp"
)

// Printer is CUPS's ippeveprinter, which keeps the documents it prints.
type Printer struct {
	URI   string
	Spool string // folder of the documents
	child *Child
	bus   *Child
}

// StartPrinter starts ippeveprinter in a folder: on a port of loopback, without
// DNS-SD, with the formats of a good office printer and a job command that ends at
// once, without which each job takes seconds.
func StartPrinter(ctx context.Context, dir string) (*Printer, error) {
	return StartPrinterWith(ctx, dir, "exit 0")
}

// StartPrinterWith starts ippeveprinter with a shell script as job command: a job is
// completed when the script ends. The script is job.sh in the folder.
func StartPrinterWith(ctx context.Context, dir, script string) (p *Printer, err error) {
	program, ok := peers.Find("ippeveprinter")
	if !ok {
		return nil, fmt.Errorf("ippeveprinter: %w", ErrMissing)
	}
	p = &Printer{Spool: filepath.Join(dir, "spool")}
	if err := os.MkdirAll(p.Spool, 0o700); err != nil {
		return nil, fmt.Errorf("making the spool of ippeveprinter: %w", err)
	}
	command := filepath.Join(dir, "job.sh")
	if err := os.WriteFile(command, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		return nil, fmt.Errorf("writing the job command of ippeveprinter: %w", err)
	}
	defer func() {
		if err != nil {
			p.Stop()
		}
	}()
	bus, address, err := StartBus(ctx)
	p.bus = bus
	if err != nil {
		return p, err
	}
	// A port below the ephemeral ones; if it is taken, the program ends, and
	// another port is tried.
	for range 5 {
		port := fmt.Sprint(20000 + rand.IntN(10000))
		cmd := exec.Command(program, "-p", port, "-n", "localhost", "-r", "off", "-2", "-s", "20,10",
			"-f", "application/pdf,image/jpeg,image/pwg-raster,image/urf", "-c", command, "-k",
			"-d", p.Spool, "-K", dir, "Reference Printer")
		cmd.Env = append(os.Environ(), "DBUS_SYSTEM_BUS_ADDRESS="+address)
		p.URI = "ipp://localhost:" + port + "/ipp/print"
		if err = p.startListening(ctx, cmd); err == nil {
			return p, nil
		}
	}
	return p, err
}

// startListening starts ippeveprinter and waits until it has been up for a second:
// before that, its printer-up-time is 0, which the suites report as a fault.
func (p *Printer) startListening(ctx context.Context, cmd *exec.Cmd) error {
	child, err := Start(cmd)
	if err != nil {
		return err
	}
	c := &ipp.Client{HTTP: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: startTime}, URI: p.URI}
	if err := child.Until(ctx, 50*time.Millisecond, func() bool { return upTime(ctx, c) > 0 }); err != nil {
		child.Stop()
		return err
	}
	p.child = child
	return nil
}

// upTime returns a printer's printer-up-time in seconds, 0 if it has none.
func upTime(ctx context.Context, c *ipp.Client) int {
	const getPrinterAttributes = 0x000b
	m := ipp.NewRequest(ipp.Version20, getPrinterAttributes, c.URI)
	m.Operation.Add(ipp.Keyword("requested-attributes", "printer-up-time"))
	a, err := c.Do(ctx, m, nil)
	if err != nil {
		return 0
	}
	n, _ := ipp.Int(a.Printer, "printer-up-time")
	return n
}

// StartBus starts a D-Bus of a session, without which ippeveprinter and a tray do
// not start; ErrMissing where there is none.
func StartBus(ctx context.Context) (bus *Child, address string, err error) {
	program, ok := peers.Find("dbus-daemon")
	if !ok {
		return nil, "", fmt.Errorf("dbus-daemon: %w", ErrMissing)
	}
	if bus, err = Start(exec.Command(program, "--session", "--nofork", "--print-address=1")); err != nil {
		return nil, "", err
	}
	line, err := bus.FirstLine(ctx)
	if err != nil {
		bus.Stop()
		return nil, "", err
	}
	return bus, strings.TrimSpace(line), nil
}

// Empty removes the printed documents and returns how many they were and their size.
// It also removes the output of the job command, which has the extension .prn.
func (p *Printer) Empty() (documents int, size int64, err error) {
	entries, err := os.ReadDir(p.Spool)
	if err != nil {
		return 0, 0, fmt.Errorf("emptying the spool of ippeveprinter: %w", err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			return 0, 0, fmt.Errorf("emptying the spool of ippeveprinter: %w", err)
		}
		if filepath.Ext(e.Name()) != ".prn" {
			documents++
			size += info.Size()
		}
		if err := os.Remove(filepath.Join(p.Spool, e.Name())); err != nil {
			return 0, 0, fmt.Errorf("emptying the spool of ippeveprinter: %w", err)
		}
	}
	return documents, size, nil
}

// Stop ends ippeveprinter and its D-Bus.
func (p *Printer) Stop() {
	for _, c := range []*Child{p.child, p.bus} {
		if c != nil {
			c.Stop()
		}
	}
}
