package main

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/printscout/printscout/cloud"
	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/directory"
)

// site is a site with its enrolled scouts.
type site struct {
	dir, data string
	edition   wire.Edition // of its directory
	token     string       // of the API
	scouts    []scoutIdentity
}

type scoutIdentity struct {
	id  string
	key ed25519.PrivateKey
}

const printerName = "lobby"

// makeSite makes a site with one printer and enrolls the scouts directly in the
// registry: enrolling is not measured.
func makeSite(ctx context.Context, dir string, scouts int) (*site, error) {
	s := &site{dir: filepath.Join(dir, "site"), data: filepath.Join(dir, "server"), scouts: make([]scoutIdentity, scouts)}
	made, _, err := directory.CreateSite(s.dir, "Load", time.Now())
	if err == nil {
		err = made.AddPrinter(directory.NewPrinter(printerName, []string{"ipps://lobby.example/ipp/print"}, "", ""), time.Now())
	}
	if err != nil {
		return nil, fmt.Errorf("making a site: %w", err)
	}
	s.edition = wire.Edition{Epoch: made.Directory().Epoch, Revision: made.Directory().Revision}
	registry, err := cloud.OpenRegistry(ctx, s.data)
	if err != nil {
		return nil, err
	}
	defer registry.Close()
	if s.token, err = cloud.IssueAPIToken(ctx, registry, "load", time.Now(), time.Now().Add(24*time.Hour)); err != nil {
		return nil, err
	}
	return s, s.enrollScouts(ctx, registry)
}

// enrollScouts enrolls the scouts, many at a time, so that they share commits.
func (s *site) enrollScouts(ctx context.Context, registry cloud.Registry) error {
	var all sync.WaitGroup
	failed := make(chan error, 1)
	slots := make(chan struct{}, 64)
	for n := range s.scouts {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			if err := enrollOne(ctx, registry, &s.scouts[n], n); err != nil {
				select {
				case failed <- err:
				default:
				}
			}
		})
	}
	all.Wait()
	select {
	case err := <-failed:
		return fmt.Errorf("enrolling the scouts: %w", err)
	default:
		return nil
	}
}

func enrollOne(ctx context.Context, registry cloud.Registry, i *scoutIdentity, n int) error {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return err
	}
	token := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("load "), uint64(n)))
	now := time.Now()
	if err := registry.AddBundle(ctx, token[:], cloud.Bundle{Uses: 1, Created: now, Expires: now.Add(time.Hour)}); err != nil {
		return err
	}
	scout, err := registry.Enroll(ctx, token[:], cloud.Scout{ID: uuid.Must(uuid.NewV7()).String(), Name: fmt.Sprintf("pc-%05d", n),
		Version: "load", Sign: public, Wrap: make([]byte, 32), Enrolled: now})
	*i = scoutIdentity{id: scout.ID, key: private}
	return err
}
