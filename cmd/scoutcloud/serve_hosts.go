package main

import (
	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/cli"
)

// certHosts returns the names for the certificate: those asked for and the one
// by which scouts reach the server.
func (o serveOptions) certHosts() ([]string, error) {
	u, err := wire.ServerURL(o.URL)
	if err != nil {
		return nil, cli.Usagef("reading --url: %w", err)
	}
	return append([]string{u.Hostname()}, o.Hosts...), nil
}
