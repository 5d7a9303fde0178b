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

// filesOfJob has the suffixes of a job's files in the folder.
type filesOfJob map[string]bool

// scanFolder reads the folder into the index and removes leftovers.
func (v *Vault) scanFolder() error {
	names, err := v.disk.fileNames()
	if err != nil {
		return fmt.Errorf("listing folder: %w", err)
	}
	files := make(map[uuid.UUID]filesOfJob)
	for _, name := range names {
		id, suffix, ok := parseName(name)
		if !ok {
			continue
		}
		if files[id] == nil {
			files[id] = make(filesOfJob)
		}
		files[id][suffix] = true
	}
	queue := make(chan uuid.UUID)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), 4) {
		workers.Go(func() {
			for id := range queue {
				v.indexFiles(id, files[id])
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

// indexFiles adds a job to the index, or to the damaged jobs, and removes its
// leftovers.
func (v *Vault) indexFiles(id uuid.UUID, has filesOfJob) {
	if has[tmpSuffix] {
		v.removeLeftover(tmpName(id))
	}
	if has[damagedSuffix] {
		v.addDamage(id, notAuthentic("set aside earlier"))
	}
	switch {
	case has[jobSuffix]:
		v.indexJob(id, has)
	case has[noteSuffix] && !has[damagedSuffix]:
		v.removeLeftover(noteName(id))
	}
}

func (v *Vault) indexJob(id uuid.UUID, has filesOfJob) {
	job, err := v.inspectJob(id, has[noteSuffix])
	switch {
	case err == nil:
		v.mu.Lock()
		v.jobs[id] = &jobEntry{job: job}
		v.mu.Unlock()
	case errors.Is(err, errDestroyed):
		v.finishDestruction(id)
	default:
		if !has[damagedSuffix] {
			v.setFileAside(id, err)
		}
		v.addDamage(id, err)
	}
}

// inspectJob reads everything of a job but its documents.
func (v *Vault) inspectJob(id uuid.UUID, hasNote bool) (Job, error) {
	f, err := v.disk.openFile(jobName(id))
	if err != nil {
		return Job{}, err
	}
	defer f.Close()
	s, err := openSealed(f, id, v.key, v.shreds)
	if err != nil {
		return Job{}, err
	}
	defer s.key.eraseSecret()
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

// setFileAside renames the file of a job that does not authenticate. After any
// other error the file stays: another key, build or disk may open it.
func (v *Vault) setFileAside(id uuid.UUID, reason error) {
	v.log.Error("vault: job cannot be opened", "job", id, "error", reason)
	if !errors.Is(reason, ErrNotAuthentic) {
		return
	}
	if err := v.disk.renameFile(jobName(id), damagedName(id)); err != nil {
		v.log.Error("vault: could not set a damaged job aside", "job", id, "error", err)
	}
}

func (v *Vault) addDamage(id uuid.UUID, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.damaged = append(v.damaged, Damage{ID: id, Err: err})
}

func (v *Vault) removeLeftover(name string) {
	if err := v.disk.removeFile(name); err != nil {
		v.log.Warn("vault: could not remove a leftover", "file", name, "error", err)
	}
}

// finishDestruction removes the files of a job whose keys are destroyed. If that
// fails, the next start tries again.
func (v *Vault) finishDestruction(id uuid.UUID) {
	if err := v.removeFiles(id); err != nil {
		v.log.Warn("vault: could not remove a destroyed job", "job", id, "error", err)
	}
}
