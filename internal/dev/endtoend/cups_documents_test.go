//go:build linux

package endtoend

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// leaflet is a PDF of A4 pages that say "leaf 1", "leaf 2" and so on.
func leaflet(pages int) []byte {
	objects := []string{"<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"}
	var kids strings.Builder
	for n := range pages {
		text := fmt.Sprintf("BT /F 24 Tf 100 700 Td (leaf %d) Tj ET", n+1)
		fmt.Fprintf(&kids, "%d 0 R ", len(objects)+1)
		objects = append(objects,
			fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources << /Font << /F 3 0 R >> >> >>", len(objects)+2),
			fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(text), text))
	}
	objects[1] = fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %d >>", kids.String(), pages)
	return pdfOf(objects)
}

// pdfOf is a PDF of these objects, whose catalogue is the first.
func pdfOf(objects []string) []byte {
	b := bytes.NewBufferString("%PDF-1.4\n")
	table := fmt.Sprintf("xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for i, object := range objects {
		table += fmt.Sprintf("%010d 00000 n \n", b.Len())
		fmt.Fprintf(b, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	at := b.Len()
	fmt.Fprintf(b, "%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", table, len(objects)+1, at)
	return b.Bytes()
}

// psLeaflet is the same in PostScript.
func psLeaflet(pages int) []byte {
	b := bytes.NewBufferString(fmt.Sprintf("%%!PS-Adobe-3.0\n%%%%Pages: %d\n%%%%EndComments\n", pages))
	for n := range pages {
		fmt.Fprintf(b, "%%%%Page: %d %d\n/Helvetica findfont 24 scalefont setfont 100 700 moveto (leaf %d) show showpage\n", n+1, n+1, n+1)
	}
	b.WriteString("%%EOF\n")
	return b.Bytes()
}

// picture is one that no encoder makes small.
func picture() image.Image {
	i := image.NewRGBA(image.Rect(0, 0, 120, 160))
	for y := range 160 {
		for x := range 120 {
			i.Set(x, y, color.RGBA{R: uint8(x * y), G: uint8(x ^ y), B: uint8(x + 3*y), A: 255})
		}
	}
	return i
}

func jpegPicture() []byte {
	var b bytes.Buffer
	jpeg.Encode(&b, picture(), nil)
	return b.Bytes()
}

func pngPicture() []byte {
	var b bytes.Buffer
	png.Encode(&b, picture())
	return b.Bytes()
}

// leaves is what each page of a PDF says, as Ghostscript reads it.
func leaves(t testing.TB, file string) (pages []string) {
	t.Helper()
	dir := folder(t)
	must(t, peers.Need(t, "gs"), "-q", "-dBATCH", "-dNOPAUSE", "-sDEVICE=txtwrite", "-sOutputFile="+filepath.Join(dir, "%d"), file)
	for n := 1; ; n++ {
		b, err := os.ReadFile(filepath.Join(dir, fmt.Sprint(n)))
		if err != nil {
			return pages
		}
		pages = append(pages, strings.Join(strings.Fields(string(b)), " "))
	}
}
