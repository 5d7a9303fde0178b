package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/printscout/printscout/cloud"
	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/checkup"
	"github.com/printscout/printscout/internal/identity"
)

// certificates returns those that the server shows, the leaf first.
func (s *examinedServer) certificates() (chain []*x509.Certificate, err error) {
	file := s.Cert
	if file == "" {
		file = filepath.Join(s.data, "tls", "server.pem")
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the certificate: %w", err)
	}
	for block, rest := pem.Decode(raw); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("reading the certificate: %w", err)
		}
		chain = append(chain, cert)
	}
	if len(chain) == 0 {
		return nil, fmt.Errorf("reading the certificate: %s has none", file)
	}
	return chain, nil
}

func (s *examinedServer) lookAtCertificate(context.Context) checkup.Finding {
	chain, err := s.certificates()
	switch {
	case errors.Is(err, fs.ErrNotExist) && s.Cert == "":
		return checkup.Found(checkup.Info, "There is no certificate yet: the first start of the server makes it.", "")
	case errors.Is(err, fs.ErrPermission):
		return checkup.Found(checkup.Error, checkup.Sentence(err.Error()), asServer)
	case err != nil:
		return checkup.Found(checkup.Fail, checkup.Sentence(err.Error()), "give serve a certificate by --tls-cert and --tls-key, or none for one of its own")
	}
	renew := "start the server, which renews its own certificate"
	if s.Cert != "" {
		renew = "renew " + s.Cert + ", then restart the server"
	}
	var f checkup.Findings
	for _, cert := range chain {
		judgeDates(&f, cert, s.now(), renew)
	}
	if u, err := wire.ServerURL(s.URL); err == nil && chain[0].VerifyHostname(u.Hostname()) != nil {
		f.Add(checkup.Fail, fmt.Sprintf("The certificate is not for %s, by which scouts reach this server.", u.Hostname()), "start serve with --url and --host as scouts know it, or have a certificate issued for that name")
	}
	return f.Finding("The certificate is valid until " + formatTime(chain[0].NotAfter) + ", and for the name by which scouts reach this server.")
}

func judgeDates(f *checkup.Findings, cert *x509.Certificate, now time.Time, renew string) {
	what := "The certificate"
	if cert.IsCA {
		what = "The CA of the certificate"
	}
	switch left := cert.NotAfter.Sub(now); {
	case left <= 0:
		f.Add(checkup.Fail, what+" ended on "+formatTime(cert.NotAfter)+".", renew)
	case now.Before(cert.NotBefore):
		f.Add(checkup.Fail, what+" begins only on "+formatTime(cert.NotBefore)+".", "set the clock")
	case left < endsSoon:
		f.Add(checkup.Warn, what+" ends on "+formatTime(cert.NotAfter)+".", renew)
	}
}

// lookAtPort looks who listens, then whether the server is reached by its URL.
func (s *examinedServer) lookAtPort(ctx context.Context) checkup.Finding {
	_, text, err := net.SplitHostPort(s.listen)
	if err != nil {
		return checkup.Found(checkup.Error, checkup.Sentence(err.Error()), "--listen names the address that serve was given")
	}
	port, err := net.LookupPort("tcp", text)
	if err != nil {
		return checkup.Found(checkup.Error, checkup.Sentence(err.Error()), "--listen names the address that serve was given")
	}
	shown, err := shownAt(ctx, net.JoinHostPort("localhost", strconv.Itoa(port)))
	if err != nil {
		if l, unknown := identity.OfListener(ctx, netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(port))); unknown == nil {
			return checkup.Found(checkup.Fail, fmt.Sprintf("At port %d another program listens: %s.", port, l), "stop that program, or give serve another --listen")
		}
		return checkup.Found(checkup.Info, fmt.Sprintf("The server does not run: nothing listens at port %d.", port), "start it: sudo systemctl start scoutcloud, or scoutcloud serve; --listen names another port")
	}
	chain, err := s.certificates()
	if err != nil {
		return checkup.Found(checkup.Error, checkup.Sentence(err.Error()), asServer)
	}
	if !isOurs(shown, chain) {
		return checkup.Found(checkup.Fail, fmt.Sprintf("At port %d something answers with another certificate than this server's.", port), "stop that program, or restart the server if its certificate was replaced")
	}
	return s.lookAtURL(ctx, chain)
}

