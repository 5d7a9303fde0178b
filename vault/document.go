package vault

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/google/uuid"
)

// Document is an open document of a job. It is read from start to end, by one
// goroutine at a time. Every byte it returns was authenticated first, as part of
// its whole segment; the job's length and the order of its segments are
// authenticated before the first byte.
type Document struct {
	vault  *Vault
	id     uuid.UUID
	sealed *sealedFile
	size   int64

	first  int   // index of its first segment in the file
	end    int   // index of the segment after its last
	next   int   // index of the next segment to read
	at     int64 // offset of that segment's record
	record []byte
	plain  []byte
	rest   []byte // opened and not yet returned
	err    error  // why reading ended
}

var errDocumentClosed = fmt.Errorf("document: %w", os.ErrClosed)

// Document opens a document of a job; the first is 0. While it is open, the job
// cannot be destroyed.
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
	f, err := v.disk.openFile(jobName(id))
	if err != nil {
		return nil, err
	}
	s, err := openSealed(f, id, v.key, v.shreds)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	s.key.eraseSecret()
	if number < 0 || number >= len(s.trailer.documents) {
		return nil, errors.Join(fmt.Errorf("document %d of %d: %w", number+1, len(s.trailer.documents), ErrNotFound), f.Close())
	}
	d := &Document{
		vault: v, id: id, sealed: s, size: s.trailer.documents[number],
		first: s.trailer.first[number], end: s.trailer.first[number+1], at: s.first,
	}
	for d.next < d.first {
		d.at += s.trailer.segments[d.next].recordSize()
		d.next++
	}
	return d, nil
}

// Size returns the length of the whole document in bytes.
func (d *Document) Size() int64 { return d.size }

// Read implements io.Reader. Its error is io.EOF only after the whole document,
// and ErrNotAuthentic or ErrTruncated if the file was tampered with.
func (d *Document) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if err := d.ensurePlaintext(); err != nil {
		return 0, err
	}
	n := copy(p, d.rest)
	d.rest = d.rest[n:]
	return n, nil
}

// WriteTo writes the rest of the document to w.
func (d *Document) WriteTo(w io.Writer) (int64, error) {
	var total int64
	for {
		err := d.ensurePlaintext()
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

// ensurePlaintext opens the next segment if all of the one before was returned.
func (d *Document) ensurePlaintext() error {
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
	d.record = resizeBuffer(d.record, recordHeaderSize+s.ciphertextSize())
	if err := readFull(d.sealed.file, d.record, d.at); err != nil {
		return nil, err
	}
	if recordHeader(d.record) != s.recordHeader() {
		return nil, notAuthentic("record is not what the trailer says")
	}
	opened, err := d.sealed.records.openRecord(d.record, uint64(d.next))
	if err != nil {
		return nil, err
	}
	d.at += int64(len(d.record))
	if s.kind() == kindStored {
		return opened, nil
	}
	return d.decompressSegment(opened, want)
}

func (d *Document) decompressSegment(frame []byte, want int) ([]byte, error) {
	decoder, err := d.vault.buffers.decoder()
	if err != nil {
		return nil, err
	}
	d.plain = resizeBuffer(d.plain, want)
	plain, err := decoder.DecodeAll(frame, d.plain[:0:want])
	if err != nil || len(plain) != want {
		return nil, notAuthentic("decompressing")
	}
	return plain, nil
}

// resizeBuffer returns a buffer of a length: b itself if it is large enough.
func resizeBuffer(b []byte, length int) []byte {
	if cap(b) < length {
		return make([]byte, length)
	}
	return b[:length]
}

// Close closes the document. A job whose document did not authenticate is set
// aside as damaged once no document of it is open.
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

func (v *Vault) addReader(id uuid.UUID) (*jobEntry, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return nil, errClosed
	}
	e, err := v.findEntry(id)
	if err != nil {
		return nil, err
	}
	e.readers++
	return e, nil
}

// dropReader notes that a document was closed; reason is what went wrong with
// it, if anything.
func (v *Vault) dropReader(id uuid.UUID, reason error) {
	v.mu.Lock()
	e := v.jobs[id]
	if e != nil {
		e.readers--
	}
	v.mu.Unlock()
	if e != nil && errors.Is(reason, ErrNotAuthentic) {
		v.setJobAside(id, e, reason)
	}
}

// setJobAside takes a job out of the index because its document did not
// authenticate, unless another document of it is open.
func (v *Vault) setJobAside(id uuid.UUID, e *jobEntry, reason error) {
	if v.beginChange() != nil {
		return
	}
	defer v.running.Done()
	e.change.Lock()
	defer e.change.Unlock()
	if was, err := v.markGone(e); was || err != nil {
		return
	}
	v.setFileAside(id, reason)
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.jobs, id)
	v.damaged = append(v.damaged, Damage{ID: id, Err: reason})
}
