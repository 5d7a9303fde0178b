package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/printscout/printscout/cloud"
	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/directory"
)

// demo is everything that runs.
type demo struct {
	demoPaths
	dir   string
	log   io.Writer
	sim   *simprinter.Printer // nil with a real printer
	agent *simprinter.Agent   // answers for sim by SNMP; nil with a real printer
	real  string              // address of the real printer

	scenario simprinter.Scenario // of the simulated printer

	server      *cloud.Server
	listener    net.Listener
	served      chan error
	stopServing context.CancelFunc

	scout     *scoutProcess
	pages     *scoutProcess
	socketDir string // where the control socket is, if not in dir
	revision  uint64 // of the directory that names the printer
	client    *control.Client
	api       *apiClient
}

// startTime bounds how long the parts may take to find each other.
const startTime = time.Minute

func startDemo(ctx context.Context, dir, printer string, s simprinter.Scenario, log io.Writer) (*demo, error) {
	d := &demo{dir: dir, log: log, real: printer, scenario: s}
	d.Scenario = s.Name
	if err := d.startParts(ctx, formerPaths(dir)); err != nil {
		return nil, errors.Join(err, d.stopParts())
	}
	return d, nil
}

// startParts starts one part after another and writes demo.json.
func (d *demo) startParts(ctx context.Context, former demoPaths) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for _, step := range []func(context.Context, demoPaths) error{d.startPrinter, d.makeSite, d.startServer, d.startScout, d.joinScout, d.openAPI, d.startPages} {
		if err := step(ctx, former); err != nil {
			return err
		}
	}
	return d.demoPaths.writeFile(d.dir)
}

func (d *demo) filePath(name string) string { return filepath.Join(d.dir, name) }

func (d *demo) startPrinter(context.Context, demoPaths) (err error) {
	if d.real != "" {
		d.PrinterURL = d.real
		return nil
	}
	d.PrinterOut = d.filePath("printer")
	if err := os.MkdirAll(d.PrinterOut, 0o700); err != nil {
		return fmt.Errorf("making the folder of the simulated printer: %w", err)
	}
	d.sim, err = simprinter.Start(d.simConfig())
	if err != nil {
		return fmt.Errorf("starting the simulated printer: %w", err)
	}
	d.PrinterURL = d.sim.AnyURI()
	told, err := d.scenario.SNMP.Agent(d.sim.Serial())
	if err != nil {
		return err
	}
	if d.agent, err = simprinter.StartAgent(told); err != nil {
		return fmt.Errorf("starting the SNMP agent of the simulated printer: %w", err)
	}
	return nil
}

const printerName = "demo"

// makeSite makes the site and its keys at the first start, and puts the
// printer into its directory. The pin of a real printer is taken once: a
// second start at the same address keeps it.
func (d *demo) makeSite(ctx context.Context, former demoPaths) error {
	d.SiteDir = d.filePath("site")
	site, err := openSite(d.SiteDir, d.filePath("site-password"))
	if err != nil {
		return err
	}
	defer func() { d.revision = site.Directory().Revision }()
	_, err = site.Directory().Find(printerName)
	known := err == nil
	if known && former.PrinterURL == d.PrinterURL {
		return nil
	}
	p, err := d.askPrinter(ctx)
	if d.agent != nil {
		p.SNMP = &directory.SNMP{Version: "2c", Port: d.agent.Port()}
	}
	if err != nil {
		return cli.WithHint(fmt.Errorf("asking the printer what it is: %w", err), "is the printer on, and is this its address? it looks like ipps://printer.example/ipp/print or socket://printer.example:9100")
	}
	if known {
		if err := site.RemovePrinter(printerName, time.Now()); err != nil {
			return err
		}
	}
	return site.AddPrinter(p, time.Now())
}

// askPrinter makes the directory entry of the printer. One on port 9100 is
// taken to print everything: the demo does not know its manual.
func (d *demo) askPrinter(ctx context.Context) (directory.Printer, error) {
	asking := delivery.New(delivery.Config{Log: slog.New(slog.DiscardHandler)})
	if !strings.HasPrefix(d.PrinterURL, "socket:") {
		id, err := asking.Inspect(ctx, d.PrinterURL)
		p := directory.NewPrinter(printerName, []string{id.URI}, id.Pin, "")
		p.NoExpect, p.TLS = id.NoExpect, id.TLS
		p.Identify(id.UUID, "")
		return p, err
	}
	fmt.Fprintln(d.log, "scoutcloud: asking the printer by PJL what it is; one that does not know PJL may print a line")
	id, err := asking.InspectRaw(ctx, d.PrinterURL)
	p := directory.NewPrinter(printerName, []string{id.URI}, "", "")
	p.Formats, p.PJL = simFormats, id.PJL
	return p, err
}

