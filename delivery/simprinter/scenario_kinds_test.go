package simprinter_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// whatItIsChecks are those of what the printer speaks and takes.
var whatItIsChecks = map[string]func(w *scenarioWorld){
	"stale-uri": func(w *scenarioWorld) {
		w.wantAttribute("printer-uri-supported", "ipp://192.0.2.17/ipp/print")
		w.mustPrint(testPDF(1))
	},
	"path-printer": func(w *scenarioWorld) {
		if !strings.HasSuffix(w.p.URI(), "/printer") {
			w.Error(w.p.URI())
		}
		w.mustPrint(testPDF(1))
		_, err := w.client(strings.Replace(w.p.URI(), "/printer", "/ipp/print", 1)).Print(w.Context(), ipp.PrintJob{}, ipp.Document{Reader: strings.NewReader(""), Size: 0})
		w.wantHTTP(err, http.StatusNotFound)
	},
	"ipp11-only": func(w *scenarioWorld) { w.speaksOnly("1.1", ipp.Version11) },
	"ipp10-only": func(w *scenarioWorld) { w.speaksOnly("1.0", goipp.Version(0x0100)) },
	"create-without-send": func(w *scenarioWorld) {
		w.wantOperation(goipp.OpCreateJob, true)
		w.wantOperation(goipp.OpSendDocument, false)
		a, err := w.sendRequest(goipp.OpCreateJob)
		if err != nil {
			w.Fatal(err)
		}
		id, _ := ipp.Int(a.Job, "job-id")
		_, err = w.sendRequest(goipp.OpSendDocument, ipp.Integer("job-id", id))
		w.wantStatus(err, goipp.StatusErrorOperationNotSupported)
	},
	"print-job-only": func(w *scenarioWorld) {
		_, err := w.printDocument(testPDF(1))
		if err != nil {
			w.Error(err)
		}
		_, err = w.client("").Do(w.Context(), ipp.NewRequest(ipp.Version11, goipp.OpCreateJob, w.p.URI()), nil)
		w.wantStatus(err, goipp.StatusErrorOperationNotSupported)
	},
	"gzip": func(w *scenarioWorld) {
		w.wantAttribute("compression-supported", "none", "gzip")
		if err := w.printPacked(gzipped(largeDocument())); err != nil {
			w.Fatal(err)
		}
		if j := w.lastJob(); !j.Compressed || j.Size != int64(len(largeDocument())) {
			w.Errorf("job %+v", j)
		}
		w.wantKept(w.lastJob().File, largeDocument())
		w.wantStatus(w.printPacked([]byte("this is no gzip at all")), goipp.StatusErrorCompressionError)
	},
	"gzip-broken": func(w *scenarioWorld) {
		w.wantAttribute("compression-supported", "none", "gzip")
		w.wantStatus(w.printPacked(gzipped(testPDF(1))), goipp.StatusErrorCompressionError)
		w.mustPrint(testPDF(1))
	},
	"many-documents": func(w *scenarioWorld) {
		a, err := w.sendRequest(goipp.OpCreateJob)
		if err != nil {
			w.Fatal(err)
		}
		id, _ := ipp.Int(a.Job, "job-id")
		for i, last := range []bool{false, true} {
			m := ipp.NewRequest(ipp.Version20, goipp.OpSendDocument, w.p.URI())
			m.Operation.Add(ipp.Integer("job-id", id))
			m.Operation.Add(ipp.MIME("document-format", "application/pdf"))
			m.Operation.Add(ipp.Boolean("last-document", last))
			if _, err := w.client("").Do(w.Context(), m, &ipp.Document{Reader: bytes.NewReader(testPDF(i)), Size: int64(len(testPDF(i)))}); err != nil {
				w.Fatal(err)
			}
		}
		files := w.lastJob().Files
		if len(files) != 2 || w.lastJob().State != 9 {
			w.Fatalf("job %+v", w.lastJob())
		}
		w.wantKept(files[0], testPDF(0))
		w.wantKept(files[1], testPDF(1))
	},
	"mono-pcl": func(w *scenarioWorld) {
		w.wantAttribute("print-color-mode-supported", "monochrome")
		w.takesOnly("application/vnd.hp-pcl")
	},
	"urf-only": func(w *scenarioWorld) {
		w.wantAttribute("document-format-supported", "image/urf")
		w.takesOnly("image/urf")
		if ipp.HasInt(w.printerAttributes(), "copies-supported", 2) {
			w.Error("it makes two copies")
		}
	},
	"few-media": func(w *scenarioWorld) {
		w.wantAttribute("media-supported", "iso_a5_148x210mm")
		w.wantAttribute("sides-supported", "one-sided")
		w.mustPrint(testPDF(1))
	},
}

// speaksOnly wants one version of IPP and no other.
func (w *scenarioWorld) speaksOnly(name string, v goipp.Version) {
	w.Helper()
	for _, try := range []goipp.Version{0x0100, ipp.Version11, ipp.Version20} {
		a, err := w.client("").Do(w.Context(), ipp.NewRequest(try, goipp.OpGetPrinterAttributes, w.p.URI()), nil)
		if try != v {
			w.wantStatus(err, goipp.StatusErrorVersionNotSupported)
			continue
		}
		if err != nil || ipp.String(a.Printer, "ipp-versions-supported") != name {
			w.Errorf("IPP/%s: %v", try, err)
		}
	}
}

// takesOnly wants a format to be printed, and PDF to be refused.
func (w *scenarioWorld) takesOnly(format string) {
	w.Helper()
	if _, err := w.printAs(format, testPDF(1)); err != nil {
		w.Error(err)
	}
	_, err := w.printDocument(testPDF(1))
	w.wantStatus(err, goipp.StatusErrorDocumentFormatNotSupported)
}

func gzipped(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(b)
	_ = z.Close()
	return out.Bytes()
}

func (w *scenarioWorld) printPacked(b []byte) error {
	m := ipp.NewRequest(ipp.Version20, goipp.OpPrintJob, w.p.URI())
	m.Operation.Add(ipp.Keyword("compression", "gzip"))
	_, err := w.client("").Do(w.Context(), m, &ipp.Document{Reader: bytes.NewReader(b), Size: int64(len(b))})
	return err
}
