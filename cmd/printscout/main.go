// Old printers have certificates with negative serial numbers, which Go
// otherwise refuses before our own verification runs (docs/delivery.md).
//
//go:debug x509negativeserial=1

// Command printscout is the agent on a person's own computer: the service
// that parks and prints jobs, and the commands to look after it.
//
// It joins the packages and decides nothing: each command has a file, and
// internal/cli makes every error an exit status.
package main

import (
	"os"

	"github.com/printscout/printscout/internal/process"
)

func main() {
	process.Harden()
	os.Exit(program.Main())
}
