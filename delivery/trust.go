package delivery

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/printscout/printscout/internal/directory"
)

var (
	errPin       = errors.New("the printer's key is not the pinned one")
	errUntrusted = errors.New("the printer's certificate is not trusted")
	errNoTLS     = errors.New("the printer does not speak tls here")
)

// certificateCheck decides about the certificates that a printer shows and
// remembers whether it accepted an unverified one.
type certificateCheck struct {
	printer  directory.Printer
	roots    *x509.CertPool
	unproven atomic.Bool // a certificate passed that could not be verified
	// spoke is set once the printer has shown the pinned key, or a certificate
	// that was verified; may be nil.
	spoke *atomic.Bool
}

// tlsConfig returns the TLS configuration of every connection to a printer.
// The hello names no post-quantum group: with one it needs two packets, on
// which some printers hang.
func (t *certificateCheck) tlsConfig(host string, p tlsProfile) *tls.Config {
	return p.tlsConfig(host, func(cs tls.ConnectionState) error { return t.verifyCertificate(host, cs.PeerCertificates) })
}

// tlsConfig returns the configuration of a profile; verify decides about
// certificates.
func (p tlsProfile) tlsConfig(host string, verify func(tls.ConnectionState) error) *tls.Config {
	c := &tls.Config{
		ServerName:         host,
		MinVersion:         tls.VersionTLS12,
		CurvePreferences:   []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384},
		InsecureSkipVerify: true, // verify decides, on every connection
		VerifyConnection:   verify,
	}
	switch p {
	case profile12:
		c.MaxVersion = tls.VersionTLS12
	case profileOld:
		c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS12
		for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
			c.CipherSuites = append(c.CipherSuites, s.ID)
		}
	}
	return c
}

func (t *certificateCheck) verifyCertificate(host string, chain []*x509.Certificate) error {
	err := t.checkChain(host, chain)
	if err == nil && !t.unproven.Load() && t.spoke != nil {
		t.spoke.Store(true)
	}
	return err
}

func (t *certificateCheck) checkChain(host string, chain []*x509.Certificate) error {
	if len(chain) == 0 {
		return errUntrusted
	}
	if t.printer.Pin != "" {
		if !t.printer.PinMatches(chain[0].RawSubjectPublicKeyInfo) {
			return errPin
		}
		return nil
	}
	err := verifyChain(host, chain, t.roots)
	if err == nil {
		return nil
	}
	if !directory.GradeIPP.AtLeast(t.printer.Floor) {
		return fmt.Errorf("%w: %w", errUntrusted, err)
	}
	t.unproven.Store(true)
	return nil
}

// grade returns the grade of the connections made so far.
func (s *session) grade() directory.Grade {
	switch {
	case s.isRaw():
		return directory.GradeRaw
	case !s.usesTLS() || s.trust.unproven.Load():
		return directory.GradeIPP
	case s.trust.printer.Pin != "":
		return directory.GradePinned
	}
	return directory.GradeIPPS
}

func verifyChain(host string, chain []*x509.Certificate, roots *x509.CertPool) error {
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{DNSName: host, Roots: roots, Intermediates: between})
	return err
}
