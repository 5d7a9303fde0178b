package scout

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/printscout/printscout/cloudlink"
	"github.com/printscout/printscout/cloudlink/wire"
)

// Jobs returns what the server may know of the jobs on this computer.
func (s *Scout) Jobs() []wire.Job {
	all := s.table.matchingJobs(func(*job) bool { return true })
	out := make([]wire.Job, 0, len(all))
	for _, j := range all {
		out = append(out, s.jobMetadata(j))
	}
	return out
}

// DirectoryEdition returns the edition of the directory in force.
func (s *Scout) DirectoryEdition() wire.Edition { return s.membership.directoryEdition() }

// OfferDirectory accepts a newer directory that the site has signed.
func (s *Scout) OfferDirectory(envelope []byte) error {
	before := s.membership.directoryEdition()
	if err := s.membership.acceptDirectory(envelope); err != nil {
		s.hub.statusChanged() // there may be a rival
		return err            // cloudlink logs it
	}
	if now := s.membership.directoryEdition(); now != before {
		s.hub.siteChanged()
		s.log.Info("printer directory taken", "epoch", now.Epoch, "revision", now.Revision)
	}
	return nil
}

func (s *Scout) tellChanged(id uuid.UUID) {
	link := s.currentLink()
	if j, ok := s.table.jobByID(id); ok && link != nil {
		link.JobChanged(s.jobMetadata(j))
	}
}

func (s *Scout) tellGone(id uuid.UUID, why State) {
	if link := s.currentLink(); link != nil {
		link.JobGone(id.String(), string(why))
	}
}

func (s *Scout) currentLink() *cloudlink.Link {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.link
}

// keepLinked keeps the connection to the server of the scout's site, and
// connects to the new one after the scout has joined another site.
func (s *Scout) keepLinked(ctx context.Context) error {
	for ctx.Err() == nil {
		linked, cancel := context.WithCancel(ctx)
		done := make(chan struct{})
		go func() {
			defer close(done)
			if err := s.runLink(linked); err != nil && linked.Err() == nil {
				s.log.Error("the link to the server cannot be kept", "error", err)
			}
		}()
		select {
		case <-ctx.Done():
		case <-s.joined:
		}
		cancel()
		<-done
	}
	return nil
}

func (s *Scout) runLink(ctx context.Context) error {
	e, _ := s.membership.current()
	if e == nil {
		s.setLink(nil)
		return nil
	}
	key, err := s.membership.signingKey()
	if err != nil {
		return err
	}
	link, err := cloudlink.New(cloudlink.Config{
		Server: e.Server, ServerPin: e.ServerPin, Scout: e.Scout, Key: key,
		Version: s.cfg.Version, Agent: s, Log: s.log, Now: s.now, Changed: s.hub.statusChanged,
	})
	if err != nil {
		return fmt.Errorf("preparing the link to the server: %w", err)
	}
	s.setLink(link)
	s.hub.statusChanged()
	return link.Run(ctx)
}

func (s *Scout) setLink(l *cloudlink.Link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.link = l
}