// lookAtURL looks whether the URL leads from this computer to the same server.
func (s *examinedServer) lookAtURL(ctx context.Context, chain []*x509.Certificate) checkup.Finding {
	u, err := wire.ServerURL(s.URL)
	if err != nil {
		return checkup.Found(checkup.Info, "The server runs; by which URL scouts reach it is not known.", "")
	}
	at := u.Host
	if u.Port() == "" {
		at = net.JoinHostPort(u.Hostname(), "443")
	}
	shown, err := shownAt(ctx, at)
	switch {
	case err != nil:
		return checkup.Found(checkup.Warn, fmt.Sprintf("The server runs, but is not reached at %s from here: %s", s.URL, checkup.Sentence(err.Error())), "see from another computer whether that name leads here and the firewall lets it through")
	case !isOurs(shown, chain):
		return checkup.Found(checkup.Warn, fmt.Sprintf("The server runs, but at %s something shows another certificate.", s.URL), "scouts do not connect through what ends TLS in front of the server; see where that name leads")
	}
	return checkup.Found(checkup.Pass, fmt.Sprintf("The server runs, and answers at %s.", s.URL), "")
}

// shownAt returns the certificates that are shown at an address. Nothing is sent
// there.
func shownAt(ctx context.Context, address string) ([]*x509.Certificate, error) {
	d := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}} // they are compared, not trusted
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	c, ok := conn.(*tls.Conn)
	if !ok {
		return nil, errors.New("the connection has no tls")
	}
	return c.ConnectionState().PeerCertificates, nil
}

// isOurs reports whether what is shown is the server's certificate, or of its CA:
// a server that was not restarted may show the leaf before.
func isOurs(shown, chain []*x509.Certificate) bool {
	return slices.ContainsFunc(shown, func(a *x509.Certificate) bool {
		return slices.ContainsFunc(chain, func(b *x509.Certificate) bool {
			return bytes.Equal(a.RawSubjectPublicKeyInfo, b.RawSubjectPublicKeyInfo)
		})
	})
}

// filesBeside are open files besides those of computers.
const filesBeside = 256

func (s *examinedServer) lookAtFiles(ctx context.Context) checkup.Finding {
	limit, running := openFilesOfServer()
	if !running {
		return checkup.Found(checkup.Info, "No running server was found, or its limits cannot be seen.", "")
	}
	return s.withInspection(ctx, func(i *cloud.Inspection) checkup.Finding {
		scouts, err := i.Scouts(ctx)
		if err != nil {
			return checkup.Found(checkup.Error, checkup.Sentence(err.Error()), asServer)
		}
		if need := 2*len(scouts) + filesBeside; limit < need {
			return checkup.Found(checkup.Warn, fmt.Sprintf("The server may open %d files; %d computers need %d when they all come back at once.", limit, len(scouts), need), "raise LimitNOFILE= in its unit (sudo systemctl edit scoutcloud), then restart it")
		}
		return checkup.Found(checkup.Pass, fmt.Sprintf("The server may open %d files, enough for %d computers.", limit, len(scouts)), "")
	})
}

// parseOpenFiles reads the soft limit of open files from /proc/PID/limits.
func parseOpenFiles(limits string) (n int, ok bool) {
	for _, line := range strings.Split(limits, "\n") {
		rest, found := strings.CutPrefix(line, "Max open files")
		fields := strings.Fields(rest)
		if !found || len(fields) < 2 {
			continue
		}
		n, err := strconv.Atoi(fields[0])
		return n, err == nil
	}
	return 0, false
}
