package local

import (
	"errors"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// handoff is the file by which a browser gets the token: whoever can read the
// person's files could have it anyway, and no argument list shows it.
type handoff struct {
	mu   sync.Mutex
	path string // "" while there is none
}

var handoffPage = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("handoff").Parse(`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>Print Scout</title>
<meta http-equiv="refresh" content="0; url={{.}}"></head><body><p><a href="{{.}}">Print Scout</a></p></body></html>
`))
})

// runtimeFolder is where a person's short-lived files lie: the runtime folder of
// their session, else their cache.
func runtimeFolder() (string, error) {
	if dir := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) {
		return dir, nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding a folder for the browser's file: %w", err)
	}
	dir = filepath.Join(dir, "printscout")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("making a folder for the browser's file: %w", err)
	}
	return dir, nil
}

// write makes the file, which only the account of this process may read.
func (h *handoff) write(dir, url string) (path string, err error) {
	var page strings.Builder
	if err := handoffPage().Execute(&page, url); err != nil {
		return "", fmt.Errorf("making the browser's file: %w", err)
	}
	f, err := os.CreateTemp(dir, "printscout-*.html") // 0600, and no file of another's
	if err != nil {
		return "", fmt.Errorf("making the browser's file: %w", err)
	}
	_, err = f.WriteString(page.String())
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(fmt.Errorf("writing the browser's file: %w", err), os.Remove(f.Name()))
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.path = f.Name()
	return h.path, nil
}

// remove takes the file away and reports whether it was still there.
func (h *handoff) remove() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.path == "" {
		return false
	}
	os.Remove(h.path)
	h.path = ""
	return true
}
