package delivery

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/url"

	"github.com/printscout/printscout/delivery/internal/raw"
	"github.com/printscout/printscout/internal/ipp"
)

// rawPort is where printers take bare streams unless an address says otherwise.
const rawPort = "9100"

// RawIdentity is what a printer says of itself on port 9100.
type RawIdentity struct {
	URI     string   // with the port
	PJL     bool     // it answers to PJL
	ID      string   // INFO ID: a model, or an IEEE 1284 device id; may be empty
	Status  string   // what its panel shows; may be empty
	Formats []string // that it is known to take; may be empty
}

// InspectRaw asks a printer at a socket URI by PJL what it is. A printer that
// does not speak PJL may print a line of the question, so it is asked only
// when a person adds it or tries it. An unreachable printer is an error; one
// that does not answer is not.
func (d *Deliverer) InspectRaw(ctx context.Context, uri string) (RawIdentity, error) {
	host, err := rawHost(uri)
	if err != nil {
		return RawIdentity{}, err
	}
	conn, err := (&dialer{timeout: d.limit.Connect}).dialPlain(ctx, "tcp", host)
	if err != nil {
		return RawIdentity{}, fmt.Errorf("the printer cannot be reached at socket://%s: %w", host, err)
	}
	ctx, cancel := context.WithTimeout(ctx, d.limit.Answer)
	defer cancel()
	a, err := raw.Ask(ctx, conn)
	if err != nil {
		return RawIdentity{}, fmt.Errorf("at socket://%s: %w", host, err)
	}
	formats, _ := raw.Formats(a.ID, a.Languages)
	return RawIdentity{URI: "socket://" + host, PJL: a.PJL, ID: a.ID, Status: a.Status, Formats: formats}, nil
}

// rawHost returns the host and port of a socket URI.
func rawHost(uri string) (string, error) {
	u, err := url.Parse(uri)
	if err != nil {
		return "", fmt.Errorf("%w: %q cannot be read", ipp.ErrURI, uri)
	}
	more := u.User != nil || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != ""
	if u.Scheme != "socket" || u.Hostname() == "" || more {
		return "", fmt.Errorf("%w: %q should look like socket://printer.example:%s", ipp.ErrURI, uri, rawPort)
	}
	return net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), rawPort)), nil
}
