package spooler

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// compressed compresses a document.
func compressed(doc []byte, by func(io.Writer) io.WriteCloser) []byte {
	var b bytes.Buffer
	w := by(&b)
	w.Write(doc)
	w.Close()
	return b.Bytes()
}

func gz(w io.Writer) io.WriteCloser  { return gzip.NewWriter(w) }
func zl(w io.Writer) io.WriteCloser  { return zlib.NewWriter(w) }
func raw(w io.Writer) io.WriteCloser { f, _ := flate.NewWriter(w, 9); return f }

// incompressible returns a document of n bytes that does not compress.
func incompressible(n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{7})
	r.Read(b)
	return append([]byte("%PDF-1.4\n"), b...)
}

func TestCompression(t *testing.T) {
	r := startPrinter(t)
	doc := incompressible(700_000)
	gzipped, deflated, wrapped := compressed(doc, gz), compressed(doc, raw), compressed(doc, zl)
	damaged := bytes.Clone(gzipped)
	damaged[len(damaged)/2] ^= 0xff
	checksum := bytes.Clone(gzipped)
	checksum[len(checksum)-6] ^= 0xff
	for name, c := range map[string]struct {
		how  string
		body []byte
		want goipp.Status
	}{
		"gzip":                     {"gzip", gzipped, goipp.StatusOk},
		"gzip in capitals":         {"GZIP", gzipped, goipp.StatusOk},
		"deflate":                  {"deflate", deflated, goipp.StatusOk},
		"deflate, wrapped":         {"deflate", wrapped, goipp.StatusOk},
		"none":                     {"none", doc, goipp.StatusOk},
		"gzip, damaged":            {"gzip", damaged, goipp.StatusErrorCompressionError},
		"gzip, another checksum":   {"gzip", checksum, goipp.StatusErrorCompressionError},
		"gzip, cut":                {"gzip", gzipped[:500_000], goipp.StatusErrorCompressionError},
		"gzip, cut in the header":  {"gzip", gzipped[:5], goipp.StatusErrorCompressionError},
		"gzip, of two members":     {"gzip", slices.Repeat(gzipped, 2), goipp.StatusErrorCompressionError},
		"gzip, with garbage after": {"gzip", append(bytes.Clone(gzipped), 0), goipp.StatusErrorCompressionError},
		"gzip that is none":        {"gzip", doc, goipp.StatusErrorCompressionError},
		"gzip of nothing":          {"gzip", compressed(nil, gz), goipp.StatusErrorBadRequest},
		"deflate, cut":             {"deflate", deflated[:500_000], goipp.StatusErrorCompressionError},
		"deflate, garbage after":   {"deflate", append(bytes.Clone(deflated), 0), goipp.StatusErrorCompressionError},
		"deflate, wrapped, cut":    {"deflate", wrapped[:500_000], goipp.StatusErrorCompressionError},
		"deflate of one byte":      {"deflate", []byte{0x78}, goipp.StatusErrorCompressionError},
		"compress":                 {"compress", doc, goipp.StatusErrorCompressionNotSupported},
	} {
		t.Run(name, func(t *testing.T) {
			r.T = t
			_, before, aborted := r.intake.counts()
			r.mustDo(c.want, r.newRequest(goipp.OpPrintJob, ipp.Keyword("compression", c.how)), c.body...)
			begun, after, abortedNow := r.intake.counts()
			if begun != after+abortedNow {
				t.Errorf("%d begun, %d parked, %d aborted", begun, after, abortedNow)
			}
			if c.want != goipp.StatusOk {
				if after != before || c.how != "compress" && abortedNow != aborted+1 {
					t.Errorf("%d parked more, %d aborted more", after-before, abortedNow-aborted)
				}
				return
			}
			if p := r.intake.parked[after-1]; !bytes.Equal(p.Bytes(), doc) || p.docs[0].Compression != strings.ToLower(c.how) {
				t.Errorf("%d bytes parked of %d", p.Len(), len(doc))
			}
		})
	}
}

func TestTooLargeDocument(t *testing.T) {
	r := startPrinter(t, func(c *Config) { c.Limits.Document = 1 << 20 })
	bomb := compressed(make([]byte, 8<<20), gz)
	r.mustDo(goipp.StatusErrorRequestEntity, r.newRequest(goipp.OpPrintJob, ipp.Keyword("compression", "gzip")), bomb...)
	r.mustDo(goipp.StatusErrorRequestEntity, r.newRequest(goipp.OpPrintJob), incompressible(1<<20)...)
	if _, parked, aborted := r.intake.counts(); parked != 0 || aborted != 2 {
		t.Errorf("%d parked, %d aborted", parked, aborted)
	}
}
