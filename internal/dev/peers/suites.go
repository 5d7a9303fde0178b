package peers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// suites is the folder of ipptool's suites in Debian's cups-ipp-utils. The documents
// that they print are not in any package.
const suites = "/usr/share/cups/ipptool"

// Suite is the result of one of ipptool's suites.
type Suite struct {
	Passed, Failed, Skipped int
	Output                  string
}

// RunSuite runs a suite against a printer, with small documents of the right kinds
// under the names that suites print.
func RunSuite(tb testing.TB, uri, name string, options ...string) Suite {
	tb.Helper()
	tool := Need(tb, "ipptool")
	dir := suiteFolder(tb, name)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	args := append([]string{"-t", "-I", "-f", "document-a4.pdf"}, options...)
	cmd := exec.CommandContext(ctx, tool, append(args, uri, name)...)
	cmd.Dir = dir
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	s := Suite{Output: out.String()}
	s.Passed, s.Failed, s.Skipped = strings.Count(s.Output, "[PASS]"), strings.Count(s.Output, "[FAIL]"), strings.Count(s.Output, "[SKIP]")
	if err != nil && s.Failed == 0 || strings.Contains(s.Output, "cannot be read") {
		tb.Fatalf("ipptool %s stopped: %v\n%s", name, err, s.Output)
	}
	return s
}

// suiteFolder returns a folder with the suites, the documents that they print, and
// the samples of the suite that is run.
func suiteFolder(tb testing.TB, suite string) string {
	tb.Helper()
	NeedFile(tb, suites)
	dir := tb.TempDir()
	if err := errors.Join(WriteSuites(dir), WriteSamples(dir, suite)); err != nil {
		tb.Fatal(err)
	}
	return dir
}

func suiteDocuments() map[string][]byte {
	ps := []byte("%!PS-Adobe-3.0\n%%Pages: 1\n%%EndComments\n%%Page: 1 1\nshowpage\n%%EOF\n")
	return map[string][]byte{
		"document-a4.pdf": PDF(595, 842), "document-letter.pdf": PDF(612, 792),
		"document-a4.ps": ps, "document-letter.ps": ps,
		"color.jpg": encodeJPEG(image.NewRGBA(image.Rect(0, 0, 16, 24))),
		"gray.jpg":  encodeJPEG(image.NewGray(image.Rect(0, 0, 16, 24))),
	}
}

func encodeJPEG(i image.Image) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, i, nil); err != nil {
		panic(err) // cannot fail: a picture made here, into memory
	}
	return b.Bytes()
}

// PDF returns a document of one empty page of a size in points.
func PDF(width, height int) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	var at []int
	for i, object := range []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] >>", width, height),
	} {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, offset := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, xref)
	return b.Bytes()
}
