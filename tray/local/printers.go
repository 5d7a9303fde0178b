package local

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/printscout/printscout/internal/control"
)

// shownPrinters is how many printers one page shows.
const shownPrinters = 200

// printerView is a printer as a page shows it.
type printerView struct {
	control.Printer
	Marks    []string
	Grade    string
	Last     string // hides that of the printer
	Favorite bool
	Toggle   string
}

// printersData is what the page of all printers shows.
type printersData struct {
	Query, Summary string
	Printers       []printerView
}

func (s *Server) printersPage(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := asking(r)
	defer cancel()
	all, err := s.printers(ctx)
	if err != nil {
		s.fail(w, r, "printers", err)
		return
	}
	p := s.page(r, "printers.title")
	d := printersData{Query: cut(r.URL.Query().Get("q"), 100)}
	found := slices.DeleteFunc(all, func(x control.Printer) bool { return !isFound(x, d.Query) })
	favorites, recent := s.preferences.Favorites(), s.preferences.Recent()
	slices.SortStableFunc(found, func(a, b control.Printer) int {
		return rank(b.ID, favorites, recent) - rank(a.ID, favorites, recent)
	})
	d.Summary = p.Say("printers.count", "Count", len(found))
	if len(found) == 0 {
		d.Summary = p.Say("printers.none")
	}
	if len(found) > shownPrinters {
		found = found[:shownPrinters]
		d.Summary = p.Say("printers.more", "Count", shownPrinters)
	}
	for _, x := range found {
		v := printerView{Printer: x, Grade: gradeText(p.Texts, x), Last: lastText(p.Texts, x), Favorite: slices.Contains(favorites, x.ID), Toggle: p.Say("printers.favor")}
		if v.Favorite {
			v.Marks, v.Toggle = append(v.Marks, p.Say("printers.favorite")), p.Say("printers.unfavor")
		}
		if slices.Contains(recent, x.ID) {
			v.Marks = append(v.Marks, p.Say("printers.recent"))
		}
		d.Printers = append(d.Printers, v)
	}
	p.Data = d
	s.write(w, http.StatusOK, "printers", p)
}

// rank puts favorites before those used last, and these before all others.
func rank(id string, favorites, recent []string) (n int) {
	if slices.Contains(favorites, id) {
		n += 2
	}
	if slices.Contains(recent, id) {
		n++
	}
	return n
}

// isFound reports whether a printer has all words of a query in its name or
// place.
func isFound(p control.Printer, query string) bool {
	text := strings.ToLower(p.Name + " " + p.Location)
	for _, word := range strings.Fields(strings.ToLower(query)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// cut bounds a text by runes.
func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

func (s *Server) favorPrinter(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := asking(r)
	defer cancel()
	id := r.PathValue("id")
	all, err := s.printers(ctx)
	if err == nil && !slices.ContainsFunc(all, func(p control.Printer) bool { return p.ID == id }) {
		err = &control.Error{Code: control.CodeNotFound, Message: "the directory has no such printer"}
	}
	if err == nil {
		err = s.preferences.SetFavorite(id, r.PostFormValue("favorite") == "yes")
	}
	if err != nil {
		s.fail(w, r, "printers", err)
		return
	}
	s.changes.tell()
	to := "printers"
	if q := cut(r.PostFormValue("q"), 100); q != "" {
		to += "?q=" + url.QueryEscape(q)
	}
	s.goOn(w, r, to)
}
