package directory

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// RotatePassword gives the site in dir a new password and changes nothing else of
// it. show is called once, with the new password, when the new site.json is on
// disk and before it replaces the old one: if show fails, the old password stays.
// After an error the old password opens the site, unless the error says that the
// file may not survive a crash: then the new one does, or after a power cut the
// old one. An old copy of site.json still opens with the old password.
func RotatePassword(dir, old string, show func(password string) error) error {
	f, sec := folder{path: dir}, newWrapping(spellPassword(randomBytes(passwordSize)))
	if err := f.runLocked(func() error { return f.rotatePassword(old, sec, show) }); err != nil {
		return fmt.Errorf("rotate password: %w", err)
	}
	return nil
}

// runLocked calls do under the lock of the site. It fails for a folder without a
// site before it locks, since locking creates a file.
func (f folder) runLocked(do func() error) error {
	if _, err := f.readSiteFile(); err != nil {
		return err
	}
	unlock, err := f.lockSite()
	if err != nil {
		return err
	}
	defer unlock()
	return do()
}

func (f folder) rotatePassword(old string, sec wrapping, show func(string) error) error {
	file, err := f.readSiteFile()
	if err != nil {
		return err
	}
	root, err := file.unwrapRoot(old)
	if err != nil {
		return err
	}
	defer clear(root)
	if err := file.wrapRoot(root, sec); err != nil {
		return err
	}
	data, err := encodeIndented(file)
	if err != nil {
		return err
	}
	return f.replaceFileIf(siteName, data, func() error { return show(sec.password) })
}

// RotateRoot gives the site in dir a new root under the same password, and with it
// new keys, the next epoch and a new fingerprint. The old signing key signs the
// succession and is destroyed; the old wrap key is kept. The directory has the
// same printers at the next revision. The errors are those of OpenSite, and
// ErrBusy. After any error the site opens with its password, in the old epoch or
// in the new one.
func RotateRoot(dir, password string, now time.Time) (*Site, error) {
	var s *Site
	f, sec := folder{path: dir}, newRotation(password)
	err := f.runLocked(func() (err error) { s, err = f.rotateRoot(sec, now); return err })
	if err != nil {
		return nil, fmt.Errorf("rotate root: %w", err)
	}
	return s, nil
}

// rotation is all that is random in a new root.
type rotation struct {
	secrets
	pastNonce []byte
}

func newRotation(password string) rotation {
	return rotation{secrets{root: randomBytes(rootSize), wrap: newWrapping(password)}, randomBytes(nonceSize)}
}

func (f folder) rotateRoot(sec rotation, now time.Time) (*Site, error) {
	defer clear(sec.root)
	old, err := f.unlockFinished(sec.wrap.password)
	if err != nil {
		return nil, err
	}
	if old.directory.Revision == maxRevision {
		return nil, malformed("revision %d, which is the last", uint64(maxRevision))
	}
	next, err := old.nextEpoch(sec, wholeSeconds(now))
	if err != nil {
		return nil, err
	}
	data, err := encodeIndented(next.file)
	if err != nil {
		return nil, err
	}
	if err := f.replaceFile(siteName, data); err != nil {
		return nil, err
	}
	if err := next.site.finishRotation(); err != nil {
		return nil, err
	}
	return next.site, nil
}

// nextEpoch returns the site with the new root, which is not on disk yet.
func (s *Site) nextEpoch(sec rotation, now time.Time) (*newSiteFiles, error) {
	file, err := s.folder.readSiteFile()
	if err != nil {
		return nil, err
	}
	k, err := deriveKeys(sec.root, s.public.Epoch+1)
	if err != nil {
		return nil, err
	}
	public := k.publicPart(s.public.Name, s.public.Epoch+1)
	named, err := s.public.signSuccession(s.key, public, now)
	if err != nil {
		return nil, err
	}
	file.Public, file.Succession = public, append(slices.Clone(file.Succession), named)
	file.Succession = file.Succession[max(0, len(file.Succession)-maxSuccession):]
	if file.Past, err = sealPast(k, public, s.wraps, sec.pastNonce); err != nil {
		return nil, err
	}
	if err := file.wrapRoot(sec.root, sec.wrap); err != nil {
		return nil, err
	}
	next := &Site{folder: s.folder, signer: signer{k.sign, public, file.Succession}, warnings: file.warnings()}
	next.wraps, err = file.Past.openKeys(k, public)
	return &newSiteFiles{site: next, file: file}, err
}

// unlockFinished opens the site, whose lock must be held, and completes a rotation
// of the root that was interrupted.
func (f folder) unlockFinished(password string) (*Site, error) {
	s, err := f.unlockSite(password)
	if errors.Is(err, errUnfinished) {
		err = s.finishRotation()
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// finishRotation brings the files besides site.json to its epoch.
func (s *Site) finishRotation() error {
	if err := s.finishDirectory(); err != nil {
		return fmt.Errorf("finish the rotation: %w", err)
	}
	public, err := encodeIndented(s.public)
	if err != nil {
		return err
	}
	if err := s.folder.replaceFile(publicName, public); err != nil {
		return fmt.Errorf("finish the rotation: %w", err)
	}
	return s.loadPublished()
}

// finishDirectory signs the directory of the former epoch for this one, unless
// that was done before.
func (s *Site) finishDirectory() error {
	former, err := s.folder.readPublic()
	if err != nil {
		return err
	}
	data, err := s.folder.readEnvelope()
	if err != nil {
		return err
	}
	d, _, err := Lineage{former}.Accept(data)
	if err != nil || d.Epoch == s.public.Epoch {
		return err
	}
	n, err := former.verifySuccession(s.succession[len(s.succession)-1])
	if err != nil {
		return err
	}
	d.Site, d.Epoch, d.Revision, d.Issued = s.public.Fingerprint(), s.public.Epoch, d.Revision+1, n.Issued
	signed, _, err := s.signDirectory(d)
	if err != nil {
		return err
	}
	return s.folder.replaceFile(directoryName, signed)
}
