package docinfo

import (
	"encoding/binary"
	"fmt"
)

// Tags of TIFF 6.0.
const (
	tiffSubfile     = 254
	tiffPhotometric = 262
	tiffTitle       = 269
	tiffSoftware    = 305
)

// tiff reads the directories of a TIFF file, one for each page.
type tiff struct {
	blockReader
	order binary.ByteOrder
	info  Info
	pages int
}

func examineTIFF(m *meteredReader, size int64) (Info, error) {
	t := &tiff{blockReader: blockReader{r: m, size: size}}
	head, err := t.bytesAt(0, 8)
	switch {
	case err != nil:
		return Info{}, err
	case len(head) < 8:
		return Info{}, ErrFormat
	case string(head[:4]) == "II*\x00":
		t.order = binary.LittleEndian
	case string(head[:4]) == "MM\x00*":
		t.order = binary.BigEndian
	default:
		return Info{}, ErrFormat
	}
	sure := Exact
	err = t.followDirectories(int64(t.order.Uint32(head[4:])))
	if err != nil {
		sure = Estimated
	}
	t.info.setPages(t.pages, sure)
	if err != nil {
		err = fmt.Errorf("directory %d: %w", t.pages+1, err)
	}
	return t.info, err
}

// followDirectories reads each directory up to the last; a loop, or an invalid
// directory, is damage.
func (t *tiff) followDirectories(at int64) error {
	seen := map[int64]bool{}
	for at != 0 {
		if seen[at] {
			return ErrDamaged
		}
		if len(seen) >= objectsMax {
			return ErrTooMuch
		}
		seen[at] = true
		var err error
		if at, err = t.readDirectory(at); err != nil {
			return err
		}
	}
	if t.pages == 0 {
		return ErrDamaged
	}
	return nil
}

// readDirectory reads one directory and returns the offset of the next.
func (t *tiff) readDirectory(at int64) (next int64, err error) {
	b, err := t.bytesAt(at, 2)
	if err != nil {
		return 0, err
	}
	if len(b) < 2 {
		return 0, ErrDamaged
	}
	n := int(t.order.Uint16(b))
	b, err = t.bytesAt(at+2, 12*n+4)
	if err != nil {
		return 0, err
	}
	if n == 0 || len(b) < 12*n+4 {
		return 0, ErrDamaged
	}
	next = int64(t.order.Uint32(b[12*n:]))
	entries := append([]byte(nil), b[:12*n]...)
	reduced := false
	for ; len(entries) > 0; entries = entries[12:] {
		reduced = t.readEntry(entries[:12]) || reduced
	}
	if !reduced {
		t.pages++
	}
	return next, nil
}

// readEntry reads one entry, and reports whether it says that the image is a
// reduced copy of another.
func (t *tiff) readEntry(e []byte) (reduced bool) {
	value := t.order.Uint32(e[8:])
	if t.order.Uint16(e[2:]) == 3 {
		value = uint32(t.order.Uint16(e[8:]))
	}
	switch t.order.Uint16(e) {
	case tiffSubfile:
		return value&1 != 0
	case tiffPhotometric:
		switch {
		case value > 1:
			t.info.Color = InColor
		case t.info.Color == "":
			t.info.Color = InMonochrome
		}
	case tiffTitle:
		t.readText(e, &t.info.Title)
	case tiffSoftware:
		t.readText(e, &t.info.Application)
	}
	return false
}

// readText reads a string of more than four bytes, which is stored outside the
// entry.
func (t *tiff) readText(e []byte, to *string) {
	n := int64(t.order.Uint32(e[4:]))
	if *to != "" || t.order.Uint16(e[2:]) != 2 || n <= 4 {
		return
	}
	if b, err := t.bytesAt(int64(t.order.Uint32(e[8:])), int(min(n, 4*nameMax))); err == nil {
		noteName(to, b)
	}
}
