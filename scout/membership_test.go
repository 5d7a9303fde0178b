package scout

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/directory"
)

// siteEpoch is a site in one of its epochs: a copy of its folder.
type siteEpoch struct {
	dir      string
	password string
	site     *directory.Site
	envelope []byte
}

// makeEpochs makes a site and rotates its root; each era is kept as it was.
func (r *rig) makeEpochs(n int) (all []siteEpoch) {
	r.t.Helper()
	dir := filepath.Join(r.t.TempDir(), "site")
	site, password, err := directory.CreateSite(dir, "Eras", time.Now())
	r.must(err)
	r.must(site.AddPrinter(directory.NewPrinter("lobby", []string{r.printer.URI()}, "", ""), time.Now()))
	e := siteEpoch{dir, password, site, nil}
	for {
		_, e.envelope, err = directory.LoadDirectory(e.dir)
		r.must(err)
		if all = append(all, e); len(all) == n {
			return all
		}
		e = r.rotateEpoch(e)
	}
}

// rotateEpoch rotates the root of a copy: done twice, it gives an epoch two
// successors, as somebody with an old copy of the site can.
func (r *rig) rotateEpoch(e siteEpoch) siteEpoch {
	r.t.Helper()
	next := siteEpoch{dir: filepath.Join(r.t.TempDir(), "site"), password: e.password}
	r.must(os.CopyFS(next.dir, os.DirFS(e.dir)))
	r.must(os.Chmod(next.dir, 0o700))
	var err error
	next.site, err = directory.RotateRoot(next.dir, e.password, time.Now())
	r.must(err)
	_, next.envelope, err = directory.LoadDirectory(next.dir)
	r.must(err)
	return next
}

// joinEpoch does what enrollment with a bundle of that era does.
func (r *rig) joinEpoch(e siteEpoch) {
	r.t.Helper()
	p := e.site.Public()
	b := wire.Bundle{Server: "https://localhost:1", Site: p, Fingerprint: p.Fingerprint()}
	r.must(r.membership.joinSite(b, "scout-1", make([]byte, 64), r.clock))
}

func (r *rig) wantEpoch(what string, e siteEpoch) {
	r.t.Helper()
	p := e.site.Public()
	if got := r.membership.epoch(); got != p.Epoch {
		r.t.Errorf("%s: epoch %d, want %d", what, got, p.Epoch)
	}
	if got := r.DirectoryEdition(); got != (wire.Edition{Epoch: p.Epoch, Revision: e.site.Directory().Revision}) {
		r.t.Errorf("%s: directory %+v", what, got)
	}
}

func (r *rig) stateFile(name string) []byte {
	r.t.Helper()
	b, err := os.ReadFile(filepath.Join(r.dir, "state", name))
	r.must(err)
	return b
}

// TestNewEpochs takes each epoch as it comes, over restarts, and never an
// older one again.
func TestNewEpochs(t *testing.T) {
	r := newRig(t)
	all := r.makeEpochs(4)
	r.joinEpoch(all[0])
	for i, e := range all {
		r.must(r.OfferDirectory(e.envelope))
		r.wantEpoch("taken", e)
		for _, old := range all[:i] {
			if err := r.OfferDirectory(old.envelope); !errors.Is(err, directory.ErrRollback) {
				t.Errorf("at epoch %d the directory of epoch %d: %v", i+1, old.site.Public().Epoch, err)
			}
		}
		r.reopenScout()
		r.wantEpoch("after a restart", e)
	}
	last := all[len(all)-1]
	r.must(last.site.AddPrinter(directory.NewPrinter("second", []string{r.printer.URI()}, "", ""), time.Now()))
	_, envelope, err := directory.LoadDirectory(last.dir)
	r.must(err)
	r.must(r.OfferDirectory(envelope))
	if _, err := r.membership.findPrinter("second"); err != nil {
		t.Error(err)
	}
	for _, old := range all {
		if err := r.OfferDirectory(old.envelope); !errors.Is(err, directory.ErrRollback) {
			t.Errorf("directory of epoch %d: %v", old.site.Public().Epoch, err)
		}
	}
}

// TestOfflineForEpochs follows several at once, from any of them.
func TestOfflineForEpochs(t *testing.T) {
	r := newRig(t)
	all := r.makeEpochs(4)
	for _, from := range all {
		r.joinEpoch(from)
		r.must(r.OfferDirectory(all[3].envelope))
		r.wantEpoch("caught up", all[3])
	}
}

// TestCutBetweenDirectoryAndEnrollment is a power cut at the worst moment of
// a change of epoch.
func TestCutBetweenDirectoryAndEnrollment(t *testing.T) {
	r := newRig(t)
	all := r.makeEpochs(3)
	r.joinEpoch(all[0])
	r.must(r.OfferDirectory(all[0].envelope))
	before := r.stateFile(enrollmentFile)
	r.must(r.OfferDirectory(all[2].envelope))
	after := r.stateFile(enrollmentFile)
	r.must(os.WriteFile(filepath.Join(r.dir, "state", enrollmentFile), before, 0o600))
	r.reopenScout()
	r.wantEpoch("after the cut", all[2])
	if !bytes.Equal(r.stateFile(enrollmentFile), after) {
		t.Error("the enrollment has not followed")
	}
	if err := r.OfferDirectory(all[0].envelope); !errors.Is(err, directory.ErrRollback) {
		t.Errorf("the directory from before the cut: %v", err)
	}
}

