package main

import (
	"strings"

	"github.com/spf13/cobra"
)

func newPrinter(o *options) *cobra.Command {
	c := &cobra.Command{Use: "printer", Short: "The printers of the site's directory"}
	c.AddCommand(newPrinterList(o))
	return c
}

func newPrinterList(o *options) *cobra.Command {
	c := &cobra.Command{Use: "list", Short: "List the printers where jobs can be released"}
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		client, err := o.client()
		if err != nil {
			return err
		}
		defer client.Close()
		printers, err := client.Printers(c.Context())
		if err != nil {
			return err
		}
		if *asJSON {
			return printJSON(c.OutOrStdout(), printers)
		}
		rows := [][]string{{"NAME", "LOCATION", "AT LEAST", "ADDRESS"}}
		for _, p := range printers {
			rows = append(rows, []string{p.Name, orDash(p.Location), p.Floor, strings.Join(p.URIs, " ")})
		}
		return printTable(c.OutOrStdout(), rows)
	}
	return c
}
