//go:debug x509negativeserial=1

package delivery_test

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/outcome"
)

// tlsPrinter is what a printer of the table TLS of docs/delivery.md knows.
type tlsPrinter struct {
	min, max, ciphers string
	certificate       []string // arguments of openssl req -x509
}

var (
	rsa2048 = []string{"-newkey", "rsa:2048"}
	ec256   = []string{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"}
	expired = []string{"expired"} // openssl makes none
)

var tlsPrinters = map[string]tlsPrinter{
	"TLS 1.3 only":                          {"TLSv1.3", "TLSv1.3", "", ec256},
	"TLS 1.2 only":                          {"TLSv1.2", "TLSv1.2", "", rsa2048},
	"TLS 1.2, RSA key exchange only":        {"TLSv1.2", "TLSv1.2", "kRSA", rsa2048},
	"TLS 1.2, CBC ciphers only":             {"TLSv1.2", "TLSv1.2", "ECDHE-RSA-AES128-SHA", rsa2048},
	"TLS 1.1 only":                          {"TLSv1.1", "TLSv1.1", "", rsa2048},
	"TLS 1.0 only":                          {"TLSv1", "TLSv1", "", rsa2048},
	"TLS 1.0 only, RSA key exchange":        {"TLSv1", "TLSv1", "kRSA", rsa2048},
	"DHE only":                              {"TLSv1.2", "TLSv1.2", "kDHE", rsa2048},
	"RSA key of 1024 bits":                  {"TLSv1.2", "TLSv1.2", "", []string{"-newkey", "rsa:1024"}},
	"RSA key of 1024 bits, SHA-1":           {"TLSv1.2", "TLSv1.2", "", []string{"-newkey", "rsa:1024", "-sha1"}},
	"RSA key of 512 bits":                   {"TLSv1.2", "TLSv1.2", "", []string{"-newkey", "rsa:512"}},
	"certificate signed with SHA-1":         {"TLSv1.2", "TLSv1.3", "", []string{"-newkey", "rsa:2048", "-sha1"}},
	"certificate with a negative serial":    {"TLSv1.2", "TLSv1.2", "", []string{"-newkey", "rsa:2048", "-set_serial", "-5"}},
	"certificate that has expired":          {"TLSv1.2", "TLSv1.3", "", expired},
	"certificate with a serial number of 0": {"TLSv1.2", "TLSv1.2", "", []string{"-newkey", "rsa:2048", "-set_serial", "0"}},
}

// tlsOffer is which profile gets through to a printer, "" where none does:
// without and with old_tls in the directory.
type tlsOffer struct{ plain, old string }

// tlsTable is the table TLS of docs/delivery.md.
func tlsTable(t *testing.T) map[string]tlsOffer {
	t.Helper()
	page, err := os.ReadFile("../docs/delivery.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "| what the printer knows |")
	table, _, _ = strings.Cut(table, "\n\n")
	out := map[string]tlsOffer{}
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "| "), " | ")
		if _, known := tlsPrinters[cells[0]]; known && len(cells) == 3 {
			out[cells[0]] = tlsOffer{strings.ReplaceAll(cells[1], "none", ""), strings.ReplaceAll(cells[2], "none", "")}
		}
	}
	if len(out) != len(tlsPrinters) || strings.Count(table, "\n")-1 != len(out) {
		t.Fatalf("docs/delivery.md has %d of %d printers in %d lines", len(out), len(tlsPrinters), strings.Count(table, "\n")-1)
	}
	return out
}

// TestRealTLS delivers through a TLS server of OpenSSL's, pinned, and reads
// off the wire what it was offered.
func TestRealTLS(t *testing.T) {
	for name, offer := range tlsTable(t) {
		for _, old := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/old_tls=%v", name, old), func(t *testing.T) {
				t.Parallel()
				tlsPrinters[name].try(t, offer, old)
			})
		}
	}
}