// TestDirectoryPutBackOnDisk is somebody who restores an old file, of an older
// epoch or only of an older revision: it is set aside, and the newest one is the
// oldest that is taken.
func TestDirectoryPutBackOnDisk(t *testing.T) {
	r := newRig(t)
	all := r.makeEpochs(2)
	r.joinEpoch(all[0])
	r.must(r.OfferDirectory(all[1].envelope))
	last := all[1]
	r.must(last.site.AddPrinter(directory.NewPrinter("second", []string{r.printer.URI()}, "", ""), time.Now()))
	_, newest, err := directory.LoadDirectory(last.dir)
	r.must(err)
	r.must(r.OfferDirectory(newest))
	for name, old := range map[string][]byte{"epoch": all[0].envelope, "revision": all[1].envelope, "nothing": nil} {
		file := filepath.Join(r.dir, "state", directoryFile)
		r.must(os.WriteFile(file, old, 0o600))
		r.reopenScout()
		if r.DirectoryEdition() != (wire.Edition{}) || fileExists(file) {
			t.Errorf("of an older %s: %+v is in force", name, r.DirectoryEdition())
		}
		for _, e := range all {
			if err := r.OfferDirectory(e.envelope); !errors.Is(err, directory.ErrRollback) {
				t.Errorf("of an older %s: an old directory is offered: %v", name, err)
			}
		}
		r.must(r.OfferDirectory(newest))
		r.reopenScout()
		if _, err := r.membership.findPrinter("second"); err != nil {
			t.Errorf("of an older %s: after it was fetched anew: %v", name, err)
		}
	}
	r.must(os.Remove(filepath.Join(r.dir, "state", directoryFile)))
	r.reopenScout()
	if err := r.OfferDirectory(all[1].envelope); !errors.Is(err, directory.ErrRollback) {
		t.Errorf("after it was removed, an old directory is offered: %v", err)
	}
}

func fileExists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

// TestTwoSuccessors has a thief with an old copy of the site rotate it too.
func TestTwoSuccessors(t *testing.T) {
	r := newRig(t)
	all := r.makeEpochs(3)
	rival := r.rotateEpoch(all[0])
	for order, c := range map[string]struct{ first, second siteEpoch }{"the true one first": {all[2], rival}, "the thief's first": {rival, all[2]}} {
		r.joinEpoch(all[0])
		r.must(r.OfferDirectory(c.first.envelope))
		if len(r.status().Warnings) != 0 {
			t.Errorf("%s: warned before: %q", order, r.status().Warnings)
		}
		if err := r.OfferDirectory(c.second.envelope); !errors.Is(err, directory.ErrFork) {
			t.Errorf("%s: the second: %v", order, err)
		}
		refused := c.second.site.Public().Fingerprint()
		if c.second.dir == all[2].dir {
			refused = all[1].site.Public().Fingerprint() // of the epoch where they part
		}
		for range 2 {
			r.wantEpoch(order, c.first)
			if w := r.status().Warnings; len(w) != 1 || !strings.Contains(w[0], refused) || !strings.Contains(w[0], c.first.site.Public().Fingerprint()) {
				t.Errorf("%s: warnings %q", order, w)
			}
			r.reopenScout()
		}
		r.joinEpoch(all[2]) // the way out: a new bundle
		r.must(r.OfferDirectory(all[2].envelope))
		r.wantEpoch("enrolled anew", all[2])
		if w := r.status().Warnings; len(w) != 0 {
			t.Errorf("%s: still warned: %q", order, w)
		}
		if err := r.OfferDirectory(rival.envelope); err == nil {
			t.Errorf("%s: the rival was taken afterwards", order)
		}
	}
}

func (r *rig) status() control.Status { return localAPI{r.Scout}.Status(control.Caller{}) }

// TestRevisionOfAnOldKeyHoldsNothingUp is a thief who signs the last revision
// there is, before the rotation.
func TestRevisionOfAnOldKeyHoldsNothingUp(t *testing.T) {
	r := newRig(t)
	all := r.makeEpochs(2)
	r.joinEpoch(all[0])
	for range 5 {
		r.must(all[0].site.AddPrinter(directory.NewPrinter("p"+time.Now().String(), []string{r.printer.URI()}, "", ""), time.Now()))
	}
	_, high, err := directory.LoadDirectory(all[0].dir)
	r.must(err)
	r.must(r.OfferDirectory(high))
	r.must(r.OfferDirectory(all[1].envelope))
	r.wantEpoch("from a higher revision", all[1])
}

func TestNoSite(t *testing.T) {
	m := new(membership)
	if m.epoch() != 0 || m.rivalWarnings() != nil || m.directoryEdition() != (wire.Edition{}) {
		t.Errorf("epoch %d", m.epoch())
	}
}
