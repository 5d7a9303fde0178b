package spooler

import (
	"testing"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/ipp"
)

func TestContentDecides(t *testing.T) {
	page, err := peers.PWG("a4", "sgray-8", 150, 1)
	if err != nil {
		t.Fatal(err)
	}
	const (
		ok = goipp.StatusOk
		no = goipp.StatusErrorDocumentFormatNotSupported
	)
	var (
		png  = "\x89PNG\r\n\x1a\n..."
		ps   = "%!PS-Adobe-3.0\n"
		pcl  = "\x1bE\x1b&l0O"
		urf  = "UNIRAST\x00\x00\x00\x00\x01"
		jpeg = "\xff\xd8\xff\xe0"
		zpl  = "^XA^FDlabel^XZ"
	)
	r := startPrinter(t, withRaster)
	for _, c := range []struct {
		path, named, content string
		want                 goipp.Status
	}{
		{mainPath, "application/pdf", string(threePages()), ok},
		{mainPath, "application/pdf", jpeg, ok},
		{mainPath, "image/urf", string(page), ok},
		{mainPath, "application/pdf", ps, no},
		{mainPath, "application/pdf", png, no},
		{mainPath, "image/jpeg", pcl, no},
		{mainPath, "application/pdf", zpl, ok},
		{mainPath, formatOctet, ps, ok},
		{mainPath, formatOctet, pcl, ok},
		{mainPath, formatOctet, zpl, ok},
		{mainPath, formatOctet, string(threePages()), ok},
		{mainPath, formatOctet, png, no},
		{rasterPath, "image/pwg-raster", string(page), ok},
		{rasterPath, "image/pwg-raster", urf, ok},
		{rasterPath, "image/pwg-raster", string(threePages()), no},
		{rasterPath, "image/urf", zpl, no},
	} {
		r.usePath(c.path)
		_, before, _ := r.intake.counts()
		r.mustDo(c.want, r.newRequest(goipp.OpPrintJob, ipp.MIME("document-format", c.named)), []byte(c.content)...)
		if begun, parked, aborted := r.intake.counts(); (parked > before) != (c.want == ok) || begun != parked+aborted {
			t.Errorf("%.9q as %s at %s: %d begun, %d parked, %d aborted", c.content, c.named, c.path, begun, parked, aborted)
		}
	}
	r.usePath(mainPath)
	id := r.createJob()
	r.mustDo(no, r.newRequest(goipp.OpSendDocument, ipp.Integer("job-id", id), lastDocument(true), ipp.MIME("document-format", "application/pdf")), []byte(png)...)
	r.wantState(id, ipp.JobAborted, "aborted-by-system unsupported-document-format")
}
