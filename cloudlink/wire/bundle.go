package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/printscout/printscout/internal/directory"
)

const maxBundle = 16 << 10

// Bundle is what a computer needs to join a site. The server makes it and an
// administrator brings it to the computer; the scout trusts the site's keys in
// it from then on.
type Bundle struct {
	Server      string           `json:"server"`               // https://host:port
	ServerPin   string           `json:"server_pin,omitempty"` // Pin of the server's CA; empty: the OS's roots
	Site        directory.Public `json:"site"`
	Fingerprint string           `json:"fingerprint"` // Site.Fingerprint()
	Token       string           `json:"token"`       // works Uses times
	Expires     time.Time        `json:"expires"`     // of the token
	// Uses is how many computers may join by it; 0 for one. It is for people:
	// the server counts.
	Uses int `json:"uses,omitempty"`
}

// MaxUses is how many computers one bundle may be for.
const MaxUses = 100_000

// ForSeveral reports whether several computers may join by the bundle.
func (b Bundle) ForSeveral() bool { return b.Uses > 1 }

// ParseBundle reads a bundle and checks everything but the time: whether the
// token is still valid is for the server to say.
func ParseBundle(data []byte) (Bundle, error) {
	if len(data) > maxBundle {
		return Bundle{}, fmt.Errorf("reading the bundle: %d bytes, more than %d", len(data), maxBundle)
	}
	var b Bundle
	if err := json.Unmarshal(data, &b); err != nil {
		return Bundle{}, fmt.Errorf("reading the bundle: %w", err)
	}
	if err := b.checkFields(); err != nil {
		return Bundle{}, fmt.Errorf("reading the bundle: %w", err)
	}
	return b, nil
}

func (b Bundle) checkFields() error {
	if _, err := ServerURL(b.Server); err != nil {
		return err
	}
	if err := CheckPin(b.ServerPin); err != nil {
		return err
	}
	if err := b.Site.Validate(); err != nil {
		return fmt.Errorf("the site: %w", err)
	}
	if b.Fingerprint != b.Site.Fingerprint() {
		return errors.New("the fingerprint is not that of the site's keys")
	}
	if b.Expires.IsZero() {
		return errors.New("it does not say when it expires")
	}
	if b.Uses < 0 || b.Uses > MaxUses {
		return fmt.Errorf("it is for %d computers, not 1 to %d", b.Uses, MaxUses)
	}
	return checkText("token", b.Token, 1, maxSession)
}

// ServerURL parses the address of a server: https, a host, an optional port,
// nothing else.
func ServerURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		return nil, errors.New("the server's address cannot be read")
	}
	if u.Scheme != "https" || u.Hostname() == "" {
		return nil, errors.New("the server's address is not https://host:port")
	}
	bare := url.URL{Scheme: u.Scheme, Host: u.Host}
	if got := *u; got.Path != "" && got.Path != "/" || got.User != nil || got.RawQuery != "" || got.Fragment != "" {
		return nil, errors.New("the server's address has more than a host and a port")
	}
	return &bare, nil
}
