package vault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/google/uuid"
)

// RotateShredKey replaces the shred key if a job was destroyed or aborted since
// the key was last replaced, and continues a replacement that was interrupted.
// Once it returns nil, what is left anywhere of the wrapped keys of destroyed
// jobs cannot be opened with any key. It rewrites 4 KiB of each job; jobs may be
// sealed, read and destroyed meanwhile. After an error both keys are kept.
func (v *Vault) RotateShredKey(ctx context.Context) error {
	if err := v.beginChange(); err != nil {
		return err
	}
	defer v.running.Done()
	v.rotation.Lock()
	defer v.rotation.Unlock()
	if v.shreds.countKeys() < 2 {
		if !v.stale.Swap(false) {
			return nil
		}
		if err := v.addShredKey(); err != nil {
			v.stale.Store(true)
			return fmt.Errorf("rotating the shred key: %w", noteSpace(err))
		}
	}
	if err := v.rewrapAll(ctx); err != nil {
		return fmt.Errorf("rotating the shred key: %w", noteSpace(err))
	}
	return v.shreds.destroyOldKeys(v.disk)
}

// addShredKey waits until every header made under the old key belongs to a
// registered writer, and adds the new key.
func (v *Vault) addShredKey() error {
	v.sealing.Lock()
	defer v.sealing.Unlock()
	return v.shreds.addKey(v.disk, v.now())
}

// ShredKeyAge returns how long the shred key has been in use; each rotation
// resets it.
func (v *Vault) ShredKeyAge() time.Duration {
	return v.now().Sub(time.Unix(int64(v.shreds.newest().generation), 0))
}

// rewrapAll puts every job under the newest shred key: those being written,
// then all in the folder.
func (v *Vault) rewrapAll(ctx context.Context) error {
	for _, w := range v.allWriters() {
		if err := w.rewrapUnfinished(); err != nil {
			return err
		}
	}
	names, err := v.disk.fileNames()
	if err != nil {
		return fmt.Errorf("listing folder: %w", err)
	}
	var failed error
	for _, name := range names {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		id, suffix, ok := parseName(name)
		if !ok || suffix != jobSuffix && suffix != damagedSuffix {
			continue
		}
		if err := v.rewrapFile(id, name); err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", name, err))
		}
	}
	return failed
}

func (v *Vault) allWriters() []*Writer {
	v.mu.Lock()
	defer v.mu.Unlock()
	var all []*Writer
	for w := range v.writers {
		all = append(all, w)
	}
	return all
}

// rewrapUnfinished puts a job that is being written under the newest shred key.
func (w *Writer) rewrapUnfinished() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sealer == nil || w.sealer.file == nil {
		return nil
	}
	return w.vault.rewrapHeader(w.sealer.file)
}

func (v *Vault) rewrapFile(id uuid.UUID, name string) (err error) {
	v.mu.Lock()
	e := v.jobs[id]
	v.mu.Unlock()
	change := &v.loose
	if e != nil {
		change = &e.change
	}
	change.Lock()
	defer change.Unlock()
	f, err := v.disk.openForUpdate(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it was destroyed meanwhile
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return v.rewrapHeader(f)
}

// rewrapHeader puts the recipients area of one file under the newest shred key.
// It leaves a file that cannot be opened as a job as it is: nothing of that can
// be lost.
func (v *Vault) rewrapHeader(f file) error {
	b := make([]byte, headerSize)
	if n, err := f.ReadAt(b, 0); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading header: %w", err)
	} else if n < headerSize {
		return nil
	}
	_, slots, err := splitHeader(b)
	if err != nil {
		return nil
	}
	for _, s := range slots {
		area, err := s.openArea(v.shreds, [headSize]byte(b))
		if err == nil {
			return v.moveArea(f, [headSize]byte(b), s, area)
		}
	}
	return nil
}

// moveArea writes an area to the other slot and then empties the one it was in.
func (v *Vault) moveArea(f file, head [headSize]byte, from slot, area []byte) error {
	newest := v.shreds.newest()
	if from.generation == newest.generation {
		return nil
	}
	to := slot{index: 1 - from.index}
	raw, err := sealSlot(newest, head, from.sequence+1, area)
	if err != nil {
		return err
	}
	if _, err := f.WriteAt(raw, to.offset()); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	_, err = f.WriteAt(make([]byte, pageSize), from.offset())
	return err
}
