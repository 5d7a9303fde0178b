package directory

import (
	"crypto/ed25519"
	"fmt"
	"os"
	"slices"
	"sync"
)

// Site is an unlocked site: it can sign. Its methods may be called from
// several goroutines, and several processes may have the same site open.
type Site struct {
	folder   folder
	public   Public
	key      ed25519.PrivateKey
	warnings []string

	mu        sync.Mutex
	directory *Directory
}

// OpenSite unlocks the site in dir. ErrPassword when the password does not
// unlock it, ErrFormat or a reason of Public.Check when a file is damaged.
func OpenSite(dir, password string) (*Site, error) {
	s := &Site{folder: folder{path: dir}}
	file, err := s.folder.site()
	if err != nil {
		return nil, err
	}
	if err := s.unlock(file, password); err != nil {
		return nil, fmt.Errorf("open site: %w", err)
	}
	if s.warnings, err = s.folder.warnings(file); err != nil {
		return nil, err
	}
	if err := s.load(); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Site) unlock(file siteFile, password string) error {
	root, err := file.unwrap(password)
	if err != nil {
		return err
	}
	defer clear(root)
	k, err := deriveKeys(root, file.Public.Epoch)
	if err != nil {
		return err
	}
	if !k.public(file.Public.Name, file.Public.Epoch).equal(file.Public) {
		return malformed("public part of %s does not follow from its root", siteName)
	}
	s.public, s.key = file.Public, k.sign
	return nil
}

// load reads what lies beside site.json. What was given away must be what is signed for.
func (s *Site) load() error {
	public, err := s.folder.public()
	if err != nil {
		return err
	}
	if !public.equal(s.public) {
		return malformed("%s is not the public part of this site", publicName)
	}
	s.directory, _, err = s.folder.directory(s.public)
	return err
}

func (f folder) warnings(file siteFile) ([]string, error) {
	info, err := os.Stat(f.file(siteName))
	if err != nil {
		return nil, fmt.Errorf("look at site: %w", err)
	}
	out := file.warnings()
	if exposed(info) {
		out = append(out, siteName+" may be read by other users of this computer: its mode should be 0600")
	}
	return out, nil
}

// Warnings are sentences about what is weaker than it should be.
func (s *Site) Warnings() []string { return slices.Clone(s.warnings) }

// Public is the site's public part.
func (s *Site) Public() Public {
	p := s.public
	p.Sign, p.Wrap = slices.Clone(p.Sign), slices.Clone(p.Wrap)
	return p
}

// Directory is the directory as this Site last read or signed it. It is not
// changed later and must not be changed by the caller.
func (s *Site) Directory() *Directory {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.directory
}