func openSite(dir, passwordFile string) (*directory.Site, error) {
	password, err := os.ReadFile(passwordFile)
	if err == nil {
		return directory.OpenSite(dir, strings.TrimSpace(string(password)))
	}
	site, made, err := directory.CreateSite(dir, "Print Scout demo", time.Now())
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(passwordFile, []byte(made+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("keeping the password of the demo's site: %w", err)
	}
	return site, nil
}

// startServer takes the port of the earlier start again, if it is free,
// because the scout knows the server by it.
func (d *demo) startServer(ctx context.Context, former demoPaths) (err error) {
	d.ServerDir = d.filePath("server")
	public, err := directory.LoadPublic(d.SiteDir)
	if err != nil {
		return err
	}
	d.server, err = cloud.New(cloud.Config{
		DataDir: d.ServerDir, Site: public, SiteDir: d.SiteDir,
		Log: slog.New(slog.NewTextHandler(d.logFile("server.log"), nil)),
	})
	if err != nil {
		return fmt.Errorf("starting the server: %w", err)
	}
	if d.listener, err = listenAgain(former.CloudURL); err != nil {
		return err
	}
	d.CloudURL = fmt.Sprintf("https://localhost:%d", d.listener.Addr().(*net.TCPAddr).Port)
	d.CloudCA = filepath.Join(d.ServerDir, "tls", "ca.crt")
	serving, cancel := context.WithCancel(context.WithoutCancel(ctx))
	d.stopServing, d.served = cancel, make(chan error, 1)
	go func() { d.served <- d.server.Serve(serving, d.listener) }()
	return nil
}

// openAPI makes what a terminal would have: the server's certificate and a
// token.
func (d *demo) openAPI(ctx context.Context, _ demoPaths) (err error) {
	if d.APIToken, err = d.server.APIToken(ctx, "demo"); err != nil {
		return fmt.Errorf("making a token for the release api: %w", err)
	}
	d.api, err = newAPIClient(d.CloudURL, d.CloudCA, d.APIToken)
	return err
}

// listenAgain listens on the port of an address on loopback, or on a free one.
func listenAgain(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(freePort(address))))
	if err != nil {
		return nil, fmt.Errorf("finding a free port for the server: %w", err)
	}
	return l, nil
}

// logFile opens the log of a part of the demo; if that fails, the part logs
// nothing.
func (d *demo) logFile(name string) io.Writer {
	f, err := os.OpenFile(d.filePath(name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		fmt.Fprintf(d.log, "scoutcloud: no %s: %s\n", name, err)
		return io.Discard
	}
	return f
}

// stopParts ends everything in order, the scout first.
func (d *demo) stopParts() error {
	var errs []error
	if d.client != nil {
		d.client.Close()
	}
	if d.pages != nil {
		errs = append(errs, d.pages.stop())
	}
	if d.scout != nil {
		errs = append(errs, d.scout.stop())
	}
	if d.api != nil {
		d.api.close()
	}
	if d.stopServing != nil {
		d.stopServing()
		errs = append(errs, <-d.served)
	}
	if d.server != nil {
		errs = append(errs, d.server.Close())
	}
	if d.sim != nil {
		errs = append(errs, d.sim.Close())
	}
	if d.agent != nil {
		errs = append(errs, d.agent.Close())
	}
	if d.socketDir != "" {
		errs = append(errs, os.RemoveAll(d.socketDir))
	}
	return errors.Join(errs...)
}

// waitForEnd returns when the demo is ended, or when a part of it cannot
// continue.
func (d *demo) waitForEnd(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-d.served:
			d.served <- nil
			return fmt.Errorf("the server ended: %w", cmp.Or(err, errors.New("it was not told to")))
		case <-d.scout.ended:
			fmt.Fprintf(d.log, "scoutcloud: the scout ended (%v); it is started again\n", d.scout.err)
			if err := d.restartScout(ctx); err != nil {
				return interruptedIs(ctx, err)
			}
		}
	}
}
