package checkups

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/printscout/printscout/internal/checkup"
)

// The search for bundles is bounded: how deep below the person's home, how many
// names in all, how large a file.
const (
	bundleDepth   = 3
	bundleEntries = 20_000
	maxBundle     = 16 << 10 // as cloudlink/wire
)

// bundleFound is a bundle that lies about. What is in it is not kept.
type bundleFound struct {
	folder  string // that was opened
	name    string // below it
	info    fs.FileInfo
	expires time.Time
}

func (b bundleFound) path() string { return filepath.Join(b.folder, filepath.FromSlash(b.name)) }

// bundlePlaces are the folders that are searched, and how deep.
func (c *computer) bundlePlaces() map[string]int {
	places := map[string]int{c.path("/etc/printscout"): 1, c.path("/tmp"): 1, c.path("/var/tmp"): 1}
	if c.Home != "" && c.Home != "/" {
		places[c.Home] = bundleDepth
	}
	if file := c.text("BundleFile", ""); file != "" {
		places[filepath.Dir(c.path(file))] = 1
	}
	return places
}

func (c *computer) lookAtBundles(ctx context.Context) checkup.Finding {
	var f checkup.Findings
	left := bundleEntries
	for _, folder := range sortedKeys(c.bundlePlaces()) {
		for _, b := range findBundles(ctx, folder, c.bundlePlaces()[folder], &left) {
			c.judgeBundle(&f, b)
		}
	}
	if ctx.Err() != nil {
		f.Add(checkup.Error, "The search for bundles took too long and was not finished.", "")
	} else if left <= 0 {
		f.Add(checkup.Info, fmt.Sprintf("Only the first %d names were looked at.", bundleEntries), "")
	}
	return f.Finding("No bundle was found in the usual places.")
}

func sortedKeys(m map[string]int) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// judgeBundle adds a bundle that was found. Only one that has expired, and is the
// person's own, is deleted by doctor --fix: another may still be needed.
func (c *computer) judgeBundle(f *checkup.Findings, b bundleFound) {
	state, who := checkup.Warn, ""
	if b.info.Mode().Perm()&0o044 != 0 {
		state, who = checkup.Fail, ", and others can read it"
	}
	if b.expires.IsZero() || c.Now().Before(b.expires) {
		f.Add(state, fmt.Sprintf("The bundle %s lies about%s: whoever has it can join the site as a computer.", b.path(), who),
			"delete it when the computer has joined, or hand it to the agent: printscout enroll "+b.path())
		return
	}
	var repairs []checkup.Repair
	if isOwnedBy(b.info, c.UID) {
		repairs = []checkup.Repair{{Does: "delete the expired bundle " + b.path(), Do: func(context.Context) error { return b.remove() }}}
	}
	f.Add(checkup.Warn, fmt.Sprintf("The bundle %s lies about%s. It has expired.", b.path(), who), "delete "+b.path(), repairs...)
}

// remove deletes the file that was found, and no other one that was put in its
// place.
func (b bundleFound) remove() error {
	root, err := os.OpenRoot(b.folder)
	if err != nil {
		return fmt.Errorf("deleting a bundle: %w", err)
	}
	defer root.Close()
	now, err := root.Lstat(b.name)
	if err != nil {
		return fmt.Errorf("deleting a bundle: %w", err)
	}
	if !os.SameFile(b.info, now) {
		return errors.New(b.path() + " is another file now: nothing was deleted")
	}
	if err := root.Remove(b.name); err != nil {
		return fmt.Errorf("deleting a bundle: %w", err)
	}
	return nil
}

// findBundles searches a folder for bundles, without following links. What
// cannot be read is passed over: its owner's doctor finds it.
func findBundles(ctx context.Context, folder string, depth int, left *int) (found []bundleFound) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil
	}
	defer root.Close()
	fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if *left--; *left <= 0 || ctx.Err() != nil {
			return fs.SkipAll
		}
		switch {
		case err != nil || name == ".":
			return nil
		case d.IsDir() && (strings.Count(name, "/")+1 >= depth || isHidden(name)):
			return fs.SkipDir
		case !d.Type().IsRegular() || !strings.EqualFold(path.Ext(name), ".json"):
			return nil
		}
		if info, expires, ok := readBundle(root, name); ok {
			found = append(found, bundleFound{folder, name, info, expires})
		}
		return nil
	})
	return found
}

// isHidden keeps the search out of the caches of programs.
func isHidden(name string) bool {
	return strings.HasPrefix(path.Base(name), ".") || path.Base(name) == "node_modules"
}

// readBundle reports whether a file is a bundle.
func readBundle(root *os.Root, name string) (info fs.FileInfo, expires time.Time, ok bool) {
	info, err := root.Lstat(name)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxBundle {
		return nil, expires, false
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, expires, false
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxBundle))
	if err != nil {
		return nil, expires, false
	}
	expires, ok = parseLyingBundle(raw)
	return info, expires, ok
}

// parseLyingBundle reports whether JSON is a bundle: it has a token, and a pin or
// the site's fingerprint. It returns nothing of it but when it ends.
func parseLyingBundle(raw []byte) (expires time.Time, ok bool) {
	var b struct {
		Token       string    `json:"token"`
		ServerPin   string    `json:"server_pin"`
		Fingerprint string    `json:"fingerprint"`
		Expires     time.Time `json:"expires"`
	}
	if !bytes.Contains(raw, []byte(`"token"`)) || json.Unmarshal(raw, &b) != nil {
		return expires, false
	}
	return b.Expires, b.Token != "" && (b.ServerPin != "" || b.Fingerprint != "")
}
