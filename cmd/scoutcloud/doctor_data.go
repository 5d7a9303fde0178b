package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/printscout/printscout/cloud"
	"github.com/printscout/printscout/internal/checkup"
	"github.com/printscout/printscout/internal/directory"
)

const asServer = "run it as the account of the server, or as root"

// lookAtData looks at the modes of all that holds secrets or says who is who.
func (s *examinedServer) lookAtData(context.Context) checkup.Finding {
	var f checkup.Findings
	paths := []string{s.data, filepath.Join(s.data, "tls")}
	for _, pattern := range []string{"registry.db*", "tls/*.pem", serveFile} {
		found, err := filepath.Glob(filepath.Join(s.data, pattern))
		if err != nil {
			f.Failed(err, "")
		}
		paths = append(paths, found...)
	}
	for _, path := range paths {
		judgeMode(&f, path, 0o077)
	}
	if s.Key != "" {
		judgeMode(&f, s.Key, 0o037) // a group for keys, such as ssl-cert, may read it
	}
	return f.Finding("Only the server's account can read its data and keys.")
}

// judgeMode adds a file on which others have a right that they must not have.
func judgeMode(f *checkup.Findings, path string, never fs.FileMode) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		f.Failed(err, asServer)
	case openToOthers(info, never):
		f.Add(checkup.Fail, fmt.Sprintf("%s has mode %04o: others on this computer can read or change it.", path, info.Mode().Perm()), "chmod go= "+path)
	}
}

func (s *examinedServer) lookAtRegistry(ctx context.Context) checkup.Finding {
	i, err := cloud.InspectRegistry(ctx, s.data)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return checkup.Found(checkup.Info, "There is no registry yet: the first start of the server makes it.", "")
	case errors.Is(err, fs.ErrPermission):
		return checkup.Found(checkup.Error, checkup.Sentence(err.Error()), asServer)
	case err != nil:
		return checkup.Found(checkup.Fail, checkup.Sentence(err.Error()), "stop the server and restore the newest backup")
	}
	defer i.Close()
	if err := i.Check(ctx); err != nil {
		return checkup.Found(checkup.Fail, checkup.Sentence(err.Error()), "stop the server, check the disk, and restore the newest backup")
	}
	switch {
	case i.Schema > i.Known:
		return checkup.Found(checkup.Fail, fmt.Sprintf("The registry has schema %d, and this program knows only %d.", i.Schema, i.Known), "use the newer scoutcloud that wrote it")
	case i.Schema < i.Known:
		return checkup.Found(checkup.Warn, fmt.Sprintf("The registry has schema %d, this program's is %d: its next start brings it up to date.", i.Schema, i.Known), "keep a copy of the data folder, then restart the server")
	}
	return checkup.Found(checkup.Pass, fmt.Sprintf("The registry is whole; its schema is %d.", i.Schema), "")
}

// Room that the disk should have, in bytes.
const (
	roomWarn = 1_000_000_000
	roomFail = 100_000_000
)

func (s *examinedServer) lookAtSpace(context.Context) checkup.Finding {
	free, err := checkup.FreeBytes(s.data)
	mb := free / 1_000_000
	switch {
	case err != nil:
		return checkup.Found(checkup.Error, checkup.Sentence(err.Error()), asServer)
	case free < roomFail:
		return checkup.Found(checkup.Fail, fmt.Sprintf("The disk of %s has %d MB left.", s.data, mb), "make room")
	case free < roomWarn:
		return checkup.Found(checkup.Warn, fmt.Sprintf("The disk of %s has %d MB left.", s.data, mb), "make room soon")
	}
	return checkup.Found(checkup.Pass, fmt.Sprintf("The disk of %s has %d MB left.", s.data, mb), "")
}

