// Command bench compares the scout with programs that it should be at least as fast
// as, in one run on one machine, and prints a table with ratios and goals
// (docs/bench.md). It owns what is measured and the goals; internal/dev/peers/run
// starts the programs.
//
// It does not fail if a goal is not met: machines differ.
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
	quick := flag.Bool("quick", false, "small documents and one round: shows that it works, not how fast")
	asJSON := flag.Bool("json", false, "print JSON")
	part := flag.Int("part", 0, "only part `1`, the scout and its peers, 2, the vault and its, 3, delivery and its, or 4, the desktop")
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
