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

// servedDirectory holds the directory that is served: the newest that the site
// has signed, in its newest epoch. A directory that does not verify, or is
// older, is never served.
type servedDirectory struct {
	dir      string
	registry Registry
	log      *slog.Logger

	loading sync.Mutex // one load at a time
	stamp   fileStamp

	mu       sync.RWMutex
	line     directory.Lineage
	envelope []byte
	now      *directory.Directory
}

type fileStamp struct {
	changed time.Time
	size    int64
}

// current returns the served directory and its envelope; nil while there is
// none.
func (s *servedDirectory) current() (*directory.Directory, []byte) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.now, s.envelope
}

// currentSite returns the site's public part that is in force.
func (s *servedDirectory) currentSite() directory.Public {
	line := s.lineage()
	return line[len(line)-1]
}

func (s *servedDirectory) lineage() directory.Lineage {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.line
}

func (s *servedDirectory) edition() wire.Edition {
	d, _ := s.current()
	if d == nil {
		return wire.Edition{}
	}
	return wire.Edition{Epoch: d.Epoch, Revision: d.Revision}
}

// loadFile loads the file if it has changed, or in any case, and reports
// whether there is a new directory to serve.
func (s *servedDirectory) loadFile(ctx context.Context, inAnyCase bool) bool {
	if s.dir == "" {
		return false
	}
	s.loading.Lock()
	defer s.loading.Unlock()
	info, err := os.Lstat(filepath.Join(s.dir, directoryFile))
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
	fresh, err := s.readDirectory(ctx)
	if err != nil {
		s.log.Error("the printer directory is not served; the last good one stays", "error", err)
	}
	return fresh
}

// readDirectory reads and verifies the file and reports whether it holds a new
// directory.
func (s *servedDirectory) readDirectory(ctx context.Context) (bool, error) {
	envelope, err := directory.LoadEnvelope(s.dir)
	if err != nil {
		return false, err
	}
	if len(envelope) > wire.MaxDirectory {
		return false, fmt.Errorf("the directory has more than %d bytes", wire.MaxDirectory)
	}
	if _, served := s.current(); served != nil && bytes.Equal(served, envelope) {
		return false, nil
	}
	d, line, err := s.lineage().Accept(envelope)
	if err != nil {
		return false, err
	}
	if err := s.recordServed(ctx, d, line); err != nil {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.envelope, s.now, s.line = envelope, d, line
	s.log.Info("serving a new printer directory", "epoch", d.Epoch, "revision", d.Revision, "printers", len(d.Printers))
	return true, nil
}

// recordServed records on disk what is about to be served, and refuses an
// older directory.
func (s *servedDirectory) recordServed(ctx context.Context, d *directory.Directory, line directory.Lineage) error {
	floor, err := s.registry.ServedRevision(ctx, d.Site)
	if err != nil {
		s.stamp = fileStamp{} // not the file's fault: look again
		return err
	}
	present, _ := s.current()
	if d.Revision < floor || present != nil && d.Site == present.Site && d.Revision == present.Revision {
		return fmt.Errorf("the directory has revision %d, but %d has been served", d.Revision, floor)
	}
	for i, site := range line[:len(line)-1] {
		err = errors.Join(err, s.registry.SetSuccessor(ctx, site.Fingerprint(), line[i+1]))
	}
	if err == nil {
		err = s.registry.SetServedRevision(ctx, d.Site, d.Revision)
	}
	if err != nil {
		s.stamp = fileStamp{}
	}
	return err
}

// servedLineage returns the lineage from a public part to the newest one that
// was ever served: the folder that it is from may have been restored from a
// backup.
func servedLineage(ctx context.Context, registry Registry, site directory.Public) (directory.Lineage, error) {
	line := directory.Lineage{site}
	for {
		next, err := registry.Successor(ctx, line[len(line)-1].Fingerprint())
		if errors.Is(err, ErrNotFound) {
			return line, nil
		}
		if err != nil {
			return nil, err
		}
		line = append(line, next)
	}
}
