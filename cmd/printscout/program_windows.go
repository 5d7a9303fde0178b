package main

import (
	"context"
	"os"
)

// endedByItself ends the process: on Windows Run waits for the service
// manager alone, which restarts a service that ends without being told to.
func endedByItself(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		complain(os.Stderr, err)
	}
	os.Exit(exitStatus(err, false))
}
