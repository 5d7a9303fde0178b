package vault

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
)

// found is which files of a job lie in the folder.
type found map[string]bool

// scan reads the folder into the index and tidies it up.
func (v *Vault) scan() error {
	names, err := v.disk.names()
	if err != nil {
		return fmt.Errorf("listing folder: %w", err)
	}
	files := make(map[uuid.UUID]found)
	for _, name := range names {
		id, suffix, ok := parseName(name)
		if !ok {
			continue
		}
		if files[id] == nil {
			files[id] = make(found)
		}
		files[id][suffix] = true
	}
	queue := make(chan uuid.UUID)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), 4) {
		workers.Go(func() {
			for id := range queue {
				v.take(id, files[id])
			}
		})
	}
	for id := range files {
		queue <- id
	}
	close(queue)
	workers.Wait()
	return nil
}

// take brings one job into the index, or says why not.
func (v *Vault) take(id uuid.UUID, has found) {
	if has[tmpSuffix] {
		v.tidy(tmpName(id))
	}
	if has[damagedSuffix] {
		v.addDamage(id, notAuthentic("set aside earlier"))
	}
	switch {
	case has[jobSuffix]:
		v.takeJob(id, has)
	case has[noteSuffix] && !has[damagedSuffix]:
		v.tidy(noteName(id))
	}
}

func (v *Vault) takeJob(id uuid.UUID, has found) {
	job, err := v.inspect(id, has[noteSuffix])
	switch {
	case err == nil:
		v.mu.Lock()
		v.jobs[id] = &entry{job: job}
		v.mu.Unlock()
	case errors.Is(err, errDestroyed):
		v.finishDestruction(id)
	default:
		if !has[damagedSuffix] {
			v.setAside(id, err)
		}
		v.addDamage(id, err)
	}
}

// inspect opens a job but for its document.
func (v *Vault) inspect(id uuid.UUID, hasNote bool) (Job, error) {
	f, err := v.disk.open(jobName(id))
	if err != nil {
		return Job{}, err
	}
	defer f.Close()
	s, err := openSealed(f, id, v.key, v.shreds)
	if err != nil {
		return Job{}, err
	}
	defer s.key.forget()
	job := s.job()
	if hasNote {
		job.Note, err = v.readNote(s.key, id)
	}
	return job, err
}

func (s *sealedFile) job() Job {
	return Job{
		ID:       s.head.id,
		Created:  time.UnixMilli(s.head.created).UTC(),
		Metadata: slices.Clone(s.metadata),
		Summary:  slices.Clone(s.trailer.summary),
		Size:     s.trailer.size,
		Sealed:   s.size,

		Documents: slices.Clone(s.trailer.documents),
	}
}

// setAside renames a job that does not authenticate. It keeps every other one:
// another key, build or disk may still open it.
func (v *Vault) setAside(id uuid.UUID, reason error) {
	v.log.Error("vault: job cannot be opened", "job", id, "error", reason)
	if !errors.Is(reason, ErrNotAuthentic) {
		return
	}
	if err := v.disk.rename(jobName(id), damagedName(id)); err != nil {
		v.log.Error("vault: could not set a damaged job aside", "job", id, "error", err)
	}
}

func (v *Vault) addDamage(id uuid.UUID, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.damaged = append(v.damaged, Damage{ID: id, Err: err})
}

func (v *Vault) tidy(name string) {
	if err := v.disk.remove(name); err != nil {
		v.log.Warn("vault: could not remove a leftover", "file", name, "error", err)
	}
}

// finishDestruction removes what is left of a job whose keys are destroyed. If
// that fails, the next start tries again.
func (v *Vault) finishDestruction(id uuid.UUID) {
	if err := v.removeFiles(id); err != nil {
		v.log.Warn("vault: could not remove a destroyed job", "job", id, "error", err)
	}
}
