// Command load connects many scouts to one release server, as two processes on one
// machine, and measures the server: with all connecting at once, idle, with orders
// one by one and in batches, over a planned restart and over kill -9. It prints a
// table with goals (docs/bench.md). It owns what is measured and the scouts, which
// are package cloudlink with an agent that prints nothing; the server is the binary,
// as a site runs it.
//
// It does not fail if a goal is not met: machines differ. It fails if an order is
// lost or carried out twice.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// plan is how much is done.
type plan struct {
	server  string // binary of scoutcloud
	scouts  int
	jobs    int           // of each scout
	idle    time.Duration // how long nothing happens, also before each kill
	orders  int           // one by one, and again in batches
	batch   int           // orders in one request
	kills   int           // rounds of kill -9
	killing int           // orders in each round
}

func main() {
	var p plan
	flag.StringVar(&p.server, "server", "bin/scoutcloud", "`FILE` of the server's binary")
	flag.IntVar(&p.scouts, "scouts", 2000, "how many scouts")
	flag.IntVar(&p.jobs, "jobs", 3, "parked jobs of each")
	flag.DurationVar(&p.idle, "idle", 65*time.Second, "how long nothing happens, also before each kill; a scout that was connected for a minute reconnects at once")
	flag.IntVar(&p.orders, "orders", 2000, "orders one by one, and as many in batches")
	flag.IntVar(&p.batch, "batch", 250, "orders in one batch")
	flag.IntVar(&p.kills, "kills", 3, "how often the server is killed amid orders")
	flag.IntVar(&p.killing, "killing", 500, "orders at each kill")
	asJSON := flag.Bool("json", false, "print JSON")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	figures, err := runLoad(ctx, p, os.Stderr)
	if err == nil {
		err = printFigures(os.Stdout, figures, *asJSON)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "load: %s\n", err)
		os.Exit(1)
	}
}