func (p tlsPrinter) try(t *testing.T, offer tlsOffer, old bool) {
	f := startFront(t, p)
	b := randomContent(small, 3)
	entry := directory.Printer{ID: "old", Name: "Old", URIs: []string{f.uri}, Pin: f.pin, Floor: directory.GradePinned, OldTLS: old}
	o := delivery.New(delivery.Config{Timeouts: testLimits()}).Deliver(t.Context(), entry, documentOf(b), delivery.Hooks{})

	want := map[bool]string{false: offer.plain, true: offer.old}[old]
	offered := f.offered(t)
	if want != "" {
		checkOutcome(t, o, outcome.Delivered, "", "ipps", directory.GradePinned)
		if last := offered[len(offered)-1]; last != want {
			t.Errorf("%s got through (%v), want %s", last, offered, want)
		}
	} else {
		if o.State != outcome.NotSent || o.Reason != outcome.ReasonNoTLS {
			t.Errorf("%+v", o)
		}
		if n := f.printer.Stats().DocumentBytes; n != 0 {
			t.Errorf("%d bytes of the document came", n)
		}
		if all := map[bool]int{false: 2, true: 3}[old]; len(offered) < all {
			t.Errorf("only %v was offered", offered)
		}
	}
	if !old && slices.Contains(offered, "tls-old") {
		t.Errorf("offered %v", offered)
	}
	checkTruthful(t, f.printer, o, b)
}

// TestRealTLSInspected: what an administrator is told of such a printer
// before it goes into the directory.
func TestRealTLSInspected(t *testing.T) {
	for name, offer := range tlsTable(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := startFront(t, tlsPrinters[name])
			id, err := delivery.New(delivery.Config{Timeouts: testLimits()}).Inspect(t.Context(), f.uri)
			if (err == nil) != (offer.old != "") {
				t.Fatalf("%v", err)
			}
			if err == nil && (id.Pin != f.pin || id.OldTLS != (offer.old == "tls-old")) {
				t.Errorf("pin %q, want %q; old_tls %v", id.Pin, f.pin, id.OldTLS)
			}
		})
	}
}

// tlsFront is a printer that is reached through a TLS server and a relay.
type tlsFront struct {
	printer *simprinter.Printer
	relay   *relay
	uri     string
	pin     string
}

func startFront(t *testing.T, p tlsPrinter) *tlsFront {
	t.Helper()
	f := &tlsFront{printer: startPrinter(t, simprinter.Config{})}
	plain, err := url.Parse(f.printer.PlainURI())
	if err != nil {
		t.Fatal(err)
	}
	file := p.make(t)
	port := peers.TLSFront{To: plain.Host, Certificate: file, Min: p.min, Max: p.max, Ciphers: p.ciphers}.Start(t)
	f.relay = newRelay(t, fmt.Sprintf("127.0.0.1:%d", port))
	f.uri = "ipps://" + f.relay.l.Addr().String() + "/ipp/print"
	f.pin = pinIn(t, file)
	return f
}

func (p tlsPrinter) make(t *testing.T) (file string) {
	t.Helper()
	if !slices.Equal(p.certificate, expired) {
		return peers.SelfSigned(t, p.certificate...)
	}
	now := time.Now()
	c, err := simprinter.SelfSigned("old", now.AddDate(-2, 0, 0), now.AddDate(-1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	both := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate[0]}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})...)
	file = filepath.Join(t.TempDir(), "expired.pem")
	if err := os.WriteFile(file, both, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func pinIn(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(b)
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return directory.PinOf(c.RawSubjectPublicKeyInfo)
}

// aPacket is what of a stream fits into one packet on Ethernet, with some to
// spare for what lies around it.
const aPacket = 1400

// offered are the profiles of the hellos that came, each once, in the order of
// their last ones; none may need two packets.
func (f *tlsFront) offered(t *testing.T) (profiles []string) {
	t.Helper()
	for _, h := range f.relay.heard() {
		info, size := h.hello()
		if info == nil {
			t.Error("a connection without a hello that can be read")
			continue
		}
		if size > aPacket {
			t.Errorf("the hello of %s has %d bytes", profileOf(info), size)
		}
		profiles = append(slices.DeleteFunc(profiles, func(p string) bool { return p == profileOf(info) }), profileOf(info))
	}
	return profiles
}
