package cloud

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/durable"
)

const (
	caLife   = 20 * 365 * 24 * time.Hour
	leafLife = 397 * 24 * time.Hour
	// A leaf with less than this left is replaced.
	leafRest = leafLife / 3
)

// certs holds the certificate that the server shows: a leaf of its own CA in
// DataDir/tls, or the files that it was given.
type certs struct {
	dir               string
	hosts             []string
	certFile, keyFile string
	now               func() time.Time
	leaf              atomic.Pointer[tls.Certificate]
}

func newCerts(cfg Config) *certs {
	hosts := append([]string{"localhost", "127.0.0.1", "::1"}, cfg.Hosts...)
	slices.Sort(hosts)
	return &certs{dir: filepath.Join(cfg.DataDir, "tls"), hosts: slices.Compact(hosts), certFile: cfg.CertFile, keyFile: cfg.KeyFile, now: cfg.Now}
}

func (c *certs) tlsConfig() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		CipherSuites: []uint16{ // of TLS 1.2; those of 1.3 are all AEAD
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
		},
		NextProtos:             []string{"http/1.1"}, // websockets need it, and one protocol is less to attack
		SessionTicketsDisabled: true,                 // scouts keep no sessions; a ticket would be bytes for nothing
		GetCertificate:         func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.leaf.Load(), nil },
	}
}

// refreshLeaf loads the leaf, and replaces it if it is missing, near its end
// or for other names.
func (c *certs) refreshLeaf() error {
	if c.certFile != "" {
		pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
		if err != nil {
			return fmt.Errorf("loading the server's certificate: %w", err)
		}
		c.leaf.Store(&pair)
		return nil
	}
	ca, err := c.loadOrMakeCA()
	if err != nil {
		return err
	}
	if err := c.publishCA(ca); err != nil {
		return fmt.Errorf("writing down the CA's certificate: %w", err)
	}
	pair, err := loadPair(filepath.Join(c.dir, "server.pem"))
	if err == nil && c.isUsable(pair, ca) {
		c.leaf.Store(pair)
		return nil
	}
	if pair, err = c.issueLeaf(ca); err != nil {
		return fmt.Errorf("making the server's certificate: %w", err)
	}
	c.leaf.Store(pair)
	return nil
}

// isUsable reports whether a leaf is of the CA, valid for long enough and for
// all hosts.
func (c *certs) isUsable(pair, ca *tls.Certificate) bool {
	if pair.Leaf.CheckSignatureFrom(ca.Leaf) != nil || pair.Leaf.NotAfter.Sub(c.now()) < leafRest || c.now().Before(pair.Leaf.NotBefore) {
		return false
	}
	return !slices.ContainsFunc(c.hosts, func(host string) bool { return pair.Leaf.VerifyHostname(host) != nil })
}

// issueLeaf makes a leaf and saves it, followed by the CA's certificate.
func (c *certs) issueLeaf(ca *tls.Certificate) (*tls.Certificate, error) {
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: "Print Scout server"},
		NotBefore:   c.now().Add(-time.Hour),
		NotAfter:    c.now().Add(leafLife),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, host := range c.hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	data, err := makePair(template, ca)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(c.dir, "server.pem")
	if err := durable.WriteFile(path, data); err != nil {
		return nil, err
	}
	return loadPair(path)
}

// loadOrMakeCA loads the server's own CA, or makes it. If several processes
// start together, one makes it and the others load it.
func (c *certs) loadOrMakeCA() (*tls.Certificate, error) {
	path := filepath.Join(c.dir, "ca.pem")
	ca, err := loadPair(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return ca, err
	}
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the server's CA: %w", err)
	}
	data, err := makePair(&x509.Certificate{
		Subject:               pkix.Name{CommonName: "Print Scout server CA"},
		NotBefore:             c.now().Add(-time.Hour),
		NotAfter:              c.now().Add(caLife),
		KeyUsage:              x509.KeyUsageCertSign,
		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLenZero:        true,
	}, nil)
	if err != nil {
		return nil, fmt.Errorf("making the server's CA: %w", err)
	}
	temporary, err := durable.StageFile(path, data)
	if err != nil {
		return nil, fmt.Errorf("making the server's CA: %w", err)
	}
	defer os.Remove(temporary)
	if err := os.Link(temporary, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("making the server's CA: %w", err)
	}
	return loadPair(path)
}

// caFile holds the CA's certificate without its key, for terminals and scripts
// that are to trust the server.
const caFile = "ca.crt"

// publishCA writes caFile, if it is missing.
func (c *certs) publishCA(ca *tls.Certificate) error {
	path := filepath.Join(c.dir, caFile)
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	return durable.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Leaf.Raw}))
}

// serverPin returns the pin of the server's CA for a bundle; "" if the OS's
// roots know the CA.
func (c *certs) serverPin() (string, error) {
	if c.certFile == "" {
		ca, err := c.loadOrMakeCA()
		if err != nil {
			return "", err
		}
		return wire.Pin(ca.Leaf), nil
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return "", fmt.Errorf("loading the server's certificate: %w", err)
	}
	above, last := x509.NewCertPool(), pair.Leaf
	for _, der := range pair.Certificate[1:] {
		if last, err = x509.ParseCertificate(der); err != nil {
			return "", fmt.Errorf("loading the server's certificate: %w", err)
		}
		above.AddCert(last)
	}
	if _, err := pair.Leaf.Verify(x509.VerifyOptions{Intermediates: above, CurrentTime: c.now()}); err == nil {
		return "", nil
	}
	return wire.Pin(last), nil
}

// coversHost reports whether the server's certificate is for host. Before the
// server's first run there is no certificate, and any host is right.
func (c *certs) coversHost(host string) bool {
	leaf := c.leaf.Load()
	if leaf == nil && c.certFile == "" {
		leaf, _ = loadPair(filepath.Join(c.dir, "server.pem"))
		return leaf == nil || leaf.Leaf.VerifyHostname(host) == nil
	}
	return leaf == nil || leaf.Leaf.VerifyHostname(host) == nil
}

// makePair makes a key and its certificate, signed by ca or by itself, as PEM.
func makePair(template *x509.Certificate, ca *tls.Certificate) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	if template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)); err != nil {
		return nil, err
	}
	parent, signer, chain := template, any(key), []byte(nil)
	if ca != nil {
		parent, signer = ca.Leaf, ca.PrivateKey
		chain = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Leaf.Raw})
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		return nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return slices.Concat(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), chain,
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})), nil
}

func loadPair(path string) (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(path, path)
	if err != nil {
		return nil, fmt.Errorf("loading %s: %w", filepath.Base(path), err)
	}
	return &pair, nil
}
