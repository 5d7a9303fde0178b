package docinfo

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
)

const (
	zipDirectory = 8 << 20  // bytes of the directory of an archive
	xpsPart      = 16 << 20 // bytes of one part
	zipEndSize   = 22
	zipTail      = zipEndSize + 1<<16 // bytes at the end that must hold the end of the directory
)

// xps is an XPS or OpenXPS document (ECMA-388): a ZIP archive whose parts may
// be split into pieces.
type xps struct {
	m     *meteredReader
	parts map[string][]*zip.File // by lower case name, the pieces in order
	left  int64                  // bytes that may still be inflated
	pages int
}

func examineXPS(m *meteredReader, size int64) (Info, error) {
	z, err := openZip(m, size)
	if err != nil {
		return Info{}, err
	}
	x := &xps{m: m, parts: partsOf(z.File), left: inflatedMax}
	i, err := x.readPackage()
	if m.err != nil {
		err = m.err
	}
	return i, err
}

// openZip reads the directory of an archive that is not too large.
func openZip(m *meteredReader, size int64) (*zip.Reader, error) {
	b := blockReader{r: m, size: size}
	tail, err := b.bytesAt(max(0, size-zipTail), zipTail)
	if err != nil {
		return nil, err
	}
	end := zipEnd(tail)
	if end == nil {
		return nil, fmt.Errorf("no directory: %w", ErrDamaged)
	}
	if n := binary.LittleEndian.Uint32(end[12:]); n > zipDirectory && n != 1<<32-1 {
		return nil, ErrTooMuch
	}
	limited := &meteredReader{ctx: m.ctx, r: m, left: zipDirectory + 2*zipTail}
	z, err := zip.NewReader(limited, size)
	limited.left = readMax
	switch {
	case m.err != nil:
		return nil, m.err
	case errors.Is(err, ErrTooMuch):
		return nil, ErrTooMuch
	case err != nil && (z == nil || !errors.Is(err, zip.ErrInsecurePath)):
		return nil, fmt.Errorf("the directory: %w", ErrDamaged)
	}
	return z, nil
}

// zipEnd returns the record at the end of the directory.
func zipEnd(tail []byte) []byte {
	for at := len(tail) - zipEndSize; at >= 0; at-- {
		if bytes.HasPrefix(tail[at:], []byte("PK\x05\x06")) {
			return tail[at:]
		}
	}
	return nil
}

// partsOf groups the pieces of each part: part/[0].piece, part/[1].last.piece.
func partsOf(files []*zip.File) map[string][]*zip.File {
	parts := map[string][]*zip.File{}
	for _, f := range files {
		name, _ := partOf(f.Name)
		parts[name] = append(parts[name], f)
	}
	for _, p := range parts {
		slices.SortFunc(p, func(a, b *zip.File) int {
			_, i := partOf(a.Name)
			_, j := partOf(b.Name)
			return i - j
		})
	}
	return parts
}

func partOf(file string) (name string, piece int) {
	name = strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(file, "\\", "/"), "/"))
	if !strings.HasSuffix(name, ".piece") {
		return name, 0
	}
	dir, last := path.Split(name)
	number, _, _ := strings.Cut(strings.TrimPrefix(last, "["), "]")
	piece, err := strconv.Atoi(number)
	if err != nil {
		return name, 0
	}
	return strings.TrimSuffix(dir, "/"), piece
}

// readPackage follows the relationships of the package to the sequence of
// documents, and that to the documents.
func (x *xps) readPackage() (Info, error) {
	i := Info{Format: FormatXPS}
	var sequence, core string
	err := x.eachElement("_rels/.rels", func(e xml.StartElement) {
		target, kind := attrValue(e, "Target"), attrValue(e, "Type")
		switch {
		case e.Name.Local != "Relationship":
		case strings.HasSuffix(kind, "/fixedrepresentation"):
			sequence = target
			if strings.Contains(kind, "openxps.org") {
				i.Format = FormatOXPS
			}
		case strings.HasSuffix(kind, "/core-properties"):
			core = target
		}
	})
	if err != nil {
		return i, fmt.Errorf("the relations: %w", err)
	}
	if sequence == "" {
		return i, ErrFormat
	}
	documents, err := x.documentNames(sequence)
	if err != nil {
		return i, fmt.Errorf("the sequence of documents: %w", err)
	}
	sure := Exact
	var first error
	for _, d := range documents {
		if err := x.readDocument(d, &i); err != nil {
			sure, first = Estimated, cmp.Or(first, fmt.Errorf("a document: %w", err))
		}
	}
	i.setPages(x.pages, sure)
	x.readProperties(core, &i)
	return i, first
}

