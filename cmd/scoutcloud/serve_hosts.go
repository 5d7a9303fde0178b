package main

import (
	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/cli"
)

// certHosts are the names in the certificate: those asked for and the one that
// scouts call the server by.
func (o serveOptions) certHosts() ([]string, error) {
	u, err := wire.ServerURL(o.URL)
	if err != nil {
		return nil, cli.Usagef("reading --url: %w", err)
	}
	return append([]string{u.Hostname()}, o.Hosts...), nil
}
