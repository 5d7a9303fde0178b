package simprinter

import (
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"time"
)

// TLS is how the IPPS listener speaks TLS. The zero value takes TLS 1.2 and
// 1.3 and has a certificate of its own making, ECDSA P-256.
type TLS struct {
	Only string `json:"only"` // version, "1.0" to "1.3"; "" is 1.2 and 1.3
	// RSAKeyExchange has no cipher suite but those whose keys are exchanged
	// by RSA; TLS 1.2 at most.
	RSAKeyExchange bool `json:"rsa_key_exchange"`
	// Refuse13 closes the connection on a hello that offers TLS 1.3.
	Refuse13 bool `json:"refuse_13"`
	// MaxHello closes the connection on a hello whose record is longer, in
	// bytes; 0 takes any.
	MaxHello int `json:"max_hello"`
	// Hang never answers a hello, or with MaxHello one that is too long.
	Hang bool `json:"hang"`
	// Plain speaks HTTP without TLS at the port that is for TLS.
	Plain bool `json:"plain"`

	Key       string `json:"key"`        // ecdsa, rsa2048, rsa1024; ecdsa, or rsa2048 with RSAKeyExchange
	Validity  string `json:"validity"`   // "", expired, not-yet
	WrongName bool   `json:"wrong_name"` // the certificate is for another host
}

var tlsVersions = map[string]uint16{"1.0": tls.VersionTLS10, "1.1": tls.VersionTLS11, "1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}

// rsaKeyExchange are the suites that many old printers have, and no others.
var rsaKeyExchange = []uint16{
	tls.TLS_RSA_WITH_AES_128_CBC_SHA, tls.TLS_RSA_WITH_AES_256_CBC_SHA,
	tls.TLS_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_RSA_WITH_AES_256_GCM_SHA384,
}

// errHello ends a connection whose hello the printer does not take.
var errHello = errors.New("the printer does not take this hello")

func (p *Printer) tlsListener() net.Listener {
	l := &portListener{Listener: p.tls, printer: p, ipp: true, count: func(s *Stats) { s.TLSConnections++ }}
	if p.config.TLS.Plain {
		return l
	}
	return tls.NewListener(helloListener{l}, p.tlsConfig())
}

func (p *Printer) tlsConfig() *tls.Config {
	t := p.config.TLS
	c := &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: p.currentCertificate}
	if v, ok := tlsVersions[t.Only]; ok {
		c.MinVersion, c.MaxVersion = v, v
	}
	if t.RSAKeyExchange {
		c.CipherSuites = rsaKeyExchange
		c.MaxVersion = tls.VersionTLS12
	}
	if t.Refuse13 {
		c.GetConfigForClient = closeOnTLS13
	}
	return c
}

func (p *Printer) currentCertificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.certificate
	return &c, nil
}

// closeOnTLS13 closes the connection without an alert, as broken stacks do.
func closeOnTLS13(hello *tls.ClientHelloInfo) (*tls.Config, error) {
	if slices.Contains(hello.SupportedVersions, tls.VersionTLS13) {
		_ = hello.Conn.Close()
		return nil, errHello
	}
	return nil, nil
}

// helloListener looks at the first record of each connection.
type helloListener struct{ *portListener }

// Accept implements net.Listener.
func (l helloListener) Accept() (net.Conn, error) {
	c, err := l.portListener.Accept()
	if made, ok := c.(*trackedConn); ok {
		t := l.printer.config.TLS
		made.hello = helloCheck{most: t.MaxHello, hang: t.Hang, due: t.MaxHello > 0 || t.Hang}
	}
	return c, err
}

// helloCheck looks at the head of a connection's first record (RFC 8446 §5.1):
// type, version, and its length in two bytes.
type helloCheck struct {
	most int
	hang bool
	due  bool
}

// checkHello runs before the first bytes are read; only the reader calls it.
func (h *helloCheck) checkHello(c *trackedConn) error {
	if !h.due {
		return nil
	}
	h.due = false
	head := make([]byte, 5)
	if _, err := io.ReadFull(c.Conn, head); err != nil {
		return err
	}
	if h.most > 0 && int(binary.BigEndian.Uint16(head[3:])) <= h.most {
		c.head = head
		return nil
	}
	if h.hang {
		_ = c.SetReadDeadline(time.Time{})
		_, _ = io.Copy(io.Discard, c.Conn)
	}
	resetConn(c)
	return errHello
}
