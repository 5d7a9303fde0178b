package simprinter

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"time"
)

// SelfSigned returns a certificate as printers have them, ECDSA P-256, for
// localhost and the loopback addresses.
func SelfSigned(name string, notBefore, notAfter time.Time) (tls.Certificate, error) {
	key, err := newKey("ecdsa")
	if err != nil {
		return tls.Certificate{}, err
	}
	return selfSign(key, &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, NotBefore: notBefore, NotAfter: notAfter,
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	})
}

// newKey returns a new key of that kind.
func newKey(kind string) (key crypto.Signer, err error) {
	switch kind {
	case "rsa1024":
		key, err = rsa.GenerateKey(rand.Reader, 1024)
	case "rsa2048":
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	default:
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	return key, nil
}

// selfSign returns the certificate of a template, signed by its own key.
func selfSign(key crypto.Signer, template *x509.Certificate) (tls.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("making a serial number: %w", err)
	}
	template.SerialNumber = serial
	template.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment | x509.KeyUsageCertSign
	template.IsCA, template.BasicConstraintsValid = true, true
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("making a certificate: %w", err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("reading the certificate made: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, nil
}

// newCertificate returns a new certificate as Config.TLS says.
func (p *Printer) newCertificate() (tls.Certificate, error) {
	t, now := p.config.TLS, time.Now()
	if t.Key == "" && t.RSAKeyExchange {
		t.Key = "rsa2048"
	}
	key, err := newKey(t.Key)
	if err != nil {
		return tls.Certificate{}, err
	}
	made := &x509.Certificate{
		Subject: pkix.Name{CommonName: p.config.Name}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(10, 0, 0),
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	switch t.Validity {
	case "expired":
		made.NotBefore, made.NotAfter = now.AddDate(-2, 0, 0), now.AddDate(-1, 0, 0)
	case "not-yet":
		made.NotBefore = now.AddDate(1, 0, 0)
	}
	if t.WrongName {
		made.DNSNames, made.IPAddresses = []string{"another.invalid"}, nil
	}
	return selfSign(key, made)
}

// Certificate returns what the printer shows over IPPS now.
func (p *Printer) Certificate() *x509.Certificate {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.certificate.Leaf
}

// ReplaceCertificate makes the printer show another certificate from the next
// connection on; nil makes one with a new key.
func (p *Printer) ReplaceCertificate(c *tls.Certificate) error {
	if c == nil {
		made, err := p.newCertificate()
		if err != nil {
			return err
		}
		c = &made
	}
	if c.Leaf == nil {
		leaf, err := x509.ParseCertificate(c.Certificate[0])
		if err != nil {
			return fmt.Errorf("reading the certificate given: %w", err)
		}
		with := *c
		with.Leaf = leaf
		c = &with
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.certificate = *c
	return nil
}
