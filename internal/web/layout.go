package web

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// Style is the style sheet of all pages.
//
//go:embed style.css
var Style []byte

//go:embed layout.html
var layout string

// Link is one place that a page leads to.
type Link struct {
	Href, Text string
	Here       bool // this very page
}

// Page is what the layout needs beside the page itself, which is Data.
type Page struct {
	*Texts
	Title   string
	Base    string // address of the pages, with a slash at its end
	Home    string // what the pages are called, above all of them
	Links   []Link
	Refresh int    // seconds after which it is asked for again without a script; 0 for never
	Script  string // name of the script below Base; "" for none
	Ended   string // what the script says once nobody serves the page any more
	Choice  string // name of the form below Base that chooses a language; "" for none
	Back    string // where that form goes back to, below Base
	Data    any
}

// Languages are those to choose from.
func (p Page) Languages() []Language { return Languages() }

// Pages are templates by name.
type Pages map[string]*template.Template

// ParsePages reads each file of a folder as a page, named without its
// extension. It has the page's own part as the template main. Files whose name
// begins with an underscore are parts for all of them.
func ParsePages(fsys fs.FS, dir string) (Pages, error) {
	base, err := template.New("layout").Parse(layout)
	if err != nil {
		return nil, fmt.Errorf("reading the layout of pages: %w", err)
	}
	if parts, err := fs.Glob(fsys, path.Join(dir, "_*.html")); err == nil && len(parts) > 0 {
		if base, err = base.ParseFS(fsys, parts...); err != nil {
			return nil, fmt.Errorf("reading the parts of pages: %w", err)
		}
	}
	names, err := fs.Glob(fsys, path.Join(dir, "[a-z]*.html"))
	if err != nil {
		return nil, fmt.Errorf("looking for pages: %w", err)
	}
	pages := Pages{}
	for _, name := range names {
		t, err := base.Clone()
		if err == nil {
			t, err = t.ParseFS(fsys, name)
		}
		if err != nil {
			return nil, fmt.Errorf("reading the page %s: %w", path.Base(name), err)
		}
		pages[strings.TrimSuffix(path.Base(name), ".html")] = t
	}
	return pages, nil
}

// Write answers with a page as a whole, or with an error and nothing of it.
func (p Pages) Write(w http.ResponseWriter, status int, name string, page Page) error {
	t := p[name]
	if t == nil {
		return fmt.Errorf("there is no page %q", name)
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, "layout", page); err != nil {
		return fmt.Errorf("making the page %s: %w", name, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", page.Language())
	w.WriteHeader(status)
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("sending the page %s: %w", name, err)
	}
	return nil
}
