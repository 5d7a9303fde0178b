package cloud

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/printscout/printscout/cloudlink/wire"
)

// BundleTerms say how a bundle may be used.
type BundleTerms struct {
	Valid time.Duration
	Uses  int    // by how many computers
	Label string // its name in listings; "" one made from its hash
}

// Bundle makes a bundle for one scout that reaches this server at serverURL
// (https://host:port).
func (s *Server) Bundle(ctx context.Context, serverURL string, valid time.Duration) (wire.Bundle, error) {
	return s.BundleFor(ctx, serverURL, BundleTerms{Valid: valid, Uses: 1})
}

// BundleFor makes a bundle with a new token. It works while a server runs on
// the same DataDir.
func (s *Server) BundleFor(ctx context.Context, serverURL string, terms BundleTerms) (wire.Bundle, error) {
	server, err := wire.ServerURL(serverURL)
	if err != nil {
		return wire.Bundle{}, fmt.Errorf("making a bundle: %w", err)
	}
	if err := terms.check(); err != nil {
		return wire.Bundle{}, fmt.Errorf("making a bundle: %w", err)
	}
	if !s.certs.coversHost(server.Hostname()) {
		return wire.Bundle{}, fmt.Errorf("making a bundle: the server's certificate is not for %s", server.Hostname())
	}
	pin, err := s.certs.serverPin()
	if err != nil {
		return wire.Bundle{}, fmt.Errorf("making a bundle: %w", err)
	}
	token, expires, err := issueToken(ctx, s.registry, s.cfg.Now(), terms)
	if err != nil {
		return wire.Bundle{}, fmt.Errorf("making a bundle: %w", err)
	}
	site := s.served.currentSite()
	b := wire.Bundle{Server: server.String(), ServerPin: pin, Site: site, Fingerprint: site.Fingerprint(),
		Token: token, Expires: expires}
	if terms.Uses > 1 {
		b.Uses = terms.Uses
	}
	return b, nil
}

func (t BundleTerms) check() error {
	switch {
	case t.Valid <= 0:
		return errors.New("it would never be valid")
	case t.Uses < 1 || t.Uses > wire.MaxUses:
		return fmt.Errorf("it would be for %d computers, not 1 to %d", t.Uses, wire.MaxUses)
	case t.Label == "":
		return nil
	}
	return checkTokenName(t.Label)
}

// APITokenLife is how long a token for the API is valid by default.
const APITokenLife = 365 * 24 * time.Hour

// APIToken makes a bearer token for the API, valid for APITokenLife; the name
// says whose it is. It works while a server runs on the same DataDir.
func (s *Server) APIToken(ctx context.Context, name string) (string, error) {
	now := s.cfg.Now()
	return IssueAPIToken(ctx, s.registry, name, now, now.Add(APITokenLife))
}

// issueToken makes the token of a bundle; the registry stores its hash.
func issueToken(ctx context.Context, registry Registry, now time.Time, terms BundleTerms) (token string, expires time.Time, err error) {
	token, expires = rand.Text(), now.Add(terms.Valid).UTC().Truncate(time.Second)
	return token, expires, registry.AddBundle(ctx, tokenHash(token), Bundle{Name: terms.Label, Uses: terms.Uses, Created: now, Expires: expires})
}

// IssueAPIToken makes a token for the API that expires at a time; the registry
// stores its hash.
func IssueAPIToken(ctx context.Context, registry Registry, name string, now, expires time.Time) (string, error) {
	if !now.Before(expires) {
		return "", errors.New("making a token: it would never be valid")
	}
	if err := checkTokenName(name); err != nil {
		return "", fmt.Errorf("making a token: %w", err)
	}
	token := rand.Text()
	return token, registry.AddAPIToken(ctx, tokenHash(token), name, now, expires)
}

// checkTokenName refuses a name that a listing could not show in one line, or
// that could be a bundle's.
func checkTokenName(name string) error {
	switch {
	case name == "" || len(name) > 64:
		return errors.New("the name does not have 1 to 64 bytes")
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return errors.New("the name has characters that cannot be shown")
	case strings.HasPrefix(name, "bundle-"):
		return errors.New("a name that begins with bundle- is kept for bundles")
	}
	return nil
}

// tokenHash returns the hash by which a token is stored and looked up. A token
// has more than 128 random bits, so neither a slow hash nor the time that a
// look-up takes matters.
func tokenHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// sessions knows the session keys of scouts while they are connected.
type sessions struct {
	mu   sync.RWMutex
	open map[[sha256.Size]byte]string
}

func newSessions() *sessions { return &sessions{open: make(map[[sha256.Size]byte]string)} }

func (s *sessions) add(token, scout string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open[sha256.Sum256([]byte(token))] = scout
}

func (s *sessions) remove(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, sha256.Sum256([]byte(token)))
}

func (s *sessions) has(token string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, ok := s.open[sha256.Sum256([]byte(token))]
	return ok
}
