package vault

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/google/uuid"
)

// Document is a document of a job, opened. It reads from start to end, for
// one goroutine at a time. Every byte it gives was authenticated first, as
// part of its whole segment; the job's length and order were before the first.
type Document struct {
	vault  *Vault
	id     uuid.UUID
	sealed *sealedFile
	size   int64

	first  int   // index of its first segment in the file
	end    int   // index of the one behind its last
	next   int   // index of the next segment
	at     int64 // its offset
	record []byte
	plain  []byte
	rest   []byte // opened and not yet handed out
	err    error  // what ended the reading
}

var errDocumentClosed = fmt.Errorf("document: %w", os.ErrClosed)

// Document opens a document of a job, the first being 0. While it is open the
// job cannot be destroyed.
func (v *Vault) Document(id uuid.UUID, number int) (*Document, error) {
	e, err := v.addReader(id)
	if err != nil {
		return nil, err
	}
	e.change.Lock()
	d, err := v.openDocument(id, number)
	e.change.Unlock()
	if err != nil {
		v.dropReader(id, err)
		return nil, fmt.Errorf("opening document: %w", err)
	}
	return d, nil
}

func (v *Vault) openDocument(id uuid.UUID, number int) (*Document, error) {
	f, err := v.disk.open(jobName(id))
	if err != nil {
		return nil, err
	}
	s, err := openSealed(f, id, v.key, v.shreds)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	s.key.forget()
	if number < 0 || number >= len(s.trailer.documents) {
		return nil, errors.Join(fmt.Errorf("document %d of %d: %w", number+1, len(s.trailer.documents), ErrNotFound), f.Close())
	}
	d := &Document{
		vault: v, id: id, sealed: s, size: s.trailer.documents[number],
		first: s.trailer.first[number], end: s.trailer.first[number+1], at: s.first,
	}
	for d.next < d.first {
		d.at += s.trailer.segments[d.next].record()
		d.next++
	}
	return d, nil
}

// Size is the length of the whole document in bytes.
func (d *Document) Size() int64 { return d.size }

// Read reads on. Its error is io.EOF only after the whole document;
// ErrNotAuthentic or ErrTruncated if the file was tampered with.
func (d *Document) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if err := d.fill(); err != nil {
		return 0, err
	}
	n := copy(p, d.rest)
	d.rest = d.rest[n:]
	return n, nil
}

// WriteTo writes what is left of the document to w.
func (d *Document) WriteTo(w io.Writer) (int64, error) {
	var total int64
	for {
		err := d.fill()
		if errors.Is(err, io.EOF) {
			return total, nil
		}
		if err != nil {
			return total, err
		}
		n, err := w.Write(d.rest)
		total += int64(n)
		d.rest = d.rest[n:]
		if err != nil {
			return total, err
		}
		if len(d.rest) > 0 {
			return total, io.ErrShortWrite
		}
	}
}

// fill makes sure that there is something to hand out.
func (d *Document) fill() error {
	if len(d.rest) > 0 || d.err != nil {
		return d.err
	}
	if d.next == d.end {
		d.err = io.EOF
		return d.err
	}
	if d.rest, d.err = d.openSegment(); d.err != nil {
		d.rest = nil
		d.err = fmt.Errorf("opening document: segment %d: %w", d.next, d.err)
		return d.err
	}
	d.next++
	return nil
}

func (d *Document) openSegment() ([]byte, error) {
	s := d.sealed.trailer.segments[d.next]
	want := plainSize(d.size, d.next-d.first, d.sealed.head.segmentSize())
	d.record = sized(d.record, recordHeaderSize+s.ciphertext())
	if err := readFull(d.sealed.file, d.record, d.at); err != nil {
		return nil, err
	}
	if recordHeader(d.record) != s.header() {
		return nil, notAuthentic("record is not what the trailer says")
	}
	opened, err := d.sealed.records.open(d.record, uint64(d.next))
	if err != nil {
		return nil, err
	}
	d.at += int64(len(d.record))
	if s.kind() == kindStored {
		return opened, nil
	}
	return d.decompress(opened, want)
}

func (d *Document) decompress(frame []byte, want int) ([]byte, error) {
	decoder, err := d.vault.buffers.decoder()
	if err != nil {
		return nil, err
	}
	d.plain = sized(d.plain, want)
	plain, err := decoder.DecodeAll(frame, d.plain[:0:want])
	if err != nil || len(plain) != want {
		return nil, notAuthentic("decompressing")
	}
	return plain, nil
}

// sized gives a buffer of a length, the old one if it is large enough.
func sized(b []byte, length int) []byte {
	if cap(b) < length {
		return make([]byte, length)
	}
	return b[:length]
}

// Close ends the reading. A job whose document did not authenticate is set
// aside as damaged once nobody reads it any more.
func (d *Document) Close() error {
	if errors.Is(d.err, errDocumentClosed) {
		return nil
	}
	reason := d.err
	d.err, d.rest = errDocumentClosed, nil
	clear(d.record[:cap(d.record)])
	clear(d.plain[:cap(d.plain)])
	err := d.sealed.file.Close()
	d.vault.dropReader(d.id, reason)
	return err
}

func (v *Vault) addReader(id uuid.UUID) (*entry, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return nil, errClosed
	}
	e, err := v.find(id)
	if err != nil {
		return nil, err
	}
	e.readers++
	return e, nil
}

// dropReader ends one reading; reason is what went wrong with it, if anything.
func (v *Vault) dropReader(id uuid.UUID, reason error) {
	v.mu.Lock()
	e := v.jobs[id]
	if e != nil {
		e.readers--
	}
	v.mu.Unlock()
	if e != nil && errors.Is(reason, ErrNotAuthentic) {
		v.condemn(id, e, reason)
	}
}

// condemn takes a job out of the index because its document did not
// authenticate, unless somebody still reads it.
func (v *Vault) condemn(id uuid.UUID, e *entry, reason error) {
	if v.begin() != nil {
		return
	}
	defer v.running.Done()
	e.change.Lock()
	defer e.change.Unlock()
	if was, err := v.markGone(e); was || err != nil {
		return
	}
	v.setAside(id, reason)
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.jobs, id)
	v.damaged = append(v.damaged, Damage{ID: id, Err: reason})
}
