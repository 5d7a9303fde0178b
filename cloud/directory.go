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

// servedDirectory holds the directory that is served: the newest that was signed by
// the site, in its newest epoch. What does not check, or goes back, never
// gets onto it.
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

// get returns the served directory and its envelope; nil while there is none.
func (s *servedDirectory) get() (*directory.Directory, []byte) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.now, s.envelope
}

// site is the public part that is in force.
func (s *servedDirectory) site() directory.Public {
	line := s.lineage()
	return line[len(line)-1]
}

func (s *servedDirectory) lineage() directory.Lineage {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.line
}

func (s *servedDirectory) edition() wire.Edition {
	d, _ := s.get()
	if d == nil {
		return wire.Edition{}
	}
	return wire.Edition{Epoch: d.Epoch, Revision: d.Revision}
}

// load looks whether the file has changed, or loads it in any case, and
// reports whether there is a new directory to serve.
func (s *servedDirectory) load(ctx context.Context, inAnyCase bool) bool {
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
	fresh, err := s.read(ctx)
	if err != nil {
		s.log.Error("the printer directory is not served; the last good one stays", "error", err)
	}
	return fresh
}

func (s *servedDirectory) read(ctx context.Context) (bool, error) {
	envelope, err := directory.LoadEnvelope(s.dir)
	if err != nil {
		return false, err
	}
	if len(envelope) > wire.MaxDirectory {
		return false, fmt.Errorf("the directory has more than %d bytes", wire.MaxDirectory)
	}
	if _, served := s.get(); served != nil && bytes.Equal(served, envelope) {
		return false, nil
	}
	d, line, err := s.lineage().Accept(envelope)
	if err != nil {
		return false, err
	}
	if err := s.note(ctx, d, line); err != nil {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.envelope, s.now, s.line = envelope, d, line
	s.log.Info("serving a new printer directory", "epoch", d.Epoch, "revision", d.Revision, "printers", len(d.Printers))
	return true, nil
}

// note keeps on disk what is about to be served, unless that would go back.
func (s *servedDirectory) note(ctx context.Context, d *directory.Directory, line directory.Lineage) error {
	floor, err := s.registry.Served(ctx, d.Site)
	if err != nil {
		s.stamp = fileStamp{} // not the file's fault: look again
		return err
	}
	present, _ := s.get()
	if d.Revision < floor || present != nil && d.Site == present.Site && d.Revision == present.Revision {
		return fmt.Errorf("the directory has revision %d, but %d has been served", d.Revision, floor)
	}
	for i, site := range line[:len(line)-1] {
		err = errors.Join(err, s.registry.SetSuccessor(ctx, site.Fingerprint(), line[i+1]))
	}
	if err == nil {
		err = s.registry.SetServed(ctx, d.Site, d.Revision)
	}
	if err != nil {
		s.stamp = fileStamp{}
	}
	return err
}

// followed is the lineage from a public part to the newest one that has ever
// been served: the folder it is from may have been put back.
func followed(ctx context.Context, registry Registry, site directory.Public) (directory.Lineage, error) {
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