func (s *examinedServer) lookAtSite(ctx context.Context) checkup.Finding {
	if s.Site == "" {
		return checkup.Found(checkup.Info, "The server has not been started with a site yet.", "")
	}
	fix := "copy public.json and directory.json anew from the folder of printscout site to " + s.Site
	d, _, err := directory.LoadDirectory(s.Site)
	if err != nil {
		return checkup.Found(checkup.Fail, checkup.Sentence(err.Error()), fix)
	}
	var f checkup.Findings
	newest := s.withInspection(ctx, func(i *cloud.Inspection) checkup.Finding {
		served, err := i.ServedRevision(ctx, d.Site)
		if err == nil && d.Revision < served {
			return checkup.Found(checkup.Fail, fmt.Sprintf("The directory has revision %d, but %d has been served: the server refuses the older one.", d.Revision, served), fix)
		}
		return checkup.Found(checkup.Pass, "", "")
	})
	if newest.State == checkup.Fail {
		f.Add(newest.State, newest.Summary, newest.Fix)
	}
	if _, err := os.Lstat(filepath.Join(s.Site, "site.json")); err == nil {
		f.Add(checkup.Warn, "The wrapped root of the site, site.json, lies on the server, which does not need it.", "keep it where you administer the site, and delete "+filepath.Join(s.Site, "site.json")+" here")
	}
	return f.Finding(fmt.Sprintf("The directory verifies: epoch %d, revision %d, printers: %d.", d.Epoch, d.Revision, len(d.Printers)))
}

// Times of the checkups about tokens and bundles.
const (
	endsSoon  = 14 * 24 * time.Hour
	bundleOld = 7 * 24 * time.Hour
)

func (s *examinedServer) lookAtTokens(ctx context.Context) checkup.Finding {
	return s.withInspection(ctx, func(i *cloud.Inspection) checkup.Finding {
		tokens, err := i.APITokens(ctx)
		if err != nil {
			return checkup.Found(checkup.Error, checkup.Sentence(err.Error()), asServer)
		}
		var f checkup.Findings
		for _, t := range tokens {
			left := t.Expires.Sub(s.now())
			if left > 0 && left < endsSoon {
				f.Add(checkup.Warn, fmt.Sprintf("The token %q ends on %s.", t.Name, formatTime(t.Expires)), "scoutcloud token new NAME, and hand it to whoever uses the old one")
			}
		}
		return f.Finding(fmt.Sprintf("None of %d tokens ends within 14 days.", len(tokens)))
	})
}

func (s *examinedServer) lookAtBundles(ctx context.Context) checkup.Finding {
	return s.withInspection(ctx, func(i *cloud.Inspection) checkup.Finding {
		bundles, err := i.Bundles(ctx, s.now())
		if err != nil {
			return checkup.Found(checkup.Error, checkup.Sentence(err.Error()), asServer)
		}
		old := 0
		for _, b := range bundles {
			if b.Used < b.Uses && b.Revoked.IsZero() && b.Expires.After(s.now()) && s.now().Sub(b.Created) > bundleOld {
				old++
			}
		}
		if old > 0 {
			return checkup.Found(checkup.Warn, fmt.Sprintf("%d bundles that can still be used were made more than a week ago: whoever has one can join as a computer.", old), "scoutcloud token list names them; revoke those that nobody needs: scoutcloud token revoke NAME")
		}
		return checkup.Found(checkup.Pass, fmt.Sprintf("None of %d bundles is older than a week.", len(bundles)), "")
	})
}

// clockSlack is by how much an entry of the registry may lie in the future.
const clockSlack = 5 * time.Minute

// lookAtClock looks for entries that were made later than now: then the clock was
// ahead before, or is behind now.
func (s *examinedServer) lookAtClock(ctx context.Context) checkup.Finding {
	f := s.withInspection(ctx, func(i *cloud.Inspection) checkup.Finding {
		var newest time.Time
		scouts, err := i.Scouts(ctx)
		for _, x := range scouts {
			if x.Enrolled.After(newest) {
				newest = x.Enrolled
			}
		}
		orders, failed := i.Orders(ctx, 1)
		for _, x := range orders {
			if x.Created.After(newest) {
				newest = x.Created
			}
		}
		if err := errors.Join(err, failed); err != nil {
			return checkup.Found(checkup.Error, checkup.Sentence(err.Error()), asServer)
		}
		if newest.Sub(s.now()) > clockSlack {
			return checkup.Found(checkup.Fail, fmt.Sprintf("The registry has an entry of %s, which is yet to come: the clock was set back, or was ahead.", formatTime(newest)), "set the clock, and turn on time synchronization: scouts refuse orders of a wrong time")
		}
		return checkup.Found(checkup.Pass, "No entry of the registry lies in the future.", "")
	})
	if f.State == checkup.Fail || f.State == checkup.Error {
		return f
	}
	if yes, known := checkup.ClockIsSynchronized(); known && !yes {
		return checkup.Found(checkup.Info, "No program keeps the clock right.", "turn on time synchronization: sudo timedatectl set-ntp true")
	}
	return f
}
