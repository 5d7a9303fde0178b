package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"
)

func newToken() *cobra.Command {
	var o serveOptions
	var out, api string
	var valid time.Duration
	c := &cobra.Command{
		Use:   "token",
		Short: "Make the bundle by which one computer joins, or a token for the release api",
		Long: "Makes a bundle: the server's address and key, the site's public keys, and a token\n" +
			"that works once. printscout enroll takes it. With --api it makes a token for\n" +
			"terminals and scripts that order releases; it is shown once. The server may be\n" +
			"running or not.",
		Example: "  scoutcloud token > bundle.json\n  scoutcloud token --api lobby-panel",
	}
	c.Flags().StringVar(&o.data, "data", defaultData, "`FOLDER` of everything the server keeps")
	c.Flags().StringVar(&o.Site, "site", "", "`FOLDER` with the site's public.json and directory.json (default: that of the last serve)")
	c.Flags().StringVar(&o.URL, "url", "", "https `URL` at which scouts reach the server (default: that of the last serve)")
	c.Flags().StringVar(&out, "out", "", "`FILE` to write to, for its owner alone (default: standard output)")
	c.Flags().DurationVar(&valid, "valid", 24*time.Hour, "how long a bundle can be used")
	c.Flags().StringVar(&api, "api", "", "make a token for the release api instead, called `NAME`")
	c.RunE = func(c *cobra.Command, _ []string) error {
		o, err := o.remembered()
		if err != nil {
			return err
		}
		server, err := o.open(slog.New(slog.DiscardHandler))
		if err != nil {
			return err
		}
		defer server.Close()
		var made []byte
		if api != "" {
			token, err := server.APIToken(c.Context(), api)
			if err != nil {
				return err
			}
			made = []byte(token)
		} else {
			bundle, err := server.Bundle(c.Context(), o.URL, valid)
			if err != nil {
				return err
			}
			if made, err = json.MarshalIndent(bundle, "", "  "); err != nil {
				return fmt.Errorf("writing the bundle: %w", err)
			}
		}
		return deliverTo(out, c.OutOrStdout(), append(made, '\n'))
	}
	return c
}

// deliverTo writes a secret to a new file that its owner alone may read, or
// to where it was asked for.
func deliverTo(name string, out io.Writer, secret []byte) error {
	if name == "" {
		_, err := out.Write(secret)
		return err
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	if _, err := f.Write(secret); err != nil {
		f.Close()
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return f.Close()
}
