package cloudlink

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
)

// Examination is what a connection to a server shows that tells nothing about
// this computer: the way there, the server's certificates, its clock.
type Examination struct {
	// Via is the host and port of the proxy that the environment of this
	// process names for the server, "" for none.
	Via string
	// Chain is what the server, or what stands before it, showed.
	Chain []*x509.Certificate
	// SystemTrusts reports whether the roots of this computer vouch for Chain.
	SystemTrusts bool
	// Untrusted is why a scout does not connect: ErrServerPin, or what the
	// system's roots say of a server without a pin; nil if it does.
	Untrusted error
	// Date is the server's clock and Asked this computer's in the middle of the
	// same request. They are zero unless the server is trusted and told it.
	Date, Asked time.Time
}

// Examine connects to a server as a scout with that pin does, by the same
// proxy, and asks for its health. Where the server is not the right one it
// sends nothing. roots are in place of the system's if they are not nil. The
// error is why there was no connection.
func Examine(ctx context.Context, server, pin string, roots *x509.CertPool) (Examination, error) {
	var x Examination
	u, err := wire.ServerURL(server)
	if err != nil {
		return x, err
	}
	if x.Via, err = proxyOf(u); err != nil {
		return x, fmt.Errorf("reading the proxy of the environment: %w", err)
	}
	cfg := clientTLS(u.Hostname(), pin, time.Now)
	cfg.InsecureSkipVerify = true // VerifyConnection does it
	cfg.VerifyConnection = func(cs tls.ConnectionState) error { return x.judge(cs.PeerCertificates, u.Hostname(), pin, roots) }
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.JoinPath("/healthz").String(), nil)
	if err != nil {
		return x, fmt.Errorf("making the request: %w", err)
	}
	before := time.Now()
	resp, err := newClient(cfg, new(net.Dialer).DialContext).Do(req)
	if x.Untrusted != nil {
		return x, nil
	}
	if err != nil {
		return x, err
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, io.LimitReader(resp.Body, wire.MaxBody))
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		x.Date, x.Asked = date, before.Add(time.Since(before)/2)
	}
	return x, nil
}

// judge notes whom a chain satisfies. It returns an error, which ends the
// connection, if a scout would.
func (x *Examination) judge(chain []*x509.Certificate, host, pin string, roots *x509.CertPool) error {
	if len(chain) == 0 {
		x.Untrusted = errors.New("the server showed no certificate")
		return x.Untrusted
	}
	x.Chain = chain
	others := x509.NewCertPool()
	for _, cert := range chain[1:] {
		others.AddCert(cert)
	}
	_, system := chain[0].Verify(x509.VerifyOptions{DNSName: host, Roots: roots, Intermediates: others})
	x.SystemTrusts, x.Untrusted = system == nil, system
	if pin != "" {
		x.Untrusted = verifyPin(chain, host, pin, time.Now())
	}
	return x.Untrusted
}
