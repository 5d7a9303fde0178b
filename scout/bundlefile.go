package scout

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"sync"
	"time"

	"github.com/printscout/printscout/cloudlink"
	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/control"
)

const (
	bundleEvery   = time.Minute // between two looks for BundleFile
	bundleDoubles = 5           // how often the wait for a server that does not answer is doubled
	maxBundleFile = 64 << 10
)

// The states of BundleFile that there is something to say about: docs/enrollment.md.
const (
	bundleWaiting   = "waiting"
	bundleRefused   = "refused"
	bundleInsecure  = "insecure"
	bundleMalformed = "malformed"
	bundleOtherSite = "other-site"
	bundleLeft      = "left"
)

// bundleReport is what status says of BundleFile.
type bundleReport struct {
	mu             sync.Mutex
	word, sentence string
}

func (r *bundleReport) state() (word, sentence string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.word, r.sentence
}

// set reports whether the word is another one than before.
func (r *bundleReport) set(word, sentence string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	changed := r.word != word
	r.word, r.sentence = word, sentence
	return changed
}

// bundleTaker takes the bundle in BundleFile. It belongs to one goroutine.
type bundleTaker struct {
	*Scout
	path     string
	unlink   func(string) error // os.Remove
	empty    func(string) error // emptyBundleFile
	info     fs.FileInfo        // of the file that was read last
	failures int                // of the server to answer, in a row
	spent    *[sha256.Size]byte // the bundle that was used or refused, if it could not be removed
}

// watchBundle looks for BundleFile until ctx ends, if there is one or may be one
// later.
func (s *Scout) watchBundle(ctx context.Context) error {
	if s.cfg.Settings.BundleFile == "" && s.cfg.Reread == nil {
		return nil
	}
	t := s.newBundleTaker("")
	for {
		if path := s.liveSettings().BundleFile; path != t.path {
			t = s.newBundleTaker(path)
			t.report("", "")
		}
		wait := bundleEvery
		if t.path != "" {
			wait = t.look(ctx)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.cfg.After(wait):
		}
	}
}

func (s *Scout) newBundleTaker(path string) *bundleTaker {
	return &bundleTaker{Scout: s, path: path, unlink: os.Remove, empty: emptyBundleFile}
}

// look takes the bundle if it is there, and returns how long to wait before
// the next look.
func (t *bundleTaker) look(ctx context.Context) time.Duration {
	raw, info, err := readBundleFile(t.path)
	t.info = info
	insecure, isInsecure := errors.AsType[*insecureError](err)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && len(raw) == 0:
		if word, _ := t.bundle.state(); word != bundleRefused { // which is said until the next bundle
			t.report("", "")
		}
	case isInsecure:
		t.report(bundleInsecure, "the bundle is not read: "+insecure.Error())
	case err != nil:
		t.report(bundleInsecure, fmt.Sprintf("the bundle cannot be read: %v: let the agent's account read it", err))
	case t.spent != nil && *t.spent == sha256.Sum256(raw):
		t.remove(raw)
	default:
		return t.take(ctx, raw)
	}
	t.failures = 0
	return bundleEvery
}

// take joins by a bundle.
func (t *bundleTaker) take(ctx context.Context, raw []byte) time.Duration {
	b, err := wire.ParseBundle(raw)
	if err != nil {
		t.report(bundleMalformed, fmt.Sprintf("%s holds no bundle (%v): replace it by one that scoutcloud token new made, or remove it", t.path, err))
		return bundleEvery
	}
	t.joining.Lock()
	defer t.joining.Unlock()
	e, _ := t.membership.current()
	forbidden := t.mayJoin(b.Fingerprint)
	switch {
	case forbidden != nil:
		t.report(bundleOtherSite, fmt.Sprintf("the bundle in %s is not used: %v: remove it", t.path, forbidden))
		return bundleEvery
	case e != nil && !e.belongsTo(b.Fingerprint):
		t.report(bundleOtherSite, fmt.Sprintf("the bundle in %s is of another site: to join that, an administrator runs printscout enroll %s; else remove it", t.path, t.path))
		return bundleEvery
	case e != nil && e.Server == b.Server && e.ServerPin == b.ServerPin:
		t.remove(raw)
		return bundleEvery
	}
	return t.joinBy(ctx, b, raw)
}

// joinBy asks the server of a bundle; joining is held.
func (t *bundleTaker) joinBy(ctx context.Context, b wire.Bundle, raw []byte) time.Duration {
	_, err := t.join(ctx, b, t.liveSettings().ScoutName)
	switch {
	case ctx.Err() != nil:
		return 0
	case err == nil:
		t.failures = 0
		t.remove(raw)
		return bundleEvery
	case errors.Is(err, cloudlink.ErrToken):
		t.failures = 0
		t.remove(raw)
		t.report(bundleRefused, fmt.Sprintf("the server refused the bundle: %v: ask your administrator for a new one", err))
		return bundleEvery
	}
	wait := t.backoff()
	t.failures++
	t.report(bundleWaiting, fmt.Sprintf("this computer has a bundle and could not join by it yet; it tries again by itself: %v", err))
	return wait
}

// backoff returns a random time in the upper half of one that doubles with
// each failure.
func (t *bundleTaker) backoff() time.Duration {
	most := bundleEvery << min(t.failures, bundleDoubles)
	return most/2 + rand.N(most/2+1)
}

// remove removes a bundle that was used or is worth nothing. One that cannot
// be removed is emptied, and not used again.
func (t *bundleTaker) remove(raw []byte) {
	if there, err := os.Lstat(t.path); err == nil && !os.SameFile(there, t.info) {
		return // another one has taken its place: it is for the next look
	}
	err := t.unlink(t.path)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		t.spent = nil
		t.report("", "")
		return
	}
	sum := sha256.Sum256(raw)
	t.spent = &sum
	if t.empty(t.path) == nil {
		t.report("", "")
		return
	}
	t.report(bundleLeft, fmt.Sprintf("the bundle in %s was used and cannot be deleted: %v: remove it, since others could join by it", t.path, err))
}

// report sets what status says, and logs it if it is something else than
// before.
func (t *bundleTaker) report(word, sentence string) {
	if !t.bundle.set(word, sentence) {
		return
	}
	t.hub.statusChanged()
	if word != "" {
		t.log.Warn("the bundle of BundleFile was not taken, or not removed", "state", word, "reason", sentence)
	}
}

// readBundleFile reads a bundle file that no other account could have read or
// changed.
func readBundleFile(path string) (raw []byte, info fs.FileInfo, err error) {
	f, err := openNoFollow(path, os.O_RDONLY)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err = f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &insecureError{path, "is not a regular file", "remove it"}
	}
	if err == nil {
		err = checkBundleAccess(path, f, info)
	}
	if err != nil {
		return nil, nil, err
	}
	raw, err = io.ReadAll(io.LimitReader(f, maxBundleFile+1))
	if err == nil && len(raw) > maxBundleFile {
		err = fmt.Errorf("it has more than %d KiB", maxBundleFile>>10)
	}
	return raw, info, err
}

// emptyBundleFile empties a file that its folder does not let the agent remove.
func emptyBundleFile(path string) error {
	f, err := openNoFollow(path, os.O_WRONLY)
	if err != nil {
		return err
	}
	return errors.Join(f.Truncate(0), f.Sync(), f.Close())
}

// statusOfBundle adds to a status what there is to say of BundleFile.
func (s *Scout) statusOfBundle(st *control.Status) {
	st.BundleState, st.Bundle = s.bundle.state()
}
