package delivery_test

import (
	"crypto/x509"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/directory"
)

// TestInspectWaitsForASleeper: it resets connections until it is awake.
func TestInspectWaitsForASleeper(t *testing.T) {
	p := startPrinter(t, simprinter.Config{Sleep: simprinter.Sleep{For: simprinter.Duration(300 * time.Millisecond), Refuse: true}})
	l := testLimits()
	l.Wake = time.Minute
	id, err := delivery.New(delivery.Config{Timeouts: l}).Inspect(t.Context(), p.URI())
	if err != nil || id.URI != p.URI() {
		t.Errorf("%+v, %v", id, err)
	}
}

func TestInspect(t *testing.T) {
	p := startPrinter(t, simprinter.Config{Name: "Hall"})
	d := delivery.New(delivery.Config{Timeouts: testLimits()})
	id, err := d.Inspect(t.Context(), p.URI())
	if err != nil {
		t.Fatal(err)
	}
	if id.Pin != directory.PinOf(p.Certificate().RawSubjectPublicKeyInfo) || !strings.HasPrefix(id.CertificateNote, "It is self-signed, until 20") {
		t.Errorf("pin %s, %s", id.Pin, id.CertificateNote)
	}
	if id.Name != "Hall" || id.MakeModel == "" || !strings.HasPrefix(id.UUID, "urn:uuid:") || id.State != "idle" ||
		!slices.Contains(id.Formats, "application/pdf") || !slices.Contains(id.Versions, "2.0") {
		t.Errorf("%+v", id)
	}
	id, err = d.Inspect(t.Context(), strings.TrimSuffix(p.PlainURI(), "/ipp/print"))
	if err != nil {
		t.Fatal(err)
	}
	if id.URI != p.PlainURI() || id.Pin != "" || id.CertificateNote != "" {
		t.Errorf("%+v", id)
	}
}

func TestInspectTellsOfCertificates(t *testing.T) {
	now := time.Now()
	trusted := x509.NewCertPool()
	for name, x := range map[string]struct {
		from, to time.Time
		roots    bool
		want     string
	}{
		"expired": {now.AddDate(-2, 0, 0), now.AddDate(-1, 0, 0), false, "It expired on "},
		"early":   {now.AddDate(1, 0, 0), now.AddDate(2, 0, 0), false, "It is not valid before "},
		"trusted": {now.AddDate(-1, 0, 0), now.AddDate(1, 0, 0), true, "It is signed by an authority this computer trusts, for 127.0.0.1, until "},
	} {
		t.Run(name, func(t *testing.T) {
			cert, err := simprinter.SelfSigned(name, x.from, x.to)
			if err != nil {
				t.Fatal(err)
			}
			if x.roots {
				trusted.AddCert(cert.Leaf)
			}
			p := startPrinter(t, simprinter.Config{Certificate: &cert})
			id, err := delivery.New(delivery.Config{Timeouts: testLimits(), Roots: trusted}).Inspect(t.Context(), p.URI())
			if err != nil || !strings.HasPrefix(id.CertificateNote, x.want) {
				t.Errorf("%q, %v", id.CertificateNote, err)
			}
		})
	}
}

func TestInspectFailsClearly(t *testing.T) {
	p := startPrinter(t, simprinter.Config{})
	d := delivery.New(delivery.Config{Timeouts: testLimits()})
	for uri, want := range map[string]string{
		"http://127.0.0.1/":                "not a printer address",
		goneURI:                            "refused",
		p.URI() + "/no":                    "There is no printer at",
		"ipps" + p.PlainURI()[len("ipp"):]: "does not speak TLS",
	} {
		if _, err := d.Inspect(t.Context(), uri); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", uri, err)
		}
	}
	p.SetFault(goipp.OpGetPrinterAttributes, simprinter.Fault{HTTP: 401})
	if _, err := d.Inspect(t.Context(), p.URI()); err == nil || !strings.Contains(err.Error(), "login") {
		t.Errorf("login: %v", err)
	}
}
