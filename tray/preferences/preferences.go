// Package preferences keeps what a person prefers on their own computer, for
// the menu and the local page: the printers they used last, their favorites,
// and the language. It is kept by the person's own account in desktop.json,
// printers by id; no title of a job is in it.
//
// It knows no printer and no text: an id or a language that means nothing any
// more is for its readers to leave out.
package preferences

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/printscout/printscout/internal/durable"
)

// The bounds of what is kept.
const (
	MostRecent    = 3
	MostFavorites = 50
	maxFile       = 64 << 10
	maxWord       = 200 // bytes of an id or a language
)

const file = "desktop.json"

// kept is the form of the file.
type kept struct {
	Recent    []string `json:"recent,omitempty"` // ids, the last one first
	Favorites []string `json:"favorites,omitempty"`
	Language  string   `json:"language,omitempty"` // "" is the system's, or the browser's
}

// Preferences are one person's. What another process has written counts at the
// next question.
type Preferences struct {
	folder string
	mu     sync.Mutex
}

// New returns the preferences in a folder, which is made when something is kept.
func New(folder string) *Preferences { return &Preferences{folder: folder} }

// Recent returns the printers used last, the last one first.
func (p *Preferences) Recent() []string { return p.read().Recent }

// Favorites returns the favorite printers, the first one made so first.
func (p *Preferences) Favorites() []string { return p.read().Favorites }

// Language returns the language that was chosen, "" for none.
func (p *Preferences) Language() string { return p.read().Language }

// Used remembers that a printer was used.
func (p *Preferences) Used(id string) error {
	return p.change(func(k *kept) {
		k.Recent = slices.DeleteFunc(k.Recent, func(other string) bool { return other == id })
		k.Recent = slices.Insert(k.Recent, 0, id)
	})
}

// SetFavorite makes a printer a favorite, or no longer one.
func (p *Preferences) SetFavorite(id string, favorite bool) error {
	return p.change(func(k *kept) {
		k.Favorites = slices.DeleteFunc(k.Favorites, func(other string) bool { return other == id })
		if favorite {
			k.Favorites = append(k.Favorites, id)
		}
	})
}

// SetLanguage chooses a language; "" chooses none.
func (p *Preferences) SetLanguage(tag string) error {
	return p.change(func(k *kept) { k.Language = tag })
}

// read returns nothing where there is no file, or none that can be read: there
// is nothing in it that could not be chosen again.
func (p *Preferences) read() kept {
	f, err := os.Open(filepath.Join(p.folder, file))
	if err != nil {
		return kept{}
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil || len(b) > maxFile {
		return kept{}
	}
	return parse(b)
}

// parse reads what is kept, within its bounds.
func parse(b []byte) (k kept) {
	if err := json.Unmarshal(b, &k); err != nil {
		return kept{}
	}
	k.tidy()
	return k
}

// tidy drops what is over the bounds, and whatever stands there twice.
func (k *kept) tidy() {
	k.Recent, k.Favorites = tidy(k.Recent, MostRecent), tidy(k.Favorites, MostFavorites)
	if len(k.Language) > maxWord {
		k.Language = ""
	}
}

func tidy(ids []string, most int) (out []string) {
	for _, id := range ids {
		if id != "" && len(id) <= maxWord && !slices.Contains(out, id) && len(out) < most {
			out = append(out, id)
		}
	}
	return out
}

// change writes what is kept anew. The menu and the pages are two processes:
// the folder is locked meanwhile.
func (p *Preferences) change(do func(*kept)) (err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := os.MkdirAll(p.folder, 0o700); err != nil {
		return fmt.Errorf("making the folder of preferences: %w", err)
	}
	unlock, err := lock(filepath.Join(p.folder, "desktop.lock"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	k := p.read()
	do(&k)
	k.tidy()
	b, err := json.MarshalIndent(k, "", "  ")
	if err != nil {
		return fmt.Errorf("writing preferences: %w", err)
	}
	return durable.WriteFile(filepath.Join(p.folder, file), append(b, '\n'))
}

// Folder returns the person's state folder.
func Folder() (string, error) {
	dir, err := stateFolder()
	if err != nil {
		return "", fmt.Errorf("finding the folder of preferences: %w", err)
	}
	if !filepath.IsAbs(dir) {
		return "", fmt.Errorf("finding the folder of preferences: %w: %s is no whole path", fs.ErrInvalid, dir)
	}
	return dir, nil
}
