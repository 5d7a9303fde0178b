package vault

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Writer seals one job while its documents arrive. Write appends to a document,
// EndDocument ends it, Commit makes the job durable, Abort removes it. After an
// error all methods but Abort fail. Abort may be called from another goroutine.
type Writer struct {
	vault    *Vault
	id       uuid.UUID
	created  time.Time
	metadata []byte

	mu     sync.Mutex
	sealer *sealer
	pipe   *segmentPipe // from the first full segment on
	buf    []byte       // the segment being received
	size   int64        // of the current document
	docs   []int64
	err    error // why writing failed, or errWriterDone
}

var errWriterDone = fmt.Errorf("job writer: %w", os.ErrClosed)

// Create begins a job. Metadata, at most 64 KiB, is sealed with it and returned
// unchanged in its Job. The job's id is new and random.
func (v *Vault) Create(metadata []byte) (*Writer, error) {
	if len(metadata) > maxMetadata {
		return nil, fmt.Errorf("creating job: metadata of %d bytes: %w", len(metadata), ErrTooLarge)
	}
	w, err := v.createWriter(metadata)
	if err != nil {
		return nil, fmt.Errorf("creating job: %w", noteSpace(err))
	}
	return w, nil
}

func (v *Vault) createWriter(metadata []byte) (*Writer, error) {
	if err := v.beginChange(); err != nil {
		return nil, err
	}
	defer v.running.Done()
	if err := v.CheckSpace(); err != nil {
		return nil, err
	}
	h, err := v.newHead()
	if err != nil {
		return nil, err
	}
	w := &Writer{
		vault:    v,
		id:       h.id,
		created:  time.UnixMilli(h.created).UTC(),
		metadata: slices.Clone(metadata),
		buf:      v.buffers.takeSegment(),
	}
	v.sealing.RLock()
	defer v.sealing.RUnlock()
	if err := w.writeHeader(h); err != nil {
		v.stale.Store(true)
		w.closeFile()
		return nil, v.discardFile(tmpName(w.id), err)
	}
	if err := v.registerWriter(w); err != nil {
		return nil, errors.Join(err, w.Abort())
	}
	return w, nil
}

func (v *Vault) newHead() (head, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return head{}, err
	}
	h := head{id: id, created: v.now().UnixMilli(), segmentLog: v.segmentLog}
	if v.epoch != nil {
		h.epoch = v.epoch()
	}
	return h, nil
}

// writeHeader creates the file and writes all that comes before the documents.
func (w *Writer) writeHeader(h head) error {
	key := newJobKey(h.encode())
	defer key.eraseSecret()
	to := []Recipient{{Kind: RecipientScout, Public: w.vault.key.public}}
	if w.vault.recipients != nil {
		to = append(to, w.vault.recipients()...)
	}
	header, err := sealHeader(key, to, w.vault.shreds.newest())
	if err != nil {
		return err
	}
	rec, err := newRecords(key)
	if err != nil {
		return err
	}
	f, err := w.vault.disk.createFile(tmpName(w.id))
	if err != nil {
		return err
	}
	w.sealer = &sealer{vault: w.vault, file: f, records: rec}
	if err := w.sealer.appendBytes(header); err != nil {
		return err
	}
	return w.sealer.writeRecord(kindMetadata, w.metadata)
}

// ID returns the job's id.
func (w *Writer) ID() uuid.UUID { return w.id }

// Write appends to the current document. What it has taken is sealed and on its
// way to the disk, but durable only after Commit.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	taken := 0
	for len(p) > 0 && w.err == nil {
		if len(w.buf) == w.vault.buffers.size {
			w.err = w.handOver()
			continue
		}
		n := min(len(p), w.vault.buffers.size-len(w.buf))
		w.buf = append(w.buf, p[:n]...)
		p, taken = p[n:], taken+n
	}
	w.size += int64(taken)
	if w.err != nil {
		return taken, fmt.Errorf("sealing document: %w", w.err)
	}
	return taken, nil
}

// handOver passes the full segment to the sealing goroutine.
func (w *Writer) handOver() (err error) {
	if w.pipe == nil {
		w.pipe = startSegmentPipe(w.sealer, w.vault.buffers)
	}
	w.buf, err = w.pipe.swapSegment(w.buf)
	return err
}

// EndDocument ends the current document; what is written afterwards belongs to
// the next one. A document may be empty. A job has at most 1000 documents.
func (w *Writer) EndDocument() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = w.endDocument()
	}
	if w.err != nil {
		return fmt.Errorf("sealing document: %w", noteSpace(w.err))
	}
	return nil
}

