package delivery

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// tlsProfile is what a printer is offered in a TLS hello.
type tlsProfile string

// The profiles, the best first. Some printers end or hang on a hello of TLS
// 1.3, and old ones know nothing that is still considered safe.
const (
	profileModern tlsProfile = "tls"     // 1.3 and 1.2
	profile12     tlsProfile = "tls-1.2" // only 1.2
	profileOld    tlsProfile = "tls-old" // 1.0 to 1.2 with every cipher; only if the directory allows it
)

// dialer makes connections to one printer.
type dialer struct {
	timeout   time.Duration // of the connection, and again of the TLS hello
	tlsConfig func(host string, p tlsProfile) *tls.Config
	profiles  []tlsProfile
	at        atomic.Int32 // the profile that worked
}

// profile returns the profile in use.
func (d *dialer) profile() tlsProfile { return d.profiles[d.at.Load()] }

func (d *dialer) dialPlain(ctx context.Context, network, addr string) (net.Conn, error) {
	nd := net.Dialer{Timeout: d.timeout}
	c, err := nd.DialContext(ctx, network, addr)
	if err != nil {
		return nil, fmt.Errorf("connecting: %w", err)
	}
	return c, nil
}

// dialTLS connects with the profile that worked before, or else with one
// profile after the other.
func (d *dialer) dialTLS(ctx context.Context, network, addr string) (net.Conn, error) {
	var first error
	for i := d.at.Load(); int(i) < len(d.profiles); i++ {
		c, err := d.dialProfile(ctx, network, addr, d.profiles[i])
		if err == nil {
			d.at.Store(i)
			return c, nil
		}
		if first == nil {
			first = err
		}
		if !mayKnowLess(err) || ctx.Err() != nil {
			return nil, err
		}
	}
	return nil, first
}

// mayKnowLess reports whether a hello failed so that one of an older profile
// may succeed.
func mayKnowLess(err error) bool {
	var other tls.RecordHeaderError // it answers, but not by TLS
	return errors.Is(err, errHello) || errors.Is(err, errNoTLS) && !errors.As(err, &other)
}

func (d *dialer) dialProfile(ctx context.Context, network, addr string, p tlsProfile) (net.Conn, error) {
	raw, err := d.dialPlain(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		raw.Close()
		return nil, fmt.Errorf("reading the address %s: %w", addr, err)
	}
	c := tls.Client(raw, d.tlsConfig(host, p))
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	if err := c.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, helloError(err)
	}
	return c, nil
}

// errHello means that no answer to a TLS hello came in time.
var errHello = errors.New("waiting for the tls hello")

// helloError keeps a decision about the certificate and a timeout apart from
// all other errors of a TLS hello.
func helloError(err error) error {
	var timeout net.Error
	switch {
	case errors.Is(err, errPin), errors.Is(err, errUntrusted), errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Errorf("%w: %w", errHello, err)
	}
	return fmt.Errorf("%w: %w", errNoTLS, err)
}

// newTransport returns a transport for requests without a document over
// connections of d. It follows no proxy: a printer is on the local network.
func (d *dialer) newTransport() *http.Transport {
	return &http.Transport{
		DialContext:            d.dialPlain,
		DialTLSContext:         d.dialTLS,
		MaxConnsPerHost:        2,
		MaxIdleConnsPerHost:    1,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		DisableCompression:     true,
	}
}

// noRedirects returns a redirection as the answer that it is.
func noRedirects(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
