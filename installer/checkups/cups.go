package checkups

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"unicode"

	"github.com/printscout/printscout/internal/ipp"
)

// queue is a print queue of CUPS.
type queue struct {
	name      string
	device    string // URI that it leads to
	stopped   bool
	accepting bool
	shared    bool
	message   string // why it is stopped
	opPolicy  string
	onError   string // its error policy
	makeModel string
	version   string // of the CUPS
}

// queueAttributes are what is asked of CUPS.
var queueAttributes = []string{"printer-name", "device-uri", "printer-state", "printer-state-message", "printer-is-accepting-jobs",
	"printer-is-shared", "printer-op-policy", "printer-error-policy", "printer-make-and-model", "cups-version"}

const stateStopped = 5 // printer-state, RFC 8011 §5.4.11

var errNoCUPS = errors.New("CUPS does not answer")

// cupsQueues asks CUPS for its queues, once.
func (c *computer) cupsQueues(ctx context.Context) ([]queue, error) {
	return c.queues.get(ctx, func(ctx context.Context) ([]queue, error) {
		client, err := c.cupsClient()
		if err != nil {
			return nil, err
		}
		defer client.CloseIdleConnections()
		found, err := ipp.CUPSPrinters(ctx, &ipp.Client{HTTP: client, URI: "ipp://localhost/"}, queueAttributes...)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errNoCUPS, err)
		}
		var all []queue
		for _, a := range found {
			state, _ := ipp.Int(a, "printer-state")
			accepting, _ := ipp.Bool(a, "printer-is-accepting-jobs")
			shared, _ := ipp.Bool(a, "printer-is-shared")
			text := func(name string) string { return printable(ipp.String(a, name)) }
			all = append(all, queue{
				name: text("printer-name"), device: text("device-uri"), stopped: state == stateStopped, accepting: accepting, shared: shared,
				message: text("printer-state-message"), opPolicy: text("printer-op-policy"), onError: text("printer-error-policy"),
				makeModel: text("printer-make-and-model"), version: text("cups-version"),
			})
		}
		return all, nil
	})
}

// printable returns text of the print system as one line of at most 200 bytes.
func printable(s string) string {
	if len(s) > 200 {
		s = s[:200]
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}

// cupsClient returns a client for the CUPS that lp of this process uses, or for
// that of the system.
func (c *computer) cupsClient() (*http.Client, error) {
	network, address, err := c.cupsAddress()
	if err != nil {
		return nil, err
	}
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DisableKeepAlives: true, MaxResponseHeaderBytes: 16 << 10, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, address)
		}},
	}, nil
}

// cupsAddress returns the socket of CUPS. One on another computer is no concern
// of the checkups: queues that lead to us are on ours.
func (c *computer) cupsAddress() (network, address string, err error) {
	if server := c.Env("CUPS_SERVER"); strings.HasPrefix(server, "/") {
		return "unix", server, nil
	}
	for _, path := range cupsSockets {
		if _, err := os.Stat(c.path(path)); err == nil {
			return "unix", c.path(path), nil
		}
	}
	return "", "", fmt.Errorf("%w: there is no %s", errNoCUPS, strings.Join(cupsSockets, " and no "))
}

// hasDescription reports whether CUPS has a printer description (PPD) of a
// queue: without one it sends documents as they are.
func (c *computer) hasDescription(ctx context.Context, q queue) (bool, error) {
	client, err := c.cupsClient()
	if err != nil {
		return false, err
	}
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost/printers/"+url.PathEscape(q.name)+".ppd", nil)
	if err != nil {
		return false, fmt.Errorf("asking cups for a printer description: %w", err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return false, fmt.Errorf("asking cups for a printer description: %w", err)
	}
	resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK:
		return true, nil
	case http.StatusNotFound:
		return false, nil
	}
	return false, fmt.Errorf("asking cups for a printer description: it answered with status %d", resp.StatusCode)
}

// ourAddresses are the URIs of the printers on loopback.
func (c *computer) ourAddresses(ctx context.Context) []string {
	if s, err := c.agentStatus(ctx); err == nil && len(s.PrinterURIs) > 0 {
		return s.PrinterURIs
	}
	if c.Settings.Port == 0 {
		return nil
	}
	var all []string
	for _, resource := range c.Settings.PrinterResources {
		path := "/ipp/print"
		if resource == "raster" {
			path = "/ipp/print/raster"
		}
		all = append(all, fmt.Sprintf("ipp://localhost:%d%s", c.Settings.Port, path))
	}
	return all
}

// sameAddress reports whether two addresses are of one printer on loopback,
// whatever name they use for it.
func sameAddress(a, b string) bool {
	x, errA := url.Parse(a)
	y, errB := url.Parse(b)
	if errA != nil || errB != nil || x.Port() == "" || !isLoopback(x.Hostname()) || !isLoopback(y.Hostname()) {
		return false
	}
	return isIPP(x.Scheme) && isIPP(y.Scheme) && x.Port() == y.Port() && strings.TrimSuffix(x.Path, "/") == strings.TrimSuffix(y.Path, "/")
}

func isIPP(scheme string) bool { return scheme == "ipp" || scheme == "http" }

func isLoopback(host string) bool {
	if strings.TrimSuffix(strings.ToLower(host), ".") == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
