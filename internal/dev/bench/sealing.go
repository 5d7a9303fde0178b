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

// sealing seals and opens documents through package vault, in turn with
// programs of others that encrypt the same bytes.
func (m *measurement) sealing(ctx context.Context) error {
	for _, k := range m.kinds {
		for _, size := range m.sealed {
			if err := m.sealOne(ctx, load{count: 1, size: size}, k); err != nil {
				return err
			}
		}
	}
	return nil
}

// sealOne seals a document with all of them, and then opens it with those
// that can.
func (m *measurement) sealOne(ctx context.Context, l load, k kind) error {
	dir, err := os.MkdirTemp(m.dir, "seal")
	if err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	defer os.RemoveAll(dir)
	s, err := newSealed(dir, l, k)
	if err != nil {
		return err
	}
	defer s.vault.Close()
	others, err := m.encrypters(ctx, dir)
	if err != nil {
		return err
	}
	seals, opens := []func() (spent, error){s.seal}, []func() (spent, error){s.open}
	var sealers, openers []string
	for _, p := range others {
		seals, sealers = append(seals, func() (spent, error) { return p.seal(ctx, s.from) }), append(sealers, p.name)
		if p.decrypt != nil {
			opens, openers = append(opens, func() (spent, error) { return p.open(ctx) }), append(openers, p.name)
		}
	}
	if err := m.against("seal "+l.String(), l, k, seals, sealers); err != nil {
		return err
	}
	return m.against("open "+l.String(), l, k, opens, openers)
}

// against measures the vault, which is first, in turn with others.
func (m *measurement) against(what string, l load, k kind, runs []func() (spent, error), names []string) error {
	got, err := m.inTurn(runs...)
	if err != nil {
		return err
	}
	for i, name := range names {
		m.report.seal(row{What: what, Document: k.name, Against: name, Bytes: l.bytes()}, []spent{got[0], got[i+1]})
	}
	m.tell("%s, %s", what, k.name)
	return nil
}

// sealed is a document, a vault to seal it in, and the job that it became.
type sealed struct {
	from  string
	size  int64
	vault *vault.Vault
}

func newSealed(dir string, l load, k kind) (*sealed, error) {
	s := &sealed{from: filepath.Join(dir, "from"), size: l.size}
	if err := writeDocument(s.from, k.open(l.size)); err != nil {
		return nil, err
	}
	key, err := vault.GenerateKey()
	if err != nil {
		return nil, err
	}
	s.vault, err = vault.Open(filepath.Join(dir, "vault"), vault.Options{Key: key})
	return s, err
}

// seal takes the document into the vault; the job before it is destroyed
// first, beside the clock.
func (s *sealed) seal() (spent, error) {
	if err := s.destroy(); err != nil {
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
	// The buffer is what net/http hands a document over in.
	if _, err := io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{f}, make([]byte, 32<<10)); err != nil {
		return spent{}, errors.Join(err, w.Abort())
	}
	_, err = w.Commit(nil)
	return spent{time: time.Since(start)}, err
}

func (s *sealed) destroy() error {
	for _, j := range s.vault.Jobs() {
		if err := s.vault.Destroy(j.ID); err != nil {
			return err
		}
	}
	return nil
}

// open reads the whole document and keeps nothing of it.
func (s *sealed) open() (spent, error) {
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

// writeDocument puts one on the disk, and into the page cache.
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
