package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
)

// documentKind is a kind of document: a block of bytes that is repeated to any
// size, so large that no compressor notices the repetition.
type documentKind struct {
	name  string
	block []byte
}

const blockSize = 8 << 20

const pdfHead = "%PDF-1.7\n1 0 obj\n<< /Type /Page /Parent 2 0 R >>\nendobj\n"

// documentKinds returns the two extremes of what is printed: photographs, which do
// not compress, and page descriptions, which do.
func documentKinds() []documentKind {
	random := make([]byte, blockSize)
	rng := rand.NewChaCha8([32]byte{1})
	rng.Read(random)
	copy(random, pdfHead)
	return []documentKind{{"incompressible", random}, {"page text", pageText(rand.New(rng))}}
}

var words = []string{"the", "printer", "of", "quarter", "sales", "north", "invoice", "and", "total", "customer", "due", "within", "days"}

// pageText returns text as programs place it on pages, uncompressed.
func pageText(rng *rand.Rand) []byte {
	var b bytes.Buffer
	b.WriteString(pdfHead)
	for b.Len() < blockSize {
		fmt.Fprintf(&b, "BT /F%d %d Tf %d.%02d %d Td (", rng.IntN(4), 8+rng.IntN(5), rng.IntN(612), rng.IntN(100), rng.IntN(792))
		for range 4 + rng.IntN(8) {
			b.WriteString(words[rng.IntN(len(words))])
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%d) Tj ET\n", rng.IntN(100000))
	}
	return b.Bytes()[:blockSize]
}

// newReader returns a reader of a document of that size.
func (k documentKind) newReader(size int64) io.Reader {
	return io.LimitReader(&repeatedBlock{block: k.block}, size)
}

type repeatedBlock struct {
	block []byte
	at    int
}

func (r *repeatedBlock) Read(p []byte) (int, error) {
	n := copy(p, r.block[r.at:])
	r.at = (r.at + n) % len(r.block)
	return n, nil
}
