package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/control"
)

func newPrinter(o *agentOptions) *cobra.Command {
	c := &cobra.Command{Use: "printer", Short: "The printers of the site's directory, and what a printer is"}
	c.AddCommand(newPrinterList(o), newPrinterProbe(o))
	return c
}

func newPrinterList(o *agentOptions) *cobra.Command {
	c := &cobra.Command{
		Use:   "list",
		Short: "List the printers where jobs can be released",
		Annotations: exitsOfAgent.With(cli.Exits{
			cli.Done:        "the printers are listed, even if there are none",
			cli.Failed:      "they could not be listed",
			cli.NotEnrolled: "this computer has not joined a site",
		}).Annotations(),
	}
	asJSON := cli.JSONFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		printers, err := askAgent(c, o, (*control.Client).Printers)
		if err != nil {
			return err
		}
		return cli.Present(c, *asJSON, printers, printerRows)
	}
	return c
}

func printerRows(printers []control.Printer) [][]string {
	rows := [][]string{{"NAME", "LOCATION", "AT LEAST", "ADDRESS"}}
	for _, p := range printers {
		rows = append(rows, []string{p.Name, orDash(p.Location), p.Floor, strings.Join(p.URIs, " ")})
	}
	return rows
}
