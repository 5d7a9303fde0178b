package spooler

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
)

// compressions maps the values of compression (RFC 8011 §5.4.32) to their
// decompressors. Nothing may follow the compressed data.
var compressions = map[string]func(*bufio.Reader) (io.Reader, error){
	"none":    func(r *bufio.Reader) (io.Reader, error) { return r, nil },
	"gzip":    gunzip,
	"deflate": inflate,
}

func gunzip(r *bufio.Reader) (io.Reader, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	z.Multistream(false)
	return &strictReader{z, r}, nil
}

// inflate reads the raw form of RFC 1951, which CUPS sends, and that of RFC
// 1950, which others mean by the same word.
func inflate(r *bufio.Reader) (io.Reader, error) {
	if head, err := r.Peek(2); err == nil && isZlib(head) {
		z, err := zlib.NewReader(r)
		if err != nil {
			return nil, err
		}
		return &strictReader{z, r}, nil
	}
	return &strictReader{flate.NewReader(r), r}, nil
}

// isZlib reports whether data begins with the header of RFC 1950 §2.2. As raw
// deflate that would be a stored block with nonzero padding, which no program
// writes.
func isZlib(head []byte) bool {
	return head[0]&0x8f == 0x08 && head[1]&0x20 == 0 && (int(head[0])<<8|int(head[1]))%31 == 0
}

// strictReader fails if something follows the compressed data.
type strictReader struct {
	io.Reader
	rest *bufio.Reader
}

func (s *strictReader) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err != io.EOF {
		return n, err
	}
	if _, err := s.rest.Peek(1); err != io.EOF {
		return n, errCompressionDamaged
	}
	return n, io.EOF
}