func (w *Writer) endDocument() (err error) {
	switch {
	case len(w.docs) == maxDocuments:
		return fmt.Errorf("%d documents: %w", len(w.docs)+1, ErrTooLarge)
	case len(w.buf) == 0:
	case w.pipe != nil:
		err = w.handOver()
	default:
		err = w.sealer.sealSegment(w.buf)
		w.buf = w.buf[:0]
	}
	w.docs, w.size = append(w.docs, w.size), 0
	return err
}

// Commit ends the job, and the current document, with a summary of at most
// 64 KiB that is sealed with it and returned unchanged in its Job. After it
// returns nil, no crash loses the job; after an error, nothing of the job is
// left.
func (w *Writer) Commit(summary []byte) (Job, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return Job{}, errors.Join(fmt.Errorf("committing job: %w", w.err), w.abortLocked())
	}
	job, err := w.commitLocked(summary)
	if err != nil {
		return Job{}, errors.Join(fmt.Errorf("committing job: %w", noteSpace(err)), w.abortLocked())
	}
	w.err = errWriterDone
	w.vault.unregisterWriter(w, &job)
	return job.clone(), nil
}

func (w *Writer) commitLocked(summary []byte) (Job, error) {
	if len(summary) > maxSummary {
		return Job{}, fmt.Errorf("summary of %d bytes: %w", len(summary), ErrTooLarge)
	}
	if err := w.writeEnd(summary); err != nil {
		return Job{}, err
	}
	sealed := w.sealer.at
	if err := w.sealer.file.Sync(); err != nil {
		return Job{}, err
	}
	if err := w.closeFile(); err != nil {
		return Job{}, err
	}
	if err := w.vault.publishJob(w.id); err != nil {
		return Job{}, err
	}
	return Job{
		ID: w.id, Created: w.created, Metadata: w.metadata, Summary: slices.Clone(summary),
		Size: sumSizes(w.docs), Sealed: sealed, Documents: slices.Clone(w.docs),
	}, nil
}

func sumSizes(sizes []int64) (n int64) {
	for _, s := range sizes {
		n += s
	}
	return n
}

// writeEnd writes the rest of the documents, the trailer and the footer.
func (w *Writer) writeEnd(summary []byte) error {
	if w.size > 0 || len(w.docs) == 0 {
		if err := w.endDocument(); err != nil {
			return err
		}
	}
	if err := w.stopPipe(); err != nil {
		return err
	}
	at := w.sealer.at
	t := trailer{documents: w.docs, segments: w.sealer.segments, summary: summary}
	if err := w.sealer.writeRecord(kindTrailer, t.encode()); err != nil {
		return err
	}
	return w.sealer.appendBytes(encodeFooter(at))
}

// publishJob gives a complete job its name. If that may not survive a crash, the
// job is removed, since its writer returns an error: it is shredded first, so
// that it cannot come back if its removal does not survive either.
func (v *Vault) publishJob(id uuid.UUID) error {
	if err := v.disk.renameFile(tmpName(id), jobName(id)); err != nil {
		return err
	}
	if err := v.disk.syncFolder(); err != nil {
		_, shredErr := v.shredFile(jobName(id))
		return v.discardFile(jobName(id), errors.Join(err, shredErr))
	}
	return nil
}

// Abort removes what was written. Called again, or after Commit, it does nothing.
func (w *Writer) Abort() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.abortLocked()
}

func (w *Writer) abortLocked() error {
	if errors.Is(w.err, errWriterDone) {
		return nil
	}
	w.err = errWriterDone
	w.vault.stale.Store(true) // its wrapped keys are removed, not overwritten
	w.closeFile()
	w.vault.unregisterWriter(w, nil)
	if err := w.vault.disk.removeFile(tmpName(w.id)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("removing unfinished job: %w", err)
	}
	return nil
}

// closeFile ends the sealing goroutine, closes the file and gives back the
// buffers.
func (w *Writer) closeFile() error {
	_ = w.stopPipe()
	w.vault.buffers.giveBackSegment(w.buf)
	w.buf = nil
	if w.sealer == nil || w.sealer.file == nil {
		return nil
	}
	f := w.sealer.file
	w.sealer.file = nil
	return f.Close()
}

func (w *Writer) stopPipe() error {
	if w.pipe == nil {
		return nil
	}
	p := w.pipe
	w.pipe = nil
	return p.stop(w.vault.buffers)
}

func (v *Vault) registerWriter(w *Writer) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return errClosed
	}
	v.writers[w] = struct{}{}
	return nil
}

// unregisterWriter removes a writer and adds the job that it wrote, if any.
func (v *Vault) unregisterWriter(w *Writer, job *Job) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.writers, w)
	if job != nil {
		v.jobs[job.ID] = &jobEntry{job: *job}
	}
}
