package scout

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/printscout/printscout/cloudlink"
	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/vault"
	"github.com/printscout/printscout/vault/keystore"
)

// enrollTime bounds the exchange with the server.
const enrollTime = 30 * time.Second

// joiningKey is the secret that holds the key made for a token: the SHA-256 of
// the token, then the seed. It outlasts a lost answer and a crash, so that the
// next attempt with that token is the same scout to the server and costs no
// further use. It is removed once the scout has joined.
const joiningKey = "joining"

// Enroll joins the site of a bundle. A scout that already belongs to a site
// may join again, or join another one if LeaveSite allows it; its parked jobs
// stay.
func (s localAPI) Enroll(ctx context.Context, q control.Enrollment) (control.Enrolled, error) {
	b, err := wire.ParseBundle(q.Bundle)
	if err != nil {
		return control.Enrolled{}, &control.Error{Code: control.CodeUsage, Message: err.Error(), Hint: "ask your administrator for a new bundle"}
	}
	s.joining.Lock()
	defer s.joining.Unlock()
	if err := s.mayJoin(b.Fingerprint); err != nil {
		return control.Enrolled{}, err
	}
	joined, err := s.join(ctx, b, q.Name)
	if err != nil {
		return control.Enrolled{}, enrollError(err)
	}
	return joined, nil
}

// join has the server of a bundle enroll this computer, and keeps the
// enrollment; joining is held.
func (s *Scout) join(ctx context.Context, b wire.Bundle, name string) (control.Enrolled, error) {
	key, err := s.keyForToken(b.Token)
	if err != nil {
		return control.Enrolled{}, err
	}
	pub := key.Public().(ed25519.PublicKey)
	wrap, err := s.keys.Load(wrapKey)
	if err != nil {
		return control.Enrolled{}, err
	}
	own, err := vault.ParsePrivateKey(wrap)
	if err != nil {
		return control.Enrolled{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, enrollTime)
	defer cancel()
	reply, err := cloudlink.Enroll(ctx, b, wire.EnrollRequest{
		Token: b.Token, Name: cmp.Or(name, anonymousName(pub)), Version: s.cfg.Version, Sign: pub, Wrap: own.Public(),
	})
	if err != nil {
		return control.Enrolled{}, err
	}
	if err := s.membership.joinSite(b, reply.Scout, key, s.now()); err != nil {
		return control.Enrolled{}, err
	}
	if err := s.removeSecret(joiningKey); err != nil {
		s.log.Warn("a key that is no longer needed could not be removed", "error", err)
	}
	s.log.Info("enrolled", "scout", reply.Scout, "site", b.Fingerprint, "server", b.Server, "pending", reply.Pending)
	s.siteChanged()
	return control.Enrolled{Scout: reply.Scout, Site: cmp.Or(b.Site.Name, b.Fingerprint), Server: b.Server, Pending: reply.Pending}, nil
}

// siteChanged has the link begin anew, and listeners told.
func (s *Scout) siteChanged() {
	s.hub.siteChanged()
	select {
	case s.joined <- struct{}{}:
	default:
	}
}

// keyForToken returns the key to join with by a token: the one of an earlier
// attempt with it, or a new one that is on disk before it is used.
func (s *Scout) keyForToken(token string) (ed25519.PrivateKey, error) {
	hash := sha256.Sum256([]byte(token))
	kept, err := s.keys.Load(joiningKey)
	if err != nil && !errors.Is(err, keystore.ErrNotFound) {
		return nil, err
	}
	seed, ok := bytes.CutPrefix(kept, hash[:])
	if !ok || len(seed) != ed25519.SeedSize {
		seed = randomKey()
		if err := s.keys.Save(joiningKey, append(hash[:], seed...)); err != nil {
			return nil, fmt.Errorf("keeping the scout's key: %w", err)
		}
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// removeSecret removes a secret, which need not be there.
func (s *Scout) removeSecret(name string) error {
	if err := s.keys.Remove(name); err != nil && !errors.Is(err, keystore.ErrNotFound) {
		return err
	}
	return nil
}

// anonymousName returns a name that tells computers apart and discloses
// nothing: the server need not know what a computer is called.
func anonymousName(pub ed25519.PublicKey) string { return fmt.Sprintf("scout-%x", pub[:4]) }

func enrollError(err error) error {
	switch {
	case errors.Is(err, cloudlink.ErrToken):
		return &control.Error{Code: control.CodeBundleSpent, Message: err.Error(), Hint: "a bundle works once, or as often as it says, and for a limited time; ask your administrator for a new one"}
	case errors.Is(err, cloudlink.ErrServerPin):
		return &control.Error{Code: control.CodeForbidden, Message: err.Error(), Hint: "the server is not the one the bundle is from; nothing was sent to it"}
	}
	return &control.Error{Code: control.CodeFailed, Message: err.Error(), Hint: "is the server running, and can this computer reach it? the bundle can be tried again"}
}
