package directory

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"
)

const idLength = 16 // 80 random bits in base32

// AddPrinter adds a printer, normalized as by NewPrinter, to the directory and
// signs the next revision, issued now. An empty id becomes a random one. It
// returns ErrExists if its name or id is taken, ErrFormat if a value is not
// allowed, ErrBusy if another process keeps the site locked, and ErrRotated if
// the site has other keys by now.
//
// After an error that says that the file may not survive a crash, the change may
// have been written; the next change continues from what is on disk.
func (s *Site) AddPrinter(p Printer, now time.Time) error {
	p = normalizePrinter(p)
	if p.ID == "" {
		p.ID = strings.ToLower(rand.Text()[:idLength])
	}
	err := s.changeDirectory(now, func(d *Directory) error { return d.addPrinter(p) })
	if err != nil {
		return fmt.Errorf("add printer: %w", err)
	}
	return nil
}

// RemovePrinter removes a printer from the directory and signs the next revision,
// issued now. It returns ErrNoPrinter if there is none; other errors are those of
// AddPrinter.
func (s *Site) RemovePrinter(nameOrID string, now time.Time) error {
	err := s.changeDirectory(now, func(d *Directory) error { return d.removePrinter(nameOrID) })
	if err != nil {
		return fmt.Errorf("remove printer: %w", err)
	}
	return nil
}

func (d *Directory) addPrinter(p Printer) error {
	if err := p.validate(); err != nil {
		return err
	}
	if err := p.checkReachable(); err != nil {
		return err
	}
	for _, word := range []string{p.Name, p.ID} {
		if _, err := d.Find(word); err == nil {
			return fmt.Errorf("printer %q %w", word, ErrExists)
		}
	}
	d.Printers = append(d.Printers, p)
	return nil
}

func (d *Directory) removePrinter(nameOrID string) error {
	found, err := d.Find(nameOrID)
	if err != nil {
		return err
	}
	d.Printers = slices.DeleteFunc(d.Printers, func(p Printer) bool { return p.ID == found.ID })
	return nil
}

// changeDirectory edits the directory on disk, which another process may have
// changed since this one read it.
func (s *Site) changeDirectory(now time.Time, edit func(*Directory) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	unlock, err := s.folder.lockSite()
	if err != nil {
		return err
	}
	defer unlock()
	if err := s.checkNotRotated(); err != nil {
		return err
	}
	current, err := s.folder.readDirectory(s.public)
	if err != nil {
		return err
	}
	if err := current.Newer(s.directory); err != nil {
		return fmt.Errorf("%s was changed meanwhile: %w", directoryName, err)
	}
	if err := edit(current); err != nil {
		return err
	}
	current.Revision++
	current.Issued = wholeSeconds(now)
	data, signed, err := s.signDirectory(current)
	if err != nil {
		return err
	}
	if err := s.folder.replaceFile(directoryName, data); err != nil {
		return err
	}
	s.directory = signed
	return nil
}

// checkNotRotated returns ErrRotated if the site has other keys by now.
func (s *Site) checkNotRotated() error {
	file, err := s.folder.readSiteFile()
	if err != nil {
		return err
	}
	if !file.Public.equal(s.public) {
		return ErrRotated
	}
	return nil
}

func wholeSeconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
