package simprinter_test

import (
	"context"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"net/url"
	"os"
	"time"
)

// smallHello returns a configuration whose hello fits into one packet: no
// post-quantum share.
func smallHello() *tls.Config {
	return &tls.Config{InsecureSkipVerify: true, CurvePreferences: []tls.CurveID{tls.X25519, tls.CurveP256}}
}

// handshake returns what a TLS client of that configuration sees.
func (w *scenarioWorld) handshake(c *tls.Config) (tls.ConnectionState, error) {
	u, err := url.Parse(w.p.URI())
	if err != nil {
		w.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
	defer cancel()
	conn, err := (&tls.Dialer{Config: c}).DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return tls.ConnectionState{}, err
	}
	defer conn.Close()
	return conn.(*tls.Conn).ConnectionState(), nil
}

// wantTaken wants a hello to be taken, or not.
func (w *scenarioWorld) wantTaken(c *tls.Config, want bool) tls.ConnectionState {
	w.Helper()
	s, err := w.handshake(c)
	if (err == nil) != want {
		w.Errorf("the hello: %v", err)
	}
	return s
}

// wantHanging wants a hello that gets no answer.
func (w *scenarioWorld) wantHanging(c *tls.Config) {
	w.Helper()
	conn := tls.Client(w.dial(w.p.URI()), c)
	_ = conn.SetDeadline(time.Now().Add(200 * time.Millisecond))
	if err := conn.Handshake(); !errors.Is(err, os.ErrDeadlineExceeded) {
		w.Errorf("the hello: %v", err)
	}
}

// shownCertificate returns the certificate that a new connection is shown.
func (w *scenarioWorld) shownCertificate() []byte {
	w.Helper()
	s := w.wantTaken(smallHello(), true)
	return s.PeerCertificates[0].Raw
}

// verifyShown returns what a client that trusts the certificate itself says of
// it.
func (w *scenarioWorld) verifyShown() error {
	roots := x509.NewCertPool()
	roots.AddCert(w.p.Certificate())
	_, err := w.handshake(&tls.Config{RootCAs: roots, CurvePreferences: smallHello().CurvePreferences})
	return err
}

func tlsVersion(low, high uint16) *tls.Config {
	c := smallHello()
	c.MinVersion, c.MaxVersion = low, high
	return c
}

// tlsChecks are those of the IPPS listener.
var tlsChecks = map[string]func(w *scenarioWorld){
	"tls12-only": func(w *scenarioWorld) {
		w.wantTaken(tlsVersion(tls.VersionTLS12, tls.VersionTLS12), true)
		w.wantTaken(tlsVersion(tls.VersionTLS13, tls.VersionTLS13), false)
		w.wantTaken(tlsVersion(tls.VersionTLS10, tls.VersionTLS11), false)
		w.mustPrint(testPDF(1))
	},
	"tls10-only": func(w *scenarioWorld) {
		w.wantTaken(tlsVersion(tls.VersionTLS12, tls.VersionTLS13), false)
		w.wantTaken(tlsVersion(tls.VersionTLS10, tls.VersionTLS13), true)
	},
	"tls13-broken": func(w *scenarioWorld) {
		w.wantTaken(tlsVersion(tls.VersionTLS12, tls.VersionTLS13), false)
		w.wantTaken(tlsVersion(tls.VersionTLS12, tls.VersionTLS12), true)
	},
	"rsa-exchange-only": func(w *scenarioWorld) {
		w.wantTaken(smallHello(), false)
		c := tlsVersion(tls.VersionTLS12, tls.VersionTLS12)
		c.CipherSuites = []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256}
		w.wantTaken(c, true)
	},
	"large-hello-closed": func(w *scenarioWorld) {
		w.wantTaken(&tls.Config{InsecureSkipVerify: true}, false)
		w.wantTaken(smallHello(), true)
	},
	"large-hello-hangs": func(w *scenarioWorld) {
		w.wantHanging(&tls.Config{InsecureSkipVerify: true})
		w.wantTaken(smallHello(), true)
	},
	"tls-hangs": func(w *scenarioWorld) { w.wantHanging(smallHello()) },
	"plain-on-tls": func(w *scenarioWorld) {
		_, err := w.handshake(smallHello())
		if e, ok := errors.AsType[tls.RecordHeaderError](err); !ok || string(e.RecordHeader[:4]) != "HTTP" {
			w.Errorf("the hello: %v", err)
		}
		r, err := http.Get("http://" + w.dial(w.p.URI()).RemoteAddr().String() + "/ipp/print")
		if err != nil {
			w.Fatal(err)
		}
		r.Body.Close()
		http.DefaultClient.CloseIdleConnections()
		if r.StatusCode != http.StatusMethodNotAllowed {
			w.Error(r.Status)
		}
	},
	"expired": func(w *scenarioWorld) {
		if e, ok := errors.AsType[x509.CertificateInvalidError](w.verifyShown()); !ok || e.Reason != x509.Expired || w.p.Certificate().NotAfter.After(time.Now()) {
			w.Error(w.verifyShown())
		}
		w.mustPrint(testPDF(1))
	},
	"not-yet-valid": func(w *scenarioWorld) {
		if w.verifyShown() == nil || w.p.Certificate().NotBefore.Before(time.Now()) {
			w.Error(w.verifyShown())
		}
	},
	"wrong-name": func(w *scenarioWorld) {
		if _, ok := errors.AsType[x509.HostnameError](w.verifyShown()); !ok {
			w.Error(w.verifyShown())
		}
	},
	"rsa-1024": func(w *scenarioWorld) {
		s := w.wantTaken(smallHello(), true)
		if k, ok := s.PeerCertificates[0].PublicKey.(*rsa.PublicKey); !ok || k.Size() != 128 {
			w.Errorf("the key is %T", s.PeerCertificates[0].PublicKey)
		}
	},
}
