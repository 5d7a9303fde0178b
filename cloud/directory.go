package cloud

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/directory"
)

const directoryFile = "directory.json"

// shelf holds the directory that is served: the newest that was signed by
// the site. What does not check, or goes back, never gets onto it.
type shelf struct {
	site     directory.Public
	dir      string
	registry Registry
	log      *slog.Logger

	loading sync.Mutex // one load at a time
	stamp   fileStamp

	mu       sync.RWMutex
	envelope []byte
	now      *directory.Directory
}

type fileStamp struct {
	changed time.Time
	size    int64
}

// get returns the served directory and its envelope; nil while there is none.
func (s *shelf) get() (*directory.Directory, []byte) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.now, s.envelope
}

func (s *shelf) revision() uint64 {
	if d, _ := s.get(); d != nil {
		return d.Revision
	}
	return 0
}

// load looks whether the file has changed, or loads it in any case, and
// reports whether there is a new directory to serve.
func (s *shelf) load(ctx context.Context, inAnyCase bool) bool {
	if s.dir == "" {
		return false
	}
	s.loading.Lock()
	defer s.loading.Unlock()
	info, err := os.Stat(filepath.Join(s.dir, directoryFile))
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	if err == nil {
		stamp := fileStamp{changed: info.ModTime(), size: info.Size()}
		if stamp == s.stamp && !inAnyCase {
			return false
		}
		s.stamp = stamp
	}
	fresh, err := s.read(ctx)
	if err != nil {
		s.log.Error("the printer directory is not served; the last good one stays", "error", err)
	}
	return fresh
}

func (s *shelf) read(ctx context.Context) (bool, error) {
	_, envelope, err := directory.LoadDirectory(s.dir)
	if err != nil {
		return false, err
	}
	if len(envelope) > wire.MaxDirectory {
		return false, fmt.Errorf("the directory has %d bytes, more than %d", len(envelope), wire.MaxDirectory)
	}
	d, err := s.site.Check(envelope)
	if err != nil {
		return false, err
	}
	present, served := s.get()
	if present != nil && bytes.Equal(served, envelope) {
		return false, nil
	}
	floor, err := s.registry.Served(ctx, d.Site)
	if err != nil {
		s.stamp = fileStamp{} // not the file's fault: look again
		return false, err
	}
	if d.Revision < floor || present != nil && d.Revision <= present.Revision {
		return false, fmt.Errorf("the directory has revision %d, but %d has been served", d.Revision, max(floor, s.revision()))
	}
	if err := s.registry.SetServed(ctx, d.Site, d.Revision); err != nil {
		s.stamp = fileStamp{}
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.envelope, s.now = envelope, d
	s.log.Info("serving a new printer directory", "revision", d.Revision, "printers", len(d.Printers))
	return true, nil
}
