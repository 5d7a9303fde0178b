package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/cloud"
	"github.com/printscout/printscout/internal/cli"
)

func dataFlag(c *cobra.Command, data *string) {
	c.Flags().StringVar(data, "data", defaultData, "`FOLDER` of everything the server keeps")
}

// withRegistry calls do with the registry of a server that has run, and may be
// running.
func withRegistry(ctx context.Context, data string, do func(cloud.Registry) error) error {
	registry, err := cloud.OpenExistingRegistry(ctx, data)
	if errors.Is(err, fs.ErrNotExist) {
		return cli.WithHint(fmt.Errorf("there is no data of a server in %s", data), "--data names the folder that scoutcloud serve was given")
	}
	if err != nil {
		return cli.WithHint(err, "run it as the user that the server runs as")
	}
	return errors.Join(do(registry), registry.Close())
}

func formatTime(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }
