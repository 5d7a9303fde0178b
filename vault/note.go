package vault

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/google/uuid"
)

const (
	maxNote      = 16 << 10
	noteHeadSize = 8 + 1 + 16
	noteOverhead = noteHeadSize + nonceSize + tagSize
)

// SetNote replaces the note of a job, at most 16 KiB. It is durable when
// SetNote returns nil; after an error or a crash the job has the old note or
// the new one.
func (v *Vault) SetNote(id uuid.UUID, note []byte) error {
	if len(note) > maxNote {
		return fmt.Errorf("note of %d bytes: %w", len(note), ErrTooLarge)
	}
	if err := v.beginChange(); err != nil {
		return err
	}
	defer v.running.Done()
	e, err := v.lockJob(id)
	if err != nil {
		return err
	}
	defer e.change.Unlock()
	if err := v.writeNote(id, note); err != nil {
		return fmt.Errorf("writing note: %w", noteSpace(err))
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	e.job.Note = slices.Clone(note)
	return nil
}

func (v *Vault) writeNote(id uuid.UUID, note []byte) error {
	key, err := v.readKey(id)
	if err != nil {
		return err
	}
	defer key.eraseSecret()
	sealed, err := sealNote(key, id, note)
	if err != nil {
		return err
	}
	if err := v.writeTemporary(tmpName(id), sealed); err != nil {
		return v.discardFile(tmpName(id), err)
	}
	if err := v.disk.renameFile(tmpName(id), noteName(id)); err != nil {
		return v.discardFile(tmpName(id), err)
	}
	return v.disk.syncFolder()
}

func (v *Vault) writeTemporary(name string, b []byte) (err error) {
	f, err := v.disk.createFile(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(b); err != nil {
		return err
	}
	return f.Sync()
}

// readKey unwraps the key of a job from its file.
func (v *Vault) readKey(id uuid.UUID) (*jobKey, error) {
	f, err := v.disk.openFile(jobName(id))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	h, key, err := readHeader(f, v.key, v.shreds)
	if err == nil && h.id != id {
		err = notAuthentic("job id is not the file's")
	}
	return key, err
}

func sealNote(key *jobKey, id uuid.UUID, note []byte) ([]byte, error) {
	aead, err := key.newAEAD(labelNote)
	if err != nil {
		return nil, err
	}
	b := append(make([]byte, 0, noteOverhead+len(note)), noteMagic[:]...)
	b = append(b, formatVersion)
	b = append(b, id[:]...)
	var nonce [nonceSize]byte
	rand.Read(nonce[:])
	b = append(b, nonce[:]...)
	return aead.Seal(b, nonce[:], note, b[:noteHeadSize]), nil
}

func openNote(key *jobKey, id uuid.UUID, b []byte) ([]byte, error) {
	if len(b) < noteOverhead {
		return nil, ErrTruncated
	}
	if err := checkMagic(b, noteMagic); err != nil {
		return nil, err
	}
	if len(b) > noteOverhead+maxNote || uuid.UUID(b[9:noteHeadSize]) != id {
		return nil, notAuthentic("not the note of this job")
	}
	aead, err := key.newAEAD(labelNote)
	if err != nil {
		return nil, err
	}
	nonce, body := b[noteHeadSize:noteHeadSize+nonceSize], b[noteHeadSize+nonceSize:]
	note, err := aead.Open([]byte{}, nonce, body, b[:noteHeadSize])
	if err != nil {
		return nil, notAuthentic("opening note")
	}
	return note, nil
}

// readNote reads the note of a job, whose key is given.
func (v *Vault) readNote(key *jobKey, id uuid.UUID) ([]byte, error) {
	f, err := v.disk.openFile(noteName(id))
	if err != nil {
		return nil, fmt.Errorf("reading note: %w", err)
	}
	defer f.Close()
	b := make([]byte, noteOverhead+maxNote+1)
	n, err := f.ReadAt(b, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading note: %w", err)
	}
	note, err := openNote(key, id, b[:n])
	if err != nil {
		return nil, fmt.Errorf("note: %w", err)
	}
	return note, nil
}
