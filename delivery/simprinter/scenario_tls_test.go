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

// small is a hello that fits into one packet: no post-quantum share.
func small() *tls.Config {
	return &tls.Config{InsecureSkipVerify: true, CurvePreferences: []tls.CurveID{tls.X25519, tls.CurveP256}}
}

// handshake is what a TLS client of that configuration sees.
func (w *world) handshake(c *tls.Config) (tls.ConnectionState, error) {
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

// takes wants a hello to be taken, or not.
func (w *world) takes(c *tls.Config, want bool) tls.ConnectionState {
	w.Helper()
	s, err := w.handshake(c)
	if (err == nil) != want {
		w.Errorf("the hello: %v", err)
	}
	return s
}

// hangs wants a hello that gets no answer.
func (w *world) hangs(c *tls.Config) {
	w.Helper()
	conn := tls.Client(w.dial(w.p.URI()), c)
	_ = conn.SetDeadline(time.Now().Add(200 * time.Millisecond))
	if err := conn.Handshake(); !errors.Is(err, os.ErrDeadlineExceeded) {
		w.Errorf("the hello: %v", err)
	}
}

// shown is the certificate that a new connection is shown.
func (w *world) shown() []byte {
	w.Helper()
	s := w.takes(small(), true)
	return s.PeerCertificates[0].Raw
}

// verified is how a client that trusts the certificate itself judges it.
func (w *world) verified() error {
	roots := x509.NewCertPool()
	roots.AddCert(w.p.Certificate())
	_, err := w.handshake(&tls.Config{RootCAs: roots, CurvePreferences: small().CurvePreferences})
	return err
}

func version(low, high uint16) *tls.Config {
	c := small()
	c.MinVersion, c.MaxVersion = low, high
	return c
}

// tlsChecks are those of the IPPS listener.
var tlsChecks = map[string]func(w *world){
	"tls12-only": func(w *world) {
		w.takes(version(tls.VersionTLS12, tls.VersionTLS12), true)
		w.takes(version(tls.VersionTLS13, tls.VersionTLS13), false)
		w.takes(version(tls.VersionTLS10, tls.VersionTLS11), false)
		w.mustPrint(pdf(1))
	},
	"tls10-only": func(w *world) {
		w.takes(version(tls.VersionTLS12, tls.VersionTLS13), false)
		w.takes(version(tls.VersionTLS10, tls.VersionTLS13), true)
	},
	"tls13-broken": func(w *world) {
		w.takes(version(tls.VersionTLS12, tls.VersionTLS13), false)
		w.takes(version(tls.VersionTLS12, tls.VersionTLS12), true)
	},
	"rsa-exchange-only": func(w *world) {
		w.takes(small(), false)
		c := version(tls.VersionTLS12, tls.VersionTLS12)
		c.CipherSuites = []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256}
		w.takes(c, true)
	},
	"large-hello-closed": func(w *world) {
		w.takes(&tls.Config{InsecureSkipVerify: true}, false)
		w.takes(small(), true)
	},
	"large-hello-hangs": func(w *world) {
		w.hangs(&tls.Config{InsecureSkipVerify: true})
		w.takes(small(), true)
	},
	"tls-hangs": func(w *world) { w.hangs(small()) },
	"plain-on-tls": func(w *world) {
		_, err := w.handshake(small())
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
	"expired": func(w *world) {
		if e, ok := errors.AsType[x509.CertificateInvalidError](w.verified()); !ok || e.Reason != x509.Expired || w.p.Certificate().NotAfter.After(time.Now()) {
			w.Error(w.verified())
		}
		w.mustPrint(pdf(1))
	},
	"not-yet-valid": func(w *world) {
		if w.verified() == nil || w.p.Certificate().NotBefore.Before(time.Now()) {
			w.Error(w.verified())
		}
	},
	"wrong-name": func(w *world) {
		if _, ok := errors.AsType[x509.HostnameError](w.verified()); !ok {
			w.Error(w.verified())
		}
	},
	"rsa-1024": func(w *world) {
		s := w.takes(small(), true)
		if k, ok := s.PeerCertificates[0].PublicKey.(*rsa.PublicKey); !ok || k.Size() != 128 {
			w.Errorf("the key is %T", s.PeerCertificates[0].PublicKey)
		}
	},
}
