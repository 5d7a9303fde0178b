package main

import (
	"context"
	"os"
)

// endedByItself ends the process: on Windows Run waits only for the service
// manager, which restarts a service that ends without being told to.
func endedByItself(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	os.Exit(program.Report(err))
}
