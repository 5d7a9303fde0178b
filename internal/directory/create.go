package directory

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/printscout/printscout/internal/durable"
)

// CreateSite makes a site, with new random keys and an empty directory of
// revision 1, in dir, which it creates with mode 0700. The password is returned
// only here and stored nowhere. CreateSite returns ErrExists if dir has a file of
// a site already, and ErrFormat if the name is not allowed.
func CreateSite(dir, name string, now time.Time) (site *Site, password string, err error) {
	return createSite(folder{path: dir}, name, now, newSecrets())
}

// secrets is all that is random in a new site.
type secrets struct {
	root []byte
	wrap wrapping
}

// wrapping is what a root is encrypted with.
type wrapping struct {
	password    string
	count       int
	salt, nonce []byte
}

func newSecrets() secrets {
	return secrets{root: randomBytes(rootSize), wrap: newWrapping(spellPassword(randomBytes(passwordSize)))}
}

func newWrapping(password string) wrapping {
	return wrapping{password: password, count: wrapCount, salt: randomBytes(saltSize), nonce: randomBytes(nonceSize)}
}

// randomBytes cannot fail: crypto/rand ends the process if there is no randomness.
func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

func createSite(f folder, name string, now time.Time, sec secrets) (*Site, string, error) {
	defer clear(sec.root)
	if err := f.checkVacant(); err != nil {
		return nil, "", fmt.Errorf("make site: %w", err)
	}
	n, err := newSite(f, name, wholeSeconds(now), sec)
	if err != nil {
		return nil, "", fmt.Errorf("make site: %w", err)
	}
	if err := n.writeSite(); err != nil {
		return nil, "", fmt.Errorf("make site: %w", err)
	}
	return n.site, sec.wrap.password, nil
}

// newSiteFiles is a new site that is not on disk yet.
type newSiteFiles struct {
	site     *Site
	file     siteFile
	envelope []byte
}

func newSite(f folder, name string, now time.Time, sec secrets) (*newSiteFiles, error) {
	if err := checkName("name of the site", name); err != nil {
		return nil, err
	}
	k, err := deriveKeys(sec.root, 1)
	if err != nil {
		return nil, err
	}
	public := k.publicPart(name, 1)
	n := &newSiteFiles{file: siteFile{Version: siteVersion, Created: now, Public: public}}
	if err := n.file.wrapRoot(sec.root, sec.wrap); err != nil {
		return nil, err
	}
	n.site = &Site{
		folder: f, signer: signer{key: k.sign, public: public},
		wraps: wrapKeys{1: k.wrap}, warnings: n.file.warnings(),
	}
	first := &Directory{Site: public.Fingerprint(), Epoch: public.Epoch, Revision: 1, Issued: now, Printers: []Printer{}}
	n.envelope, n.site.directory, err = n.site.signDirectory(first)
	return n, err
}

func (n *newSiteFiles) writeSite() error {
	f := n.site.folder
	if err := f.createFolder(); err != nil {
		return err
	}
	unlock, err := f.lockSite()
	if err != nil {
		return err
	}
	defer unlock()
	// Again, under the lock: another process may have been faster.
	if err := f.checkVacant(); err != nil {
		return err
	}
	return n.writeFiles()
}

// createFolder creates the folder, or accepts one that only its owner may enter.
func (f folder) createFolder() error {
	if err := os.MkdirAll(f.path, 0o700); err != nil {
		return err
	}
	if err := restrictFolder(f.path); err != nil {
		return err
	}
	return f.runStep("sync parent", func() error { return durable.SyncFolder(filepath.Dir(filepath.Clean(f.path))) })
}

// checkVacant returns ErrExists if the folder has any file of a site: even the
// remains of one may be all that is left of it.
func (f folder) checkVacant() error {
	if f.path == "" {
		return errors.New("no folder named")
	}
	for _, name := range []string{siteName, publicName, directoryName} {
		found, err := f.hasFile(name)
		if err != nil {
			return err
		}
		if found {
			return fmt.Errorf("site in %s %w: found %s", f.path, ErrExists, name)
		}
	}
	return nil
}

// writeFiles writes the site's files, site.json last: that makes the folder a
// site. After an error it removes them.
func (n *newSiteFiles) writeFiles() error {
	public, err := encodeIndented(n.site.public)
	if err != nil {
		return err
	}
	site, err := encodeIndented(n.file)
	if err != nil {
		return err
	}
	f := n.site.folder
	contents := map[string][]byte{publicName: public, directoryName: n.envelope, siteName: site}
	for _, name := range []string{publicName, directoryName, siteName} {
		if err := f.replaceFile(name, contents[name]); err != nil {
			return errors.Join(err, removeIfPresent(f.filePath(siteName)), removeIfPresent(f.filePath(directoryName)), removeIfPresent(f.filePath(publicName)))
		}
	}
	return nil
}
