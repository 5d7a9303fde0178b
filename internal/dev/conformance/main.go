// Command conformance runs the suites of ipptool against the scout's printer on
// loopback and against ippeveprinter, and prints one table of both
// (docs/conformance.md). It owns the comparison; internal/dev/peers/run starts the
// two, and the suites are ipptool's.
//
// It exits 1 if the scout fails a test of a suite that it has to pass.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/dev/peers/run"
)

// suites lists the suites, and whether the scout has to pass them.
var suites = []struct {
	name string
	must bool
}{
	{"ipp-1.1", true}, {"ipp-2.0", true}, {"ipp-2.1", false}, {"ipp-2.2", false}, {"ipp-everywhere", true},
	{"validate-job", false}, {"print-job", false},
}

// quickFrom is the index of the first suite of a quick run: single operations,
// which the other suites include.
const quickFrom = 5

var errFailed = errors.New("the scout fails a test that it has to pass")

func main() {
	quick := flag.Bool("quick", false, "run two single operations in place of the suites")
	file := flag.String("write", "", "also write the table as Markdown to `FILE`")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := compareSuites(ctx, *quick, *file, os.Stdout)
	cancel()
	if err != nil {
		fmt.Fprintf(os.Stderr, "conformance: %s\n", err)
		os.Exit(1)
	}
}

func compareSuites(ctx context.Context, quick bool, file string, out io.Writer) error {
	dir, err := os.MkdirTemp("", "conf")
	if err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	defer os.RemoveAll(dir)
	pair, err := startPair(ctx, dir)
	if err != nil {
		return err
	}
	defer pair.stop()
	t, err := pair.runAll(ctx, quick)
	if err != nil {
		return err
	}
	t.writeMarkdown(out)
	if file != "" {
		if err := t.saveInto(file); err != nil {
			return err
		}
	}
	if t.hasFailed() {
		return errFailed
	}
	return nil
}

// printerPair is the two printers that are compared.
type printerPair struct {
	suites string
	demo   *run.Demo
	theirs *run.Printer
}

func startPair(ctx context.Context, dir string) (p printerPair, err error) {
	defer func() {
		if err != nil {
			p.stop()
		}
	}()
	p.suites = filepath.Join(dir, "s")
	if err := os.Mkdir(p.suites, 0o700); err != nil {
		return p, fmt.Errorf("making a folder: %w", err)
	}
	if err := peers.WriteSuites(p.suites); err != nil {
		return p, err
	}
	bin, err := run.Build(ctx, dir)
	if err != nil {
		return p, err
	}
	if p.demo, err = bin.StartDemo(ctx, filepath.Join(dir, "d")); err != nil {
		return p, err
	}
	p.theirs, err = run.StartPrinter(ctx, filepath.Join(dir, "e"))
	return p, err
}

func (p printerPair) stop() {
	if p.theirs != nil {
		p.theirs.Stop()
	}
	if p.demo != nil {
		p.demo.Stop()
	}
}

func (p printerPair) runAll(ctx context.Context, quick bool) (t table, err error) {
	todo := suites[:quickFrom]
	if quick {
		todo = suites[quickFrom:]
	}
	for _, s := range todo {
		r := row{name: s.name, must: s.must}
		if err := peers.WriteSamples(p.suites, s.name+".test"); err != nil {
			return t, err
		}
		if r.ours, r.theirs, err = p.runSuite(ctx, s.name+".test"); err != nil {
			return t, err
		}
		t.rows = append(t.rows, r)
		fmt.Fprintf(os.Stderr, "conformance: %s is done\n", s.name)
	}
	return t, nil
}

// runSuite runs a suite against both printers at the same time: they mostly wait.
func (p printerPair) runSuite(ctx context.Context, name string) (ours, theirs run.Suite, err error) {
	var wg sync.WaitGroup
	var failed [2]error
	wg.Go(func() { ours, failed[0] = run.RunSuite(ctx, p.suites, p.demo.IPPURL, name) })
	wg.Go(func() { theirs, failed[1] = run.RunSuite(ctx, p.suites, p.theirs.URI, name) })
	wg.Wait()
	return ours, theirs, errors.Join(failed[:]...)
}
