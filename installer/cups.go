package installer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// CUPS is the print server of a computer.
type CUPS struct {
	// Socket is where it listens; "" for the first of the usual places that is
	// there.
	Socket string
	// Conf is its cupsd.conf, FilesConf its cups-files.conf.
	Conf      string
	FilesConf string
	// Reload makes it read its configuration again; nil for the way of the system.
	Reload func(context.Context) error
}

// Queue is a print queue as CUPS describes it.
type Queue struct {
	Name        string
	URI         string // where it leads
	Model       string
	Policy      string // printer-op-policy
	ErrorPolicy string // printer-error-policy
	Stopped     bool
	Accepting   bool
	Shared      bool
	Message     string // printer-state-message
}

// Errors of a print server that is not there.
var (
	ErrNoCUPS      = errors.New("CUPS is not installed")
	ErrCUPSStopped = errors.New("the print server (cupsd) does not answer")
)

// cupsSockets are the usual places of its socket.
var cupsSockets = []string{"/run/cups/cups.sock", "/var/run/cups/cups.sock", "/private/var/run/cupsd"}

// cupsTime is how long one answer of CUPS may take.
const cupsTime = 30 * time.Second

// Operations of CUPS (cups/ipp.h).
const (
	opGetDefault  goipp.Op = 0x4001
	opGetPrinters goipp.Op = 0x4002
)

// describedAttributes are what is asked of each queue.
var describedAttributes = []string{
	"printer-name", "device-uri", "printer-make-and-model", "printer-op-policy", "printer-error-policy",
	"printer-state", "printer-is-accepting-jobs", "printer-is-shared", "printer-state-message",
}

// Queues returns all queues.
func (c *CUPS) Queues(ctx context.Context) (all []Queue, err error) {
	m, err := c.ask(ctx, opGetPrinters, describedAttributes...)
	if err != nil {
		return nil, err
	}
	for _, g := range m.Groups {
		if g.Tag == goipp.TagPrinterGroup {
			all = append(all, queueOf(g.Attrs))
		}
	}
	return all, nil
}

// Queue returns the queue of a name; false if there is none. Names are the same
// whatever their case.
func (c *CUPS) Queue(ctx context.Context, name string) (Queue, bool, error) {
	all, err := c.Queues(ctx)
	for _, q := range all {
		if strings.EqualFold(q.Name, name) {
			return q, true, nil
		}
	}
	return Queue{}, false, err
}

// Default returns the name of the computer's default printer, "" if there is none.
func (c *CUPS) Default(ctx context.Context) (string, error) {
	m, err := c.ask(ctx, opGetDefault, "printer-name")
	if err != nil {
		return "", err
	}
	return ipp.String(m.Printer, "printer-name"), nil
}

func queueOf(attrs goipp.Attributes) Queue {
	state, _ := ipp.Int(attrs, "printer-state")
	accepting, _ := ipp.Bool(attrs, "printer-is-accepting-jobs")
	shared, _ := ipp.Bool(attrs, "printer-is-shared")
	return Queue{
		Name: ipp.String(attrs, "printer-name"), URI: ipp.String(attrs, "device-uri"),
		Model: ipp.String(attrs, "printer-make-and-model"), Policy: ipp.String(attrs, "printer-op-policy"),
		ErrorPolicy: ipp.String(attrs, "printer-error-policy"), Stopped: state == ipp.PrinterStopped,
		Accepting: accepting, Shared: shared, Message: ipp.Clean(ipp.String(attrs, "printer-state-message"), maxSaid),
	}
}

// Forget has CUPS forget one job of a queue, with its document: cancel(1) does not
// for a job that is completed.
func (c *CUPS) Forget(ctx context.Context, queue string, job int) error {
	uri := "ipp://localhost/printers/" + queue
	m := ipp.NewRequest(ipp.Version20, goipp.OpPurgeJobs, uri)
	m.Operation.Add(ipp.Name("requesting-user-name", adminName))
	m.Operation.Add(ipp.Integer("job-ids", job))
	m.Operation.Add(ipp.Boolean("purge-jobs", true))
	_, err := c.send(ctx, m, uri)
	return err
}

// ask sends one request for attributes. An answer that there are no queues is an
// empty one.
func (c *CUPS) ask(ctx context.Context, op goipp.Op, attributes ...string) (*goipp.Message, error) {
	const uri = "ipp://localhost/"
	m := ipp.NewRequest(ipp.Version20, op, uri)
	m.Operation.Add(ipp.Keyword("requested-attributes", attributes...))
	return c.send(ctx, m, uri)
}

// adminName is the account that changes queues.
const adminName = "root"

// asAdministrator tells CUPS that it is root who asks, which it checks with the
// kernel (cupsd.conf(5), AuthType Default, over the domain socket).
type asAdministrator struct{ http.RoundTripper }

func (a asAdministrator) RoundTrip(req *http.Request) (*http.Response, error) {
	req.Header.Set("Authorization", "PeerCred "+adminName)
	return a.RoundTripper.RoundTrip(req)
}

func (c *CUPS) send(ctx context.Context, m *goipp.Message, uri string) (*goipp.Message, error) {
	ctx, cancel := context.WithTimeout(ctx, cupsTime)
	defer cancel()
	transport := &http.Transport{DialContext: c.dial, DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	var trip http.RoundTripper = transport
	if m.Code == goipp.Code(goipp.OpPurgeJobs) {
		trip = asAdministrator{transport}
	}
	answer, err := (&ipp.Client{HTTP: &http.Client{Transport: trip}, URI: uri}).Do(ctx, m, nil)
	if ipp.IsStatus(err, goipp.StatusErrorNotFound) {
		return new(goipp.Message), nil
	}
	if err != nil {
		return nil, fmt.Errorf("asking CUPS: %w", err)
	}
	return answer, nil
}

func (c *CUPS) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	sockets := cupsSockets
	if c.Socket != "" {
		sockets = []string{c.Socket}
	}
	var err error
	for _, path := range sockets {
		var conn net.Conn
		if conn, err = new(net.Dialer).DialContext(ctx, "unix", path); err == nil {
			return conn, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return nil, fmt.Errorf("%w: %w", ErrCUPSStopped, err)
}

// environ names the print server to its programs.
func (c *CUPS) environ() []string {
	if c.Socket == "" {
		return nil
	}
	return []string{"CUPS_SERVER=" + c.Socket}
}

// LeadsTo reports whether a queue leads to a printer on loopback with that port.
func (q Queue) LeadsTo(port int) bool {
	u, err := url.Parse(q.URI)
	if err != nil || u.Scheme != "ipp" && u.Scheme != "http" {
		return false
	}
	switch strings.TrimSuffix(strings.ToLower(u.Hostname()), ".") {
	case "localhost", "127.0.0.1", "::1":
		return u.Port() == fmt.Sprint(port) && strings.HasPrefix(u.Path+"/", "/ipp/print/")
	}
	return false
}
