package directory

import (
	"crypto/ecdh"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
)

// Site is an unlocked site: it can sign. Its methods may be called from
// several goroutines, and several processes may have the same site open.
type Site struct {
	signer
	folder   folder
	wraps    wrapKeys
	warnings []string

	mu        sync.Mutex
	directory *Directory
}

// OpenSite unlocks the site in dir. It returns ErrPassword if the password does
// not unlock it, and ErrFormat or an error of Public.Check if a file is damaged.
// It completes a rotation of the root that was interrupted.
func OpenSite(dir, password string) (*Site, error) {
	s, err := openSite(folder{path: dir}, password)
	if err != nil {
		return nil, fmt.Errorf("open site: %w", err)
	}
	return s, nil
}

func openSite(f folder, password string) (*Site, error) {
	s, err := f.unlockSite(password)
	if errors.Is(err, errUnfinished) {
		unlock, err := f.lockSite()
		if err != nil {
			return nil, err
		}
		defer unlock()
		return f.unlockFinished(password)
	}
	return s, err
}

// unlockSite unlocks the site as it is on disk. If a rotation was interrupted, it
// returns errUnfinished, and the site without its directory.
func (f folder) unlockSite(password string) (*Site, error) {
	file, err := f.readSiteFile()
	if err != nil {
		return nil, err
	}
	s, err := f.unlockSiteFile(file, password)
	if err != nil {
		return nil, err
	}
	return s, s.loadPublished()
}

// unlockSiteFile returns the site of a site file, without its directory.
func (f folder) unlockSiteFile(file siteFile, password string) (*Site, error) {
	root, err := file.unwrapRoot(password)
	if err != nil {
		return nil, err
	}
	defer clear(root)
	k, err := deriveKeys(root, file.Public.Epoch)
	if err != nil {
		return nil, err
	}
	if !k.publicPart(file.Public.Name, file.Public.Epoch).equal(file.Public) {
		return nil, malformed("public part of %s does not follow from its root", siteName)
	}
	s := &Site{folder: f, signer: signer{key: k.sign, public: file.Public, succession: file.Succession}}
	if s.wraps, err = file.Past.openKeys(k, file.Public); err != nil {
		return nil, err
	}
	s.warnings, err = f.siteWarnings(file)
	return s, err
}

// loadPublished reads the files besides site.json. The published public part must
// be the site's, or the former one that a rotation has not replaced yet.
func (s *Site) loadPublished() error {
	public, err := s.folder.readPublic()
	if err != nil {
		return err
	}
	if !public.equal(s.public) {
		if s.isSuccessorOf(public) {
			return errUnfinished
		}
		return malformed("%s is not the public part of this site", publicName)
	}
	s.directory, err = s.folder.readDirectory(s.public)
	return err
}

// isSuccessorOf reports whether s is of the epoch after that of a public part.
func (s *Site) isSuccessorOf(public Public) bool {
	if len(s.succession) == 0 {
		return false
	}
	n, err := public.verifySuccession(s.succession[len(s.succession)-1])
	return err == nil && n.Next.equal(s.public)
}

func (f folder) siteWarnings(file siteFile) ([]string, error) {
	info, err := os.Stat(f.filePath(siteName))
	if err != nil {
		return nil, fmt.Errorf("check the mode of the site: %w", err)
	}
	out := file.warnings()
	if isExposed(info) {
		out = append(out, siteName+" may be read by other users of this computer: its mode should be 0600")
	}
	return out, nil
}

// Warnings returns sentences about what is weaker than it should be.
func (s *Site) Warnings() []string { return slices.Clone(s.warnings) }

// Public returns the site's public part.
func (s *Site) Public() Public {
	p := s.public
	p.Sign, p.Wrap = slices.Clone(p.Sign), slices.Clone(p.Wrap)
	return p
}

// WrapKey returns the private key that job keys were wrapped to in an epoch of the
// site. It returns ErrNoKey if there was no such epoch, or its key is no longer
// kept.
func (s *Site) WrapKey(epoch uint32) (*ecdh.PrivateKey, error) {
	key, ok := s.wraps[epoch]
	if !ok {
		return nil, fmt.Errorf("%w of epoch %d", ErrNoKey, epoch)
	}
	return key, nil
}

// Directory returns the directory as this Site last read or signed it. It is never
// changed later and must not be changed by the caller.
func (s *Site) Directory() *Directory {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.directory
}
