package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/printscout/printscout/vault"
)

// measureRotation measures how long it takes to replace the shred key of many jobs.
func (m *measurement) measureRotation(ctx context.Context) error {
	dir := filepath.Join(m.dir, "rotate")
	defer os.RemoveAll(dir)
	key, err := vault.GenerateKey()
	if err != nil {
		return err
	}
	v, err := vault.Open(dir, vault.Options{Key: key})
	if err != nil {
		return err
	}
	defer v.Close()
	if err := sealJobs(v, m.rotated); err != nil {
		return err
	}
	got, err := m.inTurn(func() (spent, error) { return timeRotation(ctx, v) })
	if err != nil {
		return err
	}
	m.logDone("rotation with %d jobs", m.rotated)
	m.report.addFigure(fmt.Sprintf("rotation of the shred key with %d jobs", m.rotated), inMS(got[0]), "ms", 0)
	return nil
}

// sealJobs seals jobs of 2 KB, several at a time.
func sealJobs(v *vault.Vault, jobs int) error {
	var begun atomic.Int64
	var wg sync.WaitGroup
	failed := make([]error, 8)
	for i := range failed {
		wg.Go(func() {
			for begun.Add(1) <= int64(jobs) && failed[i] == nil {
				failed[i] = sealSmallJob(v)
			}
		})
	}
	wg.Wait()
	return errors.Join(failed...)
}

func sealSmallJob(v *vault.Vault) error {
	w, err := v.Create(nil)
	if err != nil {
		return err
	}
	if _, err := w.Write(make([]byte, 2*kB)); err != nil {
		return errors.Join(err, w.Abort())
	}
	_, err = w.Commit(nil)
	return err
}

// timeRotation destroys a job, without which there is no rotation, and rotates.
func timeRotation(ctx context.Context, v *vault.Vault) (spent, error) {
	if err := sealSmallJob(v); err != nil {
		return spent{}, err
	}
	jobs := v.Jobs()
	if err := v.Destroy(jobs[len(jobs)-1].ID); err != nil {
		return spent{}, err
	}
	before := v.ShredKeyAge()
	start := time.Now()
	if err := v.RotateShredKey(ctx); err != nil {
		return spent{}, err
	}
	took := time.Since(start)
	if v.ShredKeyAge() >= before+took {
		return spent{}, errors.New("the shred key was not replaced")
	}
	return spent{time: took}, nil
}
