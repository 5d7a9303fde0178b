// Old printers have certificates with negative serial numbers, which Go
// otherwise refuses before our own verification runs (docs/delivery.md).
//
//go:debug x509negativeserial=1

// Command scoutcloud is the release server that a site hosts itself, and the
// demonstration of the whole way of a job on one machine.
//
// It joins packages and decides nothing: each command has a file, and internal/cli
// makes every error an exit status.
package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/process"
)

// program is this program for package cli.
var program = cli.Program{NewRoot: newRoot}

func main() {
	process.Harden()
	os.Exit(program.Main())
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "scoutcloud",
		Short: "The release server of Print Scout",
		Long:  "Hosts the release server of a site: scouts tell it that jobs are parked, and it\nasks them to release. It cannot read a document, a title or a name.",
	}
	root.AddCommand(newServe(), newDemo(), newToken(), newScout(), newDoctor(), cli.NewGenerate(), cli.NewVersion())
	return cli.Prepare(root)
}
