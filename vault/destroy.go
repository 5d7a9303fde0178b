package vault

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/google/uuid"
)

// Destroy overwrites the wrapped keys of a job, so that it can never be opened
// again, and then removes its files. The job may be a damaged one. Destroy
// returns ErrInUse while a document of the job is open. Once keys may be gone
// the job is no longer listed, even if a later step fails; Destroy may then be
// called again, and the next Open finishes what it can.
func (v *Vault) Destroy(id uuid.UUID) error {
	if err := v.beginChange(); err != nil {
		return err
	}
	defer v.running.Done()
	v.mu.Lock()
	e := v.jobs[id]
	damaged := slices.ContainsFunc(v.damaged, func(d Damage) bool { return d.ID == id })
	v.mu.Unlock()
	var err error
	switch {
	case e != nil:
		err = v.destroyJob(id, e)
	case damaged:
		err = v.destroyFiles(id)
	default:
		return fmt.Errorf("job %s: %w", id, ErrNotFound)
	}
	if err != nil {
		return fmt.Errorf("destroying job %s: %w", id, noteSpace(err))
	}
	return nil
}

func (v *Vault) destroyJob(id uuid.UUID, e *jobEntry) error {
	e.change.Lock()
	defer e.change.Unlock()
	was, err := v.markGone(e)
	if err != nil {
		return err
	}
	if begun, err := v.shredAll(id); err != nil {
		if !begun && !was {
			v.unmarkGone(e)
		}
		return err
	}
	return v.removeFiles(id)
}

func (v *Vault) destroyFiles(id uuid.UUID) error {
	v.loose.Lock()
	defer v.loose.Unlock()
	if _, err := v.shredAll(id); err != nil {
		return err
	}
	return v.removeFiles(id)
}

// markGone hides the job from all other calls and reports whether it was hidden
// already.
func (v *Vault) markGone(e *jobEntry) (was bool, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if e.readers > 0 {
		return false, ErrInUse
	}
	was, e.gone = e.gone, true
	return was, nil
}

func (v *Vault) unmarkGone(e *jobEntry) {
	v.mu.Lock()
	defer v.mu.Unlock()
	e.gone = false
}

// shredAll shreds every file of a job that holds wrapped keys. begun reports
// whether some keys may be lost; it is valid with an error, too.
func (v *Vault) shredAll(id uuid.UUID) (begun bool, err error) {
	for _, name := range []string{damagedName(id), jobName(id)} {
		wrote, err := v.shredFile(name)
		begun = begun || wrote
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return begun, err
		}
	}
	return begun, nil
}

// shredFile overwrites the recipients slots in place and flushes that to the
// medium.
func (v *Vault) shredFile(name string) (begun bool, err error) {
	f, err := v.disk.openForUpdate(name)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	v.stale.Store(true)
	if _, err := f.WriteAt(make([]byte, slotCount*pageSize), slotsAt); err != nil {
		return true, err
	}
	return true, f.Sync()
}

// removeFiles removes all files of a job and its entry. The job's file goes
// last, so that what is left after a crash still shows that it is destroyed.
func (v *Vault) removeFiles(id uuid.UUID) error {
	for _, name := range []string{noteName(id), damagedName(id), jobName(id)} {
		if err := v.disk.removeFile(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := v.disk.syncFolder(); err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.jobs, id)
	v.damaged = slices.DeleteFunc(v.damaged, func(d Damage) bool { return d.ID == id })
	return nil
}
