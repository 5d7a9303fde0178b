package main

import (
	"fmt"
	"io"

	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/cli"
)

// listScenarios stands in place of a scenario's name to list them all.
const listScenarios = "list"

// simScenario returns how the simulated printer is to behave.
func (o demoOptions) simScenario() (simprinter.Scenario, error) {
	switch {
	case o.scenario == "":
		return simprinter.Scenario{Config: simprinter.Config{NoPlain: true}}, nil
	case o.printer != "":
		return simprinter.Scenario{}, cli.Usagef("--printer-scenario is for the simulated printer, --printer for a real one: use one of them")
	}
	s, err := simprinter.FindScenario(o.scenario)
	if err != nil {
		return s, cli.WithHint(&cli.UsageError{Err: err}, "scoutcloud demo --printer-scenario list shows all")
	}
	return s, nil
}

// writeScenarios lists all scenarios, a line each.
func writeScenarios(out io.Writer, asJSON bool) error {
	type line struct {
		Name string `json:"name"`
		Does string `json:"does"`
	}
	var all []line
	for _, s := range simprinter.Scenarios() {
		all = append(all, line{s.Name, s.Does})
	}
	if asJSON {
		return cli.PrintJSON(out, all)
	}
	for _, l := range all {
		if _, err := fmt.Fprintf(out, "%-24s %s\n", l.Name, l.Does); err != nil {
			return err
		}
	}
	return nil
}

// simFormats is everything that the scout can park: the simulated printer
// keeps what it gets and need not understand it.
var simFormats = []string{
	"application/pdf", "image/jpeg", "image/png", "image/pwg-raster", "image/urf", "application/postscript",
	"application/vnd.hp-pcl", "application/vnd.hp-pclxl", "text/plain", "application/octet-stream",
}

// simConfig returns the configuration of the simulated printer.
func (d *demo) simConfig() simprinter.Config {
	c := d.scenario.Config
	c.Dir, c.Name = d.PrinterOut, "demo"
	if c.Formats == nil {
		c.Formats = simFormats
	}
	return c
}
