package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/printscout/printscout/vault"
)

// measureSealing seals and opens documents with package vault, in turn with external
// programs that encrypt the same bytes.
func (m *measurement) measureSealing(ctx context.Context) error {
	for _, k := range m.kinds {
		for _, size := range m.sealed {
			if err := m.measureSealingOf(ctx, load{count: 1, size: size}, k); err != nil {
				return err
			}
		}
	}
	return nil
}

// measureSealingOf seals a document with the vault and all programs, and then opens
// it with those that can.
func (m *measurement) measureSealingOf(ctx context.Context, l load, k documentKind) error {
	dir, err := os.MkdirTemp(m.dir, "seal")
	if err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	defer os.RemoveAll(dir)
	s, err := newSealedDocument(dir, l, k)
	if err != nil {
		return err
	}
	defer s.vault.Close()
	others, err := m.findEncrypters(ctx, dir)
	if err != nil {
		return err
	}
	seals, opens := []func() (spent, error){s.sealInVault}, []func() (spent, error){s.readFromVault}
	var sealers, openers []string
	for _, p := range others {
		seals, sealers = append(seals, func() (spent, error) { return p.encryptFile(ctx, s.from) }), append(sealers, p.name)
		if p.decrypt != nil {
			opens, openers = append(opens, func() (spent, error) { return p.decryptFile(ctx) }), append(openers, p.name)
		}
	}
	if err := m.measureAgainst("seal "+l.String(), l, k, seals, sealers); err != nil {
		return err
	}
	return m.measureAgainst("open "+l.String(), l, k, opens, openers)
}

// measureAgainst measures the vault, whose function is the first, in turn with
// others.
func (m *measurement) measureAgainst(what string, l load, k documentKind, runs []func() (spent, error), names []string) error {
	got, err := m.inTurn(runs...)
	if err != nil {
		return err
	}
	for i, name := range names {
		m.report.addSealing(row{What: what, Document: k.name, Against: name, Bytes: l.totalBytes()}, []spent{got[0], got[i+1]})
	}
	m.logDone("%s, %s", what, k.name)
	return nil
}

// sealedDocument is a document and a vault to seal it in.
type sealedDocument struct {
	from  string
	size  int64
	vault *vault.Vault
}

func newSealedDocument(dir string, l load, k documentKind) (*sealedDocument, error) {
	s := &sealedDocument{from: filepath.Join(dir, "from"), size: l.size}
	if err := writeDocument(s.from, k.newReader(l.size)); err != nil {
		return nil, err
	}
	key, err := vault.GenerateKey()
	if err != nil {
		return nil, err
	}
	s.vault, err = vault.Open(filepath.Join(dir, "vault"), vault.Options{Key: key})
	return s, err
}

// sealInVault seals the document; before timing it destroys the job of the last
// round.
func (s *sealedDocument) sealInVault() (spent, error) {
	if err := s.destroyJobs(); err != nil {
		return spent{}, err
	}
	f, err := os.Open(s.from)
	if err != nil {
		return spent{}, fmt.Errorf("opening the document: %w", err)
	}
	defer f.Close()
	start := time.Now()
	w, err := s.vault.Create(nil)
	if err != nil {
		return spent{}, err
	}
	// The buffer has the size that net/http uses.
	if _, err := io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{f}, make([]byte, 32<<10)); err != nil {
		return spent{}, errors.Join(err, w.Abort())
	}
	_, err = w.Commit(nil)
	return spent{time: time.Since(start)}, err
}

func (s *sealedDocument) destroyJobs() error {
	for _, j := range s.vault.Jobs() {
		if err := s.vault.Destroy(j.ID); err != nil {
			return err
		}
	}
	return nil
}

// readFromVault reads the whole document and discards it.
func (s *sealedDocument) readFromVault() (spent, error) {
	jobs := s.vault.Jobs()
	if len(jobs) != 1 {
		return spent{}, fmt.Errorf("the vault has %d jobs, not one", len(jobs))
	}
	start := time.Now()
	d, err := s.vault.Document(jobs[0].ID, 0)
	if err != nil {
		return spent{}, err
	}
	defer d.Close()
	n, err := d.WriteTo(io.Discard)
	if err == nil && n != s.size {
		err = fmt.Errorf("%d of %d bytes came out", n, s.size)
	}
	return spent{time: time.Since(start)}, err
}

// writeDocument writes a document to the disk, and so to the page cache.
func writeDocument(name string, r io.Reader) error {
	f, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("writing the document: %w", err)
	}
	_, err = io.Copy(f, r)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("writing the document: %w", err)
	}
	return nil
}
