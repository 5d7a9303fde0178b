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
	r := start(t, raster)
	for _, c := range []struct {
		path, named, content string
		want                 goipp.Status
	}{
		{mainPath, "application/pdf", string(pdf()), ok},
		{mainPath, "application/pdf", jpeg, ok},
		{mainPath, "image/urf", string(page), ok},
		{mainPath, "application/pdf", ps, no},
		{mainPath, "application/pdf", png, no},
		{mainPath, "image/jpeg", pcl, no},
		{mainPath, "application/pdf", zpl, ok},
		{mainPath, formatOctet, ps, ok},
		{mainPath, formatOctet, pcl, ok},
		{mainPath, formatOctet, zpl, ok},
		{mainPath, formatOctet, string(pdf()), ok},
		{mainPath, formatOctet, png, no},
		{rasterPath, "image/pwg-raster", string(page), ok},
		{rasterPath, "image/pwg-raster", urf, ok},
		{rasterPath, "image/pwg-raster", string(pdf()), no},
		{rasterPath, "image/urf", zpl, no},
	} {
		r.at(c.path)
		_, before, _ := r.shelf.counts()
		r.do(c.want, r.request(goipp.OpPrintJob, ipp.MIME("document-format", c.named)), []byte(c.content)...)
		if begun, parked, aborted := r.shelf.counts(); (parked > before) != (c.want == ok) || begun != parked+aborted {
			t.Errorf("%.9q as %s at %s: %d begun, %d parked, %d aborted", c.content, c.named, c.path, begun, parked, aborted)
		}
	}
	r.at(mainPath)
	id := r.create()
	r.do(no, r.request(goipp.OpSendDocument, ipp.Integer("job-id", id), lastDocument(true), ipp.MIME("document-format", "application/pdf")), []byte(png)...)
	r.wantState(id, ipp.JobAborted, "aborted-by-system unsupported-document-format")
}
