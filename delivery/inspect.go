package delivery

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/delivery/internal/post"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/ipp"
)

// Identity is what a printer at an address says of itself, for an
// administrator to look at before it goes into the directory.
type Identity struct {
	URI             string // where it answered, with the path
	Pin             string // of the certificate it shows now, directory.PinOf; empty over ipp
	CertificateNote string // a sentence about that certificate; empty over ipp
	Name            string // printer-name or printer-info
	Location        string
	MakeModel       string
	UUID            string // printer-uuid, urn:uuid:…; empty if it has none
	Formats         []string
	State           string // idle, processing, stopped, with reasons
	Versions        []string
	OldTLS          bool   // it knows no TLS that is still considered safe
	NoExpect        bool   // it does not ask for the body of a request that allows it to
	TLS             string // the profile it answered, "" for the newest; directory.Printer.TLS
}

var identityAttributes = []string{
	"printer-name", "printer-info", "printer-location", "printer-make-and-model", "printer-uuid",
	"document-format-supported", "printer-state", "printer-state-reasons", "printer-state-message",
	"ipp-versions-supported",
}

// Inspect asks a printer at an ipp or ipps URI what it is and, over ipps,
// takes the pin of whatever certificate it shows. It trusts nothing and sends
// only the question. An error says in a sentence what went wrong.
func (d *Deliverer) Inspect(ctx context.Context, uri string) (Identity, error) {
	if _, err := ipp.HTTPURL(uri); err != nil {
		return Identity{}, err
	}
	var err error
	var f *failure
	for began := time.Now(); ; {
		var tried []*failure
		for _, full := range withPorts(uri) {
			var id Identity
			if id, err = d.inspectAt(ctx, endpoint{paths: withPaths(full)}); err == nil {
				return id, nil
			}
			tried = append(tried, asFailure("at "+uri, uri, err))
		}
		f = mostTellingFailure(tried)
		if !mayBeAsleep(err) || time.Since(began) >= d.limit.Wake || pauseFor(ctx, reconnectInterval(time.Since(began))) != nil {
			break
		}
	}
	return Identity{}, fmt.Errorf("%s (%w)", strings.TrimSuffix(f.message, "."), f.cause)
}

// mayBeAsleep reports whether a printer may be asleep: no answer came in time,
// or the connection was ended.
func mayBeAsleep(err error) bool {
	var timeout net.Error
	return isReset(err) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errHello) || errors.As(err, &timeout) && timeout.Timeout()
}

// everyProfile is offered to a printer that is only asked what it is.
var everyProfile = []tlsProfile{profileModern, profile12, profileOld}

func (d *Deliverer) inspectAt(ctx context.Context, e endpoint) (Identity, error) {
	var shown shownCertificate
	s, err := d.openSession(ctx, e, &certificateCheck{printer: directory.Printer{Name: "at " + e.paths[0].uri}}, shown.tlsConfig, everyProfile, new(printerMemory), identityAttributes)
	if err != nil {
		return Identity{}, err
	}
	defer s.close()
	id := s.info.readIdentity()
	id.URI = s.uri
	id.OldTLS = s.usesTLS() && s.dialer.profile() == profileOld
	if p := s.usedProfile(); p != profileModern {
		id.TLS = string(p)
	}
	if chain, host := shown.chainAndHost(); len(chain) > 0 {
		id.Pin = directory.PinOf(chain[0].RawSubjectPublicKeyInfo)
		id.CertificateNote = noteOn(chain, host, d.roots, d.now())
	}
	// Last, since it connects again: the pin is that of the connection on which
	// the printer identified itself.
	id.NoExpect = s.ignoresExpect(ctx)
	return id, nil
}

// ignoresExpect asks the printer once more, letting it ask for the body first,
// and reports whether it does not.
func (s *session) ignoresExpect(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, s.limit.Answer)
	defer cancel()
	m := s.newRequest(goipp.OpGetPrinterAttributes)
	m.Operation.Add(ipp.Keyword("requested-attributes", "printer-state"))
	p, err := s.documentRequest(m, ipp.Document{Reader: strings.NewReader("")})
	if err != nil {
		return false
	}
	p.Expect = true
	s.transport.CloseIdleConnections() // some printers serve one connection at a time
	t := s.postDocument(ctx, p, post.Hooks{Began: func() {}, Sent: func() {}, Stuck: func(context.Context) bool { return false }})
	return t.Late || errors.Is(t.Err, post.ErrExpect)
}

// shownCertificate keeps what a printer shows in a TLS hello.
type shownCertificate struct {
	mu      sync.Mutex
	chain   []*x509.Certificate
	host    string
	version uint16 // of TLS
}

func (c *shownCertificate) tlsConfig(host string, p tlsProfile) *tls.Config {
	return p.tlsConfig(host, func(cs tls.ConnectionState) error {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.chain, c.host, c.version = cs.PeerCertificates, host, cs.Version
		return nil
	})
}

func (c *shownCertificate) chainAndHost() ([]*x509.Certificate, string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.chain, c.host
}

func (c *shownCertificate) tlsVersion() uint16 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.version
}

func noteOn(chain []*x509.Certificate, host string, roots *x509.CertPool, now time.Time) string {
	leaf := chain[0]
	until := leaf.NotAfter.UTC().Format(time.DateOnly)
	switch {
	case now.After(leaf.NotAfter):
		return "It expired on " + until + "; pinned, it serves all the same."
	case now.Before(leaf.NotBefore):
		return "It is not valid before " + leaf.NotBefore.UTC().Format(time.DateOnly) + "; pinned, it serves all the same."
	case verifyChain(host, chain, roots) == nil:
		return "It is signed by an authority this computer trusts, for " + host + ", until " + until + "."
	case leaf.CheckSignatureFrom(leaf) == nil || leaf.Subject.String() == leaf.Issuer.String():
		return "It is self-signed, until " + until + "."
	}
	return "It is signed by " + ipp.Clean(leaf.Issuer.String(), 120) + ", which this computer does not trust, or made for another name; until " + until + "."
}

var printerStates = map[int]string{3: "idle", 4: "processing", 5: "stopped"}

func (i printerInfo) readIdentity() Identity {
	text := func(name string) string { return ipp.Clean(ipp.String(i.attrs, name), 255) }
	id := Identity{
		Name: text("printer-info"), Location: text("printer-location"),
		MakeModel: text("printer-make-and-model"), UUID: text("printer-uuid"), State: i.stateWords(),
	}
	if id.Name == "" {
		id.Name = text("printer-name")
	}
	for _, f := range ipp.Strings(i.attrs, "document-format-supported") {
		id.Formats = append(id.Formats, ipp.Clean(f, 127))
	}
	for _, v := range ipp.Strings(i.attrs, "ipp-versions-supported") {
		id.Versions = append(id.Versions, ipp.Clean(v, 15))
	}
	return id
}

func (i printerInfo) stateWords() string {
	n, _ := ipp.Int(i.attrs, "printer-state")
	s := printerStates[n]
	if s == "" {
		s = "unknown"
	}
	if r := i.reasons(); len(r) > 0 {
		s += " (" + strings.Join(r, ", ") + ")"
	}
	return s
}
