package main

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
)

// patience bounds every wait; normally a small part of it is enough.
const patience = 10 * time.Minute

// loadRun is one run of the program.
type loadRun struct {
	plan
	log     io.Writer
	server  *server
	fleet   *fleet
	api     *api
	figures []figure
	peak    float64 // of the server's memory, in MB, over all of its processes
}

func runLoad(ctx context.Context, p plan, log io.Writer) ([]figure, error) {
	dir, err := os.MkdirTemp("", "load")
	if err != nil {
		return nil, fmt.Errorf("making a folder: %w", err)
	}
	defer os.RemoveAll(dir)
	f := &loadRun{plan: p, log: log}
	fmt.Fprintf(log, "load: enrolling %d scouts\n", p.scouts)
	site, err := makeSite(ctx, dir, p.scouts)
	if err != nil {
		return nil, err
	}
	f.server = &server{binary: p.server, site: site.dir, data: site.data, log: log}
	defer f.server.killProcess()
	if err := f.startServer(ctx, site); err != nil {
		return nil, err
	}
	defer f.fleet.disconnectAll()
	defer f.api.http.CloseIdleConnections()
	for _, phase := range []func(context.Context) error{f.measureColdStart, f.measureIdle, f.orderOneByOne, f.orderInBatches, f.measureRestart, f.killAmidOrders} {
		if err := phase(ctx); err != nil {
			return nil, err
		}
	}
	f.notePeak()
	f.addFigures(figureWithGoal("server's resident memory at its peak", fmt.Sprintf("%.0f MB", f.peak), "700 MB", f.peak <= 700))
	return f.figures, f.server.endProcess(syscall.SIGTERM)
}

// startServer starts the server and makes the scouts, which do not connect yet.
func (f *loadRun) startServer(ctx context.Context, s *site) error {
	if err := f.server.startProcess(ctx); err != nil {
		return err
	}
	var ca []byte
	err := f.awaitCondition(ctx, "the server shows its certificate", func() (ok bool) {
		ca, ok = f.server.readCA()
		return ok
	})
	if err != nil {
		return err
	}
	block, _ := pem.Decode(ca)
	if block == nil {
		return fmt.Errorf("reading the server's certificate: there is none")
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return fmt.Errorf("reading the server's certificate: %w", err)
	}
	if f.api, err = newAPI(ca, s.token, f.server); err != nil {
		return err
	}
	f.fleet, err = newFleet(s, f.server, wire.Pin(cert), f.jobs)
	return err
}

func (f *loadRun) addFigures(figures ...figure) {
	for _, one := range figures {
		fmt.Fprintf(f.log, "load: %s: %s\n", one.What, one.Value)
	}
	f.figures = append(f.figures, figures...)
}

func (f *loadRun) notePeak() { f.peak = max(f.peak, f.server.memoryMB("VmHWM")) }

// awaitCondition waits for a condition; it fails if the server ends.
func (f *loadRun) awaitCondition(ctx context.Context, what string, done func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
			if f.server.hasCrashed() {
				return fmt.Errorf("waiting until %s: the server has ended by itself", what)
			}
		case <-ctx.Done():
			return fmt.Errorf("waiting until %s: %w", what, ctx.Err())
		}
	}
	return nil
}

func (f *loadRun) awaitConnected(ctx context.Context) error {
	return f.awaitCondition(ctx, "all scouts are connected", func() bool { return f.fleet.countConnected() == f.scouts })
}
