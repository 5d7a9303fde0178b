// Command bench measures the scout against the peers that it has to be as
// fast as, side by side in one run on one machine, and prints a table with
// ratios and goals (docs/bench.md). It owns what is measured and by which
// goal; how the programs are started is internal/dev/peers/run's.
//
// A goal that is not met is said and is no failure: machines differ.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// wholeTime is how long all of it may take.
const wholeTime = time.Hour

func main() {
	quick := flag.Bool("quick", false, "small documents and one round: says that it works, not how fast")
	asJSON := flag.Bool("json", false, "print JSON")
	part := flag.Int("part", 0, "`1`, the scout and its peers, 2, the vault and its, or 3, delivery and its, alone")
	flag.Parse()
	if done, err := runAsChild(os.Stdout); done {
		exitOnError(err)
		return
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := runBench(ctx, *quick, *part, *asJSON, os.Stdout, os.Stderr)
	cancel()
	exitOnError(err)
}

func exitOnError(err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench: %s\n", err)
		os.Exit(1)
	}
}

func runBench(ctx context.Context, quick bool, part int, asJSON bool, out, log io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, wholeTime)
	defer cancel()
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	defer os.RemoveAll(dir)
	p := fullPlan
	if quick {
		p = quickPlan
	}
	p.part = part
	r, err := runMeasurement(ctx, p, dir, log)
	if err != nil {
		return err
	}
	if asJSON {
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	r.writeMarkdown(out)
	return nil
}
