package local

import (
	"embed"
	"net/http"

	"github.com/printscout/printscout/internal/web"
)

//go:embed pages/*.html
var pageFiles embed.FS

//go:embed script.js
var script []byte

// Route is one thing that the browser can ask for. All but the way in need the
// cookie.
type Route struct {
	Method string
	Path   string // below the random one

	do func(*Server, http.ResponseWriter, *http.Request)
}

// Routes is everything that can be asked for.
func Routes() []Route {
	return []Route{
		{"GET", "enter", (*Server).enter},
		{"GET", "style.css", content("text/css; charset=utf-8", web.Style)},
		{"GET", "script.js", content("text/javascript; charset=utf-8", script)},
		{"GET", "jobs", (*Server).jobsPage},
		{"GET", "jobs/{id}", (*Server).jobPage},
		{"POST", "jobs/release", (*Server).releaseAll},
		{"POST", "jobs/{id}/release", (*Server).releaseJob},
		{"POST", "jobs/{id}/cancel", (*Server).cancelJob},
		{"POST", "jobs/{id}/resolve", (*Server).resolveJob},
		{"GET", "releases/{id}", (*Server).releasePage},
		{"GET", "setup/{step}", (*Server).setupPage},
		{"POST", "setup/{step}", (*Server).setupDo},
		{"GET", "printers", (*Server).printersPage},
		{"POST", "printers/{id}/favorite", (*Server).favorPrinter},
		{"GET", "diagnostics", (*Server).diagnosticsPage},
		{"GET", "about", (*Server).aboutPage},
		{"GET", "events", (*Server).events},
		{"POST", "language", (*Server).chooseLanguage},
	}
}

func content(kind string, b []byte) func(*Server, http.ResponseWriter, *http.Request) {
	return func(_ *Server, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.Write(b)
	}
}
