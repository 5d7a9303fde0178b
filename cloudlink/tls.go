package cloudlink

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
)

// ErrServerPin means that the bundle does not vouch for the server's
// certificate. Nothing was sent to the server.
var ErrServerPin = errors.New("the server's certificate is not the one in the bundle")

func (l *Link) tlsConfig() *tls.Config {
	return clientTLS(l.server.Hostname(), l.cfg.ServerPin, l.cfg.Now)
}

// clientTLS returns a configuration that accepts a server called host if its
// chain leads to the certificate whose key is the pin or, without a pin, to
// the OS's roots.
func clientTLS(host, pin string, now func() time.Time) *tls.Config {
	cfg := &tls.Config{
		ServerName: host,
		MinVersion: tls.VersionTLS12,
		CipherSuites: []uint16{ // of TLS 1.2; those of 1.3 are all AEAD
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
		},
		NextProtos: []string{"http/1.1"},
		Time:       now,
	}
	if pin != "" {
		cfg.InsecureSkipVerify = true // VerifyConnection does it, with the pin for a root
		cfg.VerifyConnection = func(cs tls.ConnectionState) error {
			return verifyPin(cs.PeerCertificates, host, pin, now())
		}
	}
	return cfg
}

// verifyPin verifies a chain with the certificate of the pin as its root.
func verifyPin(chain []*x509.Certificate, host, pin string, now time.Time) error {
	roots, others, found := x509.NewCertPool(), x509.NewCertPool(), false
	for _, cert := range chain {
		if wire.Pin(cert) == pin {
			roots.AddCert(cert)
			found = true
		} else {
			others.AddCert(cert)
		}
	}
	if !found {
		return ErrServerPin
	}
	_, err := chain[0].Verify(x509.VerifyOptions{DNSName: host, Roots: roots, Intermediates: others, CurrentTime: now})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrServerPin, err)
	}
	return nil
}

type dialFunc = func(ctx context.Context, network, addr string) (net.Conn, error)

// newClient returns a client for the few requests that do not use the
// websocket: one connection each, no redirects.
func newClient(cfg *tls.Config, dial dialFunc) *http.Client {
	return &http.Client{
		Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DialContext:            dial,
			TLSClientConfig:        cfg,
			TLSHandshakeTimeout:    wire.HandshakeTime,
			ResponseHeaderTimeout:  30 * time.Second,
			MaxResponseHeaderBytes: 16 << 10,
			DisableKeepAlives:      true,
		},
	}
}

// proxyOf returns the proxy that the environment names for a server; "" for
// none. What it says of a user and a password is left out.
func proxyOf(server *url.URL) (hostPort string, err error) {
	proxy, err := http.ProxyFromEnvironment(&http.Request{URL: server})
	if err != nil || proxy == nil {
		return "", err
	}
	return proxy.Host, nil
}
