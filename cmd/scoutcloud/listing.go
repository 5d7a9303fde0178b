package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/cloud"
)

func dataFlag(c *cobra.Command, data *string) {
	c.Flags().StringVar(data, "data", defaultData, "`FOLDER` of everything the server keeps")
}

func jsonFlag(c *cobra.Command) *bool {
	return c.Flags().Bool("json", false, "print JSON (field names are stable)")
}

// withRegistry does something with the registry of a server that has run, and
// may be running.
func withRegistry(ctx context.Context, data string, do func(cloud.Registry) error) error {
	registry, err := cloud.OpenExistingRegistry(ctx, data)
	if errors.Is(err, fs.ErrNotExist) {
		return hinted{fmt.Errorf("no server has kept anything in %s", data), "--data names the folder that scoutcloud serve was given"}
	}
	if err != nil {
		return hinted{err, "run it as the user that the server runs as"}
	}
	return errors.Join(do(registry), registry.Close())
}

// show prints a listing: JSON, or a table with a head.
func show[T any](out io.Writer, asJSON bool, all []T, head string, line func(T) string) error {
	if asJSON {
		return json.NewEncoder(out).Encode(all)
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, head)
	for _, one := range all {
		fmt.Fprintln(table, line(one))
	}
	return table.Flush()
}

func day(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }
