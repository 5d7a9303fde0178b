// Command fuzzinputs removes from testdata/fuzz inputs that add nothing: of the
// inputs of a fuzz target it keeps those that reach a block of code of this module
// that neither its seeds nor the inputs kept so far reach. An input with another
// name than the fuzzer's stays: inputs that once showed a fault are renamed. It owns
// the choice, not the inputs.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	dry := flag.Bool("n", false, "remove nothing")
	flag.Usage = func() {
		fmt.Fprintf(flag.CommandLine.Output(), "usage: fuzzinputs [-n] PACKAGE...\n")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := reduceAll(ctx, flag.Args(), *dry)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "fuzzinputs: %s\n", err)
		os.Exit(1)
	}
}

// reduceAll reduces the inputs of all packages that match patterns.
func reduceAll(ctx context.Context, patterns []string, dry bool) error {
	all, err := listPackages(ctx, patterns)
	if err != nil {
		return err
	}
	for _, p := range all {
		if err := p.reduceTargets(ctx, dry, os.Stdout); err != nil {
			return fmt.Errorf("%s: %w", p.ImportPath, err)
		}
	}
	return nil
}
