// Old printers have certificates with negative serial numbers, which Go
// otherwise refuses before anybody is asked (docs/delivery.md).
//
//go:debug x509negativeserial=1

// Command printscout is the agent on a person's own computer: the service
// that parks and prints jobs, and the commands to look after it.
//
// It joins the packages and decides nothing: each command has a file, and
// every error becomes an exit status in exit.go.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/printscout/printscout/internal/process"
)

func main() {
	process.Harden()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := newRoot().ExecuteContext(ctx)
	interrupted := ctx.Err() != nil
	stop()
	if err != nil {
		complain(os.Stderr, err)
	}
	os.Exit(exitStatus(err, interrupted))
}

// complain says what went wrong and, where it is known, what to do next.
func complain(w *os.File, err error) {
	if text := err.Error(); text != "" {
		fmt.Fprintf(w, "printscout: %s\n", text)
	}
	if hint := hintOf(err); hint != "" {
		fmt.Fprintf(w, "hint: %s\n", hint)
	}
}
