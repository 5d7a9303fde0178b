package delivery

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// dialer makes connections to one printer.
type dialer struct {
	timeout time.Duration // of the connection, and again of the TLS hello
	tls     func(host string) *tls.Config
}

func (d dialer) plain(ctx context.Context, network, addr string) (net.Conn, error) {
	nd := net.Dialer{Timeout: d.timeout}
	c, err := nd.DialContext(ctx, network, addr)
	if err != nil {
		return nil, fmt.Errorf("connecting: %w", err)
	}
	return c, nil
}

func (d dialer) secure(ctx context.Context, network, addr string) (net.Conn, error) {
	raw, err := d.plain(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		raw.Close()
		return nil, fmt.Errorf("reading the address %s: %w", addr, err)
	}
	c := tls.Client(raw, d.tls(host))
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	if err := c.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, helloError(err)
	}
	return c, nil
}

// helloError keeps a decision over the certificate and a wait that ended
// apart from everything else that can happen in a TLS hello.
func helloError(err error) error {
	var timeout net.Error
	switch {
	case errors.Is(err, errPin), errors.Is(err, errUntrusted), errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Errorf("waiting for the tls hello: %w", err)
	}
	return fmt.Errorf("%w: %w", errNoTLS, err)
}

// transport carries requests over connections of d. It follows no proxy: a
// printer is on the local network.
func (d dialer) transport() *http.Transport {
	return &http.Transport{
		DialContext:            d.plain,
		DialTLSContext:         d.secure,
		MaxConnsPerHost:        2,
		MaxIdleConnsPerHost:    1,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		DisableCompression:     true,
	}
}

// noRedirects takes a redirection for the answer it is.
func noRedirects(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
