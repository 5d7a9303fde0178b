package simprinter_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/OpenPrinting/goipp"
	"go.uber.org/goleak"

	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/ipp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func startPrinter(t *testing.T, c simprinter.Config) *simprinter.Printer {
	t.Helper()
	c.Dir = t.TempDir()
	p, err := simprinter.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// newClient speaks to a printer and insists on its certificate.
func newClient(t *testing.T, p *simprinter.Printer, uri string) *ipp.Client {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(p.Certificate())
	tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	t.Cleanup(tr.CloseIdleConnections)
	return &ipp.Client{HTTP: &http.Client{Transport: tr}, URI: uri}
}

func testPDF(pages int) []byte {
	return []byte("%PDF-1.4 /Type /Pages " + strings.Repeat("<< /Type /Page >>", pages))
}

func printPDF(t *testing.T, c *ipp.Client, title string, doc []byte) (int, error) {
	t.Helper()
	return c.Print(t.Context(), ipp.PrintJob{Title: title, User: "u", Format: "application/pdf"},
		ipp.Document{Reader: bytes.NewReader(doc), Size: int64(len(doc))})
}

func TestKeepsWhatItGets(t *testing.T) {
	p := startPrinter(t, simprinter.Config{})
	for name, uri := range map[string]string{"ipps": p.URI(), "ipp": p.PlainURI()} {
		t.Run(name, func(t *testing.T) {
			doc := append(testPDF(3), name...)
			id, err := printPDF(t, newClient(t, p, uri), "../Rechnung  für/"+name+" [ps-01234567]", doc)
			if err != nil {
				t.Fatal(err)
			}
			j := p.Jobs()[id-1]
			if j.State != 9 || !j.Whole || j.TLS != (name == "ipps") || j.User != "u" {
				t.Errorf("job %+v", j)
			}
			if got, want := filepath.Base(j.File), "000"+string(rune('0'+id))+"-Rechnung--für"+name+".pdf"; got != want {
				t.Errorf("file %q, want %q", got, want)
			}
			if got, _ := os.ReadFile(j.File); !bytes.Equal(got, doc) {
				t.Errorf("kept %q", got)
			}
		})
	}
	entries, _ := os.ReadDir(p.Dir())
	if len(entries) != 2 {
		t.Errorf("%d files: temporary ones are left", len(entries))
	}
}

func TestCountsPages(t *testing.T) {
	p := startPrinter(t, simprinter.Config{NoTLS: true})
	c := newClient(t, p, p.PlainURI())
	id, err := printPDF(t, c, "t", bytes.Repeat([]byte("/Type/Page /Type /Page\n"), 5000))
	if err != nil {
		t.Fatal(err)
	}
	m := ipp.NewRequest(ipp.Version20, goipp.OpGetJobAttributes, c.URI)
	m.Operation.Add(ipp.Integer("job-id", id))
	a, err := c.Do(t.Context(), m, nil)
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := ipp.Int(a.Job, "job-impressions-completed"); n != 10000 {
		t.Errorf("%d pages", n)
	}
}

func TestRefuses(t *testing.T) {
	p := startPrinter(t, simprinter.Config{NoTLS: true, Operations: []goipp.Op{goipp.OpPrintJob}, SingleJob: true, Delay: time.Hour})
	c := newClient(t, p, p.PlainURI())
	ask := func(op goipp.Op, v goipp.Version, attrs ...goipp.Attribute) error {
		m := ipp.NewRequest(v, op, c.URI)
		m.Operation = append(m.Operation, attrs...)
		_, err := c.Do(t.Context(), m, nil)
		return err
	}
	for name, x := range map[string]struct {
		err  error
		want goipp.Status
	}{
		"an operation it does not list": {ask(goipp.OpCreateJob, ipp.Version20), goipp.StatusErrorOperationNotSupported},
		"an operation nobody knows":     {ask(0x3fff, ipp.Version20), goipp.StatusErrorOperationNotSupported},
		"a version":                     {ask(goipp.OpPrintJob, 0x0300), goipp.StatusErrorVersionNotSupported},
		"a format":                      {ask(goipp.OpPrintJob, ipp.Version20, ipp.MIME("document-format", "text/x")), goipp.StatusErrorDocumentFormatNotSupported},
		"compression":                   {ask(goipp.OpPrintJob, ipp.Version20, ipp.Keyword("compression", "gzip")), goipp.StatusErrorCompressionNotSupported},
	} {
		if !ipp.IsStatus(x.err, x.want) {
			t.Errorf("%s: %v", name, x.err)
		}
	}
	if _, err := printPDF(t, c, "t", testPDF(1)); err != nil {
		t.Fatal(err)
	}
	if _, err := printPDF(t, c, "t", testPDF(1)); !ipp.IsStatus(err, goipp.StatusErrorBusy) {
		t.Errorf("a second job: %v", err)
	}
}

func TestAJobTakesOneDocument(t *testing.T) {
	p := startPrinter(t, simprinter.Config{NoTLS: true})
	c := newClient(t, p, p.PlainURI())
	a, err := c.Do(t.Context(), ipp.NewRequest(ipp.Version20, goipp.OpCreateJob, c.URI), nil)
	if err != nil {
		t.Fatal(err)
	}
	id, _ := ipp.Int(a.Job, "job-id")
	send := func() error {
		m := ipp.NewRequest(ipp.Version20, goipp.OpSendDocument, c.URI)
		m.Operation.Add(ipp.Integer("job-id", id))
		_, err := c.Do(t.Context(), m, &ipp.Document{Reader: bytes.NewReader(testPDF(1)), Size: int64(len(testPDF(1)))})
		return err
	}
	if err := send(); err != nil {
		t.Fatal(err)
	}
	if err := send(); !ipp.IsStatus(err, goipp.StatusErrorMultipleJobsNotSupported) {
		t.Errorf("a second document: %v", err)
	}
}

func TestFaultsHappenAsOftenAsAsked(t *testing.T) {
	p := startPrinter(t, simprinter.Config{NoTLS: true})
	c := newClient(t, p, p.PlainURI())
	p.SetFault(goipp.OpPrintJob, simprinter.Fault{Status: goipp.StatusErrorBusy, Message: "later", Times: 2})
	for range 2 {
		if _, err := printPDF(t, c, "t", testPDF(1)); !ipp.IsStatus(err, goipp.StatusErrorBusy) || !strings.HasSuffix(err.Error(), "later") {
			t.Errorf("got %v", err)
		}
	}
	if _, err := printPDF(t, c, "t", testPDF(1)); err != nil {
		t.Errorf("the third time: %v", err)
	}
	p.SetFault(goipp.OpPrintJob, simprinter.Fault{HTTP: 503, After: true})
	if _, err := printPDF(t, c, "t", testPDF(1)); err == nil || len(p.Jobs()) != 2 || p.Jobs()[1].State != 9 {
		t.Errorf("503 after printing: %v, %+v", err, p.Jobs())
	}
	p.SetFault(goipp.OpPrintJob, simprinter.Fault{CutAfter: 1000})
	if _, err := printPDF(t, c, "t", make([]byte, 8<<20)); err == nil || p.Jobs()[2].Size != 1000 || p.Jobs()[2].State != 8 || p.Jobs()[2].File != "" {
		t.Errorf("cut: %v, %+v", err, p.Jobs()[2])
	}
}

func TestCloseEndsWhatIsUnderWay(t *testing.T) {
	p := startPrinter(t, simprinter.Config{NoTLS: true, Delay: time.Hour})
	c := newClient(t, p, p.PlainURI())
	if _, err := printPDF(t, c, "t", testPDF(1)); err != nil {
		t.Fatal(err)
	}
	came := make(chan struct{})
	p.SetFault(goipp.OpGetJobs, simprinter.Fault{Silent: true, Hook: func() { close(came) }})
	done := make(chan error, 1)
	go func() {
		_, err := c.Do(context.Background(), ipp.NewRequest(ipp.Version20, goipp.OpGetJobs, c.URI), nil)
		done <- err
	}()
	<-came
	if err := errors.Join(p.Close(), p.Close()); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err == nil {
		t.Error("a silent printer answered")
	}
}

func TestReplacedCertificate(t *testing.T) {
	p := startPrinter(t, simprinter.Config{NoPlain: true})
	old := newClient(t, p, p.URI())
	if p.PlainURI() != "" {
		t.Errorf("plain at %s", p.PlainURI())
	}
	if err := p.ReplaceCertificate(nil); err != nil {
		t.Fatal(err)
	}
	if _, err := printPDF(t, old, "t", testPDF(1)); err == nil {
		t.Error("the old certificate still holds")
	}
	if _, err := printPDF(t, newClient(t, p, p.URI()), "t", testPDF(1)); err != nil {
		t.Error(err)
	}
}

func TestRefusesWhatIsNotIPP(t *testing.T) {
	p := startPrinter(t, simprinter.Config{NoTLS: true})
	base := "http" + strings.TrimPrefix(strings.TrimSuffix(p.PlainURI(), "/ipp/print"), "ipp")
	for _, x := range []struct {
		method, path, ct string
		want             int
	}{
		{"POST", "/elsewhere", ipp.ContentType, 404},
		{"GET", "/ipp/print", ipp.ContentType, 405},
		{"POST", "/ipp/print", "text/plain", 415},
	} {
		req, _ := http.NewRequestWithContext(t.Context(), x.method, base+x.path, strings.NewReader("x"))
		req.Header.Set("Content-Type", x.ct)
		tr := &http.Transport{DisableKeepAlives: true}
		resp, err := tr.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != x.want {
			t.Errorf("%s %s: %d", x.method, x.path, resp.StatusCode)
		}
	}
	c := newClient(t, p, p.PlainURI())
	if _, err := c.Do(t.Context(), &goipp.Message{Version: ipp.Version20, Code: goipp.Code(goipp.OpPrintJob), RequestID: 1}, nil); !ipp.IsStatus(err, goipp.StatusErrorBadRequest) {
		t.Errorf("no charset: %v", err)
	}
}
