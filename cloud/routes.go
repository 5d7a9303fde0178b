package cloud

import "net/http"

// Who says who may use a route.
type Who string

// These are the values of Who.
const (
	Anyone     Who = "anyone"
	Token      Who = "token"     // with a one-time token in the request
	ScoutOnly  Who = "scout"     // proves itself in the websocket
	APIOnly    Who = "api"       // with an API token as bearer
	ScoutOrAPI Who = "scout|api" // with a scout's session key or an API token as bearer
)

// Route is one route of the server.
type Route struct {
	Method  string
	Pattern string // as http.ServeMux has it
	Who     Who
}

type routeHandler struct {
	Route
	handle func(*Server, http.ResponseWriter, *http.Request)
}

var routeTable = []routeHandler{
	{Route{"GET", "/healthz", Anyone}, (*Server).getHealth},
	{Route{"POST", "/v1/enroll", Token}, (*Server).postEnroll},
	{Route{"GET", "/v1/scout", ScoutOnly}, (*Server).scoutSocket},
	{Route{"GET", "/v1/directory", ScoutOrAPI}, (*Server).getDirectory},
	{Route{"GET", "/v1/scouts", APIOnly}, (*Server).listScouts},
	{Route{"GET", "/v1/jobs", APIOnly}, (*Server).listJobs},
	{Route{"POST", "/v1/releases", APIOnly}, (*Server).postRelease},
	{Route{"GET", "/v1/releases/{id}", APIOnly}, (*Server).getRelease},
	{Route{"GET", "/v1/releases", APIOnly}, (*Server).listReleases},
}

// Routes lists every route the server has.
func Routes() []Route {
	var all []Route
	for _, h := range routeTable {
		all = append(all, h.Route)
	}
	return all
}

// makeHandler returns the handler of the whole server.
func (s *Server) makeHandler() http.Handler {
	mux := http.NewServeMux()
	for _, h := range routeTable {
		mux.Handle(h.Method+" "+h.Pattern, s.guardRoute(h))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if handler, pattern := mux.Handler(r); pattern == "" {
			refused := statusOnly{ResponseWriter: w}
			handler.ServeHTTP(&refused, r)
			w.Header().Set("Connection", "close")
			writeError(w, refused.status, "there is no such route", "the routes are in docs/protocol.md")
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// guardRoute serves a route to those who may use it. A connection that proves
// nothing is not kept open: its place is for the next one.
func (s *Server) guardRoute(h routeHandler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		admitted, err := s.mayUse(h.Who, r)
		proves := h.Who == APIOnly || h.Who == ScoutOrAPI
		if !proves || !admitted {
			w.Header().Set("Connection", "close")
		}
		switch {
		case err != nil:
			s.writeInternalError(w, err)
		case !admitted:
			w.Header().Set("WWW-Authenticate", "Bearer")
			writeError(w, http.StatusUnauthorized, "the bearer token is missing or not accepted", "make one with: scoutcloud token new NAME")
		case proves && !connOf(r.Context()).markProved(true, s.apiTokenHash(r)):
			w.Header().Set("Connection", "close")
			w.Header().Set("Retry-After", "10")
			writeError(w, http.StatusServiceUnavailable, "too many connections of the API are open", "keep fewer, or close those that are not used")
		default:
			h.handle(s, w, r)
		}
	})
}

// statusOnly takes the status and the headers of a response and drops its
// text.
type statusOnly struct {
	http.ResponseWriter
	status int
}

func (s *statusOnly) WriteHeader(status int)      { s.status = status }
func (s *statusOnly) Write(p []byte) (int, error) { return len(p), nil }
