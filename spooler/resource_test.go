package spooler

import (
	"slices"
	"strings"
	"testing"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/ipp"
)

var both = []Resource{Documents, Raster}

func withRaster(c *Config) { c.Resources = both }

// usePath makes the client one of another printer of the same address.
func (r *testPrinter) usePath(path string) {
	r.client.URI = "ipp://" + r.addr + path
}

func TestRasterPrinter(t *testing.T) {
	r := startPrinter(t, withRaster)
	main := r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetPrinterAttributes)).Printer
	r.usePath(rasterPath)
	a := r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetPrinterAttributes)).Printer
	if f := ipp.Strings(a, "document-format-supported"); !slices.Equal(f, []string{"image/pwg-raster", "image/urf"}) {
		t.Errorf("offers %v", f)
	}
	for _, name := range []string{"printer-name", "printer-info", "printer-uuid", "printer-device-id", "printer-uri-supported"} {
		if x, y := ipp.String(main, name), ipp.String(a, name); x == y || y == "" {
			t.Errorf("%s is %q, and %q", name, x, y)
		}
	}
	if _, ok := ipp.Find(a, "pdf-versions-supported"); ok {
		t.Error("speaks of PDF")
	}
	r.mustDo(goipp.StatusErrorDocumentFormatNotSupported, r.newRequest(goipp.OpPrintJob, ipp.MIME("document-format", "application/pdf")), threePages()...)
	page, err := peers.PWG("a4", "sgray-8", 150, 1)
	if err != nil {
		t.Fatal(err)
	}
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpPrintJob), page...)
	r.createJob()
	if n := len(r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetJobs)).Groups) - 1; n != 1 {
		t.Errorf("%d jobs there", n)
	}
	if u := ipp.String(r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetJobAttributes, ipp.Integer("job-id", 1))).Job, "job-printer-uri"); !strings.HasSuffix(u, rasterPath) {
		t.Errorf("job-printer-uri is %s", u)
	}
	r.usePath(mainPath)
	if n := len(r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetJobs, ipp.Keyword("which-jobs", "all"))).Groups) - 1; n != 0 {
		t.Errorf("%d jobs here", n)
	}
}

func TestNoRasterPrinterUnasked(t *testing.T) {
	r := startPrinter(t)
	if resp := r.sendRaw(r.postRequest("POST /ipp/print/raster HTTP/1.1", nil)); resp.StatusCode != 404 {
		t.Errorf("answered %s", resp.Status)
	}
	r.mustDo(goipp.StatusErrorNotFound, ipp.NewRequest(ipp.Version20, goipp.OpGetPrinterAttributes, r.client.URI+"/raster"))
}

// TestDeviceIDAgrees compares CMD of the device id with what is offered:
// Windows reads the one, other clients the other.
func TestDeviceIDAgrees(t *testing.T) {
	p, _ := newPrinter(t, withRaster)
	names := map[string]string{"PDF": "application/pdf", "JPEG": "image/jpeg", "PWGRaster": "image/pwg-raster", "URF": "image/urf"}
	for _, res := range p.resources {
		_, rest, _ := strings.Cut(ipp.String(res.static.description, "printer-device-id"), "CMD:")
		cmd, _, _ := strings.Cut(rest, ";")
		var said []string
		for _, c := range strings.Split(cmd, ",") {
			said = append(said, names[c])
		}
		offered := slices.DeleteFunc(slices.Clone(res.formats), func(f string) bool { return f == formatOctet })
		if !slices.Equal(said, offered) {
			t.Errorf("%s: %v are said, %v offered", res.path, said, offered)
		}
	}
}