// documentNames returns the names of the documents in a sequence.
func (x *xps) documentNames(sequence string) (names []string, err error) {
	err = x.eachElement(sequence, func(e xml.StartElement) {
		if source := attrValue(e, "Source"); e.Name.Local == "DocumentReference" && len(names) < objectsMax {
			names = append(names, resolvePart(sequence, source))
		}
	})
	if err == nil && len(names) == 0 {
		err = ErrDamaged
	}
	return names, err
}

// readDocument counts the pages of a document, and reads the size of the first.
func (x *xps) readDocument(name string, i *Info) error {
	return x.eachElement(name, func(e xml.StartElement) {
		if e.Name.Local != "PageContent" {
			return
		}
		x.pages++
		if x.pages == 1 {
			i.Media = mediaOf96(attrValue(e, "Width"), attrValue(e, "Height"))
		}
	})
}

// mediaOf96 returns the name for a size in 1/96 inch.
func mediaOf96(width, height string) string {
	w, errW := strconv.ParseFloat(width, 64)
	h, errH := strconv.ParseFloat(height, 64)
	if errW != nil || errH != nil {
		return ""
	}
	return mediaOfPoints(w*72/96, h*72/96)
}

func resolvePart(from, to string) string {
	if strings.HasPrefix(to, "/") {
		return to
	}
	return path.Join(path.Dir(from), to)
}

func attrValue(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// openPart returns a reader of a part, bounded by what may be inflated.
func (x *xps) openPart(name string) (io.Reader, error) {
	pieces := x.parts[strings.ToLower(strings.TrimPrefix(path.Clean("/"+name), "/"))]
	if len(pieces) == 0 || len(pieces) > objectsMax {
		return nil, ErrDamaged
	}
	var all []io.Reader
	for _, p := range pieces {
		all = append(all, &partPiece{f: p})
	}
	return &boundedReader{r: io.MultiReader(all...), part: xpsPart, total: &x.left}, nil
}

// partPiece opens a file of the archive at its first read, and closes it at its
// end.
type partPiece struct {
	f *zip.File
	r io.ReadCloser
}

func (p *partPiece) Read(b []byte) (n int, err error) {
	if p.r == nil {
		if p.r, err = p.f.Open(); err != nil {
			return 0, err
		}
	}
	if n, err = p.r.Read(b); err != nil {
		p.r.Close()
	}
	return n, err
}

// boundedReader fails once its part, or all that was read, is too large.
type boundedReader struct {
	r     io.Reader
	part  int64
	total *int64
}

func (s *boundedReader) Read(b []byte) (int, error) {
	n, err := s.r.Read(b)
	s.part -= int64(n)
	*s.total -= int64(n)
	if s.part < 0 || *s.total < 0 {
		return 0, ErrTooMuch
	}
	return n, err
}

// eachElement calls a function with the beginning of each element of a part.
func (x *xps) eachElement(name string, call func(xml.StartElement)) error {
	d, err := x.partDecoder(name)
	if err != nil {
		return err
	}
	for {
		t, err := d.RawToken()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, ErrTooMuch):
			return ErrTooMuch
		case err != nil:
			return ErrDamaged
		}
		if e, ok := t.(xml.StartElement); ok {
			call(e)
		}
	}
}

func (x *xps) partDecoder(name string) (*xml.Decoder, error) {
	r, err := x.openPart(name)
	if err != nil {
		return nil, err
	}
	return xml.NewDecoder(r), nil
}

// readProperties reads the title, and ignores errors.
func (x *xps) readProperties(core string, i *Info) {
	if core == "" {
		return
	}
	d, err := x.partDecoder(core)
	if err != nil {
		return
	}
	within := ""
	for {
		t, err := d.RawToken()
		if err != nil {
			return
		}
		switch t := t.(type) {
		case xml.StartElement:
			within = t.Name.Local
		case xml.CharData:
			if within == "title" {
				noteName(&i.Title, t)
			}
		case xml.EndElement:
			within = ""
		}
	}
}
